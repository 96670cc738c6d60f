//! A person's words: `split`, `join`, what feeds.toml says, and how they are taken back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use url::Url;

use super::Constraints;
use super::elect_lead::LeadElection;
use super::stage::free_id;
use crate::config::WeaveConfig;
use crate::model::{EntryKey, Reason, Source, SourceId, StoryId};
use crate::store::{
    Batch, CorrectionKind, CorrectionNumber, CorrectionPair, EntryNumber, NewCorrection, Store, StoreError, StoryNumber,
};
use crate::text::{address_hash, canonical};

/// What a word did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The number by which it is taken back.
    pub word: CorrectionNumber,
    /// Id of the story that was split off, or that both are now.
    pub story: StoryId,
    /// Id of the story that was split, or that is an alias now.
    pub other: StoryId,
}

/// Takes an entry out of a story and makes a story of its own of it, which gets a new id; what was said
/// to the contrary is forgotten. `None`: it is not in the story, or alone there.
///
/// # Errors
/// Where the database cannot be read or written; nothing is changed then.
pub fn split(
    store: &mut Store,
    story: StoryNumber,
    entry: &EntryKey,
    sources: &BTreeMap<SourceId, Source>,
    now: Timestamp,
) -> Result<Option<Said>, StoreError> {
    let batch = store.batch()?;
    let Some(known) = batch.known_entry(entry)? else { return Ok(None) };
    let Some((off, pairs)) = split_off(&batch, story, &[known.number], LeadElection { sources, now })? else {
        return Ok(None);
    };
    batch.overrule(CorrectionKind::Join, &pairs)?;
    let (from, to) = (batch.story(story)?, batch.story(off)?);
    let word = NewCorrection {
        says: CorrectionKind::Split,
        story: &from.id,
        other: &to.id,
        other_lead: known.number,
        other_published: None,
    };
    let number = batch.add_correction(&word, &pairs, now)?;
    batch.commit()?;
    Ok(Some(Said { word: number, story: to.id, other: from.id }))
}

/// Makes one story of two: the published one's id stays, else the older one's; the other id is an alias
/// from now on. `None`: they are one already.
///
/// # Errors
/// Where the database cannot be read or written; nothing is changed then.
pub fn join(
    store: &mut Store,
    a: StoryNumber,
    b: StoryNumber,
    sources: &BTreeMap<SourceId, Source>,
    now: Timestamp,
) -> Result<Option<Said>, StoreError> {
    if a == b {
        return Ok(None);
    }
    let batch = store.batch()?;
    let (stays, goes) = older_first(&batch, a, b)?;
    let (stayed, gone) = (batch.story(stays)?, batch.story(goes)?);
    let (kept, moved) = (batch.story_entries(stays)?, batch.story_entries(goes)?);
    let all: Vec<_> = moved.iter().flat_map(|entry| kept.iter().map(|with| (*entry, *with))).collect();
    batch.overrule(CorrectionKind::Split, &all)?;
    let word = NewCorrection {
        says: CorrectionKind::Join,
        story: &stayed.id,
        other: &gone.id,
        other_lead: moved[gone.lead],
        other_published: gone.first_published.zip(gone.date),
    };
    let pairs: Vec<_> = moved.iter().map(|entry| (*entry, kept[0])).collect();
    let number = batch.add_correction(&word, &pairs, now)?;
    unite(&batch, stays, goes, LeadElection { sources, now })?;
    batch.commit()?;
    Ok(Some(Said { word: number, story: stayed.id, other: gone.id }))
}

/// Takes a word back: what was split off returns, what had joined is a story of its own again, under its
/// old id. `None`: there is no such word.
///
/// # Errors
/// Where the database cannot be read or written; nothing is changed then.
pub fn take_back(
    store: &mut Store,
    word: CorrectionNumber,
    sources: &BTreeMap<SourceId, Source>,
    now: Timestamp,
) -> Result<Option<Said>, StoreError> {
    let batch = store.batch()?;
    let Some(known) = batch.correction(word)? else { return Ok(None) };
    let meant = batch.entries_of_correction(word)?;
    batch.forget_correction(word)?;
    let leads = LeadElection { sources, now };
    let (Some(story), Some(other)) = (batch.story_by_id(&known.story)?, batch.story_by_id(&known.other)?) else {
        return Ok(None);
    };
    match known.says {
        CorrectionKind::Split if story != other => {
            for entry in meant {
                if batch.story_of_entry(entry)? == Some(other) {
                    let reason = batch.reason_before(entry)?;
                    batch.move_entry(entry, story, &reason, now)?;
                }
            }
            unite(&batch, story, other, leads)?;
        }
        CorrectionKind::Join if story == other => {
            let revived = batch.revive_story(&known, now)?;
            for entry in meant {
                if batch.story_of_entry(entry)? == Some(story) {
                    let reason = batch.reason_before(entry)?;
                    batch.move_entry(entry, revived, &reason, now)?;
                }
            }
            tidy(&batch, story, leads)?;
            tidy(&batch, revived, leads)?;
        }
        // Another word has undone it meanwhile: it is only forgotten.
        CorrectionKind::Split | CorrectionKind::Join => {}
    }
    batch.commit()?;
    Ok(Some(Said { word, story: known.story, other: known.other }))
}

/// What the clusterer has to obey: the words of the store and of feeds.toml.
pub(super) fn constraints(config: &WeaveConfig, pairs: &[CorrectionPair]) -> Constraints {
    let keys = |says: CorrectionKind| {
        let of = pairs.iter().filter(move |pair| pair.says == says);
        of.map(|pair| (pair.entry.clone(), pair.with.clone())).collect()
    };
    let addresses = |list: &[(Url, Url)]| list.iter().map(|(a, b)| (canonical(a), canonical(b))).collect();
    Constraints {
        must: keys(CorrectionKind::Join),
        cannot: keys(CorrectionKind::Split),
        must_addresses: addresses(&config.join),
        cannot_addresses: addresses(&config.split),
    }
}

/// Pairs of stories that a person's word keeps apart.
pub(super) fn apart(
    batch: &Batch<'_>,
    config: &WeaveConfig,
    pairs: &[CorrectionPair],
) -> Result<Vec<(StoryNumber, StoryNumber)>, StoreError> {
    let mut found = Vec::new();
    let story = |key: &EntryKey| match batch.known_entry(key)? {
        Some(known) => batch.story_of_entry(known.number),
        None => Ok(None),
    };
    for pair in pairs.iter().filter(|pair| pair.says == CorrectionKind::Split) {
        found.extend(story(&pair.entry)?.zip(story(&pair.with)?));
    }
    for (a, b) in &config.split {
        let (a, b) = (batch.woven_at(address_hash(a))?, batch.woven_at(address_hash(b))?);
        found.extend(a.iter().flat_map(|(_, a)| b.iter().map(|(_, b)| (*a, *b))));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Whether stories are not as feeds.toml says they shall be.
///
/// # Errors
/// Where the database cannot be read.
pub fn is_disobeyed(store: &Store, config: &WeaveConfig) -> Result<bool, StoreError> {
    let at = |url: &Url| store.stories_at(address_hash(url));
    for (a, b) in &config.join {
        let (a, b) = (at(a)?, at(b)?);
        if !a.is_empty() && !b.is_empty() && (a != b || a.len() > 1) {
            return Ok(true);
        }
    }
    for (a, b) in &config.split {
        let (a, b) = (at(a)?, at(b)?);
        if a.iter().any(|story| b.contains(story)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Splits and joins stories as feeds.toml says; gives how many.
pub(super) fn obey(
    batch: &Batch<'_>,
    config: &WeaveConfig,
    sources: &BTreeMap<SourceId, Source>,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let leads = LeadElection { sources, now };
    let mut changed = 0;
    for (a, b) in &config.join {
        let (first, second) = (batch.woven_at(address_hash(a))?, batch.woven_at(address_hash(b))?);
        if first.is_empty() || second.is_empty() {
            continue;
        }
        let mut stories: Vec<StoryNumber> = first.iter().chain(&second).map(|(_, story)| *story).collect();
        stories.sort_unstable();
        stories.dedup();
        let mut one = stories[0];
        for other in &stories[1..] {
            let (stays, goes) = older_first(batch, one, *other)?;
            unite(batch, stays, goes, leads)?;
            one = stays;
            changed += 1;
        }
    }
    for (a, b) in &config.split {
        let kept = batch.woven_at(address_hash(a))?;
        for story in kept.iter().map(|(_, story)| *story) {
            let off: Vec<EntryNumber> =
                batch.woven_at(address_hash(b))?.into_iter().filter(|(_, of)| *of == story).map(|(e, _)| e).collect();
            changed += usize::from(!off.is_empty() && split_off(batch, story, &off, leads)?.is_some());
        }
    }
    Ok(changed)
}

type Pairs = Vec<(EntryNumber, EntryNumber)>;

/// Opens a story of `off`, which are in `story`; gives it and the pairs that are apart now.
fn split_off(
    batch: &Batch<'_>,
    story: StoryNumber,
    off: &[EntryNumber],
    leads: LeadElection<'_>,
) -> Result<Option<(StoryNumber, Pairs)>, StoreError> {
    let before = batch.story(story)?;
    let (off, kept): (Vec<EntryNumber>, Vec<EntryNumber>) =
        batch.story_entries(story)?.into_iter().partition(|entry| off.contains(entry));
    let (Some(founder), false) = (off.first(), kept.is_empty()) else { return Ok(None) };
    let founder = batch.pending_entry(*founder, 0)?;
    let id = free_id(batch, &founder.key, leads.now)?;
    let opened = batch.open_story(&id, founder.number, founder.held_back, leads.now)?;
    for entry in &off {
        batch.move_entry(*entry, opened, &Reason::SplitByHand { from: before.id.to_string() }, leads.now)?;
    }
    tidy(batch, story, leads)?;
    tidy(batch, opened, leads)?;
    let pairs = off.iter().flat_map(|entry| kept.iter().map(|with| (*entry, *with))).collect();
    Ok(Some((opened, pairs)))
}

/// Gives a story whose entries changed the lead that it has now.
pub(super) fn tidy(batch: &Batch<'_>, story: StoryNumber, leads: LeadElection<'_>) -> Result<(), StoreError> {
    let entries = batch.story_entries(story)?;
    let mut held_back = true;
    for entry in &entries {
        held_back &= batch.pending_entry(*entry, 0)?.held_back;
    }
    if entries.is_empty() {
        Ok(())
    } else if entries.contains(&batch.lead_of(story)?) {
        leads.settle(batch, story, held_back)
    } else {
        leads.choose(batch, story, held_back)
    }
}

/// Moves all of one story into the other.
fn unite(batch: &Batch<'_>, stays: StoryNumber, goes: StoryNumber, leads: LeadElection<'_>) -> Result<(), StoreError> {
    batch.absorb_story(goes, stays, &Reason::ByHand, leads.now)?;
    leads.settle(batch, stays, true)
}

/// Which of two stories keeps its id: the one that was published, else the older one.
fn older_first(batch: &Batch<'_>, a: StoryNumber, b: StoryNumber) -> Result<(StoryNumber, StoryNumber), StoreError> {
    let (old, young) = (a.min(b), a.max(b));
    let published = |number| Ok::<_, StoreError>(batch.story(number)?.first_published.is_some());
    Ok(if published(young)? && !published(old)? { (young, old) } else { (old, young) })
}
