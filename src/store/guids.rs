//! Entries that came again under a different guid.

use jiff::Timestamp;
use rusqlite::named_params;
use url::Url;

use super::{Batch, EntryNumber, Reader, StoreError, columns};
use crate::model::{EntryKey, SourceId};

/// What shows whether an entry of the store has come again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// Its number.
    pub(crate) number: EntryNumber,
    /// The guid it came with first.
    pub(crate) guid: String,
    /// The hash of what the publisher wrote.
    pub(crate) hash: i64,
    /// The article.
    pub(crate) url: Url,
    /// Plain text.
    pub(crate) title: String,
    /// Published, otherwise first seen.
    pub(crate) time: Timestamp,
    /// Published; `None`: undated.
    pub(crate) published: Option<Timestamp>,
}

impl Reader {
    /// The entries of `source` that were seen last, at most `limit`, the newest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn held_entries(&self, source: &SourceId, limit: usize) -> Result<Vec<Held>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT id, guid, hash, url, title, coalesce(published_at, first_seen_at) AS time_at, published_at
               FROM entry
              WHERE source_id = :source
              ORDER BY id DESC
              LIMIT :limit",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = stmt.query_map(named_params! { ":source": source.as_str(), ":limit": limit }, |row| {
            Ok(Held {
                number: EntryNumber(row.get("id")?),
                guid: row.get("guid")?,
                hash: row.get("hash")?,
                url: columns::url(row, "url")?,
                title: row.get("title")?,
                time: columns::time(row, "time_at")?,
                published: columns::optional_time(row, "published_at")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The plain text of an entry.
    ///
    /// # Errors
    /// If the database cannot be read or has no such entry.
    pub fn text_of(&self, number: EntryNumber) -> Result<String, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT text FROM entry WHERE id = :number")?;
        Ok(stmt.query_row(named_params! { ":number": number.0 }, |row| row.get("text"))?)
    }
}

impl Batch<'_> {
    /// Remembers that `key` is entry `number` again: [`Reader::known_entry`] finds it by both guids.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn add_guid(&self, key: &EntryKey, number: EntryNumber) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT OR REPLACE INTO guid_alias (source_id, guid, entry_id) VALUES (:source, :guid, :number)",
            )?
            .execute(named_params! {
                ":source": key.source.as_str(), ":guid": key.guid, ":number": number.0,
            })?;
        Ok(())
    }
}
