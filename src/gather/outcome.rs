//! How a target ended in a run.

use jiff::Timestamp;
use url::Url;

use super::fetch::robots::Robots;
use super::fetch::tdmrep::TdmPolicy;
use super::fetch::{Extent, FetchError, Fetched, Freshness};
use super::hubs::HubLinks;
use super::reader::ReadOut;
use super::report::SourceError;
use super::request::{FeedTarget, HostFileTarget, PageTarget, PictureTarget, ProbeTarget, Target};
use super::task::Attempt;
use crate::model::Article;
use crate::rights::Renewed;
use crate::store::{HostState, RobotsState, Validators};

/// A target that has ended in this run.
#[derive(Debug)]
pub(crate) struct Completed {
    pub(crate) outcome: Outcome,
    pub(crate) attempt: Attempt,
    /// The time of its last request, on the run's clock.
    pub(crate) at: Timestamp,
    /// Until when the host that answered asked for a rest.
    pub(crate) host_hold: Option<Timestamp>,
    pub(crate) changed: HostChanges,
}

/// What is to be remembered about hosts because of it, by their keys.
#[derive(Debug, Default)]
pub(crate) struct HostChanges {
    pub(crate) state: Option<(String, HostState)>,
    pub(crate) robots: Option<(String, RobotsState)>,
}

/// What a target brought, or why nothing.
#[derive(Debug)]
pub(crate) enum Outcome {
    Feed(FeedTarget, Result<FeedAnswer, Unfinished>),
    Page(PageTarget, Result<Box<PageAnswer>, Unfinished>),
    /// The bytes of the small copy.
    Picture(PictureTarget, Result<Vec<u8>, Unfinished>),
    HostFile(HostFileTarget, Result<HostRules, Unfinished>),
    Probe(ProbeTarget, Result<Box<Fetched>, Unfinished>),
}

/// Why a target brought nothing.
#[derive(Debug)]
pub(crate) enum Unfinished {
    Failed(SourceError),
    /// Its host asked for a rest before it had its turn.
    Held,
    OutOfTime,
}

/// A good answer for a feed.
#[derive(Debug)]
pub(crate) struct FeedAnswer {
    pub(crate) validators: Option<Validators>,
    pub(crate) freshness: Freshness,
    pub(crate) body: FeedBody,
}

#[derive(Debug)]
pub(crate) enum FeedBody {
    /// 304, and what its headers say.
    NotModified(HubLinks, Renewed),
    /// The same body as last time.
    Same(HubLinks),
    Read {
        hash: [u8; 32],
        extent: Extent,
        out: Box<ReadOut>,
    },
}

/// A page that was read.
#[derive(Debug)]
pub(crate) struct PageAnswer {
    /// The address it came from, after redirects.
    pub(crate) url: Url,
    pub(crate) article: Article,
}

/// What a file of a host states.
#[derive(Debug)]
pub(crate) enum HostRules {
    Robots(Robots),
    Tdm(TdmPolicy),
}

impl From<FetchError> for Unfinished {
    fn from(error: FetchError) -> Self {
        Self::Failed(error.into())
    }
}

impl Target {
    /// It brought nothing.
    pub(crate) fn without_answer(self, why: Unfinished) -> Outcome {
        match self {
            Self::Feed(feed) => Outcome::Feed(feed, Err(why)),
            Self::Page(page) => Outcome::Page(page, Err(why)),
            Self::Picture(picture) => Outcome::Picture(picture, Err(why)),
            Self::HostFile(file) => Outcome::HostFile(file, Err(why)),
            Self::Probe(probe) => Outcome::Probe(probe, Err(why)),
        }
    }
}

impl Outcome {
    /// What failed.
    pub(crate) fn error(&self) -> Option<&SourceError> {
        let why = match self {
            Self::Feed(_, answer) => answer.as_ref().err(),
            Self::Page(_, answer) => answer.as_ref().err(),
            Self::Picture(_, answer) => answer.as_ref().err(),
            Self::HostFile(_, answer) => answer.as_ref().err(),
            Self::Probe(_, answer) => answer.as_ref().err(),
        };
        match why? {
            Unfinished::Failed(error) => Some(error),
            Unfinished::Held | Unfinished::OutOfTime => None,
        }
    }

    /// The target.
    pub(crate) fn into_target(self) -> Target {
        match self {
            Self::Feed(feed, _) => Target::Feed(feed),
            Self::Page(page, _) => Target::Page(page),
            Self::Picture(picture, _) => Target::Picture(picture),
            Self::HostFile(file, _) => Target::HostFile(file),
            Self::Probe(probe, _) => Target::Probe(probe),
        }
    }
}
