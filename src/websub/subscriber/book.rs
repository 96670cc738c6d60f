//! The subscriptions, and what becomes of each. Pure: what happened and the time in, what is to be done out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::super::intent::{Intent, Mode};
use super::super::random::{NoRandomness, unguessable};
use super::super::signature::is_signed;
use super::wishes::{Wish, may_know_secrets};
use crate::store::{PushSecret, Subscription, SubscriptionState};

/// How long a hub is asked to push.
const LEASE: SignedDuration = SignedDuration::from_hours(10 * 24);
/// A hub that promises less than the least promises nothing; one that promises more than the most is asked again before.
const LEAST_LEASE: SignedDuration = SignedDuration::from_mins(1);
const MOST_LEASE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A hub is asked again after so long, doubled with each failure in a row, …
const FIRST_PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// … but no later than that. A hub that refused is left alone for longer.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(12);
const AFTER_DENIAL: SignedDuration = SignedDuration::from_hours(24);
/// A hub that fails this often gives way to another one that the feed names, …
const FAILURES_OF_A_HUB: u32 = 3;
/// … and is told this often at most that nothing is wanted any more.
const MOST_FAREWELLS: u32 = 4;
/// Longest problem that is kept.
const LONGEST_PROBLEM: usize = 200;

/// The subscriptions by their paths, and which of them are not stored as they are.
#[derive(Debug, Default)]
pub(super) struct Book {
    subscriptions: BTreeMap<String, Subscription>,
    /// Changed or gone since they were stored.
    changed: BTreeSet<String>,
}

/// What a hub is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) path: String,
    pub(super) mode: Mode,
    pub(super) hub: Url,
    pub(super) topic: String,
    pub(super) callback: String,
    pub(super) secret: Option<PushSecret>,
    pub(super) lease: SignedDuration,
}

/// What a pushed body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    /// Nothing is subscribed there.
    Unknown,
    /// Nothing is any more.
    Gone,
    /// It is not signed, or wrongly.
    Unsigned,
    Good,
}

impl Book {
    pub(super) fn new(subscriptions: Vec<Subscription>) -> Self {
        let subscriptions = subscriptions.into_iter().map(|one| (one.path.clone(), one)).collect();
        Self { subscriptions, changed: BTreeSet::new() }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Subscription> {
        self.subscriptions.values()
    }

    /// What is to be stored, and what is to be forgotten; from now on it is.
    pub(super) fn take_changes(&mut self) -> (Vec<Subscription>, Vec<String>) {
        let changed = std::mem::take(&mut self.changed);
        let (mut saved, mut gone) = (Vec::new(), Vec::new());
        for path in changed {
            match self.subscriptions.get(&path) {
                Some(subscription) => saved.push(subscription.clone()),
                None => gone.push(path),
            }
        }
        (saved, gone)
    }

    /// What could not be stored is to be stored still.
    pub(super) fn put_back(&mut self, paths: impl IntoIterator<Item = String>) {
        self.changed.extend(paths);
    }

    /// Subscribes what is wished and is not, below `base`, and ends what is not wished any more.
    pub(super) fn wish(&mut self, wishes: &[Wish], base: &Url, now: Timestamp) -> Result<(), NoRandomness> {
        let mut left: Vec<&Wish> = wishes.iter().collect();
        for path in self.subscriptions.keys().cloned().collect::<Vec<_>>() {
            let Some(found) = self.subscriptions.get_mut(&path) else { continue };
            if found.state == SubscriptionState::Leaving {
                continue;
            }
            let is_of = |wish: &&Wish| {
                wish.source == found.source
                    && wish.address == found.address
                    && wish.topic == found.topic
                    && wish.hubs.contains(&found.hub)
                    && found.callback.starts_with(base.as_str())
            };
            match left.iter().position(is_of) {
                Some(place) => {
                    let wish = left.remove(place);
                    if try_another(found, wish) {
                        self.changed.insert(path);
                    }
                }
                None => self.leave(&path, now),
            }
        }
        for wish in left {
            self.begin(wish, base, now)?;
        }
        Ok(())
    }

    fn begin(&mut self, wish: &Wish, base: &Url, now: Timestamp) -> Result<(), NoRandomness> {
        let Some(hub) = wish.hubs.first().cloned() else { return Ok(()) };
        let path = unguessable::<20>()?;
        let subscription = Subscription {
            path: path.clone(),
            source: wish.source.clone(),
            address: wish.address.clone(),
            topic: wish.topic.clone(),
            callback: format!("{base}websub/{path}"),
            secret: Some(PushSecret::new(unguessable::<32>()?)).filter(|_| may_know_secrets(&hub)),
            hub,
            state: SubscriptionState::Wanted,
            pending_since: None,
            lease_until: None,
            next_try: now,
            failures: 0,
            problem: None,
        };
        self.changed.insert(path.clone());
        self.subscriptions.insert(path, subscription);
        Ok(())
    }

    /// Ends a subscription: the hub is told, if it knows of it.
    fn leave(&mut self, path: &str, now: Timestamp) {
        self.changed.insert(path.to_owned());
        let Some(found) = self.subscriptions.get_mut(path) else { return };
        if found.pending_since.is_none() && found.lease_until.is_none_or(|until| until <= now) {
            self.subscriptions.remove(path);
            return;
        }
        found.state = SubscriptionState::Leaving;
        (found.pending_since, found.failures, found.next_try) = (None, 0, now);
    }

    /// When something is to be done next.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.subscriptions.values().map(|found| found.next_try).min()
    }

    /// What hubs are to be asked at `now`; from then on their answers are awaited.
    pub(super) fn ask(&mut self, now: Timestamp) -> Vec<Request> {
        let due: Vec<String> =
            self.subscriptions.values().filter(|found| found.next_try <= now).map(|found| found.path.clone()).collect();
        due.into_iter().filter_map(|path| self.ask_one(path, now)).collect()
    }

    fn ask_one(&mut self, path: String, now: Timestamp) -> Option<Request> {
        self.changed.insert(path.clone());
        let found = self.subscriptions.get_mut(&path)?;
        if found.pending_since.is_some() {
            // It was asked, and has not verified since.
            found.problem = Some("the hub did not verify what it was asked".to_owned());
        }
        let is_over = found.lease_until.is_none_or(|until| until <= now);
        let mode = match found.state {
            SubscriptionState::Leaving if is_over || found.failures >= MOST_FAREWELLS => {
                self.subscriptions.remove(&path);
                return None;
            }
            SubscriptionState::Leaving => Mode::Unsubscribe,
            SubscriptionState::Active if is_over => {
                found.state = SubscriptionState::Wanted;
                Mode::Subscribe
            }
            _ => Mode::Subscribe,
        };
        found.pending_since = Some(now);
        found.failures = found.failures.saturating_add(1);
        found.next_try = later(now, pause(found.failures));
        Some(Request {
            path,
            mode,
            hub: found.hub.clone(),
            topic: found.topic.clone(),
            callback: found.callback.clone(),
            secret: found.secret.clone().filter(|_| mode == Mode::Subscribe),
            lease: LEASE,
        })
    }

    /// The hub did not take what it was asked: `problem`, and when it wants to be asked again, if it says so.
    pub(super) fn refused(&mut self, path: &str, problem: &str, again: Option<SignedDuration>, now: Timestamp) {
        let Some(found) = self.subscriptions.get_mut(path) else { return };
        // It verified all the same.
        if found.pending_since.take().is_none() {
            return;
        }
        found.problem = Some(shortened(problem));
        if let Some(again) = again {
            found.next_try = found.next_try.max(later(now, again.min(LONGEST_PAUSE)));
        }
        self.changed.insert(path.to_owned());
    }

    /// Whether what a hub verifies at `path` is exactly what it was asked; then it is so from now on.
    pub(super) fn verify(&mut self, path: &str, intent: &Intent, now: Timestamp) -> bool {
        let Some(found) = self.subscriptions.get_mut(path).filter(|found| found.topic == intent.topic) else {
            return false;
        };
        let is_leaving = found.state == SubscriptionState::Leaving;
        let is_asked = found.pending_since.is_some();
        match intent.mode {
            Mode::Subscribe if is_asked && !is_leaving => {
                let lease = intent.lease.unwrap_or(LEASE);
                self.changed.insert(path.to_owned());
                if lease < LEAST_LEASE {
                    found.pending_since = None;
                    found.problem = Some(format!("the hub promises to push for {} s only", lease.as_secs()));
                    return false;
                }
                let lease = lease.min(MOST_LEASE);
                found.state = SubscriptionState::Active;
                found.lease_until = Some(later(now, lease));
                found.next_try = later(now, lease / 2);
                (found.pending_since, found.failures, found.problem) = (None, 0, None);
                true
            }
            Mode::Unsubscribe if is_asked && is_leaving => {
                self.changed.insert(path.to_owned());
                self.subscriptions.remove(path);
                true
            }
            Mode::Denied if !is_leaving => {
                self.changed.insert(path.to_owned());
                let reason = intent.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
                found.problem = Some(shortened(&format!("the hub refuses it{reason}")));
                found.state = SubscriptionState::Denied;
                (found.pending_since, found.lease_until) = (None, None);
                found.failures = found.failures.max(1);
                found.next_try = later(now, AFTER_DENIAL);
                true
            }
            Mode::Denied => {
                self.changed.insert(path.to_owned());
                self.subscriptions.remove(path);
                true
            }
            Mode::Subscribe | Mode::Unsubscribe => false,
        }
    }

    /// What a body pushed to `path` is, which is signed as `signature` says.
    pub(super) fn judge(&self, path: &str, signature: Option<&str>, body: &[u8]) -> Judged {
        let Some(found) = self.subscriptions.get(path) else { return Judged::Unknown };
        let Some(secret) = found.secret.as_ref() else { return self.standing(path) };
        match signature {
            Some(given) if is_signed(given, secret.expose(), body) => self.standing(path),
            _ => Judged::Unsigned,
        }
    }

    /// What anything pushed to `path` is, before its body is known.
    pub(super) fn standing(&self, path: &str) -> Judged {
        match self.subscriptions.get(path).map(|found| found.state) {
            None => Judged::Unknown,
            Some(SubscriptionState::Leaving | SubscriptionState::Denied) => Judged::Gone,
            Some(SubscriptionState::Wanted | SubscriptionState::Active) => Judged::Good,
        }
    }
}

/// Turns to the next hub if this one failed too often; whether it did.
fn try_another(found: &mut Subscription, wish: &Wish) -> bool {
    let is_given_up = found.state != SubscriptionState::Active && found.failures >= FAILURES_OF_A_HUB;
    let place = wish.hubs.iter().position(|hub| *hub == found.hub).unwrap_or(0);
    let next = &wish.hubs[(place + 1) % wish.hubs.len()];
    if !is_given_up || *next == found.hub || may_know_secrets(next) != found.secret.is_some() {
        return false;
    }
    found.hub = next.clone();
    (found.failures, found.pending_since) = (0, None);
    true
}

fn pause(failures: u32) -> SignedDuration {
    FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(12)).min(LONGEST_PAUSE)
}

fn later(time: Timestamp, wait: SignedDuration) -> Timestamp {
    time.saturating_add(wait).unwrap_or(time)
}

fn shortened(text: &str) -> String {
    crate::text::for_terminal(text).chars().take(LONGEST_PROBLEM).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceId;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn wish(source: &str, hubs: &[&str]) -> Wish {
        Wish {
            source: SourceId::new(source).unwrap(),
            address: format!("https://{source}.example/f"),
            topic: format!("https://{source}.example/feed"),
            hubs: hubs.iter().map(|hub| url(hub)).collect(),
        }
    }

    fn intent(mode: Mode, lease: Option<i64>) -> Intent {
        Intent {
            mode,
            topic: "https://a.example/feed".to_owned(),
            challenge: "c".to_owned(),
            lease: lease.map(SignedDuration::from_secs),
            reason: None,
        }
    }

    const HUB: &str = "https://hub.example/";

    /// A book in which `a` was asked for at minute 0, and its path.
    fn asked() -> (Book, String) {
        let mut book = Book::default();
        book.wish(&[wish("a", &[HUB])], &url("https://me.example/"), at(0)).unwrap();
        let requests = book.ask(at(0));
        assert_eq!((requests.len(), requests[0].mode), (1, Mode::Subscribe));
        (book, requests[0].path.clone())
    }

    fn only(book: &Book) -> &Subscription {
        let mut all = book.iter();
        let found = all.next().unwrap();
        assert!(all.next().is_none());
        found
    }

    #[test]
    fn a_subscription_has_a_path_and_a_secret_that_nobody_can_guess() {
        let (book, path) = asked();
        let found = only(&book);
        assert_eq!(found.callback, format!("https://me.example/websub/{path}"));
        assert!(path.len() == 40 && found.secret.as_ref().unwrap().expose().len() == 64);
        let mut plain = Book::default();
        plain.wish(&[wish("a", &["http://hub.example/"])], &url("https://me.example/"), at(0)).unwrap();
        assert_eq!(only(&plain).secret, None, "a hub over plain http is given none");
    }

    #[test]
    fn only_what_was_asked_is_verified_and_only_once() {
        let (mut book, path) = asked();
        let right = intent(Mode::Subscribe, Some(3_600));
        let other_topic = Intent { topic: "https://a.example/feed2".to_owned(), ..right.clone() };
        assert!(!book.verify(&path, &other_topic, at(1)));
        assert!(!book.verify("other", &right, at(1)));
        assert!(!book.verify(&path, &intent(Mode::Unsubscribe, None), at(1)));
        assert!(book.verify(&path, &right, at(1)));
        assert!(!book.verify(&path, &right, at(1)), "nothing is pending any more");
    }

    #[test]
    fn a_lease_is_renewed_at_its_half_and_is_no_longer_than_a_month() {
        for (lease, half_minutes) in [
            (Some(3_600), Some(30)),
            (None, Some(5 * 24 * 60)),
            (Some(i64::MAX), Some(15 * 24 * 60)),
            (Some(60), Some(0)),
            (Some(59), None),
            (Some(0), None),
            (Some(-1), None),
        ] {
            let (mut book, path) = asked();
            assert_eq!(book.verify(&path, &intent(Mode::Subscribe, lease), at(1)), half_minutes.is_some(), "{lease:?}");
            let found = only(&book);
            match half_minutes {
                Some(minutes) => assert!(
                    (found.next_try.duration_since(at(1 + minutes))).as_secs().abs() <= 30 && found.failures == 0
                ),
                None => assert!(found.state == SubscriptionState::Wanted && found.problem.is_some()),
            }
        }
    }

    #[test]
    fn a_renewal_that_fails_is_tried_again_and_polls_come_back_with_the_end_of_the_lease() {
        let (mut book, path) = asked();
        assert!(book.verify(&path, &intent(Mode::Subscribe, Some(3_600)), at(0)));
        assert!(book.ask(at(29)).is_empty());
        let mut tries = Vec::new();
        for minute in 30..90 {
            for request in book.ask(at(minute)) {
                tries.push(minute);
                book.refused(&request.path, "the hub answered 500", None, at(minute));
            }
        }
        assert_eq!(tries, [30, 31, 33, 37, 45, 61]);
        let found = only(&book);
        assert_eq!((found.state, found.problem.as_deref()), (SubscriptionState::Wanted, Some("the hub answered 500")));
        assert!(book.ask(at(94)).len() == 1 && book.verify(&path, &intent(Mode::Subscribe, Some(3_600)), at(94)));
        assert_eq!(only(&book).failures, 0);
    }

    #[test]
    fn a_hub_that_wants_to_be_left_alone_is() {
        let (mut book, path) = asked();
        book.refused(&path, "the hub answered 503", Some(SignedDuration::from_hours(2)), at(0));
        assert!(book.ask(at(119)).is_empty());
        assert_eq!(book.ask(at(120)).len(), 1);
    }

    #[test]
    fn a_hub_that_verified_and_then_answers_an_error_has_verified() {
        let (mut book, path) = asked();
        assert!(book.verify(&path, &intent(Mode::Subscribe, Some(3_600)), at(0)));
        book.refused(&path, "the hub answered 500", None, at(0));
        assert_eq!(only(&book).state, SubscriptionState::Active);
    }

    #[test]
    fn what_is_denied_is_asked_again_after_a_day() {
        let (mut book, path) = asked();
        assert!(book.verify(&path, &intent(Mode::Subscribe, Some(3_600)), at(0)));
        let denied = Intent { reason: Some("no\u{1b}[31m".to_owned()), ..intent(Mode::Denied, None) };
        assert!(book.verify(&path, &denied, at(1)), "also while it is active");
        assert_eq!(book.standing(&path), Judged::Gone);
        assert!(!only(&book).problem.as_ref().unwrap().contains('\u{1b}'));
        assert!(book.ask(at(24 * 60)).is_empty());
        assert_eq!(book.ask(at(24 * 60 + 1)).len(), 1);
    }

    #[test]
    fn what_is_not_wished_any_more_is_unsubscribed_where_the_hub_knows_of_it() {
        let base = url("https://me.example/");
        let (mut book, path) = asked();
        assert!(book.verify(&path, &intent(Mode::Subscribe, Some(3_600)), at(0)));
        book.wish(&[], &base, at(1)).unwrap();
        assert_eq!(book.standing(&path), Judged::Gone);
        let requests = book.ask(at(1));
        assert_eq!((requests[0].mode, &requests[0].secret), (Mode::Unsubscribe, &None));
        assert!(!book.verify(&path, &intent(Mode::Subscribe, Some(3_600)), at(1)), "it was asked the contrary");
        assert!(book.verify(&path, &intent(Mode::Unsubscribe, None), at(1)));
        assert_eq!(book.iter().count(), 0);
        let mut never_asked = Book::default();
        never_asked.wish(&[wish("a", &[HUB])], &base, at(0)).unwrap();
        never_asked.wish(&[], &base, at(0)).unwrap();
        assert_eq!(never_asked.iter().count(), 0, "the hub never heard of it");
    }

    #[test]
    fn a_farewell_ends_after_a_few_tries_or_with_the_lease() {
        let (mut book, path) = asked();
        assert!(book.verify(&path, &intent(Mode::Subscribe, Some(360_000)), at(0)));
        book.wish(&[], &url("https://me.example/"), at(1)).unwrap();
        let tries: usize = (1..600).map(|minute| book.ask(at(minute)).len()).sum();
        assert_eq!((tries, book.iter().count()), (4, 0));
    }

    #[test]
    fn another_topic_another_hub_or_another_address_of_ours_is_another_subscription() {
        let base = url("https://me.example/");
        let usual = wish("a", &[HUB]);
        let changes = [
            (Wish { topic: "https://a.example/other".to_owned(), ..usual.clone() }, base.clone()),
            (Wish { address: "https://a.example/moved".to_owned(), ..usual.clone() }, base.clone()),
            (wish("a", &["https://other.example/"]), base.clone()),
            (usual.clone(), url("https://elsewhere.example/")),
        ];
        for (wish, base) in changes {
            let (mut book, path) = asked();
            assert!(book.verify(&path, &intent(Mode::Subscribe, Some(3_600)), at(0)));
            book.wish(&[wish], &base, at(1)).unwrap();
            let modes: Vec<Mode> = book.ask(at(1)).into_iter().map(|request| request.mode).collect();
            assert!(modes.contains(&Mode::Subscribe) && modes.contains(&Mode::Unsubscribe), "{modes:?}");
        }
        let (mut book, path) = asked();
        book.wish(&[usual], &base, at(1)).unwrap();
        assert_eq!(only(&book).path, path, "what is the same stays");
    }

    #[test]
    fn a_hub_that_fails_gives_way_to_the_next_one() {
        let both = wish("a", &[HUB, "https://second.example/"]);
        let base = url("https://me.example/");
        let mut book = Book::default();
        let mut hubs = Vec::new();
        for minute in 0..40 {
            book.wish(std::slice::from_ref(&both), &base, at(minute)).unwrap();
            hubs.extend(book.ask(at(minute)).into_iter().map(|request| request.hub.host_str().unwrap().to_owned()));
        }
        assert_eq!(hubs[..4], ["hub.example", "hub.example", "hub.example", "second.example"]);
    }

    #[test]
    fn what_is_stored_is_what_changed() {
        let (mut book, path) = asked();
        let (saved, gone) = book.take_changes();
        assert_eq!((saved.len(), gone.len()), (1, 0));
        assert_eq!(book.take_changes(), (Vec::new(), Vec::new()));
        book.put_back([path.clone()]);
        assert_eq!(book.take_changes().0.len(), 1);
        book.wish(&[], &url("https://me.example/"), at(1)).unwrap();
        assert!(book.verify(&path, &intent(Mode::Denied, None), at(1)), "it was pending");
        assert_eq!(book.take_changes(), (Vec::new(), vec![path]));
    }
}
