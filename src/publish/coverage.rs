//! Which entries of a story its readers see: later coverage is appended at most once an hour, and
//! what has been shown keeps its place.

use jiff::{SignedDuration, Timestamp};

use super::{Candidate, Input, Publication};
use crate::model::{Entry, Republish, Source, StoryId};

/// A reader who keeps items by their content would otherwise see a big story change at every poll.
const BETWEEN_APPENDS: SignedDuration = SignedDuration::from_hours(1);

/// A date before first sight is believed up to this far back.
pub(super) const BACKDATED: SignedDuration = SignedDuration::from_hours(48);

/// An entry that is shown, with its source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    pub entry: &'a Entry,
    pub source: &'a Source,
}

/// What is shown of a story at `now`.
#[derive(Debug)]
pub(super) struct Coverage<'a> {
    /// The entries, first shown first; among those shown at once, in the order in which they joined.
    pub entries: Vec<Shown<'a>>,
    /// When the story was first published: now, where it was not yet.
    pub first_published: Timestamp,
    /// The date it carries.
    pub date: Timestamp,
    /// When entries that are not shown yet may be; `None`: there are none.
    pub waits_until: Option<Timestamp>,
    newly_shown: Vec<&'a Entry>,
}

/// What is shown of `candidate`; `None` where no entry of it may be published.
///
/// New entries wait until an hour has passed since entries were last appended, which is the latest
/// time in [`Candidate::shown`].
pub(super) fn of<'a>(candidate: &'a Candidate, input: &Input<'a>) -> Option<Coverage<'a>> {
    let publishable = candidate.story.members.iter().filter_map(|member| {
        let source = input.sources.get(&member.entry.key.source)?;
        (source.republish != Republish::Off).then_some(Shown { entry: &member.entry, source })
    });
    let (mut entries, fresh): (Vec<_>, Vec<_>) =
        publishable.partition(|shown| candidate.shown.contains_key(&shown.entry.key));
    // Stable: entries shown at once stay in the order in which they joined.
    entries.sort_by_key(|shown| candidate.shown.get(&shown.entry.key));
    let last_append = candidate.shown.values().max();
    let due = entries.is_empty() || last_append.is_none_or(|last| input.now.duration_since(*last) >= BETWEEN_APPENDS);
    let waits_until = (!due && !fresh.is_empty())
        .then(|| last_append.and_then(|last| last.checked_add(BETWEEN_APPENDS).ok()))
        .flatten();
    let newly_shown = if due { fresh } else { Vec::new() };
    entries.extend(&newly_shown);
    let first = entries.first()?.entry;
    Some(Coverage {
        first_published: candidate.story.first_published.unwrap_or(input.now),
        date: candidate.story.date.unwrap_or_else(|| dated(first)),
        waits_until,
        newly_shown: newly_shown.iter().map(|shown| shown.entry).collect(),
        entries,
    })
}

/// The date of a story that opens with `first`: its own date, between 48 hours before we saw it and
/// that moment.
fn dated(first: &Entry) -> Timestamp {
    let seen = first.first_seen;
    first.published.unwrap_or(seen).clamp(seen.saturating_sub(BACKDATED).unwrap_or(seen), seen)
}

impl Coverage<'_> {
    /// What the store has to keep of this; `None` where it holds it all.
    pub(super) fn publication(&self, candidate: &Candidate, now: Timestamp) -> Option<Publication> {
        let story = &candidate.story;
        if story.first_published.is_some() && story.date.is_some() && self.newly_shown.is_empty() {
            return None;
        }
        debug_assert!(self.first_published <= now);
        let story: StoryId = story.id.clone();
        let newly_shown = self.newly_shown.iter().map(|entry| entry.key.clone()).collect();
        Some(Publication { story, first_published: self.first_published, date: self.date, newly_shown })
    }
}
