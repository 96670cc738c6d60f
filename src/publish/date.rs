//! The date that a story carries.

use jiff::{SignedDuration, Timestamp};

/// A date before first sight is believed up to this far back.
const BACKDATED: SignedDuration = SignedDuration::from_hours(48);

/// The date of a story that opens with an entry `published` then, by its own date, and first seen at `first_seen`: its
/// own date, between 48 hours before we saw it and that moment.
pub(super) fn story_date(published: Option<Timestamp>, first_seen: Timestamp) -> Timestamp {
    let earliest = first_seen.saturating_sub(BACKDATED).unwrap_or(first_seen);
    published.unwrap_or(first_seen).clamp(earliest, first_seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(published: Option<&str>, want: &str) {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(story_date(published.map(time), time("2026-11-03T10:00:00Z")), time(want));
    }

    #[test]
    fn a_date_is_the_publishers_within_two_days_before_we_saw_it() {
        check(Some("2026-11-03T09:00:00Z"), "2026-11-03T09:00:00Z");
        check(Some("2026-11-01T10:00:00Z"), "2026-11-01T10:00:00Z");
        check(Some("2026-11-01T09:59:59Z"), "2026-11-01T10:00:00Z");
        check(Some("1970-01-01T00:00:00Z"), "2026-11-01T10:00:00Z");
        check(Some("2099-01-01T00:00:00Z"), "2026-11-03T10:00:00Z");
        check(None, "2026-11-03T10:00:00Z");
    }
}
