//! When a source is due next, and which rule says so. Pure: state and settings in, a time out.
//!
//! ```text
//! due = last request + jitter(1.00..1.10) × max(rhythm or `every`, hints ≤ 24 h, backoff ≤ 24 h)
//! due = max(due, hold of the source, hold of its host, last request + floor)
//! due = the next hour that the feed does not ask to skip
//! ```

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::config::{FetchConfig, SourceAddress, SourceConfig};
use crate::store::{Due, DueRule, Hold, HostState, Rhythm, SourceState};
use crate::text::content_hash;

/// Least interval that is found from a source's rhythm, and the one of a source not known yet.
const LEAST: SignedDuration = SignedDuration::from_hours(1);
/// Longest interval that anything but feeds.toml asks for.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Silent for this long ⇒ at least that interval.
const SILENCES: [(SignedDuration, SignedDuration); 3] = [
    (SignedDuration::from_hours(30 * 24), SignedDuration::from_hours(24)),
    (SignedDuration::from_hours(14 * 24), SignedDuration::from_hours(12)),
    (SignedDuration::from_hours(7 * 24), SignedDuration::from_hours(6)),
];
/// Failing for this long is dead, …
const DEAD_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);
/// … if it failed this often in that time, …
const DEAD_FAILURES: u32 = 3;
/// … and is asked this often.
const DEAD_INTERVAL: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A kept time further ahead than this was kept under another setting of the clock.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(5);
/// No hold lasts longer.
const LONGEST_HOLD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Posts that the rhythm is taken from.
pub(crate) const RECENT_POSTS: usize = 20;

/// What feeds.toml says about the timing of one source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    every: Option<SignedDuration>,
    floor: SignedDuration,
}

impl Terms {
    pub(crate) fn of(source: &SourceConfig, fetch: &FetchConfig) -> Self {
        Self { every: source.every.or(fetch.every), floor: source.floor.unwrap_or(fetch.floor) }
    }
}

/// When the source is due, seen from `now`; `host_hold` is until when its host asked for rest.
pub(crate) fn due(state: &SourceState, host_hold: Option<Timestamp>, terms: Terms, now: Timestamp) -> Due {
    if state.gone_for_good {
        return Due { at: None, rule: DueRule::GoneForGood };
    }
    let (mut at, mut rule) = match state.last_request {
        None => (now, DueRule::FirstTime),
        Some(last) => by_interval(state, terms, last),
    };
    let mut not_before = |time: Timestamp, why: DueRule| {
        if time > at {
            (at, rule) = (time, why);
        }
    };
    if let Some(last) = state.last_request {
        not_before(later(last, terms.floor), DueRule::Floor);
    }
    if let Some(hold) = state.hold {
        not_before(hold.until, hold.rule);
    }
    if let Some(until) = host_hold {
        not_before(until, DueRule::HostHold);
    }
    match skipped_until(at, now, state.skip_hours, state.skip_days) {
        Some((until, why)) => Due { at: Some(until), rule: why },
        None => Due { at: Some(at), rule },
    }
}

/// How often the feed of `source` is asked for at present: its interval and what it says itself, without
/// failures and holds; `None`: it was not asked yet, or is a local file.
#[must_use]
pub fn asked_every(source: &SourceConfig, fetch: &FetchConfig, state: &SourceState) -> Option<SignedDuration> {
    let SourceAddress::Http(_) = source.address else { return None };
    let terms = Terms::of(source, fetch);
    let (own, _) = own_interval(state, terms, state.last_request?);
    let hints =
        [state.http_hint.map(|(hint, _)| hint), state.feed_hint].into_iter().flatten().map(|hint| hint.min(DAY));
    Some(hints.fold(own, SignedDuration::max).max(terms.floor))
}

/// What keeps even `--all` from asking a source at `now`: a server's own word. `None`: nothing.
pub(crate) fn forbidden(state: &SourceState, host_hold: Option<Timestamp>, now: Timestamp) -> Option<Due> {
    if state.gone_for_good {
        return Some(Due { at: None, rule: DueRule::GoneForGood });
    }
    let own = state.hold.filter(|hold| matches!(hold.rule, DueRule::RetryAfter | DueRule::TooManyRequests));
    let host = host_hold.map(|until| Hold { until, rule: DueRule::HostHold });
    let hold = [own, host].into_iter().flatten().filter(|hold| hold.until > now).max_by_key(|hold| hold.until)?;
    Some(Due { at: Some(hold.until), rule: hold.rule })
}

/// The rhythm of a source by the times of its newest posts, in any order; `None`: there are none.
pub(crate) fn rhythm(posts: &[Timestamp]) -> Option<Rhythm> {
    let mut posts = posts.to_vec();
    posts.sort_unstable_by(|a, b| b.cmp(a));
    posts.truncate(RECENT_POSTS);
    let newest = *posts.first()?;
    let mut gaps: Vec<SignedDuration> = posts.windows(2).map(|two| two[0].duration_since(two[1])).collect();
    gaps.sort_unstable();
    let median_gap = gaps.get(gaps.len() / 2).copied().unwrap_or(SignedDuration::ZERO);
    Some(Rhythm { median_gap, newest })
}

/// Cuts times short that can only come from another setting of the clock; says whether it did.
pub(crate) fn guard_clock(state: &mut SourceState, now: Timestamp) -> bool {
    let ahead = later(now, CLOCK_SLACK);
    let mut cut = false;
    for time in [&mut state.last_request, &mut state.last_success, &mut state.failing_since, &mut state.gone_since] {
        if time.is_some_and(|time| time > ahead) {
            *time = Some(now);
            cut = true;
        }
    }
    if let Some(moving) = state.moving.as_mut().filter(|moving| moving.since > ahead) {
        moving.since = now;
        cut = true;
    }
    if let Some(hold) = state.hold.as_mut().filter(|hold| hold.until > later(now, LONGEST_HOLD)) {
        hold.until = later(now, DAY);
        cut = true;
    }
    cut
}

/// As [`guard_clock`], for a host.
pub(crate) fn guard_host_clock(state: &mut HostState, now: Timestamp) -> bool {
    let cut = state.hold_until.is_some_and(|until| until > later(now, LONGEST_HOLD));
    if cut {
        state.hold_until = Some(later(now, DAY));
    }
    cut
}

/// `time + wait`, at most the end of time.
pub(crate) fn later(time: Timestamp, wait: SignedDuration) -> Timestamp {
    time.checked_add(wait).unwrap_or(Timestamp::MAX)
}

fn by_interval(state: &SourceState, terms: Terms, last: Timestamp) -> (Timestamp, DueRule) {
    let failing_for = state.failing_since.map_or(SignedDuration::ZERO, |since| last.duration_since(since));
    if failing_for >= DEAD_AFTER && state.failures >= DEAD_FAILURES {
        return (later(last, DEAD_INTERVAL), DueRule::Dead);
    }
    let (own, own_rule) = own_interval(state, terms, last);
    let mut longest = (own, own_rule);
    let http = state.http_hint;
    let feed = state.feed_hint.map(|hint| (hint, DueRule::FeedHint));
    let backoff = (state.failures > 0).then(|| (backoff(own, state.failures), DueRule::Backoff));
    for (wait, rule) in [http, feed, backoff].into_iter().flatten() {
        let wait = wait.min(DAY);
        if wait > longest.0 {
            longest = (wait, rule);
        }
    }
    (later(last, jittered(longest.0, state, last)), longest.1)
}

fn own_interval(state: &SourceState, terms: Terms, last: Timestamp) -> (SignedDuration, DueRule) {
    if let Some(every) = terms.every {
        return (every, DueRule::Every);
    }
    let Some(rhythm) = state.rhythm else { return (LEAST, DueRule::Rhythm) };
    let half = SignedDuration::from_secs(rhythm.median_gap.as_secs() / 2).clamp(LEAST, DAY);
    let silent_for = last.duration_since(rhythm.newest);
    match SILENCES.iter().find(|(silence, _)| silent_for >= *silence) {
        Some((_, least)) if *least > half => (*least, DueRule::Silent),
        _ => (half, DueRule::Rhythm),
    }
}

fn backoff(interval: SignedDuration, failures: u32) -> SignedDuration {
    // 2^11 minutes are more than a day already.
    interval.saturating_mul(1 << failures.min(11)).min(DAY)
}

/// `wait` × 1.00 to 1.10, so that sources spread out; nothing is stretched beyond a day. The same
/// source after the same request gives the same factor.
fn jittered(wait: SignedDuration, state: &SourceState, last: Timestamp) -> SignedDuration {
    if wait >= DAY {
        return wait;
    }
    let mut seed = state.id.as_str().as_bytes().to_vec();
    seed.extend_from_slice(&last.as_second().to_le_bytes());
    let hash = content_hash(&seed);
    let thousandths = i64::from(u16::from_le_bytes([hash[0], hash[1]])) * 100 / i64::from(u16::MAX);
    let seconds = wait.as_secs().saturating_mul(1000 + thousandths) / 1000;
    SignedDuration::from_secs(seconds).min(DAY)
}

/// The end of the hours or days to skip (GMT), where `at` (or `now`, if that is later) lies in them;
/// never more than a day after `at` because of it.
fn skipped_until(at: Timestamp, now: Timestamp, hours: u32, days: u8) -> Option<(Timestamp, DueRule)> {
    if hours == 0 && days == 0 {
        return None;
    }
    let last_moment = later(at, DAY);
    let mut time = at.max(now);
    let mut why = None;
    while time < last_moment {
        let civil = TimeZone::UTC.to_datetime(time);
        let rule = if hours >> civil.hour() & 1 == 1 {
            DueRule::SkipHours
        } else if days >> civil.date().weekday().to_monday_zero_offset() & 1 == 1 {
            DueRule::SkipDays
        } else {
            break;
        };
        why = Some(rule);
        let next_hour = (time.as_second().div_euclid(3600) + 1) * 3600;
        time = Timestamp::from_second(next_hour).unwrap_or(Timestamp::MAX).min(last_moment);
    }
    why.map(|rule| (time, rule))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceId;

    const TERMS: Terms = Terms { every: None, floor: SignedDuration::from_mins(30) };

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}:00Z").parse().unwrap()
    }

    /// Asked at noon on Tuesday the third.
    fn asked() -> SourceState {
        let id = SourceId::new("a").unwrap();
        SourceState { last_request: Some(at("03T12:00")), ..SourceState::new(id, String::new(), String::new()) }
    }

    fn hours(h: i64) -> SignedDuration {
        SignedDuration::from_hours(h)
    }

    /// The wait in hours lies between `least` and 1.1 times that, by `rule`.
    #[track_caller]
    fn waits(state: &SourceState, terms: Terms, least_h: i64, rule: DueRule) {
        let last = state.last_request.unwrap();
        let due = due(state, None, terms, last);
        let wait = due.at.unwrap().duration_since(last);
        let most = SignedDuration::from_secs(least_h * 3600 * 11 / 10).min(hours(24).max(hours(least_h)));
        assert!(hours(least_h) <= wait && wait <= most, "waits {wait:?} by {:?}", due.rule);
        assert_eq!(due.rule, rule);
    }

    #[test]
    fn a_source_never_asked_is_due() {
        let state = SourceState { last_request: None, ..asked() };
        let due = due(&state, None, TERMS, at("03T12:00"));
        assert!(due.at.unwrap() <= at("03T12:00"));
        assert_eq!(due.rule, DueRule::FirstTime);
    }

    #[test]
    fn the_rhythm_is_half_the_usual_gap_between_an_hour_and_a_day() {
        waits(&asked(), TERMS, 1, DueRule::Rhythm);
        for (gap_h, want_h) in [(0, 1), (1, 1), (8, 4), (100, 24)] {
            let rhythm = Rhythm { median_gap: hours(gap_h), newest: at("03T11:00") };
            waits(&SourceState { rhythm: Some(rhythm), ..asked() }, TERMS, want_h, DueRule::Rhythm);
        }
    }

    #[test]
    fn the_silent_are_asked_less_often() {
        let newest = |days: i64| at("03T12:00").checked_sub(hours(days * 24)).unwrap();
        for (days, want_h) in [(7, 6), (14, 12), (30, 24), (400, 24)] {
            let rhythm = Rhythm { median_gap: hours(1), newest: newest(days) };
            waits(&SourceState { rhythm: Some(rhythm), ..asked() }, TERMS, want_h, DueRule::Silent);
        }
        let rhythm = Rhythm { median_gap: hours(40), newest: newest(8) };
        waits(&SourceState { rhythm: Some(rhythm), ..asked() }, TERMS, 20, DueRule::Rhythm);
    }

    #[test]
    fn every_takes_the_place_of_the_rhythm_and_may_be_longer_than_a_day() {
        let every = |h| Terms { every: Some(hours(h)), ..TERMS };
        let rhythm = Some(Rhythm { median_gap: hours(20), newest: at("03T11:00") });
        waits(&SourceState { rhythm, ..asked() }, every(2), 2, DueRule::Every);
        waits(&asked(), every(48), 48, DueRule::Every);
    }

    #[test]
    fn hints_stretch_the_wait_up_to_a_day() {
        let http = |h| SourceState { http_hint: Some((hours(h), DueRule::MaxAge)), ..asked() };
        waits(&http(6), TERMS, 6, DueRule::MaxAge);
        waits(&http(1000), TERMS, 24, DueRule::MaxAge);
        waits(&http(0), TERMS, 1, DueRule::Rhythm);
        waits(&SourceState { feed_hint: Some(hours(12)), ..http(6) }, TERMS, 12, DueRule::FeedHint);
    }

    #[test]
    fn the_wait_doubles_with_each_failure_up_to_a_day() {
        for (failures, want_h) in [(1, 2), (2, 4), (3, 8), (4, 16), (5, 24), (4_000_000_000, 24)] {
            waits(&SourceState { failures, ..asked() }, TERMS, want_h, DueRule::Backoff);
        }
    }

    #[test]
    fn failing_for_a_month_is_dead_and_asked_weekly() {
        let since = at("03T12:00").checked_sub(hours(30 * 24)).ok();
        let state = SourceState { failures: 40, failing_since: since, ..asked() };
        let due = due(&state, None, TERMS, at("03T12:00"));
        assert_eq!((due.at, due.rule), (Some(at("10T12:00")), DueRule::Dead));
        waits(&SourceState { failures: 1, ..state }, TERMS, 2, DueRule::Backoff);
    }

    #[test]
    fn floor_and_holds_come_last() {
        let soon = Terms { every: Some(SignedDuration::from_mins(1)), ..TERMS };
        let last = at("03T12:00");
        let plain = due(&asked(), None, soon, last);
        assert_eq!((plain.at, plain.rule), (Some(at("03T12:30")), DueRule::Floor));
        let held = SourceState { hold: Some(Hold { until: at("04T00:00"), rule: DueRule::RetryAfter }), ..asked() };
        assert_eq!(due(&held, None, soon, last).rule, DueRule::RetryAfter);
        let host = due(&held, Some(at("05T00:00")), soon, last);
        assert_eq!((host.at, host.rule), (Some(at("05T00:00")), DueRule::HostHold));
    }

    #[test]
    fn all_overrides_the_floor_but_not_a_servers_word() {
        let now = at("03T12:01");
        assert_eq!(forbidden(&asked(), None, now), None);
        let with = |rule| SourceState { hold: Some(Hold { until: at("03T13:00"), rule }), ..asked() };
        assert_eq!(forbidden(&with(DueRule::Forbidden), None, now), None);
        assert_eq!(forbidden(&with(DueRule::RetryAfter), None, now).unwrap().rule, DueRule::RetryAfter);
        assert_eq!(forbidden(&with(DueRule::RetryAfter), None, at("03T13:00")), None);
        assert_eq!(forbidden(&asked(), Some(at("03T13:00")), now).unwrap().rule, DueRule::HostHold);
        assert_eq!(forbidden(&SourceState { gone_for_good: true, ..asked() }, None, now).unwrap().at, None);
    }

    #[track_caller]
    fn skips(hours: &[u32], days: &[u8], now: &str, want: &str, rule: DueRule) {
        let state = SourceState {
            skip_hours: hours.iter().fold(0, |bits, h| bits | 1 << h),
            skip_days: days.iter().fold(0, |bits, d| bits | 1 << d),
            last_request: Some(at("03T09:00")),
            ..asked()
        };
        let terms = Terms { every: Some(SignedDuration::from_hours(24)), ..TERMS };
        let due = due(&state, None, terms, at(now));
        assert_eq!((due.at.unwrap(), due.rule), (at(want), rule));
    }

    #[test]
    fn hours_and_days_to_skip_are_waited_out_but_never_more_than_a_day() {
        // due on Wednesday the fourth at 09:00
        skips(&[10], &[], "03T09:00", "04T09:00", DueRule::Every);
        skips(&[9], &[], "03T09:00", "04T10:00", DueRule::SkipHours);
        skips(&[9, 10], &[], "03T09:00", "04T11:00", DueRule::SkipHours);
        skips(&[], &[2], "03T09:00", "05T00:00", DueRule::SkipDays);
        skips(&[9], &[2], "03T09:00", "05T00:00", DueRule::SkipDays);
        skips(&[], &[2, 3], "03T09:00", "05T09:00", DueRule::SkipDays);
        // it was due, and the hour of this run is to be skipped
        skips(&[15], &[], "04T15:30", "04T16:00", DueRule::SkipHours);
        skips(&[15], &[], "05T15:30", "04T09:00", DueRule::Every);
    }

    #[test]
    fn the_clock_guard_cuts_what_lies_in_the_future() {
        let now = at("03T12:00");
        let mut state = SourceState {
            last_request: Some(at("20T12:00")),
            hold: Some(Hold { until: at("25T12:00"), rule: DueRule::RetryAfter }),
            ..asked()
        };
        assert!(guard_clock(&mut state, now));
        assert!(due(&state, None, TERMS, now).at.unwrap() <= at("04T12:00"));
        assert!(due(&state, None, TERMS, now).at.unwrap() > now, "no burst");
        assert!(!guard_clock(&mut state, now), "once is enough");
        assert!(!guard_clock(&mut asked(), now));
    }

    #[test]
    fn the_rhythm_is_the_median_of_the_last_gaps() {
        let posts = [at("03T12:00"), at("03T10:00"), at("03T09:00"), at("01T00:00")];
        assert_eq!(rhythm(&posts), Some(Rhythm { median_gap: hours(2), newest: at("03T12:00") }));
        assert_eq!(rhythm(&posts[..1]).unwrap().median_gap, SignedDuration::ZERO);
        assert_eq!(rhythm(&[]), None);
    }

    proptest::proptest! {
        #[test]
        fn no_state_is_due_before_the_floor_or_later_than_a_week(
            failures: u32, gap in 0_i64..10_000_000, hint in -10_i64..10_000_000_000, hours: u32, days: u8, now in 0_i64..100_000,
        ) {
            let last = asked().last_request.unwrap();
            let state = SourceState {
                failures,
                rhythm: Some(Rhythm { median_gap: SignedDuration::from_secs(gap), newest: last }),
                http_hint: Some((SignedDuration::from_secs(hint), DueRule::MaxAge)),
                skip_hours: hours,
                skip_days: days,
                ..asked()
            };
            let wait = due(&state, None, TERMS, later(last, SignedDuration::from_secs(now))).at.unwrap().duration_since(last);
            proptest::prop_assert!(wait >= LEAST && wait <= DAY + DAY);
        }
    }
}
