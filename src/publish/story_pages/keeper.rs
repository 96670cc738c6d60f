//! What is known while the pages of stories are looked through, and what comes of it.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::outcome::Judge;
use crate::model::{Story, StoryId};
use crate::publish::input::Input;
use crate::publish::isolate::RefusedItem;
use crate::publish::write::PublishError;
use crate::store::{Correction, Reader, StoreError, StoryFolder, StoryPage, StoryPageChanges};

/// What became of the pages of stories.
#[derive(Debug, Default)]
pub(in crate::publish) struct StoryPagesReport {
    /// Stories that the gate refuses.
    pub(in crate::publish) refused: Vec<RefusedItem>,
    /// What could not be written.
    pub(in crate::publish) failed: Vec<(String, PublishError)>,
    /// Pages whose stories are forgotten: they go once nothing leads to them any more.
    pub(super) gone: Vec<String>,
}

impl StoryPagesReport {
    /// Files of the pages that go.
    pub(in crate::publish) fn going(&self) -> &[String] {
        &self.gone
    }
}

/// The folder of a file, with a slash at its end.
pub(super) fn folder_of(file: &str) -> &str {
    file.rfind('/').map_or("", |at| &file[..=at])
}

/// Who looks after the pages.
pub(super) struct Keeper<'a> {
    pub(super) store: &'a Reader,
    pub(super) input: &'a Input<'a>,
    judge: OnceCell<Judge<'a>>,
    at_hand: BTreeMap<&'a StoryId, &'a Story>,
    pub(super) corrections: Vec<Correction>,
    /// Pages whose story changed.
    pub(super) stale: Vec<StoryPage>,
    pub(super) folders: BTreeMap<String, StoryFolder>,
    pub(super) changes: StoryPageChanges,
    /// The files among these changes.
    made: BTreeSet<String>,
    /// Files that are about to be among them.
    coming: BTreeSet<String>,
    pub(super) report: StoryPagesReport,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(store: &'a Reader, input: &'a Input<'a>) -> Result<Self, StoreError> {
        let folders = store.story_folders()?.into_iter().map(|known| (known.folder.clone(), known));
        Ok(Self {
            store,
            input,
            judge: OnceCell::new(),
            at_hand: input.stories.iter().map(|story| (&story.id, story)).collect(),
            corrections: store.corrections()?,
            stale: store.stale_story_pages()?,
            folders: folders.collect(),
            changes: StoryPageChanges::default(),
            made: BTreeSet::new(),
            coming: BTreeSet::new(),
            report: StoryPagesReport::default(),
        })
    }

    /// The story that `id` names now.
    pub(super) fn story(&self, id: &StoryId) -> Result<Option<Cow<'a, Story>>, StoreError> {
        if let Some(story) = self.at_hand.get(id) {
            return Ok(Some(Cow::Borrowed(*story)));
        }
        let Some(number) = self.store.story_by_id(id)? else { return Ok(None) };
        Ok(Some(Cow::Owned(self.store.story(number)?)))
    }

    pub(super) fn judge(&self) -> &Judge<'a> {
        self.judge.get_or_init(|| Judge::new(self.store, self.input))
    }

    /// Whether there is, or will be after this publish, a page at `file`.
    pub(super) fn has_page(&self, file: &str) -> bool {
        let is_gone = self.report.gone.iter().any(|gone| gone == file);
        let is_made = || self.made.contains(file) || self.coming.contains(file);
        !is_gone && (is_made() || self.store.story_page(file).is_ok_and(|page| page.is_some()))
    }

    /// There will be pages at `files` after this publish.
    pub(super) fn expect(&mut self, files: impl Iterator<Item = String>) {
        self.coming.extend(files);
    }

    /// Records a page as it is now.
    pub(super) fn record(&mut self, page: StoryPage) {
        self.made.insert(page.file.clone());
        self.changes.pages.push(page);
    }
}
