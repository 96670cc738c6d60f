//! What becomes of a story in an output, and by which rule.

use std::cmp::Reverse;
use std::fmt;

use super::{Input, Plan, Rendered, coverage};
use crate::config::{Format, Refusal};
use crate::model::{SourceId, Story, StoryId};

/// What one output does with a story that it could show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The story.
    pub story: StoryId,
    /// Title of its leading entry.
    pub title: String,
    /// Source of its leading entry.
    pub source: SourceId,
    /// Why it is not there; `None`: it is.
    pub dropped: Option<Rule>,
}

/// What the outputs of feeds.toml do with the stories at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputVerdicts {
    /// File name under the output folder.
    pub file: String,
    /// The stories, the newest first; what is older than all that an output could hold is not among them.
    pub verdicts: Vec<Verdict>,
}

/// The rule by which a story is not in an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// It was taken down.
    TakenDown,
    /// Its address is none that every reader can follow.
    Address,
    /// Its rights, or `republish = "off"`: the sentence of the allowance.
    Rights(String),
    /// `include` or `exclude` of its source.
    Filtered(Refusal),
    /// Its source is in feeds.toml no longer.
    NoSource,
    /// Part of a back-fill: recorded, never published by itself.
    HeldBack,
    /// It waits for other outlets (`settle`).
    Settles,
    /// `tags` or `sources` of the output.
    OtherSources,
    /// `republish = "off"` of the output.
    OutputOff,
    /// `max_age` of the output.
    OutputMaxAge,
    /// `max_age` of its source.
    SourceMaxAge,
    /// `max_items` of its source.
    MaxItems(usize),
    /// `items` of the output.
    Items(usize),
    /// The largest size of a document, in bytes.
    Size(usize),
    /// The filter program of the output dropped it.
    Program(String),
    /// The filter program of the output failed on it.
    ProgramFailed(String),
}

/// What the outputs of a `plan` for `input` do with the stories at hand, and why.
#[must_use]
pub fn verdicts(input: &Input<'_>, plan: &Plan) -> Vec<OutputVerdicts> {
    let filtering = coverage::filtering(input.config);
    let of_items = plan.outputs.iter().filter(|rendered| rendered.format != Format::Opml);
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
    let failed = || plan.filter_failures.iter().find(|failure| failure.story == story.id);
    let dropped = if rendered.failed.is_none() && rendered.expected.iter().any(|expected| expected.story == id) {
        None
    } else if let Some(rule) = rendered.left_out.get(&id) {
        Some(rule.clone())
    } else if coverage::settles_until(story, input).is_some() {
        Some(Rule::Settles)
    } else if let Some(rule) = coverage::why_not(story, input, filtering) {
        Some(rule)
    } else {
        failed().map(|failure| Rule::ProgramFailed(failure.reason.clone()))
    };
    let dropped = match (&rendered.failed, dropped) {
        (Some(error), None) => Some(Rule::ProgramFailed(error.to_string())),
        (_, dropped) => dropped,
    };
    Verdict { story: story.id.clone(), title: lead.title.clone(), source: lead.key.source.clone(), dropped }
}

impl Rule {
    /// Its name for a program; never changed.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TakenDown => "takedown",
            Self::Address => "address",
            Self::Rights(_) => "rights",
            Self::Filtered(Refusal::Excluded { .. }) => "exclude",
            Self::Filtered(Refusal::NotIncluded { .. }) => "include",
            Self::NoSource => "no_source",
            Self::HeldBack => "held_back",
            Self::Settles => "settle",
            Self::OtherSources => "other_sources",
            Self::OutputOff => "republish_off",
            Self::OutputMaxAge => "max_age",
            Self::SourceMaxAge => "source_max_age",
            Self::MaxItems(_) => "max_items",
            Self::Items(_) => "items",
            Self::Size(_) => "size",
            Self::Program(_) => "filter",
            Self::ProgramFailed(_) => "filter_failed",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TakenDown => f.write_str("it was taken down"),
            Self::Address => f.write_str("its address has an IPv6 host, which many readers cannot follow"),
            Self::Rights(sentence) => f.write_str(sentence),
            Self::Filtered(refusal) => refusal.fmt(f),
            Self::NoSource => f.write_str("feeds.toml does not name its source any longer"),
            Self::HeldBack => f.write_str("held back: it came with more older entries than the newest twenty"),
            Self::Settles => f.write_str("it waits for other outlets (settle)"),
            Self::OtherSources => f.write_str("the output is for other sources (tags, sources)"),
            Self::OutputOff => f.write_str("republish = \"off\" of the output"),
            Self::OutputMaxAge => f.write_str("older than max_age of the output"),
            Self::SourceMaxAge => f.write_str("older than max_age of its source"),
            Self::MaxItems(most) => write!(f, "max_items = {most} of its source is reached"),
            Self::Items(most) => write!(f, "items = {most} of the output is reached"),
            Self::Size(bytes) => write!(f, "the document would pass {bytes} bytes"),
            Self::Program(program) => write!(f, "the filter {program} dropped it"),
            Self::ProgramFailed(reason) => write!(f, "the filter failed on it: {reason}"),
        }
    }
}
