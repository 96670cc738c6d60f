use anyhow::Result;

use super::console;
use super::exit::Exit;

/// What others wrote that is part of the program, and under which terms; `quality/licenses.py` writes it.
const THIRD_PARTY: &str = include_str!("../../THIRD-PARTY.txt");

/// Print the licences of everything that is in this program
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only the names: one line for each part
    #[arg(long)]
    short: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    console::print("feedloom: MIT OR Apache-2.0, at your choice\n");
    let text = if args.short { THIRD_PARTY.split("\n\n====").next().unwrap_or_default() } else { THIRD_PARTY };
    console::print(text.trim_end());
    Ok(Exit::Current)
}
