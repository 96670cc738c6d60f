use anyhow::Result;
use clap::ArgGroup;
use jiff::Timestamp;
use serde_json::json;
use url::Url;

use super::console;
use super::exit::Exit;
use super::report;
use super::session::{Session, clock, runtime};
use crate::ops::{self, TakeDown, TakedownOutcome, Takedowns};
use crate::pass;
use crate::publish::Shrink;
use crate::store::{Store, StoreError, Takedown, TakedownNumber};
use crate::takedown::{Note, Scope};
use crate::text::for_terminal;

/// Take an article or a story out of the outputs permanently
///
/// URL may be any address that an output shows. The outputs are rewritten immediately, or by the run that is in
/// progress. What is taken down never comes back: not under a different guid or address, not from an archive or a
/// translation, not as a copy of its text, not as an outlet that also covers a story, not on the page of a past day.
/// A story that other outlets cover too stays, without that article. The database keeps the entry, so that
/// the takedown can be undone: feedloom takedown --undo NUMBER. feeds.toml can list addresses, too:
/// takedown = ["https://…"].
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("action").args(["what", "list", "undo"]).required(true))]
pub(super) struct Args {
    /// An article's address, or a story's id
    #[arg(value_name = "URL|STORY")]
    what: Option<String>,

    /// Everything whose address starts with URL
    #[arg(long, requires = "what")]
    prefix: bool,

    /// List what was taken down
    #[arg(long)]
    list: bool,

    /// Undo this takedown: what it withheld is published again
    #[arg(long, value_name = "NUMBER")]
    undo: Option<TakedownNumber>,

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
        let takedowns = ops::list_takedowns(&config.database)?;
        if args.json {
            console::print_json(&as_json(&takedowns));
        } else {
            list(session, &takedowns, &config.takedown);
        }
        return Ok(Exit::Current);
    }
    let now = clock(args.now);
    let request = args.what.as_deref().map(str::trim).unwrap_or_default();
    if let Some(number) = args.undo {
        ops::undo_takedown(&config.database, number)?;
        console::print(&format!("takedown {number} was undone"));
    } else {
        let scope = if args.prefix { Scope::Prefix } else { Scope::One };
        let done = ops::take_down(&config.database, TakeDown { request, scope }, now)?;
        print_outcome(session, TakeDown { request, scope }, &done);
    }
    let mut store = match Store::open(&config.database) {
        Err(StoreError::Locked { .. }) => {
            console::print("a run is in progress: it obeys this before it writes the outputs");
            return Ok(Exit::Current);
        }
        opened => opened?,
    };
    let done = runtime()?.block_on(pass::publish_and_announce(&mut store, &config, now, Shrink::Refuse))?;
    let exit = if done.publish.failed() { Exit::Nothing } else { Exit::Current };
    report::note_pass(&done, &config, report::tone(session, exit));
    if let Some(number) = ops::number_of(&store, request, now)?.filter(|_| !session.quiet) {
        console::note(&format!("  undo it: feedloom takedown --undo {number}"));
    }
    Ok(exit)
}

fn print_outcome(session: &Session, what: TakeDown<'_>, done: &TakedownOutcome) {
    let TakedownOutcome::Noted { title } = done else {
        return console::print(&format!("{} has been taken down already", for_terminal(what.request)));
    };
    console::print(&format!("taken down: {}", for_terminal(title.as_deref().unwrap_or(what.request))));
    if title.is_none() && what.scope == Scope::One && !session.quiet {
        console::note("  no entry has that address yet; if one comes, it is not published");
    }
}

fn as_json(takedowns: &Takedowns) -> serde_json::Value {
    let known = takedowns.known.iter().map(|takedown| {
        json!({
            "number": takedown.number, "said": takedown.request, "title": takedown.title,
            "at": takedown.at.to_string(),
        })
    });
    let waiting = takedowns.waiting.iter().map(|note| {
        json!({
            "number": null, "said": note.request, "title": note.title.as_deref().unwrap_or_default(),
            "at": note.at.to_string(),
        })
    });
    serde_json::Value::from_iter(known.chain(waiting))
}

fn list(session: &Session, takedowns: &Takedowns, in_feeds_toml: &[Url]) {
    let Takedowns { known, waiting } = takedowns;
    for Takedown { number, request, title, at, .. } in known {
        console::print(&line(&number.to_string(), *at, request, title));
    }
    for Note { request, title, at, .. } in waiting {
        console::print(&line("next run", *at, request, title.as_deref().unwrap_or_default()));
    }
    for prefix in in_feeds_toml {
        console::print(&format!("feeds.toml  {prefix}"));
    }
    if known.is_empty() && waiting.is_empty() && in_feeds_toml.is_empty() && !session.quiet {
        console::note("nothing was taken down");
    }
}

fn line(number: &str, at: Timestamp, request: &str, title: &str) -> String {
    let title = if title.is_empty() { String::new() } else { format!(": {title}") };
    format!("{number}  {}  {}", at.strftime("%Y-%m-%d %H:%M"), for_terminal(&format!("{request}{title}")))
}
