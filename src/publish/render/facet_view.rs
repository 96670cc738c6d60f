//! The tag or source that a page is for, and the tags that it links to, as a template is given them.

use serde::Serialize;

use super::facet::{FacetHead, FacetLink};
use super::page::Page;
use super::page_parts::{PageLink, clean, relative};
use crate::model::{Attribution, Item};

/// Tags that a page links to: those of most sources.
const MOST_TAGS: usize = 30;

/// What a template is given of it.
#[derive(Serialize)]
pub(super) struct FacetView {
    kind: &'static str,
    pub(super) name: String,
    site: Option<String>,
    feed: Option<String>,
    related: Vec<PageLink>,
    more_related: usize,
}

/// A tag that has a page of its own.
#[derive(Serialize)]
pub(super) struct TagView {
    name: String,
    href: String,
    is_here: bool,
}

pub(super) fn facet_view(page: &Page<'_>) -> Option<FacetView> {
    let FacetHead { kind, name, site, feed, related, more, .. } = page.nav.facet.as_ref()?;
    let link = |link: &FacetLink| PageLink { name: clean(&link.name), href: relative(page.file, &link.file) };
    Some(FacetView {
        kind: kind.code(),
        name: clean(name),
        site: site.clone(),
        feed: feed.clone(),
        related: related.iter().map(link).collect(),
        more_related: *more,
    })
}

/// What the source that `page` is for tells of `item`, if it does not lead it.
pub(super) fn own_credit<'i>(page: &Page<'_>, item: &'i Item) -> Option<&'i Attribution> {
    let source = page.nav.facet.as_ref()?.source.as_deref()?;
    let (lead, others) = item.attributions().split_first()?;
    let is_its = |credit: &&Attribution| credit.source.id == source;
    others.iter().find(is_its).filter(|_| !is_its(&lead))
}

/// The tags of most sources, by name; and how many more there are.
pub(super) fn tag_views(page: &Page<'_>) -> (Vec<TagView>, usize) {
    let tags = &page.nav.facets.tags;
    let mut sizes: Vec<usize> = tags.iter().map(|tag| tag.sources).collect();
    sizes.sort_unstable_by(|one, other| other.cmp(one));
    let least = sizes.get(MOST_TAGS - 1).copied().unwrap_or_default();
    let view = |tag: &FacetLink| TagView {
        name: clean(&tag.name),
        href: relative(page.file, &tag.file),
        is_here: tag.file == page.file,
    };
    let mut views: Vec<TagView> = tags.iter().filter(|tag| tag.sources >= least).map(view).collect();
    views.truncate(MOST_TAGS);
    let more = tags.len() - views.len();
    (views, more)
}
