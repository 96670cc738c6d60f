use anyhow::{Result, bail};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::known::{Known, known, recent};
use super::lists::{self, print_lists};
use super::posts::{self, print_posts};
use super::rewrites::{self, print_rewrites};
use super::sizes::Sizes;
use super::{one, summary, tables};
use crate::cli::exit::Exit;
use crate::cli::plural::count;
use crate::cli::session::{Session, clock};
use crate::cli::{console, report};
use crate::config::Config;
use crate::pass;
use crate::publish;
use crate::store::{Stopped, Store};
use crate::text::for_terminal;

/// Show how the sources are doing, and what needs attention
///
/// With -v each source: last good answer, next due and why, entries a day, how much of it may be published.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Only these sources, by id or part of it
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// Print it as JSON
    #[arg(long)]
    json: bool,

    /// Exit with 1 if no source gave a good answer for this long, such as 2h
    #[arg(long, value_name = "DURATION", value_parser = crate::config::parse_duration)]
    fail_if_older: Option<SignedDuration>,

    /// The clock of this run (RFC 3339)
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<Timestamp>,
}

pub(in crate::cli) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load()?;
    let now = clock(args.now);
    let store = session.look_into(&config)?;
    let known = known(&store, &config, now)?;
    let newest = known.iter().filter_map(|known| known.state.as_ref()?.last_success).max();
    if args.json {
        print_json(&store, &known, &config, now)?;
    } else if args.names.is_empty() {
        print_all(session, &store, &known, &config)?;
    } else {
        print_named(session, &known, &config, &args.names)?;
    }
    let stale = args.fail_if_older.is_some_and(|limit| newest.is_none_or(|newest| now.duration_since(newest) > limit));
    Ok(if stale { Exit::Nothing } else { Exit::Current })
}

fn print_all(session: &Session, store: &Store, known: &[Known<'_>], config: &Config) -> Result<()> {
    let now = known.first().map_or(Timestamp::UNIX_EPOCH, |known| known.now);
    let (outage, refusals) = (store.outage()?, store.refusals()?);
    summary::print_first_line(session, known, (outage.as_ref(), &refusals), now);
    if session.verbose {
        console::print("");
        tables::print_table(known);
    }
    summary::print_causes(session, known, config);
    print_lists(config, now);
    summary::print_refusals(&refusals);
    if session.verbose {
        print_remarks(known);
        tables::print_reasons(known);
        tables::print_rights(known);
    }
    let (stories, entries) = (store.story_count()?, store.entry_count()?);
    let sizes = Sizes::of(config).sentence(entries, known);
    console::print(&format!("\n{}, {}; {sizes}", count(entries, "entry"), count(stories, "story")));
    store.stopped_stories(recent(now))?.iter().for_each(|story| print_stopped(session, story));
    print_rewrites(&publish::rewrite_standings(store, config)?);
    print_posts(&publish::standings(config, now)?, now);
    let flood = publish::flood(store, config, &pass::sources(store, config)?, now)?;
    report::flood(flood.as_ref()).iter().for_each(|line| console::print(line));
    Ok(())
}

fn print_remarks(known: &[Known<'_>]) {
    let noted: Vec<(&Known<'_>, String)> = known.iter().filter_map(|known| Some((known, known.wrong()?))).collect();
    if noted.is_empty() {
        return;
    }
    console::print("\nnotes");
    for (known, what) in noted {
        console::print_prose(&format!("  {}: {}", known.source.id, for_terminal(&what)));
    }
}

fn print_named(session: &Session, known: &[Known<'_>], config: &Config, names: &[String]) -> Result<()> {
    let mut is_first = true;
    for name in names {
        let exact: Vec<&Known<'_>> = known.iter().filter(|known| known.source.id.as_str() == name).collect();
        let wanted = name.to_lowercase();
        let has = |known: &&Known<'_>| {
            let name = known.source.name.as_deref().unwrap_or_default().to_lowercase();
            known.source.id.as_str().contains(&wanted) || name.contains(&wanted)
        };
        let found = if exact.is_empty() { known.iter().filter(has).collect() } else { exact };
        if found.is_empty() {
            bail!("{} has no source `{name}`; to list them: {}", config.path.display(), session.command("status -v"));
        }
        for known in found {
            if !is_first {
                console::print("");
            }
            is_first = false;
            one::print(known, config);
        }
    }
    Ok(())
}

fn print_json(store: &Store, known: &[Known<'_>], config: &Config, now: Timestamp) -> Result<()> {
    let sources: Vec<serde_json::Value> = known.iter().map(Known::json).collect();
    let stopped: Vec<serde_json::Value> = store.stopped_stories(recent(now))?.iter().map(stopped_json).collect();
    let refused: Vec<serde_json::Value> = store
        .refusals()?
        .iter()
        .map(|one| json!({"file": one.file, "title": one.title, "reason": one.reason}))
        .collect();
    let (sizes, outage) = (Sizes::of(config), store.outage()?);
    let flood = publish::flood(store, config, &pass::sources(store, config)?, now)?;
    console::print_json(&json!({
        "stories": store.story_count()?, "entries": store.entry_count()?, "flood": flood.map_or(0, |flood| flood.stories),
        "last_run": summary::last_run(known).map(|at| at.to_string()),
        "offline_since": outage.as_ref().map(|outage| outage.since.to_string()),
        "in_between": outage.and_then(|outage| outage.in_between),
        "database_bytes": sizes.database, "outputs_bytes": sizes.outputs,
        "refused": refused, "stopped": stopped, "sources": sources,
        "lists": lists::json(config),
        "rewrites": rewrites::json(&publish::rewrite_standings(store, config)?),
        "posts": posts::json(&publish::standings(config, now)?),
    }));
    Ok(())
}

fn print_stopped(session: &Session, story: &Stopped) {
    let (title, more) = (for_terminal(&story.title), count(story.entries, "more entry"));
    let why = session.command(&format!("why {}", story.story));
    console::print(&format!("stopped: {title:?} grew too large, {more} did not join it; to see it: {why}"));
}

fn stopped_json(story: &Stopped) -> serde_json::Value {
    json!({
        "story": story.story.as_str(), "title": story.title, "entries": story.entries, "last": story.at.to_string(),
    })
}
