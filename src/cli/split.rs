use anyhow::Result;
use jiff::Timestamp;

use super::console;
use super::exit::Exit;
use super::session::{Session, clock};
use crate::ops;
use crate::store::Store;

/// Take an entry out of a story permanently
///
/// The entry becomes a story of its own with a new id, and a new item at the next run. It is never joined with
/// the rest again, whatever the scores, until you undo it: feedloom corrections --undo NUMBER. What feeds.toml
/// states about the same articles (`split` and `join` under `[weave]`) takes precedence.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A story's id, an article's address, or words of a title
    #[arg(value_name = "STORY")]
    story: String,

    /// The entry to take out: its article's address or its guid
    #[arg(value_name = "ENTRY")]
    entry: String,

    /// The clock of this run (RFC 3339)
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<Timestamp>,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load()?;
    let mut store = Store::open(&config.database)?;
    let mut context = ops::Context { store: &mut store, config: &config, now: clock(args.now) };
    let done = ops::split(&mut context, args.story.trim(), args.entry.trim())?;
    console::print(&format!("story {} was split off story {}", done.new, done.from));
    session.say_how_to_undo(done.number);
    Ok(Exit::Current)
}
