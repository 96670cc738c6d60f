//! The clusterer: an entry comes in, its story goes out. Streaming, incremental, no clock and no SQL.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use jiff::Timestamp;
use url::Url;

use crate::config::SameStory;
use crate::model::{EntryKey, Reason, SourceKind};
use crate::text::{address_hash, generic_hash, is_tracking_fragment, key_hash};

use super::window::{
    Candidate, Constraint, EntryRef, Index, NO_ENTRY, Newest, StoryState, Unassigned, WindowEntry, drop_from,
    drop_newest,
};
use crate::weave::exact::title_key;
use crate::weave::features::Features;
use crate::weave::input::{Constraints, EntryHandle, Placed, Settings, StoryHandle, WeaveInput};
use crate::weave::similarity::{Columns, Traits};
use crate::weave::templates::{Patterns, Templates, patterns, stable_hash};
use crate::weave::tokenizer::Tokenizer;
use crate::weave::tokens::Tokens;
use crate::weave::vocabulary::{TermId, Vocabulary};

/// A story of this many entries grows only by an operator's correction: larger ones are runaways.
pub(super) const LARGEST_STORY: usize = 40;

/// Joins entries into stories and holds the window they are looked up in.
///
/// [`Clusterer::place`] takes entries one at a time and asks the certain layers; [`Clusterer::cluster`] finds the
/// stories of all that were placed by their words, together, so that their order does not matter.
#[derive(Debug)]
pub struct Clusterer {
    pub(super) settings: Settings,
    pub(super) constraints: BTreeMap<EntryRef, Vec<(EntryRef, Constraint)>>,
    /// Stories that an operator's correction keeps apart.
    pub(super) apart: BTreeSet<(u32, u32)>,
    pub(super) tokenizer: Tokenizer,
    pub(super) vocabulary: Vocabulary,
    pub(super) templates: Templates,
    pub(super) columns: Columns,
    pub(super) names: HashMap<Box<str>, u32, FixedState>,
    pub(super) entries: VecDeque<WindowEntry>,
    pub(super) first: u32,
    pub(super) stories: HashMap<u32, StoryState, FixedState>,
    pub(super) next_story: u32,
    /// Entries whose stories may still change, in the order in which they were placed.
    pub(super) unassigned: Vec<Unassigned>,
    pub(super) placed: u32,
    /// Stories that were too large for an entry that came since the last clustering.
    pub(super) stopped: Vec<u32>,
    pub(super) addresses: Newest<i64>,
    /// Entries of link lists by what they point to.
    pub(super) links: Index<i64>,
    pub(super) titles: Newest<u64>,
    pub(super) clock: i64,
    pub(super) ceiling: Option<i64>,
    pub(super) hasher: FixedState,
    pub(super) partial: Vec<f32>,
    /// Candidates of the entries that are placed next, if not all of the window was read.
    pub(super) prepared: Option<VecDeque<Vec<u32>>>,
}

impl Clusterer {
    /// An empty window.
    #[must_use]
    pub fn new(settings: Settings, constraints: &Constraints) -> Self {
        let hasher = FixedState::with_seed(0x0FEE_D100);
        let keys = |list: &[(EntryKey, EntryKey)]| -> Vec<_> {
            list.iter().map(|(a, b)| (EntryRef::Key(a.clone()), EntryRef::Key(b.clone()))).collect()
        };
        let addresses = |list: &[(String, String)]| -> Vec<_> {
            list.iter().map(|(a, b)| (EntryRef::Address(key_hash(a)), EntryRef::Address(key_hash(b)))).collect()
        };
        let lists = [
            (keys(&constraints.must), Constraint::MustLink),
            (keys(&constraints.cannot), Constraint::CannotLink),
            (addresses(&constraints.must_addresses), Constraint::MustLink),
            (addresses(&constraints.cannot_addresses), Constraint::CannotLink),
        ];
        let mut pairs: BTreeMap<EntryRef, Vec<(EntryRef, Constraint)>> = BTreeMap::new();
        for (list, constraint) in lists {
            for (a, b) in list {
                pairs.entry(a.clone()).or_default().push((b.clone(), constraint));
                pairs.entry(b).or_default().push((a, constraint));
            }
        }
        Self {
            settings,
            constraints: pairs,
            apart: BTreeSet::new(),
            tokenizer: Tokenizer::new(),
            vocabulary: Vocabulary::new(),
            templates: Templates::default(),
            columns: Columns::default(),
            names: HashMap::default(),
            entries: VecDeque::new(),
            first: 0,
            stories: HashMap::default(),
            next_story: 0,
            unassigned: Vec::new(),
            placed: 0,
            stopped: Vec::new(),
            addresses: HashMap::default(),
            links: HashMap::default(),
            titles: HashMap::default(),
            clock: i64::MIN,
            ceiling: None,
            hasher,
            partial: Vec::new(),
            prepared: None,
        }
    }

    /// Sets the current time: entries dated later count as of now. The window itself moves with the
    /// newest entry, so that a first pass over old entries weaves them too.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        self.ceiling = Some(now.as_second());
    }

    /// A number for a story that is already known; [`Clusterer::restore_tokens`] puts its entries in.
    pub fn story(&mut self) -> StoryHandle {
        let story = StoryHandle(self.next_story);
        self.next_story += 1;
        story
    }

    /// Puts an entry back that is already in `story`. Call with the oldest first.
    #[cfg(test)]
    pub(crate) fn restore(&mut self, input: &WeaveInput<'_>, story: StoryHandle) {
        let tokens = Tokens::of(input.title, input.text, input.language, &mut self.tokenizer);
        self.restore_tokens(input, &tokens, story);
    }

    /// The same for an entry whose tokens are known.
    pub(in crate::weave) fn restore_tokens(&mut self, input: &WeaveInput<'_>, tokens: &Tokens, story: StoryHandle) {
        let known = if self.stands_alone(input) {
            None
        } else {
            let Candidate { mut known, .. } = self.candidate(input, tokens);
            known.story = story.0;
            known.membership_fixed = true;
            Some(known)
        };
        let state = self.stories.entry(story.0).or_default();
        state.membership_fixed = true;
        state.size += 1;
        let is_empty = state.entries.is_empty();
        match known {
            Some(known) if !self.is_old(known.time) => {
                self.keep(known);
            }
            other => {
                if is_empty {
                    self.stories.remove(&story.0);
                }
                other.iter().for_each(|known| self.drop_terms(known));
            }
        }
    }

    /// Marks a story as published: its entries stay, and no other story absorbs it from now on.
    pub fn mark_published(&mut self, story: StoryHandle) {
        let Some(state) = self.stories.get_mut(&story.0) else { return };
        state.published = true;
        self.fix_membership(story.0);
    }

    /// Makes a story stay whole.
    pub(super) fn fix_membership(&mut self, story: u32) {
        let Some(state) = self.stories.get_mut(&story) else { return };
        state.membership_fixed = true;
        for entry in &state.entries {
            if let Some(known) = self.entries.get_mut(entry.wrapping_sub(self.first) as usize) {
                known.membership_fixed = true;
            }
        }
    }

    /// Keeps two stories apart from now on, whatever comes.
    pub(crate) fn keep_apart(&mut self, a: StoryHandle, b: StoryHandle) {
        self.apart.insert((a.0.min(b.0), a.0.max(b.0)));
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

    /// Takes an entry in. What the certain layers decide (an operator's correction, the address, the title) stands; the
    /// rest waits for [`Clusterer::cluster`].
    pub fn place(&mut self, input: &WeaveInput<'_>) -> Placed {
        let tokens = Tokens::of(input.title, input.text, input.language, &mut self.tokenizer);
        self.place_tokens(input, &tokens)
    }

    /// The same for an entry whose tokens are known.
    pub(in crate::weave) fn place_tokens(&mut self, input: &WeaveInput<'_>, tokens: &Tokens) -> Placed {
        let mut candidate = self.candidate(input, tokens);
        let prepared = self.prepared.as_mut().map(|prepared| prepared.pop_front().unwrap_or_default());
        let stands_alone = self.stands_alone(input) || self.is_old(candidate.known.time);
        let mut found = self.by_constraint(&mut candidate);
        let mut is_stopped = false;
        if found.is_none() && !self.stands_alone(input) {
            found = self.by_address(&candidate).or_else(|| self.by_title(&candidate));
            let source = candidate.known.source;
            if let Some((story, _)) = found.as_ref().filter(|(story, _)| self.is_full_for(source, *story)) {
                self.stopped.push(*story);
                is_stopped = true;
                found = None;
            }
        }
        let by_words = matches!(self.settings.same_story, SameStory::Balanced | SameStory::Eager);
        if by_words && !stands_alone && !is_stopped {
            candidate.known.candidates = self.candidate_pairs(&candidate, prepared);
        }
        let (home, certain) = match found {
            Some((story, reason)) => (story, Some(reason)),
            None => (self.story().0, None),
        };
        let handle = EntryHandle(self.placed);
        self.placed += 1;
        let (is_certain, is_told_otherwise) = (certain.is_some(), self.is_told_otherwise(&candidate));
        let entry = if stands_alone {
            self.drop_terms(&candidate.known);
            None
        } else {
            let state = self.stories.entry(home).or_default();
            state.size += 1;
            candidate.known.membership_fixed = state.membership_fixed;
            candidate.known.story = home;
            Some(self.keep(candidate.known))
        };
        self.unassigned.push(Unassigned { handle, entry, home, certain, is_new: true });
        Placed { entry: handle, is_certain, is_stopped, is_told_otherwise }
    }

    /// Puts the entry that was placed last into a story that the window does not know on its own.
    pub(crate) fn assign(&mut self, story: StoryHandle, reason: Reason) {
        let Some(last) = self.unassigned.last_mut() else { return };
        self.stories.remove(&last.home);
        last.home = story.0;
        last.certain = Some(reason);
        let state = self.stories.entry(story.0).or_default();
        state.membership_fixed = true;
        state.size += 1;
        if let Some(entry) = last.entry {
            state.entries.push(entry);
            if let Some(known) = self.entries.get_mut(entry.wrapping_sub(self.first) as usize) {
                known.story = story.0;
                known.membership_fixed = true;
            }
        }
    }

    /// Whether an entry shares its story with no other entry, whatever it repeats.
    fn stands_alone(&self, input: &WeaveInput<'_>) -> bool {
        input.allow_duplicates || self.settings.same_story == SameStory::Off
    }

    fn is_old(&self, time: i64) -> bool {
        time < self.clock.saturating_sub(self.lookback_seconds())
    }

    fn candidate<'a>(&mut self, input: &'a WeaveInput<'a>, tokens: &Tokens) -> Candidate<'a> {
        let seconds = input.time.as_second();
        let time = self.ceiling.map_or(seconds, |ceiling| seconds.min(ceiling));
        self.clock = self.clock.max(time);
        self.forget();
        let title_text = title_key(input.title);
        let features = Features::of(input.title, tokens, &mut self.vocabulary);
        let source_hash = stable_hash(input.key.source.as_str().as_bytes());
        let traits = Traits::of_tokens(input.title, input.text, source_hash, tokens);
        let source = self.name(input.key.source.as_str());
        let links = match input.kind {
            SourceKind::Aggregator => input.links.iter().map(address_hash).collect(),
            SourceKind::Original => Box::default(),
        };
        let known = WindowEntry {
            key: input.key.clone(),
            source,
            publisher: self.name(input.publisher),
            story: 0,
            membership_fixed: false,
            time,
            address: input.address.unwrap_or_else(|| address_hash(input.url)),
            title: self.hasher.hash_one(&title_text),
            same_address: NO_ENTRY,
            same_title: NO_ENTRY,
            place: self.place_in_page(input.url),
            generic: if input.address.is_some_and(|address| address != address_hash(input.url)) {
                0
            } else {
                generic_hash(input.url)
            },
            kind: input.kind,
            is_contested: input.is_contested,
            said: input.said.as_second(),
            patterns: self.patterns(input, &features.title),
            features,
            traits,
            is_foreign: tokens.is_foreign(),
            sketch: input.sketch.cloned(),
            links,
            norm: 0.0,
            candidates: Box::default(),
        };
        Candidate { input, title_text, known, refused: Vec::new() }
    }

    fn patterns(&self, input: &WeaveInput<'_>, title: &[TermId]) -> Patterns {
        let title: Vec<u64> = title.iter().map(|id| stable_hash(self.vocabulary.text(*id).as_bytes())).collect();
        patterns(stable_hash(input.key.source.as_str().as_bytes()), &title)
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(number) = self.names.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.insert(name.into(), number);
        number
    }

    /// The place in the page that a source denotes by its fragment, as a hash; 0 if none.
    fn place_in_page(&self, url: &Url) -> u32 {
        match url.fragment() {
            Some(fragment) if !fragment.is_empty() && !is_tracking_fragment(fragment) => {
                self.hasher.hash_one(fragment) as u32 | 1
            }
            _ => 0,
        }
    }

    pub(super) fn known(&self, entry: u32) -> Option<&WindowEntry> {
        self.entries.get(entry.wrapping_sub(self.first) as usize)
    }

    pub(super) fn lookback_seconds(&self) -> i64 {
        self.settings.lookback.as_secs()
    }

    /// Drops what is older than the window from its front; what was not clustered yet stays.
    fn forget(&mut self) {
        let oldest = self.clock.saturating_sub(self.lookback_seconds());
        let waits = self.unassigned.iter().find(|unassigned| unassigned.is_new).and_then(|unassigned| unassigned.entry);
        while self.entries.front().is_some_and(|known| known.time < oldest) && waits != Some(self.first) {
            let Some(known) = self.entries.pop_front() else { return };
            let entry = self.first;
            self.first = self.first.wrapping_add(1);
            self.templates.remove(known.patterns);
            self.columns.remove(&known.traits);
            self.vocabulary.remove_oldest(entry, known.features.uses());
            drop_newest(&mut self.addresses, &known.address, entry);
            known.links.iter().for_each(|link| drop_from(&mut self.links, link, entry));
            drop_newest(&mut self.titles, &known.title, entry);
            if !known.membership_fixed {
                self.fix_membership(known.story);
            }
            if let Some(state) = self.stories.get_mut(&known.story) {
                state.entries.retain(|member| *member != entry);
                if state.entries.is_empty() {
                    self.stories.remove(&known.story);
                }
            }
        }
    }

    /// Keeps an entry in the window. Returns its number there.
    fn keep(&mut self, mut known: WindowEntry) -> u32 {
        let entry = self.first.wrapping_add(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        self.stories.entry(known.story).or_default().entries.push(entry);
        self.templates.add(known.patterns);
        self.columns.add(&known.traits);
        self.vocabulary.add(entry, known.features.uses());
        known.same_address = self.addresses.insert(known.address, entry).unwrap_or(NO_ENTRY);
        for link in &known.links {
            self.links.entry(*link).or_default().push_back(entry);
        }
        known.same_title = self.titles.insert(known.title, entry).unwrap_or(NO_ENTRY);
        self.entries.push_back(known);
        entry
    }

    /// Releases the terms of an entry that is not kept.
    pub(super) fn drop_terms(&mut self, known: &WindowEntry) {
        for feature in &known.features.terms {
            self.vocabulary.drop_unused(feature.id());
        }
    }
}
