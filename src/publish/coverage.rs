//! Which entries of a story its readers see: later coverage is appended at most once an hour, and
//! what has been shown keeps its place.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::addresses::is_web;
use super::allowance::entry_allowance;
use super::input::Input;
use super::rule::Rule;
use crate::config::{Config, SourceConfig};
use crate::model::{Member, Republish, Source, SourceId, StoredEntry, Story, StoryId, story_date};
use crate::store::Publication;

/// Readers that identify items by their content would otherwise see a big story change at every poll.
const BETWEEN_APPENDS: SignedDuration = SignedDuration::from_hours(1);

/// An entry that is shown, with its source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) entry: &'a StoredEntry,
    pub(super) source: &'a Source,
}

/// What is shown of a story at `now`.
#[derive(Debug)]
pub(super) struct Coverage<'a> {
    /// The entries, first shown first; among those shown at the same time, in the order in which they joined.
    pub(super) entries: Vec<Shown<'a>>,
    /// Since when each of them is shown.
    pub(super) since: Vec<Timestamp>,
    /// When the story was first published: now, if it was not yet.
    pub(super) first_published: Timestamp,
    /// The date it carries.
    pub(super) date: Timestamp,
    /// When entries that are not shown yet may be; `None`: there are none.
    pub(super) waits_until: Option<Timestamp>,
    newly_shown: Vec<&'a StoredEntry>,
}

/// What is shown of `story`; `None` if no entry of it may be published.
///
/// New entries wait until an hour has passed since entries were last appended, which is the latest
/// time in [`Member::shown`].
pub(super) fn of<'a>(story: &'a Story, input: &Input<'a>, filtering: &Filtering<'_>) -> Option<Coverage<'a>> {
    if input.taken_down.has_story(story) {
        return None;
    }
    let publishable = |member: &'a Member| {
        let source = input.sources.get(&member.entry.key.source)?;
        refusal(&member.entry, input, filtering)
            .is_none()
            .then_some((member.shown, Shown { entry: &member.entry, source }))
    };
    let (mut seen, fresh): (Vec<_>, Vec<_>) =
        story.members.iter().filter_map(publishable).partition(|(since, _)| since.is_some());
    // Stable: entries shown at the same time stay in the order in which they joined.
    seen.sort_by_key(|(since, _)| *since);
    let next_append = story.members.iter().filter_map(|member| member.shown).max();
    let next_append = next_append.and_then(|last| last.checked_add(BETWEEN_APPENDS).ok());
    let is_lead =
        |shown: &Shown<'_>| story.members.get(story.lead).is_some_and(|lead| lead.entry.key == shown.entry.key);
    // What takes the lead over is shown at once: the item should not carry another title for an hour.
    let is_led_anew = fresh.iter().any(|(_, shown)| is_lead(shown));
    let due = seen.is_empty() || is_led_anew || next_append.is_none_or(|next| input.now >= next);
    let waits_until = next_append.filter(|_| !due && !fresh.is_empty());
    let newly_shown: Vec<Shown<'_>> =
        if due { fresh.into_iter().map(|(_, shown)| shown).collect() } else { Vec::new() };
    let mut since: Vec<Timestamp> = seen.iter().filter_map(|(since, _)| *since).collect();
    let mut entries: Vec<Shown<'_>> = seen.into_iter().map(|(_, shown)| shown).collect();
    entries.extend(&newly_shown);
    since.resize(entries.len(), input.now);
    let dated = entries.iter().find(|shown| is_lead(shown)).or(entries.first())?.entry;
    Some(Coverage {
        first_published: story.first_published.unwrap_or(input.now),
        date: story.date.unwrap_or_else(|| story_date(dated.published, dated.first_seen)),
        since,
        waits_until,
        newly_shown: newly_shown.iter().map(|shown| shown.entry).collect(),
        entries,
    })
}

/// The sources that have rules of `include` or `exclude`.
pub(super) type Filtering<'a> = BTreeMap<&'a SourceId, &'a SourceConfig>;

/// Those of `config`. Entries were checked against the rules when they were read; here they are checked against
/// the current rules.
pub(super) fn filtering(config: &Config) -> Filtering<'_> {
    let has_rules = |source: &&SourceConfig| !source.include.is_empty() || !source.exclude.is_empty();
    config.sources.iter().filter(has_rules).map(|source| (&source.id, source)).collect()
}

/// Why `entry` may not be published in any output.
pub(super) fn refusal(entry: &StoredEntry, input: &Input<'_>, filtering: &Filtering<'_>) -> Option<Rule> {
    let Some(source) = input.sources.get(&entry.key.source) else { return Some(Rule::NoSource) };
    if input.taken_down.has_stored(entry) {
        return Some(Rule::TakenDown);
    }
    if !is_web(&entry.url) {
        return Some(Rule::Address);
    }
    let allowed = entry_allowance(input.config, None, source, entry);
    if allowed.extent >= Republish::Off {
        return Some(Rule::Rights(allowed.sentence()));
    }
    filtering.get(&source.id)?.refuses(entry).map(Rule::Filtered)
}

/// Why nothing of `story` may be published in any output.
pub(super) fn why_not(story: &Story, input: &Input<'_>, filtering: &Filtering<'_>) -> Option<Rule> {
    if input.taken_down.has_story(story) {
        return Some(Rule::TakenDown);
    }
    let lead_first = story.members.get(story.lead).into_iter().chain(&story.members);
    lead_first.map(|member| refusal(&member.entry, input, filtering)).collect::<Option<Vec<_>>>()?.into_iter().next()
}

/// Until when `story` waits for other outlets before it is first published (`settle`); `None`: it does not,
/// or no longer.
pub(super) fn settles_until(story: &Story, input: &Input<'_>) -> Option<Timestamp> {
    if story.first_published.is_some() || input.config.settle.is_zero() {
        return None;
    }
    let opened = story.members.iter().map(Member::since).min()?;
    opened.checked_add(input.config.settle).ok().filter(|until| input.now < *until)
}

impl Coverage<'_> {
    /// What the store has to keep of this; `None` if it already holds it all.
    pub(super) fn publication(&self, story: &Story, now: Timestamp) -> Option<Publication> {
        if story.first_published.is_some() && story.date.is_some() && self.newly_shown.is_empty() {
            return None;
        }
        debug_assert!(self.first_published <= now);
        let story: StoryId = story.id.clone();
        let newly_shown = self.newly_shown.iter().map(|entry| entry.key.clone()).collect();
        Some(Publication { story, first_published: self.first_published, date: self.date, newly_shown })
    }
}
