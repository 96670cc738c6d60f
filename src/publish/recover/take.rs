//! Which outputs hold what the store does not know, and what of it counts.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::document::{Published, PublishedItem, read};
use super::order::{Placed, first_published, horizon};
use crate::config::{Config, Format, Order, OutputConfig};
use crate::model::{SourceId, StoryId};
use crate::publish::file_stamp::file_stamp;
use crate::publish::scope::selects;
use crate::publish::select::LEAST_ITEMS;
use crate::store::{PublishedOutput, Reader, RecoveredStory, Recovery, StoreError, TagBase};
use crate::text::content_hash;

/// The stories that the outputs of `config` show and that `store` does not know; `None`: it knows them all.
///
/// If every file is as the store wrote it, none is read any further.
///
/// # Errors
/// If the store cannot be read.
pub(crate) fn recovery(store: &Reader, config: &Config, now: Timestamp) -> Result<Option<Recovery>, StoreError> {
    let files = changed_files(store, config)?;
    let Some(base) = base_of(store, config, &files)? else { return Ok(None) };
    let ours: Vec<&OwnFile<'_>> = files.iter().filter(|file| file.document.base == base).collect();
    let recovery = of_files(store, config, &ours, base, now)?;
    Ok(Some(recovery).filter(|recovery| !recovery.stories.is_empty()))
}

/// A file that is not as the store knows it.
struct OwnFile<'a> {
    output: &'a OutputConfig,
    document: Published,
    bytes: usize,
    hash: [u8; 32],
}

fn changed_files<'a>(store: &Reader, config: &'a Config) -> Result<Vec<OwnFile<'a>>, StoreError> {
    let mut files = Vec::new();
    for output in config.outputs.iter().filter(|output| output.format == Format::Json && output.digest.is_none()) {
        let path = config.output_dir.join(&output.file);
        let known = store.published_output(&output.file)?;
        if known.as_ref().is_some_and(|known| known.stamp.is_some() && known.stamp == file_stamp(&path)) {
            continue;
        }
        // What cannot be read is written anew by the next publish, which reports what is wrong.
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let hash = content_hash(&bytes);
        if known.is_some_and(|known| known.hash == hash) {
            continue;
        }
        match read(&bytes) {
            Some(document) => files.push(OwnFile { output, document, bytes: bytes.len(), hash }),
            None => tracing::warn!(file = output.file, "holds no items of ours: nothing is taken over from it"),
        }
    }
    Ok(files)
}

/// The base of our ids: the store's, otherwise that of the first file that is ours; `None`: none is.
fn base_of(store: &Reader, config: &Config, files: &[OwnFile<'_>]) -> Result<Option<TagBase>, StoreError> {
    if let Some(base) = store.tag_base()? {
        return Ok(Some(base));
    }
    let ours = files.iter().find(|file| is_ours(config, &file.document));
    if let (None, Some(file)) = (ours, files.first()) {
        let (file, host) = (file.output.file.as_str(), file.document.base.host.as_str());
        tracing::warn!(file, host, "published under another address: its ids are not taken over");
    }
    Ok(ours.map(|file| file.document.base.clone()))
}

/// Whether a document is that of `link`: by the host of its ids, or by its home page if `link` was changed since they
/// were fixed. Without a `link` whatever is in the folder is ours.
fn is_ours(config: &Config, document: &Published) -> bool {
    let Some(host) = config.link.as_ref().and_then(url::Url::host_str) else { return true };
    document.base.host == host || document.home.as_deref() == Some(host)
}

fn of_files(
    store: &Reader,
    config: &Config,
    files: &[&OwnFile<'_>],
    tag_base: TagBase,
    now: Timestamp,
) -> Result<Recovery, StoreError> {
    let mut documents = Vec::new();
    for file in files {
        let items = placed(store, &file.document.items)?;
        match file.output.order {
            Order::FirstSeen => documents.push(items),
            // Its order says nothing about when; each story stands for itself.
            Order::Published | Order::Top => documents.extend(items.into_iter().map(|story| vec![story])),
        }
    }
    let times = first_published(&documents, now);
    let mut stories: BTreeMap<&StoryId, RecoveredStory> = BTreeMap::new();
    for item in files.iter().flat_map(|file| &file.document.items) {
        if knows(store, item)? {
            continue;
        }
        let story = RecoveredStory {
            id: item.id.clone(),
            first_published: times.get(&item.id).copied().unwrap_or(item.date),
            date: item.date,
            entries: item.entries.clone(),
        };
        // An output shows the credits of its own sources only: the one that shows most says most.
        let known = stories.entry(&item.id).or_insert_with(|| story.clone());
        if known.entries.len() < story.entries.len() {
            *known = story;
        }
    }
    let mut stories: Vec<RecoveredStory> = stories.into_values().collect();
    // The oldest first, so that numbers grow as they would have.
    stories.sort_by(|a, b| (a.first_published, a.date, &a.id).cmp(&(b.first_published, b.date, &b.id)));
    let known_until = known_until(config, files);
    let outputs = files.iter().map(|file| {
        let items = file.document.items.len();
        (file.output.file.clone(), PublishedOutput { hash: file.hash, items, stamp: None, stories: None })
    });
    Ok(Recovery { tag_base, stories, known_until, outputs: outputs.collect() })
}

/// Whether the store knows an item and everything that it credits.
fn knows(store: &Reader, item: &PublishedItem) -> Result<bool, StoreError> {
    let mut knows = store.first_published(&item.id)?.is_some();
    for entry in &item.entries {
        knows = knows && store.known_entry(&entry.key)?.is_some();
    }
    Ok(knows)
}

fn placed<'a>(store: &Reader, items: &'a [PublishedItem]) -> Result<Vec<Placed<'a>>, StoreError> {
    let placed = items.iter().map(|item| {
        let known = store.first_published(&item.id)?;
        Ok(Placed { id: &item.id, date: item.date, not_before: known.unwrap_or(item.date) })
    });
    placed.collect()
}

/// Until when each source of `config` was known: to its newest entry in an output, and as far back as every output
/// that is for it reaches, if these are full.
fn known_until(config: &Config, files: &[&OwnFile<'_>]) -> Vec<(SourceId, Timestamp)> {
    let mut until: BTreeMap<&SourceId, Timestamp> = BTreeMap::new();
    for entry in files.iter().flat_map(|file| &file.document.items).flat_map(|item| &item.entries) {
        // Without a date it is only known that it was there.
        let Some(published) = entry.published else { continue };
        let known = until.entry(&entry.key.source).or_insert(published);
        *known = (*known).max(published);
    }
    let known = config.sources.iter().filter_map(|source| {
        let of_it = |file: &&&OwnFile<'_>| selects(file.output, &source.id, &source.tags);
        let reach: Option<Vec<Timestamp>> = files.iter().filter(of_it).map(|file| file.reach()).collect();
        let reach = reach.and_then(|reach| reach.into_iter().min());
        let until = until.get(&source.id).copied().into_iter().chain(reach).max()?;
        Some((source.id.clone(), until))
    });
    known.collect()
}

impl OwnFile<'_> {
    /// As far back as it reaches; `None`: it has room for all there was.
    fn reach(&self) -> Option<Timestamp> {
        let items = &self.document.items;
        let dates: Vec<Timestamp> = items.iter().map(|item| item.date).collect();
        if items.len() >= self.output.items || self.bytes * 5 >= self.output.max_bytes * 4 {
            return horizon(&dates);
        }
        // What is older than its span leaves it, except for the minimum that it holds.
        let newest = dates.iter().max().filter(|_| items.len() >= LEAST_ITEMS)?;
        newest.checked_sub(self.output.span).ok()
    }
}
