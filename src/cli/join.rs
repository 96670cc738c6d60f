use anyhow::Result;
use jiff::Timestamp;

use super::console;
use super::exit::Exit;
use super::session::{Session, clock};
use crate::ops;
use crate::store::Store;

/// Merge two stories permanently
///
/// The older id stays (a published story's before an unpublished one's), the other becomes an alias
/// of it. They stay one story, whatever the scores, until you undo it: feedloom corrections --undo NUMBER.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A story's id, an article's address, or words of a title
    #[arg(value_name = "STORY|URL")]
    one: String,

    /// The other story
    #[arg(value_name = "STORY|URL")]
    other: String,

    /// The clock of this run (RFC 3339)
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<Timestamp>,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load()?;
    let mut store = Store::open(&config.database)?;
    let mut context = ops::Context { store: &mut store, config: &config, now: clock(args.now) };
    let done = ops::join(&mut context, args.one.trim(), args.other.trim())?;
    console::print(&format!("story {} joined story {}", done.alias, done.story));
    session.say_how_to_undo(done.number);
    Ok(Exit::Current)
}
