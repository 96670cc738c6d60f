use anyhow::Result;

use super::Exit;

/// Show what is read from a feed, as a person or a program wants it
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args) -> Result<Exit> {
    Ok(Exit::Current)
}
