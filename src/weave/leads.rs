//! Who leads a story of the store, asked anew when its entries change.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::lead::{LeadInput, lead};
use crate::model::{Entry, Source, SourceId, Story};
use crate::store::{Batch, StoreError, StoryNumber};
use crate::text::canonical;

/// What is needed to say who leads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leads<'a> {
    pub(super) sources: &'a BTreeMap<SourceId, Source>,
    pub(super) now: Timestamp,
}

impl Leads<'_> {
    /// A story gained an entry or one of its entries was edited: who leads it may change, unless it was
    /// published.
    pub(super) fn settle(&self, batch: &Batch<'_>, number: StoryNumber, held_back: bool) -> Result<(), StoreError> {
        let story = batch.story(number)?;
        let lead = match story.first_published {
            Some(_) => story.lead,
            None => self.best(&story),
        };
        self.put(batch, number, lead, held_back)
    }

    /// A story lost the entry that led it.
    pub(super) fn choose(&self, batch: &Batch<'_>, number: StoryNumber, held_back: bool) -> Result<(), StoreError> {
        let lead = self.best(&batch.story(number)?);
        self.put(batch, number, lead, held_back)
    }

    fn put(&self, batch: &Batch<'_>, number: StoryNumber, lead: usize, held_back: bool) -> Result<(), StoreError> {
        batch.touch_story(number, batch.story_entries(number)?[lead], held_back, self.now)
    }

    /// Index of the entry that leads.
    fn best(&self, story: &Story) -> usize {
        let inputs: Vec<LeadInput<'_>> = story.members.iter().map(|member| self.input(&member.entry, story)).collect();
        lead(&inputs).unwrap_or(0)
    }

    fn input<'e>(&self, entry: &'e Entry, story: &Story) -> LeadInput<'e> {
        let source = self.sources.get(&entry.key.source);
        let others = story.members.iter().map(|member| &member.entry).filter(|other| other.key != entry.key);
        // Who links to the article of another outlet's entry follows it; so does a later copy at its address.
        let follows = others
            .filter(|other| other.key.source != entry.key.source && canonical(&other.url) == canonical(&entry.url))
            .any(|other| (other.effective_time(), &other.key) < (entry.effective_time(), &entry.key));
        LeadInput {
            key: &entry.key,
            title: &entry.title,
            text: &entry.text,
            weight: source.map_or(1, |source| source.weight),
            kind: source.map(|source| source.kind).unwrap_or_default(),
            follows,
            time: entry.effective_time(),
        }
    }
}
