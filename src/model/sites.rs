//! Whose site an address is on: what a source says about an article of another one is a stranger's word.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::{SiteClaim, Source, SourceId};
use crate::text::writer_of;

/// The sites of the sources of feeds.toml; looked up once they are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Sites<'a> {
    sources: &'a BTreeMap<SourceId, Source>,
    /// By place ([`writer_of`]): the sources whose feed or home page is there.
    at: OnceCell<BTreeMap<String, Vec<SourceId>>>,
}

impl<'a> Sites<'a> {
    #[must_use]
    pub(crate) const fn new(sources: &'a BTreeMap<SourceId, Source>) -> Self {
        Self { sources, at: OnceCell::new() }
    }

    #[must_use]
    pub(crate) const fn sources(&self) -> &'a BTreeMap<SourceId, Source> {
        self.sources
    }

    /// Whether an article in the place of `writer` ([`writer_of`]) is that of `source` itself.
    #[must_use]
    pub(crate) fn is_own(&self, writer: Option<&str>, source: &SourceId) -> bool {
        self.at(writer).contains(source)
    }

    /// Whether an entry of `source` whose article is in the place of `writer` is about the article of another source.
    /// Not if both are of one house, or if feeds.toml says that it may: it trusts the source or calls it a link list.
    #[must_use]
    pub(crate) fn is_stranger(&self, writer: Option<&str>, source: &SourceId) -> bool {
        let owners = self.at(writer);
        if owners.is_empty() || owners.contains(source) {
            return false;
        }
        let Some(source) = self.sources.get(source) else { return false };
        if source.trusted || (source.is_list() && !source.is_kind_guessed) {
            return false;
        }
        let mut owners = owners.iter().filter_map(|owner| self.sources.get(owner)).filter(|owner| !owner.is_list());
        let is_of_its_house = |owner: &Source| source.owner.is_some() && source.owner == owner.owner;
        owners.next().is_some_and(|owner| !is_of_its_house(owner)) && !owners.any(is_of_its_house)
    }

    /// Whether `source` calls the place of `writer` its home, and others do so, too: nobody knows whose it is.
    #[must_use]
    pub(crate) fn is_contested(&self, writer: Option<&str>, source: &SourceId) -> bool {
        let source = self.sources.get(source).filter(|source| source.site_claim == SiteClaim::Contested);
        let named = source.and_then(|source| source.site.as_ref()).and_then(writer_of);
        named.is_some() && named.as_deref() == writer
    }

    fn at(&self, writer: Option<&str>) -> &[SourceId] {
        let at = self.at.get_or_init(|| {
            let mut at: BTreeMap<String, Vec<SourceId>> = BTreeMap::new();
            for source in self.sources.values() {
                own_places(source).for_each(|place| at.entry(place).or_default().push(source.id.clone()));
            }
            at
        });
        writer.and_then(|writer| at.get(writer)).map_or(&[], Vec::as_slice)
    }
}

/// Whether an article in the place of `writer` ([`writer_of`]) is that of `source` itself: its feed or its home page is
/// there, unless others claim that home page too.
#[must_use]
pub(crate) fn is_own_article(writer: Option<&str>, source: Option<&Source>) -> bool {
    writer.is_some() && source.into_iter().flat_map(own_places).any(|own| Some(own.as_str()) == writer)
}

fn own_places(source: &Source) -> impl Iterator<Item = String> {
    source.own_site().into_iter().chain([&source.feed_url]).filter_map(writer_of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SourceKind, test_source};

    #[test]
    fn what_is_on_the_site_of_another_source_is_a_strangers() {
        let sources: BTreeMap<SourceId, Source> = [
            test_source("alpha", |_| ()),
            test_source("liar", |_| ()),
            test_source("list", |source| source.kind = SourceKind::Aggregator),
            test_source("guessed", |source| {
                (source.kind, source.is_kind_guessed) = (SourceKind::Aggregator, true);
            }),
            test_source("loom", |source| source.trusted = true),
            test_source("claims", |source| {
                source.site = "https://alpha.example/".parse().ok();
                source.site_claim = SiteClaim::Contested;
            }),
            test_source("red", |source| source.owner = Some("House".to_owned())),
            test_source("blue", |source| source.owner = Some("House".to_owned())),
        ]
        .into();
        let sites = Sites::new(&sources);
        let check = |source: &str, writer: &str, want: bool| {
            let found = sites.is_stranger(Some(writer), &SourceId::new(source).unwrap());
            assert_eq!(found, want, "{source} {writer}");
        };
        let contested = |source: &str| sites.is_contested(Some("alpha.example"), &SourceId::new(source).unwrap());
        assert!(contested("claims") && !contested("alpha") && !contested("liar"));
        check("alpha", "alpha.example", false);
        check("liar", "alpha.example", true);
        check("liar", "liar.example", false);
        check("liar", "nobody.example", false);
        check("list", "alpha.example", false);
        check("guessed", "alpha.example", true);
        check("loom", "alpha.example", false);
        check("claims", "alpha.example", true);
        check("red", "blue.example", false);
        check("red", "alpha.example", true);
        check("gone", "alpha.example", false);
    }
}
