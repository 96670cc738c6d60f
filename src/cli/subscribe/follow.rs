//! Living lists: each `[[list]]` is looked at now and then, and its feeds are sources from then on.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use jiff::{SignedDuration, Timestamp};

use super::sorted::sorted;
use crate::cli::plural::count;
use crate::cli::session::Session;
use crate::cli::{console, one_document};
use crate::config::{Config, FeedsFile, ListConfig, ListState, NewSource, replace_beside};
use crate::gather::ProbeKind;
use crate::parse::read_opml;
use crate::text::for_terminal;

/// After a look that failed, the next one comes this much later.
const PAUSE: SignedDuration = SignedDuration::from_mins(30);
/// This many failed looks in a row are worth a line in a cron mail.
const MISSES: u32 = 3;
/// Most sources of a list, and bytes of their lines: more would not be read again.
const MOST_FEEDS: usize = 50_000;
const LARGEST_LIST_BYTES: usize = 16 * 1024 * 1024;
/// Most names shown of what came or went.
const MOST_SHOWN: usize = 8;

/// Whether lists that are not due are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Lists {
    Due,
    All,
}

/// Looks at the lists of `config` that are due; returns feeds.toml with what they hold now. A list that fails keeps its
/// earlier sources.
pub(in crate::cli) fn follow(session: &Session, config: Config, lists: Lists, now: Timestamp) -> Result<Config> {
    let mut is_changed = false;
    for list in &config.lists {
        let state = ListState::read(list);
        if lists == Lists::Due && is_held(list, &state, now) {
            continue;
        }
        // Noted first: a list that ends the process is not asked for again at once, nor is one of which nothing can be noted.
        let tried = state.asked_at(now);
        if let Err(error) = note(&tried, list) {
            console::warn(&format!("list {}: {error:#}; its sources stay as they are", list.id));
            continue;
        }
        match look(&config, list, now) {
            Ok(change) => {
                is_changed |= change.is_some();
                if let Some(change) = change.filter(|_| !session.quiet) {
                    console::note(&for_terminal(&change));
                }
                note(&tried.found(), list)?;
            }
            Err(error) => {
                let is_told = !session.quiet && (console::is_terminal() || tried.misses == MISSES);
                note(&tried.missed(&format!("{error:#}")), list)?;
                if is_told {
                    let place = format!("{}:{}", config.path.display(), list.line);
                    console::warn(&format!("list {}: {error:#}; its sources stay as they are ({place})", list.id));
                }
            }
        }
    }
    if is_changed { Ok(session.load()?) } else { Ok(config) }
}

/// Looks at `list`; returns what changed, in a sentence.
fn look(config: &Config, list: &ListConfig, now: Timestamp) -> Result<Option<String>> {
    let fetched = one_document::fetch_by(config, list.url.as_str(), ProbeKind::Feed, now)?.fetched;
    let opml = read_opml(&fetched.bytes, one_document::content_type(&fetched).as_deref())?;
    if opml.is_cut_short {
        bail!("it is cut short");
    }
    let without_sources = Config { sources: Vec::new(), ..config.clone() };
    let (found, _) = sorted(&opml, &without_sources, &[]);
    if found.is_empty() {
        bail!("it holds no feed");
    }
    if found.len() > MOST_FEEDS {
        bail!("it has {} feeds; a list of sources has at most {MOST_FEEDS}", found.len());
    }
    let sources: Vec<NewSource> = found.into_iter().map(|feed| feed.source).collect();
    let (old, text) = (fs::read_to_string(&list.sources_file).unwrap_or_default(), FeedsFile::lines_of(&sources));
    if old == text {
        return Ok(None);
    }
    if Config::parse(&list.sources_file, &text).is_err() || text.len() > LARGEST_LIST_BYTES {
        bail!("what it holds cannot be kept as sources");
    }
    replace_beside(&list.sources_file, &text)
        .with_context(|| format!("cannot write {}", list.sources_file.display()))?;
    Ok(Some(sentence(list, &old, &text)))
}

fn sentence(list: &ListConfig, old: &str, new: &str) -> String {
    let (old, new) = (names(old), names(new));
    let missing_in = |other: &BTreeMap<String, String>, all: &BTreeMap<String, String>| -> Vec<String> {
        all.iter().filter(|(url, _)| !other.contains_key(*url)).map(|(_, name)| name.clone()).collect()
    };
    let (came, went) = (missing_in(&old, &new), missing_in(&new, &old));
    let mut line = format!("list {}: {}", list.id, count(new.len(), "source"));
    for (names, what) in [(came, "new"), (went, "gone")] {
        if !names.is_empty() && !old.is_empty() {
            line.push_str(&format!(", {} {what}: {}", names.len(), some_of(&names)));
        }
    }
    line
}

fn some_of(names: &[String]) -> String {
    let more = names.len().saturating_sub(MOST_SHOWN);
    let shown = names[..names.len() - more].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// Address and name of each source in a text that the program wrote.
fn names(text: &str) -> BTreeMap<String, String> {
    let Ok(config) = Config::parse(Path::new("feeds.toml"), text) else { return BTreeMap::new() };
    let named = |source: crate::config::SourceConfig| {
        let url = source.address.to_url().to_string();
        (url, source.name.unwrap_or_else(|| source.id.to_string()))
    };
    config.sources.into_iter().map(named).collect()
}

/// A clock that was set back delays nothing.
fn is_held(list: &ListConfig, state: &ListState, now: Timestamp) -> bool {
    let wait = if state.misses > 0 { PAUSE } else { list.refresh };
    state.asked.is_some_and(|asked| asked <= now && now.duration_since(asked) < wait)
}

fn note(state: &ListState, list: &ListConfig) -> Result<()> {
    state.write(list).map_err(|(path, error)| anyhow!(error).context(format!("cannot write {}", path.display())))
}
