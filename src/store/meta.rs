//! Facts about the whole database.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, named_params};

use super::{Batch, Reader, StoreError, columns};
use crate::model::StoryId;

/// Two runs are never further apart: a clock that was reset, or a wrong `--now`, would date and expire everything
/// wrongly.
pub(crate) const MOST_BETWEEN_RUNS: SignedDuration = SignedDuration::from_hours(5 * 366 * 24);

/// The base of every id that we publish: `tag:HOST,YEAR:` (RFC 4151), fixed at the first publish so
/// that moving the site keeps every id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagBase {
    /// Host of the public address at the first publish, or a generated name.
    pub host: String,
    /// Year of the first publish.
    pub year: i16,
}

impl std::fmt::Display for TagBase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "tag:{},{}:", self.host, self.year)
    }
}

/// An outage of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outage {
    /// The first run that reached nobody.
    pub(crate) since: Timestamp,
    /// What answered instead of the sources, in words; `None`: nobody did.
    pub(crate) in_between: Option<String>,
}

impl Reader {
    /// The base of published ids; `None` before the first publish.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn tag_base(&self) -> Result<Option<TagBase>, StoreError> {
        let (Some(host), Some(year)) = (self.fact("tag_host")?, self.fact("tag_year")?) else {
            return Ok(None);
        };
        Ok(year.parse().ok().map(|year| TagBase { host, year }))
    }

    /// A number that grows with every change that a reader of the outputs could see.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn generation(&self) -> Result<i64, StoreError> {
        Ok(self.fact("generation")?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// What the last publish saw (in its own format); `None` before the first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn last_publish(&self) -> Result<Option<String>, StoreError> {
        self.fact("published")
    }

    /// Since when this machine has reached nobody; `None`: it does.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn outage_since(&self) -> Result<Option<Timestamp>, StoreError> {
        let since = self.fact("outage_since")?.and_then(|text| text.parse().ok());
        Ok(since.and_then(|seconds| Timestamp::from_second(seconds).ok()))
    }

    /// The outage of this machine that the last runs found.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn outage(&self) -> Result<Option<Outage>, StoreError> {
        let Some(since) = self.outage_since()? else { return Ok(None) };
        Ok(Some(Outage { since, in_between: self.fact("in_between")? }))
    }

    /// The time of the last run that asked a source which ever answered, or published a story; `None`: there was none. A
    /// run that reached nobody proves nothing of the clock: with a wrong one, no certificate is valid.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn last_run(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.conn.query_row(
            "SELECT max(at) AS last_at
               FROM (SELECT max(last_request) AS at FROM source WHERE last_success IS NOT NULL
                      UNION ALL
                     SELECT max(at) FROM published_output WHERE EXISTS (SELECT 1 FROM story))",
            [],
            |row| columns::optional_time(row, "last_at"),
        )?)
    }

    /// Whether `now` can be the time of a run after the last one.
    ///
    /// # Errors
    /// [`StoreError::Clock`] if it is more than five years away.
    pub(crate) fn check_clock(&self, now: Timestamp) -> Result<(), StoreError> {
        self.last_run()?.map_or(Ok(()), |last| check_distance(now, last))
    }

    /// What tells this database from any other, however many entries both hold.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn database_id(&self) -> Result<String, StoreError> {
        Ok(self.fact("database_id")?.unwrap_or_default())
    }

    /// What the outputs of top stories had at the last publish, by what they select.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn top_items(&self) -> Result<BTreeMap<i64, BTreeSet<StoryId>>, StoreError> {
        let text = self.fact("top_items")?.unwrap_or_default();
        let items: BTreeMap<i64, Vec<String>> = serde_json::from_str(&text).unwrap_or_default();
        let ids = |keys: Vec<String>| keys.iter().filter_map(|key| StoryId::parse(key)).collect();
        Ok(items.into_iter().map(|(selection, keys)| (selection, ids(keys))).collect())
    }

    fn fact(&self, key: &str) -> Result<Option<String>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT value FROM meta WHERE key = :key")?;
        Ok(stmt.query_row(named_params! { ":key": key }, |row| row.get("value")).optional()?)
    }
}

/// Whether `now` can be the time of a run after one at `last`.
pub(super) fn check_distance(now: Timestamp, last: Timestamp) -> Result<(), StoreError> {
    if now.duration_since(last).abs() > MOST_BETWEEN_RUNS { Err(StoreError::Clock { now, last }) } else { Ok(()) }
}

impl Batch<'_> {
    /// Fixes the base of published ids. The first one stays.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn fix_tag_base(&mut self, base: &TagBase) -> Result<(), StoreError> {
        let year = base.year.to_string();
        for (key, value) in [("tag_host", &base.host), ("tag_year", &year)] {
            self.tx.execute(
                "INSERT OR IGNORE INTO meta (key, value) VALUES (:key, :value)",
                named_params! { ":key": key, ":value": value },
            )?;
        }
        Ok(())
    }

    /// Remembers what the outputs of top stories have, by what they select.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn save_top_items(&mut self, items: &BTreeMap<i64, BTreeSet<StoryId>>) -> Result<(), StoreError> {
        let keys = |ids: &BTreeSet<StoryId>| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        let items: BTreeMap<i64, Vec<String>> = items.iter().map(|(selection, ids)| (*selection, keys(ids))).collect();
        let text = serde_json::to_string(&items).expect("numbers and texts");
        self.tx.execute(
            "INSERT OR REPLACE INTO meta (key, value) VALUES ('top_items', :items)",
            named_params! { ":items": text },
        )?;
        Ok(())
    }

    /// Something was written that a reader of the outputs could see. Every method that writes such a thing calls
    /// this; the commit then increments the generation, once. What a publish itself records does not count: its
    /// readers already have it.
    pub(super) fn shows(&self) {
        self.shows.set(true);
    }

    pub(super) fn bump_generation(&self) -> Result<(), StoreError> {
        self.tx.execute(
            "INSERT INTO meta (key, value) VALUES ('generation', '1')
             ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1",
            [],
        )?;
        Ok(())
    }

    /// Remembers since when this machine has reached nobody; `None`: it does.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn set_outage_since(&mut self, since: Option<Timestamp>) -> Result<(), StoreError> {
        match since {
            None => self.tx.execute("DELETE FROM meta WHERE key = 'outage_since'", []),
            Some(since) => self.tx.execute(
                "INSERT OR REPLACE INTO meta (key, value) VALUES ('outage_since', CAST(:since AS TEXT))",
                named_params! { ":since": since.as_second() },
            ),
        }?;
        Ok(())
    }

    /// Remembers what answers instead of the sources, in words; `None`: nobody does.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn set_in_between(&mut self, what: Option<&str>) -> Result<(), StoreError> {
        match what {
            None => self.tx.execute("DELETE FROM meta WHERE key = 'in_between'", []),
            Some(what) => self.tx.execute(
                "INSERT OR REPLACE INTO meta (key, value) VALUES ('in_between', :what)",
                named_params! { ":what": what },
            ),
        }?;
        Ok(())
    }

    /// Remembers what this publish saw.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn set_last_publish(&mut self, seen: &str) -> Result<(), StoreError> {
        self.tx.execute(
            "INSERT INTO meta (key, value) VALUES ('published', :seen)
             ON CONFLICT (key) DO UPDATE SET value = :seen",
            named_params! { ":seen": seen },
        )?;
        Ok(())
    }
}
