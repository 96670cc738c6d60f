//! The weaver: an entry comes in, its story goes out. Streaming, incremental, no clock and no SQL.

mod likely;
mod sure;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use jiff::Timestamp;
use url::Url;

use crate::config::SameStory;
use crate::model::{EntryKey, Reason, SourceKind};
use crate::text::{canonical, is_tracking_fragment};

use crate::weave::copies::Sketch;
use crate::weave::exact::title_key;
use crate::weave::features::Features;
use crate::weave::input::{Constraints, Placement, Settings, StoryHandle, WeaveInput};
use crate::weave::templates::{Patterns, Templates};
use crate::weave::terms::Terms;
use crate::weave::words::Words;

/// A story of this many entries grows only by a person's word: larger ones are runaways.
const LARGEST_STORY: usize = 40;

/// Joins entries into stories, one at a time, and holds the window they are looked up in.
#[derive(Debug)]
pub struct Weaver {
    settings: Settings,
    constraints: BTreeMap<Named, Vec<(Named, Word)>>,
    /// Stories that a person's word keeps apart.
    apart: BTreeSet<(u32, u32)>,
    words: Words,
    terms: Terms,
    templates: Templates,
    names: HashMap<Box<str>, u32, FixedState>,
    entries: VecDeque<Known>,
    first: u32,
    stories: HashMap<u32, Told, FixedState>,
    next_story: u32,
    addresses: Index,
    titles: Index,
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

/// How a person names an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Key(EntryKey),
    /// The hash of its canonical address.
    Address(u64),
}

/// Entries of the window by the hash of an address or a title, oldest first.
type Index = HashMap<u64, VecDeque<u32>, FixedState>;

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
    patterns: Patterns,
    sketch: Option<Sketch>,
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
    patterns: Patterns,
    sketch: Option<Sketch>,
    /// Stories that a person said it is not in.
    refused: Vec<u32>,
}

impl Weaver {
    /// An empty window.
    #[must_use]
    pub fn new(settings: Settings, constraints: &Constraints) -> Self {
        let hasher = FixedState::with_seed(0x0FEE_D100);
        let keys = |list: &[(EntryKey, EntryKey)]| -> Vec<_> {
            list.iter().map(|(a, b)| (Named::Key(a.clone()), Named::Key(b.clone()))).collect()
        };
        let addresses = |list: &[(String, String)]| -> Vec<_> {
            list.iter().map(|(a, b)| (Named::Address(hasher.hash_one(a)), Named::Address(hasher.hash_one(b)))).collect()
        };
        let words = [
            (keys(&constraints.must), Word::Must),
            (keys(&constraints.cannot), Word::Cannot),
            (addresses(&constraints.must_addresses), Word::Must),
            (addresses(&constraints.cannot_addresses), Word::Cannot),
        ];
        let mut pairs: BTreeMap<Named, Vec<(Named, Word)>> = BTreeMap::new();
        for (list, word) in words {
            for (a, b) in list {
                pairs.entry(a.clone()).or_default().push((b.clone(), word));
                pairs.entry(b).or_default().push((a, word));
            }
        }
        Self {
            settings,
            constraints: pairs,
            apart: BTreeSet::new(),
            words: Words::new(),
            terms: Terms::new(),
            templates: Templates::default(),
            names: HashMap::default(),
            entries: VecDeque::new(),
            first: 0,
            stories: HashMap::default(),
            next_story: 0,
            addresses: HashMap::default(),
            titles: HashMap::default(),
            clock: i64::MIN,
            ceiling: None,
            hasher,
            partial: Vec::new(),
        }
    }

    /// Tells what time it is: entries dated later count as of now. The window itself moves with the
    /// newest entry, so that a first pass over old entries weaves them too.
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

    /// Keeps two stories apart from now on, whatever comes.
    pub fn keep_apart(&mut self, a: StoryHandle, b: StoryHandle) {
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
        let source = self.name(input.key.source.as_str());
        Asked {
            time,
            source,
            patterns: Templates::of(source, &features.title),
            sketch: Sketch::of(input.text),
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
            self.templates.remove(known.patterns);
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
        self.templates.add(asked.patterns);
        self.terms.add(entry, asked.features.terms.iter().map(|feature| feature.id()));
        self.addresses.entry(asked.address).or_default().push_back(entry);
        self.titles.entry(asked.title).or_default().push_back(entry);
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
            patterns: asked.patterns,
            sketch: asked.sketch,
        });
    }
}

fn hours(seconds: i64) -> f64 {
    seconds.unsigned_abs() as f64 / 3600.0
}

/// Takes the oldest entry of the window out of an index.
fn drop_from(index: &mut Index, key: u64, entry: u32) {
    if let Some(entries) = index.get_mut(&key) {
        if entries.front() == Some(&entry) {
            entries.pop_front();
        }
        if entries.is_empty() {
            index.remove(&key);
        }
    }
}
