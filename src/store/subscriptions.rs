//! Subscriptions at hubs.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use rusqlite::{Row, named_params};
use url::Url;

use super::{Batch, Reader, StoreError, columns};
use crate::model::SourceId;

/// A subscription of a source at one of its hubs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subscription {
    /// The last part of its callback's address, which nobody can guess.
    pub(crate) path: String,
    pub(crate) source: SourceId,
    /// The source's own address.
    pub(crate) address: String,
    /// What the feed calls itself.
    pub(crate) topic: String,
    pub(crate) hub: Url,
    /// The whole address of the callback.
    pub(crate) callback: String,
    /// What pushes are signed with; `None`: the hub was given nothing.
    pub(crate) secret: Option<PushSecret>,
    pub(crate) state: SubscriptionState,
    /// When the hub was asked for what it has not confirmed.
    pub(crate) pending_since: Option<Timestamp>,
    pub(crate) lease_until: Option<Timestamp>,
    /// When the hub is asked again.
    pub(crate) next_try: Timestamp,
    /// In a row.
    pub(crate) failures: u32,
    /// Why the last request failed.
    pub(crate) problem: Option<String>,
}

/// How far a subscription has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubscriptionState {
    /// The hub has not confirmed it, or its lease is over.
    Wanted,
    /// The hub has confirmed it.
    Active,
    /// The hub refused it, or ended it.
    Denied,
    /// It is not wanted any more, and the hub does not know yet.
    Leaving,
}

impl SubscriptionState {
    const ALL: [(Self, &str); 4] =
        [(Self::Wanted, "wanted"), (Self::Active, "active"), (Self::Denied, "denied"), (Self::Leaving, "leaving")];

    /// As it is stored and shown.
    pub(crate) fn code(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, code)| code)
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, found)| *found == code).map(|(state, _)| *state)
    }
}

/// What pushes are signed with. It is not printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PushSecret(String);

impl PushSecret {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PushSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushSecret(…)")
    }
}

impl Reader {
    /// Every subscription, by its path.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT path, source_id, address, topic, hub, callback, secret, state, pending_since, lease_until, next_try,
                    failures, problem
               FROM subscription
              ORDER BY path",
        )?;
        let rows = stmt.query_map([], subscription_from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The sources whose entries are pushed, and until when their hubs have promised to push them.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn pushed_until(&self) -> Result<BTreeMap<SourceId, Timestamp>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT source_id, max(lease_until) AS lease_until
               FROM subscription
              WHERE state = 'active' AND pushed_at IS NOT NULL AND lease_until IS NOT NULL
              GROUP BY source_id
              ORDER BY source_id",
        )?;
        let rows =
            stmt.query_map([], |row| Ok((columns::source_id(row, "source_id")?, columns::time(row, "lease_until")?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Batch<'_> {
    /// Stores `subscription` in place of what was known of it; when it was last pushed stays.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn save_subscription(&mut self, subscription: &Subscription) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT INTO subscription (
                     path, source_id, address, topic, hub, callback, secret, state, pending_since, lease_until, next_try,
                     failures, problem)
                 VALUES (
                     :path, :source_id, :address, :topic, :hub, :callback, :secret, :state, :pending_since, :lease_until,
                     :next_try, :failures, :problem)
                 ON CONFLICT (path) DO UPDATE
                    SET hub = :hub, callback = :callback, secret = :secret, state = :state, pending_since = :pending_since,
                        lease_until = :lease_until, next_try = :next_try, failures = :failures, problem = :problem",
            )?
            .execute(named_params! {
                ":path": subscription.path,
                ":source_id": subscription.source.as_str(),
                ":address": subscription.address,
                ":topic": subscription.topic,
                ":hub": subscription.hub.as_str(),
                ":callback": subscription.callback,
                ":secret": subscription.secret.as_ref().map(PushSecret::expose),
                ":state": subscription.state.code(),
                ":pending_since": subscription.pending_since.map(Timestamp::as_second),
                ":lease_until": subscription.lease_until.map(Timestamp::as_second),
                ":next_try": subscription.next_try.as_second(),
                ":failures": subscription.failures,
                ":problem": subscription.problem,
            })?;
        Ok(())
    }

    /// Forgets the subscription at `path`, and what was pushed there.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn forget_subscription(&mut self, path: &str) -> Result<(), StoreError> {
        self.tx.execute("DELETE FROM subscription WHERE path = :path", named_params! { ":path": path })?;
        self.tx.execute("DELETE FROM pushed WHERE path = :path", named_params! { ":path": path })?;
        Ok(())
    }

    /// What was pushed at `path` was read at `at`.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn note_push(&mut self, path: &str, at: Timestamp) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("UPDATE subscription SET pushed_at = :at WHERE path = :path")?
            .execute(named_params! { ":path": path, ":at": at.as_second() })?;
        Ok(())
    }

    /// `source` had something that was not pushed.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn forget_pushes(&mut self, source: &SourceId) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("UPDATE subscription SET pushed_at = NULL WHERE source_id = :source")?
            .execute(named_params! { ":source": source.as_str() })?;
        Ok(())
    }
}

fn subscription_from_row(row: &Row<'_>) -> rusqlite::Result<Subscription> {
    let state: String = row.get("state")?;
    Ok(Subscription {
        path: row.get("path")?,
        source: columns::source_id(row, "source_id")?,
        address: row.get("address")?,
        topic: row.get("topic")?,
        hub: columns::url(row, "hub")?,
        callback: row.get("callback")?,
        secret: row.get::<_, Option<String>>("secret")?.map(PushSecret::new),
        state: SubscriptionState::from_code(&state).ok_or_else(|| columns::unreadable("state", state))?,
        pending_since: columns::lenient_time(row, "pending_since")?,
        lease_until: columns::lenient_time(row, "lease_until")?,
        next_try: columns::time(row, "next_try")?,
        failures: row.get("failures")?,
        problem: row.get("problem")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn subscription(path: &str, state: SubscriptionState) -> Subscription {
        Subscription {
            path: path.to_owned(),
            source: SourceId::new("a").unwrap(),
            address: "https://a.example/f".to_owned(),
            topic: "https://a.example/feed".to_owned(),
            hub: Url::parse("https://hub.example/").unwrap(),
            callback: format!("https://me.example/websub/{path}"),
            secret: Some(PushSecret::new("s3cret".to_owned())),
            state,
            pending_since: Some(at(1)),
            lease_until: Some(at(900)),
            next_try: at(3),
            failures: 4,
            problem: Some("p".to_owned()),
        }
    }

    #[test]
    fn a_subscription_comes_back_and_its_pushes_are_counted_by_the_passes_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("s.db")).unwrap();
        let a = SourceId::new("a").unwrap();
        let first = subscription("one", SubscriptionState::Active);
        let mut batch = store.batch().unwrap();
        batch.save_subscription(&first).unwrap();
        batch.save_subscription(&subscription("two", SubscriptionState::Leaving)).unwrap();
        assert!(batch.pushed_until().unwrap().is_empty());
        batch.note_push("one", at(10)).unwrap();
        batch.note_push("two", at(10)).unwrap();
        batch.save_subscription(&first).unwrap();
        batch.commit().unwrap();
        assert_eq!(store.subscriptions().unwrap()[0], first);
        assert_eq!(store.pushed_until().unwrap(), BTreeMap::from([(a.clone(), at(900))]));
        let mut batch = store.batch().unwrap();
        batch.forget_pushes(&a).unwrap();
        batch.forget_subscription("two").unwrap();
        batch.commit().unwrap();
        assert!(store.pushed_until().unwrap().is_empty());
        assert_eq!(store.subscriptions().unwrap(), [first]);
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert!(!format!("{:?}", subscription("p", SubscriptionState::Wanted)).contains("s3cret"));
    }

    #[test]
    fn the_codes_of_states_never_change() {
        let codes: Vec<&str> = SubscriptionState::ALL.iter().map(|(state, _)| state.code()).collect();
        assert_eq!(codes, ["wanted", "active", "denied", "leaving"]);
    }
}
