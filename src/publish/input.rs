//! What publishing works on: all of it is read beforehand.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::TakenDown;
use crate::config::Config;
use crate::model::{Source, SourceId, Story};

/// Everything that publishing works on.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The time of this pass.
    pub now: Timestamp,
    /// feeds.toml.
    pub config: &'a Config,
    /// `tag:HOST,YEAR:`, fixed at the first publish and kept in the store ([`tag_base`](super::tag_base)).
    pub tag_base: &'a str,
    /// The sources of feeds.toml. What is from a different source is left out, and from one that forbids it.
    pub sources: &'a BTreeMap<SourceId, Source>,
    /// The stories to choose from: all that were first published within the longest `max_age`, or
    /// about twice the largest `items` of them if there is none, and all that never were.
    pub stories: &'a [Story],
    /// What may never be published.
    pub taken_down: &'a TakenDown,
}
