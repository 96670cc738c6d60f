//! Which stories an output shows, in which order, and which entry leads each.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::chosen::Chosen;
use super::coverage::{Coverage, Shown};
use super::input::Input;
use super::lead::leader;
use super::rule::Rule;
use super::rules;
use super::scope::qualifies;
use super::top::{self, FILLED_TO};
use crate::config::{Order, OutputConfig};
use crate::model::{Outlets, Republish, SourceId, Story, StoryId, story_date};

/// An output has this many items, however old, if there are as many.
pub(super) const LEAST_ITEMS: usize = 50;
/// Most stories of one source from one pass that come before the rest of it.
const TURN: usize = 19;

/// The choice of one output.
#[derive(Debug)]
pub(super) struct Selection<'a> {
    /// The stories, first to last.
    pub(super) chosen: Vec<Chosen<'a>>,
    /// Ids of stories that are at hand and that a rule (age, number) leaves out: their absence
    /// from the document is not a loss.
    pub(super) left_out: BTreeMap<String, Rule>,
}

/// Chooses and orders the stories of `output`.
pub(super) fn select<'a>(
    input: &Input<'_>,
    output: &OutputConfig,
    stories: &[(&'a Story, Coverage<'a>)],
) -> Selection<'a> {
    let mut left_out = BTreeMap::new();
    let mut chosen = Vec::new();
    for (story, coverage) in stories {
        match choose(input, output, story, coverage) {
            Ok(choice) => chosen.push(choice),
            Err(rule) => drop(left_out.insert(story.id.to_string(), rule)),
        }
    }
    put_in_order(output, &mut chosen);
    let mut of_source: BTreeMap<&SourceId, usize> = BTreeMap::new();
    chosen.retain(|story| {
        let source = story.lead.source;
        let count = of_source.entry(&source.id).or_default();
        *count += 1;
        let Some(most) = source.max_items.filter(|most| *count > *most) else { return true };
        left_out.insert(story.story.to_string(), Rule::MaxItems(most));
        false
    });
    let beyond = beyond_the_window(output, &chosen);
    chosen.retain(|story| !beyond.contains(story.story));
    left_out.extend(beyond.into_iter().map(|story| (story.to_string(), Rule::Span)));
    if output.order == Order::Top {
        let top = top::top(output, &chosen, input.top_items(output));
        let others = chosen.extract_if(.., |story| !top.contains(story.story));
        left_out.extend(others.map(|story| (story.story.to_string(), Rule::NotTop)));
    }
    line_up(output, &mut chosen, input.now);
    chosen.retain(|story| {
        let has_room = story.place < output.items;
        if !has_room {
            left_out.insert(story.story.to_string(), Rule::Items(output.items));
        }
        has_room
    });
    Selection { chosen, left_out }
}

/// Sorts stories, the first first.
fn put_in_order(output: &OutputConfig, chosen: &mut [Chosen<'_>]) {
    match output.order {
        Order::FirstSeen => chosen.sort_by_key(|story| (Reverse((story.entered, story.date)), story.story)),
        Order::Published => chosen.sort_by_key(|story| (Reverse((story.date, story.entered)), story.story)),
        Order::Top => top::sort(chosen),
    }
}

/// The stories that are no longer new: those that neither entered the output nor gained an outlet within its span
/// before the newest that did, except for the minimum number of items. Counted from the newest, not from the clock, so
/// that nothing leaves if nothing comes.
fn beyond_the_window(output: &OutputConfig, chosen: &[Chosen<'_>]) -> BTreeSet<StoryId> {
    let newest = chosen.iter().map(|story| story.changed).max();
    let Some(since) = newest.and_then(|newest| newest.checked_sub(output.span).ok()) else { return BTreeSet::new() };
    let in_window = chosen.iter().filter(|story| story.changed >= since).count();
    let older = chosen.iter().filter(|story| story.changed < since);
    let least = if output.order == Order::Top { FILLED_TO } else { LEAST_ITEMS };
    older.skip(least.saturating_sub(in_window)).map(|story| story.story.clone()).collect()
}

/// Number of stories that are the turn of a source in `output`: at most half of its room.
pub(super) fn turn_of(output: &OutputConfig) -> usize {
    TURN.min(half_of(output.items))
}

/// As much of a room for so many items as one source fills while others want some of it.
pub(super) fn half_of(room: usize) -> usize {
    room.div_ceil(2).max(1)
}

/// Gives the stories of `chosen` their places in line for the room of an output, in number and in bytes. Of what one pass
/// brought, each source gets its turn before any gets its twentieth; of all passes, no source gets more than half of the
/// room, its newest, before the others have theirs: nobody's flood carries off the news of others. What left for want of
/// room and gains an outlet with this publish is back with it, so that no credit goes without having stood there; no source
/// recalls more than its turn.
fn line_up(output: &OutputConfig, chosen: &mut [Chosen<'_>], now: Timestamp) {
    let (most, half) = (turn_of(output), half_of(output.items));
    let mut of_source: BTreeMap<&SourceId, usize> = BTreeMap::new();
    let mut of_pass: BTreeMap<(Timestamp, &SourceId), usize> = BTreeMap::new();
    let mut ranked: Vec<(usize, Reverse<Timestamp>, usize, usize)> = Vec::with_capacity(chosen.len());
    for (at, story) in chosen.iter().enumerate() {
        let count = of_source.entry(&story.lead.source.id).or_default();
        let (mut share, mut pass) = (*count / half, story.entered);
        *count += 1;
        if story.changed > story.entered && story.changed == now {
            let joins = of_pass.entry((story.changed, story.changed_by)).or_default();
            *joins += 1;
            (share, pass) = if *joins <= most { (0, story.changed) } else { (share, pass) };
        }
        let turn = of_pass.entry((story.entered, &story.lead.source.id)).or_default();
        // In an output ordered by dates or ranks, passes play no part.
        if output.order != Order::FirstSeen {
            pass = Timestamp::MIN;
        }
        ranked.push((share, Reverse(pass), *turn / most, at));
        *turn += 1;
    }
    ranked.sort_unstable();
    for (place, (.., at)) in ranked.into_iter().enumerate() {
        chosen[at].place = place;
    }
}

fn choose<'a>(
    input: &Input<'_>,
    output: &OutputConfig,
    story: &'a Story,
    coverage: &Coverage<'a>,
) -> Result<Chosen<'a>, Rule> {
    if output.republish == Republish::Off {
        return Err(Rule::OutputOff);
    }
    let of_output = coverage.entries.iter().zip(&coverage.since).map(|(shown, since)| (*shown, *since));
    let is_old = |(shown, since): &(Shown<'_>, Timestamp)| is_older(age_of(shown, *since), output.max_age, input.now);
    // Time explains what it takes out whatever else does.
    if of_output.clone().all(|entry| is_old(&entry)) {
        return Err(Rule::OutputMaxAge);
    }
    // An output shows the sources that it is for, in its credits too.
    let mut seen: Vec<(Shown<'a>, Timestamp)> =
        of_output.filter(|(shown, _)| qualifies(output, shown.source)).collect();
    if seen.is_empty() {
        return Err(Rule::OtherSources);
    }
    seen.retain(|entry| !is_old(entry));
    if seen.is_empty() {
        return Err(Rule::OutputMaxAge);
    }
    let outlets = &input.derived.outlets;
    if let Some(refusal) = rules::keep_shown(output, outlets, &mut seen) {
        return Err(refusal);
    }
    let entries: Vec<Shown<'a>> = seen.iter().map(|(shown, _)| *shown).collect();
    let Some(at) = leader(input, output, story, &entries) else { return Err(Rule::OtherSources) };
    // The leading one first.
    seen[..=at].rotate_right(1);
    let lead = seen[0].0;
    let others: Vec<Shown<'a>> = seen[1..].iter().map(|(shown, _)| *shown).collect();
    let leads = story.members.get(story.lead).is_some_and(|member| member.entry.key == lead.entry.key);
    // The date is that of the article which the output shows first.
    let date = if leads { coverage.date } else { story_date(lead.entry.published, lead.entry.first_seen) };
    let judged = rules::judge(output, &seen, outlets)?;
    let is_top = output.order == Order::Top;
    let rank = judged.as_ref().filter(|_| is_top).map(|counts| top::rank(output, &entries, counts, date));
    let (entered, last) = times(output, coverage.first_published, &seen, outlets);
    let (changed, changed_by) = last.unwrap_or((entered, &lead.source.id));
    Ok(Chosen { story: &story.id, lead, others, date, entered, changed, changed_by, place: 0, rank, counts: judged })
}

/// When `output` first had the story that it shows as `seen`; and when that last gained a source in it, and which.
fn times<'a>(
    output: &OutputConfig,
    first_published: Timestamp,
    seen: &[(Shown<'a>, Timestamp)],
    outlets: &Outlets<'_>,
) -> (Timestamp, Option<(Timestamp, &'a SourceId)>) {
    let mut gained: BTreeMap<&SourceId, Timestamp> = BTreeMap::new();
    for (shown, since) in seen {
        let first = gained.entry(&shown.source.id).or_insert(*since);
        *first = (*first).min(*since);
    }
    let is_for_all = output.tags.is_empty() && output.sources.is_empty() && output.rules.is_empty();
    let first = gained.values().copied().min().filter(|_| !is_for_all).unwrap_or(first_published);
    let bar = top::bar(output);
    let crossed = (bar > 1).then(|| top::crossed(bar, seen, outlets)).flatten();
    let entered = first.max(first_published).max(crossed.unwrap_or(first));
    let last = gained.into_iter().map(|(source, since)| (since, source)).max();
    (entered, last.filter(|(since, _)| *since > entered))
}

/// The time from which the age of an article of a story counts: its date, but nothing gets younger once it is shown.
fn age_of(shown: &Shown<'_>, since: Timestamp) -> Timestamp {
    story_date(shown.entry.published, shown.entry.first_seen).min(since)
}

fn is_older(time: Timestamp, max_age: Option<SignedDuration>, now: Timestamp) -> bool {
    max_age.is_some_and(|max_age| now.duration_since(time) > max_age)
}
