//! Who is subscribed, and who is to be sent what. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::store::HubSubscriber;

/// Most subscriptions, and most at one host.
const MOST: usize = 10_000;
const MOST_OF_HOST: usize = 2_500;
/// A delivery is tried again after so long, doubled with each failure in a row, …
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// … but no later than that, …
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(6);
/// … and this often; then the next change is waited for.
const MOST_TRIES: u32 = 8;
/// A subscription of which so many deliveries in a row failed is over.
const MOST_FAILURES: u32 = 5 * MOST_TRIES;
/// Deliveries to one host at the same time.
const AT_ONCE_TO_HOST: usize = 8;

/// A subscription: who, and to what.
pub(super) type Key = (String, String);

/// The subscribers, and which of them are not stored as they are.
#[derive(Debug, Default)]
pub(super) struct Roll {
    subscribers: BTreeMap<Key, HubSubscriber>,
    changed: BTreeSet<Key>,
    /// Deliveries under way, and the hosts that they go to.
    under_way: BTreeMap<Key, String>,
}

/// How a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivered {
    Yes,
    /// And when it may be tried again, if the subscriber says so.
    No(Option<SignedDuration>),
    /// The subscriber wants nothing more: 410.
    NeverAgain,
}

pub(super) fn key(subscriber: &HubSubscriber) -> Key {
    (subscriber.callback.to_string(), subscriber.topic.clone())
}

fn host(subscriber: &HubSubscriber) -> &str {
    subscriber.callback.host_str().unwrap_or_default()
}

impl Roll {
    pub(super) fn new(subscribers: Vec<HubSubscriber>) -> Self {
        let subscribers = subscribers.into_iter().map(|one| (key(&one), one)).collect();
        Self { subscribers, changed: BTreeSet::new(), under_way: BTreeMap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.subscribers.len()
    }

    pub(super) fn has(&self, key: &Key) -> bool {
        self.subscribers.contains_key(key)
    }

    /// Whether there is room for a subscription of `callback_host` under `key`: one that is there already is replaced.
    pub(super) fn has_room(&self, key: &Key, callback_host: &str) -> bool {
        let at_host = self.subscribers.values().filter(|one| host(one) == callback_host).take(MOST_OF_HOST).count();
        self.subscribers.contains_key(key) || (self.subscribers.len() < MOST && at_host < MOST_OF_HOST)
    }

    /// Adds `subscriber` in place of one with the same callback and topic.
    pub(super) fn add(&mut self, subscriber: HubSubscriber) {
        let key = key(&subscriber);
        // What was not delivered yet to the one before is owed to this one.
        let sent_hash = self.subscribers.get(&key).map_or(subscriber.sent_hash, |before| before.sent_hash);
        self.changed.insert(key.clone());
        self.subscribers.insert(key, HubSubscriber { sent_hash, ..subscriber });
    }

    pub(super) fn remove(&mut self, key: &Key) {
        if self.subscribers.remove(key).is_some() {
            self.changed.insert(key.clone());
        }
    }

    /// Ends what is over: leases, and topics that are not among `topics` any more. The latter are returned.
    pub(super) fn end(&mut self, topics: &BTreeSet<&str>, now: Timestamp) -> Vec<HubSubscriber> {
        let over: Vec<Key> =
            self.subscribers.iter().filter(|(_, one)| one.lease_until <= now).map(|(key, _)| key.clone()).collect();
        over.iter().for_each(|key| self.remove(key));
        let gone: Vec<HubSubscriber> =
            self.subscribers.values().filter(|one| !topics.contains(one.topic.as_str())).cloned().collect();
        gone.iter().for_each(|one| self.remove(&key(one)));
        gone
    }

    /// The next delivery at `now`, given what each topic holds; from then on it is under way. Those that fail come after
    /// those that do not.
    pub(super) fn next_delivery(&mut self, hashes: &BTreeMap<&str, [u8; 32]>, now: Timestamp) -> Option<HubSubscriber> {
        let mut at_hosts: BTreeMap<&str, usize> = BTreeMap::new();
        for host in self.under_way.values() {
            *at_hosts.entry(host).or_default() += 1;
        }
        let is_due = |(key, one): &(&Key, &HubSubscriber)| {
            one.next_try <= now
                && hashes.get(one.topic.as_str()).is_some_and(|hash| *hash != one.sent_hash)
                && !self.under_way.contains_key(*key)
                && at_hosts.get(host(one)).is_none_or(|count| *count < AT_ONCE_TO_HOST)
        };
        let found = self.subscribers.iter().filter(is_due).min_by_key(|(_, one)| one.failures);
        let (key, one) = found.map(|(key, one)| (key.clone(), one.clone()))?;
        self.under_way.insert(key, host(&one).to_owned());
        Some(one)
    }

    /// Subscribers that are owed a delivery, given what each topic holds.
    fn owed<'r>(&'r self, hashes: &BTreeMap<&str, [u8; 32]>) -> impl Iterator<Item = &'r HubSubscriber> {
        let is_owed =
            move |one: &&HubSubscriber| hashes.get(one.topic.as_str()).is_some_and(|hash| *hash != one.sent_hash);
        self.subscribers.values().filter(is_owed)
    }

    /// How many those are.
    pub(super) fn owed_count(&self, hashes: &BTreeMap<&str, [u8; 32]>) -> usize {
        self.owed(hashes).count()
    }

    /// When a delivery is to be tried next, of those that are owed one.
    pub(super) fn next(&self, hashes: &BTreeMap<&str, [u8; 32]>) -> Option<Timestamp> {
        self.owed(hashes).map(|one| one.next_try).min()
    }

    /// The delivery of what has `hash` to `key` ended at `now`.
    pub(super) fn delivered(&mut self, key: &Key, hash: [u8; 32], how: Delivered, now: Timestamp) {
        self.under_way.remove(key);
        let Some(one) = self.subscribers.get_mut(key) else { return };
        self.changed.insert(key.clone());
        match how {
            Delivered::Yes => (one.sent_hash, one.failures, one.next_try) = (hash, 0, now),
            Delivered::NeverAgain => self.remove(key),
            Delivered::No(again) => {
                one.failures += 1;
                let pause = FIRST_PAUSE.saturating_mul(1 << (one.failures - 1).min(12));
                let pause = pause.max(again.unwrap_or_default()).min(LONGEST_PAUSE);
                one.next_try = now.saturating_add(pause).unwrap_or(now);
                if one.failures.is_multiple_of(MOST_TRIES) {
                    // It is given up; the next change is tried again.
                    one.sent_hash = hash;
                }
                if one.failures >= MOST_FAILURES {
                    self.remove(key);
                }
            }
        }
    }

    /// What is to be stored, and what is to be forgotten; from now on it is.
    pub(super) fn take_changes(&mut self) -> (Vec<HubSubscriber>, Vec<Key>) {
        let (mut saved, mut gone) = (Vec::new(), Vec::new());
        for key in std::mem::take(&mut self.changed) {
            match self.subscribers.get(&key) {
                Some(one) => saved.push(one.clone()),
                None => gone.push(key),
            }
        }
        (saved, gone)
    }

    /// What could not be stored is to be stored still.
    pub(super) fn put_back(&mut self, keys: impl IntoIterator<Item = Key>) {
        self.changed.extend(keys);
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    const TOPIC: &str = "https://me.example/feed.xml";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn subscriber(callback: &str) -> HubSubscriber {
        HubSubscriber {
            callback: Url::parse(callback).unwrap(),
            topic: TOPIC.to_owned(),
            secret: None,
            lease_until: at(100_000_000),
            sent_hash: [0; 32],
            failures: 0,
            next_try: at(0),
        }
    }

    fn hashes(hash: u8) -> BTreeMap<&'static str, [u8; 32]> {
        BTreeMap::from([(TOPIC, [hash; 32])])
    }

    #[test]
    fn each_subscriber_is_sent_each_change_once() {
        let mut roll = Roll::new(vec![subscriber("https://a.example/"), subscriber("https://b.example/")]);
        assert_eq!(roll.next_delivery(&hashes(0), at(0)), None, "it was there when they subscribed");
        assert_eq!((roll.owed_count(&hashes(0)), roll.owed_count(&hashes(1))), (0, 2));
        let first = roll.next_delivery(&hashes(1), at(0)).unwrap();
        let second = roll.next_delivery(&hashes(1), at(0)).unwrap();
        assert!(first != second && roll.next_delivery(&hashes(1), at(0)).is_none());
        // It changed again while it was under way.
        roll.delivered(&key(&first), [1; 32], Delivered::Yes, at(1));
        assert_eq!(roll.owed_count(&hashes(1)), 1, "what is under way is owed still");
        assert_eq!(roll.next_delivery(&hashes(2), at(1)).map(|one| key(&one)), Some(key(&first)));
        roll.delivered(&key(&second), [1; 32], Delivered::Yes, at(1));
        assert_eq!(roll.next_delivery(&hashes(1), at(1)), None);
    }

    #[test]
    fn what_fails_is_tried_again_later_and_later_then_given_up_and_in_the_end_over() {
        let mut roll = Roll::new(vec![subscriber("https://a.example/")]);
        let mut tries = Vec::new();
        let mut now = 0;
        for change in 1..=6 {
            while let Some(next) = roll.next(&hashes(change)) {
                now = now.max(next.duration_since(at(0)).as_secs());
                let Some(one) = roll.next_delivery(&hashes(change), at(now)) else { break };
                tries.push(now);
                roll.delivered(&key(&one), [change; 32], Delivered::No(None), at(now));
            }
        }
        assert_eq!(tries[..5], [0, 30, 90, 210, 450]);
        assert_eq!((tries.len(), roll.len()), (40, 0));
    }

    #[test]
    fn a_subscriber_may_ask_for_time_or_for_nothing_more() {
        let mut roll = Roll::new(vec![subscriber("https://a.example/")]);
        let one = roll.next_delivery(&hashes(1), at(0)).unwrap();
        roll.delivered(&key(&one), [1; 32], Delivered::No(Some(SignedDuration::from_hours(900))), at(0));
        assert!(roll.next_delivery(&hashes(1), at(6 * 3_600 - 1)).is_none());
        assert!(roll.next_delivery(&hashes(1), at(6 * 3_600)).is_some(), "it has no right to more");
        roll.delivered(&key(&one), [1; 32], Delivered::NeverAgain, at(0));
        assert_eq!((roll.len(), roll.take_changes()), (0, (Vec::new(), vec![key(&one)])));
    }

    #[test]
    fn a_host_that_hangs_does_not_keep_others_waiting() {
        let slow = (0..100).map(|number| subscriber(&format!("https://slow.example/{number}")));
        let mut roll = Roll::new(slow.chain([subscriber("https://z.example/")]).collect());
        let sent: Vec<_> = std::iter::from_fn(|| roll.next_delivery(&hashes(1), at(0))).collect();
        assert_eq!(sent.len(), AT_ONCE_TO_HOST + 1);
        assert_eq!(sent.last().unwrap().callback.as_str(), "https://z.example/");
    }

    #[test]
    fn leases_and_topics_end() {
        let short = HubSubscriber { lease_until: at(10), ..subscriber("https://a.example/") };
        let other =
            HubSubscriber { topic: "https://me.example/gone.xml".to_owned(), ..subscriber("https://b.example/") };
        let mut roll = Roll::new(vec![short, other.clone(), subscriber("https://c.example/")]);
        assert_eq!(roll.end(&BTreeSet::from([TOPIC]), at(9)), [other]);
        assert_eq!(roll.len(), 2);
        assert_eq!((roll.end(&BTreeSet::from([TOPIC]), at(10)).len(), roll.len()), (0, 1));
    }

    #[test]
    fn a_subscription_is_replaced_and_there_is_room_for_so_many() {
        let mut roll = Roll::default();
        for number in 0..MOST_OF_HOST {
            roll.add(subscriber(&format!("https://a.example/{number}")));
        }
        let full = ("https://a.example/new".to_owned(), TOPIC.to_owned());
        assert!(!roll.has_room(&full, "a.example") && roll.has_room(&full, "b.example"));
        let known = key(&subscriber("https://a.example/1"));
        assert!(roll.has_room(&known, "a.example"));
        roll.delivered(&known, [9; 32], Delivered::Yes, at(0));
        roll.add(HubSubscriber { lease_until: at(77), sent_hash: [5; 32], ..subscriber("https://a.example/1") });
        assert_eq!(roll.len(), MOST_OF_HOST);
        assert_eq!((roll.subscribers[&known].lease_until, roll.subscribers[&known].sent_hash), (at(77), [9; 32]));
    }
}
