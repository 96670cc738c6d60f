use anyhow::{Result, bail};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::console;
use super::exit::Exit;
use super::plural::count;
use super::session::{Session, clock};
use crate::store::{Hit, SearchQuery, find_entries, match_of};
use crate::text::for_terminal;

/// Find entries by words of their titles and excerpts, the newest first
///
/// All words must occur, whatever their case and accents; "in quotes" they stand together, and word* stands for any
/// ending. Exit code 1 if nothing is found. The index is a file beside the database, brought up to date at each search and
/// by runs that have nothing else to do.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to look for
    #[arg(value_name = "WORDS", required = true)]
    words: Vec<String>,

    /// Only what was first seen within this time, such as 7d
    #[arg(long, value_name = "DURATION", value_parser = crate::config::parse_duration)]
    since: Option<SignedDuration>,

    /// Only from this source
    #[arg(long, value_name = "ID")]
    source: Option<String>,

    /// At most this many
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    limit: usize,

    /// Print it as JSON
    #[arg(long)]
    json: bool,

    /// The clock of this run (RFC 3339)
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<Timestamp>,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load()?;
    let store = session.look_into(&config)?;
    let typed = args.words.join(" ");
    let Some(words) = match_of(&typed) else { bail!("there is no word in {typed:?}") };
    let source = match &args.source {
        None => None,
        Some(id) => match config.sources.iter().find(|source| source.id.as_str() == id) {
            Some(source) => Some(&source.id),
            None => {
                bail!("{} has no source `{id}`; to list them: {}", config.path.display(), session.command("status -v"))
            }
        },
    };
    let since = args.since.and_then(|since| clock(args.now).checked_sub(since).ok());
    let query = SearchQuery { words: &words, since, source, limit: args.limit };
    let hits = find_entries(&config.database, &store, &query)?;
    if args.json {
        console::print_json(&serde_json::Value::from_iter(hits.iter().map(as_json)));
    } else {
        hits.iter().for_each(print);
    }
    if hits.len() == args.limit && !session.quiet {
        let entries = count(hits.len(), "entry");
        console::note(&format!("the newest {entries}; for more: --limit {}", args.limit.saturating_mul(5)));
    }
    Ok(if hits.is_empty() { Exit::Nothing } else { Exit::Current })
}

fn print(hit: &Hit) {
    let at = hit.time.strftime("%Y-%m-%d %H:%M");
    console::print(&format!("{at}  {} ({})", for_terminal(&hit.title), hit.source));
    console::print(&format!("                  {}", hit.url));
}

fn as_json(hit: &Hit) -> serde_json::Value {
    json!({
        "title": hit.title, "source": hit.source.as_str(), "url": hit.url.as_str(), "time": hit.time.to_string(),
        "text": hit.text, "story": hit.story,
    })
}
