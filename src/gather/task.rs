//! A target on its way, and how far it has come.

use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::fetch::Chain;
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
    /// What answers and hosts said of the rights of a page so far; it holds also where nothing is made of the page.
    pub(crate) signals: Vec<Signal>,
}

impl Attempt {
    /// Each signal once, however often the page is asked for.
    pub(crate) fn add_signals(&mut self, signals: impl IntoIterator<Item = Signal>) {
        for signal in signals {
            if !self.signals.contains(&signal) {
                self.signals.push(signal);
            }
        }
    }
}
