//! Stories and their members: what weave saves, what publish and `why` read.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Params, Row, named_params};

use super::reason::{reason, reason_column};
use super::{Batch, EntryNumber, Reader, StoreError, articles, columns, entry_row};
use crate::model::{Member, Reason, StoredEntry, Story, StoryId};

/// The number of a story in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoryNumber(pub(super) i64);

impl StoryNumber {
    /// The number itself, for an index that wants one.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }

    /// The story with this number, whether or not it exists.
    #[must_use]
    pub fn from_raw(number: i64) -> Self {
        Self(number)
    }
}

/// An entry that joins a story.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NewMember<'a> {
    /// The entry.
    pub(super) entry: EntryNumber,
    /// The story.
    pub(super) story: StoryNumber,
    /// Hash of the entry's canonical address.
    pub(super) address: i64,
    /// The entry's time: published, otherwise first seen.
    pub(super) time: Timestamp,
    /// Why.
    pub(super) reason: &'a Reason,
}

/// Number of titles that are searched: more would take longer every year; `search` has an index.
const MOST_TITLES: i64 = 30_000;

impl Reader {
    /// Whether a story with this id exists.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn story_exists(&self, id: &StoryId) -> Result<bool, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT 1 FROM story WHERE key = :key UNION ALL SELECT 1 FROM story_alias WHERE key = :key",
        )?;
        Ok(stmt.exists(named_params! { ":key": id.as_str() })?)
    }

    /// The entries of a story, in the order of [`Story::members`].
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn story_entries(&self, story: StoryNumber) -> Result<Vec<EntryNumber>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT member.entry_id
                   FROM member JOIN entry ON entry.id = member.entry_id
                  WHERE member.story_id = :story
                  ORDER BY member.joined_at, member.time_at, entry.source_id, entry.guid",
        )?;
        let rows = stmt.query_map(named_params! { ":story": story.0 }, |row| Ok(EntryNumber(row.get("entry_id")?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A story with all its members.
    ///
    /// # Errors
    /// If the database cannot be read or has no such story.
    pub fn story(&self, number: StoryNumber) -> Result<Story, StoreError> {
        let head = self
            .conn
            .prepare_cached("SELECT key, lead_entry_id, first_published_at, date_at FROM story WHERE id = :story")?
            .query_row(named_params! { ":story": number.0 }, |row| {
                Ok(Head {
                    key: row.get("key")?,
                    lead: row.get("lead_entry_id")?,
                    first_published: columns::optional_time(row, "first_published_at")?,
                    date: columns::optional_time(row, "date_at")?,
                })
            })?;
        let mut stmt = self.conn.prepare_cached(&format!(
            "SELECT member.entry_id, member.joined_at, member.shown_at, member.reason, entry.absent_at, entry.hash = 0 AS is_recovered, {}, {}
           FROM member JOIN entry ON entry.id = member.entry_id {}
          WHERE member.story_id = :story
          ORDER BY member.joined_at, member.time_at, entry.source_id, entry.guid",
            entry_row::ENTRY_COLUMNS,
            articles::ARTICLE_COLUMNS,
            articles::ARTICLE_JOINS,
        ))?;
        let loaded: Vec<(i64, Member)> =
            stmt.query_map(named_params! { ":story": number.0 }, member)?.collect::<Result<_, _>>()?;
        let lead = loaded.iter().position(|(entry, _)| *entry == head.lead).unwrap_or(0);
        Ok(Story {
            id: columns::story_id_of("key", head.key)?,
            members: loaded.into_iter().map(|(_, member)| member).collect(),
            lead,
            first_published: head.first_published,
            date: head.date,
        })
    }

    /// The story with this id.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn story_by_id(&self, id: &StoryId) -> Result<Option<StoryNumber>, StoreError> {
        self.one_story(
            "SELECT id AS story_id FROM story WHERE key = :what UNION ALL SELECT story_id FROM story_alias WHERE key = :what",
            named_params! { ":what": id.as_str() },
        )
    }

    /// Stories with an entry whose title contains `words`, ignoring case, otherwise all of them in any order; the
    /// newest first, at most `limit`. Only the newest [`MOST_TITLES`] entries are read.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn stories_by_title(&self, words: &str, limit: usize) -> Result<Vec<StoryNumber>, StoreError> {
        let as_written = serde_json::to_string(&[words]).expect("a list of strings");
        let one_by_one: Vec<&str> = words.split_whitespace().collect();
        let one_by_one = serde_json::to_string(&one_by_one).expect("a list of strings");
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut stmt = self.conn.prepare_cached(
            "SELECT DISTINCT member.story_id
               FROM entry JOIN member ON member.entry_id = entry.id
              WHERE entry.id > (SELECT coalesce(max(id), 0) FROM entry) - :most_read
                AND NOT EXISTS (SELECT 1 FROM json_each(:words)
                                 WHERE instr(lower(entry.title), lower(value)) = 0)
              ORDER BY member.story_id DESC
              LIMIT :limit",
        )?;
        let mut found = Vec::new();
        for words in [as_written, one_by_one].iter().filter(|words| *words != "[]") {
            if found.is_empty() {
                let rows = stmt.query_map(
                    named_params! { ":words": words, ":limit": limit, ":most_read": MOST_TITLES },
                    |row| Ok(StoryNumber(row.get("story_id")?)),
                )?;
                found = rows.collect::<Result<_, _>>()?;
            }
        }
        Ok(found)
    }

    /// How many stories there are.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn story_count(&self) -> Result<u64, StoreError> {
        Ok(self.conn.query_row("SELECT stories AS n FROM story_tally", [], |row| row.get("n"))?)
    }

    fn one_story(&self, sql: &str, params: impl Params) -> Result<Option<StoryNumber>, StoreError> {
        let mut stmt = self.conn.prepare_cached(sql)?;
        Ok(stmt.query_row(params, |row| Ok(StoryNumber(row.get("story_id")?))).optional()?)
    }
}

impl Batch<'_> {
    /// Adds an entry to a story; it waits for one no longer.
    ///
    /// # Errors
    /// If the database cannot be written, or the entry is in a story already.
    pub(super) fn add_member(&self, member: &NewMember<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT INTO member (entry_id, story_id, address, time_at, joined_at, reason)
                 VALUES (:entry, :story, :address, :time, :now, :reason)",
            )?
            .execute(named_params! {
                ":entry": member.entry.0, ":story": member.story.0, ":address": member.address,
                ":time": member.time.as_second(), ":now": now.as_second(), ":reason": reason_column(member.reason),
            })?;
        self.tx
            .prepare_cached("DELETE FROM unwoven WHERE entry_id = :entry")?
            .execute(named_params! { ":entry": member.entry.0 })?;
        self.shows();
        match member.reason {
            Reason::Opened => Ok(()),
            reason => self.log_move(member.entry, member.story, reason, now),
        }
    }

    /// Moves all entries of a story that was never published into `story`; its id remains as an alias. The
    /// entry that had opened it is there for `reason` from now on.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn absorb_story(
        &self,
        absorbed: StoryNumber,
        story: StoryNumber,
        reason: &Reason,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let moved = self.story_entries(absorbed)?;
        let both = named_params! { ":absorbed": absorbed.0, ":story": story.0 };
        self.tx
            .prepare_cached("UPDATE member SET reason = :reason WHERE story_id = :absorbed AND reason IS NULL")?
            .execute(named_params! { ":absorbed": absorbed.0, ":reason": reason_column(reason) })?;
        for sql in [
            "UPDATE story
                SET held_back = min(story.held_back, gone.held_back), stopped = story.stopped + gone.stopped,
                    stopped_at = coalesce(story.stopped_at, gone.stopped_at)
               FROM story AS gone
              WHERE story.id = :story AND gone.id = :absorbed",
            "UPDATE member SET story_id = :story WHERE story_id = :absorbed",
            "UPDATE story_alias SET story_id = :story WHERE story_id = :absorbed",
            "INSERT INTO story_alias (key, story_id) SELECT key, :story FROM story WHERE id = :absorbed",
        ] {
            self.tx.prepare_cached(sql)?.execute(both)?;
        }
        for entry in moved {
            self.log_move(entry, story, reason, now)?;
        }
        self.tx
            .prepare_cached("DELETE FROM story WHERE id = :absorbed")?
            .execute(named_params! { ":absorbed": absorbed.0 })?;
        self.shows();
        Ok(())
    }

    /// Records that the canonical address of an entry changed with its edit.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn set_member_address(&self, entry: EntryNumber, address: i64) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("UPDATE member SET address = :address WHERE entry_id = :entry")?
            .execute(named_params! { ":entry": entry.0, ":address": address })?;
        Ok(())
    }
}

struct Head {
    key: String,
    lead: i64,
    first_published: Option<Timestamp>,
    date: Option<Timestamp>,
}

fn member(row: &Row<'_>) -> rusqlite::Result<(i64, Member)> {
    let article = articles::article(row)?;
    let entry = entry_row::entry(row)?;
    let mut signals = entry.signals.clone();
    signals.extend(articles::page_signals(row, article.as_deref())?);
    let page_url = columns::address(row, "a_final_url")?;
    let first_seen = columns::time(row, "first_seen_at")?;
    let absent = columns::optional_time(row, "absent_at")?;
    let entry =
        StoredEntry { entry, first_seen, absent, article, page_url, signals, is_recovered: row.get("is_recovered")? };
    let member = Member {
        entry,
        reason: reason(row)?,
        joined: columns::time(row, "joined_at")?,
        shown: columns::optional_time(row, "shown_at")?,
    };
    Ok((row.get("entry_id")?, member))
}
