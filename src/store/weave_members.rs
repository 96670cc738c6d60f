//! The stories that a pass of weaving may change: what it reads of them and of their members.

use jiff::Timestamp;
use rusqlite::{Row, named_params};

use super::{EntryNumber, Reader, StoreError, StoryNumber, columns, reason};
use crate::model::{EntryKey, Reason, StoryId};
use crate::text::writer_of;

/// A story without its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoryHead {
    /// Its number.
    pub(crate) number: StoryNumber,
    /// Its id.
    pub(crate) id: StoryId,
    /// The entry that leads it, or led it before it was moved away.
    pub(crate) lead: EntryNumber,
    /// When it was first published.
    pub(crate) published: Option<Timestamp>,
    /// The date that it carries.
    pub(crate) date: Option<Timestamp>,
}

/// A member of a story, with what the choice of its lead depends on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MemberRow {
    /// The entry.
    pub(crate) entry: EntryNumber,
    /// Its story.
    pub(crate) story: StoryNumber,
    /// Source and guid.
    pub(crate) key: EntryKey,
    /// The hash of its canonical address.
    pub(crate) address: i64,
    /// Who owns that address.
    pub(crate) owner: Option<String>,
    /// Plain text.
    pub(crate) title: String,
    /// Number of characters of its text.
    pub(crate) text_chars: u32,
    /// Published, otherwise first seen.
    pub(crate) time: Timestamp,
    /// The last good answer of its source without it.
    pub(crate) absent: Option<Timestamp>,
    /// When it joined.
    pub(crate) joined: Timestamp,
    /// Part of a back-fill.
    pub(crate) held_back: bool,
    /// What its long text is compared by.
    pub(crate) sketch: Option<Vec<u8>>,
}

const MEMBER: &str = "\
    SELECT member.entry_id, member.story_id, entry.source_id, entry.guid, member.address, entry.url, entry.title,
           length(entry.text) AS text_chars, member.time_at, entry.absent_at, member.joined_at, entry.held_back,
           sketch.bins AS sketch
      FROM member
      JOIN entry ON entry.id = member.entry_id
      LEFT JOIN sketch ON sketch.entry_id = member.entry_id";

impl Reader {
    /// `stories` without their members, in the order of their numbers.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn story_heads(&self, stories: &[StoryNumber]) -> Result<Vec<StoryHead>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT id AS story_id, key, lead_entry_id, first_published_at, date_at
               FROM story
              WHERE id IN (SELECT value FROM json_each(:stories))
              ORDER BY id",
        )?;
        let rows = stmt.query_map(named_params! { ":stories": list_of(stories) }, |row| {
            Ok(StoryHead {
                number: StoryNumber(row.get("story_id")?),
                id: columns::story_id(row, "key")?,
                lead: EntryNumber(row.get("lead_entry_id")?),
                published: columns::optional_time(row, "first_published_at")?,
                date: columns::optional_time(row, "date_at")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The members of `stories` that are older than `before`, by story and then in the order in which they joined.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn members_before(
        &self,
        stories: &[StoryNumber],
        before: Timestamp,
    ) -> Result<Vec<MemberRow>, StoreError> {
        let mut stmt = self.conn.prepare_cached(&format!(
            "{MEMBER}
              WHERE member.story_id IN (SELECT value FROM json_each(:stories)) AND member.time_at < :before
              ORDER BY member.story_id, member.joined_at, member.time_at, entry.source_id, entry.guid"
        ))?;
        let named = named_params! { ":stories": list_of(stories), ":before": before.as_second() };
        Ok(stmt.query_map(named, member)?.collect::<Result<_, _>>()?)
    }

    /// The members at canonical addresses, given by the hashes of these, the oldest entry first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn members_at(&self, addresses: &[i64]) -> Result<Vec<MemberRow>, StoreError> {
        let mut stmt = self.conn.prepare_cached(&format!(
            "{MEMBER} WHERE member.address IN (SELECT value FROM json_each(:addresses)) ORDER BY member.entry_id"
        ))?;
        let named = named_params! { ":addresses": json_list(addresses.iter().copied()) };
        Ok(stmt.query_map(named, member)?.collect::<Result<_, _>>()?)
    }

    /// The number that the next new story gets.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn next_story(&self) -> Result<StoryNumber, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT coalesce(max(id), 0) + 1 AS next FROM story")?;
        Ok(stmt.query_row([], |row| Ok(StoryNumber(row.get("next")?)))?)
    }

    /// Why each entry was in its story before it was last moved.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn reasons_before(&self, entries: &[EntryNumber]) -> Result<Vec<(EntryNumber, Reason)>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT value AS entry_id,
                    (SELECT reason FROM join_log WHERE entry_id = value ORDER BY id DESC LIMIT 1 OFFSET 1) AS reason
               FROM json_each(:entries)
              ORDER BY value",
        )?;
        let rows = stmt
            .query_map(named_params! { ":entries": json_list(entries.iter().map(|entry| entry.0)) }, |row| {
                Ok((EntryNumber(row.get("entry_id")?), reason::reason(row)?))
            })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Numbers in the form that SQLite's `json_each` accepts.
pub(super) fn json_list(numbers: impl Iterator<Item = i64>) -> String {
    let mut list = "[".to_owned();
    for number in numbers {
        if list.len() > 1 {
            list.push(',');
        }
        list.push_str(&number.to_string());
    }
    list.push(']');
    list
}

pub(super) fn list_of(stories: &[StoryNumber]) -> String {
    json_list(stories.iter().map(|story| story.0))
}

fn member(row: &Row<'_>) -> rusqlite::Result<MemberRow> {
    Ok(MemberRow {
        entry: EntryNumber(row.get("entry_id")?),
        story: StoryNumber(row.get("story_id")?),
        key: EntryKey { source: columns::source_id(row, "source_id")?, guid: row.get("guid")? },
        address: row.get("address")?,
        owner: writer_of(&columns::url(row, "url")?),
        title: row.get("title")?,
        text_chars: row.get("text_chars")?,
        time: columns::time(row, "time_at")?,
        absent: columns::optional_time(row, "absent_at")?,
        joined: columns::time(row, "joined_at")?,
        held_back: row.get("held_back")?,
        sketch: row.get("sketch")?,
    })
}
