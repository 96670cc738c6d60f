//! The linkage: clusters of entries, and which two fit best.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::config::SameStory;

use super::clusterer::{Clusterer, LARGEST_STORY};
use super::window::WindowEntry;
use crate::weave::similar::{LEAST, QueryVector};

/// From which log odds on two stories are one.
const JOINS_EAGER: f32 = -0.75;
const JOINS_BALANCED: f32 = 0.0;

/// Share of the pairs of two stories that count, the best ones: a wide story has sides that share
/// little with one another.
const COUNTED: f32 = 0.7;

/// What the log odds lose for each factor e in the number of pairs: the more entries are at stake, the
/// surer it has to be.
const CAUTION: f32 = 0.15;

/// Entries of a story that are compared, the newest ones.
const COMPARED: usize = 24;

/// A story while the pass goes on.
#[derive(Debug)]
pub(super) struct Cluster {
    /// Its number, and those of all stories that it is made of.
    pub(super) story: u32,
    pub(super) stories: Vec<u32>,
    /// Its entries in the window, in the order in which they came.
    pub(super) entries: Vec<u32>,
    /// All that it ever had.
    pub(super) size: usize,
    pub(super) membership_fixed: bool,
    pub(super) published: bool,
    /// Counted up when it grows.
    version: u32,
}

impl Cluster {
    /// Whether an entry joined the story rather than opened it.
    pub(super) fn is_joined_by(&self, entry: u32) -> bool {
        self.membership_fixed || self.entries.first() != Some(&entry)
    }
}

/// Two clusters and their versions.
type Compared = ((usize, usize), (u32, u32));

/// Two clusters that fit, as they were when they were compared.
#[derive(Debug, PartialEq)]
struct Link {
    fit: f32,
    pair: (usize, usize),
    versions: (u32, u32),
}

impl Eq for Link {}

impl Ord for Link {
    fn cmp(&self, other: &Self) -> Ordering {
        self.fit.total_cmp(&other.fit).then(other.pair.cmp(&self.pair)).then(other.versions.cmp(&self.versions))
    }
}

impl PartialOrd for Link {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Clusters and how they fit, the best pair first.
pub(super) struct Linkage {
    pub(super) clusters: Vec<Cluster>,
    /// The cluster that a cluster became part of; itself where it stands.
    pub(super) parents: Vec<usize>,
    /// By entry.
    of: HashMap<u32, usize, FixedState>,
    links: BinaryHeap<Link>,
    /// Pairs that were compared, as they were then.
    compared: HashSet<Compared, FixedState>,
    joins: f32,
    /// Evidence of pairs of entries.
    pairs: HashMap<(u32, u32), f32, FixedState>,
    queries: HashMap<u32, QueryVector, FixedState>,
}

impl Linkage {
    pub(super) fn new(clusterer: &Clusterer) -> Self {
        let joins = if clusterer.settings.same_story == SameStory::Eager { JOINS_EAGER } else { JOINS_BALANCED };
        let mut linkage = Self {
            clusters: Vec::new(),
            parents: Vec::new(),
            of: HashMap::default(),
            links: BinaryHeap::new(),
            compared: HashSet::default(),
            joins,
            pairs: HashMap::default(),
            queries: HashMap::default(),
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
        let mut pairs: BTreeMap<(usize, usize), (u32, u32)> = BTreeMap::new();
        for entry in clusterer.unassigned.iter().filter_map(|unassigned| unassigned.entry) {
            let Some(known) = clusterer.known(entry) else { continue };
            for other in known.candidates.iter().filter_map(|other| Some((*other, clusterer.known(*other)?))) {
                if other.1.membership_fixed {
                    linkage.load(clusterer, other.1.story);
                }
                if let (Some(a), Some(b)) = (linkage.of.get(&entry), linkage.of.get(&other.0)) {
                    pairs.entry((*a.min(b), *a.max(b))).or_insert((entry, other.0));
                }
            }
        }
        for ((a, b), (one, other)) in pairs.into_iter().filter(|((a, b), _)| a != b) {
            if linkage.clusters[a].size + linkage.clusters[b].size <= LARGEST_STORY {
                linkage.link(clusterer, a, b);
                continue;
            }
            // They are never made one, but reported: one pair stands for all.
            let fit = linkage.pair(clusterer, one, other);
            if fit >= linkage.joins {
                linkage.links.push(Link { fit, pair: (a, b), versions: (0, 0) });
            }
        }
        linkage
    }

    fn open(&mut self, story: u32) -> usize {
        let cluster = Cluster {
            story,
            stories: vec![story],
            entries: Vec::new(),
            size: 0,
            membership_fixed: false,
            published: false,
            version: 0,
        };
        self.parents.push(self.clusters.len());
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
    }

    /// The clusters that no other one took in.
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

    /// The entries of a cluster but one.
    pub(super) fn others(&self, cluster: usize, entry: u32) -> Vec<u32> {
        self.clusters[cluster].entries.iter().copied().filter(|other| *other != entry).collect()
    }

    /// Compares two clusters, once as they are now, and remembers them where they fit.
    fn link(&mut self, clusterer: &Clusterer, a: usize, b: usize) {
        let versions = (self.clusters[a].version, self.clusters[b].version);
        if !self.compared.insert(((a, b), versions)) {
            return;
        }
        let (one, other) = (self.clusters[a].entries.clone(), self.clusters[b].entries.clone());
        let fit = self.fit(clusterer, &one, &other);
        if fit >= self.joins {
            self.links.push(Link { fit, pair: (a, b), versions });
        }
    }

    /// The two clusters that fit best, as they are now.
    pub(super) fn next_pair(&mut self, clusterer: &Clusterer) -> Option<(usize, usize)> {
        while let Some(Link { pair, versions, .. }) = self.links.pop() {
            let (a, b) = (self.root(pair.0), self.root(pair.1));
            if a == b {
                continue;
            }
            let (a, b) = (a.min(b), a.max(b));
            let is_fresh = (a, b) == pair && versions == (self.clusters[a].version, self.clusters[b].version);
            // What can never be one need not be compared again.
            let is_full = self.clusters[a].size + self.clusters[b].size > LARGEST_STORY;
            if is_fresh || is_full {
                return Some((a, b));
            }
            self.link(clusterer, a, b);
        }
        None
    }

    /// Makes one cluster of two. A published story keeps its number, else one from before, else the older.
    pub(super) fn unite(&mut self, a: usize, b: usize) {
        let rank = |cluster: &Cluster| (!cluster.published, !cluster.membership_fixed, cluster.story);
        let (stays, goes) = if rank(&self.clusters[a]) <= rank(&self.clusters[b]) { (a, b) } else { (b, a) };
        let entries = std::mem::take(&mut self.clusters[goes].entries);
        let stories = std::mem::take(&mut self.clusters[goes].stories);
        let size = self.clusters[goes].size;
        self.parents[goes] = stays;
        let cluster = &mut self.clusters[stays];
        cluster.entries.extend(entries);
        cluster.entries.sort_unstable();
        cluster.stories.extend(stories);
        cluster.size += size;
        cluster.version += 1;
    }

    /// How well two sets of entries fit, as log odds: the mean of the better pairs.
    pub(super) fn fit(&mut self, clusterer: &Clusterer, a: &[u32], b: &[u32]) -> f32 {
        let newest = |entries: &[u32]| entries[entries.len().saturating_sub(COMPARED)..].to_vec();
        let (a, b) = (newest(a), newest(b));
        let mut evidence: Vec<f32> = Vec::with_capacity(a.len() * b.len());
        for one in &a {
            for other in &b {
                evidence.push(self.pair(clusterer, *one, *other));
            }
        }
        if evidence.is_empty() {
            return LEAST;
        }
        evidence.sort_unstable_by(|a, b| b.total_cmp(a));
        let counted = ((evidence.len() as f32 * COUNTED).ceil() as usize).max(1);
        evidence[..counted].iter().sum::<f32>() / counted as f32 - CAUTION * (evidence.len() as f32).ln()
    }

    /// The pair of entries that fits best, one of each set.
    pub(super) fn nearest(&mut self, clusterer: &Clusterer, a: &[u32], b: &[u32]) -> Option<(u32, u32)> {
        let mut best: Option<(f32, u32, u32)> = None;
        for one in a {
            for other in b {
                let fit = self.pair(clusterer, *one, *other);
                if best.is_none_or(|(known, _, _)| fit > known) {
                    best = Some((fit, *one, *other));
                }
            }
        }
        best.map(|(_, one, other)| (one, other))
    }

    /// The evidence of a pair of entries, compared once.
    fn pair(&mut self, clusterer: &Clusterer, a: u32, b: u32) -> f32 {
        let pair = (a.min(b), a.max(b));
        if let Some(known) = self.pairs.get(&pair) {
            return *known;
        }
        let (Some(one), Some(other)) = (clusterer.known(pair.0), clusterer.known(pair.1)) else { return LEAST };
        let evidence = clusterer.evidence(self.query(clusterer, pair.0, one), one, other);
        self.pairs.insert(pair, evidence);
        evidence
    }

    pub(super) fn query(&mut self, clusterer: &Clusterer, entry: u32, known: &WindowEntry) -> &QueryVector {
        self.queries.entry(entry).or_insert_with(|| QueryVector::of(&known.features, &clusterer.vocabulary))
    }
}
