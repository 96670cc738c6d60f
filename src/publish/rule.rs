//! The rules by which a story is not in an output.

use std::fmt;

use crate::config::Refusal;

/// The rule by which a story is not in an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    /// It was taken down.
    TakenDown,
    /// Its address is not one that every reader can follow.
    Address,
    /// Its rights, or `republish = "off"`: the sentence of the allowance.
    Rights(String),
    /// `include` or `exclude` of its source.
    Filtered(Refusal),
    /// `include` or `exclude` of the output.
    OfOutput(Refusal),
    /// `min_outlets` of the output.
    MinOutlets(usize),
    /// It is no top story (`order = "top"` of the output).
    NotTop,
    /// Its source is no longer in feeds.toml.
    NoSource,
    /// Part of a back-fill: recorded, never published on its own.
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
    /// `span` of the output.
    Span,
    /// `items` of the output.
    Items(usize),
    /// The largest size of a document, in bytes.
    Size(usize),
    /// The filter program of the output dropped it.
    Program(String),
    /// The filter program of the output failed on it.
    ProgramFailed(String),
    /// The filter program of the output failed on so many of its source that it was not asked about this one.
    Unasked(usize),
    /// It waits to be rewritten (`wait` of the output).
    Unwritten(String),
    /// The gate refuses the document because of it.
    Refused(String),
}

impl Rule {
    /// Whether what it leaves out may not stay public in an older version either.
    pub(super) fn is_denial(&self) -> bool {
        matches!(self, Self::TakenDown | Self::Rights(_))
    }

    /// Whether the output has no room for it.
    pub(super) fn is_lack_of_room(&self) -> bool {
        matches!(self, Self::Items(_) | Self::Size(_))
    }

    /// Whether feeds.toml alone removes a story, so that one mistake there may empty an output.
    pub(super) fn is_of_config(&self) -> bool {
        matches!(self, Self::NoSource | Self::OtherSources | Self::OutputOff)
    }

    /// Whether feeds.toml and what publishers do decide together: a mistake there may empty an output, and so may an edit
    /// or a denial, which must.
    pub(super) fn is_of_output(&self) -> bool {
        matches!(self, Self::OfOutput(_) | Self::MinOutlets(_))
    }

    /// Its name for a program; never changed.
    #[must_use]
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::TakenDown => "takedown",
            Self::Address => "address",
            Self::Rights(_) => "rights",
            Self::Filtered(Refusal::Excluded { .. }) | Self::OfOutput(Refusal::Excluded { .. }) => "exclude",
            Self::Filtered(Refusal::NotIncluded { .. }) | Self::OfOutput(Refusal::NotIncluded { .. }) => "include",
            Self::MinOutlets(_) => "min_outlets",
            Self::NotTop => "not_top",
            Self::NoSource => "no_source",
            Self::HeldBack => "held_back",
            Self::Settles => "settle",
            Self::OtherSources => "other_sources",
            Self::OutputOff => "republish_off",
            Self::OutputMaxAge => "max_age",
            Self::SourceMaxAge => "source_max_age",
            Self::MaxItems(_) => "max_items",
            Self::Span => "span",
            Self::Items(_) => "items",
            Self::Size(_) => "size",
            Self::Program(_) => "filter",
            Self::ProgramFailed(_) => "filter_failed",
            Self::Unasked(_) => "filter_waits",
            Self::Unwritten(_) => "rewrite",
            Self::Refused(_) => "gate",
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
            Self::OfOutput(refusal) => write!(f, "of the output: {refusal}"),
            Self::MinOutlets(least) => write!(f, "min_outlets = {least} of the output: fewer cover it so far"),
            Self::NotTop => f.write_str("no top story of the output: fewer outlets cover it than the others"),
            Self::NoSource => f.write_str("feeds.toml does not name its source any longer"),
            Self::HeldBack => f.write_str(
                "held back: older than max_age when it was first seen, or part of a back-fill beyond its newest twenty",
            ),
            Self::Settles => f.write_str("it waits for other outlets (settle)"),
            Self::OtherSources => f.write_str("the output is for other sources (tags, sources)"),
            Self::OutputOff => f.write_str("republish = \"off\" of the output"),
            Self::OutputMaxAge => f.write_str("older than max_age of the output"),
            Self::SourceMaxAge => f.write_str("older than max_age of its source when it was first seen"),
            Self::MaxItems(most) => write!(f, "max_items = {most} of its source is reached"),
            Self::Span => f.write_str("no longer new: neither it nor an outlet of it came within span of the output"),
            Self::Items(most) => write!(f, "items = {most} of the output is reached"),
            Self::Size(bytes) => write!(f, "the document would pass {bytes} bytes"),
            Self::Program(program) => write!(f, "the filter {program} dropped it"),
            Self::ProgramFailed(reason) => write!(f, "the filter failed on it: {reason}"),
            Self::Unasked(failed) => {
                write!(f, "the filter failed on {failed} others of its source, so that a later run asks about it")
            }
            Self::Unwritten(why) => write!(f, "it waits to be rewritten (wait of the output): {why}"),
            Self::Refused(reason) => write!(f, "the gate refuses it: {reason}"),
        }
    }
}
