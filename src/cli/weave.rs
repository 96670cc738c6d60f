use anyhow::Result;

use super::Exit;

/// Join new entries into stories
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args) -> Result<Exit> {
    Ok(Exit::Current)
}
