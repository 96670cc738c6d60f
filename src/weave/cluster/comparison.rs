//! How two clusters compare: the result of the model of merges.

use std::collections::BTreeSet;

use super::cluster_state::{Cluster, newest};
use super::clusterer::Clusterer;
use super::linkage::Linkage;
use super::may_unite::May;
use super::scores::{MOST, probability};
use super::window::WindowEntry;
use crate::model::SourceKind;
use crate::weave::similarity::{HandedOn, MODELS, Merge, Story, Summary};

/// Number of a story's newest entries for which the features of pairs are read.
const READ: usize = 12;

impl Linkage {
    /// The log odds that two clusters are one story, according to the model.
    pub(super) fn merge_odds(&mut self, clusterer: &Clusterer, a: usize, b: usize) -> f32 {
        let rank = |cluster: &Cluster| (cluster.entries.len(), cluster.entries.first().copied());
        let (a, b) = if rank(&self.clusters[a]) <= rank(&self.clusters[b]) { (a, b) } else { (b, a) };
        let (one, other) = (self.speaking(clusterer, a), self.speaking(clusterer, b));
        let Some((odds, pairs)) = self.grid(clusterer, &one, &other) else { return MOST };
        let rivals = (self.rival(clusterer, a, b), self.rival(clusterer, b, a));
        let of = |entries: &[u32]| -> (Vec<i64>, Vec<u32>) {
            entries
                .iter()
                .filter_map(|entry| clusterer.known(*entry))
                .map(|known| (known.time, known.publisher))
                .unzip()
        };
        let (known_a, known_b) = (of(&one), of(&other));
        self.summarize(clusterer, a);
        self.summarize(clusterer, b);
        let empty = Summary::default();
        let merge = Merge {
            a: Story {
                summary: self.clusters[a].summary.as_ref().unwrap_or(&empty),
                times: &known_a.0,
                publishers: &known_a.1,
                rival: rivals.0,
                is_published: self.clusters[a].published,
            },
            b: Story {
                summary: self.clusters[b].summary.as_ref().unwrap_or(&empty),
                times: &known_b.0,
                publishers: &known_b.1,
                rival: rivals.1,
                is_published: self.clusters[b].published,
            },
            odds: &odds,
            is_a_first: one.first() < other.first(),
            pairs: &pairs,
        };
        let vocabulary = &clusterer.vocabulary;
        MODELS.merge.log_odds(&merge.features(&|id| (vocabulary.idf(id), vocabulary.nameness(id))))
    }

    /// The entries by which a cluster is compared: the newest of those that speak for it.
    pub(super) fn speaking(&self, clusterer: &Clusterer, cluster: usize) -> Vec<u32> {
        newest(&spoken_for(clusterer, &self.clusters[cluster].entries)).to_vec()
    }

    /// The log odds of all pairs of two sets of entries, and what those of the newest hand on; `None` if one is the
    /// copy of another.
    fn grid(&mut self, clusterer: &Clusterer, one: &[u32], other: &[u32]) -> Option<(Vec<f32>, Vec<HandedOn>)> {
        let mut odds = Vec::with_capacity(one.len() * other.len());
        let mut pairs: Vec<HandedOn> = Vec::new();
        let read = |entries: &[u32]| entries.len().saturating_sub(READ);
        let (read_a, read_b) = (read(one), read(other));
        for (row, mine) in one.iter().enumerate() {
            for (column, their) in other.iter().enumerate() {
                let score = self.scores.pair(clusterer, *mine, *their);
                if score.is_copy() {
                    return None;
                }
                odds.push(score.odds);
                if row >= read_a && column >= read_b {
                    pairs.extend(self.scores.handed_on(score));
                }
            }
        }
        Some((odds, pairs))
    }

    /// Sums a cluster up, unless that was already done.
    fn summarize(&mut self, clusterer: &Clusterer, cluster: usize) {
        if self.clusters[cluster].summary.is_some() {
            return;
        }
        let mut summary = Summary::default();
        for entry in spoken_for(clusterer, &self.clusters[cluster].entries) {
            if let Some(known) = clusterer.known(entry) {
                summary.add(&Summary::of(self.scores.side(clusterer, entry, known), &known.traits));
            }
        }
        self.clusters[cluster].summary = Some(summary);
    }

    /// The best mean probability of a cluster with any cluster other than `but`.
    fn rival(&mut self, clusterer: &Clusterer, cluster: usize, but: usize) -> f32 {
        let others: Vec<usize> = self.near[cluster].keys().copied().filter(|other| *other != but).collect();
        let mut best = 0.0_f32;
        for other in others {
            if matches!(clusterer.may_unite(&self.clusters[cluster], &self.clusters[other]), May::Yes) {
                best = best.max(self.mean(clusterer, cluster, other));
            }
        }
        best
    }

    /// The mean probability of the pairs of two clusters.
    fn mean(&mut self, clusterer: &Clusterer, a: usize, b: usize) -> f32 {
        let pair = (a.min(b), a.max(b));
        let versions = (self.clusters[pair.0].version, self.clusters[pair.1].version);
        if let Some((_, mean)) = self.means.get(&pair).filter(|(known, _)| *known == versions) {
            return *mean;
        }
        let (one, other) = (self.speaking(clusterer, pair.0), self.speaking(clusterer, pair.1));
        let mean = self.likeness(clusterer, &one, &other);
        self.means.insert(pair, (versions, mean));
        mean
    }

    /// The mean probability of the pairs of two sets of entries.
    pub(super) fn likeness(&mut self, clusterer: &Clusterer, a: &[u32], b: &[u32]) -> f32 {
        let mut sum = 0.0;
        for one in a {
            for other in b {
                sum += probability(self.scores.pair(clusterer, *one, *other).odds);
            }
        }
        sum / (a.len() * b.len()).max(1) as f32
    }
}

/// The entries that speak for a story: a link list leaves the word to the article that it points to, where that is in the
/// story, too. Whatever it says of it, nobody else's articles are brought together or kept apart by that.
fn spoken_for(clusterer: &Clusterer, entries: &[u32]) -> Vec<u32> {
    let known = |entry: &u32| clusterer.known(*entry);
    let is_list = |known: &WindowEntry| known.kind == SourceKind::Aggregator;
    if !entries.iter().filter_map(known).any(is_list) {
        return entries.to_vec();
    }
    let articles: BTreeSet<i64> =
        entries.iter().filter_map(known).filter(|known| !is_list(known)).map(|known| known.address).collect();
    let leaves_the_word = |known: &WindowEntry| {
        is_list(known) && (articles.contains(&known.address) || known.links.iter().any(|link| articles.contains(link)))
    };
    entries.iter().copied().filter(|entry| known(entry).is_none_or(|known| !leaves_the_word(known))).collect()
}
