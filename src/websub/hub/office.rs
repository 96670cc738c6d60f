//! The hub at work: what it is asked, what it has confirmed, and what it delivers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{sleep, timeout};
use url::Url;

use super::super::intent::Mode;
use super::super::random::unguessable;
use super::super::subscriber::Say;
use super::content::Content;
use super::petition::{Petition, Rejection};
use super::roll::{Delivered, Key, Roll, key};
use super::sending::{confirms, deliver, deny};
use super::strangers::{MayCall, Strangers};
use crate::config::Config;
use crate::gather::Courier;
use crate::store::{HubSubscriber, Store, StoreError};

/// Callbacks that are asked to confirm, and deliveries, at the same time.
const CONFIRMATIONS_AT_ONCE: usize = 8;
const DELIVERIES_AT_ONCE: usize = 32;
/// Requests that wait to be confirmed.
const MOST_WAITING: usize = 1_000;
/// Results that are stored together.
const STORED_TOGETHER: usize = 64;
/// How long a loop sleeps at most.
const LONGEST_SLEEP: Duration = Duration::from_secs(20);

/// Confirms subscriptions to our outputs, and delivers these.
pub(crate) struct Hub {
    inner: Mutex<Inner>,
    storing: Mutex<()>,
    clock: fn() -> Timestamp,
    say: Say,
    asked: Notify,
    changed: Notify,
    counts: [AtomicU64; 3],
}

#[derive(Default)]
struct Inner {
    config: Option<Arc<Config>>,
    courier: Option<Arc<Courier>>,
    /// The hub's own address; `None`: there is no hub.
    address: Option<Url>,
    /// What can be subscribed to.
    topics: BTreeSet<String>,
    /// What was published last, by its topic.
    contents: BTreeMap<String, Arc<Content>>,
    /// `None`: not read yet.
    roll: Option<Roll>,
    waiting: VecDeque<Petition>,
    strangers: Strangers,
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
    }

    /// Takes what somebody asks; whether the callback confirms it shows later.
    ///
    /// # Errors
    /// [`Rejection`].
    pub(crate) fn ask(&self, form: &[u8]) -> Result<(), Rejection> {
        let petition = Petition::of_form(form)?;
        let now = (self.clock)();
        let mut inner = self.lock();
        let key: Key = (petition.callback.to_string(), petition.topic.clone());
        let host = petition.callback.host_str().unwrap_or_default();
        let Some(roll) = &inner.roll else { return Err(Rejection::Full) };
        // What ended may still be unsubscribed.
        let is_known = petition.mode == Mode::Unsubscribe && roll.has(&key);
        if !is_known && !inner.topics.contains(&petition.topic) {
            return Err(Rejection::NotOurs);
        }
        if petition.mode == Mode::Subscribe && !inner.contents.contains_key(&petition.topic) {
            return Err(Rejection::Full);
        }
        if inner.courier.as_ref().is_none_or(|courier| courier.check(&petition.callback).is_err()) {
            return Err(Rejection::Forbidden);
        }
        if inner.waiting.len() >= MOST_WAITING || (petition.mode == Mode::Subscribe && !roll.has_room(&key, host)) {
            return Err(Rejection::Full);
        }
        match inner.strangers.call(host, now) {
            MayCall::Yes => {}
            MayCall::NotThisHost => return Err(Rejection::TooMany),
            MayCall::Nobody => return Err(Rejection::Full),
        }
        inner.waiting.push_back(petition);
        drop(inner);
        self.asked.notify_one();
        Ok(())
    }

    /// Subscriptions that are held.
    pub(crate) fn subscribers(&self) -> usize {
        self.lock().roll.as_ref().map_or(0, Roll::len)
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

    fn next_waiting(&self) -> Option<Petition> {
        self.lock().waiting.pop_front()
    }

    async fn confirm(self: Arc<Self>, petition: Petition) {
        let Some(courier) = self.lock().courier.clone() else { return };
        let Ok(challenge) = unguessable::<20>() else { return };
        if !confirms(&courier, &petition, &challenge, (self.clock)()).await {
            return;
        }
        self.settle(petition);
        self.store().await;
        self.changed.notify_one();
    }

    /// What was asked is so from now on.
    fn settle(&self, petition: Petition) {
        let now = (self.clock)();
        let mut inner = self.lock();
        let inner = &mut *inner;
        inner.strangers.confirmed(petition.callback.host_str().unwrap_or_default());
        let Some(roll) = &mut inner.roll else { return };
        if petition.mode == Mode::Unsubscribe {
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
            let Inner { roll, topics, courier, .. } = &mut *inner;
            let Some(roll) = roll else { return };
            let topics: BTreeSet<&str> = topics.iter().map(String::as_str).collect();
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

    /// Reads who is subscribed, once there is a database.
    async fn read(self: &Arc<Self>) {
        if self.lock().roll.is_some() {
            return;
        }
        let Some(config) = self.lock().config.clone() else { return };
        let read = spawn_blocking(move || match Store::open_to_read(&config.database) {
            Err(StoreError::Missing { .. }) => Ok(None),
            opened => opened?.hub_subscribers().map(Some),
        });
        match read.await {
            Ok(Ok(Some(subscribers))) => self.lock().roll = Some(Roll::new(subscribers)),
            Ok(Ok(None)) => {}
            Ok(Err(error)) => {
                (self.say)(&format!("the subscribers of the hub cannot be read: {error}"));
                sleep(LONGEST_SLEEP).await;
            }
            Err(died) => (self.say)(&format!("a fault in feedloom: {died}")),
        }
    }

    async fn store(self: &Arc<Self>) {
        let this = Arc::clone(self);
        if let Err(died) = spawn_blocking(move || this.store_now()).await {
            (self.say)(&format!("a fault in feedloom: {died}"));
        }
    }

    fn store_now(&self) {
        let _in_order = self.storing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut inner = self.lock();
        let Some(config) = inner.config.clone() else { return };
        let Some((saved, gone)) = inner.roll.as_mut().map(Roll::take_changes) else { return };
        drop(inner);
        if saved.is_empty() && gone.is_empty() {
            return;
        }
        let write = |database: &Path| -> Result<(), StoreError> {
            let mut store = Store::open_beside(database)?;
            let mut batch = store.batch()?;
            saved.iter().try_for_each(|subscriber| batch.save_hub_subscriber(subscriber))?;
            for (callback, topic) in &gone {
                batch.forget_hub_subscriber(callback, topic)?;
            }
            batch.commit()
        };
        if let Err(error) = write(&config.database) {
            if let Some(roll) = &mut self.lock().roll {
                roll.put_back(saved.iter().map(key).chain(gone));
            }
            (self.say)(&format!("the subscribers of the hub cannot be stored: {error}"));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
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
