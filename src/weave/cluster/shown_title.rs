//! The title that readers see of a published story: what comes late has to fit it.

use super::clusterer::Clusterer;
use super::linkage::Linkage;
use crate::model::EntryKey;
use crate::weave::input::StoryHandle;

/// Mean probability that what comes late is one story with the entry whose title readers see, at or above which it fits
/// that title though it names nothing of it.
const FITS_THE_TITLE: f32 = 0.1;

impl Clusterer {
    /// Readers see the title of that entry of a published story: what comes late has to fit it.
    pub(crate) fn show_title(&mut self, story: StoryHandle, of: &EntryKey) {
        let Some(state) = self.stories.get(&story.0) else { return };
        let shown =
            state.entries.iter().copied().find(|entry| self.known(*entry).is_some_and(|known| known.key == *of));
        if let Some(state) = self.stories.get_mut(&story.0) {
            state.title_of = shown;
        }
    }
}

impl Linkage {
    /// Whether what comes late to a published story fits the title that readers see: it names something of that title, or
    /// resembles the entry that has it.
    pub(super) fn fits_the_title(&mut self, clusterer: &Clusterer, a: usize, b: usize) -> bool {
        let (title_of, late) = match (self.clusters[a].title_of, self.clusters[b].title_of) {
            (Some(title_of), None) => (title_of, b),
            (None, Some(title_of)) => (title_of, a),
            _ => return true,
        };
        let Some(shown) = clusterer.known(title_of) else { return true };
        let names_it =
            |entry: &u32| clusterer.known(*entry).is_some_and(|known| known.features.names_any(&shown.features.title));
        if self.clusters[late].compared().iter().any(names_it) {
            return true;
        }
        let entries = self.clusters[late].compared().to_vec();
        self.likeness(clusterer, &entries, &[title_of]) >= FITS_THE_TITLE
    }
}
