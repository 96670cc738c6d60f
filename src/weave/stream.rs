//! A whole stream of entries woven in memory, pass by pass: for measurements.

use super::{Clusterer, Constraints, Settings, StoryHandle, WeaveInput};
use crate::model::Reason;

/// The stories of a stream as they come about.
#[derive(Debug)]
pub(crate) struct Stream {
    clusterer: Clusterer,
    /// The place of each entry, in the order in which they were placed.
    places: Vec<(StoryHandle, Reason)>,
    /// The stories that entries came to since the last publish.
    fresh: Vec<StoryHandle>,
}

impl Stream {
    /// An empty stream.
    #[must_use]
    pub(crate) fn new(settings: Settings, constraints: &Constraints) -> Self {
        Self { clusterer: Clusterer::new(settings, constraints), places: Vec::new(), fresh: Vec::new() }
    }

    /// Takes the next entry in. Returns its number. Its story is known after [`Stream::end_pass`].
    pub(crate) fn place(&mut self, input: &WeaveInput<'_>) -> usize {
        let placed = self.clusterer.place(input);
        self.places.push((StoryHandle::default(), Reason::Opened));
        placed.entry.index()
    }

    /// Ends a pass.
    pub(crate) fn end_pass(&mut self) {
        let found = self.clusterer.cluster();
        for placed in found.placed {
            self.fresh.push(placed.story);
            self.places[placed.entry.index()] = (placed.story, placed.reason);
        }
        for absorbed in found.absorbed {
            let moved = self.places.iter_mut().filter(|(story, _)| *story == absorbed.gone);
            moved.for_each(|(story, _)| *story = absorbed.into);
        }
    }

    /// Publishes all stories: from then on they change only by growing.
    pub(crate) fn publish(&mut self) {
        for story in std::mem::take(&mut self.fresh) {
            self.clusterer.mark_published(story);
        }
    }

    /// The story of an entry, and why it is there.
    #[must_use]
    pub(crate) fn story(&self, entry: usize) -> (StoryHandle, &Reason) {
        let (story, reason) = &self.places[entry];
        (*story, reason)
    }
}
