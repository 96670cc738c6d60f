//! How long an attempt may wait for its answer while others wait for a place. Pure.

use std::time::Duration;

/// What is left of a run, and for how many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crowd {
    /// Until the run's deadline.
    pub(super) left: Duration,
    /// Places in flight for these.
    pub(super) places: usize,
    /// Hosts that wait for one of them.
    pub(super) waiting: usize,
    /// Time limit of one request.
    pub(super) timeout: Duration,
}

/// No attempt is cut off before it had this part of the time limit, …
const LEAST_PART: u32 = 16;
/// … or this much.
const LEAST: Duration = Duration::from_millis(100);
/// The part of the run's time that is shared out; the rest is for the last answers and what is made of them.
const SHARED_OUT: f64 = 0.9;

impl Crowd {
    /// Each attempt's fair share of a place, if the time would not suffice for all at the full time limit;
    /// `None`: it would.
    ///
    /// So sources that hang are asked and given up in time for those queued behind them.
    pub(super) fn patience(self) -> Option<Duration> {
        let waiting = u32::try_from(self.waiting.saturating_add(self.places)).unwrap_or(u32::MAX).max(1);
        let places = u32::try_from(self.places).unwrap_or(u32::MAX).max(1);
        let share = self.left.mul_f64(SHARED_OUT).saturating_mul(places) / waiting;
        let least = (self.timeout / LEAST_PART).max(LEAST);
        (share < self.timeout).then(|| share.max(least)).filter(|patience| *patience < self.timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(left_s: u64, places: usize, waiting: usize, timeout_s: u64, want_ms: Option<u128>) {
        let crowd =
            Crowd { left: Duration::from_secs(left_s), places, waiting, timeout: Duration::from_secs(timeout_s) };
        assert_eq!(crowd.patience().map(|time| time.as_millis()), want_ms, "{crowd:?}");
    }

    #[test]
    fn the_time_is_shared_out_where_it_would_not_last() {
        check(600, 16, 100, 30, None);
        check(600, 16, 2, 30, None);
        check(600, 16, 984, 30, Some(8640));
        check(600, 16, 9_984, 30, Some(1875));
        check(5, 8, 62, 2, Some(514));
        check(5, 8, 1_000, 2, Some(125));
        check(5, 1, 100, 1, Some(100));
        check(0, 8, 10, 2, Some(125));
    }
}
