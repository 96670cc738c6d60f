//! The order of an output of top stories: by independent outlets, their weight, and freshness.
//!
//! A story counts for the sum of the weights of its independent outlets, halved with each half-life of its age. Since
//! all stories fade alike, their order changes only when something is reported, never because time passes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::chosen::Chosen;
use super::coverage::Shown;
use super::scope::qualifies;
use super::tally::{lead_first, tally};
use crate::config::{Order, OutputConfig};
use crate::model::{Coverage, Outlets, Rank, Source, SourceId, Story, StoryId, story_date};

/// Outlets that make a top story, unless the output asks for more.
const BAR: usize = 2;
/// An output of top stories is filled up to this many with the best of those below the bar.
pub(super) const FILLED_TO: usize = 10;

/// How a story of this `date` ranks, which `entries` cover and which `coverage` counts.
pub(super) fn rank(output: &OutputConfig, entries: &[Shown<'_>], coverage: &Coverage, date: Timestamp) -> Rank {
    let counted = coverage.entries.iter().filter(|entry| entry.counts);
    let weight = counted.filter_map(|counted| {
        let shown = entries.iter().find(|shown| shown.source.id.as_str() == counted.source)?;
        Some(shown.source.weight)
    });
    Rank { outlets: coverage.outlets, weight: weight.sum(), date, half_life: output.half_life }
}

/// How `story` ranks in `output`, whatever it shows of it by now; `None`: the output is not for its sources, or is none of
/// top stories.
pub(crate) fn rank_of(story: &Story, output: &OutputConfig, sources: &BTreeMap<SourceId, Source>) -> Option<Rank> {
    let mut entries = lead_first(story, sources);
    entries.retain(|shown| qualifies(output, shown.source));
    let first = entries.first().filter(|_| output.order == Order::Top)?;
    let date = story.date.unwrap_or_else(|| story_date(first.entry.published, first.entry.first_seen));
    Some(rank(output, &entries, &tally(&entries, &Outlets::new(sources)), date))
}

/// Sorts stories, the highest first: to the last tie the same whatever their order was.
pub(super) fn sort(stories: &mut [Chosen<'_>]) {
    stories.sort_by(|one, other| {
        let (of_one, of_other) = (height(one), height(other));
        of_other
            .total_cmp(&of_one)
            .then_with(|| Reverse(one.date).cmp(&Reverse(other.date)))
            .then_with(|| one.story.cmp(other.story))
    });
}

fn height(story: &Chosen<'_>) -> f64 {
    story.rank.as_ref().map_or(f64::NEG_INFINITY, Rank::height)
}

/// The outlets that a story needs to be in `output`, or to be a top story of it.
pub(super) fn bar(output: &OutputConfig) -> usize {
    let least = output.rules.least_outlets();
    if output.order == Order::Top { least.max(BAR) } else { least }
}

/// The stories of `ranked`, the highest first, that an output of top stories has: those of the bar and above, those that
/// it has already (`before`), and the best of the others up to ten in all. Where the output asks for a number of outlets,
/// its rules have chosen already.
pub(super) fn top(output: &OutputConfig, ranked: &[Chosen<'_>], before: &BTreeSet<StoryId>) -> BTreeSet<StoryId> {
    if output.rules.least_outlets() > 1 {
        return ranked.iter().map(|story| story.story.clone()).collect();
    }
    let is_top = |story: &&Chosen<'_>| {
        before.contains(story.story) || story.rank.as_ref().is_some_and(|rank| rank.outlets >= BAR)
    };
    let mut top: BTreeSet<StoryId> = ranked.iter().filter(is_top).map(|story| story.story.clone()).collect();
    for story in ranked {
        if top.len() >= FILLED_TO {
            break;
        }
        top.insert(story.story.clone());
    }
    top
}

/// When a story came to `bar` outlets: the time at which the last of them was first shown; `None`: it has fewer.
/// `shown`: its entries, the leading one first, and since when each is shown.
pub(super) fn crossed(bar: usize, shown: &[(Shown<'_>, Timestamp)], outlets: &Outlets<'_>) -> Option<Timestamp> {
    let times: BTreeSet<Timestamp> = shown.iter().map(|(_, since)| *since).collect();
    times.into_iter().find(|time| {
        let then: Vec<Shown<'_>> = shown.iter().filter(|(_, since)| since <= time).map(|(shown, _)| *shown).collect();
        tally(&then, outlets).outlets >= bar
    })
}
