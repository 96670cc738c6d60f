//! How much the texts of entries take, and the long ones that no output shows any more.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params};

use super::{EntryNumber, Reader, Store, StoreError, StoryNumber, columns};
use crate::model::SourceId;

/// What is held of the texts of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TextHeld {
    /// Text, summary and content, and what else its source wrote.
    pub(crate) bytes: usize,
    /// When the entry was first seen.
    pub(crate) first_seen: Timestamp,
}

impl Reader {
    /// What is held of the texts of an entry.
    ///
    /// # Errors
    /// If the database cannot be read or has no such entry.
    pub(crate) fn text_held(&self, number: EntryNumber) -> Result<TextHeld, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT octet_length(text) + coalesce(octet_length(summary), 0) + coalesce(octet_length(content), 0)
                    + octet_length(extra) + octet_length(signals) AS bytes,
                    first_seen_at
               FROM entry
              WHERE id = :number",
        )?;
        Ok(stmt.query_row(named_params! { ":number": number.0 }, |row| {
            Ok(TextHeld { bytes: row.get("bytes")?, first_seen: columns::time(row, "first_seen_at")? })
        })?)
    }

    /// Bytes held of the entries of `source` that were first seen on the day of `since` or later.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn text_bytes_since(&self, source: &SourceId, since: Timestamp) -> Result<usize, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT coalesce(sum(bytes), 0) AS bytes
               FROM source_day
              WHERE source_id = :source AND day >= :since / 86400",
        )?;
        let found = named_params! { ":source": source.as_str(), ":since": since.as_second() };
        Ok(usize::try_from(stmt.query_row(found, |row| row.get::<_, i64>("bytes"))?).unwrap_or(0))
    }

    fn shortened_until(&self) -> Result<i64, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT value FROM meta WHERE key = 'shortened'")?;
        let text: Option<String> = stmt.query_row([], |row| row.get("value")).optional()?;
        Ok(text.and_then(|text| text.parse().ok()).unwrap_or(0))
    }
}

impl Store {
    /// Lets go of the content of the next `limit` entries that were first seen before `before`, except for those of
    /// `shown`: their summaries stay, or the beginning of it where there is none. Returns whether there may be more.
    ///
    /// # Errors
    /// If the database cannot be read or written.
    pub(crate) fn shorten_old(
        &mut self,
        before: Timestamp,
        shown: &BTreeSet<StoryNumber>,
        limit: u32,
    ) -> Result<bool, StoreError> {
        let after = self.shortened_until()?;
        let old = self.old_entries(EntryNumber(after), before, limit)?;
        let Some(last) = old.last().copied() else { return Ok(false) };
        let batch = self.batch()?;
        {
            let mut of = batch.tx.prepare_cached("SELECT story_id FROM member WHERE entry_id = :number")?;
            let mut shorten = batch.tx.prepare_cached(
                "UPDATE entry
                    SET content = CASE WHEN summary_kind = 0 THEN substr(text, 1, 600) END,
                        content_kind = CASE WHEN summary_kind = 0 THEN 1 ELSE 0 END,
                        extra = json_set(CASE extra WHEN '' THEN '{}' ELSE extra END, '$.cut', json('true'))
                  WHERE id = :number AND octet_length(content) > 600",
            )?;
            for number in &old {
                let number = named_params! { ":number": number.0 };
                let story: Option<i64> = of.query_row(number, |row| row.get("story_id")).optional()?;
                if story.is_none_or(|story| !shown.contains(&StoryNumber(story))) {
                    shorten.execute(number)?;
                }
            }
            batch
                .tx
                .prepare_cached(
                    "INSERT INTO meta (key, value) VALUES ('shortened', :value)
                     ON CONFLICT (key) DO UPDATE SET value = :value",
                )?
                .execute(named_params! { ":value": last.0.to_string() })?;
        }
        batch.commit()?;
        Ok(old.len() == limit as usize)
    }
}
