//! Which tags and sources have a page, for whoever links to them.

use std::collections::{BTreeMap, BTreeSet};

use super::facet::{Facet, facets};
use crate::config::OutputConfig;
use crate::model::Item;
use crate::publish::input::Input;
use crate::publish::render::{FacetKind, FacetLink, FacetLinks};
use crate::store::{Reader, StoreError};

/// The pages of tags and sources that are public, by file.
pub type FacetPages = BTreeSet<String>;

/// Those that `store` knows.
pub(in crate::publish) fn known(store: &Reader) -> Result<FacetPages, StoreError> {
    store.shown_facet_pages()
}

/// The tags and sources of `output` that have a page, now that it has `items`.
pub(in crate::publish) fn links(input: &Input<'_>, output: &OutputConfig, items: &[Item]) -> FacetLinks {
    let of_sources = by_source(items);
    let has_page = |facet: &Facet<'_>| input.facet_pages.contains(&facet.file) || !on_it(facet, &of_sources).is_empty();
    let mut links = FacetLinks::default();
    for facet in facets(input, output, FacetKind::Tag).into_iter().filter(has_page) {
        links.tags.push(FacetLink { key: facet.key, name: facet.name, file: facet.file, sources: facet.sources.len() });
    }
    for facet in facets(input, output, FacetKind::Source).into_iter().filter(has_page) {
        links.sources.extend(facet.sources.first().map(|source| (source.id.to_string(), facet.file.clone())));
    }
    links
}

/// The places of the items that each source tells, in their order.
pub(super) fn by_source(items: &[Item]) -> BTreeMap<&str, Vec<usize>> {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        for source in sources_of(item) {
            places.entry(source).or_default().push(at);
        }
    }
    places
}

/// The sources that tell `item` or are credited for it.
pub(super) fn sources_of(item: &Item) -> BTreeSet<&str> {
    let told = item.coverage.entries.iter().map(|entry| entry.source.as_str());
    let credited = item.attributions().iter().map(|credit| credit.source.id.as_str());
    told.chain(credited).collect()
}

/// The places of the items that `facet` concerns.
pub(super) fn on_it(facet: &Facet<'_>, by_source: &BTreeMap<&str, Vec<usize>>) -> BTreeSet<usize> {
    let of = |source: &&crate::model::Source| by_source.get(source.id.as_str());
    facet.sources.iter().filter_map(of).flatten().copied().collect()
}
