//! Who leads a story of the store, asked anew when its entries change.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::copies::Sketch;
use super::lead::{LeadInput, lead};
use super::stage::LONG_TEXT_BYTES;
use crate::model::{Entry, Markup, Source, SourceId, Story};
use crate::store::{Batch, StoreError, StoryNumber};
use crate::text::{canonical, plain_text_within};

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
        let entries: Vec<&Entry> = story.members.iter().map(|member| &member.entry).collect();
        let follows = followers(&entries);
        let inputs: Vec<LeadInput<'_>> =
            entries.iter().zip(follows).map(|(entry, follows)| self.input(entry, follows)).collect();
        lead(&inputs).unwrap_or(0)
    }

    fn input<'e>(&self, entry: &'e Entry, follows: bool) -> LeadInput<'e> {
        let source = self.sources.get(&entry.key.source);
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

/// Which entries follow an earlier one of another source: they link to its article, or their text is a
/// copy of its text.
fn followers(entries: &[&Entry]) -> Vec<bool> {
    let known: Vec<(String, Option<Sketch>)> =
        entries.iter().map(|entry| (canonical(&entry.url), Sketch::of(&long_text(entry)))).collect();
    let before = |a: &Entry, b: &Entry| (a.effective_time(), &a.key) < (b.effective_time(), &b.key);
    let follows = |at: usize| {
        entries.iter().zip(&known).any(|(other, (address, sketch))| {
            let (own_address, own_sketch) = &known[at];
            let copies = || sketch.as_ref().zip(own_sketch.as_ref()).is_some_and(|(a, b)| a.is_copy(b));
            other.key.source != entries[at].key.source
                && before(other, entries[at])
                && (address == own_address || copies())
        })
    };
    (0..entries.len()).map(follows).collect()
}

/// The longest text that is stored of an entry: of its page, its own, of its content.
fn long_text(entry: &Entry) -> String {
    let page = entry.article.as_ref().map(|article| article.text.clone());
    let content = || match &entry.content {
        Some(Markup::Html(html)) => plain_text_within(html, LONG_TEXT_BYTES),
        Some(Markup::Text(text)) => text.clone(),
        None => String::new(),
    };
    [page.unwrap_or_default(), entry.text.clone(), content()].into_iter().max_by_key(String::len).unwrap_or_default()
}
