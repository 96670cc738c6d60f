//! Which entries most others of their story do not resemble: their titles do not stand for it.

use std::collections::BTreeSet;

use super::clusterer::Clusterer;
use super::linkage::Linkage;
use crate::model::EntryKey;

/// Stories with fewer voices have no majority.
const LEAST_VOICES: usize = 3;
/// Log odds of a pair at or above which the two resemble each other.
const RESEMBLES: f32 = -1.0;

/// All that one source brings, and all of one publisher, whoever brings it: it counts once, however much it is and however
/// many domains it is spread over.
#[derive(Default)]
struct Voice {
    sources: BTreeSet<u32>,
    publishers: BTreeSet<u32>,
    entries: Vec<u32>,
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
            let voices = voices(clusterer, cluster.compared());
            if voices.len() < LEAST_VOICES {
                continue;
            }
            let entries =
                voices.iter().enumerate().flat_map(|(own, voice)| voice.entries.iter().map(move |entry| (own, *entry)));
            let (alike, unlike): (Vec<_>, Vec<_>) =
                entries.partition(|(own, entry)| self.resembles_most(clusterer, (*own, *entry), &voices));
            if !alike.is_empty() {
                found.extend(unlike.into_iter().filter_map(|(_, entry)| Some(clusterer.known(entry)?.key.clone())));
            }
        }
        found
    }

    /// Whether those of half of the other voices resemble an entry, given with the place of its own.
    fn resembles_most(&mut self, clusterer: &Clusterer, (own, entry): (usize, u32), voices: &[Voice]) -> bool {
        // Half of the others are enough: the rest is not compared.
        let enough = (voices.len() - 1).div_ceil(2);
        let others = voices.iter().enumerate().filter(|(at, _)| *at != own);
        let alike = others.filter(|(_, voice)| {
            voice.entries.iter().any(|other| self.scores.pair(clusterer, entry, *other).odds >= RESEMBLES)
        });
        alike.take(enough).count() >= enough
    }
}

fn voices(clusterer: &Clusterer, entries: &[u32]) -> Vec<Voice> {
    let mut voices: Vec<Voice> = Vec::new();
    for entry in entries {
        let Some(known) = clusterer.known(*entry) else { continue };
        let is_its =
            |voice: &mut Voice| voice.sources.contains(&known.source) || voice.publishers.contains(&known.publisher);
        let mut own = Voice::default();
        for voice in voices.extract_if(.., is_its) {
            own.sources.extend(voice.sources);
            own.publishers.extend(voice.publishers);
            own.entries.extend(voice.entries);
        }
        own.sources.insert(known.source);
        own.publishers.insert(known.publisher);
        own.entries.push(*entry);
        voices.push(own);
    }
    voices
}
