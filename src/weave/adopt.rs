//! Adopting a replay, within limits: entries of published stories stay where they are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::context::Context;
use super::elect_lead::Facts;
use super::ledger::Ledger;
use super::what_if::{Change, Group, Replay, Replayed, WhatIfInput, what_if};
use crate::config::WeaveConfig;
use crate::model::{Reason, Sites, Source, SourceId};
use crate::store::{Store, StoreError, StoryNumber};

/// Whether a replay is adopted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Apply {
    /// Only shown.
    No,
    /// Applied to stories that were not published yet.
    Yes,
}

/// Weaves the stored entries since `since` again under `config`. Returns the difference and
/// how many entries were moved.
///
/// # Errors
/// If the database cannot be read or written; nothing is changed then.
pub(crate) fn weave_again(
    store: &mut Store,
    config: &WeaveConfig,
    sources: &BTreeMap<SourceId, Source>,
    since: Timestamp,
    now: Timestamp,
    apply: Apply,
) -> Result<(Replay, usize), StoreError> {
    let sites = Sites::new(sources);
    let context = Context::new(config, &sites, now);
    let batch = store.batch()?;
    let input = WhatIfInput::read(&batch, &context, since)?;
    let stories = input.stories();
    let replay = what_if(input, &context, since);
    if apply == Apply::No {
        return Ok((replay, 0));
    }
    let mut ledger = Ledger::new(&sites, now, batch.next_story()?);
    for head in batch.story_heads(&stories)? {
        ledger.know_story(head);
    }
    for row in batch.members_before(&stories, Timestamp::MAX)? {
        ledger.know_member(row.entry, row.story, Facts::from(row));
    }
    let moved = replay.changes.iter().map(|change| adopt(&mut ledger, change)).sum();
    batch.apply(&ledger.changes, now)?;
    batch.commit()?;
    Ok((replay, moved))
}

/// Moves those entries of one change that may be moved. Returns how many.
fn adopt(ledger: &mut Ledger<'_>, change: &Change) -> usize {
    let mut touched: BTreeSet<StoryNumber> = BTreeSet::new();
    let mut moved = 0;
    for (group, target) in claims(change) {
        let movable: Vec<&Replayed> = group.entries.iter().filter(|entry| entry.published.is_none()).collect();
        let Some(founder) = movable.first() else { continue };
        let Some(facts) = ledger.facts(founder.number).cloned() else { continue };
        let target = target.unwrap_or_else(|| ledger.open(founder.number, &facts));
        for entry in movable.iter().filter(|entry| entry.story != target) {
            ledger.move_entry(entry.number, target, reason(entry, group));
            touched.extend([entry.story, target]);
            moved += 1;
        }
    }
    touched.iter().for_each(|story| ledger.tidy(*story));
    for emptied in touched.into_iter().filter(|story| ledger.entries_of(*story).is_empty()).collect::<Vec<_>>() {
        let lead = ledger.story(emptied).and_then(|story| story.head.as_ref()).map(|(_, lead)| *lead);
        let heir = lead.and_then(|lead| ledger.story_of(lead));
        if let Some(heir) = heir.filter(|heir| *heir != emptied) {
            ledger.absorb(emptied, heir, Reason::ByHand);
        }
    }
    moved
}

/// Which existing story each new one is: a published one first, then the one with the most entries in it,
/// then the older one; each existing story is used only once.
pub(super) fn claims(change: &Change) -> Vec<(&Group, Option<StoryNumber>)> {
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

/// Why a moved entry is there: the entry that opened the story in the replay was joined by those after it.
fn reason(entry: &Replayed, group: &Group) -> Reason {
    let joins = group.entries.iter().find(|other| other.reason != Reason::Opened);
    match (&entry.reason, joins) {
        (Reason::Opened, Some(joins)) if entry.story != group.entries[0].story => {
            Reason::Bridged { by: joins.key.clone() }
        }
        (reason, _) => reason.clone(),
    }
}
