//! A target on its way, and how far it has come.

use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::fetch::{Chain, FetchError, Keep, Protocol};
use super::host_key::host_key;
use super::report::SourceError;
use super::request::{FeedTarget, Target};
use super::standing::{Share, Standing, Visit};
use crate::model::Signal;

/// How often a connection for which this machine has no room is tried again in one run.
const TRIES_FOR_ROOM: u32 = 8;

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
            without_room: 0,
            protocol: Protocol::Any,
            keep: Keep::Close,
            signals: Vec::new(),
        };
        Self { target, attempt }
    }

    /// How it ranks among the others with its next request.
    pub(crate) fn standing(&self) -> Standing {
        let url = &self.attempt.url;
        match &self.target {
            Target::Feed(FeedTarget { source, state, .. }) => {
                let share = if state.failures > 0 { Share::Half } else { Share::Any };
                Standing { share, visit: Visit::of(source, url) }
            }
            Target::Page(page) => Standing { share: Share::Half, visit: Visit::of(&page.source, url) },
            Target::Picture(picture) => Standing { share: Share::Half, visit: Visit::of(&picture.source, url) },
            // It is requested on behalf of those that wait for it.
            Target::HostFile(file) if host_key(url) == file.host => file.standing,
            Target::HostFile(file) => Standing { visit: Visit::Guest, ..file.standing },
            Target::Probe(probe) => Standing { share: Share::Any, visit: Visit::of(&probe.source, url) },
        }
    }
}

/// How far a target has got.
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
    /// How often this machine had no room for its connection.
    pub(crate) without_room: u32,
    pub(crate) protocol: Protocol,
    pub(crate) keep: Keep,
    /// What answers and hosts stated about a page's rights so far; it applies even if nothing is made from the page.
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

    /// Whether this machine had no room for it, which may be over soon.
    pub(crate) fn waits_for_room(&self, error: Option<&SourceError>) -> bool {
        let had_none = matches!(error, Some(SourceError::Fetch(FetchError::OwnLimit { .. })));
        had_none && self.without_room < TRIES_FOR_ROOM
    }

    /// Its state after there was no room for it: nothing was sent.
    pub(crate) fn without_room(self) -> Self {
        Self { without_room: self.without_room + 1, requests: self.requests.saturating_sub(1), ..self }
    }

    /// The same target, asked at `url` with the time that is left.
    pub(crate) fn elsewhere(self, url: Url) -> Self {
        Self { url, chain: Chain::default(), retried: false, protocol: Protocol::Any, ..self }
    }

    /// What broke off over TLS may have been HTTP/2 that the server does not handle properly.
    fn may_be_http2(&self, error: &FetchError) -> bool {
        self.url.scheme() == "https" && error.is_broken_off()
    }

    /// Each signal once, however often the page is requested.
    pub(crate) fn add_signals(&mut self, signals: impl IntoIterator<Item = Signal>) {
        for signal in signals {
            if !self.signals.contains(&signal) {
                self.signals.push(signal);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::config::Config;
    use crate::store::SourceState;

    #[test]
    fn what_failed_has_half_and_other_hosts_see_a_guest() {
        let standing = |failures: u32, at: &str| {
            let text = "title = \"T\"\n[[source]]\nurl = \"https://a.example/f\"\n";
            let source = Config::parse(Path::new("/feeds.toml"), text).unwrap().sources.remove(0);
            let state = SourceState::new(source.id.clone(), String::new(), String::new());
            let state = Arc::new(SourceState { failures, ..state });
            let target = FeedTarget::new(0, Arc::new(source), state);
            Task::new(Target::Feed(target), Url::parse(at).unwrap(), Duration::ZERO).standing()
        };
        for (failures, at, share, visit) in [
            (0, "https://a.example/other", Share::Any, Visit::Own),
            (3, "https://a.example/f", Share::Half, Visit::Own),
            (0, "https://b.example/f", Share::Any, Visit::Guest),
            (1, "http://a.example/f", Share::Half, Visit::Guest),
            (0, "https://a.example:8443/f", Share::Any, Visit::Guest),
        ] {
            assert_eq!(standing(failures, at), Standing { share, visit }, "{failures} {at}");
        }
    }
}
