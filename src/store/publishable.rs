//! What publish asks of stories and notes of them: which may stand in an output, and which did.

use jiff::Timestamp;
use rusqlite::named_params;

use super::{Batch, Reader, StoreError, StoryNumber};
use crate::model::{EntryKey, SourceId, StoryId};

impl Reader {
    /// Numbers of the stories that may stand in an output: of those not published yet and of those
    /// published, at most `limit` each, the newest first. Only stories with an entry of one of `sources`.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn publishable_stories(&self, sources: &[&SourceId], limit: usize) -> Result<Vec<StoryNumber>, StoreError> {
        let sources: Vec<&str> = sources.iter().map(|id| id.as_str()).collect();
        let sources = serde_json::to_string(&sources).expect("a list of strings");
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut found = Vec::new();
        for sql in [
            "SELECT story.id AS story_id
               FROM story JOIN member AS lead ON lead.entry_id = story.lead_entry_id
              WHERE story.held_back = 0
                AND story.first_published_at IS NULL
                AND EXISTS (SELECT 1 FROM member JOIN entry ON entry.id = member.entry_id
                             WHERE member.story_id = story.id
                               AND entry.source_id IN (SELECT value FROM json_each(:sources)))
              ORDER BY lead.time_at DESC, story.id
              LIMIT :limit",
            "SELECT story.id AS story_id
               FROM story
              WHERE story.held_back = 0
                AND story.first_published_at IS NOT NULL
                AND EXISTS (SELECT 1 FROM member JOIN entry ON entry.id = member.entry_id
                             WHERE member.story_id = story.id
                               AND entry.source_id IN (SELECT value FROM json_each(:sources)))
              ORDER BY story.first_published_at DESC, story.date_at DESC, story.id
              LIMIT :limit",
        ] {
            let mut stmt = self.conn.prepare_cached(sql)?;
            let rows = stmt.query_map(named_params! { ":sources": sources, ":limit": limit }, |row| {
                Ok(StoryNumber(row.get("story_id")?))
            })?;
            for row in rows {
                found.push(row?);
            }
        }
        Ok(found)
    }

    /// How many stories were published and shown at `since` or later; `None` where nothing was before.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub(crate) fn stories_shown_since(&self, since: Timestamp) -> Result<Option<u64>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT (SELECT count(*)
                       FROM story
                      WHERE held_back = 0 AND first_published_at >= :since
                        AND EXISTS (SELECT 1 FROM member
                                     WHERE member.story_id = story.id AND member.shown_at IS NOT NULL)) AS shown,
                    EXISTS (SELECT 1 FROM story WHERE held_back = 0 AND first_published_at < :since) AS older",
        )?;
        Ok(stmt.query_row(named_params! { ":since": since.as_second() }, |row| {
            let shown: u64 = row.get("shown")?;
            Ok(row.get::<_, bool>("older")?.then_some(shown))
        })?)
    }
}

impl Batch<'_> {
    /// Freezes the date of a story that is published for the first time.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub(crate) fn set_first_published(
        &mut self,
        id: &StoryId,
        date: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "UPDATE story SET first_published_at = :now, date_at = :date
                  WHERE key = :key AND first_published_at IS NULL",
            )?
            .execute(named_params! { ":key": id.as_str(), ":date": date.as_second(), ":now": now.as_second() })?;
        Ok(())
    }

    /// Entries that were credited in an output for the first time.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub fn set_shown(&mut self, keys: &[EntryKey], now: Timestamp) -> Result<(), StoreError> {
        let mut stmt = self.tx.prepare_cached(
            "UPDATE member SET shown_at = :now
              WHERE shown_at IS NULL
                AND entry_id = (SELECT id FROM entry WHERE source_id = :source AND guid = :guid)",
        )?;
        for key in keys {
            stmt.execute(named_params! { ":source": key.source.as_str(), ":guid": key.guid, ":now": now.as_second() })?;
        }
        Ok(())
    }
}
