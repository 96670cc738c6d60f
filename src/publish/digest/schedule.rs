//! When issues are due: at a time of day of a place, whatever its clocks do.

use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::config::Digest;

/// Days looked at for one on which an issue is due.
const DAYS: i8 = 8;

/// An issue that is due: on which day of the place, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) date: Date,
    pub(super) at: Timestamp,
}

/// The last issue that was due at `now`. Those before it that were missed are made up for by it.
pub(super) fn last_due(digest: &Digest, now: Timestamp) -> Option<Due> {
    let today = digest.zone.to_datetime(now).date();
    // Where clocks go over midnight, the day after may have begun.
    days(today.checked_add(1.day()).ok()?, -1).filter_map(|date| due(digest, date)).find(|due| due.at <= now)
}

/// The one before the one that was due at `time`.
pub(super) fn last_due_before(digest: &Digest, time: Timestamp) -> Option<Timestamp> {
    Some(last_due(digest, time.checked_sub(jiff::SignedDuration::from_secs(1)).ok()?)?.at)
}

/// When the next one is due after `now`.
pub(super) fn next_due(digest: &Digest, now: Timestamp) -> Option<Timestamp> {
    let today = digest.zone.to_datetime(now).date();
    days(today.checked_sub(1.day()).ok()?, 1)
        .filter_map(|date| due(digest, date))
        .map(|due| due.at)
        .find(|at| *at > now)
}

fn days(from: Date, step: i8) -> impl Iterator<Item = Date> {
    (0..DAYS + 2).filter_map(move |days| from.checked_add(i64::from(days * step).days()).ok())
}

/// A time that the clocks skip is that much later; of one that comes twice, the first counts.
fn due(digest: &Digest, date: Date) -> Option<Due> {
    if digest.weekday.is_some_and(|weekday| date.weekday() != weekday) {
        return None;
    }
    let at = digest.zone.to_timestamp(date.to_datetime(digest.at)).ok()?;
    Some(Due { date, at })
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Time, Weekday, time};
    use jiff::tz::TimeZone;

    use super::*;

    fn digest(zone: &str, at: Time, weekday: Option<Weekday>) -> Digest {
        Digest { weekday, at, zone: TimeZone::get(zone).unwrap(), sections: Vec::new() }
    }

    #[track_caller]
    fn check(digest: &Digest, now: &str, date: &str, at: &str, next: &str) {
        let now: Timestamp = now.parse().unwrap();
        let due = last_due(digest, now).unwrap();
        assert_eq!((due.date.to_string(), due.at.to_string()), (date.to_owned(), at.to_owned()), "{now}");
        assert_eq!(next_due(digest, now).unwrap().to_string(), next, "{now}");
    }

    #[test]
    fn an_issue_is_due_at_its_time_on_the_clocks_of_its_place() {
        let berlin = digest("Europe/Berlin", time(7, 0, 0, 0), None);
        check(&berlin, "2026-11-27T05:59:59Z", "2026-11-26", "2026-11-26T06:00:00Z", "2026-11-27T06:00:00Z");
        check(&berlin, "2026-11-27T06:00:00Z", "2026-11-27", "2026-11-27T06:00:00Z", "2026-11-28T06:00:00Z");
        check(&berlin, "2026-07-01T05:00:00Z", "2026-07-01", "2026-07-01T05:00:00Z", "2026-07-02T05:00:00Z");
        let auckland = digest("Pacific/Auckland", time(0, 0, 0, 0), Some(Weekday::Monday));
        check(&auckland, "2026-11-27T12:00:00Z", "2026-11-23", "2026-11-22T11:00:00Z", "2026-11-29T11:00:00Z");
    }

    #[test]
    fn a_time_that_the_clocks_skip_or_repeat_is_one_moment() {
        let night = digest("Europe/Berlin", time(2, 30, 0, 0), None);
        // 29 March 2026: 02:30 does not exist; 25 October: it comes twice.
        check(&night, "2026-03-29T01:30:00Z", "2026-03-29", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z");
        check(&night, "2026-03-29T01:29:59Z", "2026-03-28", "2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z");
        check(&night, "2026-10-25T00:30:00Z", "2026-10-25", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
        check(&night, "2026-10-25T01:40:00Z", "2026-10-25", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
        // Samoa had no 30 December 2011.
        let apia = digest("Pacific/Apia", time(7, 0, 0, 0), None);
        let due = last_due(&apia, "2011-12-30T18:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(due.date.to_string(), "2011-12-31");
    }
}
