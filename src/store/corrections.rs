//! The operator's corrections: which stories were split or joined by hand, and what that means for their entries.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, named_params};

use super::reason::reason_column;
use super::{Batch, EntryNumber, Reader, StoreError, StoryNumber, columns};
use crate::model::{EntryKey, Reason, StoryId};

/// The number by which the operator names a correction.
pub(crate) type CorrectionNumber = i64;

/// What a correction does to two stories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorrectionKind {
    /// They are two.
    Split,
    /// They are one.
    Join,
}

impl CorrectionKind {
    /// The code that is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Join => "join",
        }
    }
}

/// A correction to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NewCorrection<'a> {
    /// What it does.
    pub(super) kind: CorrectionKind,
    /// The story that was split, or that the other one joined.
    pub(super) story: &'a StoryId,
    /// The story that was split off, or that joined.
    pub(super) other: &'a StoryId,
    /// The entry that leads or led the other one.
    pub(super) other_lead: EntryNumber,
    /// When the other one was first published, and the date it carries; `None`: it was not.
    pub(super) other_published: Option<(Timestamp, Timestamp)>,
}

/// A correction in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Its number.
    pub number: CorrectionNumber,
    /// What it does.
    pub kind: CorrectionKind,
    /// When it was made.
    pub at: Timestamp,
    /// The story that was split, or that the other one joined.
    pub story: StoryId,
    /// The story that was split off, or that joined.
    pub other: StoryId,
    /// The entry that leads or led the other one.
    pub(crate) other_lead: EntryNumber,
    /// Title of that entry.
    pub title: String,
    /// When the other one was first published, and the date it carries; `None`: it was not.
    pub(crate) other_published: Option<(Timestamp, Timestamp)>,
}

/// A pair of entries that a correction applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CorrectionPair {
    /// What it does to them.
    pub(crate) kind: CorrectionKind,
    /// An entry of the other story.
    pub(crate) entry: EntryKey,
    /// An entry of the story.
    pub(crate) with: EntryKey,
}

const CORRECTION_COLUMNS: &str = "correction.id, correction.kind, correction.at, \
     correction.story_key, correction.other_key, correction.other_lead_id, correction.other_published_at, \
     correction.other_date_at, entry.title";

impl Reader {
    /// The correction with this number.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn correction(&self, number: CorrectionNumber) -> Result<Option<Correction>, StoreError> {
        let mut stmt = self.conn.prepare_cached(&format!(
            "SELECT {CORRECTION_COLUMNS} FROM correction JOIN entry ON entry.id = correction.other_lead_id WHERE correction.id = :number"
        ))?;
        Ok(stmt.query_row(named_params! { ":number": number }, correction).optional()?)
    }

    /// Entries of the other story that a correction applies to, in the order of their numbers.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn entries_of_correction(&self, number: CorrectionNumber) -> Result<Vec<EntryNumber>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT DISTINCT entry_id FROM correction_pair WHERE correction_id = :number ORDER BY entry_id",
        )?;
        let rows = stmt.query_map(named_params! { ":number": number }, |row| Ok(EntryNumber(row.get("entry_id")?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// All pairs of entries that corrections apply to, the oldest correction first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn correction_pairs(&self) -> Result<Vec<CorrectionPair>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT correction.kind, entry.source_id, entry.guid, other.source_id AS with_source, other.guid AS with_guid
               FROM correction_pair
               JOIN correction ON correction.id = correction_pair.correction_id
               JOIN entry ON entry.id = correction_pair.entry_id
               JOIN entry AS other ON other.id = correction_pair.with_id
              ORDER BY correction.id, correction_pair.entry_id, correction_pair.with_id",
        )?;
        let rows = stmt.query_map([], |row| {
            Ok(CorrectionPair {
                kind: kind(row)?,
                entry: EntryKey { source: columns::source_id(row, "source_id")?, guid: row.get("guid")? },
                with: EntryKey { source: columns::source_id(row, "with_source")?, guid: row.get("with_guid")? },
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Numbers of the stories with an entry at this canonical address.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn stories_at(&self, address: i64) -> Result<Vec<StoryNumber>, StoreError> {
        let mut stmt = self
            .conn
            .prepare_cached("SELECT DISTINCT story_id FROM member WHERE address = :address ORDER BY story_id")?;
        let rows =
            stmt.query_map(named_params! { ":address": address }, |row| Ok(StoryNumber(row.get("story_id")?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The corrections in force, the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn corrections(&self) -> Result<Vec<Correction>, StoreError> {
        let mut stmt = self.conn.prepare_cached(&format!(
            "SELECT {CORRECTION_COLUMNS} FROM correction JOIN entry ON entry.id = correction.other_lead_id ORDER BY correction.id"
        ))?;
        let rows = stmt.query_map([], correction)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Batch<'_> {
    /// Stores a correction and the pairs (an entry of the other story, an entry of the story) it applies to.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn add_correction(
        &self,
        correction: &NewCorrection<'_>,
        pairs: &[(EntryNumber, EntryNumber)],
        now: Timestamp,
    ) -> Result<CorrectionNumber, StoreError> {
        let (published, date) = correction.other_published.unzip();
        let number = self
            .tx
            .prepare_cached(
                "INSERT INTO correction (kind, at, story_key, other_key, other_lead_id, other_published_at, other_date_at)
                 VALUES (:kind, :now, :story, :other, :lead, :published, :date)",
            )?
            .insert(named_params! {
                ":kind": correction.kind.as_str(), ":now": now.as_second(), ":story": correction.story.as_str(),
                ":other": correction.other.as_str(), ":lead": correction.other_lead.0,
                ":published": published.map(Timestamp::as_second), ":date": date.map(Timestamp::as_second),
            })?;
        for (entry, with) in pairs {
            self.tx
                .prepare_cached(
                    "INSERT OR IGNORE INTO correction_pair (correction_id, entry_id, with_id) VALUES (:number, :entry, :with)",
                )?
                .execute(named_params! { ":number": number, ":entry": entry.0, ":with": with.0 })?;
        }
        Ok(number)
    }

    /// Pairs of an older correction that do the opposite of a new one to the same two entries are forgotten:
    /// the last one counts.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn overrule(
        &self,
        kind: CorrectionKind,
        pairs: &[(EntryNumber, EntryNumber)],
    ) -> Result<(), StoreError> {
        let mut stmt = self.tx.prepare_cached(
            "DELETE FROM correction_pair
              WHERE ((entry_id = :a AND with_id = :b) OR (entry_id = :b AND with_id = :a))
                AND correction_id IN (SELECT id FROM correction WHERE kind = :kind)",
        )?;
        for (a, b) in pairs {
            stmt.execute(named_params! { ":a": a.0, ":b": b.0, ":kind": kind.as_str() })?;
        }
        self.tx.execute("DELETE FROM correction WHERE id NOT IN (SELECT correction_id FROM correction_pair)", [])?;
        Ok(())
    }

    /// Forgets a correction.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn forget_correction(&self, number: CorrectionNumber) -> Result<(), StoreError> {
        for sql in
            ["DELETE FROM correction_pair WHERE correction_id = :number", "DELETE FROM correction WHERE id = :number"]
        {
            self.tx.prepare_cached(sql)?.execute(named_params! { ":number": number })?;
        }
        Ok(())
    }

    /// Moves one entry into another story.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn move_entry(
        &self,
        entry: EntryNumber,
        story: StoryNumber,
        reason: &Reason,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("UPDATE member SET story_id = :story, reason = :reason WHERE entry_id = :entry")?
            .execute(named_params! {
                ":entry": entry.0, ":story": story.0, ":reason": reason_column(reason),
            })?;
        self.shows();
        self.log_move(entry, story, reason, now)
    }
}

fn kind(row: &Row<'_>) -> rusqlite::Result<CorrectionKind> {
    let kind: String = row.get("kind")?;
    match kind.as_str() {
        "split" => Ok(CorrectionKind::Split),
        "join" => Ok(CorrectionKind::Join),
        _ => Err(columns::unreadable("kind", kind)),
    }
}

fn correction(row: &Row<'_>) -> rusqlite::Result<Correction> {
    let id = |column| columns::story_id(row, column);
    let published = columns::optional_time(row, "other_published_at")?;
    Ok(Correction {
        number: row.get("id")?,
        kind: kind(row)?,
        at: columns::time(row, "at")?,
        story: id("story_key")?,
        other: id("other_key")?,
        other_lead: EntryNumber(row.get("other_lead_id")?),
        title: row.get("title")?,
        other_published: published.zip(columns::optional_time(row, "other_date_at")?),
    })
}
