use anyhow::Result;
use clap::ArgGroup;
use jiff::Timestamp;
use serde_json::json;

use super::console;
use super::exit::Exit;
use super::report;
use super::session::{Session, clock, runtime};
use crate::ops::{self, TakeDown, TakedownOutcome};
use crate::pass;
use crate::publish::Shrink;
use crate::store::{Store, Takedown, TakedownNumber};
use crate::text::for_terminal;

/// Take an article or a story out of the outputs, for good
///
/// The outputs are written anew at once. What is taken down never comes back: not under another guid or
/// another form of its address, not as an outlet that also covers a story, not on the page of an old day.
/// A story that other outlets tell too stays, without that article. The database keeps the entry, so that
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

    /// Undo this takedown: what it kept out is published again
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
        let takedowns = session.look_into(&config)?.takedowns()?;
        if args.json {
            console::print(&serde_json::Value::from_iter(takedowns.iter().map(as_json)).to_string());
        } else {
            list(session, &takedowns, &config.takedown);
        }
        return Ok(Exit::Current);
    }
    let mut store = Store::open(&config.database)?;
    let mut context = ops::Context { store: &mut store, config: &config, now: clock(args.now) };
    if let Some(number) = args.undo {
        ops::undo_takedown(&mut context, number)?;
        console::print(&format!("takedown {number} is undone"));
    } else if let Some(what) = args.what.as_deref().map(str::trim) {
        let what = if args.prefix { TakeDown::Prefix(what) } else { TakeDown::One(what) };
        let done = ops::take_down(&mut context, what)?;
        tell(session, what, &done);
    }
    let now = context.now;
    let done = runtime()?.block_on(pass::publish_and_announce(&mut store, &config, now, Shrink::Refuse))?;
    let exit = if done.publish.failed() { Exit::Nothing } else { Exit::Current };
    report::note_pass(&done, &config, report::tone(session, exit));
    Ok(exit)
}

fn tell(session: &Session, what: TakeDown<'_>, done: &TakedownOutcome) {
    let (TakeDown::One(asked) | TakeDown::Prefix(asked)) = what;
    let TakedownOutcome::Taken { number, title } = done else {
        return console::print(&format!("{} is taken down already", for_terminal(asked)));
    };
    console::print(&format!("taken down: {}", for_terminal(title.as_deref().unwrap_or(asked))));
    if session.quiet {
        return;
    }
    if title.is_none() && matches!(what, TakeDown::One(_)) {
        console::note("  no entry has that address yet; if one comes, it is not published");
    }
    console::note(&format!("  undo it: feedloom takedown --undo {number}"));
}

fn as_json(takedown: &Takedown) -> serde_json::Value {
    json!({
        "number": takedown.number, "said": takedown.said, "title": takedown.title, "at": takedown.at.to_string(),
    })
}

fn list(session: &Session, takedowns: &[Takedown], in_feeds_toml: &[url::Url]) {
    for Takedown { number, said, title, at, .. } in takedowns {
        let at = at.strftime("%Y-%m-%d %H:%M");
        let title = if title.is_empty() { String::new() } else { format!(": {title}") };
        console::print(&format!("{number}  {at}  {}", for_terminal(&format!("{said}{title}"))));
    }
    for prefix in in_feeds_toml {
        console::print(&format!("feeds.toml  {prefix}"));
    }
    if takedowns.is_empty() && in_feeds_toml.is_empty() && !session.quiet {
        console::note("nothing was taken down");
    }
}
