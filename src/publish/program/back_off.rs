//! How long a program that fails is left alone.

use jiff::{SignedDuration, Timestamp};

/// After the first failure; twice as long after each further one …
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(5);
/// … up to this.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(6);

/// When to try again after a failure at `failed`, which followed `before` others.
pub(in crate::publish) fn again_after(failed: Timestamp, before: u32) -> Option<Timestamp> {
    let wait = FIRST_WAIT.saturating_mul(2_i32.saturating_pow(before.min(16))).min(LONGEST_WAIT);
    failed.checked_add(wait).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_doubles_the_wait_up_to_six_hours() {
        let failed = Timestamp::from_second(1_000).unwrap();
        let minutes = |before| again_after(failed, before).unwrap().duration_since(failed).as_mins();
        for (before, wait) in [(0, 5), (1, 10), (2, 20), (6, 320), (7, 360), (16, 360), (u32::MAX, 360)] {
            assert_eq!(minutes(before), wait, "after {before}");
        }
        assert_eq!(again_after(Timestamp::MAX, 0), None);
    }
}
