//! How to gather.

use std::collections::BTreeSet;
use std::time::Duration;

use super::reader::{ArticleReader, Reader, read_article, read_document};
use crate::model::SourceId;

/// How far this machine's clock is believed on a first run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockTrust {
    /// As long as it is at most five years away from what most servers say.
    Compared,
    /// Whatever they say.
    Meant,
}

/// How to gather.
#[derive(Debug, Clone)]
pub struct GatherOptions {
    /// Also ask sources that are not due yet. A server's own requests (`Retry-After`, a host's hold) stand.
    pub all: bool,
    /// Only these sources; empty: all.
    pub only: BTreeSet<SourceId>,
    /// Wait before the single second try after a broken connection, 502 or 504.
    pub retry_delay: Duration,
    /// Turns documents into entries.
    pub reader: Reader,
    /// Turns pages into articles; `None`: no page is fetched.
    pub article_reader: Option<ArticleReader>,
    /// Whether a first run compares its clock with the servers'.
    pub clock: ClockTrust,
}

impl Default for GatherOptions {
    fn default() -> Self {
        Self {
            all: false,
            only: BTreeSet::new(),
            retry_delay: Duration::from_secs(3),
            reader: read_document,
            article_reader: Some(read_article),
            clock: ClockTrust::Compared,
        }
    }
}
