//! A target on its way, and how far it has come.

use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::fetch::{Chain, FetchError, Protocol};
use super::report::SourceError;
use super::request::Target;
use crate::model::Signal;

/// A target on its way.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) target: Target,
    pub(crate) attempt: Attempt,
}

impl Task {
    /// To `url`, which has no user info, within `limit` of time under way.
    pub(crate) fn new(target: Target, url: Url, limit: Duration) -> Self {
        let attempt = Attempt {
            url,
            chain: Chain::default(),
            began: None,
            requests: 0,
            bytes: 0,
            left: limit,
            retried: false,
            protocol: Protocol::Any,
            signals: Vec::new(),
        };
        Self { target, attempt }
    }
}

/// How far a target has come.
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
    pub(crate) protocol: Protocol,
    /// What answers and hosts said of the rights of a page so far; it holds also where nothing is made of the page.
    pub(crate) signals: Vec<Signal>,
}

impl Attempt {
    /// Whether `error` may be an accident that one more request clears up; there is one second try.
    pub(crate) fn is_worth_a_retry(&self, error: Option<&SourceError>) -> bool {
        let may_be_an_accident =
            || matches!(error, Some(SourceError::Fetch(error)) if error.is_worth_a_retry() || self.may_be_http2(error));
        !self.retried && may_be_an_accident()
    }

    /// The second try after `error`.
    pub(crate) fn again(self, error: Option<&SourceError>) -> Self {
        let may_be_http2 = matches!(error, Some(SourceError::Fetch(error)) if self.may_be_http2(error));
        let protocol = if may_be_http2 { Protocol::Http1 } else { self.protocol };
        Self { retried: true, protocol, ..self }
    }

    /// What broke off over TLS may have been HTTP/2 that the server does not master.
    fn may_be_http2(&self, error: &FetchError) -> bool {
        self.url.scheme() == "https" && error.is_broken_off()
    }

    /// Each signal once, however often the page is asked for.
    pub(crate) fn add_signals(&mut self, signals: impl IntoIterator<Item = Signal>) {
        for signal in signals {
            if !self.signals.contains(&signal) {
                self.signals.push(signal);
            }
        }
    }
}
