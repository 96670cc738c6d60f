//! What publishing works on: all of it is read beforehand.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::TakenDown;
use super::copied_pictures::CopiedPictures;
use super::derived::Derived;
use super::digest::Issues;
use super::facets::FacetPages;
use super::story_pages::StoryPages;
use super::top_items::{TopItems, selection};
use crate::config::{Config, OutputConfig};
use crate::model::{Source, SourceId, Story, StoryId};

/// Everything that publishing works on.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The time of this pass.
    pub now: Timestamp,
    /// feeds.toml.
    pub config: &'a Config,
    /// It is another one than at the last publish.
    pub config_is_new: bool,
    /// Every output is as the last publish left it; else whatever stands beside them may be of other times, too.
    pub outputs_are_as_left: bool,
    /// `tag:HOST,YEAR:`, fixed at the first publish and kept in the store ([`tag_base`](super::tag_base)).
    pub tag_base: &'a str,
    /// The sources of feeds.toml. What is from a different source is left out, and from one that forbids it.
    pub sources: &'a BTreeMap<SourceId, Source>,
    /// The stories to choose from: all that were first published within the longest `max_age`, or
    /// about twice the largest `items` of them if there is none, and all that never were.
    pub stories: &'a [Story],
    /// What outputs of top stories had at the last publish.
    pub top_items: &'a TopItems,
    /// The issues of digests.
    pub issues: &'a Issues,
    /// The stories that have a page of their own.
    pub story_pages: &'a StoryPages,
    /// The pages of tags and sources that are public.
    pub facet_pages: &'a FacetPages,
    /// The small copies of pictures that there are.
    pub pictures: &'a CopiedPictures,
    /// What may never be published.
    pub taken_down: &'a TakenDown,
    /// What follows from the rest.
    pub derived: &'a Derived<'a>,
}

static NOTHING: BTreeSet<StoryId> = BTreeSet::new();

impl<'a> Input<'a> {
    /// The stories that `output`, one of top stories, had at the last publish.
    pub(super) fn top_items(&self, output: &OutputConfig) -> &'a BTreeSet<StoryId> {
        self.top_items.get(&selection(output)).unwrap_or(&NOTHING)
    }
}
