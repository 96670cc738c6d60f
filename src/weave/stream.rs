//! A whole stream of entries woven in memory, pass by pass: for measurements.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Clusterer, Constraints, Settings, StoryHandle, WeaveInput};
use crate::model::{EntryKey, LeadInput, Reason, SourceKind, lead};
use crate::text::TitleKinds;

/// The stories of a stream as they come about.
#[derive(Debug)]
pub(crate) struct Stream {
    clusterer: Clusterer,
    /// The place of each entry, in the order in which they were placed.
    places: Vec<(StoryHandle, Reason)>,
    /// What decides which entry leads its story, in the same order.
    entries: Vec<StreamEntry>,
    /// The stories that entries came to since the last publish.
    fresh: BTreeSet<StoryHandle>,
    published: BTreeSet<StoryHandle>,
}

#[derive(Debug)]
struct StreamEntry {
    key: EntryKey,
    title: Box<str>,
    kind: SourceKind,
    text_chars: usize,
    time: Timestamp,
}

impl Stream {
    /// An empty stream.
    #[must_use]
    pub(crate) fn new(settings: Settings, constraints: &Constraints) -> Self {
        Self {
            clusterer: Clusterer::new(settings, constraints),
            places: Vec::new(),
            entries: Vec::new(),
            fresh: BTreeSet::new(),
            published: BTreeSet::new(),
        }
    }

    /// Takes the next entry in. Returns its number. Its story is known after [`Stream::end_pass`].
    pub(crate) fn place(&mut self, input: &WeaveInput<'_>) -> usize {
        let placed = self.clusterer.place(input);
        self.places.push((StoryHandle::default(), Reason::Opened));
        self.entries.push(StreamEntry {
            key: input.key.clone(),
            title: input.title.into(),
            kind: input.kind,
            text_chars: input.text.chars().count(),
            time: input.time,
        });
        placed.entry.index()
    }

    /// Ends a pass.
    pub(crate) fn end_pass(&mut self) {
        let found = self.clusterer.cluster();
        for placed in found.placed {
            self.fresh.insert(placed.story);
            self.places[placed.entry.index()] = (placed.story, placed.reason);
        }
        for absorbed in found.absorbed {
            let moved = self.places.iter_mut().filter(|(story, _)| *story == absorbed.gone);
            moved.for_each(|(story, _)| *story = absorbed.into);
        }
    }

    /// Publishes all stories: from then on they change only by growing.
    pub(crate) fn publish(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        let mut members: BTreeMap<StoryHandle, Vec<&StreamEntry>> = BTreeMap::new();
        for ((story, _), entry) in self.places.iter().zip(&self.entries) {
            if fresh.contains(story) && !self.published.contains(story) {
                members.entry(*story).or_default().push(entry);
            }
        }
        for story in &fresh {
            self.clusterer.mark_published(*story);
        }
        for (story, members) in members {
            let leading = match members[..] {
                [only] => Some(only),
                _ => lead(&members.iter().map(|entry| entry.lead_input()).collect::<Vec<_>>()).map(|at| members[at]),
            };
            if let Some(leading) = leading {
                self.clusterer.show_title(story, &leading.key);
            }
        }
        self.published.extend(fresh);
    }

    /// The story of an entry, and why it is there.
    #[must_use]
    pub(crate) fn story(&self, entry: usize) -> (StoryHandle, &Reason) {
        let (story, reason) = &self.places[entry];
        (*story, reason)
    }
}

impl StreamEntry {
    fn lead_input(&self) -> LeadInput<'_> {
        LeadInput {
            key: &self.key,
            kinds: TitleKinds::of(&self.title),
            text_chars: self.text_chars,
            weight: 1,
            kind: self.kind,
            follows: false,
            is_unlike: false,
            time: self.time,
        }
    }
}
