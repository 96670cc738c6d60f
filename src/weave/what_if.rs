//! What if: the stories that stored entries would make under other settings, and the difference.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::Clusterer;
use super::context::Context;
use super::corrections;
use super::exact::title_key;
use super::input::StoryHandle;
use super::prepared::{Prepared, limits};
use super::tokenizer::Tokenizer;
use crate::config::SameStory;
use crate::model::{EntryKey, Reason, SourceId};
use crate::store::{CorrectionKind, CorrectionPair, EntryNumber, Reader, StoreError, StoryNumber, Woven};
use crate::text::{address_hash, is_site_root};

/// What other settings would make of the stories since some time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Replay {
    /// Entries that were looked at.
    pub(crate) entries: usize,
    /// Stories that they are now, and would be.
    pub(crate) before: usize,
    /// See `before`.
    pub(crate) after: usize,
    /// Stories that would be exactly the same.
    pub(crate) unchanged: usize,
    /// The differences, in the order in which their first entries came.
    pub(crate) changes: Vec<Change>,
}

/// Stories that would differ.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    /// As they are.
    pub(crate) before: Vec<Group>,
    /// As they would be.
    pub(crate) after: Vec<Group>,
}

/// Entries of one story.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group {
    /// The story, if it is one that exists.
    pub(super) story: Option<StoryNumber>,
    /// Whether it was published.
    pub(crate) is_published: bool,
    /// Its entries, in the order in which they came.
    pub(crate) entries: Vec<Replayed>,
}

/// An entry of a replay.
#[derive(Debug, Clone)]
pub(crate) struct Replayed {
    pub(super) number: EntryNumber,
    pub(super) key: EntryKey,
    title: String,
    pub(super) story: StoryNumber,
    pub(super) published: Option<Timestamp>,
    /// It leads the story that the store has it in.
    leads: bool,
    /// Why it would be in its story.
    pub(crate) reason: Reason,
}

impl Replayed {
    /// Its title.
    #[must_use]
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// Its source.
    #[must_use]
    pub(crate) fn source(&self) -> &SourceId {
        &self.key.source
    }
}

impl Change {
    /// Whether several stories would be one, and nothing else.
    #[must_use]
    pub(crate) fn is_merge(&self) -> bool {
        self.after.len() == 1
    }

    /// Whether one story would be several, and nothing else.
    #[must_use]
    pub(crate) fn is_split(&self) -> bool {
        self.before.len() == 1
    }
}

/// The stored entries that are woven again: those since `since`, and before them as many as they are compared with.
pub(super) struct WhatIfInput {
    entries: Vec<Prepared>,
    pairs: Vec<CorrectionPair>,
}

impl WhatIfInput {
    pub(super) fn read(reader: &Reader, context: &Context<'_>, since: Timestamp) -> Result<Self, StoreError> {
        let start = since.saturating_sub(context.settings.lookback).unwrap_or(Timestamp::MIN);
        let (limits, reserved, mut tokenizer) = (limits(context), reader.reserved()?, Tokenizer::new());
        let mut entries: Vec<Prepared> = Vec::new();
        let edited = reader.edited_since_woven(&limits)?;
        for row in edited.into_iter().filter(|row| row.time >= start) {
            entries.push(Prepared::new(row, context, &reserved, &mut tokenizer));
        }
        reader.each_woven(start, &limits, |row| {
            entries.push(Prepared::new(row, context, &reserved, &mut tokenizer));
        })?;
        // Strangers join what others tell: they stay where they are.
        entries.retain(|entry| !entry.is_stranger);
        // As they came: pass by pass, and within one as the stage orders them.
        let joined = |entry: &Prepared| entry.entry.woven.map(|woven| woven.joined);
        entries.sort_by(|a, b| (joined(a), a.entry.time, &a.entry.key).cmp(&(joined(b), b.entry.time, &b.entry.key)));
        Ok(Self { entries, pairs: reader.correction_pairs()? })
    }

    /// The stories that the entries are in.
    pub(super) fn stories(&self) -> Vec<StoryNumber> {
        let stories: BTreeSet<StoryNumber> =
            self.entries.iter().filter_map(|entry| entry.entry.woven).map(|woven| woven.story).collect();
        stories.into_iter().collect()
    }
}

/// Weaves the entries since `since` again in memory, as they came, and compares.
pub(super) fn what_if(input: WhatIfInput, context: &Context<'_>, since: Timestamp) -> Replay {
    let mut again = Again::new(context, &input.pairs);
    for entry in input.entries {
        let Some(woven) = entry.entry.woven else { continue };
        if entry.entry.time < since {
            again.remember(woven, &entry);
        } else {
            again.place(woven, entry);
        }
    }
    again.cluster();
    again.obey(&input.pairs);
    again.compare()
}

/// The stories of a replay, as they come about.
struct Again<'a> {
    context: &'a Context<'a>,
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
    clustered: usize,
    /// When the entries that wait for their stories were woven.
    pass: Option<Timestamp>,
    /// When the stories of earlier passes were published.
    published: Vec<(StoryHandle, Timestamp)>,
}

impl<'a> Again<'a> {
    fn new(context: &'a Context<'a>, pairs: &[CorrectionPair]) -> Self {
        let mut clusterer = Clusterer::new(context.settings, &corrections::constraints(context.config, pairs));
        clusterer.advance(context.now);
        Self {
            context,
            clusterer,
            entries: Vec::new(),
            stories: Vec::new(),
            became: HashMap::new(),
            addresses: HashMap::new(),
            before: HashMap::new(),
            clustered: 0,
            pass: None,
            published: Vec::new(),
        }
    }

    /// An entry from before the replay: new entries may join it.
    fn remember(&mut self, woven: Woven, entry: &Prepared) {
        let story = *self.before.entry(woven.story).or_insert_with(|| self.clusterer.story());
        self.clusterer.restore_tokens(&entry.input(self.context), &entry.tokens, story);
        if woven.published.is_some() {
            self.clusterer.mark_published(story);
            if woven.leads {
                self.clusterer.show_title(story, &entry.entry.key);
            }
        }
    }

    /// An entry of the replay, in the pass in which it was woven.
    fn place(&mut self, woven: Woven, entry: Prepared) {
        if self.pass.is_some_and(|pass| pass != woven.joined) {
            self.cluster();
        }
        self.pass = Some(woven.joined);
        let placed = self.clusterer.place_tokens(&entry.input(self.context), &entry.tokens);
        if !placed.is_certain
            && !placed.is_stopped
            && let Some((story, why)) = self.at_address(&entry)
        {
            self.clusterer.assign(story, why);
        }
        self.addresses.entry(entry.address()).or_default().push(self.entries.len());
        self.stories.push(StoryHandle::default());
        let Woven { story, published, leads, .. } = woven;
        let (number, key, title) = (entry.entry.number, entry.entry.key, entry.entry.title);
        self.entries.push(Replayed { number, key, title, story, published, leads, reason: Reason::Opened });
    }

    /// Ends a pass, and publishes what was published before the next one.
    fn cluster(&mut self) {
        let found = self.clusterer.cluster();
        self.clustered = self.entries.len();
        for placed in found.placed {
            let at = placed.entry.index();
            self.stories[at] = placed.story;
            self.entries[at].reason = placed.reason;
            if let Some(published) = self.entries[at].published {
                self.published.push((placed.story, published));
            }
        }
        for absorbed in found.absorbed {
            self.became.insert(absorbed.gone, absorbed.into);
        }
        let pass = self.pass;
        for (story, _) in self.published.extract_if(.., |(_, at)| pass.is_some_and(|pass| *at <= pass)) {
            self.clusterer.mark_published(story);
            let leading = self.entries.iter().zip(&self.stories).find(|(entry, of)| entry.leads && **of == story);
            if let Some((leading, _)) = leading {
                self.clusterer.show_title(story, &leading.key);
            }
        }
    }

    /// The story of an earlier entry at the same address, however much earlier: as the stage does it.
    fn at_address(&self, entry: &Prepared) -> Option<(StoryHandle, Reason)> {
        let key = &entry.entry.key;
        if self.context.stands_alone(&key.source) || self.context.settings.same_story == SameStory::Off {
            return None;
        }
        let earlier = self.addresses.get(&entry.address())?;
        let title = title_key(&entry.entry.title);
        let same = |other: &Replayed| other.key.source != key.source || title_key(&other.title) == title;
        let mut known = earlier.iter().take_while(|at| **at < self.clustered);
        let found = known.find(|at| same(&self.entries[**at]))?;
        let address = entry.address_text();
        (!is_site_root(&address)).then(|| (self.root(self.stories[*found]), Reason::SameAddress { address }))
    }

    /// Stories that the operator joined are one, whatever came between their entries.
    fn obey(&mut self, pairs: &[CorrectionPair]) {
        let by_key: HashMap<EntryKey, usize> =
            self.entries.iter().enumerate().map(|(at, known)| (known.key.clone(), at)).collect();
        for pair in pairs.iter().filter(|pair| pair.kind == CorrectionKind::Join) {
            if let (Some(a), Some(b)) = (by_key.get(&pair.entry), by_key.get(&pair.with)) {
                self.unite(self.stories[*a], self.stories[*b]);
            }
        }
        for (a, b) in &self.context.config.join {
            let at = |url| self.addresses.get(&address_hash(url)).and_then(|entries| entries.first()).copied();
            if let (Some(a), Some(b)) = (at(a), at(b)) {
                self.unite(self.stories[a], self.stories[b]);
            }
        }
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
