//! Fetched bytes → entries of a feed, or the article of a page. Pure.

use std::time::Duration;

use jiff::Timestamp;

use super::fetch::Fetched;
use super::hubs::HubLinks;
use super::page_mark::PageMark;
use crate::config::SourceConfig;
use crate::extract::{self, ArticleError};
use crate::model::{Article, Entry, Feed, PageRights, Signal};
use crate::parse;
use crate::rights;
use crate::store::DocumentKind;

/// Turns a fetched document into entries. Pure; called on a thread for blocking work, under a panic guard.
pub(super) type Reader = fn(&Fetched, &SourceConfig, Timestamp) -> Result<ReadOut, ReadFailure>;

/// Turns a page into an article. Pure; called on a thread for blocking work, under a panic guard.
pub(super) type ArticleReader = fn(&Fetched, &SourceConfig) -> Result<Article, ReadFailure>;

/// What a document holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadOut {
    /// What the feed declares about itself.
    pub feed: Feed,
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Entries that were left out: no usable address, or beyond the newest 500.
    pub dropped: usize,
    /// How it had to be understood, in words for the operator; none for most.
    pub notes: Vec<String>,
    /// What the document is.
    pub document: DocumentKind,
    /// Stands for the page that it is; `None`: it is a feed.
    pub page: Option<PageMark>,
    /// It ends in the middle: the rest may come with the next answer, so nothing vouches for this one.
    pub cut_short: bool,
}

/// Why a document could not be read: a sentence that names what it is instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct ReadFailure {
    /// Lower case, no full stop.
    pub sentence: String,
    /// What the operator can do about it.
    pub hint: Option<String>,
    /// What it states about rights nevertheless.
    pub signals: Box<[Signal]>,
    /// Stands for the page that came instead; `None`: it is something else.
    pub page: Option<PageMark>,
    /// How long the server that sent it asked to be left alone.
    pub retry_after: Option<Duration>,
}

impl ReadFailure {
    /// With just a sentence.
    #[must_use]
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), hint: None, signals: Box::default(), page: None, retry_after: None }
    }

    pub(super) fn panicked(what: &str) -> Self {
        Self::new(format!("the document made the reader fail: {what}"))
    }
}

/// The built-in reader.
pub(super) fn read_document(fetched: &Fetched, source: &SourceConfig, now: Timestamp) -> Result<ReadOut, ReadFailure> {
    let mark = || PageMark::of(&fetched.bytes);
    let document = read_source(fetched, source).map_err(|error| ReadFailure {
        hint: remedy(&error),
        page: error.fits_anybody().then(mark),
        ..ReadFailure::new(error.to_string())
    })?;
    let mut feed = document.feed();
    let kind = if document.format == parse::Format::Page { DocumentKind::Page } else { DocumentKind::Feed };
    feed.signals.extend(rights::of_feed_headers(fetched.named_headers()));
    HubLinks::of_document(fetched).apply(&mut feed);
    let cut_short = document.mended.iter().any(|mend| mend.fault == parse::Fault::CutShort);
    let dates = document.mended.iter().filter(|mend| mend.fault.is_of_dates()).map(|mend| mend.fault.to_string());
    let mut notes: Vec<String> = dates.collect();
    let read = parse::entries(document, source, now);
    if read.useless_ids > 0 {
        notes.push("its entries share their ids: they are told apart by address, title and date".to_owned());
    }
    let page = (kind == DocumentKind::Page).then(mark);
    Ok(ReadOut { page, feed, entries: read.entries, dropped: read.dropped.len(), notes, document: kind, cut_short })
}

/// The document of a source: its feed, or the list that its page is.
///
/// # Errors
/// [`parse::ReadError`].
pub(crate) fn read_source(fetched: &Fetched, source: &SourceConfig) -> Result<parse::Document, parse::ReadError> {
    extract::read_source(&to_be_read(fetched, source), source.listing.as_ref())
}

/// The built-in reader of pages.
pub(super) fn read_article(page: &Fetched, source: &SourceConfig) -> Result<Article, ReadFailure> {
    // What the other headers state about rights is kept with its own origin.
    let kind: Vec<_> = page.headers.iter().filter(|(name, _)| name == "content-type").cloned().collect();
    let page = extract::Page { url: &page.url, bytes: &page.bytes, headers: &kind };
    let choice = extract::Choice { select: source.select.as_ref(), remove: &source.remove };
    let no_text = |stated: &PageRights| ReadFailure {
        signals: rights::of_page(stated).into(),
        ..ReadFailure::new("the page holds no text of an article")
    };
    match extract::read(&page, &choice) {
        Ok(article) if article.text.trim().is_empty() => Err(no_text(&article.rights)),
        Ok(article) => Ok(article),
        Err(ArticleError::NoText { rights }) => Err(no_text(&rights)),
        Err(error) => Err(ReadFailure::new(error.to_string())),
    }
}

/// What to write instead: a web page in place of a feed often states where the feed is.
pub(crate) fn remedy(error: &parse::ReadError) -> Option<String> {
    match error {
        parse::ReadError::Page { announced, .. } => Some(match announced.0.first() {
            Some(feed) => format!("that page announces a feed: write url = \"{}\"", feed.url),
            None => "it announces no feed; to read the page itself as a list, say what on it is one entry: \
                     items = \"article\" (a CSS selector; feedloom config items)"
                .to_owned(),
        }),
        parse::ReadError::SitemapIndex { listed } => {
            let news = listed.iter().find(|url| url.path().contains("news")).or(listed.first())?;
            Some(format!("write url = \"{news}\", if that is its news sitemap"))
        }
        parse::ReadError::NoNews => Some("only a news sitemap has titles and dates".to_owned()),
        parse::ReadError::NoItems { .. } => {
            Some("the page may have changed: look for what is around each entry there now".to_owned())
        }
        _ => None,
    }
}

/// What the reader is given of `fetched`.
fn to_be_read<'a>(fetched: &'a Fetched, source: &'a SourceConfig) -> parse::Input<'a> {
    let header = |name: &str| {
        let value = fetched.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice());
        value.and_then(|value| std::str::from_utf8(value).ok())
    };
    parse::Input {
        bytes: &fetched.bytes,
        // A file's own address is not a base for the links in it: what the feed declares is.
        url: Some(&fetched.url).filter(|url| matches!(url.scheme(), "http" | "https")),
        headers: parse::Headers {
            content_type: header("content-type"),
            content_location: header("content-location"),
            content_language: header("content-language"),
        },
        encoding: source.encoding,
        base_url: source.base_url.as_ref(),
    }
}
