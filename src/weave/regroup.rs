//! The stored stories as another configuration would group them, in memory.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::adopt::claims;
use super::context::Context;
use super::what_if::{Change, Group, WhatIfInput, what_if};
use crate::config::WeaveConfig;
use crate::model::{EntryKey, LeadInput, Member, Sites, Source, SourceId, Story, StoryId, lead};
use crate::store::{EntryNumber, Reader, StoreError, StoryNumber};

/// What decides how entries are grouped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup<'a> {
    /// `[weave]`.
    pub(crate) config: &'a WeaveConfig,
    /// The sources.
    pub(crate) sources: &'a BTreeMap<SourceId, Source>,
}

/// The groups that another configuration would make differently, and nothing that differs for another reason: what the
/// present configuration itself would group anew (published stories stay as they are) is left alone.
#[derive(Debug)]
pub(crate) struct Regrouping<'a> {
    changes: Vec<Change>,
    sources: &'a BTreeMap<SourceId, Source>,
}

impl<'a> Regrouping<'a> {
    /// What `then` groups differently from `present`, of the entries since `since`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn between(
        reader: &Reader,
        present: Setup<'_>,
        then: Setup<'a>,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let changes = |setup: Setup<'_>| -> Result<Vec<Change>, StoreError> {
            let sites = Sites::new(setup.sources);
            let context = Context::new(setup.config, &sites, now);
            Ok(what_if(WhatIfInput::read(reader, &context, since)?, &context, since).changes)
        };
        let own: BTreeSet<_> = changes(present)?.iter().map(partition).collect();
        let of_then = changes(then)?.into_iter().filter(|change| !own.contains(&partition(change)));
        Ok(Self { changes: of_then.collect(), sources: then.sources })
    }

    /// Replaces those of `stories` that are grouped differently. A story of which another group takes everything is
    /// gone; one that is new has the id that its first entry would give it.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn apply(&self, reader: &Reader, stories: &mut Vec<Story>) -> Result<(), StoreError> {
        for change in &self.changes {
            let mut before: BTreeMap<StoryNumber, Story> = BTreeMap::new();
            for number in change.before.iter().filter_map(|group| group.story) {
                before.insert(number, reader.story(number)?);
            }
            if !stories.iter().any(|story| before.values().any(|old| old.id == story.id)) {
                continue;
            }
            stories.retain(|story| before.values().all(|old| old.id != story.id));
            stories.extend(self.regrouped(change, before));
        }
        Ok(())
    }

    fn regrouped(&self, change: &Change, before: BTreeMap<StoryNumber, Story>) -> Vec<Story> {
        let mut heads = BTreeMap::new();
        let mut left: Vec<(StoryNumber, Member)> = Vec::new();
        for (number, story) in before {
            heads.insert(number, (story.id, story.first_published, story.date));
            left.extend(story.members.into_iter().map(|member| (number, member)));
        }
        let placed: BTreeSet<&EntryKey> = change.after.iter().flat_map(Group::keys).collect();
        let mut made = Vec::new();
        for (group, target) in claims(change) {
            let keys: BTreeSet<&EntryKey> = group.keys().collect();
            // What is older than the window stays in the story that it is in.
            let is_of_it = |(number, member): &mut (StoryNumber, Member)| {
                keys.contains(&member.entry.key) || Some(*number) == target && !placed.contains(&member.entry.key)
            };
            let mut members: Vec<Member> = left.extract_if(.., is_of_it).map(|(_, member)| member).collect();
            members.sort_by(|a, b| {
                let order = |member: &Member| (member.joined, member.entry.effective_time());
                (order(a), &a.entry.key).cmp(&(order(b), &b.entry.key))
            });
            let Some(founder) = members.first() else { continue };
            let (id, first_published, date) =
                target.and_then(|target| heads.get(&target).cloned()).unwrap_or_else(|| {
                    let id = StoryId::mint(&founder.entry.key, &founder.entry.url, 0);
                    (id, members.iter().filter_map(|member| member.shown).min(), None)
                });
            let lead = self.lead(&members);
            made.push(Story { id, members, lead, first_published, date });
        }
        made
    }

    fn lead(&self, members: &[Member]) -> usize {
        let of = |member| LeadInput::of(member, self.sources.get(&member.key.source));
        let inputs: Vec<LeadInput<'_>> = members.iter().map(|member| of(&member.entry)).collect();
        lead(&inputs).unwrap_or(0)
    }
}

impl Group {
    fn keys(&self) -> impl Iterator<Item = &EntryKey> {
        self.entries.iter().map(|entry| &entry.key)
    }
}

/// The groups that a change makes, whatever they are called.
fn partition(change: &Change) -> BTreeSet<BTreeSet<EntryNumber>> {
    change.after.iter().map(|group| group.entries.iter().map(|entry| entry.number).collect()).collect()
}
