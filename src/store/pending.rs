//! Entries that wait for a story, or for an edit to be taken over: what weaving reads of them.

use jiff::Timestamp;
use rusqlite::{Row, named_params};
use url::Url;

use super::{EntryNumber, Reader, StoreError, columns, tdm};
use crate::model::EntryKey;

/// What weaving needs of an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingEntry {
    /// Its number.
    pub number: EntryNumber,
    /// Source and guid.
    pub key: EntryKey,
    /// The article.
    pub url: Url,
    /// Hash of its canonical address; `None`: not woven yet.
    pub address: Option<i64>,
    /// Plain text.
    pub title: String,
    /// The first characters of the plain text.
    pub text: String,
    /// Published, else first seen.
    pub time: Timestamp,
    /// When we first saw it.
    pub first_seen: Timestamp,
    /// Language as written.
    pub language: Option<String>,
    /// What its long text is compared by, where it was woven and has one.
    pub sketch: Option<Vec<u8>>,
    /// Bytes of its content that may be compared.
    pub content_bytes: u64,
    /// Part of a back-fill.
    pub held_back: bool,
    /// The page behind it, where it was fetched.
    pub article: Option<PendingArticle>,
}

/// What weaving reads of the page behind an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingArticle {
    /// Its own address for itself.
    pub canonical: Option<Url>,
    /// The first characters of its plain text.
    pub text: String,
}

impl PendingEntry {
    /// Takes out what it would be compared by: its publisher reserves that.
    pub(super) fn withhold_text(&mut self) {
        self.text.clear();
        self.content_bytes = 0;
        self.sketch = None;
        if let Some(article) = &mut self.article {
            article.text.clear();
        }
    }
}

impl Reader {
    /// Whether entries wait for a story, or for their edits to be taken over.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn has_unwoven(&self) -> Result<bool, StoreError> {
        Ok(self.conn.query_row(
            "SELECT EXISTS (SELECT 1 FROM unwoven) OR EXISTS (SELECT 1 FROM edited) AS waits",
            [],
            |row| row.get("waits"),
        )?)
    }

    /// Calls `each` with every entry that no story holds yet and whose time lies before `horizon`, in the
    /// order in which they are woven: (time, source, guid), so that one input has one result. Their texts
    /// are left out: they are too old to be compared.
    ///
    /// # Errors
    /// Where the database cannot be read, and what `each` gives.
    pub fn each_pending_before(
        &self,
        horizon: Timestamp,
        mut each: impl FnMut(PendingEntry) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT id, source_id, guid, url, NULL AS address, NULL AS sketch, 0 AS content_bytes,
                    title, '' AS text, NULL AS language,
                    coalesce(published_at, first_seen_at) AS time_at, first_seen_at, held_back,
                    NULL AS article_text, NULL AS canonical
               FROM unwoven JOIN entry ON entry.id = unwoven.entry_id
              WHERE coalesce(published_at, first_seen_at) < :horizon
              ORDER BY coalesce(published_at, first_seen_at), source_id, guid",
        )?;
        let mut rows = stmt.query(named_params! { ":horizon": horizon.as_second() })?;
        while let Some(row) = rows.next()? {
            each(pending_from_row(row)?)?;
        }
        Ok(())
    }

    /// The other entries that no story holds yet, in the same order.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn pending_since(&self, horizon: Timestamp) -> Result<Vec<EntryNumber>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT id
               FROM unwoven JOIN entry ON entry.id = unwoven.entry_id
              WHERE coalesce(published_at, first_seen_at) >= :horizon
              ORDER BY coalesce(published_at, first_seen_at), source_id, guid",
        )?;
        let rows =
            stmt.query_map(named_params! { ":horizon": horizon.as_second() }, |row| Ok(EntryNumber(row.get("id")?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What weaving needs of entry `number`, with at most `text_chars` characters of its text.
    ///
    /// # Errors
    /// Where the database cannot be read or has no such entry.
    pub fn pending_entry(&self, number: EntryNumber, text_chars: usize) -> Result<PendingEntry, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT entry.id, entry.source_id, guid, url, NULL AS address, NULL AS sketch,
                    coalesce(octet_length(content), 0) AS content_bytes, entry.title,
                    substr(entry.text, 1, :chars) AS text,
                    CASE WHEN extra = '' THEN NULL ELSE extra ->> '$.language' END AS language,
                    coalesce(entry.published_at, first_seen_at) AS time_at, first_seen_at, held_back,
                    substr(article_body.text, 1, :chars) AS article_text, canonical,
                    coalesce(feed.signals, '') AS feed_signals, coalesce(article.signals, '') AS page_signals,
                    article.page_rights
               FROM entry
               LEFT JOIN feed ON feed.source_id = entry.source_id
               LEFT JOIN article_of ON article_of.entry_id = entry.id
               LEFT JOIN article_body ON article_body.article_id = article_of.article_id
               LEFT JOIN article ON article.id = article_of.article_id
              WHERE entry.id = :number",
        )?;
        let chars = i64::try_from(text_chars).unwrap_or(i64::MAX);
        let named = named_params! { ":number": number.0, ":chars": chars };
        let (mut pending, claims) =
            stmt.query_row(named, |row| Ok((pending_from_row(row)?, tdm::Claims::from_row(row)?)))?;
        if claims.reserve() {
            pending.withhold_text();
        }
        Ok(pending)
    }

    /// Entries that their publisher edited since they were woven, in order of their numbers.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn edited_entries(&self) -> Result<Vec<EntryNumber>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT entry_id FROM edited ORDER BY entry_id")?;
        let rows = stmt.query_map([], |row| Ok(EntryNumber(row.get("entry_id")?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

pub(super) fn pending_from_row(row: &Row<'_>) -> rusqlite::Result<PendingEntry> {
    Ok(PendingEntry {
        number: EntryNumber(row.get("id")?),
        key: EntryKey { source: columns::source_id(row, "source_id")?, guid: row.get("guid")? },
        url: columns::url(row, "url")?,
        address: row.get("address")?,
        title: row.get("title")?,
        text: row.get("text")?,
        time: columns::time(row, "time_at")?,
        first_seen: columns::time(row, "first_seen_at")?,
        language: row.get("language")?,
        sketch: row.get("sketch")?,
        content_bytes: row.get("content_bytes")?,
        held_back: row.get("held_back")?,
        article: row
            .get::<_, Option<String>>("article_text")?
            .map(|text| {
                Ok::<_, rusqlite::Error>(PendingArticle { canonical: columns::address(row, "canonical")?, text })
            })
            .transpose()?,
    })
}
