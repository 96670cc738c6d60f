//! What all connections share: what is served, and what is counted.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use jiff::Timestamp;
use tokio::sync::Notify;

use super::access_log::AccessLines;
use super::counters::Counters;
use super::outputs::{self, Saved};
use super::reply::{Reply, plain};
use super::site::Site;

/// How long an answer is fresh at least and at most: readers are not to come all at one second, and a takedown is not to
/// be shown for long.
const LEAST_FRESH_S: i64 = 60;
const MOST_FRESH_S: i64 = 30 * 60;

/// What all connections share.
#[derive(Debug, Default)]
pub(super) struct Door {
    site: RwLock<Option<Arc<Site>>>,
    /// Below this path, readers find us behind a proxy; empty, or without slashes at its ends.
    prefix: RwLock<String>,
    /// When the next change is expected, in seconds since 1970; 0: not known.
    next_change_s: AtomicI64,
    pub(super) counters: Counters,
    /// There is no room for who says nothing.
    pub(super) pressure: Notify,
    pub(super) access_log: AccessLines,
}

impl Door {
    /// What is served now; `None`: nothing was published yet.
    pub(super) fn site(&self) -> Option<Arc<Site>> {
        self.site.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on `site` is served: whoever is being answered is answered from what was there before.
    pub(super) fn show(&self, site: Arc<Site>) {
        *self.site.write().unwrap_or_else(PoisonError::into_inner) = Some(site);
    }

    pub(super) fn expect_change(&self, at: Option<Timestamp>) {
        self.next_change_s.store(at.map_or(0, Timestamp::as_second), Ordering::Relaxed);
    }

    pub(super) fn set_prefix(&self, path: &str) {
        path.trim_matches('/').clone_into(&mut self.prefix.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn fresh_s(&self, now: Timestamp) -> i64 {
        (self.next_change_s.load(Ordering::Relaxed) - now.as_second()).clamp(LEAST_FRESH_S, MOST_FRESH_S)
    }

    /// `path` as it is below the address that readers know, for a proxy that passes all of it on.
    pub(super) fn below_prefix<'p>(&self, path: &'p str) -> &'p str {
        let prefix = self.prefix.read().unwrap_or_else(PoisonError::into_inner);
        let rest = path.strip_prefix(prefix.as_str()).filter(|_| !prefix.is_empty());
        rest.and_then(|rest| rest.strip_prefix('/')).unwrap_or(path)
    }

    /// What the outputs answer for `path`; `None`: they have nothing there, or nothing is published yet.
    pub(super) fn of_outputs(&self, asked: &Parts, path: &str, now: Timestamp) -> Option<Reply> {
        outputs::answer(&*self.site()?, &asked.method, path, &asked.headers, self.fresh_s(now))
    }

    pub(super) fn count(&self, asked: &Parts, reply: &Reply) {
        let bytes = if asked.method == Method::HEAD { 0 } else { reply.body().len() };
        self.counters.answered(reply.status(), bytes);
        if let Some(Saved(bytes)) = reply.extensions().get() {
            self.counters.saved(*bytes);
        }
    }
}

/// The answer before anything is published.
pub(super) fn not_yet() -> Reply {
    let mut reply = plain(StatusCode::SERVICE_UNAVAILABLE, "nothing is published yet");
    reply.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
    reply
}
