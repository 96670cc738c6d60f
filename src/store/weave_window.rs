//! The entries that a pass of weaving reads, each kind of row by one statement: those that wait for a story, and those
//! of the window.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Row, ToSql, named_params};
use url::Url;

use super::weave_members::{json_list, list_of};
use super::{EntryNumber, Reader, StoreError, StoryNumber, columns};
use crate::model::{EntryKey, Markup};

/// How much of an entry is read.
#[derive(Debug, Clone)]
pub(crate) struct ReadLimits {
    /// Number of characters of its text.
    pub(crate) text_chars: u32,
    /// Number of characters of a long text by which copies are recognised.
    pub(crate) long_chars: u32,
    /// Number of bytes from which a text is long.
    pub(crate) long_bytes: u32,
    /// The sources whose entries point to articles, as a JSON list: their markup is read.
    pub(crate) lists: String,
}

/// An entry as weaving compares it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ComparedEntry {
    /// Its number.
    pub(crate) number: EntryNumber,
    /// Source and guid.
    pub(crate) key: EntryKey,
    /// The article.
    pub(crate) url: Url,
    /// The address that its page names for itself, if it was fetched.
    pub(crate) canonical: Option<Url>,
    /// The hash of its canonical address, if it was woven.
    pub(crate) address: Option<i64>,
    /// Plain text.
    pub(crate) title: String,
    /// The first characters of the plain text.
    pub(crate) text: String,
    /// Number of characters of all of that text.
    pub(crate) text_chars: u32,
    /// Published, otherwise first seen.
    pub(crate) time: Timestamp,
    /// The last good answer of its source without it.
    pub(crate) absent: Option<Timestamp>,
    /// When it was last edited; also when it was written, if its publisher says so.
    pub(crate) edited: Option<Timestamp>,
    /// Language as written.
    pub(crate) language: Option<String>,
    /// Part of a back-fill.
    pub(crate) held_back: bool,
    /// What its long text is compared by, if it was woven and has one.
    pub(crate) sketch: Option<Vec<u8>>,
    /// Its long text, if it was not woven: of its page, its own, or its content.
    pub(crate) long_text: Option<Markup>,
    /// Its summary and content, if its source lists articles of others.
    pub(crate) listed: Vec<Markup>,
    /// Where it is; `None`: no story holds it yet.
    pub(crate) woven: Option<Woven>,
}

/// What an entry was before it was edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BeforeEdit {
    /// The title; `None`: not known.
    pub(crate) title: Option<String>,
    /// The hash of its canonical address.
    pub(crate) address: i64,
}

/// The story that an entry was woven into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Woven {
    /// Its story.
    pub(crate) story: StoryNumber,
    /// When the entry was woven: those with the same time were woven together.
    pub(crate) joined: Timestamp,
    /// When the story was first published: it keeps its id and its entries from then on.
    pub(crate) published: Option<Timestamp>,
    /// It leads the story: readers see its title.
    pub(crate) leads: bool,
}

/// The columns of [`compared`] for entries that no story holds; the texts of entries before `:horizon` are not
/// compared.
const UNWOVEN: &str = "\
    SELECT entry.id, entry.source_id, entry.guid, entry.url, NULL AS address, NULL AS sketch, entry.title,
           CASE WHEN coalesce(entry.published_at, entry.first_seen_at) >= :horizon THEN substr(entry.text, 1, max(:text_chars, :long_chars)) ELSE '' END AS text,
           length(entry.text) AS text_chars, octet_length(entry.text) AS text_bytes,
           CASE WHEN entry.extra = '' THEN NULL ELSE entry.extra ->> '$.language' END AS language,
           coalesce(entry.published_at, entry.first_seen_at) AS time_at, entry.updated_at, entry.absent_at,
           entry.held_back,
           article.canonical,
           CASE WHEN coalesce(entry.published_at, entry.first_seen_at) >= :horizon AND octet_length(article_body.text) >= :long_bytes
                THEN substr(article_body.text, 1, :long_chars) END AS page_text,
           CASE WHEN coalesce(entry.published_at, entry.first_seen_at) >= :horizon AND octet_length(entry.text) < :long_bytes AND octet_length(entry.content) >= :long_bytes
                THEN entry.content_kind ELSE 0 END AS long_kind,
           CASE WHEN coalesce(entry.published_at, entry.first_seen_at) >= :horizon AND octet_length(entry.text) < :long_bytes AND octet_length(entry.content) >= :long_bytes
                THEN entry.content END AS long_content,
           CASE WHEN coalesce(entry.published_at, entry.first_seen_at) >= :horizon AND entry.source_id IN (SELECT value FROM json_each(:lists))
                THEN entry.summary_kind ELSE 0 END AS summary_kind,
           CASE WHEN coalesce(entry.published_at, entry.first_seen_at) >= :horizon AND entry.source_id IN (SELECT value FROM json_each(:lists)) THEN entry.summary END AS summary,
           CASE WHEN coalesce(entry.published_at, entry.first_seen_at) >= :horizon AND entry.source_id IN (SELECT value FROM json_each(:lists))
                THEN entry.content_kind ELSE 0 END AS content_kind,
           CASE WHEN coalesce(entry.published_at, entry.first_seen_at) >= :horizon AND entry.source_id IN (SELECT value FROM json_each(:lists)) THEN entry.content END AS content,
           NULL AS story_id, NULL AS joined_at, NULL AS first_published_at, 0 AS leads
      FROM unwoven
      JOIN entry ON entry.id = unwoven.entry_id
      LEFT JOIN article_of ON article_of.entry_id = entry.id
      LEFT JOIN article ON article.id = article_of.article_id
      LEFT JOIN article_body ON article_body.article_id = article_of.article_id";

/// The same for entries that a story holds.
const WOVEN: &str = "\
    SELECT entry.id, entry.source_id, entry.guid, entry.url, member.address, sketch.bins AS sketch, entry.title,
           substr(entry.text, 1, :text_chars) AS text,
           length(entry.text) AS text_chars, 0 AS text_bytes,
           CASE WHEN entry.extra = '' THEN NULL ELSE entry.extra ->> '$.language' END AS language,
           member.time_at, entry.updated_at, entry.absent_at, entry.held_back,
           CASE WHEN member.entry_id IN (SELECT entry_id FROM edited)
                THEN (SELECT article.canonical
                        FROM article_of JOIN article ON article.id = article_of.article_id
                       WHERE article_of.entry_id = member.entry_id) END AS canonical,
           NULL AS page_text, 0 AS long_kind, NULL AS long_content,
           CASE WHEN entry.source_id IN (SELECT value FROM json_each(:lists))
                THEN entry.summary_kind ELSE 0 END AS summary_kind,
           CASE WHEN entry.source_id IN (SELECT value FROM json_each(:lists)) THEN entry.summary END AS summary,
           CASE WHEN entry.source_id IN (SELECT value FROM json_each(:lists))
                THEN entry.content_kind ELSE 0 END AS content_kind,
           CASE WHEN entry.source_id IN (SELECT value FROM json_each(:lists)) THEN entry.content END AS content,
           member.story_id, member.joined_at, story.first_published_at,
           story.lead_entry_id = member.entry_id AS leads
      FROM member
      JOIN entry ON entry.id = member.entry_id
      JOIN story ON story.id = member.story_id
      LEFT JOIN sketch ON sketch.entry_id = entry.id";

impl Reader {
    /// Whether entries wait for a story, or for their edits to be taken over.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn has_unwoven(&self) -> Result<bool, StoreError> {
        Ok(self.conn.query_row(
            "SELECT EXISTS (SELECT 1 FROM unwoven) OR EXISTS (SELECT 1 FROM edited) AS waits",
            [],
            |row| row.get("waits"),
        )?)
    }

    /// Calls `each` with every entry that no story holds yet, in the order of their numbers. For those older than
    /// `horizon` no text is read.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn each_unwoven(
        &self,
        horizon: Timestamp,
        limits: &ReadLimits,
        mut each: impl FnMut(ComparedEntry),
    ) -> Result<(), StoreError> {
        let mut stmt = self.conn.prepare_cached(&format!("{UNWOVEN} ORDER BY unwoven.entry_id"))?;
        let mut rows = stmt.query(named_params! {
            ":horizon": horizon.as_second(), ":text_chars": limits.text_chars, ":long_chars": limits.long_chars,
            ":long_bytes": limits.long_bytes, ":lists": limits.lists,
        })?;
        while let Some(row) = rows.next()? {
            each(compared(row, limits)?);
        }
        Ok(())
    }

    /// Calls `each` with every entry of a story whose time is `since` or later, the oldest first, except those that
    /// were edited since they were woven.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn each_woven(
        &self,
        since: Timestamp,
        limits: &ReadLimits,
        each: impl FnMut(ComparedEntry),
    ) -> Result<(), StoreError> {
        let sql = "member.time_at >= :since AND member.entry_id NOT IN (SELECT entry_id FROM edited)";
        self.woven_where(sql, &[(":since", &since.as_second())], limits, each)
    }

    /// The entries since `since` of `stories` and of the stories that hold one of `entries`, the oldest first, except
    /// those that were edited since they were woven.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn woven_beside(
        &self,
        entries: &[EntryNumber],
        stories: &[StoryNumber],
        since: Timestamp,
        limits: &ReadLimits,
    ) -> Result<Vec<ComparedEntry>, StoreError> {
        let sql = "member.story_id IN (SELECT value FROM json_each(:stories)
                                       UNION
                                       SELECT story_id FROM member WHERE entry_id IN (SELECT value FROM json_each(:entries)))
               AND member.time_at >= :since AND member.entry_id NOT IN (SELECT entry_id FROM edited)";
        let (entries, stories) = (json_list(entries.iter().map(|entry| entry.0)), list_of(stories));
        let named: [(&str, &dyn ToSql); 3] =
            [(":entries", &entries), (":stories", &stories), (":since", &since.as_second())];
        let mut found = Vec::new();
        self.woven_where(sql, &named, limits, |entry| found.push(entry))?;
        Ok(found)
    }

    /// The entries that their publishers edited since they were woven, the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn edited_since_woven(&self, limits: &ReadLimits) -> Result<Vec<ComparedEntry>, StoreError> {
        let mut found = Vec::new();
        let sql = "member.entry_id IN (SELECT entry_id FROM edited)";
        // The address that the member has is the one from before.
        self.woven_where(sql, &[], limits, |entry| found.push(ComparedEntry { address: None, ..entry }))?;
        Ok(found)
    }

    /// What the entries that were edited since they were woven were before.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn before_edits(&self) -> Result<BTreeMap<EntryNumber, BeforeEdit>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT edited.entry_id, edited.title, member.address
               FROM edited JOIN member ON member.entry_id = edited.entry_id
              ORDER BY edited.entry_id",
        )?;
        let rows = stmt.query_map([], |row| {
            let before = BeforeEdit { title: row.get("title")?, address: row.get("address")? };
            Ok((EntryNumber(row.get("entry_id")?), before))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn woven_where(
        &self,
        sql: &str,
        named: &[(&str, &dyn ToSql)],
        limits: &ReadLimits,
        mut each: impl FnMut(ComparedEntry),
    ) -> Result<(), StoreError> {
        let mut stmt =
            self.conn.prepare_cached(&format!("{WOVEN} WHERE {sql} ORDER BY member.time_at, member.entry_id"))?;
        let common: [(&str, &dyn ToSql); 2] = [(":text_chars", &limits.text_chars), (":lists", &limits.lists)];
        let named: Vec<(&str, &dyn ToSql)> = common.into_iter().chain(named.iter().copied()).collect();
        let mut rows = stmt.query(named.as_slice())?;
        while let Some(row) = rows.next()? {
            each(compared(row, limits)?);
        }
        Ok(())
    }
}

fn compared(row: &Row<'_>, limits: &ReadLimits) -> rusqlite::Result<ComparedEntry> {
    let number = EntryNumber(row.get("id")?);
    let key = EntryKey { source: columns::source_id(row, "source_id")?, guid: row.get("guid")? };
    let mut text: String = row.get("text")?;
    let text_chars: u32 = row.get("text_chars")?;
    let text_bytes: u32 = row.get("text_bytes")?;
    let long_text = match row.get::<_, Option<String>>("page_text")? {
        Some(page) => Some(Markup::Text(page)),
        None if text_bytes >= limits.long_bytes && !text.is_empty() => Some(Markup::Text(text.clone())),
        None => columns::markup(row, "long_kind", "long_content")?,
    };
    if let Some((end, _)) = text.char_indices().nth(limits.text_chars as usize) {
        text.truncate(end);
    }
    let listed = [columns::markup(row, "summary_kind", "summary")?, columns::markup(row, "content_kind", "content")?];
    let woven = match row.get::<_, Option<i64>>("story_id")? {
        None => None,
        Some(story) => Some(Woven {
            story: StoryNumber(story),
            joined: columns::time(row, "joined_at")?,
            published: columns::optional_time(row, "first_published_at")?,
            leads: row.get("leads")?,
        }),
    };
    Ok(ComparedEntry {
        number,
        key,
        url: columns::url(row, "url")?,
        canonical: columns::address(row, "canonical")?,
        address: row.get("address")?,
        title: row.get("title")?,
        text,
        text_chars,
        time: columns::time(row, "time_at")?,
        absent: columns::optional_time(row, "absent_at")?,
        edited: columns::optional_time(row, "updated_at")?,
        language: row.get("language")?,
        held_back: row.get("held_back")?,
        sketch: row.get("sketch")?,
        long_text,
        listed: listed.into_iter().flatten().collect(),
        woven,
    })
}
