//! What is on its way through a run: a feed, a page behind an entry, or a host's robots.txt.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use url::Url;

use super::fetch::robots::Robots;
use super::fetch::{Chain, Extent, Freshness};
use super::reader::ReadOut;
use super::report::SourceError;
use crate::config::{SourceAddress, SourceConfig};
use crate::model::{Article, Signal};
use crate::store::{HostState, RobotsState, SourceState, Validators, WantedArticle};

/// One target on its way.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) target: Target,
    pub(crate) attempt: Attempt,
}

impl Task {
    /// To `url`, which has no user info, within `limit` of time under way.
    pub(crate) fn new(target: Target, url: Url, limit: Duration) -> Self {
        let chain = Chain::default();
        Self {
            target,
            attempt: Attempt { url, chain, began: None, requests: 0, bytes: 0, left: limit, retried: false },
        }
    }
}

/// What is to be brought.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    Feed(FeedTarget),
    Page(PageTarget),
    Robots(HostFileTarget),
}

/// The feed of a source.
#[derive(Debug, Clone)]
pub(crate) struct FeedTarget {
    /// The source's place in feeds.toml.
    pub(crate) place: usize,
    pub(crate) source: Arc<SourceConfig>,
    /// As it was before this run.
    pub(crate) state: Arc<SourceState>,
}

impl FeedTarget {
    pub(crate) fn is_local(&self) -> bool {
        matches!(self.source.address, SourceAddress::File(_))
    }
}

/// The page behind an entry.
#[derive(Debug, Clone)]
pub(crate) struct PageTarget {
    pub(crate) wanted: Arc<WantedArticle>,
    pub(crate) source: Arc<SourceConfig>,
    /// What the headers of the answer and the host say of its rights; they hold also where nothing is made of the page.
    pub(crate) signals: Vec<Signal>,
}

impl PageTarget {
    /// Once, however often the page is asked for.
    pub(crate) fn add_signal(&mut self, signal: Signal) {
        if !self.signals.contains(&signal) {
            self.signals.push(signal);
        }
    }
}

/// A file of a host that says what may be done there, by the host's key.
#[derive(Debug, Clone)]
pub(crate) struct HostFileTarget {
    pub(crate) host: String,
    pub(crate) file: HostFile,
}

/// Which file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostFile {
    /// robots.txt (RFC 9309).
    Robots,
    /// What is reserved from text and data mining (TDMRep, w3.org/community/reports/tdmrep, §6.1).
    Tdmrep,
}

impl HostFile {
    /// Where the one that speaks for `url` is.
    pub(crate) fn address(self, url: &Url) -> Url {
        let mut place = url.clone();
        place.set_path(match self {
            Self::Robots => "/robots.txt",
            Self::Tdmrep => "/.well-known/tdmrep.json",
        });
        place.set_query(None);
        place.set_fragment(None);
        place
    }
}

/// How far an target has come.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// Where the next request goes; without user info.
    pub(crate) url: Url,
    pub(crate) chain: Chain,
    /// Start of the first request.
    pub(crate) began: Option<Instant>,
    pub(crate) requests: u32,
    pub(crate) bytes: u64,
    /// What is left of the time limit.
    pub(crate) left: Duration,
    pub(crate) retried: bool,
}

/// An target that came to its end in this run.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) what: Settled,
    pub(crate) attempt: Attempt,
    /// The time of its last request, on the run's clock.
    pub(crate) at: Timestamp,
    /// A host's state that changed with it.
    pub(crate) host: Option<(String, HostState)>,
    /// Until when the host that answered asked for rest.
    pub(crate) host_hold: Option<Timestamp>,
}

/// What it was, and what there is to keep of it.
#[derive(Debug)]
pub(crate) enum Settled {
    Feed(FeedTarget, Result<FeedBrought, Nothing>),
    Page(PageTarget, Result<Box<PageBrought>, Nothing>),
    Robots(HostFileTarget, RobotsState),
}

/// Why it brought nothing.
#[derive(Debug)]
pub(crate) enum Nothing {
    Failed(SourceError),
    /// Its host asked for rest before it had its turn.
    Held,
    OutOfTime,
}

/// A good answer for a feed.
#[derive(Debug)]
pub(crate) struct FeedBrought {
    pub(crate) validators: Option<Validators>,
    pub(crate) freshness: Freshness,
    pub(crate) body: FeedBody,
}

#[derive(Debug)]
pub(crate) enum FeedBody {
    /// 304.
    NotModified,
    /// That of last time.
    Same,
    Read {
        hash: [u8; 32],
        extent: Extent,
        out: Box<ReadOut>,
    },
}

/// A page that was read.
#[derive(Debug)]
pub(crate) struct PageBrought {
    /// The address it came from, after redirects.
    pub(crate) url: Url,
    pub(crate) article: Article,
}

/// What a step brought.
#[derive(Debug)]
pub(crate) enum Ended {
    Feed(FeedTarget, Result<FeedBrought, SourceError>),
    Page(PageTarget, Result<Box<PageBrought>, SourceError>),
    Robots(HostFileTarget, Result<Robots, SourceError>),
}

impl Target {
    /// It ended in `error`.
    pub(crate) fn failed(self, error: SourceError) -> Ended {
        match self {
            Self::Feed(feed) => Ended::Feed(feed, Err(error)),
            Self::Page(page) => Ended::Page(page, Err(error)),
            Self::Robots(robots) => Ended::Robots(robots, Err(error)),
        }
    }
}

impl Ended {
    /// Whether it was an accident that one more request may clear up.
    pub(crate) fn is_worth_a_retry(&self) -> bool {
        self.error().is_some_and(|error| match error {
            SourceError::Fetch(error) => error.is_worth_a_retry(),
            _ => false,
        })
    }

    pub(crate) fn error(&self) -> Option<&SourceError> {
        match self {
            Self::Feed(_, brought) => brought.as_ref().err(),
            Self::Page(_, brought) => brought.as_ref().err(),
            Self::Robots(_, brought) => brought.as_ref().err(),
        }
    }

    /// The target again.
    pub(crate) fn into_target(self) -> Target {
        match self {
            Self::Feed(feed, _) => Target::Feed(feed),
            Self::Page(page, _) => Target::Page(page),
            Self::Robots(robots, _) => Target::Robots(robots),
        }
    }
}
