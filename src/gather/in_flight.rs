//! The attempts that are under way: the workers of this crawler, each busy with one request.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::{AbortHandle, Id};
use tokio::time::Instant;

use super::request::Target;
use super::standing::{Share, Standing};
use super::task::{Attempt, Task};

/// Every attempt that is running: what remains if one dies.
#[derive(Default)]
pub(super) struct InFlight(HashMap<Id, Begun>);

/// One of them.
pub(super) struct Begun {
    /// The host's number.
    pub(super) host: usize,
    pub(super) at: Instant,
    pub(super) standing: Standing,
    pub(super) target: Target,
    pub(super) attempt: Attempt,
    pub(super) abort: AbortHandle,
    /// Whether its answer is complete: then it is only being read.
    pub(super) answered: Arc<AtomicBool>,
    /// It was cut off after this long, so that others get a place.
    pub(super) cut_off: Option<Duration>,
}

impl InFlight {
    pub(super) fn insert(&mut self, begun: Begun) {
        self.0.insert(begun.abort.id(), begun);
    }

    pub(super) fn remove(&mut self, id: Id) -> Option<Begun> {
        self.0.remove(&id)
    }

    /// How many have this share.
    pub(super) fn with(&self, share: Share) -> usize {
        self.0.values().filter(|begun| begun.standing.share == share).count()
    }

    /// Cuts off the attempt that has waited longest for its answer, of those with this share or of all, if it has been
    /// waiting that long; returns when to look again. `None`: there is none to be cut off.
    pub(super) fn cut_off(&mut self, share: Option<Share>, patience: Duration, now: Instant) -> Option<Instant> {
        let may_go = |begun: &&mut Begun| {
            let is_meant = share.is_none_or(|share| begun.standing.share == share);
            is_meant && begun.cut_off.is_none() && !begun.answered.load(Ordering::Relaxed)
        };
        let longest = self.0.values_mut().filter(may_go).min_by_key(|begun| begun.at)?;
        let waited = now.saturating_duration_since(longest.at);
        if waited < patience {
            return Some(longest.at + patience);
        }
        longest.cut_off = Some(waited);
        longest.abort.abort();
        Some(now + patience / 4)
    }

    /// All of them, as they were when they began.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Task> {
        self.0.drain().map(|(_, begun)| Task { target: begun.target, attempt: begun.attempt })
    }
}
