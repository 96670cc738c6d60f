//! Replay: the stories that stored entries would make under other settings, and the difference.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::stage::{More, TEXT_CHARS, input, publisher};
use super::{Clusterer, Settings, StoryHandle, corrections, title_key};
use crate::config::{SameStory, WeaveConfig};
use crate::model::{EntryKey, Reason, Source, SourceId};
use crate::store::{Batch, CorrectionKind, PendingEntry, StoreError, StoryNumber, Woven};
use crate::text::{address_hash, canonical, is_site_root};

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
    pub(super) published: Option<Timestamp>,
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
    let start = since.saturating_sub(config.lookback).unwrap_or(Timestamp::MIN);
    let mut woven = Vec::new();
    batch.each_woven_since(start, TEXT_CHARS, |story, entry| {
        let more = More::of(batch, &entry, sources)?;
        woven.push((story, entry, more));
        Ok(())
    })?;
    // As they came: pass by pass, and within one as the stage orders them.
    woven.sort_by(|(a, one, _), (b, other, _)| (a.joined, one.time, &one.key).cmp(&(b.joined, other.time, &other.key)));
    for (story, entry, more) in woven {
        if entry.time < since {
            again.remember(&story, &entry, &more);
        } else {
            again.place(story, entry, &more);
        }
    }
    again.cluster();
    again.obey(batch, config)?;
    Ok(again.compare())
}

/// The hash of an entry's canonical address.
fn hash_of(entry: &PendingEntry) -> i64 {
    entry.address.unwrap_or_else(|| address_hash(&entry.url))
}

/// The stories of a replay, as they come about.
struct Again<'a> {
    settings: Settings,
    sources: &'a BTreeMap<SourceId, Source>,
    clusterer: Clusterer,
    entries: Vec<Replayed>,
    /// The story of each entry, by number.
    stories: Vec<StoryHandle>,
    /// Which story a story turned out to be.
    became: HashMap<StoryHandle, StoryHandle>,
    /// Entries by the hash of their address.
    addresses: HashMap<i64, Vec<usize>>,
    /// Stories from before the replay.
    before: HashMap<StoryNumber, StoryHandle>,
    /// Entries whose stories are known.
    knitted: usize,
    /// When the entries that wait for their stories were woven.
    pass: Option<Timestamp>,
    /// When the stories of earlier passes were published.
    published: Vec<(StoryHandle, Timestamp)>,
}

impl<'a> Again<'a> {
    fn new(
        batch: &Batch<'_>,
        config: &WeaveConfig,
        sources: &'a BTreeMap<SourceId, Source>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let settings = Settings::from(config);
        let mut clusterer = Clusterer::new(settings, &corrections::constraints(config, &batch.correction_pairs()?));
        clusterer.advance(now);
        Ok(Self {
            settings,
            sources,
            clusterer,
            entries: Vec::new(),
            stories: Vec::new(),
            became: HashMap::new(),
            addresses: HashMap::new(),
            before: HashMap::new(),
            knitted: 0,
            pass: None,
            published: Vec::new(),
        })
    }

    /// An entry from before the replay: what comes may join it.
    fn remember(&mut self, woven: &Woven, entry: &PendingEntry, more: &More) {
        let story = *self.before.entry(woven.story).or_insert_with(|| self.clusterer.story());
        let publisher = publisher(entry, self.sources);
        self.clusterer.restore(&input(entry, &publisher, more, self.sources), story);
        if woven.published.is_some() {
            self.clusterer.settle(story);
        }
    }

    /// An entry of the replay, in the pass in which it was woven.
    fn place(&mut self, woven: Woven, mut entry: PendingEntry, more: &More) {
        if self.pass.is_some_and(|pass| pass != woven.joined) {
            self.cluster();
        }
        self.pass = Some(woven.joined);
        let publisher = publisher(&entry, self.sources);
        let placed = self.clusterer.place(&input(&entry, &publisher, more, self.sources));
        if !placed.is_sure
            && !placed.is_stopped
            && let Some((story, why)) = self.at_address(&entry)
        {
            self.clusterer.adopt(story, why);
        }
        entry.text = String::new();
        self.addresses.entry(hash_of(&entry)).or_default().push(self.entries.len());
        self.stories.push(StoryHandle::default());
        let Woven { story, published, .. } = woven;
        self.entries.push(Replayed { entry, story, published, reason: Reason::Opened });
    }

    /// Ends a pass, and publishes what was published before the next one.
    fn cluster(&mut self) {
        let knit = self.clusterer.cluster();
        self.knitted = self.entries.len();
        for placed in knit.placed {
            let at = placed.entry.index();
            self.stories[at] = placed.story;
            self.entries[at].reason = placed.reason;
            if let Some(published) = self.entries[at].published {
                self.published.push((placed.story, published));
            }
        }
        for absorbed in knit.absorbed {
            self.became.insert(absorbed.gone, absorbed.into);
        }
        let pass = self.pass;
        for (story, _) in self.published.extract_if(.., |(_, at)| pass.is_some_and(|pass| *at <= pass)) {
            self.clusterer.settle(story);
        }
    }

    /// The story of an earlier entry at the same address, however much earlier: as the stage does it.
    fn at_address(&self, entry: &PendingEntry) -> Option<(StoryHandle, Reason)> {
        let source = self.sources.get(&entry.key.source);
        let address = canonical(&entry.url);
        let alone = source.is_some_and(|source| source.allow_duplicates) || self.settings.same_story == SameStory::Off;
        if alone || is_site_root(&address) {
            return None;
        }
        let earlier = self.addresses.get(&hash_of(entry))?;
        let same = |other: &PendingEntry| {
            other.key.source != entry.key.source || title_key(&other.title) == title_key(&entry.title)
        };
        let mut known = earlier.iter().take_while(|at| **at < self.knitted);
        let found = known.find(|at| same(&self.entries[**at].entry))?;
        Some((self.root(self.stories[*found]), Reason::SameAddress { address }))
    }

    /// Stories that a person joined are one, whatever came between their entries.
    fn obey(&mut self, batch: &Batch<'_>, config: &WeaveConfig) -> Result<(), StoreError> {
        let by_key: HashMap<EntryKey, usize> =
            self.entries.iter().enumerate().map(|(at, known)| (known.entry.key.clone(), at)).collect();
        for pair in batch.correction_pairs()?.iter().filter(|pair| pair.says == CorrectionKind::Join) {
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

    fn unite(&mut self, gone: StoryHandle, into: StoryHandle) {
        let (gone, into) = (self.root(gone), self.root(into));
        if gone != into {
            self.became.insert(gone, into);
        }
    }

    fn root(&self, mut story: StoryHandle) -> StoryHandle {
        while let Some(into) = self.became.get(&story) {
            story = *into;
        }
        story
    }

    fn compare(self) -> Replay {
        let mut old: BTreeMap<StoryNumber, Vec<usize>> = BTreeMap::new();
        let mut new: BTreeMap<StoryHandle, Vec<usize>> = BTreeMap::new();
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
                        Group { story: Some(*story), is_published: entries[0].published.is_some(), entries }
                    })
                    .collect(),
                after: after.iter().map(|root| Group { entries: group(&new[root]), ..Group::default() }).collect(),
            });
        }
        replay
    }
}
