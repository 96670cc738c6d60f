//! Layer 3 for a whole pass at a time: which of its entries and of the stories that may still change are
//! one, whatever order they came in.
//!
//! Average linkage: the two stories that fit one another best become one, again and again, until none
//! fits well enough. What the operator split, what was published and what would run away is never united.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::Reason;

use super::cluster_state::Cluster;
use super::clusterer::Clusterer;
use super::linkage::Linkage;
use super::may_unite::May;
use super::window::{StoryState, hours};
use crate::weave::grounds::grounds;
use crate::weave::input::{Absorbed, Clustering, Placement, Related, StoryHandle};

/// Minimum probability of a near miss that is reported, and how many are reported per entry.
const RELATED: f32 = 0.2;
const MOST_RELATED: usize = 3;

/// Stories whose nearness is computed: those with the best pair.
const MOST_NEAR: usize = 6;

/// Number of rarest shared words that a reason names.
const MOST_SHARED: usize = 6;

impl Clusterer {
    /// Finds the stories of all entries that were placed since the last call, and of earlier ones whose
    /// stories may still change.
    pub fn cluster(&mut self) -> Clustering {
        let mut linkage = Linkage::new(self);
        let mut runaways = Vec::new();
        while let Some((a, b, margin)) = linkage.next_pair() {
            match self.may_unite(&linkage.clusters[a], &linkage.clusters[b]) {
                May::Yes => linkage.unite(self, (a, b), margin),
                May::Never => {}
                May::RunAway => runaways.push(if linkage.clusters[a].size >= linkage.clusters[b].size { a } else { b }),
            }
        }
        let runaways: BTreeSet<u32> =
            runaways.into_iter().map(|cluster| linkage.clusters[linkage.root(cluster)].story).collect();
        let became = linkage.became();
        let now = |story: u32| StoryHandle(became.get(&story).copied().unwrap_or(story));
        let stopped = std::mem::take(&mut self.stopped).into_iter().chain(runaways).map(now).collect();
        let (placed, absorbed) = (self.places(&mut linkage), self.absorbed(&mut linkage));
        let unlike = linkage.unlike(self);
        self.take_over(&linkage, &became);
        Clustering { placed, absorbed, stopped, unlike }
    }

    /// The places of all unassigned entries.
    fn places(&self, linkage: &mut Linkage) -> Vec<Placement> {
        let mut placed = Vec::with_capacity(self.unassigned.len());
        for unassigned in &self.unassigned {
            let known = unassigned.entry.and_then(|entry| self.known(entry));
            if !unassigned.is_new && known.is_none_or(|known| known.membership_fixed) {
                continue;
            }
            let mut place = Placement {
                entry: unassigned.handle,
                story: StoryHandle(unassigned.home),
                reason: Reason::Opened,
                related: Vec::new(),
            };
            if let Some((entry, cluster)) = unassigned.entry.and_then(|entry| Some((entry, linkage.cluster_of(entry)?)))
            {
                place.story = StoryHandle(linkage.clusters[cluster].story);
                if unassigned.certain.is_none() && linkage.clusters[cluster].is_joined_by(entry) {
                    let others = linkage.others(cluster, entry);
                    let score = linkage.joined(entry).unwrap_or_else(|| linkage.likeness(self, &[entry], &others));
                    place.reason = self.similar(linkage, score, &[entry], &others);
                }
                if unassigned.is_new {
                    place.related = self.related(linkage, cluster, entry);
                }
            }
            if let Some(certain) = &unassigned.certain {
                place.reason = certain.clone();
            }
            placed.push(place);
        }
        placed
    }

    /// Earlier stories that turned out to be the same as others.
    fn absorbed(&self, linkage: &mut Linkage) -> Vec<Absorbed> {
        let mut absorbed = Vec::new();
        for cluster in 0..linkage.clusters.len() {
            if linkage.parents[cluster] != cluster {
                continue;
            }
            let into = linkage.clusters[cluster].story;
            let membership_fixed = |story: &u32| self.stories.get(story).is_some_and(|state| state.membership_fixed);
            let gone: Vec<u32> =
                linkage.clusters[cluster].stories.iter().copied().filter(|story| *story != into).collect();
            for gone in gone.into_iter().filter(membership_fixed) {
                let of = |entry: &u32| self.known(*entry).is_some_and(|known| known.story == gone);
                let (own, others): (Vec<u32>, Vec<u32>) =
                    linkage.clusters[cluster].entries.iter().partition(|entry| of(entry));
                let joined = own.first().and_then(|first| linkage.joined(*first));
                let score = joined.unwrap_or_else(|| linkage.likeness(self, &own, &others));
                let reason = self.similar(linkage, score, &own, &others);
                absorbed.push(Absorbed { gone: StoryHandle(gone), into: StoryHandle(into), reason });
            }
        }
        absorbed
    }

    /// Near misses of an entry of `own`, nearest first.
    fn related(&self, linkage: &mut Linkage, own: usize, entry: u32) -> Vec<Related> {
        let Some(known) = self.known(entry) else { return Vec::new() };
        // The best pair of each.
        let mut near: BTreeMap<usize, f32> = BTreeMap::new();
        for other in &known.candidates {
            let Some(cluster) = linkage.cluster_of(*other).filter(|cluster| *cluster != own) else { continue };
            let odds = linkage.scores.pair(self, entry, *other).odds;
            let best = near.entry(cluster).or_insert(odds);
            *best = best.max(odds);
        }
        let mut near: Vec<(f32, usize)> = near.into_iter().map(|(cluster, odds)| (odds, cluster)).collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        near.truncate(MOST_NEAR);
        let mut scored: Vec<(f32, usize)> = Vec::new();
        for (_, cluster) in near {
            let others = linkage.clusters[cluster].compared().to_vec();
            scored.push((linkage.likeness(self, &[entry], &others), cluster));
        }
        scored.retain(|(score, _)| *score >= RELATED);
        scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        scored.truncate(MOST_RELATED);
        scored
            .into_iter()
            .filter_map(|(score, cluster)| {
                let others = linkage.clusters[cluster].compared().to_vec();
                let (mine, nearest) = linkage.nearest(self, &[entry], &others)?;
                let story = StoryHandle(linkage.clusters[cluster].story);
                let (shared, key) = (self.shared(linkage, mine, nearest)?, self.known(nearest)?.key.clone());
                Some(Related { story, nearest: key, score: f64::from(score), shared })
            })
            .collect()
    }

    /// The reason that the words of `own` fit those of `others` by `score`.
    fn similar(&self, linkage: &mut Linkage, score: f32, own: &[u32], others: &[u32]) -> Reason {
        let found = linkage.nearest(self, own, others).and_then(|(mine, nearest)| {
            let (one, other) = (self.known(mine)?, self.known(nearest)?);
            Some(Reason::Similar {
                score: f64::from(score),
                nearest: other.key.clone(),
                shared: self.shared(linkage, mine, nearest)?,
                hours_apart: hours(other.time - one.time),
                grounds: grounds(linkage.scores.parts(self, mine, nearest).into_iter()),
            })
        });
        found.unwrap_or(Reason::Opened)
    }

    /// The rarest words that two entries share.
    fn shared(&self, linkage: &mut Linkage, mine: u32, other: u32) -> Option<Vec<String>> {
        let shared = linkage.scores.rarest_shared(self, mine, other, MOST_SHARED)?;
        Some(shared.into_iter().map(|id| self.vocabulary.text(id).to_owned()).collect())
    }

    /// Makes the stories of the linkage those of the window.
    fn take_over(&mut self, linkage: &Linkage, became: &HashMap<u32, u32>) {
        became.keys().for_each(|story| drop(self.stories.remove(story)));
        let moved = |story: u32| became.get(&story).copied().unwrap_or(story);
        let apart = std::mem::take(&mut self.apart).into_iter().map(|(a, b)| (moved(a), moved(b)));
        self.apart = apart.map(|(a, b)| (a.min(b), a.max(b))).collect();
        for cluster in linkage.standing() {
            let Cluster { size, membership_fixed, published, title_of, .. } = *cluster;
            for entry in &cluster.entries {
                if let Some(known) = self.entries.get_mut(entry.wrapping_sub(self.first) as usize) {
                    known.story = cluster.story;
                }
            }
            let state = StoryState { entries: cluster.entries.clone(), size, membership_fixed, published, title_of };
            self.stories.insert(cluster.story, state);
        }
        let (first, entries) = (self.first, &mut self.entries);
        self.unassigned.retain_mut(|unassigned| {
            unassigned.is_new = false;
            let known = unassigned.entry.and_then(|entry| entries.get_mut(entry.wrapping_sub(first) as usize));
            known.is_some_and(|known| {
                if known.membership_fixed {
                    known.candidates = Box::default();
                }
                !known.membership_fixed
            })
        });
    }
}
