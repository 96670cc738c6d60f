//! The operator's corrections: `split`, `join`, what feeds.toml states, and how they are undone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use url::Url;

use super::elect_lead::Facts;
use super::input::Constraints;
use super::ledger::Ledger;
use crate::config::WeaveConfig;
use crate::model::{EntryKey, Reason, Sites, Source, SourceId, StoryId};
use crate::store::{
    Arrivals, CorrectionKind, CorrectionNumber, CorrectionPair, EntryNumber, Reader, Store, StoreError, StoryChange,
    StoryNumber,
};
use crate::text::{address_hash, canonical};

/// What a correction did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Corrected {
    /// The number by which it is undone.
    pub(crate) correction: CorrectionNumber,
    /// Id of the new story (split) or of the merged one (join).
    pub(crate) story: StoryId,
    /// Id of the story that was split, or whose id is now an alias.
    pub(crate) other: StoryId,
}

/// Takes an entry out of a story and makes it a story of its own, which gets a new id; corrections to the
/// contrary are forgotten. `None`: it is not in the story, or alone there.
///
/// # Errors
/// If the database cannot be read or written; in that case nothing is changed.
pub(crate) fn split(
    store: &mut Store,
    story: StoryNumber,
    entry: &EntryKey,
    sources: &BTreeMap<SourceId, Source>,
    now: Timestamp,
) -> Result<Option<Corrected>, StoreError> {
    let batch = store.batch()?;
    let Some(known) = batch.known_entry(entry)? else { return Ok(None) };
    let sites = Sites::new(sources);
    let mut ledger = read(&batch, &[story], &sites, now)?;
    let Some(from) = id_of(&ledger, story) else { return Ok(None) };
    let Some((off, pairs)) = split_off(&mut ledger, story, &[known.number]) else { return Ok(None) };
    ledger.changes.steps.push(StoryChange::Correct {
        kind: CorrectionKind::Split,
        story,
        other: off,
        other_lead: known.number,
        other_published: None,
        overruled: pairs.clone(),
        pairs,
    });
    let mut written = batch.apply(&ledger.changes, now)?;
    batch.commit()?;
    let made = written.correction.zip(written.opened.pop());
    Ok(made.map(|(correction, story)| Corrected { correction, story, other: from }))
}

/// Merges two stories, keeping the published one's id, otherwise the older one's; the other id is an alias
/// from now on. `None`: they are one already.
///
/// # Errors
/// If the database cannot be read or written; in that case nothing is changed.
pub(crate) fn join(
    store: &mut Store,
    a: StoryNumber,
    b: StoryNumber,
    sources: &BTreeMap<SourceId, Source>,
    now: Timestamp,
) -> Result<Option<Corrected>, StoreError> {
    if a == b {
        return Ok(None);
    }
    let batch = store.batch()?;
    let sites = Sites::new(sources);
    let mut ledger = read(&batch, &[a, b], &sites, now)?;
    let (stays, goes) = published_first(&ledger, a, b);
    let (Some(stayed), Some(gone)) = (id_of(&ledger, stays), id_of(&ledger, goes)) else { return Ok(None) };
    let Some(correct) = joining(&ledger, stays, goes) else { return Ok(None) };
    ledger.changes.steps.push(correct);
    unite(&mut ledger, stays, goes);
    let written = batch.apply(&ledger.changes, now)?;
    batch.commit()?;
    Ok(written.correction.map(|correction| Corrected { correction, story: stayed, other: gone }))
}

/// The correction that makes `goes` a part of `stays`.
fn joining(ledger: &Ledger<'_>, stays: StoryNumber, goes: StoryNumber) -> Option<StoryChange> {
    let (kept, moved) = (ledger.entries_of(stays), ledger.entries_of(goes));
    let known = ledger.story(goes)?;
    let (_, lead) = known.head.as_ref()?;
    let first = *kept.first()?;
    Some(StoryChange::Correct {
        kind: CorrectionKind::Join,
        story: stays,
        other: goes,
        other_lead: *lead,
        other_published: known.published.zip(known.date),
        pairs: moved.iter().map(|entry| (*entry, first)).collect(),
        overruled: moved.iter().flat_map(|entry| kept.iter().map(|with| (*entry, *with))).collect(),
    })
}

/// Undoes a correction: what was split off returns, what was joined becomes a separate story again, under its
/// old id. `None`: there is no such correction.
///
/// # Errors
/// If the database cannot be read or written; in that case nothing is changed.
pub(crate) fn undo(
    store: &mut Store,
    correction: CorrectionNumber,
    sources: &BTreeMap<SourceId, Source>,
    now: Timestamp,
) -> Result<Option<Corrected>, StoreError> {
    let batch = store.batch()?;
    let Some(known) = batch.correction(correction)? else { return Ok(None) };
    let meant = batch.reasons_before(&batch.entries_of_correction(correction)?)?;
    let (Some(story), Some(other)) = (batch.story_by_id(&known.story)?, batch.story_by_id(&known.other)?) else {
        return Ok(None);
    };
    let sites = Sites::new(sources);
    let mut ledger = read(&batch, &[story, other], &sites, now)?;
    ledger.changes.steps.push(StoryChange::Forget { correction });
    match known.kind {
        CorrectionKind::Split if story != other => {
            for (entry, reason) in meant {
                if ledger.story_of(entry) == Some(other) {
                    ledger.move_entry(entry, story, reason);
                }
            }
            unite(&mut ledger, story, other);
        }
        CorrectionKind::Join if story == other => {
            let revived = ledger.revive(&known);
            for (entry, reason) in meant {
                if ledger.story_of(entry) == Some(story) {
                    ledger.move_entry(entry, revived, reason);
                }
            }
            ledger.tidy(story);
            ledger.tidy(revived);
        }
        // Another correction has since undone it, so only its record is removed.
        CorrectionKind::Split | CorrectionKind::Join => {}
    }
    batch.apply(&ledger.changes, now)?;
    batch.commit()?;
    Ok(Some(Corrected { correction, story: known.story, other: known.other }))
}

/// `stories` with their members.
fn read<'a>(
    reader: &Reader,
    stories: &[StoryNumber],
    sites: &'a Sites<'a>,
    now: Timestamp,
) -> Result<Ledger<'a>, StoreError> {
    let mut ledger = Ledger::new(sites, now, reader.next_story()?);
    for head in reader.story_heads(stories)? {
        ledger.know_story(head);
    }
    for row in reader.members_before(stories, Timestamp::MAX)? {
        ledger.know_member(row.entry, row.story, Facts::from(row));
    }
    Ok(ledger)
}

fn id_of(ledger: &Ledger<'_>, story: StoryNumber) -> Option<StoryId> {
    ledger.story(story)?.head.as_ref().map(|(id, _)| id.clone())
}

/// What the clusterer has to obey: the corrections of the store and of feeds.toml.
pub(super) fn constraints(config: &WeaveConfig, pairs: &[CorrectionPair]) -> Constraints {
    let keys = |kind: CorrectionKind| {
        let of = pairs.iter().filter(move |pair| pair.kind == kind);
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

/// Pairs of stories that the operator keeps apart.
pub(super) fn pairs_kept_apart(
    ledger: &Ledger<'_>,
    config: &WeaveConfig,
    pairs: &[CorrectionPair],
) -> Vec<(StoryNumber, StoryNumber)> {
    let split: Vec<&CorrectionPair> = pairs.iter().filter(|pair| pair.kind == CorrectionKind::Split).collect();
    let stories = ledger.stories_of(split.iter().flat_map(|pair| [&pair.entry, &pair.with]));
    let mut found: Vec<(StoryNumber, StoryNumber)> = Vec::new();
    for pair in split {
        found.extend(stories.get(&pair.entry).copied().zip(stories.get(&pair.with).copied()));
    }
    for (a, b) in &config.split {
        let (a, b) = (ledger.at_address(address_hash(a)), ledger.at_address(address_hash(b)));
        found.extend(a.iter().flat_map(|(_, a)| b.iter().map(|(_, b)| (*a, *b))));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether any story contradicts feeds.toml.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn contradicts_config(store: &Store, config: &WeaveConfig) -> Result<bool, StoreError> {
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

/// Splits and joins stories as feeds.toml states. Returns how many.
pub(super) fn obey(ledger: &mut Ledger<'_>, config: &WeaveConfig) -> usize {
    let mut changed = 0;
    for (a, b) in &config.join {
        let (first, second) = (ledger.at_address(address_hash(a)), ledger.at_address(address_hash(b)));
        if first.is_empty() || second.is_empty() {
            continue;
        }
        let mut stories: Vec<StoryNumber> = first.iter().chain(&second).map(|(_, story)| *story).collect();
        stories.sort_unstable();
        stories.dedup();
        let mut one = stories[0];
        for other in &stories[1..] {
            let (stays, goes) = published_first(ledger, one, *other);
            unite(ledger, stays, goes);
            one = stays;
            changed += 1;
        }
    }
    for (a, b) in &config.split {
        for (_, story) in ledger.at_address(address_hash(a)) {
            let there = ledger.at_address(address_hash(b)).into_iter();
            let off: Vec<EntryNumber> = there.filter(|(_, of)| *of == story).map(|(entry, _)| entry).collect();
            changed += usize::from(!off.is_empty() && split_off(ledger, story, &off).is_some());
        }
    }
    changed
}

type Pairs = Vec<(EntryNumber, EntryNumber)>;

/// Opens a story for `off`, which are in `story`. Returns it and the pairs that are apart now.
fn split_off(ledger: &mut Ledger<'_>, story: StoryNumber, off: &[EntryNumber]) -> Option<(StoryNumber, Pairs)> {
    let (off, kept): (Vec<EntryNumber>, Vec<EntryNumber>) =
        ledger.entries_of(story).into_iter().partition(|entry| off.contains(entry));
    let founder = *off.first().filter(|_| !kept.is_empty())?;
    let facts = ledger.facts(founder)?.clone();
    let from = id_of(ledger, story).map(|id| id.to_string()).unwrap_or_default();
    let opened = ledger.open(founder, &facts);
    for entry in &off {
        ledger.move_entry(*entry, opened, Reason::SplitByHand { from: from.clone() });
    }
    ledger.tidy(story);
    ledger.tidy(opened);
    let pairs = off.iter().flat_map(|entry| kept.iter().map(|with| (*entry, *with))).collect();
    Some((opened, pairs))
}

/// Moves all of one story into the other.
fn unite(ledger: &mut Ledger<'_>, stays: StoryNumber, goes: StoryNumber) {
    ledger.absorb(goes, stays, Reason::ByHand);
    ledger.elect(stays, Arrivals::HeldBack);
}

/// Which of two stories keeps its id: the one that was published, otherwise the older one.
fn published_first(ledger: &Ledger<'_>, a: StoryNumber, b: StoryNumber) -> (StoryNumber, StoryNumber) {
    let (old, young) = (a.min(b), a.max(b));
    let published = |number| ledger.story(number).is_some_and(|story| story.published.is_some());
    if published(young) && !published(old) { (young, old) } else { (old, young) }
}
