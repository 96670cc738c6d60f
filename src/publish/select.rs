//! Which stories an output shows, in which order, and which entry leads each.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::coverage::{Coverage, Shown};
use super::{Input, Rule};
use crate::config::{Order, OutputConfig};
use crate::model::{EntryKey, Republish, Source, SourceId, SourceKind, Story, StoryId};

/// A story as one output shows it.
#[derive(Debug)]
pub(super) struct Chosen<'a> {
    pub story: &'a StoryId,
    /// The leading entry.
    pub lead: Shown<'a>,
    /// The other entries, first shown first.
    pub others: Vec<Shown<'a>>,
    /// The date the story carries.
    pub date: Timestamp,
    first_published: Timestamp,
}

/// The choice of one output.
#[derive(Debug)]
pub(super) struct Selection<'a> {
    /// The stories, first to last.
    pub chosen: Vec<Chosen<'a>>,
    /// Ids of stories that are at hand and that a rule (age, number) leaves out: that they are gone
    /// from the document is no loss.
    pub left_out: BTreeMap<String, Rule>,
}

/// Whether `output` is for stories of `source`.
pub(super) fn qualifies(output: &OutputConfig, source: &Source) -> bool {
    (output.tags.is_empty() || output.tags.iter().any(|tag| source.tags.contains(tag)))
        && (output.sources.is_empty() || output.sources.contains(&source.id))
}

/// Chooses and orders the stories of `output`.
pub(super) fn select<'a>(
    input: &Input<'_>,
    output: &OutputConfig,
    stories: &[(&'a Story, &Coverage<'a>)],
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
    let mut kept = 0;
    chosen.retain(|story| {
        let source = story.lead.source;
        let count = of_source.entry(&source.id).or_default();
        let rule = match source.max_items {
            Some(most) if *count >= most => Rule::MaxItems(most),
            _ if kept >= output.items => Rule::Items(output.items),
            _ => {
                *count += 1;
                kept += 1;
                return true;
            }
        };
        left_out.insert(story.story.to_string(), rule);
        false
    });
    Selection { chosen, left_out }
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
    let lead_key = story.members.get(story.lead).map(|member| &member.entry.key);
    let qualifying = |shown: &&Shown<'_>| qualifies(output, shown.source);
    if entries.iter().all(|shown| !qualifying(&shown)) {
        let is_too_old = coverage.entries.iter().any(|shown| qualifying(&shown));
        return Err(if is_too_old { Rule::SourceMaxAge } else { Rule::OtherSources });
    }
    // The story's own lead where this output is for its source, else the best that it is for.
    let (at, _) = entries
        .iter()
        .enumerate()
        .filter(|(_, shown)| qualifies(output, shown.source))
        .min_by_key(|(_, shown)| (Some(&shown.entry.key) != lead_key, rank(shown)))
        .ok_or(Rule::OtherSources)?;
    let lead = entries.remove(at);
    let first_published = coverage.first_published;
    Ok(Chosen { story: &story.id, lead, others: entries, date: coverage.date, first_published })
}

/// Who leads: an original before an aggregator, the larger weight, the earlier; then the key, so that
/// one input has one result.
fn rank<'a>(shown: &Shown<'a>) -> (bool, Reverse<u32>, Timestamp, &'a EntryKey) {
    let Shown { entry, source } = *shown;
    (source.kind == SourceKind::Aggregator, Reverse(source.weight), entry.effective_time(), &entry.key)
}

fn is_older(time: Timestamp, max_age: Option<SignedDuration>, now: Timestamp) -> bool {
    max_age.is_some_and(|max_age| now.duration_since(time) > max_age)
}
