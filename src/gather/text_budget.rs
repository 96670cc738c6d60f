//! How much text of one source is kept: as much as a busy outlet writes in a week. Beyond that, entries are kept with the
//! beginning of their texts, as excerpts are cut from it, so that no source fills the disk.

use jiff::{SignedDuration, Timestamp};

use crate::model::{Entry, Markup, SourceId};
use crate::store::{Batch, EntryNumber, StoreError};

/// Text and markup of the entries of one source that a week may bring.
const A_WEEK_BYTES: usize = 8 * 1024 * 1024;
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A poll that brings less is kept as it is: what the week brought is not added up for it.
const A_POLL_BYTES: usize = 32 * 1024;

/// What is kept of a text beyond the budget.
const BEGINNING_BYTES: usize = 600;

/// What one poll of a source may still bring.
pub(super) struct TextBudget<'a> {
    source: &'a SourceId,
    now: Timestamp,
    /// Brought by this poll so far.
    brought: usize,
    /// Left of the week when it was first asked for; `None`: not asked for.
    left: Option<usize>,
    /// Entries whose texts were cut.
    pub(super) cut: usize,
}

impl<'a> TextBudget<'a> {
    pub(super) fn new(source: &'a SourceId, now: Timestamp) -> Self {
        Self { source, now, brought: 0, left: None, cut: 0 }
    }

    /// Cuts the texts of a new entry where the week has no room for them.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn fit(&mut self, batch: &Batch<'_>, entry: &mut Entry) -> Result<(), StoreError> {
        let bytes = size(entry);
        if self.has_room(batch, bytes)? {
            self.brought += bytes;
        } else {
            self.cut(entry);
        }
        Ok(())
    }

    /// Cuts the texts of an edited entry that grew where the week has no room for them, or where the entry is older.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn fit_edit(
        &mut self,
        batch: &Batch<'_>,
        held: EntryNumber,
        entry: &mut Entry,
    ) -> Result<(), StoreError> {
        let bytes = size(entry);
        if bytes <= 2 * BEGINNING_BYTES {
            return Ok(());
        }
        let before = batch.text_held(held)?;
        let grows = bytes.saturating_sub(before.bytes);
        let is_of_the_week = before.first_seen > self.since();
        if grows == 0 || (is_of_the_week && self.has_room(batch, grows)?) {
            self.brought += grows;
        } else {
            self.cut(entry);
        }
        Ok(())
    }

    fn has_room(&mut self, batch: &Batch<'_>, bytes: usize) -> Result<bool, StoreError> {
        if self.brought + bytes <= A_POLL_BYTES {
            return Ok(true);
        }
        let left = match self.left {
            Some(left) => left,
            // What this poll brought so far is held already, but for what it is about to save.
            None => A_WEEK_BYTES.saturating_sub(batch.text_bytes_since(self.source, self.since())?) + self.brought,
        };
        self.left = Some(left);
        Ok(self.brought + bytes <= left)
    }

    fn since(&self) -> Timestamp {
        self.now.checked_sub(WEEK).unwrap_or(Timestamp::MIN)
    }

    fn cut(&mut self, entry: &mut Entry) {
        if size(entry) <= 2 * BEGINNING_BYTES {
            return;
        }
        self.cut += 1;
        entry.is_cut = true;
        entry.text = beginning(&entry.text).to_owned();
        let is_short = |summary: &Markup| !summary.is_blank() && summary.raw().len() <= BEGINNING_BYTES;
        entry.summary = entry.summary.take().filter(is_short);
        // As what it is, the beginning of a body: how much of one may be shown is another matter than a teaser.
        entry.content = entry.summary.is_none().then(|| Markup::Text(entry.text.clone()));
    }
}

/// The beginning of a text, whole words.
fn beginning(text: &str) -> &str {
    let near = &text[..text.floor_char_boundary(BEGINNING_BYTES)];
    if near.len() == text.len() { text } else { near.rsplit_once(' ').map_or(near, |(words, _)| words) }
}

/// Bytes of the texts of an entry.
fn size(entry: &Entry) -> usize {
    let markup = |markup: &Option<Markup>| markup.as_ref().map_or(0, |markup| markup.raw().len());
    entry.text.len() + markup(&entry.summary) + markup(&entry.content)
}
