use anyhow::Result;

use super::console;
use super::exit::Exit;

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &Args, program: &mut clap::Command) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, program, "feedloom", &mut script);
    console::print(String::from_utf8_lossy(&script).trim_end());
    Ok(Exit::Current)
}
