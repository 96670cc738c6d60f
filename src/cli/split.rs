use anyhow::{Result, bail};
use jiff::Timestamp;
use url::Url;

use super::session::{Session, clock};
use super::{Exit, find, talk};
use crate::model::{Entry, EntryKey, Story};
use crate::pass;
use crate::store::Store;
use crate::text::canonical;
use crate::weave;

/// Take an entry out of a story, for good
///
/// The entry becomes a story of its own with a new id, at the next run a new item. It and what stays
/// are never joined again, whatever the scores say, until you take it back: feedloom words --undo N.
/// What is said of articles in feeds.toml ([weave] split, join) counts more.
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
    let number = find::story(&store, args.story.trim())?;
    let story = store.story(number)?;
    let entry = entry_of(&story, args.entry.trim())?;
    let sources = pass::sources(&store, &config)?;
    let Some(said) = weave::split(&mut store, number, &entry, &sources, clock(args.now))? else {
        bail!("story {} has no other entry: there is nothing to split", story.id);
    };
    talk::print(&format!("story {} is split off story {}", said.story, said.other));
    if !session.quiet {
        talk::say(&format!(
            "  the outputs follow with the next run; take it back: feedloom words --undo {}",
            said.word
        ));
    }
    Ok(Exit::Current)
}

/// The entry of `story` that `what` means.
fn entry_of(story: &Story, what: &str) -> Result<EntryKey> {
    let address = Url::parse(what).ok().filter(Url::has_host).map(|url| canonical(&url));
    let means = |entry: &Entry| {
        entry.key.guid == what || address.as_ref().is_some_and(|address| canonical(&entry.url) == *address)
    };
    let keys: Vec<&EntryKey> =
        story.members.iter().map(|member| &member.entry).filter(|entry| means(entry)).map(|entry| &entry.key).collect();
    match keys[..] {
        [one] => Ok(one.clone()),
        [] => bail!("story {} has no entry {what:?}; feedloom why {} lists them", story.id, story.id),
        _ => match keys.iter().filter(|key| key.guid == what).collect::<Vec<_>>()[..] {
            [one] => Ok((*one).clone()),
            _ => {
                let guids: Vec<String> = keys.iter().map(|key| format!("{:?}", key.guid)).collect();
                bail!(
                    "{what:?} means several entries of story {}; name one by its guid: {}",
                    story.id,
                    guids.join(", ")
                )
            }
        },
    }
}
