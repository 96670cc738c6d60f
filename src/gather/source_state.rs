//! What an answer changes in what is remembered of its source. Pure.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::fetch::{Chain, Extent, FetchError, Freshness, Watched, watch};
use super::report::SourceError;
use super::request::Route;
use super::schedule::{self, later};
use crate::model::Feed;
use crate::store::{DueRule, Hold, Moving, Rhythm, SourceState, Validators};

/// Least wait after a refusal (401, 402, 403, 451).
const FORBIDDEN_WAIT: SignedDuration = SignedDuration::from_hours(4);
/// Wait after a bot challenge or a 410.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// An entry that arrives this long after its time was not there before: its time is wrong.
const LATE: SignedDuration = SignedDuration::from_hours(24);
/// After so many failures in a row the next request has no condition: some servers fail at nothing else.
const ASKED_ANEW_AFTER: u32 = 6;
/// A move is forgotten if its new address fails this often in a row.
const MOVE_BACK_AFTER: u32 = 3;

/// The note against a source whose last document ends in the middle, though its server declared it complete.
const CUT_SHORT: &str = "its last document was cut short: the complete entries were kept, the rest is asked for again";

/// A good answer: from where, when, and what it declares about itself.
#[derive(Debug)]
pub(crate) struct Good<'a> {
    pub(crate) at: Timestamp,
    pub(crate) end: &'a Url,
    pub(crate) chain: &'a Chain,
    pub(crate) route: Route,
    pub(crate) validators: Option<Validators>,
    pub(crate) freshness: Freshness,
}

/// 304: everything stays except what it updates.
pub(crate) fn not_modified(state: &mut SourceState, good: Good<'_>) {
    if good.freshness != Freshness::Unsaid {
        state.http_hint = hint(good.freshness);
    }
    succeeded(state, good);
}

/// A document that was read, or the same body as last time.
pub(crate) fn document(state: &mut SourceState, good: Good<'_>) {
    state.http_hint = hint(good.freshness);
    succeeded(state, good);
}

/// A document that ends in the middle, after [`document`]: not a failure, but reported to the operator until a
/// complete one has come. What it lacks may stand in the rest; a source that cuts every document short gains nothing by
/// it.
pub(crate) fn cut_short(state: &mut SourceState, before: &SourceState) {
    let was_whole = before.vouched == before.last_success;
    if was_whole {
        state.vouched = before.vouched;
    }
    state.body_hash = None;
    state.last_error = Some(CUT_SHORT.to_owned());
}

/// What the feed itself states about when to come.
pub(crate) fn feed_hints(state: &mut SourceState, feed: &Feed) {
    state.feed_hint = feed.refresh_hint.map(|hint| hint.min(DAY));
    state.skip_hours = feed.skip_hours;
    state.skip_days = feed.skip_days;
}

/// The rhythm of a source after a document with posts of these times: some of a feed's entries reveal nothing about
/// the gaps between all of them.
pub(crate) fn rhythm(before: Option<Rhythm>, posts: &[Timestamp], extent: Extent) -> Option<Rhythm> {
    let now = schedule::rhythm(posts);
    match (extent, before, now) {
        (Extent::SomeNew, Some(before), Some(now)) => Some(Rhythm { newest: before.newest.max(now.newest), ..before }),
        _ => now,
    }
}

/// The rhythm of a source by what arrives, if its posts have wrong times: a document that brought `new` entries at
/// `at`, while the newest post dates from long before the previous document. `None`: its times are right.
pub(crate) fn rhythm_of_arrivals(
    last_success: Option<Timestamp>,
    newest: Option<Timestamp>,
    new: usize,
    at: Timestamp,
) -> Option<Rhythm> {
    let (last_success, newest) = (last_success?, newest?);
    let count = i32::try_from(new).ok().filter(|count| *count > 0)?;
    let is_old = last_success.duration_since(newest) > LATE;
    is_old.then(|| Rhythm { median_gap: at.duration_since(last_success) / count, newest: at })
}

/// An answer that brought nothing, or no answer. `host_hold`: until when its host asked for a rest.
pub(crate) fn failed(state: &mut SourceState, error: &SourceError, at: Timestamp, host_hold: Option<Timestamp>) {
    state.failures = state.failures.saturating_add(1);
    state.failing_since = state.failing_since.or(Some(at));
    state.last_error = Some(error.sentence());
    state.hold = hold(error, at, host_hold);
    if let SourceError::Fetch(FetchError::Gone { .. }) = error {
        match state.gone_since {
            Some(since) if at.duration_since(since) >= DAY => state.gone_for_good = true,
            since => state.gone_since = since.or(Some(at)),
        }
    } else {
        state.gone_since = None;
    }
    if may_be_of_condition(error, state.failures) {
        state.validators = None;
    }
    if state.moved_to.is_some() && state.failures >= MOVE_BACK_AFTER {
        state.moved_to = None;
    }
}

/// Whether the condition of a request may be what the server fails at: a 412 says so (RFC 9110 §15.5.13), a second 400
/// makes it likely, and who fails at everything for long is asked without one, too.
fn may_be_of_condition(error: &SourceError, failures: u32) -> bool {
    match error {
        SourceError::Fetch(FetchError::Status { status: 412, .. }) => true,
        SourceError::Fetch(FetchError::Status { status: 400, .. }) if failures >= 2 => true,
        _ => failures >= ASKED_ANEW_AFTER,
    }
}

/// The source was not reached at `at`, and that was our own trouble: all stays as it was, including its schedule; only
/// `floor` is kept until it is tried again.
pub(crate) fn not_reached(state: &mut SourceState, at: Timestamp, floor: SignedDuration) {
    let until = later(at, floor);
    if state.hold.is_none_or(|hold| hold.until < until) {
        state.hold = Some(Hold { until, rule: DueRule::Floor });
    }
}

fn succeeded(state: &mut SourceState, good: Good<'_>) {
    state.validators = good.validators;
    (state.last_success, state.vouched) = (Some(good.at), Some(good.at));
    state.failures = 0;
    state.failing_since = None;
    state.last_error = None;
    state.hold = None;
    state.gone_since = None;
    match (&state.moved_to, good.route) {
        // It leads where it did before: the move stands for another week.
        (Some(moved_to), Route::Revisit) if good.chain.is_a_move() && good.end == moved_to => {
            state.moving = Some(asked_at_its_own(moved_to, good.at));
            return;
        }
        (Some(_), Route::Revisit) => (state.moved_to, state.moving) = (None, None),
        (Some(moved_to), Route::Back) => state.moving = Some(asked_at_its_own(moved_to, good.at)),
        _ => {}
    }
    if good.chain.is_a_move() {
        let watched = state.moving.take().filter(|moving| state.moved_to.as_ref() != Some(&moving.to));
        match watch(watched, good.end, good.at) {
            Watched::Moving(moving) => state.moving = Some(moving),
            Watched::Moved(to) => {
                state.moving = Some(asked_at_its_own(&to, good.at));
                state.moved_to = Some(to);
            }
        }
    } else if let Some(moved_to) = &state.moved_to {
        let is_marked = state.moving.as_ref().is_some_and(|moving| moving.to == *moved_to);
        if !is_marked {
            state.moving = Some(asked_at_its_own(moved_to, good.at));
        }
    } else {
        state.moving = None;
    }
}

/// The mark of a source that moved: at `at`, its address in feeds.toml was asked and the move stood.
fn asked_at_its_own(moved_to: &Url, at: Timestamp) -> Moving {
    Moving { to: moved_to.clone(), since: at, times: 0 }
}

/// The address in feeds.toml was asked at `at` and yielded nothing, nor did the one where the source moved to.
pub(crate) fn revisited_in_vain(state: &mut SourceState, at: Timestamp) {
    if let Some(moved_to) = &state.moved_to {
        state.moving = Some(asked_at_its_own(moved_to, at));
    }
}

fn hint(freshness: Freshness) -> Option<(SignedDuration, DueRule)> {
    match freshness {
        Freshness::For(time, rule) => Some((time, rule)),
        Freshness::NoHint | Freshness::Unsaid => None,
    }
}

/// How long a source rests after `error`: as long as its server asks for, or longer if that is usual.
fn hold(error: &SourceError, at: Timestamp, host_hold: Option<Timestamp>) -> Option<Hold> {
    let asked = error.retry_after().map(|wait| Hold { until: later(at, wait), rule: DueRule::RetryAfter });
    let usual = usual_hold(error, at, host_hold).filter(|usual| asked.is_none_or(|asked| asked.until <= usual.until));
    usual.or(asked)
}

fn usual_hold(error: &SourceError, at: Timestamp, host_hold: Option<Timestamp>) -> Option<Hold> {
    let SourceError::Fetch(error) = error else { return None };
    let (until, rule) = match error {
        FetchError::TooManyRequests { retry_after: None } => (host_hold?, DueRule::TooManyRequests),
        FetchError::Forbidden { .. } => (later(at, FORBIDDEN_WAIT), DueRule::Forbidden),
        FetchError::Challenge { .. } => (later(at, DAY), DueRule::Challenge),
        FetchError::Robots { .. } => (later(at, DAY), DueRule::Robots),
        FetchError::Gone { .. } => (later(at, DAY), DueRule::Gone),
        _ => return None,
    };
    Some(Hold { until, rule })
}

#[cfg(test)]
mod tests {
    use super::super::reader::ReadFailure;
    use super::*;
    use crate::model::SourceId;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(hours * 3600).unwrap()
    }

    fn state() -> SourceState {
        SourceState::new(SourceId::new("a").unwrap(), String::new(), String::new())
    }

    fn after(error: impl Into<SourceError>) -> SourceState {
        let mut state = state();
        failed(&mut state, &error.into(), at(0), Some(at(4)));
        state
    }

    fn gone() -> FetchError {
        FetchError::Gone { retry_after: None }
    }

    #[track_caller]
    fn holds(error: impl Into<SourceError>, want: Option<(i64, DueRule)>) {
        assert_eq!(after(error).hold, want.map(|(hours, rule)| Hold { until: at(hours), rule }));
    }

    #[test]
    fn answers_hold_a_source_for_as_long_as_they_say() {
        let hours = |h| Some(SignedDuration::from_hours(h));
        holds(FetchError::TooManyRequests { retry_after: hours(2) }, Some((2, DueRule::RetryAfter)));
        holds(FetchError::TooManyRequests { retry_after: None }, Some((4, DueRule::TooManyRequests)));
        holds(FetchError::Status { status: 503, retry_after: hours(24) }, Some((24, DueRule::RetryAfter)));
        holds(FetchError::Status { status: 500, retry_after: None }, None);
        for status in [401, 402, 403, 451] {
            holds(FetchError::Forbidden { status, retry_after: None }, Some((4, DueRule::Forbidden)));
            holds(FetchError::Forbidden { status, retry_after: hours(1) }, Some((4, DueRule::Forbidden)));
            holds(FetchError::Forbidden { status, retry_after: hours(24) }, Some((24, DueRule::RetryAfter)));
        }
        for (asked, want) in
            [(None, None), (hours(1), None), (hours(24), None), (hours(48), Some((48, DueRule::RetryAfter)))]
        {
            holds(FetchError::Challenge { retry_after: asked }, want.or(Some((24, DueRule::Challenge))));
            holds(FetchError::Gone { retry_after: asked }, want.or(Some((24, DueRule::Gone))));
        }
        let no_feed = |rest: Option<SignedDuration>| ReadFailure {
            retry_after: rest.map(SignedDuration::unsigned_abs),
            ..ReadFailure::new("it is a web page")
        };
        holds(no_feed(hours(48)), Some((48, DueRule::RetryAfter)));
        holds(no_feed(None), None);
    }

    #[test]
    fn gone_twice_a_day_apart_is_gone_for_good() {
        let mut state = after(gone());
        failed(&mut state, &gone().into(), at(5), None);
        assert!(!state.gone_for_good, "an hour later it is the same word");
        failed(&mut state, &gone().into(), at(24), None);
        assert!(state.gone_for_good);
        let mut state = after(gone());
        failed(&mut state, &FetchError::Challenge { retry_after: None }.into(), at(12), None);
        failed(&mut state, &gone().into(), at(30), None);
        assert!(!state.gone_for_good, "something else came between");
    }

    #[test]
    fn a_server_that_fails_at_conditions_is_asked_without_one() {
        let status = |status| FetchError::Status { status, retry_after: None };
        for (errors, stay) in [
            (vec![status(412)], false),
            (vec![status(404)], true),
            (vec![status(500)], true),
            (vec![FetchError::Challenge { retry_after: None }], true),
            (vec![status(400), status(400)], false),
            (vec![status(400)], true),
            (vec![status(500), status(404), status(500), status(500), status(500)], true),
            ((0..6).map(|_| status(500)).collect(), false),
        ] {
            let said = format!("{errors:?}");
            let validators = Validators { url: String::new(), etag: Some(b"\"1\"".to_vec()), last_modified: None };
            let mut state = SourceState { validators: Some(validators), ..state() };
            for error in errors {
                failed(&mut state, &error.into(), at(0), None);
            }
            assert_eq!(state.validators.is_some(), stay, "{said}");
        }
    }

    #[test]
    fn a_good_answer_ends_all_trouble() {
        let mut state = after(gone());
        let end = Url::parse("https://a.example/f").unwrap();
        let good = Good {
            at: at(1),
            end: &end,
            chain: &Chain::default(),
            route: Route::Usual,
            validators: None,
            freshness: Freshness::Unsaid,
        };
        document(&mut state, good);
        assert_eq!(state, SourceState { last_success: Some(at(1)), vouched: Some(at(1)), ..self::state() });
    }

    #[test]
    fn a_304_that_says_nothing_of_time_keeps_the_hint() {
        let end = Url::parse("https://a.example/f").unwrap();
        let chain = Chain::default();
        let good =
            |freshness| Good { at: at(1), end: &end, chain: &chain, route: Route::Usual, validators: None, freshness };
        let mut state = state();
        let six = Freshness::For(SignedDuration::from_hours(6), DueRule::MaxAge);
        document(&mut state, good(six));
        not_modified(&mut state, good(Freshness::Unsaid));
        assert_eq!(state.http_hint, Some((SignedDuration::from_hours(6), DueRule::MaxAge)));
        not_modified(&mut state, good(Freshness::NoHint));
        assert_eq!(state.http_hint, None);
    }

    #[test]
    fn a_feed_that_wants_longer_than_a_day_gets_a_day() {
        for (hours, kept) in [(1, 1), (24, 24), (168, 24)] {
            let mut state = state();
            feed_hints(&mut state, &Feed { refresh_hint: Some(SignedDuration::from_hours(hours)), ..Feed::default() });
            assert_eq!(state.feed_hint, Some(SignedDuration::from_hours(kept)));
        }
    }

    #[test]
    fn times_that_lie_give_way_to_arrivals() {
        let arrivals = |last, newest, new| rhythm_of_arrivals(last, newest, new, at(1_010));
        let want = |gap| Some(Rhythm { median_gap: SignedDuration::from_hours(gap), newest: at(1_010) });
        assert_eq!(arrivals(Some(at(1_000)), Some(at(5)), 1), want(10));
        assert_eq!(arrivals(Some(at(1_000)), Some(at(975)), 5), want(2));
        assert_eq!(arrivals(Some(at(1_000)), Some(at(976)), 5), None, "it may just be late");
        assert_eq!(arrivals(Some(at(1_000)), Some(at(1_005)), 1), None);
        assert_eq!(arrivals(Some(at(1_000)), Some(at(5)), 0), None, "nothing arrived");
        assert_eq!(arrivals(None, Some(at(5)), 9), None, "its first document");
    }

    #[test]
    fn some_new_entries_leave_the_usual_gap_as_it_was() {
        let before = Some(Rhythm { median_gap: SignedDuration::from_hours(8), newest: at(10) });
        let after = rhythm(before, &[at(20)], Extent::SomeNew);
        assert_eq!(after, Some(Rhythm { median_gap: SignedDuration::from_hours(8), newest: at(20) }));
        assert_eq!(rhythm(before, &[at(20)], Extent::Whole).unwrap().median_gap, SignedDuration::ZERO);
        assert_eq!(rhythm(None, &[at(20)], Extent::SomeNew).unwrap().newest, at(20));
    }

    #[test]
    fn a_move_that_fails_three_times_is_taken_back() {
        let mut state = SourceState { moved_to: Url::parse("https://b.example/").ok(), ..state() };
        for _ in 0..2 {
            failed(&mut state, &FetchError::Status { status: 404, retry_after: None }.into(), at(0), None);
        }
        assert!(state.moved_to.is_some());
        failed(&mut state, &FetchError::Status { status: 404, retry_after: None }.into(), at(0), None);
        assert_eq!(state.moved_to, None);
    }
}
