use anyhow::Result;
use jiff::Timestamp;

use super::exit::Exit;
use super::report;
use super::session::{Session, clock, runtime};
use crate::pass;
use crate::publish::Shrink;
use crate::store::Store;

/// Write the outputs from the database
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Publish although an output lost most of its items, this once
    #[arg(long)]
    allow_shrink: bool,

    /// The clock of this run (RFC 3339)
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<Timestamp>,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load_to_work()?;
    let mut store = Store::open(&config.database)?;
    let shrink = if args.allow_shrink { Shrink::Allow } else { Shrink::Refuse };
    let done = runtime()?.block_on(pass::publish_and_announce(&mut store, &config, clock(args.now), shrink))?;
    let exit = if done.publish.failed() { Exit::Nothing } else { Exit::Current };
    report::note_pass(&done, &config, report::tone(session, exit));
    Ok(exit)
}
