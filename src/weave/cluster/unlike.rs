//! Which entries most others of their story do not resemble: their titles do not stand for it.

use std::collections::{BTreeMap, BTreeSet};

use super::clusterer::Clusterer;
use super::linkage::Linkage;
use crate::model::EntryKey;

/// Stories with fewer voices have no majority.
const LEAST_VOICES: usize = 3;
/// Log odds of a pair at or above which the two resemble each other.
const RESEMBLES: f32 = -1.0;

/// Who speaks in a story, and counts once: a publisher, whoever brings it and however much; or, of what one source alone
/// brings, that source, however many domains it is spread over. What it says of the pages of others leaves them their voices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Voice {
    Publisher(u32),
    Source(u32),
}

impl Linkage {
    /// The entries that those of fewer than half of the other voices of their story resemble, in stories that are not
    /// published yet and in which some entry does better.
    pub(super) fn unlike(&mut self, clusterer: &Clusterer) -> BTreeSet<EntryKey> {
        let mut found = BTreeSet::new();
        for at in 0..self.clusters.len() {
            let cluster = &self.clusters[at];
            if self.parents[at] != at || cluster.published || cluster.entries.len() < LEAST_VOICES {
                continue;
            }
            let known = cluster.compared().iter().filter_map(|entry| Some((*entry, clusterer.known(*entry)?)));
            let told: Vec<(u32, u32, u32)> =
                known.map(|(entry, known)| (entry, known.source, known.publisher)).collect();
            let voices = voices(&told);
            if voices.len() < LEAST_VOICES {
                continue;
            }
            let entries = voices.iter().flat_map(|(own, entries)| entries.iter().map(move |entry| (*own, *entry)));
            let (alike, unlike): (Vec<_>, Vec<_>) =
                entries.partition(|(own, entry)| self.resembles_most(clusterer, (*own, *entry), &voices));
            if !alike.is_empty() {
                found.extend(unlike.into_iter().filter_map(|(_, entry)| Some(clusterer.known(entry)?.key.clone())));
            }
        }
        found
    }

    /// Whether those of half of the other voices resemble an entry, given with its own.
    fn resembles_most(
        &mut self,
        clusterer: &Clusterer,
        (own, entry): (Voice, u32),
        voices: &BTreeMap<Voice, Vec<u32>>,
    ) -> bool {
        // Half of the others are enough: the rest is not compared.
        let enough = (voices.len() - 1).div_ceil(2);
        let others = voices.iter().filter(|(voice, _)| **voice != own);
        let alike = others.filter(|(_, entries)| {
            entries.iter().any(|other| self.scores.pair(clusterer, entry, *other).odds >= RESEMBLES)
        });
        alike.take(enough).count() >= enough
    }
}

/// Who tells a story, with the entries of each, given as entry, source and publisher.
fn voices(told: &[(u32, u32, u32)]) -> BTreeMap<Voice, Vec<u32>> {
    let mut brought_by: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (_, source, publisher) in told {
        brought_by.entry(*publisher).or_default().insert(*source);
    }
    let mut voices: BTreeMap<Voice, Vec<u32>> = BTreeMap::new();
    for (entry, source, publisher) in told {
        let is_alone = brought_by[publisher].len() == 1;
        let voice = if is_alone { Voice::Source(*source) } else { Voice::Publisher(*publisher) };
        voices.entry(voice).or_default().push(*entry);
    }
    voices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_has_one_voice_and_takes_none_from_others() {
        const LIAR: u32 = 9;
        for (what, told, want) in [
            ("three outlets", vec![(1, 1), (2, 2), (3, 3)], 3),
            ("many entries of one", vec![(1, 1), (1, 1), (1, 1), (2, 2)], 2),
            ("one outlet in two feeds", vec![(1, 1), (2, 1), (3, 3)], 2),
            ("a source with three domains beside two others", vec![(1, 1), (2, 2), (LIAR, 7), (LIAR, 8), (LIAR, 9)], 3),
            (
                "a source that lists the pages of all others",
                vec![(1, 1), (2, 2), (3, 3), (LIAR, 1), (LIAR, 2), (LIAR, 3)],
                3,
            ),
            ("the same with pages of its own", vec![(1, 1), (2, 2), (LIAR, 1), (LIAR, 2), (LIAR, 8), (LIAR, 9)], 3),
        ] {
            let told: Vec<(u32, u32, u32)> =
                (0..).zip(&told).map(|(entry, (source, publisher))| (entry, *source, *publisher)).collect();
            let voices = voices(&told);
            assert_eq!(voices.len(), want, "{what}: {voices:?}");
            assert_eq!(voices.values().map(Vec::len).sum::<usize>(), told.len(), "{what}");
        }
    }
}
