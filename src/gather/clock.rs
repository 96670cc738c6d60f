//! The clock of a run.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// The run's clock: a given start and the real time since.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    now: Timestamp,
    began: Instant,
}

impl Clock {
    pub(crate) fn starting_at(now: Timestamp) -> Self {
        Self { now, began: Instant::now() }
    }

    pub(crate) fn at(&self, moment: Instant) -> Timestamp {
        let since =
            SignedDuration::try_from(moment.saturating_duration_since(self.began)).unwrap_or(SignedDuration::MAX);
        self.now.checked_add(since).unwrap_or(Timestamp::MAX)
    }

    pub(crate) fn took(&self) -> Duration {
        self.began.elapsed()
    }

    /// The moment at which this much of the run has passed.
    pub(crate) fn after(&self, time: Duration) -> Instant {
        self.began + time
    }
}
