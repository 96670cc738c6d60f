//! The linkage: clusters of entries, and which two fit best.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use foldhash::fast::FixedState;

use crate::config::SameStory;
use crate::model::SourceKind;

use super::cluster_state::{Cluster, newest};
use super::clusterer::Clusterer;
use super::may_unite::May;
use super::scores::{LEAST, Scores, odds_of, probability};
use crate::weave::similarity::MODELS;

/// Log odds at or above which two stories are one if no model was trained.
const JOINS_EAGER: f32 = -0.75;
const JOINS_BALANCED: f32 = 0.0;

/// Share of the pairs of two stories that count, the best ones: a wide story has sides that share
/// little with one another.
const COUNTED: f32 = 0.7;

/// What the log odds lose for each factor e in the number of pairs: the more entries are at stake, the
/// more certain it has to be.
const CAUTION: f32 = 0.15;

/// Log odds of a pair above which its stories are compared.
const LINKED: f32 = -2.5;

fn is_published(clusterer: &Clusterer, story: u32) -> bool {
    clusterer.stories.get(&story).is_some_and(|state| state.published)
}

/// Whether a story has a single entry in the window.
fn is_alone(clusterer: &Clusterer, story: u32) -> bool {
    clusterer.stories.get(&story).is_some_and(|state| state.entries.len() == 1)
}

/// Two clusters that fit, as they were when they were compared.
#[derive(Debug, PartialEq)]
struct Link {
    /// Excess over the log odds required for two to be one.
    margin: f32,
    pair: (usize, usize),
    versions: (u32, u32),
}

impl Eq for Link {}

impl Ord for Link {
    fn cmp(&self, other: &Self) -> Ordering {
        self.margin.total_cmp(&other.margin).then(other.pair.cmp(&self.pair)).then(other.versions.cmp(&self.versions))
    }
}

impl PartialOrd for Link {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The mean probability of the pairs of two clusters with these versions.
pub(super) type Mean = ((u32, u32), f32);

/// Clusters and how they fit, the best pair first.
pub(super) struct Linkage {
    pub(super) clusters: Vec<Cluster>,
    /// The cluster that a cluster became part of; itself if it still exists.
    pub(super) parents: Vec<usize>,
    /// By entry.
    of: HashMap<u32, usize, FixedState>,
    /// The clusters that a cluster may be one with, and a pair of entries that speaks for it.
    pub(super) near: Vec<BTreeMap<usize, (u32, u32)>>,
    links: BinaryHeap<Link>,
    /// The log odds at or above which two are one: by the rules, and by the model.
    joins: f32,
    least: f32,
    pub(super) scores: Scores,
    pub(super) means: HashMap<(usize, usize), Mean, FixedState>,
    /// The log odds by which each entry came to the story that it is in.
    joined: HashMap<u32, f32, FixedState>,
}

impl Linkage {
    pub(super) fn new(clusterer: &Clusterer) -> Self {
        let is_eager = clusterer.settings.same_story == SameStory::Eager;
        let mut linkage = Self {
            clusters: Vec::new(),
            parents: Vec::new(),
            of: HashMap::default(),
            near: Vec::new(),
            links: BinaryHeap::new(),
            joins: if is_eager { JOINS_EAGER } else { JOINS_BALANCED },
            least: odds_of(if is_eager { MODELS.eager } else { MODELS.balanced }),
            scores: Scores::default(),
            means: HashMap::default(),
            joined: HashMap::default(),
        };
        let mut homes: BTreeMap<u32, usize> = BTreeMap::new();
        for unassigned in &clusterer.unassigned {
            let Some(entry) = unassigned.entry else { continue };
            let Some(known) = clusterer.known(entry) else { continue };
            if known.membership_fixed {
                linkage.load(clusterer, known.story);
                continue;
            }
            let cluster = *homes.entry(unassigned.home).or_insert_with(|| linkage.open(unassigned.home));
            linkage.clusters[cluster].entries.push(entry);
            linkage.clusters[cluster].size += 1;
            linkage.of.insert(entry, cluster);
        }
        linkage.find_near(clusterer);
        for a in 0..linkage.clusters.len() {
            for b in linkage.near[a].clone().into_keys().filter(|b| a < *b) {
                linkage.compare(clusterer, a, b);
            }
        }
        linkage
    }

    /// Finds out which clusters are near one another, by the candidates of their entries.
    fn find_near(&mut self, clusterer: &Clusterer) {
        for (entry, is_new) in clusterer.unassigned.iter().filter_map(|one| Some((one.entry?, one.is_new))) {
            let Some(known) = clusterer.known(entry) else { continue };
            // Published stories never become one; what is near a new entry is reported for it.
            let is_settled = !is_new && is_published(clusterer, known.story);
            for other in known.candidates.iter().filter_map(|other| Some((*other, clusterer.known(*other)?))) {
                if is_settled && is_published(clusterer, other.1.story) {
                    continue;
                }
                if other.1.membership_fixed {
                    // A story of one entry that is far away is not near.
                    if is_alone(clusterer, other.1.story) && self.scores.pair(clusterer, entry, other.0).odds <= LINKED
                    {
                        continue;
                    }
                    self.load(clusterer, other.1.story);
                }
                let (Some(a), Some(b)) = (self.of.get(&entry).copied(), self.of.get(&other.0).copied()) else {
                    continue;
                };
                if a != b && self.scores.pair(clusterer, entry, other.0).odds > LINKED {
                    self.near[a].entry(b).or_insert((entry, other.0));
                    self.near[b].entry(a).or_insert((entry, other.0));
                }
            }
        }
    }

    fn open(&mut self, story: u32) -> usize {
        let cluster = Cluster {
            story,
            stories: vec![story],
            entries: Vec::new(),
            size: 0,
            membership_fixed: false,
            published: false,
            title_of: None,
            version: 0,
            summary: None,
        };
        self.parents.push(self.clusters.len());
        self.near.push(BTreeMap::new());
        self.clusters.push(cluster);
        self.clusters.len() - 1
    }

    /// Takes a bound story in, as it is.
    fn load(&mut self, clusterer: &Clusterer, story: u32) {
        let Some(state) = clusterer.stories.get(&story) else { return };
        let bound = |entry: &&u32| clusterer.known(**entry).is_some_and(|known| known.membership_fixed);
        let entries: Vec<u32> = state.entries.iter().filter(bound).copied().collect();
        if entries.first().is_none_or(|first| self.of.contains_key(first)) {
            return;
        }
        let cluster = self.open(story);
        self.of.extend(entries.iter().map(|entry| (*entry, cluster)));
        let cluster = &mut self.clusters[cluster];
        // Unassigned entries that joined it stand for themselves.
        cluster.size = state.size - (state.entries.len() - entries.len());
        cluster.entries = entries;
        cluster.membership_fixed = true;
        cluster.published = state.published;
        cluster.title_of = state.title_of;
    }

    /// The clusters that no other cluster took in.
    pub(super) fn standing(&self) -> impl Iterator<Item = &Cluster> {
        self.clusters.iter().enumerate().filter(|(at, _)| self.parents[*at] == *at).map(|(_, cluster)| cluster)
    }

    /// Which story each story is now.
    pub(super) fn became(&self) -> HashMap<u32, u32> {
        let stories =
            |cluster: &Cluster| cluster.stories.iter().map(|story| (*story, cluster.story)).collect::<Vec<_>>();
        self.standing().flat_map(stories).collect()
    }

    pub(super) fn root(&self, mut cluster: usize) -> usize {
        while self.parents[cluster] != cluster {
            cluster = self.parents[cluster];
        }
        cluster
    }

    pub(super) fn cluster_of(&self, entry: u32) -> Option<usize> {
        self.of.get(&entry).map(|cluster| self.root(*cluster))
    }

    /// The entries of a cluster except one.
    pub(super) fn others(&self, cluster: usize, entry: u32) -> Vec<u32> {
        self.clusters[cluster].entries.iter().copied().filter(|other| *other != entry).collect()
    }

    /// Compares two clusters as they are now, and remembers them if they fit.
    fn compare(&mut self, clusterer: &Clusterer, a: usize, b: usize) {
        let (a, b) = (a.min(b), a.max(b));
        let margin = match clusterer.may_unite(&self.clusters[a], &self.clusters[b]) {
            May::Never => return,
            May::Yes if !self.fits_the_title(clusterer, a, b) => return,
            // They are never merged, but reported: one pair stands for all.
            May::RunAway => {
                let Some((one, other)) = self.near[a].get(&b).copied() else { return };
                self.scores.pair(clusterer, one, other).odds
            }
            May::Yes if self.is_foreign(clusterer, a) || self.is_foreign(clusterer, b) => {
                let (one, other) = (self.clusters[a].entries.clone(), self.clusters[b].entries.clone());
                self.fit(clusterer, &one, &other) - self.joins
            }
            May::Yes => self.merge_odds(clusterer, a, b) - self.least,
        };
        if margin >= 0.0 {
            let versions = (self.clusters[a].version, self.clusters[b].version);
            self.links.push(Link { margin, pair: (a, b), versions });
        }
    }

    fn is_foreign(&self, clusterer: &Clusterer, cluster: usize) -> bool {
        let mut entries = self.speaking(clusterer, cluster).into_iter();
        entries.any(|entry| clusterer.known(entry).is_some_and(|known| known.is_foreign))
    }

    /// The probability with which an entry came to its story by its words; `None` if it did not.
    pub(super) fn joined(&self, entry: u32) -> Option<f32> {
        self.joined.get(&entry).map(|odds| probability(*odds))
    }

    /// The two clusters that fit best, as they are now, and by how much.
    pub(super) fn next_pair(&mut self) -> Option<(usize, usize, f32)> {
        while let Some(Link { margin, pair: (a, b), versions }) = self.links.pop() {
            let stand = self.parents[a] == a && self.parents[b] == b;
            if stand && versions == (self.clusters[a].version, self.clusters[b].version) {
                return Some((a, b, margin));
            }
        }
        None
    }

    /// Merges two clusters, which fit by `margin`, and compares the result with those nearby. A published story keeps
    /// its number, otherwise an earlier one, otherwise the older.
    pub(super) fn unite(&mut self, clusterer: &Clusterer, (a, b): (usize, usize), margin: f32) {
        let is_later = self.clusters[a].entries.first() > self.clusters[b].entries.first();
        let odds = margin + self.least;
        for entry in &self.clusters[if is_later { a } else { b }].entries {
            self.joined.insert(*entry, odds);
        }
        let rank = |cluster: &Cluster| (!cluster.published, !cluster.membership_fixed, cluster.story);
        let (stays, goes) = if rank(&self.clusters[a]) <= rank(&self.clusters[b]) { (a, b) } else { (b, a) };
        let entries = std::mem::take(&mut self.clusters[goes].entries);
        let stories = std::mem::take(&mut self.clusters[goes].stories);
        let (size, summary) = (self.clusters[goes].size, self.clusters[goes].summary.take());
        self.parents[goes] = stays;
        let mut all = entries.iter().chain(&self.clusters[stays].entries).filter_map(|entry| clusterer.known(*entry));
        let holds_list = all.any(|known| known.kind == SourceKind::Aggregator);
        let cluster = &mut self.clusters[stays];
        cluster.entries.extend(entries);
        cluster.entries.sort_unstable();
        cluster.stories.extend(stories);
        cluster.size += size;
        cluster.version += 1;
        cluster.summary = match (cluster.summary.take(), summary) {
            // Whoever speaks for one of two may not speak for both.
            (Some(mut whole), Some(part)) if !holds_list => {
                whole.add(&part);
                Some(whole)
            }
            _ => None,
        };
        for (other, pair) in std::mem::take(&mut self.near[goes]) {
            self.near[other].remove(&goes);
            if other != stays {
                self.near[other].entry(stays).or_insert(pair);
                self.near[stays].entry(other).or_insert(pair);
            }
        }
        for other in self.near[stays].clone().into_keys() {
            self.compare(clusterer, stays, other);
        }
    }

    /// How well two sets of entries fit, as log odds: the mean of the better pairs.
    fn fit(&mut self, clusterer: &Clusterer, a: &[u32], b: &[u32]) -> f32 {
        let (a, b) = (newest(a), newest(b));
        let mut evidence: Vec<f32> = Vec::with_capacity(a.len() * b.len());
        for one in a {
            for other in b {
                evidence.push(self.scores.pair(clusterer, *one, *other).odds);
            }
        }
        if evidence.is_empty() {
            return LEAST;
        }
        evidence.sort_unstable_by(|a, b| b.total_cmp(a));
        let counted = ((evidence.len() as f32 * COUNTED).ceil() as usize).max(1);
        evidence[..counted].iter().sum::<f32>() / counted as f32 - CAUTION * (evidence.len() as f32).ln()
    }

    /// The pair of entries that fits best, one from each set.
    pub(super) fn nearest(&mut self, clusterer: &Clusterer, a: &[u32], b: &[u32]) -> Option<(u32, u32)> {
        let mut best: Option<(f32, u32, u32)> = None;
        for one in a {
            for other in b {
                let fit = self.scores.pair(clusterer, *one, *other).odds;
                if best.is_none_or(|(known, _, _)| fit > known) {
                    best = Some((fit, *one, *other));
                }
            }
        }
        best.map(|(_, one, other)| (one, other))
    }
}
