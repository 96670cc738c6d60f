//! Which source owns which domain, and which domains and sources are one outlet.

use std::collections::BTreeMap;

use url::Url;

use super::{SiteClaim, Sites, Source, SourceId, SourceKind};
use crate::text::{is_platform, looks_of, owner_of, writer_of};

/// What separates the name of an outlet from the title of its article in the title of a link that we write. No name
/// contains a no-break space, so that the two can be separated again.
pub(crate) const TITLE_JOINT: &str = ":\u{A0}";
/// The class of each part of a body that is ours: nothing else in a body has a class.
pub(crate) const OUR_CLASS: &str = "feedloom";

/// How good a source's claim to a domain is; the better claim compares as less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    /// Its `site`, or its own address in feeds.toml.
    Stated,
    /// The home page that its feed names.
    Announced,
}

/// The outlets that the sources of feeds.toml are.
#[derive(Debug, Clone)]
pub(crate) struct Outlets<'a> {
    /// By domain: those with the best claim to it.
    claimants: BTreeMap<String, Vec<&'a Source>>,
    /// By what their names look like.
    names: BTreeMap<String, Vec<&'a Source>>,
    sites: Sites<'a>,
}

/// Names one outlet: two articles with the same key have the same publisher.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OutletKey(String);

impl<'a> Outlets<'a> {
    /// The outlets of `sources`.
    #[must_use]
    pub(crate) fn new(sources: &'a BTreeMap<SourceId, Source>) -> Self {
        let mut claims: BTreeMap<String, (Claim, Vec<&Source>)> = BTreeMap::new();
        for source in sources.values() {
            for (domain, claim) in claims_of(source) {
                let best = claims.entry(domain).or_insert_with(|| (claim, Vec::new()));
                if claim < best.0 {
                    *best = (claim, Vec::new());
                }
                if claim == best.0 && !best.1.iter().any(|known| known.id == source.id) {
                    best.1.push(source);
                }
            }
        }
        let mut names: BTreeMap<String, Vec<&Source>> = BTreeMap::new();
        for source in sources.values().filter(|source| !source.is_list()) {
            for look in looks_of(&source.name) {
                names.entry(look).or_default().push(source);
            }
        }
        let claimants = claims.into_iter().map(|(domain, (_, sources))| (domain, sources)).collect();
        Self { names, claimants, sites: Sites::new(sources) }
    }

    /// The source that owns the domain of `url`; `None`: none does, or several have equal claims.
    #[must_use]
    pub(crate) fn source_at(&self, url: &Url) -> Option<&'a Source> {
        match self.claimants.get(&owner_of(url)?)?.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// The sources whose names look like that one, and that write their own articles.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = &'a Source> {
        let looks = looks_of(name);
        looks.into_iter().filter_map(|look| self.names.get(&look)).flatten().copied()
    }

    /// Whether `source` has a claim to the domain of `url` that no other source's claim beats.
    #[must_use]
    pub(crate) fn may_claim(&self, source: &Source, url: &Url) -> bool {
        let claimants = owner_of(url).and_then(|domain| self.claimants.get(&domain));
        claimants.is_some_and(|claimants| claimants.iter().any(|one| one.id == source.id))
    }

    /// Whether `url` is on the domain of another source, and of none of the same house.
    #[must_use]
    pub(crate) fn is_anothers(&self, source: &Source, url: &Url) -> bool {
        let owner = self.source_at(url).filter(|owner| owner.id != source.id);
        owner.is_some_and(|owner| owner.owner.is_none() || owner.owner != source.owner)
    }

    /// Whether an entry of `source` at `url` is about the article of another source.
    #[must_use]
    pub(crate) fn is_stranger(&self, source: &Source, url: &Url) -> bool {
        self.sites.is_stranger(writer_of(url).as_deref(), &source.id)
    }

    /// The outlet whose article is at `url`.
    #[must_use]
    pub(crate) fn at(&self, url: &Url) -> OutletKey {
        let Some(domain) = owner_of(url) else { return OutletKey(format!("address {url}")) };
        match self.claimants.get(&domain).map(Vec::as_slice) {
            None => OutletKey(format!("domain {domain}")),
            Some([one]) => Self::of_owner(one),
            // Several feeds of one domain are one outlet; the house if they all belong to it.
            Some([first, rest @ ..]) => match &first.owner {
                Some(house) if rest.iter().all(|other| other.owner.as_ref() == Some(house)) => house_key(house),
                _ => OutletKey(format!("domain {domain}")),
            },
            Some([]) => OutletKey(format!("domain {domain}")),
        }
    }

    /// The outlet that `source` itself is.
    #[must_use]
    pub(crate) fn of(&self, source: &Source) -> OutletKey {
        if let Some(house) = &source.owner {
            return house_key(house);
        }
        let mut own = source.site.iter().chain([&source.feed_url]).filter(|url| self.may_claim(source, url));
        own.next().map_or_else(|| source_key(source), |url| self.at(url))
    }

    fn of_owner(source: &Source) -> OutletKey {
        source.owner.as_deref().map_or_else(|| source_key(source), house_key)
    }
}

/// The domains that a source claims.
fn claims_of(source: &Source) -> Vec<(String, Claim)> {
    let domain = |url: &Url| owner_of(url);
    let is_own = |domain: &String| !is_platform(domain);
    let site = source.site.as_ref().and_then(domain);
    let stated = site.clone().filter(|_| source.site_claim == SiteClaim::Stated);
    let address = domain(&source.feed_url).filter(is_own);
    // What a link list links to belongs to others; what it calls its home page is its own.
    let announced = site.filter(is_own);
    let mut claims: Vec<(String, Claim)> = Vec::new();
    claims.extend(stated.into_iter().chain(address).map(|domain| (domain, Claim::Stated)));
    claims.extend(announced.map(|domain| (domain, Claim::Announced)));
    claims
}

fn house_key(house: &str) -> OutletKey {
    OutletKey(format!("house {}", house.trim().to_lowercase()))
}

fn source_key(source: &Source) -> OutletKey {
    OutletKey(format!("source {}", source.id))
}

impl Source {
    /// Whether it lists what others wrote.
    #[must_use]
    pub(crate) fn is_list(&self) -> bool {
        self.kind == SourceKind::Aggregator
    }

    /// Its home page, unless others claim it too.
    #[must_use]
    pub(crate) fn own_site(&self) -> Option<&Url> {
        self.site.as_ref().filter(|_| self.site_claim != SiteClaim::Contested)
    }

    /// Whether `url` is on the domain of its home page or of its feed.
    #[must_use]
    pub(crate) fn is_at_home(&self, url: &Url) -> bool {
        let article = owner_of(url);
        article.is_some() && self.site.iter().chain([&self.feed_url]).any(|own| owner_of(own) == article)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_source;

    struct Given(&'static str, &'static str, Option<&'static str>);

    fn sources(given: &[Given], more: impl Fn(&mut Source)) -> BTreeMap<SourceId, Source> {
        let made = given.iter().map(|Given(id, feed, site)| {
            let (_, mut source) = test_source(id, |source| {
                source.feed_url = feed.parse().unwrap();
                source.site = site.map(|site| site.parse().unwrap());
            });
            more(&mut source);
            (source.id.clone(), source)
        });
        made.collect()
    }

    #[track_caller]
    fn owner(sources: &BTreeMap<SourceId, Source>, url: &str, want: Option<&str>) {
        let outlets = Outlets::new(sources);
        let owner = outlets.source_at(&url.parse().unwrap()).map(|source| source.id.to_string());
        assert_eq!(owner.as_deref(), want, "{url}");
    }

    fn same(sources: &BTreeMap<SourceId, Source>, a: &str, b: &str) -> bool {
        let outlets = Outlets::new(sources);
        outlets.at(&a.parse().unwrap()) == outlets.at(&b.parse().unwrap())
    }

    #[test]
    fn a_source_owns_its_address_and_its_site_and_a_feeds_word_counts_less() {
        let given = [
            Given("a", "https://feeds.a.example/x", Some("https://www.a-news.example/")),
            Given("b", "https://b.example/feed", Some("https://a.example/")),
            Given("c", "https://feeds.feedburner.com/c", Some("https://c.example/")),
        ];
        let known = sources(&given, |_| {});
        owner(&known, "https://m.a.example/1", Some("a"));
        owner(&known, "https://a-news.example/1", Some("a"));
        owner(&known, "https://b.example/1", Some("b"));
        owner(&known, "https://c.example/1", Some("c"));
        owner(&known, "https://feedburner.com/c", None);
        owner(&known, "https://d.example/", None);
        assert!(same(&known, "https://a.example/1", "https://a-news.example/2"), "both are a's");
        let stated = sources(&given, |source| {
            source.site_claim = if source.id.as_str() == "b" { SiteClaim::Stated } else { SiteClaim::Announced }
        });
        owner(&stated, "https://a.example/1", None);
    }

    #[test]
    fn of_equal_claimants_none_owns_and_all_are_one_outlet() {
        let given = [
            Given("a", "https://paper.example/tech.xml", Some("https://paper.example/tech")),
            Given("b", "https://paper.example/science.xml", Some("https://paper.example/science")),
        ];
        let known = sources(&given, |_| {});
        owner(&known, "https://paper.example/1", None);
        let outlets = Outlets::new(&known);
        let keys: Vec<OutletKey> = known.values().map(|source| outlets.of(source)).collect();
        assert_eq!(keys[0], keys[1]);
        assert_eq!(keys[0], outlets.at(&"https://www.paper.example/1".parse().unwrap()));
    }

    #[test]
    fn editions_of_one_house_are_one_outlet() {
        let given = [
            Given("a", "https://paper.example/feed", Some("https://paper.example/")),
            Given("b", "https://paper-uk.example/feed", Some("https://paper-uk.example/")),
        ];
        let (apart, joined) = (sources(&given, |_| {}), sources(&given, |s| s.owner = Some("Paper Media".to_owned())));
        assert!(!same(&apart, "https://paper.example/1", "https://paper-uk.example/1"));
        assert!(same(&joined, "https://paper.example/1", "https://paper-uk.example/1"));
        assert!(!same(&joined, "https://paper.example/1", "https://other.example/1"));
    }

    #[test]
    fn where_many_write_nobody_owns_the_domain() {
        let given = [Given("v", "https://www.youtube.com/feeds/videos.xml?channel_id=1", None)];
        owner(&sources(&given, |_| {}), "https://www.youtube.com/watch?v=1", None);
    }

    #[test]
    fn a_home_page_that_others_claim_too_makes_no_owner() {
        let given = [Given("b", "https://feeds.service.example/b", Some("https://c.example/"))];
        for (claim, want) in [(SiteClaim::Stated, true), (SiteClaim::Announced, true), (SiteClaim::Contested, false)] {
            let sources = sources(&given, |source| source.site_claim = claim);
            let owns = |domain| crate::model::is_own_article(Some(domain), sources.values().next());
            assert_eq!(owns("c.example"), want, "{claim:?}");
            assert!(owns("service.example"));
        }
    }
}
