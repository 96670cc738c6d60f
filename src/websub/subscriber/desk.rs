//! The subscriber at work: its loop, and what it answers hubs.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::timeout;

use super::super::intent::{Intent, Mode};
use super::asking::ask;
use super::book::{Book, Judged, Request};
use super::wishes::wishes;
use crate::config::Config;
use crate::gather::Courier;
use crate::store::{Room, Store, StoreError};

/// Hubs that are asked at the same time.
const MOST_AT_ONCE: usize = 16;
/// How long the loop sleeps at most: what could not be stored is tried again.
const LONGEST_SLEEP: Duration = Duration::from_secs(20);

/// Says what somebody should look at.
pub(crate) type Say = Box<dyn Fn(&str) + Send + Sync>;

/// Subscribes, answers hubs, and keeps what they push.
pub(crate) struct Subscriber {
    inner: Mutex<Inner>,
    /// Held while something is stored: what is newer is stored later.
    storing: Mutex<()>,
    clock: fn() -> Timestamp,
    say: Say,
    wake: Notify,
    /// Something was pushed that waits for a pass.
    arrived: Notify,
    counts: [AtomicU64; 4],
}

#[derive(Default)]
struct Inner {
    config: Option<Arc<Config>>,
    courier: Option<Arc<Courier>>,
    /// `None`: not read yet.
    book: Option<Book>,
    /// What was said last: it is not said again.
    said: Option<String>,
}

/// The answer to what a hub verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verified {
    /// It is what the hub was asked: this is to be answered.
    Yes(String),
    /// It is not.
    No,
    /// The subscriptions are not read yet.
    NotYet,
}

/// What becomes of a push before its body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reception {
    /// Of at most so many bytes.
    Read(u64),
    Unknown,
    Gone,
    NotYet,
}

/// A push.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    /// `X-Hub-Signature`.
    pub(crate) signature: Option<String>,
    /// Those that say how the body is to be read, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What became of a push, for `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Push {
    /// It waits for the next pass, which begins at once.
    Taken,
    /// It is not signed, or wrongly.
    Unsigned,
    /// There is no room for it, or it cannot be stored.
    Full,
    /// Nothing is subscribed there.
    Stray,
}

impl Push {
    /// All of them, as they are counted.
    pub(crate) const ALL: [(Self, &str); 4] =
        [(Self::Taken, "taken"), (Self::Unsigned, "unsigned"), (Self::Full, "full"), (Self::Stray, "stray")];
}

impl Subscriber {
    pub(crate) fn new(clock: fn() -> Timestamp, say: Say) -> Self {
        let (wake, arrived) = (Notify::new(), Notify::new());
        Self {
            inner: Mutex::default(),
            storing: Mutex::default(),
            clock,
            say,
            wake,
            arrived,
            counts: Default::default(),
        }
    }

    /// Goes by `config` from now on.
    pub(crate) fn configure(&self, config: Arc<Config>) {
        let is_same = self.lock().config.as_ref().is_some_and(|before| before.fingerprint == config.fingerprint);
        if !is_same {
            let courier = Courier::new(&config).map_err(|error| self.say_once(&error.to_string())).ok();
            self.lock().courier = courier.map(Arc::new);
        }
        self.lock().config = Some(config);
        self.wake.notify_one();
    }

    /// Feeds may have been read: what they name is looked at again.
    pub(crate) fn look_again(&self) {
        self.wake.notify_one();
    }

    /// Waits until something was pushed.
    pub(crate) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Subscriptions by their states.
    pub(crate) fn subscriptions(&self) -> Vec<(&'static str, usize)> {
        let mut states = vec![("active", 0), ("denied", 0), ("leaving", 0), ("wanted", 0)];
        for subscription in self.lock().book.iter().flat_map(Book::iter) {
            if let Some((_, count)) = states.iter_mut().find(|(state, _)| *state == subscription.state.code()) {
                *count += 1;
            }
        }
        states
    }

    /// Pushes since the start, by what became of them.
    pub(crate) fn pushes(&self) -> Vec<(&'static str, u64)> {
        let pushes = Push::ALL.iter().zip(&self.counts);
        pushes.map(|((_, name), count)| (*name, count.load(Ordering::Relaxed))).collect()
    }

    /// Subscribes and unsubscribes, for ever.
    pub(crate) async fn tend(self: Arc<Self>) {
        loop {
            self.look().await;
            let requests = self.with_book(Book::ask).unwrap_or_default();
            // Before anything is sent: what a hub verifies is known after a kill too.
            self.store().await;
            self.send(requests).await;
            self.store().await;
            let next = self.with_book(|book, now| book.next().map(|at| at.duration_since(now))).flatten();
            let next = next.map_or(LONGEST_SLEEP, |wait| Duration::try_from(wait).unwrap_or_default());
            // A word of its own, or the time.
            let _ = timeout(next.clamp(Duration::from_millis(100), LONGEST_SLEEP), self.wake.notified()).await;
        }
    }

    /// Compares what feeds name with what is subscribed.
    async fn look(self: &Arc<Self>) {
        let Some(config) = self.lock().config.clone() else { return };
        let this = Arc::clone(self);
        let looked = spawn_blocking(move || this.look_at(&config)).await;
        match looked {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.say_once(&format!("what is pushed cannot be looked at: {error}")),
            Err(died) => self.say_once(&format!("what is pushed cannot be looked at, a fault in feedloom: {died}")),
        }
    }

    fn look_at(&self, config: &Config) -> Result<(), StoreError> {
        let store = match Store::open_to_read(&config.database) {
            Err(StoreError::Missing { .. }) => return Ok(()),
            opened => opened?,
        };
        if self.lock().book.is_none() {
            let book = Book::new(store.subscriptions()?);
            self.lock().book.get_or_insert(book);
        }
        let wishes = if config.serve.websub { wishes(&store, config)? } else { Vec::new() };
        let base = config.serve.public_url.as_ref();
        if base.is_none() && !wishes.is_empty() {
            self.say_once(&format!(
                "hubs would push what is new in {} of the sources, but cannot reach this service: [serve] public_url is \
                 missing in {}",
                wishes.len(),
                config.path.display()
            ));
        }
        let (wishes, base) = match base {
            Some(base) => (wishes, base.clone()),
            None => (Vec::new(), url::Url::parse("http://nowhere.invalid/").expect("an address")),
        };
        let wished = self.with_book(|book, now| book.wish(&wishes, &base, now));
        if let Some(Err(error)) = wished {
            self.say_once(&error.to_string());
        }
        Ok(())
    }

    async fn send(self: &Arc<Self>, requests: Vec<Request>) {
        let Some(courier) = self.lock().courier.clone() else { return };
        let mut sending = JoinSet::new();
        for request in requests {
            if sending.len() >= MOST_AT_ONCE {
                sending.join_next().await;
            }
            let (this, courier) = (Arc::clone(self), Arc::clone(&courier));
            sending.spawn(async move { this.send_one(&courier, &request).await });
        }
        while sending.join_next().await.is_some() {}
    }

    async fn send_one(&self, courier: &Courier, request: &Request) {
        let Err(refusal) = ask(courier, request, self.clock).await else { return };
        tracing::warn!(hub = request.hub.as_str(), topic = request.topic, why = refusal.problem, "a hub refused");
        self.with_book(|book, now| book.refused(&request.path, &refusal.problem, refusal.again, now));
    }

    /// Whether what a hub verifies at `path` is what it was asked. It is stored before the hub is answered.
    pub(crate) async fn verify(self: &Arc<Self>, path: &str, intent: &Intent) -> Verified {
        let verified = self.with_book(|book, now| book.verify(path, intent, now));
        self.store().await;
        self.wake.notify_one();
        match verified {
            None => Verified::NotYet,
            Some(false) => Verified::No,
            Some(true) if intent.mode == Mode::Denied => Verified::Yes(String::new()),
            Some(true) => Verified::Yes(intent.challenge.clone()),
        }
    }

    /// What becomes of a push to `path`.
    pub(crate) fn reception(&self, path: &str) -> Reception {
        let inner = self.lock();
        let (Some(book), Some(config)) = (&inner.book, &inner.config) else { return Reception::NotYet };
        match book.standing(path) {
            Judged::Good | Judged::Unsigned => Reception::Read(config.fetch.max_body_bytes),
            Judged::Unknown => Reception::Unknown,
            Judged::Gone => Reception::Gone,
        }
    }

    /// Takes a push: it is stored when this returns.
    pub(crate) async fn take(self: &Arc<Self>, path: &str, delivery: Delivery) -> Push {
        let (this, path) = (Arc::clone(self), path.to_owned());
        let taken = spawn_blocking(move || this.take_now(&path, &delivery)).await.unwrap_or(Push::Full);
        if let Some(place) = Push::ALL.iter().position(|(push, _)| *push == taken) {
            self.counts[place].fetch_add(1, Ordering::Relaxed);
        }
        if taken == Push::Taken {
            self.arrived.notify_one();
        }
        taken
    }

    fn take_now(&self, path: &str, delivery: &Delivery) -> Push {
        let Some(config) = self.lock().config.clone() else { return Push::Full };
        let judged = self.with_book(|book, _| book.judge(path, delivery.signature.as_deref(), &delivery.body));
        match judged {
            Some(Judged::Good) => {}
            Some(Judged::Unsigned) => return Push::Unsigned,
            Some(Judged::Unknown | Judged::Gone) => return Push::Stray,
            None => return Push::Full,
        }
        let add = || -> Result<Room, StoreError> {
            let mut store = Store::open_beside(&config.database)?;
            let mut batch = store.batch()?;
            let room = batch.add_pushed(path, (self.clock)(), &delivery.headers, &delivery.body)?;
            batch.commit()?;
            Ok(room)
        };
        match add() {
            Ok(Room::Found) => Push::Taken,
            Ok(Room::None) => Push::Full,
            Err(error) => {
                self.say_once(&format!("what was pushed cannot be stored: {error}"));
                Push::Full
            }
        }
    }

    /// Stores what changed. What cannot be stored now is tried again later.
    async fn store(self: &Arc<Self>) {
        let this = Arc::clone(self);
        if let Err(died) = spawn_blocking(move || this.store_now()).await {
            self.say_once(&format!("subscriptions cannot be stored, a fault in feedloom: {died}"));
        }
    }

    fn store_now(&self) {
        let _in_order = self.storing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut inner = self.lock();
        let Some(config) = inner.config.clone() else { return };
        let Some((saved, gone)) = inner.book.as_mut().map(Book::take_changes) else { return };
        drop(inner);
        if saved.is_empty() && gone.is_empty() {
            return;
        }
        let write = |database: &Path| -> Result<(), StoreError> {
            let mut store = Store::open_beside(database)?;
            let mut batch = store.batch()?;
            saved.iter().try_for_each(|subscription| batch.save_subscription(subscription))?;
            gone.iter().try_for_each(|path| batch.forget_subscription(path))?;
            batch.commit()
        };
        if let Err(error) = write(&config.database) {
            let paths = saved.into_iter().map(|subscription| subscription.path).chain(gone);
            self.with_book(|book, _| book.put_back(paths));
            self.say_once(&format!("subscriptions cannot be stored: {error}"));
        }
    }

    fn with_book<T>(&self, work: impl FnOnce(&mut Book, Timestamp) -> T) -> Option<T> {
        self.lock().book.as_mut().map(|book| work(book, (self.clock)()))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say_once(&self, words: &str) {
        let is_new = self.lock().said.as_deref() != Some(words);
        if is_new {
            self.lock().said = Some(words.to_owned());
            (self.say)(words);
        }
    }
}

impl std::fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscriber").finish_non_exhaustive()
    }
}
