//! The date that a story carries.

use jiff::Timestamp;

/// 1990-01-01: no feed is older, and 1970 is what a broken clock says.
const OLDEST: i64 = 631_152_000;

/// The date of a story led by an entry `published` then, according to its publisher, and first seen at
/// `first_seen`: the publisher's, but never in the future; one before 1990 does not count.
#[must_use]
pub(crate) fn story_date(published: Option<Timestamp>, first_seen: Timestamp) -> Timestamp {
    published.filter(|published| published.as_second() >= OLDEST).unwrap_or(first_seen).min(first_seen)
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
    fn a_date_is_the_publishers_however_old_and_never_in_the_future() {
        check(Some("2026-11-03T09:00:00Z"), "2026-11-03T09:00:00Z");
        check(Some("2026-11-01T10:00:00Z"), "2026-11-01T10:00:00Z");
        check(Some("2021-11-01T09:59:59Z"), "2021-11-01T09:59:59Z");
        check(Some("1970-01-01T00:00:00Z"), "2026-11-03T10:00:00Z");
        check(Some("1989-12-31T23:59:59Z"), "2026-11-03T10:00:00Z");
        check(Some("2099-01-01T00:00:00Z"), "2026-11-03T10:00:00Z");
        check(None, "2026-11-03T10:00:00Z");
    }
}
