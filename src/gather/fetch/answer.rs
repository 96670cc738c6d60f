//! What is asked for, and what comes back.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{HeaderMap, HeaderValue};
use url::Url;

use super::body::Body;
use super::freshness::Freshness;
use super::large_bodies::{Place, Waited};
use super::retry_after::retry_after;
use super::validators;
use crate::config::SourceConfig;
use crate::store::Validators;

/// `Accept` for a feed; a server that negotiates should send one.
const FEED_TYPES: &str = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, \
                          application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1";
/// The same for a page behind an entry.
const PAGE_TYPES: &str = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1";
/// For a picture: of what we can read.
const PICTURE_TYPES: &str = "image/jpeg, image/png, image/webp, image/gif;q=0.8, */*;q=0.1";
/// And for robots.txt and tdmrep.json.
const HOST_FILE_TYPES: &str = "text/plain, */*;q=0.1";

/// One request.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) wanted: Wanted<'a>,
    /// Without user info.
    pub(crate) url: &'a Url,
    /// Time limit, including the body.
    pub(crate) limit: Duration,
    /// The time it starts.
    pub(crate) now: Timestamp,
    pub(crate) protocol: Protocol,
    pub(crate) keep: Keep,
    /// How long its body waits for its place.
    pub(crate) waited: &'a Waited,
}

/// What becomes of the connection after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Keep {
    /// It is closed: there is nothing more to ask the host for.
    #[default]
    Close,
    /// It is kept for the host's next request, and used if one was kept.
    Open,
}

/// Which version of HTTP is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Protocol {
    /// What the server prefers.
    #[default]
    Any,
    /// HTTP/1.1, even if the server offers HTTP/2: it fails at that.
    Http1,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted<'a> {
    /// The feed of a source.
    Feed { source: &'a SourceConfig, validators: Option<&'a Validators> },
    /// The page behind an entry.
    Page,
    /// The picture of a story.
    Picture,
    /// A file of a host that states what may be done there, as much of it as is read.
    HostFile,
}

impl<'a> Wanted<'a> {
    /// What the last answer stated about its version.
    pub(super) fn validators(self) -> Option<&'a Validators> {
        match self {
            Self::Feed { validators, .. } => validators,
            Self::Page | Self::Picture | Self::HostFile => None,
        }
    }

    /// Whether it is to be a feed, and not a page that is read as one.
    pub(super) fn is_feed_document(self) -> bool {
        matches!(self, Self::Feed { source, .. } if source.listing.is_none())
    }

    pub(super) fn accept(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Feed { .. } => FEED_TYPES,
            Self::Page => PAGE_TYPES,
            Self::Picture => PICTURE_TYPES,
            Self::HostFile => HOST_FILE_TYPES,
        })
    }
}

/// A usable answer.
#[derive(Debug)]
pub(crate) enum Answer {
    /// 301, 302, 303, 307, 308; 300 with an address.
    Redirect { status: u16, headers: HeaderMap },
    /// 304 to a conditional request.
    NotModified { validators: Option<Validators>, freshness: Freshness, headers: HeaderMap },
    /// Any other 2xx with a body.
    Document(Document),
}

/// The body of a good answer and what its headers state.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) fetched: Fetched,
    pub(crate) validators: Option<Validators>,
    pub(crate) freshness: Freshness,
    /// How long the server asks to be left alone, if this is no feed.
    pub(crate) retry_after: Option<SignedDuration>,
    pub(crate) extent: Extent,
    /// Held until it is read.
    pub(crate) place: Place,
}

/// How much of a feed an answer brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Whole,
    /// 226: some new entries (RFC 3229).
    SomeNew,
}

/// A document as fetched: what the reader gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The address it came from, after redirects; a `file:` address for a local file.
    pub url: Url,
    /// The body, decompressed and complete.
    pub bytes: Vec<u8>,
    /// All headers of the answer, names in lower case, values as sent.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Fetched {
    /// Names and values of its headers.
    pub(crate) fn named_headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }
}

impl Document {
    /// The `body` of an answer with these headers to `ask`.
    pub(super) fn new(ask: &Ask<'_>, body: Body, headers: &HeaderMap, extent: Extent) -> Self {
        let all = headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
        Self {
            validators: validators::of_answer(headers, ask.url),
            freshness: Freshness::of(headers, ask.now),
            retry_after: retry_after(headers, ask.now),
            fetched: Fetched { url: ask.url.clone(), bytes: body.bytes, headers: all },
            extent,
            place: body.place,
        }
    }
}
