//! What is remembered of weaving besides the stories themselves: every join and move, near misses, stories
//! that were stopped from growing.

use jiff::Timestamp;
use rusqlite::named_params;

use super::reason::{reason, reason_column};
use super::{Batch, EntryNumber, Reader, StoreError, StoryNumber, columns};
use crate::model::{EntryKey, RULES, Reason, StoryId};

/// A join or a move of an entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Logged {
    /// The entry.
    pub(crate) entry: EntryKey,
    /// The id of the story that it came to; it may be an alias by now.
    pub(crate) story: String,
    /// When.
    pub(crate) at: Timestamp,
    /// Version of the rules at that time.
    pub(crate) rules: u32,
    /// Why.
    pub(crate) reason: Reason,
}

/// An entry that nearly joined another story, to be remembered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Near<'a> {
    /// The entry.
    pub(super) entry: EntryNumber,
    /// The nearest entry of the other story.
    pub(super) nearest: &'a EntryKey,
    /// Similarity with that story, 0 to 1.
    pub(super) score: f64,
    /// The rarest shared words.
    pub(super) shared: &'a [String],
}

/// A story that was nearly the same as another one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NearMiss {
    /// The other story.
    pub(crate) story: StoryId,
    /// Title of the nearest of its entries.
    pub(crate) title: String,
    /// Source of that entry.
    pub(crate) source: String,
    /// Similarity, 0 to 1.
    pub(crate) score: f64,
    /// The rarest shared words.
    pub(crate) shared: Vec<String>,
}

/// A story that is too large to grow without an operator's correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stopped {
    /// The story.
    pub(crate) story: StoryId,
    /// Title of its leading entry.
    pub(crate) title: String,
    /// How many entries would have joined it.
    pub(crate) entries: u64,
    /// When the last of them came.
    pub(crate) at: Timestamp,
}

impl Reader {
    /// Every join and move of the entries that are in `story` now, the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn log_of(&self, story: StoryNumber) -> Result<Vec<Logged>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT entry.source_id, entry.guid, join_log.story_key, join_log.at, join_log.rules, join_log.reason
               FROM member
               JOIN join_log ON join_log.entry_id = member.entry_id
               JOIN entry ON entry.id = member.entry_id
              WHERE member.story_id = :story
              ORDER BY join_log.id",
        )?;
        let rows = stmt.query_map(named_params! { ":story": story.0 }, |row| {
            Ok(Logged {
                entry: EntryKey { source: columns::source_id(row, "source_id")?, guid: row.get("guid")? },
                story: row.get("story_key")?,
                at: columns::time(row, "at")?,
                rules: row.get("rules")?,
                reason: reason(row)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Stories that were nearly the same as `story`, the nearest first, at most `limit`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn near_misses(&self, story: StoryNumber, limit: usize) -> Result<Vec<NearMiss>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "WITH pair AS (
                 SELECT near_miss.nearest_id AS entry_id, near_miss.score, near_miss.shared
                   FROM member JOIN near_miss ON near_miss.entry_id = member.entry_id
                  WHERE member.story_id = :story
                  UNION ALL
                 SELECT near_miss.entry_id, near_miss.score, near_miss.shared
                   FROM member JOIN near_miss ON near_miss.nearest_id = member.entry_id
                  WHERE member.story_id = :story)
             SELECT story.key, entry.title, entry.source_id, max(pair.score) AS score, pair.shared
               FROM pair
               JOIN member ON member.entry_id = pair.entry_id
               JOIN story ON story.id = member.story_id
               JOIN entry ON entry.id = pair.entry_id
              WHERE member.story_id <> :story
              GROUP BY story.id
              ORDER BY score DESC, story.id
              LIMIT :limit",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = stmt.query_map(named_params! { ":story": story.0, ":limit": limit }, |row| {
            let shared: String = row.get("shared")?;
            Ok(NearMiss {
                story: columns::story_id(row, "key")?,
                title: row.get("title")?,
                source: row.get("source_id")?,
                score: row.get("score")?,
                shared: shared.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Stories that were stopped from growing since `since`, the last one first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn stopped_stories(&self, since: Timestamp) -> Result<Vec<Stopped>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT story.key, entry.title, story.stopped, story.stopped_at
               FROM story JOIN entry ON entry.id = story.lead_entry_id
              WHERE story.stopped_at >= :since
              ORDER BY story.stopped_at DESC, story.id",
        )?;
        let rows = stmt.query_map(named_params! { ":since": since.as_second() }, |row| {
            Ok(Stopped {
                story: columns::story_id(row, "key")?,
                title: row.get("title")?,
                entries: row.get("stopped")?,
                at: columns::time(row, "stopped_at")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Title of an entry; `None` if the store does not hold it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn title_of(&self, key: &EntryKey) -> Result<Option<String>, StoreError> {
        let mut stmt =
            self.conn.prepare_cached("SELECT title FROM entry WHERE source_id = :source AND guid = :guid")?;
        let mut rows = stmt.query(named_params! { ":source": key.source.as_str(), ":guid": key.guid })?;
        Ok(rows.next()?.map(|row| row.get("title")).transpose()?)
    }
}

impl Batch<'_> {
    /// Adds a line to the log of joins and moves.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn log_move(
        &self,
        entry: EntryNumber,
        story: StoryNumber,
        reason: &Reason,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT INTO join_log (entry_id, story_key, at, by_hand, rules, reason)
                 SELECT :entry, key, :now, :by_hand, :rules, :reason FROM story WHERE id = :story",
            )?
            .execute(named_params! {
                ":entry": entry.0, ":story": story.0, ":now": now.as_second(), ":by_hand": reason.is_by_hand(),
                ":rules": RULES, ":reason": reason_column(reason),
            })?;
        Ok(())
    }

    /// Remembers a near miss.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn add_near(&self, near: &Near<'_>) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT OR IGNORE INTO near_miss (entry_id, nearest_id, score, shared)
                 SELECT :entry, id, :score, :shared FROM entry WHERE source_id = :source AND guid = :guid",
            )?
            .execute(named_params! {
                ":entry": near.entry.0, ":source": near.nearest.source.as_str(), ":guid": near.nearest.guid,
                ":score": near.score, ":shared": near.shared.join(" "),
            })?;
        Ok(())
    }

    /// Counts an entry that would have joined `story`.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn count_stopped(&self, story: StoryNumber, now: Timestamp) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("UPDATE story SET stopped = stopped + 1, stopped_at = :now WHERE id = :story")?
            .execute(named_params! { ":story": story.0, ":now": now.as_second() })?;
        Ok(())
    }
}
