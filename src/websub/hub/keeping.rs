//! What the hub keeps through a kill: who is subscribed, and what callbacks have not confirmed yet.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::office::{Hub, LONGEST_SLEEP};
use super::roll::{Roll, key};
use crate::config::Config;
use crate::store::{Batch, HubPetition, Store, StoreError};

/// Starts of the service at which a callback is asked for the same confirmation.
const MOST_STARTS: u32 = 3;

impl Hub {
    /// Reads who is subscribed and what waits, once there is a database.
    pub(super) async fn read(self: &Arc<Self>) {
        if self.lock().roll.is_some() {
            return;
        }
        let Some(config) = self.lock().config.clone() else { return };
        let read = spawn_blocking(move || match Store::open_to_read(&config.database) {
            Err(StoreError::Missing { .. }) => Ok(None),
            opened => opened?.hub_subscribers().and_then(|found| Ok(Some((found, left_waiting(&config.database)?)))),
        });
        match read.await {
            Ok(Ok(Some((subscribers, waiting)))) => {
                let mut inner = self.lock();
                inner.roll = Some(Roll::new(subscribers));
                inner.waiting.extend(waiting);
                self.asked.notify_one();
            }
            Ok(Ok(None)) => {}
            Ok(Err(error)) => {
                (self.say)(&format!("the subscribers of the hub cannot be read: {error}"));
                sleep(LONGEST_SLEEP).await;
            }
            Err(died) => (self.say)(&format!("a fault in feedloom: {died}")),
        }
    }

    pub(super) async fn store(self: &Arc<Self>) {
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
        let ended = std::mem::take(&mut inner.ended);
        drop(inner);
        if saved.is_empty() && gone.is_empty() && ended.is_empty() {
            return;
        }
        let done = write(&config.database, |batch| {
            saved.iter().try_for_each(|subscriber| batch.save_hub_subscriber(subscriber))?;
            gone.iter().try_for_each(|(callback, topic)| batch.forget_hub_subscriber(callback, topic))?;
            ended.iter().try_for_each(|petition| batch.forget_hub_petition(petition))
        });
        if let Err(error) = done {
            let mut inner = self.lock();
            if let Some(roll) = &mut inner.roll {
                roll.put_back(saved.iter().map(key).chain(gone));
            }
            inner.ended.extend(ended);
            drop(inner);
            (self.say)(&format!("the subscribers of the hub cannot be stored: {error}"));
        }
    }

    /// Stores what `change` does; `None`: it could not be, and that was said.
    pub(super) async fn write_down(
        &self,
        config: Arc<Config>,
        change: impl FnOnce(&mut Batch<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Option<()> {
        match spawn_blocking(move || write(&config.database, change)).await {
            Ok(Ok(())) => return Some(()),
            Ok(Err(error)) => (self.say)(&format!("what the hub was asked cannot be stored: {error}")),
            Err(died) => (self.say)(&format!("a fault in feedloom: {died}")),
        }
        None
    }
}

/// Stores what `change` does, beside a pass.
fn write(database: &Path, change: impl FnOnce(&mut Batch<'_>) -> Result<(), StoreError>) -> Result<(), StoreError> {
    let mut store = Store::open_beside(database)?;
    let mut batch = store.batch()?;
    change(&mut batch)?;
    batch.commit()
}

/// What a service that ended was asked, and callbacks have not confirmed.
fn left_waiting(database: &Path) -> Result<Vec<HubPetition>, StoreError> {
    if Store::open_to_read(database)?.hub_petitions()?.is_empty() {
        return Ok(Vec::new());
    }
    let mut left = Vec::new();
    write(database, |batch| {
        batch.count_start_for_petitions(MOST_STARTS)?;
        left = batch.hub_petitions()?;
        Ok(())
    })?;
    Ok(left)
}
