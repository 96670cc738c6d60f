//! Who leads a story of the store, asked anew when its entries change.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::copies::Sketch;
use crate::model::{Entry, LeadInput, Source, SourceId, Story, followers, lead};
use crate::store::{Batch, StoreError, StoryNumber};

/// What is needed to say who leads.
#[derive(Debug, Clone, Copy)]
pub(super) struct LeadElection<'a> {
    pub(super) sources: &'a BTreeMap<SourceId, Source>,
    pub(super) now: Timestamp,
}

impl LeadElection<'_> {
    /// A story gained an entry or one of its entries was edited: who leads it may change, unless it was
    /// published.
    pub(super) fn settle(&self, batch: &Batch<'_>, number: StoryNumber, held_back: bool) -> Result<(), StoreError> {
        let story = batch.story(number)?;
        let lead = match story.first_published {
            Some(_) => story.lead,
            None => self.best(batch, number, &story)?,
        };
        self.put(batch, number, lead, held_back)
    }

    /// A story lost the entry that led it.
    pub(super) fn choose(&self, batch: &Batch<'_>, number: StoryNumber, held_back: bool) -> Result<(), StoreError> {
        let lead = self.best(batch, number, &batch.story(number)?)?;
        self.put(batch, number, lead, held_back)
    }

    fn put(&self, batch: &Batch<'_>, number: StoryNumber, lead: usize, held_back: bool) -> Result<(), StoreError> {
        batch.touch_story(number, batch.story_entries(number)?[lead], held_back, self.now)
    }

    /// Index of the entry that leads.
    fn best(&self, batch: &Batch<'_>, number: StoryNumber, story: &Story) -> Result<usize, StoreError> {
        let entries: Vec<&Entry> = story.members.iter().map(|member| &*member.entry).collect();
        let sketches = batch.sketches_of(number)?;
        let sketches: Vec<Option<Sketch>> =
            sketches.iter().map(|bytes| bytes.as_deref().and_then(Sketch::from_bytes)).collect();
        let sketch = |at: usize| sketches.get(at).and_then(Option::as_ref);
        let copies = |a: usize, b: usize| sketch(a).zip(sketch(b)).is_some_and(|(a, b)| a.is_copy(b));
        let follows = followers(&entries, copies);
        let inputs: Vec<LeadInput<'_>> =
            entries.iter().zip(follows).map(|(entry, follows)| self.input(entry, follows)).collect();
        Ok(lead(&inputs).unwrap_or(0))
    }

    fn input<'e>(&self, entry: &'e Entry, follows: bool) -> LeadInput<'e> {
        LeadInput { follows, ..LeadInput::of(entry, self.sources.get(&entry.key.source)) }
    }
}
