//! What becomes of a story in an output, and by which rule.

use std::cmp::Reverse;

use super::coverage;
use super::input::Input;
use super::plan::Plan;
use super::rendered::{Holds, Rendered};
use super::rule::Rule;
use crate::model::{Rank, SourceId, Story, StoryId};

/// What one output does with a story that it could show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The story.
    pub(crate) story: StoryId,
    /// Title of its leading entry.
    pub(crate) title: String,
    /// Source of its leading entry.
    pub(crate) source: SourceId,
    /// Why it is not there; `None`: it is.
    pub(crate) dropped: Option<Rule>,
    /// How it ranks, in an output of top stories that has it.
    pub(crate) rank: Option<Rank>,
}

/// What the outputs of feeds.toml do with the stories at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutputVerdicts {
    /// File name under the output folder.
    pub(crate) file: String,
    /// The stories, the newest first; what is older than all that an output could hold is not among them.
    pub(crate) verdicts: Vec<Verdict>,
}

/// What the outputs of a `plan` for `input` do with the stories at hand, and why.
#[must_use]
pub(super) fn verdicts(input: &Input<'_>, plan: &Plan) -> Vec<OutputVerdicts> {
    let filtering = coverage::filtering(input.config);
    let is_digest = |rendered: &&Rendered| input.config.digests().any(|(output, _)| output.file == rendered.file);
    let of_items = plan.outputs.iter().filter(|rendered| rendered.holds == Holds::Items && !is_digest(rendered));
    let one = |rendered: &Rendered| OutputVerdicts {
        file: rendered.file.clone(),
        verdicts: {
            let mut stories: Vec<&Story> = input.stories.iter().filter(|story| !story.members.is_empty()).collect();
            let newest = |story: &&Story| (Reverse(story.first_published.unwrap_or(input.now)), story.date);
            stories.sort_by_key(|story| (newest(story), story.id.clone()));
            stories.into_iter().map(|story| verdict(story, rendered, plan, input, &filtering)).collect()
        },
    };
    of_items.map(one).collect()
}

fn verdict(
    story: &Story,
    rendered: &Rendered,
    plan: &Plan,
    input: &Input<'_>,
    filtering: &coverage::Filtering<'_>,
) -> Verdict {
    let id = story.id.to_string();
    let lead = &story.members[story.lead.min(story.members.len() - 1)].entry;
    let failed = || {
        let failure = plan.filter_failures.iter().find(|failure| failure.story == story.id);
        let unasked = || plan.unasked.iter().find(|(unasked, _)| *unasked == story.id);
        failure
            .map(|failure| Rule::ProgramFailed(failure.reason.clone()))
            .or_else(|| unasked().map(|(_, failed)| Rule::Unasked(*failed)))
    };
    let dropped = if rendered.failed.is_none() && rendered.expected.iter().any(|expected| expected.story == id) {
        None
    } else if let Some(rule) = rendered.left_out.get(&id) {
        Some(rule.clone())
    } else if coverage::settles_until(story, input).is_some() {
        Some(Rule::Settles)
    } else if let Some(rule) = coverage::why_not(story, input, filtering) {
        Some(rule)
    } else {
        failed()
    };
    let dropped = match (&rendered.failed, dropped) {
        (Some(error), None) => Some(Rule::ProgramFailed(error.to_string())),
        (_, dropped) => dropped,
    };
    Verdict {
        story: story.id.clone(),
        title: lead.title.clone(),
        source: lead.key.source.clone(),
        dropped,
        rank: rendered.ranks.get(&id).cloned(),
    }
}
