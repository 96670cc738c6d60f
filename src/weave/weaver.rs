//! The weaver: an entry comes in, its story goes out. Streaming, incremental, no clock and no SQL.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use jiff::Timestamp;
use url::Url;

use crate::config::SameStory;
use crate::model::{EntryKey, Reason, SourceKind};
use crate::text::is_tracking_fragment;

use super::address::{canonical, is_site_root};
use super::exact::{says_enough, title_key};
use super::features::Features;
use super::input::{Constraints, Placement, Related, Settings, StoryHandle, WeaveInput};
use super::similar::{Circumstances, Probe, probability};
use super::terms::Terms;
use super::words::Words;

/// A story of this many entries grows only by a person's word: larger ones are runaways.
const LARGEST_STORY: usize = 40;

/// Two stories of together more entries than this are not made one: that is how runaways start.
const LARGEST_MERGE: usize = 20;

/// Rarest terms of an entry that candidates are looked up by.
const PROBE_TERMS: usize = 10;

/// Newest entries of one term that are looked at.
const PROBE_ENTRIES: usize = 600;

/// Candidates that are compared in full.
const CANDIDATES: usize = 20;

/// Entries with one address or one title that are looked at.
const SAME_KEY_ENTRIES: usize = 64;

/// Hours within which one source's same title under another address is one article; later it is a column.
const COLUMN_AFTER_HOURS: i64 = 6;

/// Joins entries into stories, one at a time, and holds the window they are looked up in.
#[derive(Debug)]
pub struct Weaver {
    settings: Settings,
    constraints: BTreeMap<EntryKey, Vec<(EntryKey, Word)>>,
    words: Words,
    terms: Terms,
    names: HashMap<Box<str>, u32, FixedState>,
    entries: VecDeque<Known>,
    first: u32,
    stories: HashMap<u32, Told, FixedState>,
    next_story: u32,
    addresses: HashMap<u64, Vec<u32>, FixedState>,
    titles: HashMap<u64, Vec<u32>, FixedState>,
    clock: i64,
    ceiling: Option<i64>,
    hasher: FixedState,
    partial: Vec<f32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Must,
    Cannot,
}

/// An entry of the window.
#[derive(Debug)]
struct Known {
    key: EntryKey,
    source: u32,
    publisher: u32,
    story: u32,
    time: i64,
    address: u64,
    title: u64,
    place: u32,
    kind: SourceKind,
    features: Features,
}

/// A story of the window.
#[derive(Debug, Default)]
struct Told {
    /// Its entries that are still in the window, in the order in which they came.
    entries: Vec<u32>,
    /// All that it ever had.
    size: usize,
    /// Published: it keeps its number whatever comes.
    settled: bool,
}

/// An entry as it is asked about, before it has a story.
struct Asked<'a> {
    input: &'a WeaveInput<'a>,
    time: i64,
    source: u32,
    publisher: u32,
    address_text: String,
    address: u64,
    place: u32,
    title_text: String,
    title: u64,
    features: Features,
    /// Stories that a person said it is not in.
    refused: Vec<u32>,
}

impl Weaver {
    /// An empty window.
    #[must_use]
    pub fn new(settings: Settings, constraints: &Constraints) -> Self {
        let mut pairs: BTreeMap<EntryKey, Vec<(EntryKey, Word)>> = BTreeMap::new();
        let words = [(&constraints.must, Word::Must), (&constraints.cannot, Word::Cannot)];
        for (list, word) in words {
            for (a, b) in list {
                pairs.entry(a.clone()).or_default().push((b.clone(), word));
                pairs.entry(b.clone()).or_default().push((a.clone(), word));
            }
        }
        Self {
            settings,
            constraints: pairs,
            words: Words::new(),
            terms: Terms::new(),
            names: HashMap::default(),
            entries: VecDeque::new(),
            first: 0,
            stories: HashMap::default(),
            next_story: 0,
            addresses: HashMap::default(),
            titles: HashMap::default(),
            clock: i64::MIN,
            ceiling: None,
            hasher: FixedState::with_seed(0x0FEE_D100),
            partial: Vec::new(),
        }
    }

    /// Tells what time it is: entries dated later count as of now, entries older than the lookback leave
    /// the window.
    pub fn advance(&mut self, now: Timestamp) {
        self.ceiling = Some(now.as_second());
    }

    /// A number for a story that is known from before; [`Weaver::restore`] puts its entries in.
    pub fn story(&mut self) -> StoryHandle {
        let story = StoryHandle(self.next_story);
        self.next_story += 1;
        story
    }

    /// Puts an entry back that is already in `story`. Call in the order in which they were first placed.
    pub fn restore(&mut self, input: &WeaveInput<'_>, story: StoryHandle) {
        let asked = self.ask(input);
        self.keep(asked, story.0);
    }

    /// Marks a story as published: it is never absorbed by another one from now on.
    pub fn settle(&mut self, story: StoryHandle) {
        if let Some(told) = self.stories.get_mut(&story.0) {
            told.settled = true;
        }
    }

    /// Entries in the window.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the window is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Finds or opens the story of `input` and remembers it there.
    pub fn place(&mut self, input: &WeaveInput<'_>) -> Placement {
        let mut asked = self.ask(input);
        let mut stopped = None;
        let mut related = Vec::new();
        let mut absorbed = None;
        let mut found = self.by_hand(&mut asked);
        let alone = input.allow_duplicates || self.settings.same_story == SameStory::Off;
        if found.is_none() && !alone {
            found = self.by_address(&asked).or_else(|| self.by_title(&asked));
            if found.is_none() && matches!(self.settings.same_story, SameStory::Balanced | SameStory::Eager) {
                (found, related) = self.by_words(&asked);
                absorbed = found.as_mut().and_then(|(story, _)| {
                    let absorbed = self.absorb(story, &related)?;
                    related.retain(|near| near.story.0 != absorbed && near.story.0 != *story);
                    Some(StoryHandle(absorbed))
                });
            }
            let full = |story: &u32| self.stories.get(story).is_some_and(|told| told.size >= LARGEST_STORY);
            if let Some((story, _)) = found.as_ref().filter(|(story, _)| full(story)) {
                stopped = Some(StoryHandle(*story));
                found = None;
            }
        }
        let (story, reason) = found.unwrap_or_else(|| (self.story().0, Reason::Opened));
        self.keep(asked, story);
        Placement { story: StoryHandle(story), reason, related, absorbed, stopped }
    }

    fn ask<'a>(&mut self, input: &'a WeaveInput<'a>) -> Asked<'a> {
        let seconds = input.time.as_second();
        let time = self.ceiling.map_or(seconds, |ceiling| seconds.min(ceiling));
        self.clock = self.clock.max(time);
        self.forget();
        let address_text = canonical(input.url);
        let title_text = title_key(input.title);
        let features = Features::of(input.title, input.text, input.language, &mut self.words, &mut self.terms);
        Asked {
            time,
            source: self.name(input.key.source.as_str()),
            publisher: self.name(input.publisher),
            address: self.hasher.hash_one(&address_text),
            place: self.place_in_page(input.url),
            title: self.hasher.hash_one(&title_text),
            address_text,
            title_text,
            features,
            refused: Vec::new(),
            input,
        }
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(number) = self.names.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.insert(name.into(), number);
        number
    }

    /// A place in the page that a source means by its fragment, as a hash; 0 for none.
    fn place_in_page(&self, url: &Url) -> u32 {
        match url.fragment() {
            Some(fragment) if !fragment.is_empty() && !is_tracking_fragment(fragment) => {
                self.hasher.hash_one(fragment) as u32 | 1
            }
            _ => 0,
        }
    }

    fn known(&self, entry: u32) -> Option<&Known> {
        self.entries.get(entry.wrapping_sub(self.first) as usize)
    }

    fn lookback_seconds(&self) -> i64 {
        self.settings.lookback.as_secs()
    }

    /// Drops what is older than the window from its front.
    fn forget(&mut self) {
        let oldest = self.clock.saturating_sub(self.lookback_seconds());
        while self.entries.front().is_some_and(|known| known.time < oldest) {
            let Some(known) = self.entries.pop_front() else { return };
            let entry = self.first;
            self.first = self.first.wrapping_add(1);
            self.terms.remove_oldest(entry, known.features.terms.iter().map(|feature| feature.id()));
            drop_from(&mut self.addresses, known.address, entry);
            drop_from(&mut self.titles, known.title, entry);
            if let Some(told) = self.stories.get_mut(&known.story) {
                told.entries.retain(|member| *member != entry);
                if told.entries.is_empty() {
                    self.stories.remove(&known.story);
                }
            }
        }
    }

    /// Remembers an entry in its story.
    fn keep(&mut self, asked: Asked<'_>, story: u32) {
        let old = asked.time < self.clock.saturating_sub(self.lookback_seconds());
        let told = self.stories.entry(story).or_default();
        told.size += 1;
        if old || asked.input.allow_duplicates || self.settings.same_story == SameStory::Off {
            if told.entries.is_empty() {
                self.stories.remove(&story);
            }
            for feature in &asked.features.terms {
                self.terms.drop_unused(feature.id());
            }
            return;
        }
        let entry = self.first.wrapping_add(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        told.entries.push(entry);
        self.terms.add(entry, asked.features.terms.iter().map(|feature| feature.id()));
        self.addresses.entry(asked.address).or_default().push(entry);
        self.titles.entry(asked.title).or_default().push(entry);
        self.entries.push_back(Known {
            key: asked.input.key.clone(),
            source: asked.source,
            publisher: asked.publisher,
            story,
            time: asked.time,
            address: asked.address,
            title: asked.title,
            place: asked.place,
            kind: asked.input.kind,
            features: asked.features,
        });
    }

    /// A person's word: the story that it must be in, and those that it cannot be in.
    fn by_hand(&self, asked: &mut Asked<'_>) -> Option<(u32, Reason)> {
        let words = self.constraints.get(asked.input.key)?;
        let mut must = None;
        for known in &self.entries {
            for (key, word) in words {
                if *key == known.key {
                    match word {
                        Word::Must if must.is_none() => must = Some(known.story),
                        Word::Must => {}
                        Word::Cannot => asked.refused.push(known.story),
                    }
                }
            }
        }
        must.map(|story| (story, Reason::ByHand))
    }

    /// Entries near in time under one key, the newest ones first.
    fn same<'a>(
        &'a self,
        index: &'a HashMap<u64, Vec<u32>, FixedState>,
        key: u64,
        asked: &'a Asked<'_>,
    ) -> impl Iterator<Item = &'a Known> {
        let lookback = self.lookback_seconds();
        index
            .get(&key)
            .into_iter()
            .flat_map(|entries| entries.iter().rev().take(SAME_KEY_ENTRIES))
            .filter_map(|entry| self.known(*entry))
            .filter(move |known| (known.time - asked.time).abs() <= lookback && !asked.refused.contains(&known.story))
    }

    /// Layer 1: the address, or a link list's link to it.
    fn by_address(&self, asked: &Asked<'_>) -> Option<(u32, Reason)> {
        let listed = asked.input.kind == SourceKind::Aggregator;
        let root = is_site_root(&asked.address_text);
        let found = self.same(&self.addresses, asked.address, asked).find(|known| {
            let lists = listed || known.kind == SourceKind::Aggregator;
            if known.source != asked.source {
                return lists || !root;
            }
            // One source with two entries at one address: the article again, or a page of many entries.
            !root && known.place == asked.place && (known.title == asked.title || self.one_article(known, asked))
        });
        if let Some(known) = found {
            let address = asked.address_text.clone();
            let link = listed != (known.kind == SourceKind::Aggregator);
            return Some((
                known.story,
                if link { Reason::LinksTo { address } } else { Reason::SameAddress { address } },
            ));
        }
        if !listed {
            return None;
        }
        asked.input.links.iter().find_map(|link| {
            let address = canonical(link);
            let key = self.hasher.hash_one(&address);
            let known = self.same(&self.addresses, key, asked).find(|known| known.source != asked.source)?;
            (!is_site_root(&address)).then_some((known.story, Reason::LinksTo { address }))
        })
    }

    /// Whether two titles of one source at one address are an edit of one another: they share a third.
    fn one_article(&self, known: &Known, asked: &Asked<'_>) -> bool {
        let (a, b) = (&known.features.title, &asked.features.title);
        let shared = a.iter().filter(|term| b.contains(term)).count();
        shared > 0 && shared * 3 >= a.len().min(b.len())
    }

    /// Layer 2: the same title, unless it comes back in its source as a column's does.
    fn by_title(&self, asked: &Asked<'_>) -> Option<(u32, Reason)> {
        if !says_enough(&asked.title_text) {
            return None;
        }
        let known = self.same(&self.titles, asked.title, asked).find(|known| {
            let apart = (known.time - asked.time).abs();
            if known.publisher == asked.publisher {
                apart <= COLUMN_AFTER_HOURS * 3600 && known.address != asked.address
            } else {
                !known.features.marks.contradict(&asked.features.marks)
            }
        })?;
        let column = self.same(&self.titles, asked.title, asked).any(|other| {
            other.publisher == asked.publisher && (other.time - asked.time).abs() > COLUMN_AFTER_HOURS * 3600
        });
        let hours_apart = hours(known.time - asked.time);
        (!column).then(|| (known.story, Reason::SameTitle { title: asked.title_text.clone(), hours_apart }))
    }

    /// Layer 3: the words. Gives the story to join, if any, and the near misses.
    fn by_words(&mut self, asked: &Asked<'_>) -> (Option<(u32, Reason)>, Vec<Related>) {
        let probe = Probe::of(&asked.features, &self.terms);
        let mut judged: Vec<(f32, u32, u32)> = Vec::new();
        for entry in self.candidates(&probe, asked) {
            let Some(known) = self.known(entry) else { continue };
            if judged.iter().any(|(_, story, _)| *story == known.story) {
                continue;
            }
            if self.evidence(&probe, asked, known) < WORTH_JUDGING {
                continue;
            }
            let (score, nearest) = self.judge(&probe, asked, known.story);
            judged.push((score, known.story, nearest));
        }
        judged.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let threshold = if self.settings.same_story == SameStory::Eager { JOINS_EAGER } else { JOINS_BALANCED };
        let joined = judged.first().filter(|(score, _, _)| *score >= threshold).copied();
        let related = judged
            .iter()
            .filter(|(score, story, _)| *score >= RELATED && joined.is_none_or(|(_, own, _)| own != *story))
            .take(3)
            .filter_map(|(score, story, nearest)| {
                let nearest = self.known(*nearest)?.key.clone();
                Some(Related { story: StoryHandle(*story), nearest, score: f64::from(*score) })
            })
            .collect();
        let found = joined.and_then(|(score, story, nearest)| {
            let known = self.known(nearest)?;
            let shared = probe.shared(&known.features, 6);
            let reason = Reason::Similar {
                score: f64::from(score),
                nearest: known.key.clone(),
                shared: shared.into_iter().map(|id| self.terms.text(id).to_owned()).collect(),
                hours_apart: hours(known.time - asked.time),
            };
            Some((story, reason))
        });
        (found, related)
    }

    /// Makes one story of the one that an entry joins and the next one that it fits, where nothing
    /// forbids it. The older survives, or the one that is settled; gives the number that is gone.
    fn absorb(&mut self, joined: &mut u32, related: &[Related]) -> Option<u32> {
        let near = related.first().filter(|near| near.score >= f64::from(MERGES))?;
        let (old, young) = (near.story.0.min(*joined), near.story.0.max(*joined));
        let size = |story: u32| self.stories.get(&story).map_or(0, |told| told.size);
        if size(old) + size(young) > LARGEST_MERGE || self.forbidden(old, young) {
            return None;
        }
        let settled = |story: u32| self.stories.get(&story).is_some_and(|told| told.settled);
        let (stays, goes) = match (settled(old), settled(young)) {
            (_, false) => (old, young),
            (false, true) => (young, old),
            (true, true) => return None,
        };
        let gone = self.stories.remove(&goes)?;
        for entry in &gone.entries {
            let at = entry.wrapping_sub(self.first) as usize;
            if let Some(known) = self.entries.get_mut(at) {
                known.story = stays;
            }
        }
        let told = self.stories.entry(stays).or_default();
        told.size += gone.size;
        told.entries.extend(gone.entries);
        told.entries.sort_unstable_by_key(|entry| entry.wrapping_sub(self.first));
        *joined = stays;
        Some(goes)
    }

    /// Whether a person's word keeps two stories apart.
    fn forbidden(&self, a: u32, b: u32) -> bool {
        if self.constraints.is_empty() {
            return false;
        }
        let keys = |story: u32| {
            let entries = self.stories.get(&story).map_or(&[][..], |told| &told.entries[..]);
            entries.iter().filter_map(|entry| self.known(*entry)).map(|known| &known.key)
        };
        keys(a).any(|key| {
            let words = self.constraints.get(key).map_or(&[][..], |words| &words[..]);
            words.iter().any(|(other, word)| *word == Word::Cannot && keys(b).any(|key| key == other))
        })
    }

    /// The entries that share most with `probe`, looked up by its rarest terms, best first.
    fn candidates(&mut self, probe: &Probe, asked: &Asked<'_>) -> Vec<u32> {
        let mut partial = std::mem::take(&mut self.partial);
        partial.resize(self.entries.len(), 0.0);
        let mut touched = Vec::new();
        for (term, weight) in probe.rarest(PROBE_TERMS) {
            for entry in self.terms.postings(term).iter().rev().take(PROBE_ENTRIES) {
                let at = entry.wrapping_sub(self.first) as usize;
                if partial[at] == 0.0 {
                    touched.push(*entry);
                }
                partial[at] += weight;
            }
        }
        let lookback = self.lookback_seconds();
        let mut scored: Vec<(f32, u32)> = Vec::with_capacity(touched.len());
        for entry in touched {
            let at = entry.wrapping_sub(self.first) as usize;
            let known = &self.entries[at];
            if (known.time - asked.time).abs() <= lookback && !asked.refused.contains(&known.story) {
                scored.push((partial[at], entry));
            }
            partial[at] = 0.0;
        }
        self.partial = partial;
        let best = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if scored.len() > CANDIDATES {
            scored.select_nth_unstable_by(CANDIDATES, best);
            scored.truncate(CANDIDATES);
        }
        scored.sort_unstable_by(best);
        scored.into_iter().map(|(_, entry)| entry).collect()
    }

    /// How well an entry fits a story, 0 to 1, from the mean evidence of the better half of its entries;
    /// and the nearest.
    fn judge(&self, probe: &Probe, asked: &Asked<'_>, story: u32) -> (f32, u32) {
        let entries = self.stories.get(&story).map_or(&[][..], |told| &told.entries[..]);
        let mut evidence: Vec<(f32, u32)> = entries
            .iter()
            .filter_map(|entry| Some((self.evidence(probe, asked, self.known(*entry)?), *entry)))
            .collect();
        evidence.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let Some((_, nearest)) = evidence.first().copied() else { return (0.0, 0) };
        let half = evidence.len().div_ceil(2);
        let sum: f32 = evidence[..half].iter().map(|(one, _)| one).sum();
        (probability(sum / half as f32), nearest)
    }

    fn evidence(&self, probe: &Probe, asked: &Asked<'_>, known: &Known) -> f32 {
        let around = Circumstances {
            days: (hours(known.time - asked.time) / 24.0) as f32,
            same_publisher: asked.publisher == known.publisher,
        };
        probe.evidence(&asked.features, &known.features, &self.terms, around)
    }
}

/// From which score on an entry joins, eager and balanced.
const JOINS_EAGER: f32 = 0.32;
const JOINS_BALANCED: f32 = 0.5;

/// From which score on a second story that an entry fits is the same as the one it joins.
const MERGES: f32 = 0.35;

/// Evidence of one pair below which its story is not looked at.
const WORTH_JUDGING: f32 = -2.5;

/// Least score of a near miss.
const RELATED: f32 = 0.2;

fn hours(seconds: i64) -> f64 {
    seconds.unsigned_abs() as f64 / 3600.0
}

fn drop_from(index: &mut HashMap<u64, Vec<u32>, FixedState>, key: u64, entry: u32) {
    if let Some(entries) = index.get_mut(&key) {
        entries.retain(|other| *other != entry);
        if entries.is_empty() {
            index.remove(&key);
        }
    }
}
