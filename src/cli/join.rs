use anyhow::{Result, bail};
use jiff::Timestamp;

use super::session::{Session, clock};
use super::{Exit, find, talk};
use crate::pass;
use crate::store::Store;
use crate::weave;

/// Make one story of two, for good
///
/// The older id stays (that of a published story before that of an unpublished one), the other becomes
/// an alias of it. They stay one whatever the scores say, until you take it back: feedloom words --undo N.
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
    let (a, b) = (find::story(&store, args.one.trim())?, find::story(&store, args.other.trim())?);
    let sources = pass::sources(&store, &config)?;
    let Some(said) = weave::join(&mut store, a, b, &sources, clock(args.now))? else {
        bail!("both are story {} already", store.story(a)?.id);
    };
    talk::print(&format!("story {} joined story {}", said.other, said.story));
    if !session.quiet {
        talk::say(&format!(
            "  the outputs follow with the next run; take it back: feedloom words --undo {}",
            said.word
        ));
    }
    Ok(Exit::Current)
}
