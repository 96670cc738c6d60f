use anyhow::Result;

use super::exit::Exit;

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &Args, program: &mut clap::Command) -> Result<Exit> {
    clap_complete::generate(args.shell, program, "feedloom", &mut std::io::stdout());
    Ok(Exit::Current)
}
