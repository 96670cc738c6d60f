use std::error::Error;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::fetch::FetchError;
use super::network::Network;
use super::reader::ReadFailure;
use crate::model::SourceId;
use crate::store::Due;

/// What one run of gather did, source by source.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct GatherReport {
    /// One line per source, in the order of feeds.toml; disabled ones are left out.
    pub sources: Vec<SourceReport>,
    /// Real time from start to end.
    pub took: Duration,
    /// Requests sent, including redirects and second tries.
    pub requests: u64,
    /// Bytes of all bodies, decompressed.
    pub bytes: u64,
    /// The pages behind entries.
    pub pages: Pages,
    /// The pictures of stories.
    pub pictures: Pages,
    /// Whether this machine reached anything.
    pub network: Network,
    /// What answers instead of the sources, in words; `None`: nothing that is known of.
    pub in_between: Option<String>,
}

/// What became of the pages behind entries in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pages {
    /// Read and kept.
    pub kept: u64,
    /// Given up; their entries keep the feed's own text.
    pub failed: u64,
    /// To be tried again in a later run, or without a turn in this one.
    pub waiting: u64,
    /// Requests sent for them, including those for robots.txt.
    pub requests: u64,
    /// Their bytes, decompressed.
    pub bytes: u64,
}

impl Pages {
    /// How many there were.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.kept + self.failed + self.waiting
    }

    pub(super) fn add(&mut self, more: &Self) {
        self.kept += more.kept;
        self.failed += more.failed;
        self.waiting += more.waiting;
        self.requests += more.requests;
        self.bytes += more.bytes;
    }
}

impl GatherReport {
    /// The same with what became of pictures.
    #[must_use]
    pub(crate) fn with_pictures(self, pictures: Pages) -> Self {
        let (requests, bytes) = (self.requests + pictures.requests, self.bytes + pictures.bytes);
        Self { pictures, requests, bytes, ..self }
    }

    /// How many sources ended in a way for which `test` holds.
    #[must_use]
    pub fn count(&self, test: impl Fn(&SourceOutcome) -> bool) -> usize {
        self.sources.iter().filter(|source| test(&source.outcome)).count()
    }
}

/// What became of one source.
#[derive(Debug)]
#[non_exhaustive]
pub struct SourceReport {
    /// The source.
    pub id: SourceId,
    /// How it ended.
    pub outcome: SourceOutcome,
    /// Body bytes, decompressed.
    pub bytes: u64,
    /// Real time from its first request to its end.
    pub took: Duration,
    /// Requests sent for it.
    pub requests: u32,
    /// When it is due next and why.
    pub due: Due,
    /// Failures in a row, including this one; 0 after a good answer.
    pub failures: u32,
    /// Failures in a row before this run.
    pub(crate) failures_before: u32,
    /// When its last good answer before this run was.
    pub(crate) was_good: Option<Timestamp>,
    /// It is asked there from now on: permanent redirects led there for a day.
    pub moved_to: Option<Url>,
}

/// How a source ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum SourceOutcome {
    /// A document was read and its entries kept.
    Fetched(Counts),
    /// The server sent the same body as last time.
    SameBody,
    /// 304.
    NotModified,
    /// Left alone: not due before this time (`None`: never), by the rule in `due`.
    NotDue {
        /// When.
        until: Option<Timestamp>,
    },
    /// The run's time was up before it had its turn.
    OutOfTime,
    /// It yielded nothing; what it brought before stays.
    Failed(Failure),
    /// It was not reached, and that is this machine's trouble: nothing counts against it.
    Unreached(Failure),
}

/// What became of a document's entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Never seen before.
    pub new: usize,
    /// Seen before, changed.
    pub updated: usize,
    /// Seen before, the same.
    pub unchanged: usize,
    /// New, but withheld by a rule of the source.
    pub held_back: usize,
    /// New and not part of a back-fill, however old they say they are.
    pub(super) arrived: usize,
    /// Without a usable address, or beyond the newest 500.
    pub dropped: usize,
}

/// The beginnings of messages of the HTTP client's layers that only pass on what the one below reports.
const PLUMBING: [&str; 5] =
    ["error sending request", "client error (", "dns error", "error resolving DNS", "tcp connect error"];

/// What the system puts before its own words when a name is not known.
const LOOKUP: &str = "failed to lookup address information: ";

/// Why a source yielded nothing.
#[derive(Debug)]
pub struct Failure {
    /// What was wrong.
    pub error: SourceError,
    /// What the operator can do about it.
    pub hint: Option<String>,
}

/// What was wrong with a source, by stage.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The network, the server, or a local file.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The document.
    #[error(transparent)]
    Read(#[from] ReadFailure),
}

impl SourceError {
    /// The stage that failed: `fetch` or `read`.
    #[must_use]
    pub fn stage(&self) -> &'static str {
        match self {
            Self::Fetch(_) => "fetch",
            Self::Read(_) => "read",
        }
    }

    /// How long the server asked to be left alone.
    pub(crate) fn retry_after(&self) -> Option<SignedDuration> {
        match self {
            Self::Fetch(error) => error.retry_after(),
            Self::Read(failure) => failure.retry_after.and_then(|rest| rest.try_into().ok()),
        }
    }

    /// Whether not even a connection was made: the network may be at fault.
    pub(crate) fn is_without_connection(&self) -> bool {
        use FetchError::{Connect, ConnectTimeout, OwnLimit, Resolve};
        matches!(self, Self::Fetch(Connect { .. } | ConnectTimeout { .. } | OwnLimit { .. } | Resolve { .. }))
    }

    /// The error and its causes as one sentence: `cannot connect to a.example: connection refused`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut sentence = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let next = error.to_string();
            let next = next.strip_prefix(LOOKUP).unwrap_or(&next);
            // Some crates repeat their cause in their own message; some only name their own layer.
            if !sentence.contains(next) && !PLUMBING.iter().any(|layer| next.starts_with(layer)) {
                sentence.push_str(": ");
                sentence.push_str(next);
            }
            cause = error.source();
        }
        sentence
    }
}
