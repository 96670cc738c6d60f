//! Which entries most others of their story do not resemble: their titles do not stand for it.

use std::collections::{BTreeMap, BTreeSet};

use super::clusterer::Clusterer;
use super::linkage::Linkage;
use crate::model::EntryKey;

/// Stories of fewer publishers have no majority.
const LEAST_PUBLISHERS: usize = 3;
/// Log odds of a pair at or above which the two resemble each other.
const RESEMBLES: f32 = -1.0;

impl Linkage {
    /// The entries that those of fewer than half of the other publishers of their story resemble, in stories that are
    /// not published yet and in which some entry does better. Each publisher counts once, however much it brings.
    pub(super) fn unlike(&mut self, clusterer: &Clusterer) -> BTreeSet<EntryKey> {
        let mut found = BTreeSet::new();
        for at in 0..self.clusters.len() {
            let cluster = &self.clusters[at];
            if self.parents[at] != at || cluster.published || cluster.entries.len() < LEAST_PUBLISHERS {
                continue;
            }
            let by_publisher = by_publisher(clusterer, cluster.compared());
            if by_publisher.len() < LEAST_PUBLISHERS {
                continue;
            }
            let entries =
                by_publisher.iter().flat_map(|(own, entries)| entries.iter().map(move |entry| (*own, *entry)));
            let (alike, unlike): (Vec<_>, Vec<_>) =
                entries.partition(|(own, entry)| self.resembles_most(clusterer, (*own, *entry), &by_publisher));
            if !alike.is_empty() {
                found.extend(unlike.into_iter().filter_map(|(_, entry)| Some(clusterer.known(entry)?.key.clone())));
            }
        }
        found
    }

    /// Whether those of half of the other publishers resemble an entry, given with its publisher.
    fn resembles_most(
        &mut self,
        clusterer: &Clusterer,
        (own, entry): (u32, u32),
        by_publisher: &BTreeMap<u32, Vec<u32>>,
    ) -> bool {
        // Half of the others are enough: the rest is not compared.
        let enough = (by_publisher.len() - 1).div_ceil(2);
        let others = by_publisher.iter().filter(|(publisher, _)| **publisher != own);
        let alike = others.filter(|(_, others)| {
            others.iter().any(|other| self.scores.pair(clusterer, entry, *other).odds >= RESEMBLES)
        });
        alike.take(enough).count() >= enough
    }
}

fn by_publisher(clusterer: &Clusterer, entries: &[u32]) -> BTreeMap<u32, Vec<u32>> {
    let mut found: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in entries {
        if let Some(known) = clusterer.known(*entry) {
            found.entry(known.publisher).or_default().push(*entry);
        }
    }
    found
}
