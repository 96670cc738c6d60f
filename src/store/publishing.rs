//! What one publish stores: before any file is written, and after.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::named_params;

use super::entered::Entered;
use super::refusals::GateRefusal;
use super::{ArchivedDay, Batch, PublishedOutput, Reader, Store, StoreError, StoryNumber, TagBase, columns};
use crate::model::{EntryKey, StoryId};

/// What is fixed permanently by showing a story: stored before any file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The story.
    pub story: StoryId,
    /// When it was first published.
    pub first_published: Timestamp,
    /// The date that it carries from now on.
    pub date: Timestamp,
    /// The entries that are shown from this pass on; their time of showing is that of the pass.
    pub newly_shown: Vec<EntryKey>,
}

/// A story that was never published, and what its date is derived from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnpublishedStory {
    /// The story.
    pub story: StoryNumber,
    /// The date that results from its leading entry.
    pub published: Option<Timestamp>,
    /// When its leading entry was first seen.
    pub first_seen: Timestamp,
}

/// What filter programs answered, by the hash of program and item; `None`: the item was dropped.
pub type FilterAnswers = BTreeMap<[u8; 32], Option<String>>;

/// Everything that a publish freezes: ids, dates, what is shown and what was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishChanges {
    /// The time of the pass.
    pub now: Timestamp,
    /// The base of every id; the first one stays.
    pub tag_base: TagBase,
    /// What is shown.
    pub publications: Vec<Publication>,
    /// Stories that were at hand and found no place, with the date that each would have carried: they count as
    /// published, so that none is announced later as if it were new.
    pub passed_over: Vec<(StoryNumber, Timestamp)>,
    /// What outputs of top stories hold from now on; `None`: what they held.
    pub top_items: Option<BTreeMap<i64, BTreeSet<StoryId>>>,
    /// What filters answered in this pass.
    pub answers: FilterAnswers,
    /// Stories that came through the filter of an output for the first time.
    pub entered: Entered,
}

/// What became of a publish: stored once the files are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublishRecord {
    /// The time of the pass.
    pub(crate) now: Timestamp,
    /// The documents that are public now, by file.
    pub(crate) outputs: BTreeMap<String, PublishedOutput>,
    /// The pages of days that are public now, by file.
    pub(crate) days: BTreeMap<String, ArchivedDay>,
    /// Pages of days that are gone.
    pub(crate) gone_days: Vec<String>,
    /// What was not published.
    pub(crate) refusals: Vec<GateRefusal>,
    /// What filters answered for the pages of days.
    pub(crate) answers: FilterAnswers,
    /// What the publish depended on; `None`: something failed and is tried again at the next publish.
    pub(crate) fingerprint: Option<String>,
}

impl Reader {
    /// Every story that was never published and was opened at or before `opened_by`, in the order of the store.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn unpublished_stories(&self, opened_by: Timestamp) -> Result<Vec<UnpublishedStory>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT story.id AS story_id, entry.published_at, entry.first_seen_at
               FROM story JOIN entry ON entry.id = story.lead_entry_id
              WHERE story.held_back = 0 AND story.first_published_at IS NULL
                AND (SELECT min(joined_at) FROM member WHERE member.story_id = story.id) <= :opened_by
              ORDER BY story.id",
        )?;
        let rows = stmt.query_map(named_params! { ":opened_by": opened_by.as_second() }, |row| {
            Ok(UnpublishedStory {
                story: StoryNumber(row.get("story_id")?),
                published: columns::optional_time(row, "published_at")?,
                first_seen: columns::time(row, "first_seen_at")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What filters answered before for the items and programs with these hashes.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn filter_answers(&self, keys: &[[u8; 32]]) -> Result<FilterAnswers, StoreError> {
        let mut answers = FilterAnswers::new();
        for key in keys {
            if let Some(answer) = self.filtered(key)? {
                answers.insert(*key, answer);
            }
        }
        Ok(answers)
    }
}

impl Store {
    /// Freezes what a publish shows, in one transaction.
    ///
    /// # Errors
    /// If the database cannot be written; nothing is stored then.
    pub fn freeze(&mut self, changes: &PublishChanges) -> Result<(), StoreError> {
        let mut batch = self.batch()?;
        batch.fix_tag_base(&changes.tag_base)?;
        for publication in &changes.publications {
            batch.set_first_published(&publication.story, publication.date, changes.now)?;
            batch.set_shown(&publication.newly_shown, changes.now)?;
        }
        let more = changes.publications.iter().filter(|publication| !publication.newly_shown.is_empty());
        batch.shows_more_of(more.map(|publication| &publication.story))?;
        batch.pass_over(&changes.passed_over, changes.now)?;
        if let Some(top_items) = &changes.top_items {
            batch.save_top_items(top_items)?;
        }
        batch.save_answers(&changes.answers, changes.now)?;
        batch.save_entered(&changes.entered)?;
        batch.commit()
    }

    /// Records what became of a publish, in one transaction.
    ///
    /// # Errors
    /// If the database cannot be written; nothing is stored then.
    pub(crate) fn record_publish(&mut self, record: &PublishRecord) -> Result<(), StoreError> {
        let mut batch = self.batch()?;
        for (file, output) in &record.outputs {
            batch.save_published_output(file, output, record.now)?;
        }
        for (file, day) in &record.days {
            batch.save_archived_day(file, day)?;
        }
        for file in &record.gone_days {
            batch.forget_archived_day(file)?;
        }
        batch.save_refusals(&record.refusals, record.days.keys().chain(&record.gone_days))?;
        batch.save_answers(&record.answers, record.now)?;
        if let Some(fingerprint) = &record.fingerprint {
            batch.set_last_publish(fingerprint)?;
        }
        batch.commit()
    }
}

impl Batch<'_> {
    /// Counts stories that found no place in any output as published.
    fn pass_over(&mut self, stories: &[(StoryNumber, Timestamp)], now: Timestamp) -> Result<(), StoreError> {
        let mut stmt = self.tx.prepare_cached(
            "UPDATE story SET first_published_at = :now, date_at = :date
              WHERE id = :story AND first_published_at IS NULL",
        )?;
        for (story, date) in stories {
            stmt.execute(named_params! { ":story": story.0, ":date": date.as_second(), ":now": now.as_second() })?;
        }
        Ok(())
    }

    fn save_answers(&mut self, answers: &FilterAnswers, now: Timestamp) -> Result<(), StoreError> {
        if answers.is_empty() { Ok(()) } else { self.save_filtered(answers, now) }
    }
}
