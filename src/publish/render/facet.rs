//! The pages of tags and sources, as pages link to them and as they say what they are.

use std::collections::BTreeMap;

use super::forms::{public_site, uri};
use super::page_parts::{PageLink, clean, public_address_of, relative};
use crate::model::{Attribution, Source};
use crate::text::EditHash;

/// What a page is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FacetKind {
    Tag,
    Source,
}

impl FacetKind {
    pub(crate) const ALL: [Self; 2] = [Self::Tag, Self::Source];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Source => "source",
        }
    }
}

/// A link to the page of a tag or source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FacetLink {
    /// The tag as written, or the id.
    pub(crate) key: String,
    pub(crate) name: String,
    /// Under the output folder.
    pub(crate) file: String,
    /// How many it stands for.
    pub(crate) sources: usize,
}

/// The tags and sources of a page that have pages of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FacetLinks {
    /// By name.
    pub(crate) tags: Vec<FacetLink>,
    /// Files, by the id of the source.
    pub(crate) sources: BTreeMap<String, String>,
}

impl FacetLinks {
    /// The page of the source that told what is credited, if its own feed did, as seen from `page`.
    pub(super) fn of_credit(&self, credit: &Attribution, page: &str) -> Option<String> {
        let own = Some(&credit.source).filter(|source| source.via.is_none());
        own.and_then(|source| self.of_source(&source.id, page))
    }

    /// The pages of the tags of `source`, as seen from `page`.
    pub(super) fn of_tags(&self, source: &Source, page: &str) -> impl Iterator<Item = PageLink> {
        let own = self.tags.iter().filter(|tag| source.tags.contains(&tag.key));
        own.map(move |tag| PageLink { name: clean(&tag.name), href: relative(page, &tag.file) })
    }

    pub(super) fn of_source(&self, id: &str, page: &str) -> Option<String> {
        self.sources.get(id).map(|file| relative(page, file))
    }
}

/// The tag or source that a page is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FacetHead {
    pub(super) kind: FacetKind,
    /// The id of the source.
    pub(super) source: Option<String>,
    pub(super) name: String,
    pub(super) site: Option<String>,
    pub(super) feed: Option<String>,
    pub(super) related: Vec<FacetLink>,
    pub(super) more: usize,
}

impl FacetHead {
    /// The tag, or the `source`, called `name`; `related`: the sources with that tag, or the tags of the source, and how
    /// many `more` there are.
    pub(crate) fn new(
        kind: FacetKind,
        name: String,
        source: Option<&Source>,
        related: Vec<FacetLink>,
        more: usize,
    ) -> Self {
        let site = source.and_then(public_site).map(uri);
        let feed = source.and_then(|source| public_address_of(&source.feed_url));
        let source = source.map(|source| source.id.to_string());
        Self { kind, source, name, site, feed, related, more }
    }

    /// Adds everything that the page says of it.
    pub(crate) fn add_to(&self, print: &mut EditHash) {
        let Self { kind, source, name, site, feed, related, more } = self;
        [kind.code(), name].into_iter().for_each(|text| print.add(text));
        [source, site, feed].into_iter().for_each(|address| print.add(address.as_deref().unwrap_or_default()));
        for link in related {
            print.add(&link.name);
            print.add(&link.file);
        }
        print.add(&more.to_string());
    }
}
