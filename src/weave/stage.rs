//! The stage: pending entries from the store → their stories into the store, in one transaction.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use url::Url;

use super::by_hand;
use super::leads::Leads;
use super::{Related, Settings, StoryHandle, WeaveInput, Weaver, publisher_name, title_key};
use crate::config::{SameStory, WeaveConfig};
use crate::model::{EntryKey, Reason, Source, SourceId, StoryId};
use crate::store::{Batch, EntryNumber, Near, NewMember, PendingEntry, Store, StoreError, StoryNumber, Woven};
use crate::text::{Fingerprint, canonical, is_site_root};

/// How much of an entry's text is compared: what a reader sees of an excerpt, twice.
pub(super) const TEXT_CHARS: usize = 600;

/// What weaving did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WeaveReport {
    /// Entries that were given a story.
    pub woven: usize,
    /// Stories that were opened.
    pub opened: usize,
    /// Entries that joined a story.
    pub joined: usize,
    /// Stories whose entries were edited.
    pub edited: usize,
    /// Entries that would have joined a story too large to grow by itself.
    pub stopped: usize,
    /// Stories that were split or joined because feeds.toml says so.
    pub by_hand: usize,
}

impl WeaveReport {
    /// Whether a reader of the outputs could see a difference.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.woven > 0 || self.edited > 0 || self.by_hand > 0
    }
}

/// Gives every entry that has no story yet its story.
///
/// # Errors
/// Where the database cannot be read or written; nothing is changed then.
pub fn weave(
    store: &mut Store,
    config: &WeaveConfig,
    sources: &BTreeMap<SourceId, Source>,
    now: Timestamp,
) -> Result<WeaveReport, StoreError> {
    let mut batch = store.batch()?;
    let mut report = WeaveReport::default();
    let mut loom = Loom::new(config, sources, now);
    for number in batch.edited_entries()? {
        report.edited += usize::from(loom.take_over_edit(&batch, number)?);
    }
    // Asked before the first one is woven: what is pending is what comes after the last woven one.
    let young = batch.pending_since(loom.horizon())?;
    batch.each_pending_before(loom.horizon(), |entry| loom.weave_one(&batch, &entry, &mut report))?;
    for number in young {
        let entry = batch.pending_entry(number, TEXT_CHARS)?;
        loom.weave_one(&batch, &entry, &mut report)?;
    }
    batch.clear_edited()?;
    report.by_hand = by_hand::obey(&batch, config, sources, now)?;
    if report.changed() {
        batch.bump_generation()?;
    }
    batch.commit()?;
    Ok(report)
}

/// The hash by which the store finds an address.
#[must_use]
pub fn address_hash(url: &Url) -> i64 {
    hash_of(&canonical(url))
}

fn hash_of(address: &str) -> i64 {
    let mut print = Fingerprint::new();
    print.add(address);
    print.finish()
}

struct Loom<'a> {
    settings: Settings,
    sources: &'a BTreeMap<SourceId, Source>,
    leads: Leads<'a>,
    words: &'a WeaveConfig,
    now: Timestamp,
    /// Built when the first entry comes that is young enough to be compared.
    window: Option<Window>,
}

/// The weaver, and the stories that its handles stand for, by their indexes.
struct Window {
    weaver: Weaver,
    stories: Vec<StoryNumber>,
}

impl<'a> Loom<'a> {
    fn new(config: &'a WeaveConfig, sources: &'a BTreeMap<SourceId, Source>, now: Timestamp) -> Self {
        let leads = Leads { sources, now };
        Self { settings: Settings::from(config), sources, leads, words: config, now, window: None }
    }

    fn weave_one(
        &mut self,
        batch: &Batch<'_>,
        entry: &PendingEntry,
        report: &mut WeaveReport,
    ) -> Result<(), StoreError> {
        let address = canonical(&entry.url);
        let key = hash_of(&address);
        let placed = self.place(batch, entry)?;
        let stopped = placed.as_ref().and_then(|placed| placed.stopped);
        if let Some(story) = stopped {
            report.stopped += 1;
            batch.count_stopped(story, self.now)?;
        }
        let joined = match placed.as_ref().and_then(|placed| placed.joined.clone()) {
            Some(joined) => Some(joined),
            None if stopped.is_some() => None,
            None => self.by_stored_address(batch, entry, &address, key)?,
        };
        let (story, reason) = match joined {
            Some((story, reason)) => (story, reason),
            None => {
                let id = free_id(batch, &entry.key, self.now)?;
                (batch.open_story(&id, entry.number, entry.held_back, self.now)?, Reason::Opened)
            }
        };
        if let (Some(window), Some(Placed { joined: None, .. })) = (&mut self.window, &placed) {
            window.stories.push(story);
        }
        for near in placed.iter().flat_map(|placed| &placed.related).filter(|_| !entry.held_back) {
            let near = Near { entry: entry.number, nearest: &near.nearest, score: near.score, shared: &near.shared };
            batch.add_near(&near)?;
        }
        if let Some(absorbed) = placed.and_then(|placed| placed.absorbed) {
            batch.absorb_story(absorbed, story, &Reason::Bridged { by: entry.key.clone() }, self.now)?;
        }
        let member = NewMember { entry: entry.number, story, address: key, time: entry.time, reason: &reason };
        batch.add_member(&member, self.now)?;
        report.woven += 1;
        if reason == Reason::Opened {
            report.opened += 1;
        } else {
            report.joined += 1;
            self.leads.settle(batch, story, entry.held_back)?;
        }
        Ok(())
    }

    /// Asks the window about an entry; `None` where the entry is too old to be compared.
    fn place(&mut self, batch: &Batch<'_>, entry: &PendingEntry) -> Result<Option<Placed>, StoreError> {
        if entry.time < self.horizon() {
            return Ok(None);
        }
        if self.window.is_none() {
            self.window = Some(self.open_window(batch)?);
        }
        let window = self.window.as_mut().expect("just opened");
        let publisher = publisher(entry, self.sources);
        let placement = window.weaver.place(&input(entry, &publisher, self.sources));
        let story = (!placement.is_open()).then(|| window.stories[placement.story.index()]);
        let absorbed = placement.absorbed.map(|absorbed| window.stories[absorbed.index()]);
        let stopped = placement.stopped.map(|stopped| window.stories[stopped.index()]);
        if let (Some(story), Some(absorbed)) = (story, absorbed) {
            for known in &mut window.stories {
                if *known == absorbed {
                    *known = story;
                }
            }
        }
        let joined = story.map(|story| (story, placement.reason));
        Ok(Some(Placed { joined, absorbed, stopped, related: placement.related }))
    }

    /// The weaver with all entries of the window in it. Nothing older is read.
    fn open_window(&self, batch: &Batch<'_>) -> Result<Window, StoreError> {
        let pairs = batch.word_pairs()?;
        let constraints = by_hand::constraints(self.words, &pairs);
        let mut window = Window { weaver: Weaver::new(self.settings, &constraints), stories: Vec::new() };
        window.weaver.advance(self.now);
        let mut handles: HashMap<StoryNumber, StoryHandle> = HashMap::new();
        for Woven { entry, story, is_published } in batch.woven_since(self.horizon())? {
            let handle = *handles.entry(story).or_insert_with(|| {
                window.stories.push(story);
                window.weaver.story()
            });
            let entry = batch.pending_entry(entry, TEXT_CHARS)?;
            let publisher = publisher(&entry, self.sources);
            window.weaver.restore(&input(&entry, &publisher, self.sources), handle);
            if is_published {
                window.weaver.settle(handle);
            }
        }
        for (a, b) in by_hand::apart(batch, self.words, &pairs)? {
            if let (Some(a), Some(b)) = (handles.get(&a), handles.get(&b)) {
                window.weaver.keep_apart(*a, *b);
            }
        }
        Ok(window)
    }

    fn horizon(&self) -> Timestamp {
        self.now.saturating_sub(self.settings.lookback).unwrap_or(Timestamp::MIN)
    }

    /// The story of an entry with the same address, however old: an article that is sent again, or
    /// listed late, is no news.
    fn by_stored_address(
        &self,
        batch: &Batch<'_>,
        entry: &PendingEntry,
        address: &str,
        key: i64,
    ) -> Result<Option<(StoryNumber, Reason)>, StoreError> {
        let alone = self.sources.get(&entry.key.source).is_some_and(|source| source.allow_duplicates);
        if alone || self.settings.same_story == SameStory::Off || is_site_root(address) {
            return Ok(None);
        }
        // One source with other entries at the address has a page of many entries, not one article.
        let same =
            |source: &SourceId, title: &str| *source != entry.key.source || title_key(title) == title_key(&entry.title);
        let found = batch.entries_with_address(key)?.into_iter().find(|other| same(&other.source, &other.title));
        Ok(found.map(|other| (other.story, Reason::SameAddress { address: address.to_owned() })))
    }

    /// An entry was edited: its story knows its new address and text. It stays where it is.
    fn take_over_edit(&self, batch: &Batch<'_>, number: EntryNumber) -> Result<bool, StoreError> {
        let Some(story) = batch.story_of_entry(number)? else {
            return Ok(false);
        };
        let entry = batch.pending_entry(number, 0)?;
        batch.set_member_address(number, address_hash(&entry.url))?;
        self.leads.settle(batch, story, true)?;
        Ok(true)
    }
}

/// What the window says of an entry.
struct Placed {
    joined: Option<(StoryNumber, Reason)>,
    /// A story that turned out to be the one that was joined.
    absorbed: Option<StoryNumber>,
    /// A story that it would have joined, had that not been too large.
    stopped: Option<StoryNumber>,
    related: Vec<Related>,
}

pub(super) fn free_id(batch: &Batch<'_>, founder: &EntryKey, now: Timestamp) -> Result<StoryId, StoreError> {
    let mut salt = 0;
    loop {
        let id = StoryId::mint(founder, now, salt);
        if !batch.story_exists(&id)? {
            return Ok(id);
        }
        salt += 1;
    }
}

pub(super) fn publisher(entry: &PendingEntry, sources: &BTreeMap<SourceId, Source>) -> String {
    match sources.get(&entry.key.source) {
        Some(source) => publisher_name(&entry.url, source),
        None => entry.key.source.to_string(),
    }
}

pub(super) fn input<'a>(
    entry: &'a PendingEntry,
    publisher: &'a str,
    sources: &BTreeMap<SourceId, Source>,
) -> WeaveInput<'a> {
    let source = sources.get(&entry.key.source);
    WeaveInput {
        key: &entry.key,
        publisher,
        url: &entry.url,
        links: &[],
        title: &entry.title,
        text: &entry.text,
        language: entry.language.as_deref(),
        kind: source.map(|source| source.kind).unwrap_or_default(),
        time: entry.time,
        allow_duplicates: source.is_some_and(|source| source.allow_duplicates),
    }
}
