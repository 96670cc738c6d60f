use anyhow::Result;

use super::clock::ClockArgs;
use super::exit::Exit;
use super::report;
use super::session::{Session, runtime};
use crate::pass;
use crate::publish::Shrink;

/// Write the outputs from the database
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Publish even if an output lost most of its items, this once
    #[arg(long)]
    allow_shrink: bool,

    #[command(flatten)]
    clock: ClockArgs,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load_to_work()?;
    let mut store = args.clock.open(&config)?;
    let shrink = if args.allow_shrink { Shrink::Allow } else { Shrink::Refuse };
    let done = runtime()?.block_on(pass::publish_and_announce(&mut store, &config, args.clock.now(), shrink))?;
    let exit = if done.publish.failed() { Exit::Nothing } else { Exit::Current };
    report::note_pass(&done, &config, report::tone(session, exit));
    Ok(exit)
}
