//! Which entries most others of their story do not resemble: their titles do not stand for it.

use std::collections::BTreeSet;

use super::clusterer::Clusterer;
use super::linkage::Linkage;
use crate::model::EntryKey;

/// Stories with fewer entries have no majority.
const LEAST_ENTRIES: usize = 3;
/// Log odds of a pair at or above which the two resemble each other.
const RESEMBLES: f32 = -1.0;

impl Linkage {
    /// The entries that fewer than half of the others of their story resemble, in stories that are not published yet
    /// and in which some entry does better.
    pub(super) fn unlike(&mut self, clusterer: &Clusterer) -> BTreeSet<EntryKey> {
        let mut found = BTreeSet::new();
        for at in 0..self.clusters.len() {
            let cluster = &self.clusters[at];
            if self.parents[at] != at || cluster.published || cluster.entries.len() < LEAST_ENTRIES {
                continue;
            }
            let entries = cluster.compared().to_vec();
            let (alike, unlike): (Vec<u32>, Vec<u32>) =
                entries.iter().copied().partition(|entry| self.resembles_most(clusterer, *entry, &entries));
            if !alike.is_empty() {
                found.extend(unlike.into_iter().filter_map(|entry| Some(clusterer.known(entry)?.key.clone())));
            }
        }
        found
    }

    fn resembles_most(&mut self, clusterer: &Clusterer, entry: u32, entries: &[u32]) -> bool {
        // Half of the others are enough: the rest is not compared.
        let enough = (entries.len() - 1).div_ceil(2);
        let others = entries.iter().filter(|other| **other != entry);
        let alike = others.filter(|other| self.scores.pair(clusterer, entry, **other).odds >= RESEMBLES);
        alike.take(enough).count() >= enough
    }
}
