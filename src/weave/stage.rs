//! The stage: pending entries from the store → their stories into the store, in one transaction.

use std::collections::BTreeMap;

use jiff::Timestamp;
use url::Url;

use super::corrections;
use super::elect_lead::LeadElection;
use super::load::{Opening, Window};
use super::signature::SignatureLog;
use super::{Absorbed, Clustering, Settings, Sketch, WeaveInput, publisher_name, title_key};
use crate::config::{SameStory, WeaveConfig};
use crate::model::{EntryKey, Markup, Reason, Source, SourceId, SourceKind, StoryId};
use crate::store::{
    AtAddress, Batch, EntryNumber, Near, NewMember, PendingEntry, Reserved, Store, StoreError, StoryNumber,
};
use crate::text::{address_hash, canonical, is_site_root, key_hash, links, plain_text_within};

/// How much of an entry's text is compared by its words: they are said at its beginning.
pub(super) const TEXT_CHARS: usize = 400;

/// How much of a long text is compared with others to find copies, and from which length on.
pub(super) const LONG_TEXT_BYTES: usize = 4_000;
const LEAST_LONG_BYTES: usize = 700;

/// Links of a link list's entry that are followed.
const MOST_LINKS: usize = 12;

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
    let loom = Loom::new(config, sources, now);
    for number in batch.edited_entries()? {
        report.edited += usize::from(loom.take_over_edit(&batch, number)?);
    }
    // Candidate before the first one is woven: what is pending is what comes after the last woven one.
    let young = batch.pending_since(loom.horizon())?;
    batch.each_pending_before(loom.horizon(), |entry| loom.weave_old(&batch, &entry, &mut report))?;
    if !young.is_empty() {
        loom.weave_young(&batch, young, &mut report)?;
    }
    batch.clear_edited()?;
    report.by_hand = corrections::obey(&batch, config, sources, now)?;
    batch.commit()?;
    Ok(report)
}

struct Loom<'a> {
    settings: Settings,
    sources: &'a BTreeMap<SourceId, Source>,
    leads: LeadElection<'a>,
    words: &'a WeaveConfig,
    now: Timestamp,
}

/// An entry that was placed and waits for its story.
struct Waiting {
    entry: PendingEntry,
    /// Hash of its canonical address.
    address: i64,
}

impl<'a> Loom<'a> {
    fn new(config: &'a WeaveConfig, sources: &'a BTreeMap<SourceId, Source>, now: Timestamp) -> Self {
        let leads = LeadElection { sources, now };
        Self { settings: Settings::from(config), sources, leads, words: config, now }
    }

    /// Gives an entry that is too old to be compared its story: one with its address, else its own.
    fn weave_old(&self, batch: &Batch<'_>, entry: &PendingEntry, report: &mut WeaveReport) -> Result<(), StoreError> {
        let address = canonical(address_of(entry));
        let key = key_hash(&address);
        let (story, reason) = match self.by_stored_address(batch, entry, &address, key)? {
            Some((found, reason)) => (found.story, reason),
            None => (self.open(batch, entry)?, Reason::Opened),
        };
        self.add(batch, &Waiting { entry: entry.clone(), address: key }, story, &reason, report)?;
        if reason != Reason::Opened {
            self.leads.settle(batch, story, entry.held_back)?;
        }
        Ok(())
    }

    /// Gives the entries of the window their stories, all at once.
    fn weave_young(
        &self,
        batch: &Batch<'_>,
        young: Vec<EntryNumber>,
        report: &mut WeaveReport,
    ) -> Result<(), StoreError> {
        let reserved = batch.reserved()?;
        let opening = Opening {
            batch,
            settings: self.settings,
            sources: self.sources,
            words: self.words,
            reserved: &reserved,
            since: self.horizon(),
            now: self.now,
        };
        let mut log = SignatureLog::new();
        let mut window = opening.open(&young, &mut log)?;
        let mut waiting = Vec::with_capacity(young.len());
        for number in young {
            waiting.push(self.place(batch, &mut window, number, (&mut log, &reserved))?);
        }
        log.flush(batch)?;
        batch.forget_signatures_before(self.horizon())?;
        let Clustering { placed, absorbed, stopped } = window.clusterer.cluster();
        // Whether only entries that were held back came to a story.
        let mut touched: BTreeMap<StoryNumber, bool> = BTreeMap::new();
        for Absorbed { gone, into, reason } in absorbed {
            let (gone, into) = (window.stories[&gone], window.stories[&into]);
            batch.absorb_story(gone, into, &reason, self.now)?;
            touched.insert(into, true);
        }
        for (placement, waits) in placed.into_iter().zip(&waiting) {
            let story = match window.stories.get(&placement.story) {
                Some(story) => *story,
                None => {
                    let story = self.open(batch, &waits.entry)?;
                    window.stories.insert(placement.story, story);
                    story
                }
            };
            let Waiting { entry, .. } = waits;
            for near in placement.related.iter().filter(|_| !entry.held_back) {
                let near =
                    Near { entry: entry.number, nearest: &near.nearest, score: near.score, shared: &near.shared };
                batch.add_near(&near)?;
            }
            self.add(batch, waits, story, &placement.reason, report)?;
            if placement.reason != Reason::Opened {
                *touched.entry(story).or_insert(true) &= entry.held_back;
            }
        }
        for (story, held_back) in touched {
            self.leads.settle(batch, story, held_back)?;
        }
        for story in stopped {
            report.stopped += 1;
            batch.count_stopped(window.stories[&story], self.now)?;
        }
        Ok(())
    }

    /// Takes a pending entry into the window.
    fn place(
        &self,
        batch: &Batch<'_>,
        window: &mut Window,
        number: EntryNumber,
        (log, reserved): (&mut SignatureLog, &Reserved),
    ) -> Result<Waiting, StoreError> {
        let mut entry = batch.pending_entry(number, LONG_TEXT_BYTES)?;
        let address = canonical(address_of(&entry));
        let key = key_hash(&address);
        let (publisher, mut more) = (publisher(&entry, self.sources), More::of(batch, &entry, self.sources)?);
        if let Some(sketch) = long_text(batch, &entry)?.and_then(|text| Sketch::of(&text)) {
            batch.keep_sketch(number, &sketch.to_bytes())?;
            more.sketch = Some(sketch);
        }
        let placed = window.clusterer.place(&input(&entry, &publisher, &more, self.sources));
        if !placed.is_sure
            && !placed.is_stopped
            && let Some((found, reason)) = self.by_stored_address(batch, &entry, &address, key)?
        {
            let handle = window.handle(found.story);
            window.clusterer.adopt(handle, reason);
            if found.is_published {
                window.clusterer.settle(handle);
            }
        }
        if let Some((end, _)) = entry.text.char_indices().nth(TEXT_CHARS) {
            entry.text.truncate(end);
        }
        let given = WeaveInput { address: Some(key), ..input(&entry, &publisher, &more, self.sources) };
        log.add(batch, number, &given, reserved.has(entry.key.source.as_str(), number.get()))?;
        entry.text = String::new();
        entry.article = None;
        Ok(Waiting { entry, address: key })
    }

    fn open(&self, batch: &Batch<'_>, founder: &PendingEntry) -> Result<StoryNumber, StoreError> {
        let id = free_id(batch, &founder.key, self.now)?;
        batch.open_story(&id, founder.number, founder.held_back, self.now)
    }

    fn add(
        &self,
        batch: &Batch<'_>,
        Waiting { entry, address }: &Waiting,
        story: StoryNumber,
        reason: &Reason,
        report: &mut WeaveReport,
    ) -> Result<(), StoreError> {
        let member = NewMember { entry: entry.number, story, address: *address, time: entry.time, reason };
        batch.add_member(&member, self.now)?;
        report.woven += 1;
        if *reason == Reason::Opened {
            report.opened += 1;
        } else {
            report.joined += 1;
        }
        Ok(())
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
    ) -> Result<Option<(AtAddress, Reason)>, StoreError> {
        let alone = self.sources.get(&entry.key.source).is_some_and(|source| source.allow_duplicates);
        if alone || self.settings.same_story == SameStory::Off || is_site_root(address) {
            return Ok(None);
        }
        // One source with other entries at the address has a page of many entries, not one article.
        let same =
            |source: &SourceId, title: &str| *source != entry.key.source || title_key(title) == title_key(&entry.title);
        let found = batch.entries_with_address(key)?.into_iter().find(|other| same(&other.source, &other.title));
        Ok(found.map(|other| (other, Reason::SameAddress { address: address.to_owned() })))
    }

    /// Writes the trace of an entry of the window anew.
    fn trace_again(&self, batch: &Batch<'_>, number: EntryNumber) -> Result<(), StoreError> {
        let reserved = batch.reserved()?;
        let (_, entry) = batch.woven_entry(number, TEXT_CHARS, &reserved)?;
        if entry.time < self.horizon() {
            return Ok(());
        }
        let (publisher, more) = (publisher(&entry, self.sources), More::of(batch, &entry, self.sources)?);
        let is_reserved = reserved.has(entry.key.source.as_str(), number.get());
        let mut log = SignatureLog::new();
        log.add(batch, number, &input(&entry, &publisher, &more, self.sources), is_reserved)?;
        log.flush(batch)
    }

    /// An entry was edited: its story knows its new address and text. It stays where it is.
    fn take_over_edit(&self, batch: &Batch<'_>, number: EntryNumber) -> Result<bool, StoreError> {
        let Some(story) = batch.story_of_entry(number)? else {
            return Ok(false);
        };
        let entry = batch.pending_entry(number, 0)?;
        batch.set_member_address(number, address_hash(address_of(&entry)))?;
        self.trace_again(batch, number)?;
        self.leads.settle(batch, story, true)?;
        Ok(true)
    }
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

/// What weaving reads of an entry beside its row.
#[derive(Debug, Default)]
pub(super) struct More {
    links: Vec<Url>,
    sketch: Option<Sketch>,
}

impl More {
    /// Links for the entry of a link list, and what was kept of a long text.
    pub(super) fn of(
        batch: &Batch<'_>,
        entry: &PendingEntry,
        sources: &BTreeMap<SourceId, Source>,
    ) -> Result<Self, StoreError> {
        let lists = sources.get(&entry.key.source).is_some_and(|source| source.kind == SourceKind::Aggregator);
        let mut more = Self { links: Vec::new(), sketch: entry.sketch.as_deref().and_then(Sketch::from_bytes) };
        if lists {
            for markup in batch.markup_of(entry.number)?.into_iter().flatten() {
                if let Markup::Html(html) = markup {
                    more.links.extend(links(&html, &entry.url, MOST_LINKS));
                }
            }
        }
        Ok(more)
    }
}

/// The article's own address: the one that its page names, where the page was fetched.
pub(super) fn address_of(entry: &PendingEntry) -> &Url {
    let named = entry.article.as_ref().and_then(|article| article.canonical.as_ref());
    named.filter(|url| !is_site_root(&canonical(url))).unwrap_or(&entry.url)
}

/// The text of an entry as far as it is stored, where that is long: of its page, its own, of its content.
fn long_text(batch: &Batch<'_>, entry: &PendingEntry) -> Result<Option<String>, StoreError> {
    let page = entry.article.as_ref().map(|article| &article.text);
    if let Some(text) = page.filter(|text| text.len() >= LEAST_LONG_BYTES) {
        return Ok(Some(text.clone()));
    }
    if entry.text.len() >= LEAST_LONG_BYTES {
        return Ok(Some(entry.text.clone()));
    }
    if entry.content_bytes < LEAST_LONG_BYTES as u64 {
        return Ok(None);
    }
    let [_, content] = batch.markup_of(entry.number)?;
    Ok(content.map(|content| match content {
        Markup::Text(text) => text,
        Markup::Html(html) => plain_text_within(&html, LONG_TEXT_BYTES),
    }))
}

pub(super) fn input<'a>(
    entry: &'a PendingEntry,
    publisher: &'a str,
    more: &'a More,
    sources: &BTreeMap<SourceId, Source>,
) -> WeaveInput<'a> {
    let source = sources.get(&entry.key.source);
    WeaveInput {
        key: &entry.key,
        publisher,
        url: address_of(entry),
        address: entry.address,
        links: &more.links,
        title: &entry.title,
        text: &entry.text,
        sketch: more.sketch.as_ref(),
        language: entry.language.as_deref(),
        kind: source.map(|source| source.kind).unwrap_or_default(),
        time: entry.time,
        allow_duplicates: source.is_some_and(|source| source.allow_duplicates),
    }
}
