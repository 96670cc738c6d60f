//! What the loop and the pages share.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

use super::door::Door;
use super::facts::FactBook;
use super::operator::Operator;
use super::take::{TakeError, contents, take, topics};
use super::target::decoded;
use super::token::Token;
use crate::config::{AccessLog, Config, TokenPlace};
use crate::store::{Store, StoreError};
use crate::websub::{Hub, Subscriber};

/// What the loop and the pages share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) door: Door,
    pub(super) facts: FactBook,
    config: RwLock<Option<Arc<Config>>>,
    token: RwLock<Option<Token>>,
    /// What hubs are asked, and what they push.
    subscriber: OnceLock<Arc<Subscriber>>,
    /// Whom our own outputs are delivered to.
    hub: OnceLock<Arc<Hub>>,
    has_hub: AtomicBool,
    /// Bodies that are read at the same time.
    pub(super) mail_places: MailPlaces,
    /// The same of requests to our own hub, which are small.
    pub(super) petition_places: PetitionPlaces,
    /// The files changed while somebody was writing them.
    owes_look: AtomicBool,
}

/// Bodies that are read at the same time: each may be as large as a feed.
#[derive(Debug)]
pub(super) struct MailPlaces(Semaphore);

const MAIL_PLACES: usize = 6;

impl Default for MailPlaces {
    fn default() -> Self {
        Self(Semaphore::new(MAIL_PLACES))
    }
}

/// Requests to our own hub that are read at the same time.
#[derive(Debug)]
pub(super) struct PetitionPlaces(Semaphore);

const PETITION_PLACES: usize = 64;

impl Default for PetitionPlaces {
    fn default() -> Self {
        Self(Semaphore::new(PETITION_PLACES))
    }
}

impl PetitionPlaces {
    /// One, if there is one.
    pub(super) fn try_acquire(&self) -> Option<SemaphorePermit<'_>> {
        self.0.try_acquire().ok()
    }
}

impl MailPlaces {
    /// Waits for one.
    pub(super) async fn acquire(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.0.acquire().await
    }
}

impl Shared {
    /// feeds.toml as it is in force; `None`: the service has not begun.
    pub(super) fn config(&self) -> Option<Arc<Config>> {
        self.config.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What opens the pages of the operator; `None`: nothing does.
    pub(super) fn token(&self) -> Option<Token> {
        self.token.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes by `config` from now on.
    pub(super) fn configure(&self, config: &Config, operator: &dyn Operator) {
        self.door.set_prefix(&config.serve.public_url.as_ref().and_then(|url| decoded(url.path())).unwrap_or_default());
        match &config.serve.access_log {
            None => self.door.access_log.stop(),
            Some(AccessLog::Stderr) => self.door.access_log.write_with(operator.log()),
            Some(AccessLog::File(path)) => {
                if let Err(error) = self.door.access_log.write_to(path) {
                    let path = path.display();
                    operator.problem(&format!(
                        "cannot open {path}: {error}\nrequests are logged where they were before, if at all"
                    ));
                }
            }
        }
        let token = config.serve.token.as_ref().map(read_token).transpose().unwrap_or_else(|why| {
            // Not the one from before either: whoever emptied its file may have wanted to revoke it.
            operator.problem(&format!("no token opens /metrics and /status: {why}"));
            None
        });
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = token;
        self.keep(config);
    }

    /// Goes by `config` from now on, in which nothing changed that the service itself goes by.
    pub(super) fn keep(&self, config: &Config) {
        let config = Arc::new(config.clone());
        if let Some(subscriber) = self.subscriber.get() {
            subscriber.configure(Arc::clone(&config));
        }
        self.has_hub.store(config.serve.hub_address().is_some(), Ordering::Relaxed);
        if let Some(hub) = self.hub.get() {
            hub.configure(Arc::clone(&config), topics(&config));
        }
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Some(config);
    }

    /// What hubs are asked and what they push goes through `subscriber`, from the beginning.
    pub(super) fn subscribe_by(&self, subscriber: Arc<Subscriber>) {
        self.subscriber.get_or_init(|| subscriber);
    }

    /// Our own outputs are delivered by `hub`, from the beginning.
    pub(super) fn deliver_by(&self, hub: Arc<Hub>) {
        self.hub.get_or_init(|| hub);
    }

    /// `None`: there is none.
    pub(super) fn hub(&self) -> Option<Arc<Hub>> {
        self.hub.get().filter(|_| self.has_hub.load(Ordering::Relaxed)).cloned()
    }

    /// `None`: the service has not begun.
    pub(super) fn subscriber(&self) -> Option<Arc<Subscriber>> {
        self.subscriber.get().cloned()
    }

    /// Shows what the files of the outputs are now; false: they are not one whole set, or somebody is writing them.
    pub(super) fn take_over(&self, config: &Config, operator: &dyn Operator) -> bool {
        match self.look(config) {
            Ok(is_taken) => {
                self.owes_look.store(!is_taken, Ordering::Relaxed);
                is_taken
            }
            Err(error) => {
                self.owes_look.store(false, Ordering::Relaxed);
                // The next pass writes anew what is unfinished, and says what is wrong with the database.
                if let TakeError::Io { .. } = error {
                    operator.problem(&explained(&error));
                }
                false
            }
        }
    }

    fn look(&self, config: &Config) -> Result<bool, TakeError> {
        let Some(_still) = Store::hold_still(&config.database)? else { return Ok(false) };
        let store = match Store::open_to_read(&config.database) {
            Err(StoreError::Missing { .. }) => return Ok(false),
            opened => opened?,
        };
        self.show(&store, config)?;
        Ok(true)
    }

    /// Shows what was published last. Nobody publishes meanwhile.
    pub(super) fn show(&self, store: &Store, config: &Config) -> Result<(), TakeError> {
        let before = self.door.site().unwrap_or_default();
        let site = take(store, config, &before)?;
        self.facts.note(|facts| facts.files = site.size());
        let contents = self.hub().map(|hub| (hub, contents(&site, config)));
        self.door.show(Arc::new(site));
        if let Some((hub, contents)) = contents {
            hub.publish(contents);
        }
        Ok(())
    }

    pub(super) fn owe_look(&self) {
        self.owes_look.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_look_owed(&self) -> bool {
        self.owes_look.load(Ordering::Relaxed)
    }
}

/// The error with what caused it, in one line.
pub(super) fn explained(error: &TakeError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn read_token(place: &TokenPlace) -> Result<Token, String> {
    let (text, name) = match place {
        TokenPlace::Environment(name) => (std::env::var(name).unwrap_or_default(), format!("the variable {name}")),
        TokenPlace::File(path) => {
            let read = |path: &Path| -> io::Result<String> { fs::read_to_string(path) };
            let name = path.display().to_string();
            (read(path).map_err(|error| format!("cannot read {name}: {error}"))?, name)
        }
    };
    Token::new(text.trim()).ok_or_else(|| format!("{name} holds none of at least {} characters", Token::LEAST_LENGTH))
}
