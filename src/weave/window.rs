//! The window as a pass holds it: the clusterer, and which of its stories corresponds to which in the store.

use std::collections::{BTreeMap, HashMap};

use super::Clusterer;
use super::context::Context;
use super::corrections::constraints;
use super::input::StoryHandle;
use super::ledger::Ledger;
use super::prepared::Prepared;
use crate::model::EntryKey;
use crate::store::{CorrectionPair, StoryNumber};

/// The clusterer, and the stories that its handles stand for.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) clusterer: Clusterer,
    handles: HashMap<StoryNumber, StoryHandle>,
    stories: HashMap<StoryHandle, StoryNumber>,
    /// Published stories, and the entry whose title each shows.
    published: BTreeMap<StoryHandle, Option<EntryKey>>,
}

impl Window {
    pub(super) fn empty(context: &Context<'_>, pairs: &[CorrectionPair]) -> Self {
        let mut clusterer = Clusterer::new(context.settings, &constraints(context.config, pairs));
        clusterer.advance(context.now);
        Self { clusterer, handles: HashMap::new(), stories: HashMap::new(), published: BTreeMap::new() }
    }

    /// The handle of a story of the store.
    pub(super) fn handle(&mut self, story: StoryNumber) -> StoryHandle {
        let Self { clusterer, handles, stories, .. } = self;
        *handles.entry(story).or_insert_with(|| {
            let handle = clusterer.story();
            stories.insert(handle, story);
            handle
        })
    }

    /// The story of the store that a handle stands for.
    pub(super) fn story(&self, handle: StoryHandle) -> Option<StoryNumber> {
        self.stories.get(&handle).copied()
    }

    /// A story was opened for a handle.
    pub(super) fn set_story(&mut self, handle: StoryHandle, story: StoryNumber) {
        self.stories.insert(handle, story);
        self.handles.insert(story, handle);
    }

    /// Puts a woven entry back, and into the ledger; only there, if nothing may join it.
    pub(super) fn restore(&mut self, prepared: &Prepared, context: &Context<'_>, ledger: &mut Ledger<'_>) {
        let Some(woven) = prepared.entry.woven else { return };
        ledger.know_member(prepared.entry.number, woven.story, prepared.facts());
        ledger.know_published(woven.story, woven.published);
        if woven.leads {
            ledger.know_lead(woven.story, prepared.entry.number);
        }
        if prepared.is_stranger || prepared.leaves {
            return;
        }
        let handle = self.handle(woven.story);
        self.clusterer.restore_tokens(&prepared.input(context), &prepared.tokens, handle);
        if woven.published.is_some() {
            let title_of = self.published.entry(handle).or_default();
            if woven.leads {
                *title_of = Some(prepared.entry.key.clone());
            }
        }
    }

    /// Marks the published stories, and keeps apart what the operator split.
    pub(super) fn complete(&mut self, apart: &[(StoryNumber, StoryNumber)]) {
        for (story, title_of) in std::mem::take(&mut self.published) {
            self.clusterer.mark_published(story);
            if let Some(title_of) = title_of {
                self.clusterer.show_title(story, &title_of);
            }
        }
        for (a, b) in apart {
            if let Some((a, b)) = self.handles.get(a).copied().zip(self.handles.get(b).copied()) {
                self.clusterer.keep_apart(a, b);
            }
        }
    }
}
