//! What weaving reads of stories: the entries of its window, and those at an address.

use jiff::Timestamp;
use rusqlite::{Row, named_params};

use super::pending::{PendingEntry, pending_from_row};
use super::tdm::Reserved;
use super::{Reader, StoreError, StoryNumber, columns};
use crate::model::SourceId;

/// The story that an entry was woven into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Woven {
    /// Its story.
    pub story: StoryNumber,
    /// When the entry was woven: those of one time were woven together.
    pub joined: Timestamp,
    /// When the story was first published: it keeps its id and its entries from then on.
    pub published: Option<Timestamp>,
}

/// An entry that a story holds, found by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtAddress {
    /// Its story.
    pub story: StoryNumber,
    /// Its source.
    pub source: SourceId,
    /// Its title.
    pub title: String,
    /// Whether its story was published.
    pub is_published: bool,
}

impl Reader {
    /// Entries with this canonical address, the oldest first, at most eight.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn entries_with_address(&self, address: i64) -> Result<Vec<AtAddress>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT member.story_id, entry.source_id, entry.title, story.first_published_at IS NOT NULL AS is_published
               FROM member
               JOIN entry ON entry.id = member.entry_id
               JOIN story ON story.id = member.story_id
              WHERE member.address = :address
              ORDER BY member.entry_id
              LIMIT 8",
        )?;
        let rows = stmt.query_map(named_params! { ":address": address }, |row| {
            Ok(AtAddress {
                story: StoryNumber(row.get("story_id")?),
                source: columns::source_id(row, "source_id")?,
                title: row.get("title")?,
                is_published: row.get("is_published")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What the long texts of a story's entries are compared by, in the order in which they joined.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn sketches_of(&self, story: StoryNumber) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT sketch.bins
               FROM member LEFT JOIN sketch ON sketch.entry_id = member.entry_id
              WHERE member.story_id = :story
              ORDER BY member.joined_at, member.entry_id",
        )?;
        let rows = stmt.query_map(named_params! { ":story": story.0 }, |row| row.get("bins"))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Calls `each` with every entry of a story whose time is `since` or later, the oldest first, with at
    /// most `text_chars` characters of its text.
    ///
    /// # Errors
    /// Where the database cannot be read, and what `each` gives.
    pub fn each_woven_since(
        &self,
        since: Timestamp,
        text_chars: usize,
        mut each: impl FnMut(Woven, PendingEntry) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut stmt = self.conn.prepare_cached(&format!(
            "{WOVEN} WHERE member.time_at >= :since ORDER BY member.time_at, member.entry_id"
        ))?;
        let chars = i64::try_from(text_chars).unwrap_or(i64::MAX);
        let reserved = Reserved::of(self)?;
        let mut rows = stmt.query(named_params! { ":since": since.as_second(), ":chars": chars })?;
        while let Some(row) = rows.next()? {
            let (woven, mut entry) = woven_from_row(row)?;
            reserved.withhold(&mut entry);
            each(woven, entry)?;
        }
        Ok(())
    }
}

/// The columns of [`woven_from_row`], for a condition of one's own.
pub(super) const WOVEN: &str = "\
    SELECT member.story_id, member.joined_at, story.first_published_at,
           entry.id, entry.source_id, entry.guid, entry.url, member.address, entry.title, sketch.bins AS sketch,
           0 AS content_bytes, substr(entry.text, 1, :chars) AS text,
           CASE WHEN entry.extra = '' THEN NULL ELSE entry.extra ->> '$.language' END AS language,
           member.time_at, entry.first_seen_at, entry.held_back, NULL AS article_text, NULL AS canonical
      FROM member
      JOIN entry ON entry.id = member.entry_id
      JOIN story ON story.id = member.story_id
      LEFT JOIN sketch ON sketch.entry_id = entry.id";

pub(super) fn woven_from_row(row: &Row<'_>) -> rusqlite::Result<(Woven, PendingEntry)> {
    let woven = Woven {
        story: StoryNumber(row.get("story_id")?),
        joined: columns::time(row, "joined_at")?,
        published: columns::optional_time(row, "first_published_at")?,
    };
    Ok((woven, pending_from_row(row)?))
}
