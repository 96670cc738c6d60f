//! Subscribers of our own hub.

use jiff::Timestamp;
use rusqlite::{Row, named_params};
use url::Url;

use super::subscriptions::PushSecret;
use super::{Batch, Reader, StoreError, columns};

/// Who is to be sent an output when it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HubSubscriber {
    pub(crate) callback: Url,
    /// The public address of the output.
    pub(crate) topic: String,
    /// What deliveries are signed with.
    pub(crate) secret: Option<PushSecret>,
    pub(crate) lease_until: Timestamp,
    /// SHA-256 of what was delivered last, or given up, or there when it subscribed.
    pub(crate) sent_hash: [u8; 32],
    /// Deliveries that failed, in a row.
    pub(crate) failures: u32,
    /// No delivery before.
    pub(crate) next_try: Timestamp,
}

impl Reader {
    /// Every subscriber, by its callback and topic.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn hub_subscribers(&self) -> Result<Vec<HubSubscriber>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT callback, topic, secret, lease_until, sent_hash, failures, next_try
               FROM hub_subscriber
              ORDER BY callback, topic",
        )?;
        let rows = stmt.query_map([], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Batch<'_> {
    /// Stores `subscriber` in place of what was known of it.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn save_hub_subscriber(&mut self, subscriber: &HubSubscriber) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT OR REPLACE INTO hub_subscriber (
                     callback, topic, secret, lease_until, sent_hash, failures, next_try)
                 VALUES (:callback, :topic, :secret, :lease_until, :sent_hash, :failures, :next_try)",
            )?
            .execute(named_params! {
                ":callback": subscriber.callback.as_str(),
                ":topic": subscriber.topic,
                ":secret": subscriber.secret.as_ref().map(PushSecret::expose),
                ":lease_until": subscriber.lease_until.as_second(),
                ":sent_hash": subscriber.sent_hash,
                ":failures": subscriber.failures,
                ":next_try": subscriber.next_try.as_second(),
            })?;
        Ok(())
    }

    /// Forgets the subscriber at `callback` for `topic`.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn forget_hub_subscriber(&mut self, callback: &str, topic: &str) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("DELETE FROM hub_subscriber WHERE callback = :callback AND topic = :topic")?
            .execute(named_params! { ":callback": callback, ":topic": topic })?;
        Ok(())
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<HubSubscriber> {
    Ok(HubSubscriber {
        callback: columns::url(row, "callback")?,
        topic: row.get("topic")?,
        secret: row.get::<_, Option<String>>("secret")?.map(PushSecret::new),
        lease_until: columns::time(row, "lease_until")?,
        sent_hash: row.get("sent_hash")?,
        failures: row.get("failures")?,
        next_try: columns::time(row, "next_try")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn a_subscriber_comes_back_is_replaced_and_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("s.db")).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let first = HubSubscriber {
            callback: Url::parse("https://a.example/cb?x=1").unwrap(),
            topic: "https://me.example/feed.xml".to_owned(),
            secret: Some(PushSecret::new("s".to_owned())),
            lease_until: at(9),
            sent_hash: [7; 32],
            failures: 3,
            next_try: at(5),
        };
        let again = HubSubscriber { secret: None, failures: 0, ..first.clone() };
        let mut batch = store.batch().unwrap();
        batch.save_hub_subscriber(&first).unwrap();
        assert_eq!(batch.hub_subscribers().unwrap(), [first]);
        batch.save_hub_subscriber(&again).unwrap();
        batch.commit().unwrap();
        assert_eq!(store.hub_subscribers().unwrap(), std::slice::from_ref(&again));
        let mut batch = store.batch().unwrap();
        batch.forget_hub_subscriber(again.callback.as_str(), &again.topic).unwrap();
        batch.commit().unwrap();
        assert_eq!(store.hub_subscribers().unwrap(), []);
    }
}
