//! When a source is due next, and which rule decides. Pure: state and settings in, a time out.
//!
//! ```text
//! due = last request + jitter(1.00..1.10) × max(rhythm or `every`, 24 h while it is pushed, hints ≤ 24 h, backoff ≤ 24 h)
//! due = max(due, hold of the source, hold of its host, last request + floor)
//! due = the next hour that the feed does not ask to skip
//! ```

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::config::{FetchConfig, SourceAddress, SourceConfig};
use crate::store::{Due, DueRule, Hold, HostState, Rhythm, SourceState};
use crate::text::content_hash;

/// Least interval derived from a source's rhythm, and that of a source not known yet.
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
/// A recorded time further ahead than this was recorded under a different setting of the clock.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(5);
/// No hold lasts longer.
const LONGEST_HOLD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Most posts that the rhythm is derived from.
pub(crate) const RECENT_POSTS: usize = 20;

/// What feeds.toml states about the timing of one source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    every: Option<SignedDuration>,
    /// Least time between two requests.
    pub(crate) floor: SignedDuration,
}

impl Terms {
    pub(crate) fn of(source: &SourceConfig, fetch: &FetchConfig) -> Self {
        Self { every: source.every.or(fetch.every), floor: source.floor.unwrap_or(fetch.floor) }
    }
}

/// When the source is due, seen from `now`; `host_hold` is until when its host asked for a rest.
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

/// How often the feed of `source` is currently asked for: its interval and what it states itself, without
/// failures and holds; `None`: it was not asked yet, or is a local file.
#[must_use]
pub(crate) fn asked_every(source: &SourceConfig, fetch: &FetchConfig, state: &SourceState) -> Option<SignedDuration> {
    let SourceAddress::Http(_) = source.address else { return None };
    let terms = Terms::of(source, fetch);
    let (own, _) = own_interval(state, terms, state.last_request?);
    let hints =
        [state.http_hint.map(|(hint, _)| hint), state.feed_hint].into_iter().flatten().map(|hint| hint.min(DAY));
    Some(hints.fold(own, SignedDuration::max).max(terms.floor))
}

/// What keeps even `--all` from asking a source at `now`: a server's own request. `None`: nothing.
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

/// How far the clock was set back since the last request of a source; zero: it was not.
pub(crate) fn set_back_by(state: &SourceState, now: Timestamp) -> SignedDuration {
    let ahead = later(now, CLOCK_SLACK);
    let last = state.last_request.filter(|last| *last > ahead);
    last.map_or(SignedDuration::ZERO, |last| last.duration_since(now))
}

/// Cuts short times that can only come from a different setting of the clock; returns whether it did.
///
/// A hold is as old as the last request, so it moves with the clock and lasts as long as was asked for.
pub(crate) fn guard_clock(state: &mut SourceState, now: Timestamp) -> bool {
    let ahead = later(now, CLOCK_SLACK);
    let set_back_by = set_back_by(state, now);
    let mut cut = false;
    if let Some(hold) = &mut state.hold {
        hold.until = earlier(hold.until, set_back_by);
    }
    let SourceState { last_request, last_success, vouched, failing_since, gone_since, .. } = &mut *state;
    for time in [last_request, last_success, vouched, failing_since, gone_since] {
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

/// As [`guard_clock`], for a host one of whose sources was asked before the clock was `set_back_by` this much.
pub(crate) fn guard_host_clock(state: &mut HostState, set_back_by: SignedDuration, now: Timestamp) -> bool {
    let Some(until) = state.hold_until.filter(|until| *until > now) else { return false };
    let moved = earlier(until, set_back_by);
    let kept = if moved > later(now, LONGEST_HOLD) { later(now, DAY) } else { moved };
    state.hold_until = Some(kept);
    kept != until
}

/// `time + wait`, at most the end of time.
pub(crate) fn later(time: Timestamp, wait: SignedDuration) -> Timestamp {
    time.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// `time - wait`, at least the beginning of time.
fn earlier(time: Timestamp, wait: SignedDuration) -> Timestamp {
    time.checked_sub(wait).unwrap_or(Timestamp::MIN)
}

fn by_interval(state: &SourceState, terms: Terms, last: Timestamp) -> (Timestamp, DueRule) {
    let failing_for = state.failing_since.map_or(SignedDuration::ZERO, |since| last.duration_since(since));
    if failing_for >= DEAD_AFTER && state.failures >= DEAD_FAILURES {
        return (later(last, DEAD_INTERVAL), DueRule::Dead);
    }
    let (own, own_rule) = own_interval(state, terms, last);
    let mut longest = (own, own_rule);
    if let Some(wait) = pushed_wait(state, last).filter(|wait| *wait > own) {
        longest = (wait, DueRule::Pushed);
    }
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

/// How long a source is left alone whose entries are pushed: a day, and not beyond its lease. `None`: they are not.
fn pushed_wait(state: &SourceState, last: Timestamp) -> Option<SignedDuration> {
    let left = state.pushed_until?.duration_since(last);
    left.is_positive().then(|| left.min(DAY))
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

/// `wait` × 1.00 to 1.10, so that sources spread out. The same source after the same request gets the same factor.
///
/// Only upwards, for failures too: a doubled wait is a promise to a server in trouble, as a hint is, and half of a
/// ± 10 % would break it. Nothing is stretched beyond a day, the longest that a source is kept waiting; what waits a
/// day stays spread as its last requests were, one after the other at each host.
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

/// The end of the hours or days to skip (GMT), if `at` (or `now`, if that is later) falls within them;
/// never more than a day after `at` because of them.
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

    /// One row: what is known about a source, and when it is due by which rule.
    ///
    /// The last request was on Tuesday the third at 12:00 GMT, and all times count from it. Words:
    /// `gap` `newest` its rhythm · `every` `floor` feeds.toml · `max-age` `expires` `ttl` hints · `fails` in a
    /// row, since `failing` · `pushed` until then · `hold` `forbidden` `challenge` `gone` `429` the source's hold, `host` its host's ·
    /// `hours` `days` to skip · `now`. What is due `at 2h` is so after 2 h to 2 h 12 min (the jitter), what is due
    /// `sharp 2h` after 2 h to the second.
    const ROWS: [(&str, &str, &str); 91] = [
        // the first time
        ("never", "sharp 0m", "first-time"),
        ("never hold=5h", "sharp 5h", "retry-after"),
        ("never host=3h", "sharp 3h", "host-hold"),
        // its own rhythm: half the usual gap, between an hour and a day
        ("", "at 1h", "rhythm"),
        ("gap=0m newest=0h", "at 1h", "rhythm"),
        ("gap=1h newest=0h", "at 1h", "rhythm"),
        ("gap=2h newest=0h", "at 1h", "rhythm"),
        ("gap=3h newest=0h", "at 90m", "rhythm"),
        ("gap=8h newest=0h", "at 4h", "rhythm"),
        ("gap=46h newest=0h", "at 23h", "rhythm"),
        ("gap=48h newest=0h", "sharp 24h", "rhythm"),
        ("gap=100d newest=0h", "sharp 24h", "rhythm"),
        // the silent
        ("gap=1h newest=6d", "at 1h", "rhythm"),
        ("gap=1h newest=7d", "at 6h", "silent"),
        ("gap=1h newest=13d", "at 6h", "silent"),
        ("gap=1h newest=14d", "at 12h", "silent"),
        ("gap=1h newest=30d", "sharp 24h", "silent"),
        ("gap=1h newest=900d", "sharp 24h", "silent"),
        ("gap=40h newest=8d", "at 20h", "rhythm"),
        ("gap=12h newest=8d", "at 6h", "rhythm"),
        // `every` takes the place of both, and may be longer than a day
        ("every=2h", "at 2h", "every"),
        ("every=2h gap=20h newest=0h", "at 2h", "every"),
        ("every=2h gap=1h newest=30d", "at 2h", "every"),
        ("every=48h", "sharp 48h", "every"),
        ("every=30d", "sharp 30d", "every"),
        ("every=45m", "at 45m", "every"),
        // the floor
        ("every=1m", "sharp 30m", "floor"),
        ("every=20m", "sharp 30m", "floor"),
        ("every=1m floor=1m", "at 1m", "every"),
        ("every=1m floor=5m", "sharp 5m", "floor"),
        ("floor=3h", "sharp 3h", "floor"),
        // what server and feed state about themselves, at most a day
        ("max-age=6h", "at 6h", "max-age"),
        ("max-age=30m", "at 1h", "rhythm"),
        ("max-age=0m", "at 1h", "rhythm"),
        ("max-age=24h", "sharp 24h", "max-age"),
        ("max-age=900d", "sharp 24h", "max-age"),
        ("expires=3h", "at 3h", "expires"),
        ("ttl=3h", "at 3h", "feed-hint"),
        ("ttl=12h max-age=6h", "at 12h", "feed-hint"),
        ("ttl=6h max-age=12h", "at 12h", "max-age"),
        ("ttl=6h max-age=6h", "at 6h", "max-age"),
        ("ttl=900d", "sharp 24h", "feed-hint"),
        ("gap=20h newest=0h max-age=6h", "at 10h", "rhythm"),
        ("every=2h max-age=6h", "at 6h", "max-age"),
        ("every=2h ttl=6h", "at 6h", "feed-hint"),
        ("every=48h max-age=900d", "sharp 48h", "every"),
        // failures double the wait up to a day
        ("fails=1", "at 2h", "backoff"),
        ("fails=2", "at 4h", "backoff"),
        ("fails=3", "at 8h", "backoff"),
        ("fails=4", "at 16h", "backoff"),
        ("fails=5", "sharp 24h", "backoff"),
        ("fails=4000000000", "sharp 24h", "backoff"),
        ("fails=1 gap=8h newest=0h", "at 8h", "backoff"),
        ("fails=1 gap=23h newest=0h", "at 23h", "backoff"),
        ("fails=1 every=2h", "at 4h", "backoff"),
        ("fails=1 every=10m", "sharp 30m", "floor"),
        ("fails=1 every=48h", "sharp 48h", "every"),
        ("fails=1 max-age=6h", "at 6h", "max-age"),
        ("fails=3 max-age=6h", "at 8h", "backoff"),
        // … and after a month of them it is dead
        ("fails=40 failing=29d", "sharp 24h", "backoff"),
        ("fails=40 failing=30d", "sharp 7d", "dead"),
        ("fails=2 failing=30d", "at 4h", "backoff"),
        ("fails=40 failing=30d every=1h", "sharp 7d", "dead"),
        ("fails=40 failing=30d hold=8d", "sharp 8d", "retry-after"),
        // a server's own request, and its host's
        ("hold=2h", "sharp 2h", "retry-after"),
        ("hold=30m", "at 1h", "rhythm"),
        ("429=4h fails=1", "sharp 4h", "too-many-requests"),
        ("forbidden=4h fails=1", "sharp 4h", "forbidden"),
        ("forbidden=4h fails=3", "at 8h", "backoff"),
        ("challenge=24h fails=1", "sharp 24h", "challenge"),
        ("gone=24h fails=1", "sharp 24h", "gone"),
        ("host=5h", "sharp 5h", "host-hold"),
        ("host=5h hold=2h", "sharp 5h", "host-hold"),
        ("host=2h hold=5h", "sharp 5h", "retry-after"),
        ("host=5h every=48h", "sharp 48h", "every"),
        ("gone-for-good host=5h", "never", "gone-for-good"),
        // what is pushed is asked once a day, and again once the lease is over
        ("pushed=9d", "sharp 24h", "pushed"),
        ("pushed=9d gap=2h newest=0h", "sharp 24h", "pushed"),
        ("pushed=9d every=30m floor=1m", "sharp 24h", "pushed"),
        ("pushed=9d every=48h", "sharp 48h", "every"),
        ("pushed=9d hold=30h", "sharp 30h", "retry-after"),
        ("pushed=8h", "at 8h", "pushed"),
        ("pushed=30m", "at 1h", "rhythm"),
        ("pushed=0m", "at 1h", "rhythm"),
        // hours and days to skip: waited out from when it is due, or from now; never more than a day
        ("every=24h hours=13", "sharp 24h", "every"),
        ("every=24h hours=12", "sharp 25h", "skip-hours"),
        ("every=24h hours=12,13,14", "sharp 27h", "skip-hours"),
        ("every=24h days=wed", "sharp 36h", "skip-days"),
        ("every=24h days=wed,thu", "sharp 48h", "skip-days"),
        ("every=24h hours=15 now=27h30m", "sharp 28h", "skip-hours"),
        ("every=24h hours=15 now=51h30m", "sharp 24h", "every"),
    ];

    #[test]
    fn every_row_of_the_table_is_due_when_it_says() {
        let wrong: Vec<String> = ROWS.iter().filter_map(row_fails).collect();
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    /// Returns what is wrong with a row; `None`: nothing.
    fn row_fails((known, when, rule): &(&str, &str, &str)) -> Option<String> {
        let (mut state, mut terms, mut host, mut now) = (asked(), TERMS, None, 0);
        let last = at("03T12:00");
        let from_last = |wait: SignedDuration| later(last, wait);
        for word in known.split_whitespace() {
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            let long = || span(value);
            let before = || last.checked_sub(span(value)).unwrap();
            let hold = |rule| Some(Hold { until: from_last(span(value)), rule });
            match key {
                "never" => state.last_request = None,
                "gone-for-good" => state.gone_for_good = true,
                "gap" => state.rhythm = Some(Rhythm { median_gap: long(), newest: last }),
                "newest" => state.rhythm.as_mut().unwrap().newest = before(),
                "every" => terms.every = Some(long()),
                "floor" => terms.floor = long(),
                "max-age" => state.http_hint = Some((long(), DueRule::MaxAge)),
                "expires" => state.http_hint = Some((long(), DueRule::Expires)),
                "ttl" => state.feed_hint = Some(long()),
                "pushed" => state.pushed_until = Some(from_last(long())),
                "fails" => state.failures = value.parse().unwrap(),
                "failing" => state.failing_since = Some(before()),
                "hold" => state.hold = hold(DueRule::RetryAfter),
                "429" => state.hold = hold(DueRule::TooManyRequests),
                "forbidden" => state.hold = hold(DueRule::Forbidden),
                "challenge" => state.hold = hold(DueRule::Challenge),
                "gone" => state.hold = hold(DueRule::Gone),
                "host" => host = Some(from_last(long())),
                "hours" => value.split(',').for_each(|hour| state.skip_hours |= 1 << hour.parse::<u32>().unwrap()),
                "days" => value.split(',').for_each(|day| {
                    let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
                    state.skip_days |= 1 << names.iter().position(|name| *name == day).unwrap();
                }),
                "now" => now = long().as_secs(),
                other => panic!("the table has no word {other:?}"),
            }
        }
        let due = due(&state, host, terms, from_last(SignedDuration::from_secs(now)));
        let waits = due.at.map(|at| at.duration_since(last));
        let fits = match when.split_once(' ') {
            None => waits.is_none(),
            Some((how, wait)) => {
                let least = span(wait);
                let most = if how == "at" { (least * 11 / 10).min(DAY.max(least)) } else { least };
                waits.is_some_and(|waits| least <= waits && waits <= most)
            }
        };
        let right = fits && due.rule.code() == *rule;
        (!right).then(|| format!("{known:?} wants {when} by {rule}, but is due after {waits:?} by {}", due.rule.code()))
    }

    /// `90m`, `2h`, `27h30m`, `7d`.
    fn span(text: &str) -> SignedDuration {
        let mut sum = SignedDuration::ZERO;
        let mut number = 0;
        for sign in text.chars() {
            match sign.to_digit(10) {
                Some(digit) => number = number * 10 + i64::from(digit),
                None => {
                    let unit = ['m', 'h', 'd'].iter().position(|unit| *unit == sign).unwrap();
                    sum += SignedDuration::from_mins(number * [1, 60, 24 * 60][unit]);
                    number = 0;
                }
            }
        }
        sum
    }

    #[test]
    fn waits_after_failures_spread_upwards_and_never_beyond_a_day() {
        let waits = |failures: u32, minutes: i64| {
            let last = later(at("03T12:00"), SignedDuration::from_mins(minutes));
            let state = SourceState { last_request: Some(last), failures, ..asked() };
            due(&state, None, TERMS, last).at.unwrap().duration_since(last)
        };
        for (failures, hours) in [(1, 2), (3, 8), (4, 16)] {
            let all: Vec<_> = (0..200).map(|minutes| waits(failures, minutes)).collect();
            let (least, most) = (all.iter().min().unwrap(), all.iter().max().unwrap());
            let hours = SignedDuration::from_hours(hours);
            assert!(*least >= hours && *least < hours * 101 / 100, "{least:?}");
            assert!(*most <= hours * 11 / 10 && *most > hours * 109 / 100, "{most:?}");
        }
        assert!((0..200).all(|minutes| waits(5, minutes) == DAY));
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

    /// T76: the rule; passes in `tests/it/gather/timing.rs`.
    #[test]
    fn the_clock_guard_cuts_what_lies_in_the_future() {
        let now = at("03T12:00");
        let mut state = SourceState {
            last_request: Some(at("20T12:00")),
            hold: Some(Hold { until: at("21T10:00"), rule: DueRule::RetryAfter }),
            ..asked()
        };
        assert!(guard_clock(&mut state, now));
        assert!(due(&state, None, TERMS, now).at.unwrap() <= at("04T12:00"));
        assert!(due(&state, None, TERMS, now).at.unwrap() > now, "no burst");
        assert!(!guard_clock(&mut state, now), "once is enough");
        assert!(!guard_clock(&mut asked(), now));
    }

    /// T76: what a server asked for while the clock was ahead lasts as long as it stated.
    #[test]
    fn a_hold_moves_with_a_clock_that_is_set_back() {
        let now = at("03T12:00");
        let hold = Hold { until: at("04T15:00"), rule: DueRule::RetryAfter };
        let mut state = SourceState { last_request: Some(at("04T12:00")), hold: Some(hold), ..asked() };
        let by = set_back_by(&state, now);
        assert_eq!(by, SignedDuration::from_hours(24));
        assert!(guard_clock(&mut state, now));
        assert_eq!(state.hold.map(|hold| hold.until), Some(at("03T15:00")));
        let host = |until: &str| HostState { hold_until: Some(at(until)), ..HostState::default() };
        let mut held = host("04T15:00");
        assert!(guard_host_clock(&mut held, by, now));
        assert_eq!(held, host("03T15:00"));
        assert!(!guard_host_clock(&mut held, SignedDuration::ZERO, now));
        let mut over = host("03T11:00");
        assert!(!guard_host_clock(&mut over, by, now), "what is over stays");
    }

    #[test]
    fn the_rhythm_is_the_median_of_the_last_gaps() {
        let posts = [at("03T12:00"), at("03T10:00"), at("03T09:00"), at("01T00:00")];
        assert_eq!(rhythm(&posts), Some(Rhythm { median_gap: span("2h"), newest: at("03T12:00") }));
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
