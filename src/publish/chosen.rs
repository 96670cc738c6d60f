use jiff::Timestamp;

use super::coverage::Shown;
use crate::model::{Coverage, Rank, SourceId, StoryId};

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
    /// When the output first had it.
    pub(super) entered: Timestamp,
    /// When it entered or last gained an outlet.
    pub(super) changed: Timestamp,
    /// The source of that outlet.
    pub(super) changed_by: &'a SourceId,
    /// Its place in line for the room of the output.
    pub(super) place: usize,
    /// How it ranks, in an output of top stories.
    pub(super) rank: Option<Rank>,
    /// What it counts for, where the output asked for that.
    pub(super) counts: Option<Coverage>,
}
