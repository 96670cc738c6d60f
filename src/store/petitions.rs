//! What our own hub was asked and the callback has not confirmed yet.

use jiff::SignedDuration;
use rusqlite::{Row, named_params};
use url::Url;

use super::subscriptions::PushSecret;
use super::{Batch, Reader, StoreError, columns};

/// A request to be sent an output, or not any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HubPetition {
    pub(crate) wish: HubWish,
    pub(crate) callback: Url,
    /// The public address of the output.
    pub(crate) topic: String,
    /// What deliveries are to be signed with.
    pub(crate) secret: Option<PushSecret>,
    /// How long the subscription is to last.
    pub(crate) lease: SignedDuration,
}

/// What a subscriber wants of a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HubWish {
    Subscribe,
    Unsubscribe,
}

impl HubWish {
    /// The name in the protocol (WebSub §5.1), as kept in the database.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Subscribe => "subscribe",
            Self::Unsubscribe => "unsubscribe",
        }
    }

    /// The one with this name.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        [Self::Subscribe, Self::Unsubscribe].into_iter().find(|wish| wish.code() == code)
    }
}

impl Reader {
    /// What waits to be confirmed, by its callback and topic.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn hub_petitions(&self) -> Result<Vec<HubPetition>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT callback, topic, wish, secret, lease_s FROM hub_petition ORDER BY callback, topic",
        )?;
        let rows = stmt.query_map([], from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Batch<'_> {
    /// Keeps `petition` in place of an earlier one of the same callback and topic.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn save_hub_petition(&mut self, petition: &HubPetition) -> Result<(), StoreError> {
        self.with_petition(
            petition,
            "INSERT OR REPLACE INTO hub_petition (callback, topic, wish, secret, lease_s)
             VALUES (:callback, :topic, :wish, :secret, :lease)",
        )
    }

    /// Forgets `petition`, unless another has taken its place.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn forget_hub_petition(&mut self, petition: &HubPetition) -> Result<(), StoreError> {
        self.with_petition(
            petition,
            "DELETE FROM hub_petition
              WHERE callback = :callback AND topic = :topic AND wish = :wish AND secret IS :secret AND lease_s = :lease",
        )
    }

    /// Executes `sql`, which names all columns of `petition`.
    fn with_petition(&mut self, petition: &HubPetition, sql: &str) -> Result<(), StoreError> {
        self.tx.prepare_cached(sql)?.execute(named_params! {
            ":callback": petition.callback.as_str(),
            ":topic": petition.topic,
            ":wish": petition.wish.code(),
            ":secret": petition.secret.as_ref().map(PushSecret::expose),
            ":lease": petition.lease.as_secs(),
        })?;
        Ok(())
    }

    /// Counts a start of the service for what waits, and forgets what has seen `most` already.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn count_start_for_petitions(&mut self, most: u32) -> Result<(), StoreError> {
        self.tx.execute("DELETE FROM hub_petition WHERE starts >= :most", named_params! { ":most": most })?;
        self.tx.execute("UPDATE hub_petition SET starts = starts + 1", [])?;
        Ok(())
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<HubPetition> {
    let wish: String = row.get("wish")?;
    Ok(HubPetition {
        wish: HubWish::from_code(&wish).ok_or_else(|| columns::unreadable("wish", wish))?,
        callback: columns::url(row, "callback")?,
        topic: row.get("topic")?,
        secret: row.get::<_, Option<String>>("secret")?.map(PushSecret::new),
        lease: SignedDuration::from_secs(row.get("lease_s")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn petition(callback: &str, wish: HubWish) -> HubPetition {
        HubPetition {
            wish,
            callback: Url::parse(callback).unwrap(),
            topic: "https://me.example/feed.xml".to_owned(),
            secret: Some(PushSecret::new("s".to_owned())),
            lease: SignedDuration::from_hours(24),
        }
    }

    #[test]
    fn a_petition_comes_back_is_replaced_and_is_forgotten_by_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("s.db")).unwrap();
        let first = petition("https://a.example/cb", HubWish::Subscribe);
        let later = petition("https://a.example/cb", HubWish::Unsubscribe);
        let other = HubPetition { secret: None, ..petition("https://b.example/cb", HubWish::Subscribe) };
        let mut batch = store.batch().unwrap();
        for petition in [&first, &other, &later] {
            batch.save_hub_petition(petition).unwrap();
        }
        assert_eq!(batch.hub_petitions().unwrap(), [later.clone(), other.clone()]);
        // The first one ended: what has taken its place waits still.
        batch.forget_hub_petition(&first).unwrap();
        assert_eq!(batch.hub_petitions().unwrap(), [later.clone(), other.clone()]);
        batch.forget_hub_petition(&later).unwrap();
        batch.commit().unwrap();
        assert_eq!(store.hub_petitions().unwrap(), [other]);
    }

    #[test]
    fn what_has_seen_enough_starts_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("s.db")).unwrap();
        let mut batch = store.batch().unwrap();
        batch.save_hub_petition(&petition("https://a.example/cb", HubWish::Subscribe)).unwrap();
        let left = [(); 4].map(|()| {
            batch.count_start_for_petitions(3).unwrap();
            batch.hub_petitions().unwrap().len()
        });
        assert_eq!(left, [1, 1, 1, 0]);
    }
}
