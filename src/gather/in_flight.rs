//! The attempts that are under way: the workers of this crawler, each busy with one request.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::{AbortHandle, Id};
use tokio::time::Instant;

use super::fetch::Waited;
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
    pub(super) pulse: Arc<Pulse>,
    /// It was cut off after this long, so that others get a place.
    pub(super) cut_off: Option<Duration>,
}

/// What an attempt lets others see while it is under way.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// Whether its answer is complete: then it is only being read.
    pub(super) is_answered: AtomicBool,
    /// How long its body waited for its place, which is no fault of its server.
    pub(super) waited: Waited,
}

impl Begun {
    /// When it would have begun had its body not waited for its place.
    fn served_since(&self) -> Instant {
        self.at + self.pulse.waited.so_far()
    }
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
            is_meant && begun.cut_off.is_none() && !begun.pulse.is_answered.load(Ordering::Relaxed)
        };
        let longest = self.0.values_mut().filter(may_go).min_by_key(|begun| begun.served_since())?;
        let since = longest.served_since();
        let waited = now.saturating_duration_since(since);
        if waited < patience {
            return Some(since + patience);
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

#[cfg(test)]
mod tests {
    use super::super::request::{HostFile, HostFileTarget};
    use super::super::standing::Visit;
    use super::*;

    #[tokio::test]
    async fn who_waited_for_a_place_is_not_cut_off_for_that() {
        let standing = Standing { share: Share::Any, visit: Visit::Guest };
        let target =
            || Target::HostFile(HostFileTarget { host: "a.example".to_owned(), file: HostFile::Robots, standing });
        let url: url::Url = "https://a.example/".parse().unwrap();
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        let begun = |ago: u32, waited: u32| Begun {
            host: 0,
            at: now - second * ago,
            standing,
            target: target(),
            attempt: Task::new(target(), url.clone(), second).attempt,
            abort: tokio::spawn(std::future::pending::<()>()).abort_handle(),
            pulse: Arc::new(Pulse { waited: Waited::of(second * waited), ..Pulse::default() }),
            cut_off: None,
        };
        let mut in_flight = InFlight::default();
        in_flight.insert(begun(9, 8));
        assert_eq!(in_flight.cut_off(None, second * 3, now), Some(now + second * 2));
        in_flight.insert(begun(4, 0));
        assert!(in_flight.cut_off(None, second * 3, now).is_some());
        let cut_off: Vec<_> = in_flight.0.values().filter_map(|begun| begun.cut_off).collect();
        assert_eq!(cut_off, [second * 4]);
    }
}
