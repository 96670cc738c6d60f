//! A replay made true, as far as it may be: entries of published stories stay where they are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::corrections::tidy;
use super::elect_lead::LeadElection;
use super::stage::free_id;
use super::what_if::{Change, Group, Replay, Replayed, replay};
use crate::config::WeaveConfig;
use crate::model::{Reason, Source, SourceId};
use crate::store::{Batch, Store, StoreError, StoryNumber};

/// Whether a replay is made true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apply {
    /// Only shown.
    No,
    /// Applied to stories that were not published yet.
    Yes,
}

/// Weaves the stored entries since `since` anew under `config` and tells the difference; gives with it how
/// many entries were moved.
///
/// # Errors
/// Where the database cannot be read or written; nothing is changed then.
pub fn weave_again(
    store: &mut Store,
    config: &WeaveConfig,
    sources: &BTreeMap<SourceId, Source>,
    since: Timestamp,
    now: Timestamp,
    apply: Apply,
) -> Result<(Replay, usize), StoreError> {
    let batch = store.batch()?;
    let replay = replay(&batch, config, sources, since, now)?;
    let mut moved = 0;
    if apply == Apply::Yes {
        for change in &replay.changes {
            moved += make_true(&batch, change, LeadElection { sources, now })?;
        }
        batch.commit()?;
    }
    Ok((replay, moved))
}

/// Moves the entries of one change that may be moved; gives how many.
fn make_true(batch: &Batch<'_>, change: &Change, leads: LeadElection<'_>) -> Result<usize, StoreError> {
    let mut targets: Vec<(&Group, Option<StoryNumber>)> = claims(change);
    let mut touched: BTreeSet<StoryNumber> = BTreeSet::new();
    let mut moved = 0;
    for (group, target) in &mut targets {
        let movable: Vec<&Replayed> = group.entries.iter().filter(|entry| entry.published.is_none()).collect();
        let target = match (*target, movable.first()) {
            (_, None) => continue,
            (Some(target), _) => target,
            (None, Some(founder)) => {
                let id = free_id(batch, &founder.entry.key, leads.now)?;
                let entry = &founder.entry;
                batch.open_story(&id, entry.number, entry.held_back, leads.now)?
            }
        };
        for entry in movable.iter().filter(|entry| entry.story != target) {
            batch.move_entry(entry.entry.number, target, &reason(entry, group), leads.now)?;
            touched.extend([entry.story, target]);
            moved += 1;
        }
    }
    for story in &touched {
        if !batch.story_entries(*story)?.is_empty() {
            tidy(batch, *story, leads)?;
        }
    }
    for emptied in touched {
        if batch.story_entries(emptied)?.is_empty() {
            let heir = batch.story_of_entry(batch.lead_of(emptied)?)?;
            if let Some(heir) = heir.filter(|heir| *heir != emptied) {
                batch.absorb_story(emptied, heir, &Reason::ByHand, leads.now)?;
            }
        }
    }
    Ok(moved)
}

/// Which existing story each new one is: a published one before others, that with the most entries in it
/// before others, the older before the younger; each for one alone.
fn claims(change: &Change) -> Vec<(&Group, Option<StoryNumber>)> {
    let mut wishes = Vec::new();
    for (place, group) in change.after.iter().enumerate() {
        for (story, is_published) in change.before.iter().filter_map(|old| Some((old.story?, old.is_published))) {
            let shared = group.entries.iter().filter(|entry| entry.story == story).count();
            if shared > 0 {
                wishes.push((!is_published, std::cmp::Reverse(shared), story, place));
            }
        }
    }
    wishes.sort_unstable();
    let mut targets: Vec<(&Group, Option<StoryNumber>)> = change.after.iter().map(|group| (group, None)).collect();
    let mut taken = BTreeSet::new();
    for (_, _, story, place) in wishes {
        if targets[place].1.is_none() && taken.insert(story) {
            targets[place].1 = Some(story);
        }
    }
    targets
}

/// Why a moved entry is there: what opened the story in the replay was joined by those after it.
fn reason(entry: &Replayed, group: &Group) -> Reason {
    let joins = group.entries.iter().find(|other| other.reason != Reason::Opened);
    match (&entry.reason, joins) {
        (Reason::Opened, Some(joins)) if entry.story != group.entries[0].story => {
            Reason::Bridged { by: joins.entry.key.clone() }
        }
        (reason, _) => reason.clone(),
    }
}
