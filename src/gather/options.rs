//! How to gather.

use std::collections::BTreeSet;
use std::time::Duration;

use super::reader::{ArticleReader, Reader, read_article, read_document};
use crate::model::SourceId;

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
