//! Layer 3 for a whole pass at once: which of its entries and of the stories that may still change are
//! one, whatever order they came in.
//!
//! Average linkage: the two stories that fit one another best become one, again and again, until none
//! fits well enough. What a person said, what was published and what would run away is never united.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::config::SameStory;
use crate::model::Reason;

use super::{Known, LARGEST_STORY, Told, Weaver, Word, hours};
use crate::weave::input::{Absorbed, Knit, Placement, Related, StoryHandle};
use crate::weave::similar::{LEAST, Probe, probability};

/// From which log odds on two stories are one.
const JOINS_EAGER: f32 = -0.75;
const JOINS_BALANCED: f32 = 0.0;

/// Two stories of at least this many entries each are never made one by the rules.
const LARGE_STORY: usize = 13;

/// Share of the pairs of two stories that speak for them, the best ones: a wide story has sides that know
/// little of one another.
const HEARD: f32 = 0.7;

/// What the log odds lose for each factor e in the number of pairs: the more entries are at stake, the
/// surer it has to be.
const CAUTION: f32 = 0.15;

/// Entries of a story that are compared, the newest ones.
const COMPARED: usize = 24;

/// Least probability of a near miss that is told, and how many of an entry are.
const RELATED: f32 = 0.2;
const MOST_RELATED: usize = 3;

/// Rarest shared words that are told.
const SHARED_TOLD: usize = 6;

impl Weaver {
    /// Finds the stories of all entries that were placed since the last call, and of earlier ones whose
    /// stories may still change.
    pub fn knit(&mut self) -> Knit {
        let mut frame = Frame::new(self);
        let mut runaways = Vec::new();
        while let Some((a, b)) = frame.next_pair(self) {
            match self.may_unite(&frame.groups[a], &frame.groups[b]) {
                May::Yes => frame.unite(a, b),
                May::Never => {}
                May::RunAway => runaways.push(if frame.groups[a].size >= frame.groups[b].size { a } else { b }),
            }
        }
        let runaways: BTreeSet<u32> = runaways.into_iter().map(|group| frame.groups[frame.root(group)].story).collect();
        let became = frame.became();
        let now = |story: u32| StoryHandle(became.get(&story).copied().unwrap_or(story));
        let stopped = std::mem::take(&mut self.stopped).into_iter().chain(runaways).map(now).collect();
        let (placed, absorbed) = (self.places(&mut frame), self.absorbed(&mut frame));
        self.take_over(&frame, &became);
        Knit { placed, absorbed, stopped }
    }

    fn may_unite(&self, a: &Group, b: &Group) -> May {
        if (a.is_settled && b.is_settled) || self.is_forbidden(a, b) {
            May::Never
        } else if a.size + b.size > LARGEST_STORY || (a.size >= LARGE_STORY && b.size >= LARGE_STORY) {
            May::RunAway
        } else {
            May::Yes
        }
    }

    /// Whether a person's word keeps two stories apart.
    fn is_forbidden(&self, a: &Group, b: &Group) -> bool {
        let apart = |a: u32, b: u32| self.apart.contains(&(a.min(b), a.max(b)));
        if !self.apart.is_empty() && a.stories.iter().any(|one| b.stories.iter().any(|other| apart(*one, *other))) {
            return true;
        }
        if self.constraints.is_empty() {
            return false;
        }
        let known = |group: &Group| group.entries.iter().filter_map(|entry| self.known(*entry)).collect::<Vec<_>>();
        let others = known(b);
        known(a).into_iter().any(|known| {
            let words = self.words_on(&known.key, known.address);
            let mut cannot = words.iter().filter(|(_, word)| *word == Word::Cannot);
            cannot.any(|(named, _)| others.iter().any(|other| other.is_named(named)))
        })
    }

    /// The places of all loose entries.
    fn places(&self, frame: &mut Frame) -> Vec<Placement> {
        let mut placed = Vec::with_capacity(self.loose.len());
        for loose in &self.loose {
            let known = loose.entry.and_then(|entry| self.known(entry));
            if !loose.is_new && known.is_none_or(|known| known.is_bound) {
                continue;
            }
            let mut place = Placement {
                entry: loose.handle,
                story: StoryHandle(loose.home),
                reason: Reason::Opened,
                related: Vec::new(),
            };
            if let Some((entry, group)) = loose.entry.and_then(|entry| Some((entry, frame.group_of(entry)?))) {
                place.story = StoryHandle(frame.groups[group].story);
                if loose.sure.is_none() && frame.groups[group].is_joined_by(entry) {
                    let others = frame.others(group, entry);
                    let score = frame.fit(self, &[entry], &others);
                    place.reason = self.similar(frame, score, &[entry], &others);
                }
                if loose.is_new {
                    place.related = self.related(frame, group, entry);
                }
            }
            if let Some(sure) = &loose.sure {
                place.reason = sure.clone();
            }
            placed.push(place);
        }
        placed
    }

    /// Stories from before that turned out to be others.
    fn absorbed(&self, frame: &mut Frame) -> Vec<Absorbed> {
        let mut absorbed = Vec::new();
        for group in 0..frame.groups.len() {
            if frame.parents[group] != group {
                continue;
            }
            let into = frame.groups[group].story;
            let is_bound = |story: &u32| self.stories.get(story).is_some_and(|told| told.is_bound);
            let gone: Vec<u32> = frame.groups[group].stories.iter().copied().filter(|story| *story != into).collect();
            for gone in gone.into_iter().filter(is_bound) {
                let of = |entry: &u32| self.known(*entry).is_some_and(|known| known.story == gone);
                let (own, others): (Vec<u32>, Vec<u32>) =
                    frame.groups[group].entries.iter().partition(|entry| of(entry));
                let score = frame.fit(self, &own, &others);
                let reason = self.similar(frame, score, &own, &others);
                absorbed.push(Absorbed { gone: StoryHandle(gone), into: StoryHandle(into), reason });
            }
        }
        absorbed
    }

    /// Near misses of an entry of `own`, nearest first.
    fn related(&self, frame: &mut Frame, own: usize, entry: u32) -> Vec<Related> {
        let Some(known) = self.known(entry) else { return Vec::new() };
        let near: BTreeSet<usize> =
            known.likely.iter().filter_map(|other| frame.group_of(*other)).filter(|group| *group != own).collect();
        let mut scored: Vec<(f32, usize)> = Vec::new();
        for group in near {
            let others = frame.groups[group].entries.clone();
            scored.push((probability(frame.fit(self, &[entry], &others)), group));
        }
        scored.retain(|(score, _)| *score >= RELATED);
        scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        scored.truncate(MOST_RELATED);
        scored
            .into_iter()
            .filter_map(|(score, group)| {
                let others = frame.groups[group].entries.clone();
                let (mine, nearest) = frame.nearest(self, &[entry], &others)?;
                let story = StoryHandle(frame.groups[group].story);
                let (shared, key) = (self.shared(frame, mine, nearest)?, self.known(nearest)?.key.clone());
                Some(Related { story, nearest: key, score: f64::from(score), shared })
            })
            .collect()
    }

    /// That the words of `own` fit those of `others` by `score`.
    fn similar(&self, frame: &mut Frame, score: f32, own: &[u32], others: &[u32]) -> Reason {
        let found = frame.nearest(self, own, others).and_then(|(mine, nearest)| {
            let (one, other) = (self.known(mine)?, self.known(nearest)?);
            Some(Reason::Similar {
                score: f64::from(probability(score)),
                nearest: other.key.clone(),
                shared: self.shared(frame, mine, nearest)?,
                hours_apart: hours(other.time - one.time),
            })
        });
        found.unwrap_or(Reason::Opened)
    }

    /// The rarest words that two entries share.
    fn shared(&self, frame: &mut Frame, mine: u32, other: u32) -> Option<Vec<String>> {
        let (one, other) = (self.known(mine)?, self.known(other)?);
        let shared = frame.probe(self, mine, one).shared(&other.features, SHARED_TOLD);
        Some(shared.into_iter().map(|id| self.terms.text(id).to_owned()).collect())
    }

    /// Makes the stories of the frame those of the window.
    fn take_over(&mut self, frame: &Frame, became: &HashMap<u32, u32>) {
        became.keys().for_each(|story| drop(self.stories.remove(story)));
        let moved = |story: u32| became.get(&story).copied().unwrap_or(story);
        let apart = std::mem::take(&mut self.apart).into_iter().map(|(a, b)| (moved(a), moved(b)));
        self.apart = apart.map(|(a, b)| (a.min(b), a.max(b))).collect();
        for group in frame.standing() {
            let Group { size, is_bound, is_settled, .. } = *group;
            for entry in &group.entries {
                if let Some(known) = self.entries.get_mut(entry.wrapping_sub(self.first) as usize) {
                    known.story = group.story;
                }
            }
            let told = Told { entries: group.entries.clone(), size, is_bound, is_settled };
            self.stories.insert(group.story, told);
        }
        let (first, entries) = (self.first, &self.entries);
        self.loose.retain_mut(|loose| {
            loose.is_new = false;
            let known = loose.entry.and_then(|entry| entries.get(entry.wrapping_sub(first) as usize));
            known.is_some_and(|known| !known.is_bound)
        });
    }
}

/// Whether two stories may be one.
enum May {
    Yes,
    Never,
    /// Only by a person's word: together they would be too large.
    RunAway,
}

/// A story while it is knitted.
#[derive(Debug)]
struct Group {
    /// Its number, and those of all stories that it is made of.
    story: u32,
    stories: Vec<u32>,
    /// Its entries in the window, in the order in which they came.
    entries: Vec<u32>,
    /// All that it ever had.
    size: usize,
    is_bound: bool,
    is_settled: bool,
    /// Counted up when it grows.
    version: u32,
}

impl Group {
    /// Whether an entry joined the story rather than opened it.
    fn is_joined_by(&self, entry: u32) -> bool {
        self.is_bound || self.entries.first() != Some(&entry)
    }
}

/// Two groups and their versions.
type Compared = ((usize, usize), (u32, u32));

/// Two groups that fit, as they were when they were compared.
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

/// Groups and how they fit, the best pair first.
struct Frame {
    groups: Vec<Group>,
    /// The group that a group became part of; itself where it stands.
    parents: Vec<usize>,
    /// By entry.
    of: HashMap<u32, usize, FixedState>,
    links: BinaryHeap<Link>,
    /// Pairs that were compared, as they were then.
    compared: HashSet<Compared, FixedState>,
    joins: f32,
    /// Evidence of pairs of entries.
    pairs: HashMap<(u32, u32), f32, FixedState>,
    probes: HashMap<u32, Probe, FixedState>,
}

impl Frame {
    fn new(weaver: &Weaver) -> Self {
        let joins = if weaver.settings.same_story == SameStory::Eager { JOINS_EAGER } else { JOINS_BALANCED };
        let mut frame = Self {
            groups: Vec::new(),
            parents: Vec::new(),
            of: HashMap::default(),
            links: BinaryHeap::new(),
            compared: HashSet::default(),
            joins,
            pairs: HashMap::default(),
            probes: HashMap::default(),
        };
        let mut homes: BTreeMap<u32, usize> = BTreeMap::new();
        for loose in &weaver.loose {
            let Some(entry) = loose.entry else { continue };
            let Some(known) = weaver.known(entry) else { continue };
            if known.is_bound {
                frame.load(weaver, known.story);
                continue;
            }
            let group = *homes.entry(loose.home).or_insert_with(|| frame.open(loose.home));
            frame.groups[group].entries.push(entry);
            frame.groups[group].size += 1;
            frame.of.insert(entry, group);
        }
        let mut pairs: BTreeSet<(usize, usize)> = BTreeSet::new();
        for entry in weaver.loose.iter().filter_map(|loose| loose.entry) {
            let Some(known) = weaver.known(entry) else { continue };
            for other in known.likely.iter().filter_map(|other| Some((*other, weaver.known(*other)?))) {
                if other.1.is_bound {
                    frame.load(weaver, other.1.story);
                }
                if let (Some(a), Some(b)) = (frame.of.get(&entry), frame.of.get(&other.0)) {
                    pairs.insert((*a.min(b), *a.max(b)));
                }
            }
        }
        for (a, b) in pairs.into_iter().filter(|(a, b)| a != b) {
            frame.link(weaver, a, b);
        }
        frame
    }

    fn open(&mut self, story: u32) -> usize {
        let group = Group {
            story,
            stories: vec![story],
            entries: Vec::new(),
            size: 0,
            is_bound: false,
            is_settled: false,
            version: 0,
        };
        self.parents.push(self.groups.len());
        self.groups.push(group);
        self.groups.len() - 1
    }

    /// Takes a bound story in, as it is.
    fn load(&mut self, weaver: &Weaver, story: u32) {
        let Some(told) = weaver.stories.get(&story) else { return };
        let bound = |entry: &&u32| weaver.known(**entry).is_some_and(|known| known.is_bound);
        let entries: Vec<u32> = told.entries.iter().filter(bound).copied().collect();
        if entries.first().is_none_or(|first| self.of.contains_key(first)) {
            return;
        }
        let group = self.open(story);
        self.of.extend(entries.iter().map(|entry| (*entry, group)));
        let group = &mut self.groups[group];
        // Loose entries that joined it stand for themselves.
        group.size = told.size - (told.entries.len() - entries.len());
        group.entries = entries;
        group.is_bound = true;
        group.is_settled = told.is_settled;
    }

    /// The groups that no other one took in.
    fn standing(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().enumerate().filter(|(at, _)| self.parents[*at] == *at).map(|(_, group)| group)
    }

    /// Which story each story is now.
    fn became(&self) -> HashMap<u32, u32> {
        let stories = |group: &Group| group.stories.iter().map(|story| (*story, group.story)).collect::<Vec<_>>();
        self.standing().flat_map(stories).collect()
    }

    fn root(&self, mut group: usize) -> usize {
        while self.parents[group] != group {
            group = self.parents[group];
        }
        group
    }

    fn group_of(&self, entry: u32) -> Option<usize> {
        self.of.get(&entry).map(|group| self.root(*group))
    }

    /// The entries of a group but one.
    fn others(&self, group: usize, entry: u32) -> Vec<u32> {
        self.groups[group].entries.iter().copied().filter(|other| *other != entry).collect()
    }

    /// Compares two groups, once as they are now, and remembers them where they fit.
    fn link(&mut self, weaver: &Weaver, a: usize, b: usize) {
        let versions = (self.groups[a].version, self.groups[b].version);
        if !self.compared.insert(((a, b), versions)) {
            return;
        }
        let (one, other) = (self.groups[a].entries.clone(), self.groups[b].entries.clone());
        let fit = self.fit(weaver, &one, &other);
        if fit >= self.joins {
            self.links.push(Link { fit, pair: (a, b), versions });
        }
    }

    /// The two groups that fit best, as they are now.
    fn next_pair(&mut self, weaver: &Weaver) -> Option<(usize, usize)> {
        while let Some(Link { pair, versions, .. }) = self.links.pop() {
            let (a, b) = (self.root(pair.0), self.root(pair.1));
            if a == b {
                continue;
            }
            let (a, b) = (a.min(b), a.max(b));
            let is_fresh = (a, b) == pair && versions == (self.groups[a].version, self.groups[b].version);
            // What can never be one need not be compared again.
            let is_full = self.groups[a].size + self.groups[b].size > LARGEST_STORY;
            if is_fresh || is_full {
                return Some((a, b));
            }
            self.link(weaver, a, b);
        }
        None
    }

    /// Makes one group of two. A published story keeps its number, else one from before, else the older.
    fn unite(&mut self, a: usize, b: usize) {
        let rank = |group: &Group| (!group.is_settled, !group.is_bound, group.story);
        let (stays, goes) = if rank(&self.groups[a]) <= rank(&self.groups[b]) { (a, b) } else { (b, a) };
        let entries = std::mem::take(&mut self.groups[goes].entries);
        let stories = std::mem::take(&mut self.groups[goes].stories);
        let size = self.groups[goes].size;
        self.parents[goes] = stays;
        let group = &mut self.groups[stays];
        group.entries.extend(entries);
        group.entries.sort_unstable();
        group.stories.extend(stories);
        group.size += size;
        group.version += 1;
    }

    /// How well two sets of entries fit, as log odds: the mean of the better pairs.
    fn fit(&mut self, weaver: &Weaver, a: &[u32], b: &[u32]) -> f32 {
        let newest = |entries: &[u32]| entries[entries.len().saturating_sub(COMPARED)..].to_vec();
        let (a, b) = (newest(a), newest(b));
        let mut evidence: Vec<f32> = Vec::with_capacity(a.len() * b.len());
        for one in &a {
            for other in &b {
                evidence.push(self.pair(weaver, *one, *other));
            }
        }
        if evidence.is_empty() {
            return LEAST;
        }
        evidence.sort_unstable_by(|a, b| b.total_cmp(a));
        let heard = ((evidence.len() as f32 * HEARD).ceil() as usize).max(1);
        evidence[..heard].iter().sum::<f32>() / heard as f32 - CAUTION * (evidence.len() as f32).ln()
    }

    /// The pair of entries that fits best, one of each set.
    fn nearest(&mut self, weaver: &Weaver, a: &[u32], b: &[u32]) -> Option<(u32, u32)> {
        let mut best: Option<(f32, u32, u32)> = None;
        for one in a {
            for other in b {
                let fit = self.pair(weaver, *one, *other);
                if best.is_none_or(|(known, _, _)| fit > known) {
                    best = Some((fit, *one, *other));
                }
            }
        }
        best.map(|(_, one, other)| (one, other))
    }

    /// The evidence of a pair of entries, compared once.
    fn pair(&mut self, weaver: &Weaver, a: u32, b: u32) -> f32 {
        let pair = (a.min(b), a.max(b));
        if let Some(known) = self.pairs.get(&pair) {
            return *known;
        }
        let (Some(one), Some(other)) = (weaver.known(pair.0), weaver.known(pair.1)) else { return LEAST };
        let evidence = weaver.evidence(self.probe(weaver, pair.0, one), one, other);
        self.pairs.insert(pair, evidence);
        evidence
    }

    fn probe(&mut self, weaver: &Weaver, entry: u32, known: &Known) -> &Probe {
        self.probes.entry(entry).or_insert_with(|| Probe::of(&known.features, &weaver.terms))
    }
}
