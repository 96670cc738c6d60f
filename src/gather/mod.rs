//! feeds.toml's sources → entries in the store.
//!
//! [`gather()`] finds what is due (`plan.rs`), sends it on its way (`side_by_side.rs`), and keeps what comes back:
//! many whole sources per transaction (`keep.rs`), each one's validators with the entries they vouch for. Then the
//! same is done for the pages behind new entries, where a source asks for them (`pages.rs`).

mod run;
mod plan;
mod schedule;
mod request;
mod scheduler;
mod host_policy;
mod attempt;
mod pages;
mod fetch;
mod panics;
mod commit;
mod source_state;
mod save;
mod guid_change;
mod report;
mod probe;
mod websub;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::config::{Config, SourceConfig};
use crate::extract::{self, ArticleError};
use crate::model::{Article, Entry, Feed, PageRights, Signal, SourceId};
use crate::parse;
use crate::rights;
use crate::store::{Store, StoreError};

pub use fetch::hosts::key as host_key;
pub use fetch::{ClientError, FetchError, Fetched, Refused};
pub use probe::{KnownState, ProbeError, Prober, to_be_read};
pub use report::{Counts, Failure, GatherReport, Outcome, Pages, SourceError, SourceReport};
pub use save::would_be_held_back;
pub use schedule::asked_every;
pub use websub::{Ping, PingError, PingReport, ping};

/// Makes entries of a fetched document. Pure; called on a thread for blocking work, under a panic guard.
pub type Reader = fn(&Fetched, &SourceConfig, Timestamp) -> Result<ReadOut, ReadFailure>;

/// Makes an article of a page. Pure; called on a thread for blocking work, under a panic guard.
pub type ArticleReader = fn(&Fetched, &SourceConfig) -> Result<Article, ReadFailure>;

/// What a document holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadOut {
    /// What the feed says of itself.
    pub feed: Feed,
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Entries that were left out: no usable address, or beyond the newest 500.
    pub dropped: usize,
    /// It ends in the middle: the rest may come with the next answer, so nothing vouches for this one.
    pub cut_short: bool,
}

/// Why a document could not be read: a sentence that names what it is instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct ReadFailure {
    /// Lower case, no full stop.
    pub sentence: String,
    /// What a person can do about it.
    pub hint: Option<String>,
    /// What it says of rights all the same.
    pub signals: Vec<Signal>,
}

impl ReadFailure {
    /// With nothing but a sentence.
    #[must_use]
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), hint: None, signals: Vec::new() }
    }

    fn panicked(what: &str) -> Self {
        Self::new(format!("the document made the reader fail: {what}"))
    }
}

/// How to gather.
#[derive(Debug, Clone)]
pub struct GatherOptions {
    /// Ask sources that are not due yet, too. A server's own word (`Retry-After`, a host's hold) stands.
    pub all: bool,
    /// Only these sources; empty: all.
    pub only: BTreeSet<SourceId>,
    /// Wait before the one second try after a broken connection, 502 or 504.
    pub retry_delay: Duration,
    /// Makes entries of documents.
    pub reader: Reader,
    /// Makes articles of pages; `None`: no page is fetched.
    pub article_reader: Option<ArticleReader>,
}

impl Default for GatherOptions {
    fn default() -> Self {
        Self {
            all: false,
            only: BTreeSet::new(),
            retry_delay: Duration::from_secs(3),
            reader: read_document,
            article_reader: Some(read_article),
        }
    }
}

/// Hears how far a run is.
pub trait Progress: Sync {
    /// `sources` are going to be asked.
    fn started(&self, sources: usize);
    /// One of them came to its end, and what it brought is kept.
    fn finished(&self, source: &SourceReport);
    /// So many pages behind entries are going to be fetched.
    fn pages_started(&self, pages: usize);
    /// One of them came to its end.
    fn page_finished(&self);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _sources: usize) {}
    fn finished(&self, _source: &SourceReport) {}
    fn pages_started(&self, _pages: usize) {}
    fn page_finished(&self) {}
}

/// Why a whole run of gather failed; a single source never makes it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatherError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// Asks every source that is due at `now` and keeps what it brings.
///
/// `now` is the run's clock at its start; the real time that passes is added to it. Needs tokio's
/// multi-thread runtime: the store is written by the calling task with `block_in_place`.
///
/// # Errors
/// Where the store cannot be read or written, or the client not be set up. What was committed stays.
pub async fn gather(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    options: &GatherOptions,
    progress: &dyn Progress,
) -> Result<GatherReport, GatherError> {
    run::run(store, config, now, options, progress).await
}

/// The reader that is built in.
fn read_document(fetched: &Fetched, source: &SourceConfig, now: Timestamp) -> Result<ReadOut, ReadFailure> {
    let document = parse::read(&to_be_read(fetched, source))
        .map_err(|error| ReadFailure { hint: announced(&error), ..ReadFailure::new(error.to_string()) })?;
    let mut feed = document.feed();
    feed.signals.extend(rights::of_feed_headers(fetched.named_headers()));
    let cut_short = document.mended.iter().any(|mend| mend.fault == parse::Fault::CutShort);
    let read = parse::entries(document, source, now);
    Ok(ReadOut { feed, entries: read.entries, dropped: read.dropped.len(), cut_short })
}

fn read_article(page: &Fetched, source: &SourceConfig) -> Result<Article, ReadFailure> {
    // What the other headers say of rights is kept with its own origin.
    let kind: Vec<_> = page.headers.iter().filter(|(name, _)| name == "content-type").cloned().collect();
    let page = extract::Page { url: &page.url, bytes: &page.bytes, headers: &kind };
    let choice = extract::Choice { select: source.select.as_ref(), remove: &source.remove };
    let no_text = |says: &PageRights| ReadFailure {
        signals: rights::of_page(says),
        ..ReadFailure::new("the page holds no text of an article")
    };
    match extract::read(&page, &choice) {
        Ok(article) if article.text.trim().is_empty() => Err(no_text(&article.says)),
        Ok(article) => Ok(article),
        Err(ArticleError::NoText { says }) => Err(no_text(&says)),
        Err(error) => Err(ReadFailure::new(error.to_string())),
    }
}

/// A web page in place of a feed often says where the feed is.
fn announced(error: &parse::ReadError) -> Option<String> {
    match error {
        parse::ReadError::Page { announced, .. } => {
            announced.0.first().map(|feed| format!("that page announces a feed: write url = \"{feed}\""))
        }
        _ => None,
    }
}
