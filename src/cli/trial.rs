//! One source, fetched once: what becomes of each of its entries, and by which rule.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::console;
use super::plural::count;
use crate::config::{Config, SourceConfig};
use crate::gather::{ProbeError, ProbeKind, Prober, read_source, remedy, would_be_held_back};
use crate::model::{Entry, Republish};
use crate::parse;
use crate::publish::{Rule, TakenDown, allowance};
use crate::text::for_terminal;

/// What was found at a source.
#[derive(Debug)]
pub(super) struct Trial {
    source: String,
    result: Result<Found, Failure>,
}

/// What its feed holds.
#[derive(Debug)]
struct Found {
    entries: Vec<TriedEntry>,
    mended: Vec<String>,
    /// Its entries mostly link to other sites, and feeds.toml does not state what it is.
    seems_a_list: bool,
}

/// Why it cannot be read, and what to do.
#[derive(Debug)]
struct Failure {
    why: String,
    hint: Option<String>,
}

/// What becomes of an entry.
#[derive(Debug)]
struct TriedEntry {
    title: String,
    url: Option<String>,
    /// The rule that leaves it out; `None`: it is kept.
    dropped: Option<DroppedBy>,
}

#[derive(Debug)]
struct DroppedBy {
    rule: &'static str,
    why: String,
}

/// What is known before a source is asked.
#[derive(Debug)]
pub(super) struct Background<'a> {
    pub(super) config: &'a Config,
    pub(super) taken_down: TakenDown,
    /// Sources with entries in the store: their new entries are not withheld as a new source's are.
    pub(super) read_before: BTreeSet<String>,
    pub(super) now: Timestamp,
}

/// Fetches and reads one source.
pub(super) async fn try_source(source: &SourceConfig, prober: &mut Prober<'_>, background: &Background<'_>) -> Trial {
    let result = fetched(source, prober, background).await;
    Trial { source: source.id.to_string(), result }
}

async fn fetched(
    source: &SourceConfig,
    prober: &mut Prober<'_>,
    background: &Background<'_>,
) -> Result<Found, Failure> {
    let fetched = prober.probe(source, ProbeKind::Feed).await.map_err(|error| Failure::of(&error, source))?.fetched;
    let document = read_source(&fetched, source);
    let document = document.map_err(|error| Failure { why: error.to_string(), hint: remedy(&error) })?;
    Ok(found(document, source, background))
}

fn found(document: parse::Document, source: &SourceConfig, background: &Background<'_>) -> Found {
    let mended = document.mended.iter().map(ToString::to_string).collect();
    let feed = document.feed();
    let seems_a_list = source.kind.is_none() && feed.lists == Some(true);
    let resolved = source.resolved(Some(&feed));
    let read = parse::entries(document, source, background.now);
    let held_back = if background.read_before.contains(source.id.as_str()) {
        vec![false; read.entries.len()]
    } else {
        would_be_held_back(&read.entries, source, background.now)
    };
    let mut entries = Vec::new();
    for (entry, held_back) in read.entries.iter().zip(held_back) {
        let allowed = allowance(background.config, None, &resolved, &entry.signals);
        let rule = if background.taken_down.has(entry, background.now) {
            Some(Rule::TakenDown)
        } else if allowed.extent >= Republish::Off {
            Some(Rule::Rights(allowed.sentence()))
        } else if is_too_old(entry, source, background.now) {
            Some(Rule::SourceMaxAge)
        } else {
            held_back.then_some(Rule::HeldBack)
        };
        let dropped = rule.map(|rule| DroppedBy { rule: rule.code(), why: rule.to_string() });
        entries.push(TriedEntry { title: entry.title.clone(), url: Some(entry.url.to_string()), dropped });
    }
    let unread = read.dropped.into_iter().map(|(title, why)| {
        let dropped = Some(DroppedBy { rule: why.code(), why: why.to_string() });
        TriedEntry { title, url: None, dropped }
    });
    entries.extend(unread);
    Found { entries, mended, seems_a_list }
}

fn is_too_old(entry: &Entry, source: &SourceConfig, now: Timestamp) -> bool {
    source.max_age.is_some_and(|max_age| now.duration_since(entry.time_or(now)) > max_age)
}

impl Failure {
    /// The error with its causes in one sentence.
    fn of(error: &ProbeError, source: &SourceConfig) -> Self {
        let mut why = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            why.push_str(": ");
            why.push_str(&error.to_string());
            cause = error.source();
        }
        let hint = match error {
            ProbeError::Fetch(error) => error.hint(source),
            _ => None,
        };
        Self { why, hint }
    }
}

impl Trial {
    /// Whether the source can be read.
    pub(super) fn is_good(&self) -> bool {
        self.result.is_ok()
    }

    /// For the operator.
    pub(super) fn print(&self) {
        let found = match &self.result {
            Ok(found) => found,
            Err(Failure { why, hint }) => {
                console::print(&format!("failed  {}: {}", self.source, for_terminal(why)));
                if let Some(hint) = hint {
                    console::print(&format!("        hint: {}", for_terminal(hint)));
                }
                return;
            }
        };
        let kept = found.entries.iter().filter(|entry| entry.dropped.is_none()).count();
        let entries = count(found.entries.len(), "entry");
        console::print(&format!("ok      {}: {entries}, {kept} kept", self.source));
        for entry in &found.entries {
            let title = for_terminal(&entry.title);
            match &entry.dropped {
                None => console::print(&format!("        kept: {title}")),
                Some(by) => console::print(&format!("        dropped: {title} ({})", for_terminal(&by.why))),
            }
        }
        if found.seems_a_list {
            console::print(
                "        hint: its entries mostly lead to other sites, so it is taken for a link list; to say so: kind = \"aggregator\"",
            );
        }
        for mend in &found.mended {
            console::print(&format!("        warning: mended: {}", for_terminal(mend)));
        }
    }

    /// For a program.
    pub(super) fn json(&self) -> Value {
        let failure = self.result.as_ref().err();
        let found = self.result.as_ref().ok();
        let entries: Vec<Value> = found.into_iter().flat_map(|found| &found.entries).map(TriedEntry::json).collect();
        json!({
            "source": self.source, "ok": self.is_good(), "error": failure.map(|failure| &failure.why),
            "hint": failure.and_then(|failure| failure.hint.as_ref()),
            "entries": entries, "mended": found.map(|found| found.mended.clone()).unwrap_or_default(),
            "suggested_kind": found.filter(|found| found.seems_a_list).map(|_| "aggregator"),
        })
    }
}

impl TriedEntry {
    fn json(&self) -> Value {
        let by = self.dropped.as_ref();
        json!({
            "title": self.title, "url": self.url, "kept": by.is_none(), "rule": by.map(|by| by.rule),
            "why": by.map(|by| &by.why),
        })
    }
}
