//! Who bears a name: a feed may call itself like another outlet, or like the host of one.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::{NameClaim, Source, SourceId};
use crate::text::{fits_host, looks_of, owner_of, writer_of};

/// Finds the sources whose names look like those of others, or like their hosts (UTS #39). Who has the name from feeds.toml, or alone from a
/// host that goes with it, is known by it; the others are shown with their hosts.
pub(crate) fn judge_names(sources: &mut BTreeMap<SourceId, Source>) {
    let mut bearers: BTreeMap<String, BTreeSet<SourceId>> = BTreeMap::new();
    // A local file is the operator's own.
    for source in sources.values().filter(|source| source.feed_url.scheme() != "file") {
        let hosts = hosts_of(source);
        for look in hosts.iter().chain([&source.name]).flat_map(|name| looks_of(name)) {
            bearers.entry(look).or_default().insert(source.id.clone());
        }
    }
    bearers.retain(|_, bearers| bearers.len() > 1);
    let alike = |source: &Source| -> Vec<&Source> {
        let looks = looks_of(&source.name);
        let ids: BTreeSet<&SourceId> = looks.iter().filter_map(|look| bearers.get(look)).flatten().collect();
        ids.into_iter().filter_map(|id| sources.get(id)).filter(|other| !are_one_outlet(source, other)).collect()
    };
    let shared: Vec<(SourceId, NameClaim)> = bearers
        .values()
        .flatten()
        .filter_map(|id| {
            let source = sources.get(id)?;
            let others = alike(source);
            let is_known =
                || is_its_host(source) || goes_with_host(source) && !others.iter().any(|other| is_entitled(other));
            let first = others.first().filter(|_| source.name_claim != NameClaim::Stated && !is_known())?;
            Some((id.clone(), NameClaim::Alike(first.id.clone())))
        })
        .collect();
    for (id, claim) in shared {
        if let Some(source) = sources.get_mut(&id) {
            source.name_claim = claim;
        }
    }
}

fn is_entitled(source: &Source) -> bool {
    source.name_claim == NameClaim::Stated || goes_with_host(source)
}

/// The feeds of one site or house share a name. Many sites may have their feeds at one host.
fn are_one_outlet(a: &Source, b: &Source) -> bool {
    if a.id == b.id {
        return true;
    }
    let owners = a.owner.as_ref().zip(b.owner.as_ref());
    if let Some((one, other)) = owners {
        return one == other;
    }
    let domain = |source: &Source| source.own_site().and_then(owner_of);
    let differ = domain(a).zip(domain(b)).is_some_and(|(one, other)| one != other);
    !differ && writer_of(&a.feed_url).is_some_and(|place| writer_of(&b.feed_url) == Some(place))
}

fn goes_with_host(source: &Source) -> bool {
    own_addresses(source).filter_map(owner_of).any(|domain| fits_host(&source.name, &domain))
}

/// Whether it is called by a host of its own.
fn is_its_host(source: &Source) -> bool {
    let looks = looks_of(&source.name);
    hosts_of(source).iter().any(|host| !looks.is_disjoint(&looks_of(host)))
}

/// The hosts of a source, and the domains that these belong to, with and without `www.`.
fn hosts_of(source: &Source) -> Vec<String> {
    let host = |url: &Url| Some(url.host_str()?.trim_start_matches("www.").to_owned());
    let hosts = own_addresses(source).flat_map(|url| [host(url), owner_of(url)]).flatten();
    hosts.flat_map(|host| [format!("www.{host}"), host]).collect()
}

fn own_addresses(source: &Source) -> impl Iterator<Item = &Url> {
    source.own_site().into_iter().chain([&source.feed_url])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::test_source;

    #[test]
    fn a_name_is_shared_unless_it_is_stated_or_goes_with_one_host_alone() {
        let named = |id: &str, name: &str| test_source(id, |source| source.name = name.to_owned());
        let stated = |id: &str, name: &str| {
            test_source(id, |source| (source.name, source.name_claim) = (name.to_owned(), NameClaim::Stated))
        };
        let check = |given: Vec<(SourceId, Source)>, want: &[&str]| {
            let mut sources: BTreeMap<SourceId, Source> = given.into_iter().collect();
            judge_names(&mut sources);
            let alike = sources.values().filter(|source| matches!(source.name_claim, NameClaim::Alike(_)));
            let found: Vec<&str> = alike.map(|source| source.id.as_str()).collect();
            assert_eq!(found, want, "{:?}", sources.values().map(|source| &source.name).collect::<Vec<_>>());
        };
        check(vec![named("alpha", "The alpha paper"), named("beta", "The beta paper")], &[]);
        check(vec![named("alpha", "The alpha paper"), named("evil", "The \u{0430}lpha paper")], &["evil"]);
        check(
            vec![named("alpha", "The alpha paper"), named("alphapaper", "THE ALPHA PAPER")],
            &["alpha", "alphapaper"],
        );
        check(vec![named("a1", "The Daily"), named("b1", "The Daily")], &["a1", "b1"]);
        check(vec![stated("a1", "The Daily"), named("b1", "The Daily")], &["b1"]);
        check(vec![named("daily", "The Daily"), stated("b1", "The Daily")], &["daily"]);
        check(vec![stated("a1", "The Daily"), stated("b1", "The Daily")], &[]);
        let at = |id: &str, feed: &str| {
            test_source(id, |source| (source.name, source.feed_url) = ("Daily".to_owned(), feed.parse().unwrap()))
        };
        check(vec![at("a1", "https://www.d.example/1"), at("b1", "https://feeds.d.example/2")], &[]);
        let hosted = |id: &str, site: &str| {
            test_source(id, |source| {
                (source.name, source.feed_url) =
                    ("Quarterly".to_owned(), format!("https://feeds.example/{id}").parse().unwrap());
                source.site = (!site.is_empty()).then(|| site.parse().unwrap());
            })
        };
        check(vec![hosted("a1", "https://a.example/"), hosted("b1", "https://b.example/")], &["a1", "b1"]);
        check(vec![hosted("a1", "https://a.example/x"), hosted("b1", "https://www.a.example/")], &[]);
        check(vec![hosted("a1", "https://a.example/"), hosted("b1", "")], &[]);
        let of_house = |id: &str| {
            test_source(id, |source| (source.name, source.owner) = ("X".to_owned(), Some("House".to_owned())))
        };
        check(vec![of_house("a1"), of_house("b1")], &[]);
        check(vec![named("a1", ""), named("b1", "")], &[]);
        // Another's host as a name; its own is nobody else's.
        let owner = || at("a1", "https://www.alpha.example/feed");
        for name in ["alpha.example", "www.alpha.example", "ALPHA.example", "\u{0430}lpha.example", "The alpha.example"]
        {
            check(vec![owner(), named("evil", name)], &["evil"]);
        }
        check(vec![owner(), named("beta", "beta.example")], &[]);
        let itself = test_source("a1", |source| {
            (source.name, source.feed_url) =
                ("alpha.example".to_owned(), "https://alpha.example/feed".parse().unwrap());
        });
        check(vec![itself, named("beta", "The beta paper")], &[]);
    }
}
