use anyhow::Result;
use jiff::Timestamp;

use super::Exit;
use super::report;
use super::session::{Session, clock, runtime};
use crate::pass::{self, PassReport};
use crate::publish::{Mode, Shrink};
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
    let publish = pass::publish_stories(&mut store, &config, clock(args.now), shrink, Mode::Write)?;
    let failed = publish.failed();
    let hubs = runtime()?.block_on(pass::tell_hubs(&mut store, &config))?;
    report::tell(&PassReport { publish, hubs, ..PassReport::default() }, &config, report::tone(session, failed));
    Ok(if failed { Exit::Nothing } else { Exit::Current })
}
