//! Opening the window from the store: all of it, or as much as a few new entries need.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::FixedState;
use jiff::Timestamp;

use super::candidates;
use super::corrections;
use super::signature::{SignatureLog, Signatures, stable_hash};
use super::stage::{More, TEXT_CHARS, input, publisher};
use super::{Clusterer, Settings, StoryHandle, WeaveInput};
use crate::config::{SameStory, WeaveConfig};
use crate::model::{Source, SourceId, SourceKind};
use crate::store::{Batch, CorrectionPair, EntryNumber, Reserved, StoreError, StoryNumber, Woven};

/// New entries up to which only a part of the window is read: with more it costs more than all of it.
const FEW: usize = 200;

/// The clusterer, and the stories that its handles stand for.
pub(super) struct Window {
    pub(super) clusterer: Clusterer,
    pub(super) handles: HashMap<StoryNumber, StoryHandle>,
    pub(super) stories: HashMap<StoryHandle, StoryNumber>,
    published: BTreeSet<StoryHandle>,
}

impl Window {
    /// The handle of a story of the store.
    pub(super) fn handle(&mut self, story: StoryNumber) -> StoryHandle {
        let Self { clusterer, handles, stories, .. } = self;
        *handles.entry(story).or_insert_with(|| {
            let handle = clusterer.story();
            stories.insert(handle, story);
            handle
        })
    }

    /// Puts a woven entry back.
    pub(super) fn restore(&mut self, woven: &Woven, input: &WeaveInput<'_>) {
        let handle = self.handle(woven.story);
        self.clusterer.restore(input, handle);
        if woven.published.is_some() {
            self.published.insert(handle);
        }
    }
}

/// What a window is opened with.
pub(super) struct Opening<'a> {
    pub(super) batch: &'a Batch<'a>,
    pub(super) settings: Settings,
    pub(super) sources: &'a BTreeMap<SourceId, Source>,
    pub(super) words: &'a WeaveConfig,
    pub(super) reserved: &'a Reserved,
    /// No entry of the window is older.
    pub(super) since: Timestamp,
    pub(super) now: Timestamp,
}

impl Opening<'_> {
    /// The window for the entries `young`. Nothing older is read; of a few entries only what can matter for
    /// them. What has no trace yet gets one.
    pub(super) fn open(&self, young: &[EntryNumber], log: &mut SignatureLog) -> Result<Window, StoreError> {
        let pairs = self.batch.correction_pairs()?;
        let mut window = self.empty(&pairs);
        let traces = self.traces()?;
        if let Some(traces) = traces.as_ref().filter(|_| young.len() <= FEW)
            && candidates::open(self, &mut window, traces, young)?
        {
            self.tell(&mut window, &pairs)?;
            return Ok(window);
        }
        let has_traces = traces.is_some();
        drop(traces);
        if !has_traces {
            self.batch.forget_signatures()?;
        }
        self.batch.each_woven_since(self.since, TEXT_CHARS, |woven, entry| {
            let more = More::of(self.batch, &entry, self.sources)?;
            let publisher = publisher(&entry, self.sources);
            let input = input(&entry, &publisher, &more, self.sources);
            window.restore(&woven, &input);
            if has_traces {
                return Ok(());
            }
            let is_reserved = self.reserved.has(entry.key.source.as_str(), entry.number.get());
            log.add(self.batch, entry.number, &input, is_reserved)
        })?;
        self.tell(&mut window, &pairs)?;
        Ok(window)
    }

    fn empty(&self, pairs: &[CorrectionPair]) -> Window {
        let constraints = corrections::constraints(self.words, pairs);
        let mut clusterer = Clusterer::new(self.settings, &constraints);
        clusterer.advance(self.now);
        Window { clusterer, handles: HashMap::new(), stories: HashMap::new(), published: BTreeSet::new() }
    }

    /// Tells the window which stories are published, and which a person keeps apart.
    fn tell(&self, window: &mut Window, pairs: &[CorrectionPair]) -> Result<(), StoreError> {
        for story in std::mem::take(&mut window.published) {
            window.clusterer.settle(story);
        }
        for (a, b) in corrections::apart(self.batch, self.words, pairs)? {
            let (a, b) = (window.handles.get(&a), window.handles.get(&b));
            if let Some((a, b)) = a.copied().zip(b.copied()) {
                window.clusterer.keep_apart(a, b);
            }
        }
        Ok(())
    }

    /// The traces of all entries of the window that are compared; `None` where one is missing, or was made when
    /// its source was another kind or its text was reserved or free.
    fn traces(&self) -> Result<Option<Signatures>, StoreError> {
        let mut traces = Signatures::since(self.batch, self.since)?;
        if traces.len() != self.batch.count_woven_since(self.since)? {
            return Ok(None);
        }
        let hash = |id: &str| stable_hash(id.as_bytes());
        let lists = |source: &Source| source.kind == SourceKind::Aggregator;
        let those = |is: &dyn Fn(&Source) -> bool| -> Hashes {
            self.sources.iter().filter(|(_, source)| is(source)).map(|(id, _)| hash(id.as_str())).collect()
        };
        let (lists, alone) = (those(&lists), those(&|source| source.allow_duplicates));
        let reserved: Hashes = self.reserved.sources().map(hash).collect();
        let is_current = traces.iter().all(|trace| {
            let is_reserved = reserved.contains(&trace.source()) || self.reserved.has_entry(trace.number());
            trace.is_reserved() == is_reserved && trace.is_listed() == lists.contains(&trace.source())
        });
        let is_off = self.settings.same_story == SameStory::Off;
        traces.retain(|trace| !is_off && !alone.contains(&trace.source()));
        Ok(is_current.then_some(traces))
    }
}

type Hashes = std::collections::HashSet<u64, FixedState>;
