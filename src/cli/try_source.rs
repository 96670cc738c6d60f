//! One source, fetched once: what becomes of each of its entries, and by which rule.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::console;
use crate::config::{Config, SourceConfig};
use crate::gather::{ProbeError, Prober, to_be_read, would_be_held_back};
use crate::model::{Entry, Republish};
use crate::parse;
use crate::publish::{Rule, TakenDown, allowance};
use crate::text::for_terminal;

/// What was found of a source.
#[derive(Debug)]
pub(super) struct Tried {
    source: String,
    /// Why it cannot be read, and what to do.
    failed: Option<(String, Option<String>)>,
    entries: Vec<TriedEntry>,
    mended: Vec<String>,
}

/// What becomes of an entry.
#[derive(Debug)]
struct TriedEntry {
    title: String,
    url: Option<String>,
    /// Name and sentence of the rule that leaves it out; `None`: it is kept.
    dropped: Option<(&'static str, String)>,
}

/// What is known of a source before it is asked.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// What was taken down.
    pub(super) taken_down: TakenDown,
    /// Sources with entries in the store: nothing new of theirs is held back as a new source's is.
    pub(super) read_before: BTreeSet<String>,
}

/// Fetches and reads one source.
pub(super) async fn try_source(
    config: &Config,
    source: &SourceConfig,
    (looker, known): (&mut Prober<'_>, &Known),
    now: Timestamp,
) -> Tried {
    let mut tried = Tried { source: source.id.to_string(), failed: None, entries: Vec::new(), mended: Vec::new() };
    let fetched = match looker.look(source, now).await {
        Ok(fetched) => fetched,
        Err(error) => {
            let hint = match &error {
                ProbeError::Fetch(error) => error.hint(source),
                _ => None,
            };
            tried.failed = Some((sentence(&error), hint));
            return tried;
        }
    };
    let document = match parse::read(&to_be_read(&fetched, source)) {
        Ok(document) => document,
        Err(error) => {
            tried.failed = Some((error.to_string(), None));
            return tried;
        }
    };
    tried.mended = document.mended.iter().map(ToString::to_string).collect();
    let told = source.resolved(Some(&document.feed()));
    let read = parse::entries(document, source, now);
    let held_back = if known.read_before.contains(source.id.as_str()) {
        vec![false; read.entries.len()]
    } else {
        would_be_held_back(&read.entries)
    };
    for (entry, held_back) in read.entries.iter().zip(held_back) {
        let allowed = allowance(config, None, &told, &entry.signals);
        let rule = if known.taken_down.has(entry) {
            Some(Rule::TakenDown)
        } else if allowed.extent >= Republish::Off {
            Some(Rule::Rights(allowed.sentence()))
        } else if is_too_old(entry, source, now) {
            Some(Rule::SourceMaxAge)
        } else {
            held_back.then_some(Rule::HeldBack)
        };
        tried.entries.push(TriedEntry {
            title: entry.title.clone(),
            url: Some(entry.url.to_string()),
            dropped: rule.map(|rule| (rule.code(), rule.to_string())),
        });
    }
    let unread = read.dropped.into_iter();
    tried.entries.extend(unread.map(|(title, why)| TriedEntry {
        title,
        url: None,
        dropped: Some((why.code(), why.to_string())),
    }));
    tried
}

fn is_too_old(entry: &Entry, source: &SourceConfig, now: Timestamp) -> bool {
    source.max_age.is_some_and(|max_age| now.duration_since(entry.effective_time()) > max_age)
}

impl Tried {
    /// Whether the source can be read.
    pub(super) fn is_good(&self) -> bool {
        self.failed.is_none()
    }

    /// For a person.
    pub(super) fn tell(&self) {
        if let Some((why, hint)) = &self.failed {
            console::print(&format!("failed  {}: {}", self.source, for_terminal(why)));
            if let Some(hint) = hint {
                console::print(&format!("        hint: {}", for_terminal(hint)));
            }
            return;
        }
        let kept = self.entries.iter().filter(|entry| entry.dropped.is_none()).count();
        console::print(&format!("ok      {}: {} entries, {kept} kept", self.source, self.entries.len()));
        for entry in &self.entries {
            let title = for_terminal(&entry.title);
            match &entry.dropped {
                None => console::print(&format!("        kept: {title}")),
                Some((_, why)) => console::print(&format!("        dropped: {title} ({})", for_terminal(why))),
            }
        }
        for mend in &self.mended {
            console::print(&format!("        warning: mended: {}", for_terminal(mend)));
        }
    }

    /// For a program.
    pub(super) fn json(&self) -> Value {
        let entries: Vec<Value> = self
            .entries
            .iter()
            .map(|entry| {
                let (rule, why) = entry.dropped.clone().unzip();
                json!({"title": entry.title, "url": entry.url, "kept": rule.is_none(), "rule": rule, "why": why})
            })
            .collect();
        let (error, hint) = self.failed.clone().unzip();
        json!({
            "source": self.source, "ok": self.is_good(), "error": error, "hint": hint.flatten(),
            "entries": entries, "mended": self.mended,
        })
    }
}

/// The error and its causes as one sentence.
fn sentence(error: &ProbeError) -> String {
    let mut sentence = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        sentence.push_str(": ");
        sentence.push_str(&error.to_string());
        cause = error.source();
    }
    sentence
}
