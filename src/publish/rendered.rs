//! A document as it was made, ready for the gate.

use std::collections::{BTreeMap, BTreeSet};

use super::gate::{Form, stories_in};
use super::public_document::PublicDocument;
use super::render::{RenderError, uri};
use super::rule::Rule;
use crate::config::{Format, Images, Order, OutputConfig};
use crate::model::{Item, Rank, StoryId};

/// No page of a day grows beyond this.
pub const MAX_DOCUMENT_BYTES: usize = 512 * 1024;

/// No page grows beyond this: it loads immediately even on a slow line.
pub(super) const MAX_PAGE_BYTES: usize = 100_000;

/// One document, ready for the gate.
#[derive(Debug)]
pub struct Rendered {
    /// File name under the output folder.
    pub file: String,
    /// Permissions of the file; `None`: everybody may read it.
    pub(super) mode: Option<u32>,
    /// Its form.
    pub format: Format,
    /// The document.
    pub bytes: Vec<u8>,
    /// How many items are in it (of a list: how many lines).
    pub items: usize,
    pub(super) holds: Holds,
    /// Which pictures it may show.
    pub(super) pictures: Pictures,
    pub(super) expected: Vec<Expected>,
    /// Ids of stories that a rule leaves out, and which rule.
    pub(super) left_out: BTreeMap<String, Rule>,
    /// How the stories of an output of top stories rank, by id.
    pub(super) ranks: BTreeMap<String, Rank>,
    /// Ids of stories that takedowns touch: their absence from the document is intended.
    pub(super) taken_down: BTreeSet<String>,
    pub(super) max_shrink: f64,
    /// feeds.toml is another one than at the last publish.
    pub(super) config_is_new: bool,
    /// It is written although there is nothing in it yet.
    pub(super) may_be_empty: bool,
    /// What is in its file now, as far as that was looked at.
    pub(super) public: Option<PublicDocument>,
    /// Why there is no document: a template or a filter of the operator's own that cannot be used.
    pub(super) failed: Option<RenderError>,
}

/// What a document is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Items, each with a link to its original.
    Items,
    /// Lines that lead elsewhere: sources or days. It is of use without any item, and nothing in it can be lost.
    List,
    /// A way to another page beside it, and nothing else.
    Signpost,
}

/// Which pictures a page may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pictures {
    /// Any.
    Any,
    /// Those of its own site: the operator's own template may have some beside the copies.
    OfSite,
    /// Copies alone.
    Copies,
}

impl Pictures {
    /// Of the pages of `output`.
    pub(super) fn of(output: &OutputConfig) -> Self {
        match output.images {
            Images::Copy if output.template.is_some() => Self::OfSite,
            Images::Copy => Self::Copies,
            Images::None | Images::Link => Self::Any,
        }
    }
}

/// What has to be found in a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Expected {
    /// Id of the story.
    pub(super) story: String,
    /// Address of the original article.
    pub(super) link: String,
}

impl Expected {
    pub(super) fn of(item: &Item) -> Self {
        Self { story: item.story.to_string(), link: uri(&item.lead().url) }
    }
}

impl Rendered {
    /// The stories in `bytes`, the version of it that is public now.
    pub(super) fn public_stories(&self, bytes: &[u8]) -> Vec<String> {
        let known = self.public.as_ref().and_then(|public| public.stories_of(bytes));
        known.map_or_else(|| stories_in(Form::of(self), bytes), <[String]>::to_vec)
    }

    /// Whether a story may not be public any more: a takedown touches it, or its rights forbid it.
    pub(super) fn is_denied(&self, story: &str) -> bool {
        self.taken_down.contains(story) || self.left_out.get(story).is_some_and(Rule::is_denial)
    }

    /// A list of `count` lines as the file of `output`.
    pub(super) fn list(output: &OutputConfig, bytes: Vec<u8>, count: usize) -> Self {
        Self {
            file: output.file.clone(),
            mode: output.mode,
            format: output.format,
            bytes,
            items: count,
            holds: Holds::List,
            pictures: Pictures::of(output),
            expected: Vec::new(),
            left_out: BTreeMap::new(),
            ranks: BTreeMap::new(),
            taken_down: BTreeSet::new(),
            max_shrink: output.max_shrink,
            config_is_new: false,
            may_be_empty: false,
            public: None,
            failed: None,
        }
    }

    /// The stories in it.
    pub(super) fn stories(&self) -> impl Iterator<Item = StoryId> {
        let is_there = self.failed.is_none();
        self.expected.iter().filter(move |_| is_there).filter_map(|expected| StoryId::parse(&expected.story))
    }

    /// The document with `items`, as the file of `output`.
    pub(super) fn of_items(output: &OutputConfig, bytes: Vec<u8>, items: &[Item]) -> Self {
        let expected = items.iter().map(Expected::of).collect();
        let of_top = items.iter().filter(|_| output.order == Order::Top);
        let ranks = of_top.filter_map(|item| Some((item.story.to_string(), item.rank.clone()?)));
        Self { holds: Holds::Items, expected, ranks: ranks.collect(), ..Self::list(output, bytes, items.len()) }
    }
}
