//! Which stories an output shows, in which order, and which entry leads each.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::coverage::{Coverage, Shown};
use super::input::Input;
use super::lead::leader;
use super::rule::Rule;
use super::scope::qualifies;
use crate::config::{Order, OutputConfig};
use crate::model::{Republish, SourceId, Story, StoryId};

/// So many stories of one source of one pass come before the rest of it.
const TURNS: usize = 19;

/// A story as one output shows it.
#[derive(Debug)]
pub(super) struct Chosen<'a> {
    pub(super) story: &'a StoryId,
    /// The leading entry.
    pub(super) lead: Shown<'a>,
    /// The other entries, first shown first.
    pub(super) others: Vec<Shown<'a>>,
    /// The date the story carries.
    pub(super) date: Timestamp,
    first_published: Timestamp,
}

/// The choice of one output.
#[derive(Debug)]
pub(super) struct Selection<'a> {
    /// The stories, first to last.
    pub(super) chosen: Vec<Chosen<'a>>,
    /// Ids of stories that are at hand and that a rule (age, number) leaves out: that they are gone
    /// from the document is no loss.
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
    chosen.sort_by_key(|story| {
        let times = match output.order {
            Order::FirstSeen => (story.first_published, story.date),
            Order::Published => (story.date, story.first_published),
        };
        (Reverse(times), story.story)
    });
    let mut of_source: BTreeMap<&SourceId, usize> = BTreeMap::new();
    chosen.retain(|story| {
        let source = story.lead.source;
        let count = of_source.entry(&source.id).or_default();
        *count += 1;
        let Some(most) = source.max_items.filter(|most| *count > *most) else { return true };
        left_out.insert(story.story.to_string(), Rule::MaxItems(most));
        false
    });
    let room = with_room(output, &chosen);
    chosen.retain(|story| {
        let has_room = room.contains(story.story);
        if !has_room {
            left_out.insert(story.story.to_string(), Rule::Items(output.items));
        }
        has_room
    });
    Selection { chosen, left_out }
}

/// The stories that an output has room for, of `chosen` in its order. Of what one pass brought, each source gets its
/// turn before any gets its twentieth: nobody's flood carries off the news of others.
fn with_room(output: &OutputConfig, chosen: &[Chosen<'_>]) -> BTreeSet<StoryId> {
    let mut of_pass: BTreeMap<(Timestamp, &SourceId), usize> = BTreeMap::new();
    let mut ranked: Vec<(Reverse<Timestamp>, usize, usize)> = Vec::with_capacity(chosen.len());
    for (at, story) in chosen.iter().enumerate() {
        let turn = of_pass.entry((story.first_published, &story.lead.source.id)).or_default();
        // In an output by dates, passes are none of the order.
        let pass = match output.order {
            Order::FirstSeen => story.first_published,
            Order::Published => Timestamp::MIN,
        };
        ranked.push((Reverse(pass), *turn / TURNS, at));
        *turn += 1;
    }
    ranked.sort_unstable();
    ranked.into_iter().take(output.items).map(|(.., at)| chosen[at].story.clone()).collect()
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
    if is_older(coverage.date, output.max_age, input.now) {
        return Err(Rule::OutputMaxAge);
    }
    let mut entries = coverage.entries.clone();
    entries.retain(|shown| !is_older(shown.entry.effective_time(), shown.source.max_age, input.now));
    let Some(at) = leader(input, output, story, &entries) else {
        let is_too_old = coverage.entries.iter().any(|shown| qualifies(output, shown.source));
        return Err(if is_too_old { Rule::SourceMaxAge } else { Rule::OtherSources });
    };
    let lead = entries.remove(at);
    // An output shows the sources that it is for, in its credits too.
    entries.retain(|shown| qualifies(output, shown.source));
    let first_published = coverage.first_published;
    Ok(Chosen { story: &story.id, lead, others: entries, date: coverage.date, first_published })
}

fn is_older(time: Timestamp, max_age: Option<SignedDuration>, now: Timestamp) -> bool {
    max_age.is_some_and(|max_age| now.duration_since(time) > max_age)
}
