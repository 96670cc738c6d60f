use anyhow::Result;
use clap::CommandFactory;

use super::{Cli, Exit};

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    clap_complete::generate(args.shell, &mut Cli::command(), "feedloom", &mut std::io::stdout());
    Ok(Exit::Current)
}
