//! The stage: pending entries from the store → their stories into the store, in one transaction.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use url::Url;

use super::address::is_site_root;
use super::lead::{LeadInput, lead};
use super::{Constraints, Settings, StoryHandle, WeaveInput, Weaver, canonical, publisher_name, title_key};
use crate::config::SameStory;
use crate::model::{Entry, EntryKey, Reason, Source, SourceId, Story, StoryId};
use crate::store::{Batch, EntryNumber, NewMember, PendingEntry, Store, StoreError, StoryNumber, Woven};
use crate::text::Fingerprint;

/// How much of an entry's text is compared: what a reader sees of an excerpt, twice.
const TEXT_CHARS: usize = 600;

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
}

impl WeaveReport {
    /// Whether a reader of the outputs could see a difference.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.woven > 0 || self.edited > 0
    }
}

/// Gives every entry that has no story yet its story.
///
/// # Errors
/// Where the database cannot be read or written; nothing is changed then.
pub fn weave(
    store: &mut Store,
    settings: Settings,
    sources: &BTreeMap<SourceId, Source>,
    now: Timestamp,
) -> Result<WeaveReport, StoreError> {
    let mut batch = store.batch()?;
    let mut report = WeaveReport::default();
    let mut loom = Loom::new(settings, sources, now);
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
    fn new(settings: Settings, sources: &'a BTreeMap<SourceId, Source>, now: Timestamp) -> Self {
        Self { settings, sources, now, window: None }
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
        report.stopped += usize::from(placed.as_ref().is_some_and(|placed| placed.stopped));
        let joined = match placed.as_ref().and_then(|placed| placed.joined.clone()) {
            Some(joined) => Some(joined),
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
        if let Some(absorbed) = placed.and_then(|placed| placed.absorbed) {
            batch.absorb_story(absorbed, story, &Reason::Bridged { by: entry.key.clone() })?;
        }
        let member = NewMember { entry: entry.number, story, address: key, time: entry.time, reason: &reason };
        batch.add_member(&member, self.now)?;
        report.woven += 1;
        if reason == Reason::Opened {
            report.opened += 1;
        } else {
            report.joined += 1;
            self.settle(batch, story, entry.held_back)?;
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
        if let (Some(story), Some(absorbed)) = (story, absorbed) {
            for known in &mut window.stories {
                if *known == absorbed {
                    *known = story;
                }
            }
        }
        let joined = story.map(|story| (story, placement.reason));
        Ok(Some(Placed { joined, absorbed, stopped: placement.stopped.is_some() }))
    }

    /// The weaver with all entries of the window in it. Nothing older is read.
    fn open_window(&self, batch: &Batch<'_>) -> Result<Window, StoreError> {
        let mut window = Window { weaver: Weaver::new(self.settings, &Constraints::default()), stories: Vec::new() };
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

    /// A story gained an entry or one of its entries was edited: who leads it may change, unless it was
    /// published.
    fn settle(&self, batch: &Batch<'_>, number: StoryNumber, held_back: bool) -> Result<(), StoreError> {
        let entries = batch.story_entries(number)?;
        let story = batch.story(number)?;
        let lead = match story.first_published {
            Some(_) => story.lead,
            None => self.best(&story),
        };
        batch.touch_story(number, entries[lead], held_back, self.now)
    }

    /// Index of the entry that leads.
    fn best(&self, story: &Story) -> usize {
        let inputs: Vec<LeadInput<'_>> =
            story.members.iter().map(|member| self.lead_input(&member.entry, story)).collect();
        lead(&inputs).unwrap_or(0)
    }

    fn lead_input<'e>(&self, entry: &'e Entry, story: &Story) -> LeadInput<'e> {
        let source = self.sources.get(&entry.key.source);
        let others = story.members.iter().map(|member| &member.entry).filter(|other| other.key != entry.key);
        // Who links to the article of another outlet's entry follows it; so does a later copy at its address.
        let follows = others
            .filter(|other| other.key.source != entry.key.source && canonical(&other.url) == canonical(&entry.url))
            .any(|other| (other.effective_time(), &other.key) < (entry.effective_time(), &entry.key));
        LeadInput {
            key: &entry.key,
            title: &entry.title,
            text: &entry.text,
            weight: source.map_or(1, |source| source.weight),
            kind: source.map(|source| source.kind).unwrap_or_default(),
            follows,
            time: entry.effective_time(),
        }
    }

    /// An entry was edited: its story knows its new address and text. It stays where it is.
    fn take_over_edit(&self, batch: &Batch<'_>, number: EntryNumber) -> Result<bool, StoreError> {
        let Some(story) = batch.story_of_entry(number)? else {
            return Ok(false);
        };
        let entry = batch.pending_entry(number, 0)?;
        batch.set_member_address(number, address_hash(&entry.url))?;
        self.settle(batch, story, true)?;
        Ok(true)
    }
}

/// What the window says of an entry.
struct Placed {
    joined: Option<(StoryNumber, Reason)>,
    /// A story that turned out to be the one that was joined.
    absorbed: Option<StoryNumber>,
    stopped: bool,
}

fn free_id(batch: &Batch<'_>, founder: &EntryKey, now: Timestamp) -> Result<StoryId, StoreError> {
    let mut salt = 0;
    loop {
        let id = StoryId::mint(founder, now, salt);
        if !batch.story_exists(&id)? {
            return Ok(id);
        }
        salt += 1;
    }
}

fn publisher(entry: &PendingEntry, sources: &BTreeMap<SourceId, Source>) -> String {
    match sources.get(&entry.key.source) {
        Some(source) => publisher_name(&entry.url, source),
        None => entry.key.source.to_string(),
    }
}

fn input<'a>(entry: &'a PendingEntry, publisher: &'a str, sources: &BTreeMap<SourceId, Source>) -> WeaveInput<'a> {
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
