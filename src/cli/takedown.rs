use anyhow::{Result, bail};
use jiff::Timestamp;
use serde_json::json;
use url::Url;

use super::report;
use super::session::{Session, clock, runtime};
use super::{Exit, talk};
use crate::config::Config;
use crate::model::StoryId;
use crate::pass::{self, PassReport};
use crate::publish::{Mode, Shrink};
use crate::store::{Store, Takedown, Taken};
use crate::text::{address_hash, canonical, for_terminal};

/// Take an article or a story out of the outputs, for good
///
/// The outputs are written anew at once. What is taken down never comes back: not under another guid or
/// another form of its address, not as an outlet that also covers a story, not on the page of an old day.
/// A story that other outlets tell too stays, without that article. The database keeps the entry, so that
/// it can be taken back: feedloom takedown --undo N. feeds.toml can say the same: takedown = ["https://…"].
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An article's address, or a story's id
    #[arg(value_name = "URL|STORY", required_unless_present_any = ["list", "undo"])]
    what: Option<String>,

    /// Everything whose address starts with URL
    #[arg(long, requires = "what")]
    prefix: bool,

    /// List what was taken down
    #[arg(long, conflicts_with_all = ["what", "undo"])]
    list: bool,

    /// Take this one back: what it kept out is published again
    #[arg(long, value_name = "NUMBER", conflicts_with = "what")]
    undo: Option<i64>,

    /// Print the list as JSON
    #[arg(long, requires = "list")]
    json: bool,

    /// The clock of this run (RFC 3339)
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<Timestamp>,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load()?;
    if args.list {
        return list(session, &config, args.json);
    }
    let mut store = Store::open(&config.database)?;
    let now = clock(args.now);
    match (args.undo, &args.what) {
        (Some(number), _) => undo(&mut store, number)?,
        (None, Some(what)) => take(session, &mut store, what.trim(), args.prefix, now)?,
        (None, None) => bail!("name an article's address or a story's id"),
    }
    let publish = pass::publish_stories(&mut store, &config, now, Shrink::Refuse, Mode::Write)?;
    let failed = publish.failed();
    let hubs = runtime()?.block_on(pass::tell_hubs(&mut store, &config))?;
    report::tell(&PassReport { publish, hubs, ..PassReport::default() }, &config, report::tone(session, failed));
    Ok(if failed { Exit::Nothing } else { Exit::Current })
}

fn take(session: &Session, store: &mut Store, what: &str, prefix: bool, now: Timestamp) -> Result<()> {
    let (taken, title) =
        if prefix { (vec![Taken::Prefix(web_address(what)?)], String::new()) } else { meant(store, what)? };
    if store.takedowns()?.iter().any(|known| taken.iter().all(|one| known.taken.contains(one))) {
        talk::print(&format!("{} is taken down already", for_terminal(what)));
        return Ok(());
    }
    let mut batch = store.batch()?;
    let number = batch.add_takedown(what, &title, &taken, now)?;
    batch.bump_generation()?;
    batch.commit()?;
    let named = if title.is_empty() { what } else { &title };
    talk::print(&format!("taken down: {}", for_terminal(named)));
    if !session.quiet {
        if title.is_empty() && !prefix {
            talk::say("  no entry has that address yet; should one come, it is not published");
        }
        talk::say(&format!("  take it back: feedloom takedown --undo {number}"));
    }
    Ok(())
}

/// What a person means: a story by its id, an article by its address; with a title where one is known.
fn meant(store: &Store, what: &str) -> Result<(Vec<Taken>, String)> {
    if let Some(number) = story_id(what).map(|id| store.story_by_id(&id)).transpose()?.flatten() {
        let story = store.story(number)?;
        let articles = story.members.iter().map(|member| Taken::Article(member.entry.url.clone()));
        let title = story.members.get(story.lead).map(|member| member.entry.title.clone()).unwrap_or_default();
        return Ok((std::iter::once(Taken::Story(story.id.clone())).chain(articles).collect(), title));
    }
    let url = web_address(what)?;
    let key = canonical(&url);
    let mut title = String::new();
    for number in store.stories_at(address_hash(&url))? {
        let story = store.story(number)?;
        let found = story.members.iter().find(|member| canonical(&member.entry.url) == key);
        title = found.map(|member| member.entry.title.clone()).unwrap_or(title);
    }
    Ok((vec![Taken::Article(url)], title))
}

/// Alone, or at the end of `tag:…:s/ID`.
fn story_id(what: &str) -> Option<StoryId> {
    what.rsplit('/').next().and_then(StoryId::parse).filter(|_| Url::parse(what).ok().is_none_or(|url| !url.has_host()))
}

fn web_address(what: &str) -> Result<Url> {
    match Url::parse(what) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => bail!("{what:?} is no article's address and no story's id; feedloom why TITLE tells both"),
    }
}

fn undo(store: &mut Store, number: i64) -> Result<()> {
    let mut batch = store.batch()?;
    if !batch.forget_takedown(number)? {
        bail!("there is no takedown {number}; feedloom takedown --list shows them");
    }
    batch.bump_generation()?;
    batch.commit()?;
    talk::print(&format!("takedown {number} is taken back"));
    Ok(())
}

fn list(session: &Session, config: &Config, as_json: bool) -> Result<Exit> {
    let takedowns = session.look_into(config)?.takedowns()?;
    if as_json {
        let all = takedowns.iter().map(|takedown| {
            json!({
                "number": takedown.number, "said": takedown.said, "title": takedown.title, "at": takedown.at.to_string(),
            })
        });
        talk::print(&serde_json::Value::from_iter(all).to_string());
        return Ok(Exit::Current);
    }
    for Takedown { number, said, title, at, .. } in &takedowns {
        let at = at.strftime("%Y-%m-%d %H:%M");
        let title = if title.is_empty() { String::new() } else { format!(": {title}") };
        talk::print(&format!("{number}  {at}  {}", for_terminal(&format!("{said}{title}"))));
    }
    for prefix in &config.takedown {
        talk::print(&format!("feeds.toml  {prefix}"));
    }
    if takedowns.is_empty() && config.takedown.is_empty() && !session.quiet {
        talk::say("nothing was taken down");
    }
    Ok(Exit::Current)
}
