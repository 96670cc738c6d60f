//! Entries: what gather saves and recognises, and how many there are.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, named_params};
use url::Url;

use super::extra::extra_column;
use super::{Batch, Reader, StoreError, columns};
use crate::model::{Entry, EntryKey, Signal, SourceId};

/// The number of an entry in the store; later entries have larger ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryNumber(pub(super) i64);

impl EntryNumber {
    /// The number itself, for an index that wants one.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }

    /// The entry with this number, whether or not it exists.
    #[must_use]
    pub fn from_raw(number: i64) -> Self {
        Self(number)
    }
}

/// The hash of an entry that was read from an output of ours: what its publisher wrote is unknown.
pub(super) const RECOVERED_HASH: i64 = 0;

/// What the store holds for an entry that came again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its number.
    pub number: EntryNumber,
    /// The hash of what the publisher wrote.
    pub hash: i64,
    /// What it declares about its rights.
    pub signals: Vec<Signal>,
}

impl Known {
    /// Whether it was read from an output of ours, and its publisher's own version is yet to come.
    #[must_use]
    pub(crate) fn is_recovered(&self) -> bool {
        self.hash == RECOVERED_HASH
    }
}

/// How an entry came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// As news.
    Fresh,
    /// With a back-fill: it is recorded, but not published on its own.
    HeldBack,
}

/// When an entry came, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sighting {
    /// When it was first seen.
    pub(crate) first: Timestamp,
    /// The last good answer of its source that did not have it.
    pub(crate) absent: Option<Timestamp>,
    pub(crate) arrival: Arrival,
}

/// What an entry announces, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Headline {
    pub(crate) title: String,
    pub(crate) url: Url,
}

/// An entry that is recorded, but not published on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
    /// Its source.
    pub source: SourceId,
    /// How old it was when it was first seen.
    pub age: SignedDuration,
}

/// How much a source has written, for `status`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct SourceCount {
    /// Entries held.
    pub(crate) entries: u64,
    /// Entries first seen in the last 30 days.
    pub(crate) recent: u64,
    /// Entries recorded but not published, being part of a back-fill.
    pub(crate) held_back: u64,
    /// When its first entry was first seen.
    pub(crate) since: Option<Timestamp>,
}

impl Reader {
    /// What is known of the entry, if anything; by its guid or another one that it came with.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn known_entry(&self, key: &EntryKey) -> Result<Option<Known>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT id, hash, signals FROM entry WHERE source_id = :source AND guid = :guid
             UNION ALL
             SELECT entry.id, entry.hash, entry.signals
               FROM guid_alias JOIN entry ON entry.id = guid_alias.entry_id
              WHERE guid_alias.source_id = :source AND guid_alias.guid = :guid
              LIMIT 1",
        )?;
        let known = stmt
            .query_row(named_params! { ":source": key.source.as_str(), ":guid": key.guid }, |row| {
                let signals = columns::signals(row, "signals")?;
                Ok(Known { number: EntryNumber(row.get("id")?), hash: row.get("hash")?, signals })
            })
            .optional()?;
        Ok(known)
    }

    /// The address of an entry.
    ///
    /// # Errors
    /// If the database cannot be read or has no such entry.
    pub(super) fn address_of(&self, entry: EntryNumber) -> Result<Url, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT url FROM entry WHERE id = :entry")?;
        Ok(stmt.query_row(named_params! { ":entry": entry.0 }, |row| columns::url(row, "url"))?)
    }

    /// What an entry announces.
    ///
    /// # Errors
    /// If the database cannot be read or has no such entry.
    pub(crate) fn headline_of(&self, entry: EntryNumber) -> Result<Headline, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT title, url FROM entry WHERE id = :entry")?;
        Ok(stmt.query_row(named_params! { ":entry": entry.0 }, |row| {
            Ok(Headline { title: row.get("title")?, url: columns::url(row, "url")? })
        })?)
    }

    /// Publication time of the newest entry of `source`, `None` if it has none.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn newest_entry(&self, source: &SourceId) -> Result<Option<Timestamp>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT max(coalesce(published_at, first_seen_at)) AS newest_at FROM entry WHERE source_id = :source",
        )?;
        Ok(stmt
            .query_row(named_params! { ":source": source.as_str() }, |row| columns::optional_time(row, "newest_at"))?)
    }

    /// Entries whose stories are withheld, the newest first, at most `limit`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn held_back(&self, limit: usize) -> Result<Vec<HeldBack>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT entry.title, entry.url, entry.source_id,
                    entry.first_seen_at - coalesce(entry.published_at, entry.first_seen_at) AS age
               FROM entry
               LEFT JOIN member ON member.entry_id = entry.id
               LEFT JOIN story ON story.id = member.story_id
              WHERE entry.held_back = 1 AND coalesce(story.held_back, 1) = 1
              ORDER BY entry.id DESC
              LIMIT :limit",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = stmt.query_map(named_params! { ":limit": limit }, |row| {
            let age = SignedDuration::from_secs(row.get("age")?);
            let source = columns::source_id(row, "source_id")?;
            Ok(HeldBack { title: row.get("title")?, url: row.get("url")?, source, age })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many entries are held, over all sources.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn entry_count(&self) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce(sum(entries), 0) AS n FROM source_tally";
        Ok(self.conn.query_row(sql, [], |row| row.get("n"))?)
    }

    /// How much each source has written; "recent" counts from the day of `since`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn source_counts(&self, since: Timestamp) -> Result<HashMap<SourceId, SourceCount>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT tally.source_id, tally.entries, tally.held_back, tally.since_at,
                    (SELECT coalesce(sum(day.entries), 0)
                       FROM source_day AS day
                      WHERE day.source_id = tally.source_id AND day.day >= :since / 86400) AS recent
               FROM source_tally AS tally
              WHERE tally.entries > 0
              ORDER BY tally.source_id",
        )?;
        let rows = stmt.query_map(named_params! { ":since": since.as_second() }, |row| {
            let count = SourceCount {
                entries: row.get("entries")?,
                recent: row.get("recent")?,
                held_back: row.get("held_back")?,
                since: columns::optional_time(row, "since_at")?,
            };
            Ok((columns::source_id(row, "source_id")?, count))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Batch<'_> {
    /// Adds an entry that the store does not hold; it waits for its story.
    ///
    /// # Errors
    /// If the database cannot be written, or the (source, guid) is there already.
    pub fn insert_entry(
        &mut self,
        entry: &Entry,
        hash: i64,
        first_seen: Timestamp,
        arrival: Arrival,
    ) -> Result<EntryNumber, StoreError> {
        self.insert_sighted(entry, hash, &Sighting { first: first_seen, absent: None, arrival })
    }

    /// The same, with all that is known of how it came.
    ///
    /// # Errors
    /// If the database cannot be written, or the (source, guid) is there already.
    pub(crate) fn insert_sighted(
        &mut self,
        entry: &Entry,
        hash: i64,
        sighting: &Sighting,
    ) -> Result<EntryNumber, StoreError> {
        let mut stmt = self.tx.prepare_cached(
            "INSERT INTO entry (source_id, guid, hash, first_seen_at, published_at, updated_at, absent_at, held_back, url,
                                title, text, extra, summary_kind, summary, content_kind, content, signals)
             VALUES (:source, :guid, :hash, :first_seen, :published, :updated, :absent, :held_back, :url,
                     :title, :text, :extra, :summary_kind, :summary, :content_kind, :content, :signals)",
        )?;
        let (summary_kind, summary) = columns::markup_columns(entry.summary.as_ref());
        let (content_kind, content) = columns::markup_columns(entry.content.as_ref());
        let number = stmt.insert(named_params! {
            ":source": entry.key.source.as_str(), ":guid": entry.key.guid, ":hash": hash,
            ":first_seen": sighting.first.as_second(), ":published": entry.published.map(Timestamp::as_second),
            ":updated": entry.updated.map(Timestamp::as_second), ":absent": sighting.absent.map(Timestamp::as_second),
            ":held_back": sighting.arrival == Arrival::HeldBack,
            ":url": entry.url.as_str(), ":title": entry.title, ":text": entry.text, ":extra": extra_column(entry),
            ":summary_kind": summary_kind, ":summary": summary, ":content_kind": content_kind, ":content": content,
            ":signals": columns::signals_column(&entry.signals),
        })?;
        self.tx
            .prepare_cached("INSERT INTO unwoven (entry_id) VALUES (:number)")?
            .execute(named_params! { ":number": number })?;
        Ok(EntryNumber(number))
    }

    /// Takes over what its publisher edited. First sight and date stay as they were; an entry that was
    /// undated takes the date it is given. It was edited when the publisher newly says so, otherwise when we saw
    /// it, which is now.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn update_entry(
        &mut self,
        number: EntryNumber,
        entry: &Entry,
        hash: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.take_over(number, entry, hash, Some(now))
    }

    /// Takes over the publisher's own version of an entry that was read from an output of ours. That is not an edit.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn complete_entry(&mut self, number: EntryNumber, entry: &Entry, hash: i64) -> Result<(), StoreError> {
        self.take_over(number, entry, hash, None)
    }

    /// What `entry` has instead of what was stored; `seen` is when an edit was seen, `None` if it is none.
    fn take_over(
        &mut self,
        number: EntryNumber,
        entry: &Entry,
        hash: i64,
        seen: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        // What was read from an output of ours may have another title.
        self.tx
            .prepare_cached(
                "INSERT OR IGNORE INTO edited (entry_id, title)
                 SELECT id, CASE WHEN :seen IS NULL THEN NULL ELSE title END FROM entry WHERE id = :number",
            )?
            .execute(named_params! { ":number": number.0, ":seen": seen.map(Timestamp::as_second) })?;
        let mut stmt = self.tx.prepare_cached(
            "UPDATE entry
                SET hash = :hash, published_at = coalesce(published_at, :published),
                    updated_at = CASE WHEN :seen IS NULL THEN updated_at
                                      WHEN :updated > coalesce(updated_at, published_at, first_seen_at)
                                           AND :updated <= :seen
                                      THEN :updated ELSE :seen END,
                    url = :url,
                    title = :title, text = :text, extra = :extra, summary_kind = :summary_kind, summary = :summary,
                    content_kind = :content_kind, content = :content, signals = :signals
              WHERE id = :number",
        )?;
        let (summary_kind, summary) = columns::markup_columns(entry.summary.as_ref());
        let (content_kind, content) = columns::markup_columns(entry.content.as_ref());
        stmt.execute(named_params! {
            ":number": number.0, ":hash": hash, ":published": entry.published.map(Timestamp::as_second),
            ":seen": seen.map(Timestamp::as_second), ":updated": entry.updated.map(Timestamp::as_second),
            ":url": entry.url.as_str(), ":title": entry.title, ":text": entry.text, ":extra": extra_column(entry), ":summary_kind": summary_kind,
            ":summary": summary, ":content_kind": content_kind, ":content": content,
            ":signals": columns::signals_column(&entry.signals),
        })?;
        self.shows();
        Ok(())
    }

    /// Records that what an edit made of an entry was not told at `vouched`, when its source was last asked before, nor
    /// when it was first seen.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn note_retold(&self, number: EntryNumber, vouched: Option<Timestamp>) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "UPDATE entry SET absent_at = max(first_seen_at, coalesce(absent_at, 0), coalesce(:vouched, 0))
                  WHERE id = :number",
            )?
            .execute(named_params! { ":number": number.0, ":vouched": vouched.map(Timestamp::as_second) })?;
        Ok(())
    }

    /// Takes over what its publisher declares `now` about the rights of an entry that is otherwise unchanged: not an
    /// edit, but outputs may have to change, the pages of days gone by too.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn set_entry_signals(
        &mut self,
        number: EntryNumber,
        signals: &[Signal],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("UPDATE entry SET signals = :signals WHERE id = :number")?
            .execute(named_params! { ":number": number.0, ":signals": columns::signals_column(signals) })?;
        self.tx
            .prepare_cached(
                "UPDATE story SET changed_at = :now
                  WHERE id = (SELECT story_id FROM member WHERE entry_id = :number)",
            )?
            .execute(named_params! { ":number": number.0, ":now": now.as_second() })?;
        self.shows();
        Ok(())
    }

    /// Stores what a long text is compared by.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn keep_sketch(&self, number: EntryNumber, sketch: &[u8]) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("INSERT OR REPLACE INTO sketch (entry_id, bins) VALUES (:number, :bins)")?
            .execute(named_params! { ":number": number.0, ":bins": sketch })?;
        Ok(())
    }

    /// Forgets which entries were edited: their stories know.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn clear_edited(&self) -> Result<(), StoreError> {
        self.tx.execute("DELETE FROM edited", [])?;
        Ok(())
    }
}
