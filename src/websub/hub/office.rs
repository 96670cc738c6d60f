//! The hub at work: what it is asked, what it has confirmed, and what it delivers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::timeout;
use url::Url;

use super::super::random::unguessable;
use super::super::subscriber::Say;
use super::content::Content;
use super::petition::{Rejection, read_petition};
use super::roll::{Delivered, Key, Roll, key};
use super::sending::{confirms, deliver, deny};
use super::strangers::{MayCall, Strangers};
use crate::config::Config;
use crate::gather::Courier;
use crate::store::{HubPetition, HubSubscriber, HubWish};

/// Callbacks that are asked to confirm, and deliveries, at the same time.
const CONFIRMATIONS_AT_ONCE: usize = 8;
const DELIVERIES_AT_ONCE: usize = 32;
/// Requests that wait to be confirmed.
const MOST_WAITING: usize = 1_000;
/// Results that are stored together.
const STORED_TOGETHER: usize = 64;
/// How long a loop sleeps at most.
pub(super) const LONGEST_SLEEP: Duration = Duration::from_secs(20);

/// Confirms subscriptions to our outputs, and delivers these.
pub(crate) struct Hub {
    inner: Mutex<Inner>,
    pub(super) storing: Mutex<()>,
    clock: fn() -> Timestamp,
    pub(super) say: Say,
    pub(super) asked: Notify,
    changed: Notify,
    counts: [AtomicU64; 3],
}

#[derive(Default)]
pub(super) struct Inner {
    pub(super) config: Option<Arc<Config>>,
    courier: Option<Arc<Courier>>,
    /// The hub's own address; `None`: there is no hub.
    address: Option<Url>,
    /// What can be subscribed to.
    topics: BTreeSet<String>,
    /// What was published last, by its topic.
    contents: BTreeMap<String, Arc<Content>>,
    /// `None`: not read yet.
    pub(super) roll: Option<Roll>,
    /// What callbacks are to confirm.
    pub(super) waiting: VecDeque<HubPetition>,
    /// What is not to be kept any more: confirmed, or not.
    pub(super) ended: Vec<HubPetition>,
    strangers: Strangers,
}

impl Inner {
    /// Whether what a subscriber has already can be noted: there is something to subscribe to.
    fn may_confirm(&self, petition: &HubPetition) -> bool {
        petition.wish == HubWish::Unsubscribe || self.contents.contains_key(&petition.topic)
    }
}

impl Hub {
    pub(crate) fn new(clock: fn() -> Timestamp, say: Say) -> Self {
        let (asked, changed) = (Notify::new(), Notify::new());
        Self {
            inner: Mutex::default(),
            storing: Mutex::default(),
            clock,
            say,
            asked,
            changed,
            counts: Default::default(),
        }
    }

    /// Goes by `config` from now on, under which these are the topics; without any there is no hub.
    pub(crate) fn configure(&self, config: Arc<Config>, topics: BTreeSet<String>) {
        let courier = Courier::new(&config).map_err(|error| (self.say)(&error.to_string())).ok();
        let mut inner = self.lock();
        inner.address = config.serve.hub_address();
        (inner.courier, inner.config, inner.topics) = (courier.map(Arc::new), Some(config), topics);
        drop(inner);
        self.changed.notify_one();
    }

    /// These are the outputs from now on: whoever subscribed to one that changed is sent it.
    pub(crate) fn publish(&self, contents: Vec<Content>) {
        let by_topic = contents.into_iter().map(|content| (content.topic.clone(), Arc::new(content))).collect();
        self.lock().contents = by_topic;
        self.changed.notify_one();
        self.asked.notify_one();
    }

    /// Takes what somebody asks, and keeps it through a kill; whether the callback confirms it shows later.
    ///
    /// # Errors
    /// [`Rejection`].
    pub(crate) async fn ask(self: &Arc<Self>, form: &[u8]) -> Result<(), Rejection> {
        let petition = read_petition(form)?;
        let config = self.admit(&petition)?;
        let kept = petition.clone();
        self.write_down(config, move |batch| batch.save_hub_petition(&kept)).await.ok_or(Rejection::Full)?;
        self.lock().waiting.push_back(petition);
        self.asked.notify_one();
        Ok(())
    }

    /// Whether `petition` may be looked into.
    fn admit(&self, petition: &HubPetition) -> Result<Arc<Config>, Rejection> {
        let mut inner = self.lock();
        let key: Key = (petition.callback.to_string(), petition.topic.clone());
        let host = petition.callback.host_str().unwrap_or_default();
        let Some(roll) = &inner.roll else { return Err(Rejection::Full) };
        // What ended may still be unsubscribed.
        let is_known = petition.wish == HubWish::Unsubscribe && roll.has(&key);
        if !is_known && !inner.topics.contains(&petition.topic) {
            return Err(Rejection::NotOurs);
        }
        if !inner.may_confirm(petition) {
            return Err(Rejection::Full);
        }
        if inner.courier.as_ref().is_none_or(|courier| courier.check(&petition.callback).is_err()) {
            return Err(Rejection::Forbidden);
        }
        let has_room = petition.wish == HubWish::Unsubscribe || roll.has_room(&key, host);
        if inner.waiting.len() >= MOST_WAITING || !has_room {
            return Err(Rejection::Full);
        }
        match inner.strangers.call(host, (self.clock)()) {
            MayCall::Yes => inner.config.clone().ok_or(Rejection::Full),
            MayCall::NotThisHost => Err(Rejection::TooMany),
            MayCall::Nobody => Err(Rejection::Full),
        }
    }

    /// Subscriptions that are held.
    pub(crate) fn subscribers(&self) -> usize {
        self.lock().roll.as_ref().map_or(0, Roll::len)
    }

    /// What the hub has still to do: callbacks that are to confirm, and deliveries that are owed.
    pub(crate) fn queue(&self) -> [(&'static str, usize); 2] {
        let inner = self.lock();
        let owed = inner.roll.as_ref().map_or(0, |roll| roll.owed_count(&hashes(&inner.contents)));
        [("confirmation", inner.waiting.len()), ("delivery", owed)]
    }

    /// Deliveries since the start, by how they ended.
    pub(crate) fn deliveries(&self) -> Vec<(&'static str, u64)> {
        let names = ["delivered", "failed", "gone"];
        names.into_iter().zip(&self.counts).map(|(name, count)| (name, count.load(Ordering::Relaxed))).collect()
    }

    /// Confirms and delivers, for ever.
    pub(crate) async fn tend(self: Arc<Self>) {
        tokio::join!(Arc::clone(&self).confirm_all(), self.deliver_all());
    }

    async fn confirm_all(self: Arc<Self>) {
        let mut confirming = JoinSet::new();
        loop {
            while confirming.len() < CONFIRMATIONS_AT_ONCE
                && let Some(petition) = self.next_waiting()
            {
                confirming.spawn(Arc::clone(&self).confirm(petition));
            }
            if confirming.is_empty() {
                self.asked.notified().await;
            } else {
                tokio::select! { _ = confirming.join_next() => {}, () = self.asked.notified() => {} }
            }
        }
    }

    fn next_waiting(&self) -> Option<HubPetition> {
        let mut inner = self.lock();
        let at = inner.waiting.iter().position(|petition| inner.may_confirm(petition))?;
        inner.waiting.remove(at)
    }

    async fn confirm(self: Arc<Self>, petition: HubPetition) {
        let Some(courier) = self.lock().courier.clone() else { return };
        let Ok(challenge) = unguessable::<20>() else { return };
        if confirms(&courier, &petition, &challenge, (self.clock)()).await {
            self.settle(petition.clone());
        }
        self.lock().ended.push(petition);
        self.store().await;
        self.changed.notify_one();
    }

    /// What was asked is so from now on.
    fn settle(&self, petition: HubPetition) {
        let now = (self.clock)();
        let mut inner = self.lock();
        let inner = &mut *inner;
        inner.strangers.confirmed(petition.callback.host_str().unwrap_or_default());
        let Some(roll) = &mut inner.roll else { return };
        if petition.wish == HubWish::Unsubscribe {
            return roll.remove(&(petition.callback.to_string(), petition.topic));
        }
        let Some(content) = inner.contents.get(&petition.topic) else { return };
        roll.add(HubSubscriber {
            callback: petition.callback,
            topic: petition.topic,
            secret: petition.secret,
            lease_until: now.saturating_add(petition.lease).unwrap_or(now),
            sent_hash: content.hash,
            failures: 0,
            next_try: now,
        });
    }

    async fn deliver_all(self: Arc<Self>) {
        let mut delivering = JoinSet::new();
        let mut unstored = 0;
        loop {
            self.read().await;
            self.end_what_is_over().await;
            while delivering.len() < DELIVERIES_AT_ONCE
                && let Some((subscriber, content)) = self.next_delivery()
            {
                delivering.spawn(Arc::clone(&self).deliver(subscriber, content));
            }
            if delivering.is_empty() {
                self.store().await;
                unstored = 0;
                // A word of its own, or the time.
                let _ = timeout(self.pause(), self.changed.notified()).await;
                continue;
            }
            tokio::select! {
                _ = delivering.join_next() => unstored += 1,
                () = self.changed.notified() => {}
            }
            if unstored >= STORED_TOGETHER {
                self.store().await;
                unstored = 0;
            }
        }
    }

    fn next_delivery(&self) -> Option<(HubSubscriber, Arc<Content>)> {
        let mut inner = self.lock();
        let Inner { roll, contents, courier, .. } = &mut *inner;
        courier.as_ref()?;
        let one = roll.as_mut()?.next_delivery(&hashes(contents), (self.clock)())?;
        let content = Arc::clone(contents.get(&one.topic)?);
        Some((one, content))
    }

    fn pause(&self) -> Duration {
        let inner = self.lock();
        let next = inner.roll.as_ref().and_then(|roll| roll.next(&hashes(&inner.contents)));
        let wait = next.map(|at| Duration::try_from(at.duration_since((self.clock)())).unwrap_or_default());
        wait.unwrap_or(LONGEST_SLEEP).clamp(Duration::from_millis(50), LONGEST_SLEEP)
    }

    async fn deliver(self: Arc<Self>, subscriber: HubSubscriber, content: Arc<Content>) {
        let (courier, hub) = {
            let inner = self.lock();
            (inner.courier.clone(), inner.address.clone())
        };
        let how = match (courier, hub) {
            (Some(courier), Some(hub)) => deliver(&courier, &subscriber, &content, &hub, (self.clock)()).await,
            _ => Delivered::No(None),
        };
        let place = match how {
            Delivered::Yes => 0,
            Delivered::No(_) => 1,
            Delivered::NeverAgain => 2,
        };
        self.counts[place].fetch_add(1, Ordering::Relaxed);
        let now = (self.clock)();
        if let Some(roll) = &mut self.lock().roll {
            roll.delivered(&key(&subscriber), content.hash, how, now);
        }
    }

    /// Ends leases that are over and subscriptions to what is not served any more.
    async fn end_what_is_over(self: &Arc<Self>) {
        let (gone, courier) = {
            let mut inner = self.lock();
            let Inner { roll, topics, courier, waiting, ended, .. } = &mut *inner;
            let Some(roll) = roll else { return };
            let topics: BTreeSet<&str> = topics.iter().map(String::as_str).collect();
            // What a service before this one was asked of them waits for nothing.
            let is_over = |petition: &HubPetition| {
                petition.wish == HubWish::Subscribe && !topics.contains(petition.topic.as_str())
            };
            ended.extend(waiting.iter().filter(|petition| is_over(petition)).cloned());
            waiting.retain(|petition| !is_over(petition));
            (roll.end(&topics, (self.clock)()), courier.clone())
        };
        let Some(courier) = courier.filter(|_| !gone.is_empty()) else { return };
        self.store().await;
        let mut denying = JoinSet::new();
        for subscriber in gone {
            if denying.len() >= DELIVERIES_AT_ONCE {
                denying.join_next().await;
            }
            let (courier, now) = (Arc::clone(&courier), (self.clock)());
            denying.spawn(async move { deny(&courier, &subscriber, now).await });
        }
        while denying.join_next().await.is_some() {}
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hashes(contents: &BTreeMap<String, Arc<Content>>) -> BTreeMap<&str, [u8; 32]> {
    contents.iter().map(|(topic, content)| (topic.as_str(), content.hash)).collect()
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").finish_non_exhaustive()
    }
}
