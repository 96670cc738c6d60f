//! Replay: the stories that stored entries would make under other settings, and the difference.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::stage::{TEXT_CHARS, input, publisher};
use super::{Settings, Weaver, address_hash, by_hand, title_key};
use crate::config::{SameStory, WeaveConfig};
use crate::model::{EntryKey, Reason, Source, SourceId};
use crate::store::{Batch, PendingEntry, Says, StoreError, StoryNumber};
use crate::text::{canonical, is_site_root};

/// What other settings would make of the stories since some time.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    /// Entries that were looked at.
    pub entries: usize,
    /// Stories that they are now, and would be.
    pub before: usize,
    /// See `before`.
    pub after: usize,
    /// Stories that would be just the same.
    pub unchanged: usize,
    /// The differences, in the order in which their first entries came.
    pub changes: Vec<Change>,
}

/// Stories that would be others.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// As they are.
    pub before: Vec<Group>,
    /// As they would be.
    pub after: Vec<Group>,
}

/// Entries of one story.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// The story, where it is one that exists.
    pub(super) story: Option<StoryNumber>,
    /// Whether it was published.
    pub is_published: bool,
    /// Its entries, in the order in which they came.
    pub entries: Vec<Replayed>,
}

/// An entry of a replay.
#[derive(Debug, Clone)]
pub struct Replayed {
    pub(super) entry: PendingEntry,
    pub(super) story: StoryNumber,
    pub(super) is_published: bool,
    /// Why it would be in its story.
    pub reason: Reason,
}

impl Replayed {
    /// Its title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.entry.title
    }

    /// Its source.
    #[must_use]
    pub fn source(&self) -> &SourceId {
        &self.entry.key.source
    }
}

impl Change {
    /// Whether several stories would be one, and nothing else.
    #[must_use]
    pub fn is_merge(&self) -> bool {
        self.after.len() == 1
    }

    /// Whether one story would be several, and nothing else.
    #[must_use]
    pub fn is_split(&self) -> bool {
        self.before.len() == 1
    }
}

/// Weaves the entries since `since` anew in memory, as they came, and compares.
pub(super) fn replay(
    batch: &Batch<'_>,
    config: &WeaveConfig,
    sources: &BTreeMap<SourceId, Source>,
    since: Timestamp,
    now: Timestamp,
) -> Result<Replay, StoreError> {
    let mut again = Again::new(batch, config, sources, now)?;
    for woven in batch.woven_since(since)? {
        let entry = batch.pending_entry(woven.entry, TEXT_CHARS)?;
        again.place(entry, woven.story, woven.is_published);
    }
    again.obey(batch, config)?;
    Ok(again.compare())
}

/// The stories of a replay, as they come about.
struct Again<'a> {
    settings: Settings,
    sources: &'a BTreeMap<SourceId, Source>,
    weaver: Weaver,
    entries: Vec<Replayed>,
    /// The story of each entry, by number.
    stories: Vec<usize>,
    /// Which story a story turned out to be.
    became: Vec<usize>,
    /// Entries by the hash of their address.
    addresses: HashMap<i64, Vec<usize>>,
}

impl<'a> Again<'a> {
    fn new(
        batch: &Batch<'_>,
        config: &WeaveConfig,
        sources: &'a BTreeMap<SourceId, Source>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let settings = Settings::from(config);
        let mut weaver = Weaver::new(settings, &by_hand::constraints(config, &batch.word_pairs()?));
        weaver.advance(now);
        let (entries, stories, became) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { settings, sources, weaver, entries, stories, became, addresses: HashMap::new() })
    }

    fn place(&mut self, entry: PendingEntry, story: StoryNumber, is_published: bool) {
        let publisher = publisher(&entry, self.sources);
        let placed = self.weaver.place(&input(&entry, &publisher, self.sources));
        let number = placed.story.index();
        while self.became.len() <= number {
            self.became.push(self.became.len());
        }
        if let Some(absorbed) = placed.absorbed {
            self.unite(absorbed.index(), number);
        }
        let mut reason = placed.reason;
        if reason == Reason::Opened
            && placed.stopped.is_none()
            && let Some((other, why)) = self.at_address(&entry)
        {
            self.unite(number, other);
            reason = why;
        }
        self.addresses.entry(address_hash(&entry.url)).or_default().push(self.entries.len());
        self.stories.push(number);
        self.entries.push(Replayed { entry, story, is_published, reason });
    }

    /// The story of an earlier entry at the same address, however much earlier: as the stage does it.
    fn at_address(&self, entry: &PendingEntry) -> Option<(usize, Reason)> {
        let source = self.sources.get(&entry.key.source);
        let address = canonical(&entry.url);
        let alone = source.is_some_and(|source| source.allow_duplicates) || self.settings.same_story == SameStory::Off;
        if alone || is_site_root(&address) {
            return None;
        }
        let earlier = self.addresses.get(&address_hash(&entry.url))?;
        let same = |other: &PendingEntry| {
            other.key.source != entry.key.source || title_key(&other.title) == title_key(&entry.title)
        };
        let found = earlier.iter().find(|at| same(&self.entries[**at].entry))?;
        Some((self.stories[*found], Reason::SameAddress { address }))
    }

    /// Stories that a person joined are one, whatever came between their entries.
    fn obey(&mut self, batch: &Batch<'_>, config: &WeaveConfig) -> Result<(), StoreError> {
        let by_key: HashMap<EntryKey, usize> =
            self.entries.iter().enumerate().map(|(at, known)| (known.entry.key.clone(), at)).collect();
        for pair in batch.word_pairs()?.iter().filter(|pair| pair.says == Says::Join) {
            if let (Some(a), Some(b)) = (by_key.get(&pair.entry), by_key.get(&pair.with)) {
                self.unite(self.stories[*a], self.stories[*b]);
            }
        }
        for (a, b) in &config.join {
            let at = |url| self.addresses.get(&address_hash(url)).and_then(|entries| entries.first()).copied();
            if let (Some(a), Some(b)) = (at(a), at(b)) {
                self.unite(self.stories[a], self.stories[b]);
            }
        }
        Ok(())
    }

    fn unite(&mut self, gone: usize, into: usize) {
        let (gone, into) = (self.root(gone), self.root(into));
        self.became[gone] = into;
    }

    fn root(&self, mut story: usize) -> usize {
        while self.became[story] != story {
            story = self.became[story];
        }
        story
    }

    fn compare(self) -> Replay {
        let mut old: BTreeMap<StoryNumber, Vec<usize>> = BTreeMap::new();
        let mut new: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, entry) in self.entries.iter().enumerate() {
            old.entry(entry.story).or_default().push(at);
            new.entry(self.root(self.stories[at])).or_default().push(at);
        }
        let mut replay =
            Replay { entries: self.entries.len(), before: old.len(), after: new.len(), ..Replay::default() };
        let mut seen = vec![false; self.entries.len()];
        for at in 0..self.entries.len() {
            if seen[at] {
                continue;
            }
            let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
            let mut waiting = vec![at];
            while let Some(at) = waiting.pop() {
                if std::mem::replace(&mut seen[at], true) {
                    continue;
                }
                let (story, root) = (self.entries[at].story, self.root(self.stories[at]));
                before.insert(story);
                after.insert(root);
                waiting.extend(old[&story].iter().chain(&new[&root]).filter(|other| !seen[**other]));
            }
            if before.len() == 1 && after.len() == 1 {
                replay.unchanged += 1;
                continue;
            }
            let group =
                |entries: &[usize]| -> Vec<Replayed> { entries.iter().map(|at| self.entries[*at].clone()).collect() };
            replay.changes.push(Change {
                before: before
                    .iter()
                    .map(|story| {
                        let entries = group(&old[story]);
                        Group { story: Some(*story), is_published: entries[0].is_published, entries }
                    })
                    .collect(),
                after: after.iter().map(|root| Group { entries: group(&new[root]), ..Group::default() }).collect(),
            });
        }
        replay
    }
}
