//! Whose an entry is: the outlets behind it, each with its name and its article.
//!
//! The outlet is the first that is known: the one that the item names; for a link list that of the linked address; else
//! the source itself.

use url::Url;

use super::addresses::{clean_address, has_secret, is_web};
use super::coverage::Shown;
use super::excerpt::{Texts, stands_alone};
use super::plain_line::short_line;
use crate::model::{Entry, NameClaim, NamedOutlet, OutletKey, Outlets, Source, StoredEntry, Via};
use crate::text::{is_feed_host, owner_of, tidy_outlet_name, without_directions};

/// Maximum number of outlets of one entry that are credited.
const MOST_OF_AN_ENTRY: usize = 40;
/// Hosts that show the articles of others under addresses of their own, which lead there.
const WRAPPERS: [&str; 1] = ["news.google.com"];

/// As many characters of a text show whether it says something.
const ENOUGH_CHARS: usize = 200;

/// An outlet, and its article.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Behind {
    pub(super) key: OutletKey,
    pub(super) name: String,
    pub(super) feed: Option<Url>,
    pub(super) site: Option<Url>,
    /// The host of the article, if it has to be shown beside the name.
    pub(super) host: Option<String>,
    /// Who owns the address, whoever is credited.
    pub(super) place: OutletKey,
    pub(super) url: Url,
    /// What brought it; `None`: its own feed.
    pub(super) via: Option<String>,
    /// What the item declares of an article that is not its own; `None`: the entry speaks for itself.
    pub(super) given: Option<NamedOutlet>,
}

/// The outlets behind `shown`, the leading one first; never empty.
pub(super) fn outlets_of(shown: &Shown<'_>, outlets: &Outlets<'_>) -> Vec<Behind> {
    let Shown { entry, source } = *shown;
    let finder = Finder { entry, source, outlets };
    if let Some(credits) = entry.credits.as_deref().filter(|credits| !credits.outlets.is_empty()) {
        let named = credits.outlets.iter().enumerate().take(MOST_OF_AN_ENTRY);
        return named
            .map(|(at, outlet)| {
                // The item's own link is that of the outlet which leads it.
                let url = if at == 0 { &entry.url } else { &outlet.url };
                let given = (at > 0).then(|| finder.believed(outlet));
                Behind { given, ..finder.named(outlet, url) }
            })
            .filter(|behind| is_web(&behind.url))
            .collect();
    }
    let named = entry.via.as_ref().filter(|via| finder.names_another(via));
    vec![match named {
        Some(via) => finder.named_by(via),
        // A list that nobody but its own entries calls one does not speak for the outlets that are here themselves.
        None if is_listed(entry, source) && !outlets.is_stranger(source, &entry.url) => finder.linked(),
        None => finder.itself(),
    }]
}

/// Whether `entry` only links to the article of another outlet: in a link list, or where its source discusses what is
/// elsewhere and says nothing of it, unless feeds.toml says that it writes what it brings.
pub(super) fn is_listed(entry: &Entry, source: &Source) -> bool {
    let is_discussed_at_home = || entry.comments.as_ref().is_some_and(|comments| source.is_at_home(comments));
    let is_elsewhere = || {
        let article = clean_address(&entry.url);
        !source.is_at_home(&article) && (source.is_list() || !is_feed_host(&article))
    };
    let is_submitted = || source.is_kind_guessed && is_discussed_at_home() && !has_text(entry);
    is_elsewhere() && (source.is_list() || is_submitted())
}

/// Whether `entry` says something of its own: more than its title, its submitter and its links.
fn has_text(entry: &Entry) -> bool {
    let texts = Texts { teaser: entry.summary.as_ref(), content: entry.content.as_ref(), ..Texts::default() };
    stands_alone(&texts.excerpt(&entry.title, ENOUGH_CHARS))
}

/// The name of a source.
pub(super) fn name_of(source: &Source) -> String {
    short_line(&source.name).unwrap_or_else(|| source.id.to_string())
}

struct Finder<'a> {
    entry: &'a StoredEntry,
    source: &'a Source,
    outlets: &'a Outlets<'a>,
}

impl Finder<'_> {
    /// Whether an entry's `source` differs from its feed.
    fn names_another(&self, via: &Via) -> bool {
        let mut addresses = via.url.iter().chain(&via.site).peekable();
        if addresses.peek().is_none() {
            // A bare name: that of the feed itself, or one that nothing vouches for.
            return false;
        }
        if self.source.is_list() {
            return addresses.all(|url| url.as_str() != self.source.feed_url.as_str());
        }
        !addresses.any(|url| self.source.is_at_home(url) || self.outlets.may_claim(self.source, url))
    }

    /// What the item says of another article. Of the article of another source only a trusted one says anything: that is
    /// credited by its address.
    fn believed(&self, outlet: &NamedOutlet) -> NamedOutlet {
        let said = outlet.clone();
        // What was read from an output of ours is our own word.
        let is_believed = self.source.trusted || self.entry.is_recovered;
        if !is_believed && self.outlets.is_anothers(self.source, &outlet.url) {
            return NamedOutlet { title: None, author: None, published: None, ..said };
        }
        said
    }

    /// The outlet that the entry's `source` names.
    fn named_by(&self, via: &Via) -> Behind {
        let is_home = |url: &&Url| url.path() == "/" && url.query().is_none();
        let outlet = NamedOutlet {
            name: via.title.clone(),
            feed: via.url.clone().filter(|url| !is_home(&url)),
            site: via.site.clone().or_else(|| via.url.clone().filter(|url| is_home(&url))),
            host: None,
            url: self.entry.url.clone(),
            title: None,
            author: None,
            published: None,
            via: None,
        };
        let mut behind = self.named(&outlet, &self.entry.url);
        let shows = host_of(&behind.url).filter(|host| WRAPPERS.contains(&host.as_str()));
        if let Some((host, name)) = shows.zip(via.title.as_deref().and_then(short_line)) {
            // The address leads on to the outlet's: its name is as good as the wrapper's statement.
            let home = outlet.site.as_ref().or(outlet.feed.as_ref());
            let owner = home.and_then(|home| self.outlets.source_at(home));
            behind = Behind {
                key: home.map_or(behind.key, |home| self.outlets.at(home)),
                name: owner.map_or(name, name_of),
                host: Some(host),
                feed: outlet.feed.clone(),
                site: outlet.site.clone(),
                ..behind
            };
        }
        behind
    }

    /// An outlet that the item names, with its article at `url`: by the name that is known for the domain, else by the
    /// one that is given, if nothing speaks against it.
    fn named(&self, outlet: &NamedOutlet, url: &Url) -> Behind {
        let url = clean_address(url);
        let via = outlet.via.as_deref().and_then(short_line).or_else(|| Some(name_of(self.source)));
        let at_domain = self.at_domain(&url, via);
        if self.outlets.source_at(&url).is_some() {
            return at_domain;
        }
        let Some(name) = outlet.name.as_deref().map(tidy_outlet_name).and_then(|name| short_line(&name)) else {
            return at_domain;
        };
        let domain = owner_of(&url);
        let addresses = || outlet.site.iter().chain(&outlet.feed);
        let vouched = addresses().any(|own| owner_of(own) == domain);
        let kept = |url: &Option<Url>| url.clone().filter(|url| is_web(url) && !has_secret(url));
        let named = Behind { name, feed: kept(&outlet.feed), site: kept(&outlet.site), ..at_domain.clone() };
        match (&outlet.host, vouched || addresses().next().is_none()) {
            // A name that belongs to another outlet is not shown without the host.
            (None, true) if self.is_anothers_name(&named.name, &url) => Behind { host: host_of(&url), ..named },
            (None, true) => named,
            // Whoever named it stated themselves that the article is elsewhere.
            (Some(host), _) if Some(host) == host_of(&url).as_ref() => {
                let key = addresses().next().map_or_else(|| named.key.clone(), |own| self.outlets.at(own));
                Behind { key, host: Some(host.clone()), ..named }
            }
            _ => at_domain,
        }
    }

    /// The outlet of the address that a link list leads to.
    fn linked(&self) -> Behind {
        let behind = self.at_domain(&clean_address(&self.entry.url), Some(name_of(self.source)));
        let of_page = self.entry.article.as_deref().and_then(|page| page.site.as_deref());
        let of_page = of_page.and_then(|name| short_line(&without_directions(name)));
        match of_page.filter(|_| self.outlets.source_at(&behind.url).is_none()) {
            Some(name) if !self.is_anothers_name(&name, &behind.url) => Behind { name, ..behind },
            _ => behind,
        }
    }

    /// The outlet of a domain: the source that owns it, otherwise the host.
    fn at_domain(&self, url: &Url, via: Option<String>) -> Behind {
        let owner = self.outlets.source_at(url);
        let place = self.outlets.at(url);
        // What its own source brings does not come by anybody else.
        let via = via.filter(|_| owner.is_none_or(|owner| owner.id != self.source.id));
        Behind {
            key: place.clone(),
            name: owner.map(name_of).or_else(|| host_of(url)).unwrap_or_else(|| url.to_string()),
            feed: owner.map(|owner| owner.feed_url.clone()),
            site: owner.and_then(|owner| owner.site.clone()).filter(|site| is_web(site) && !has_secret(site)),
            host: None,
            place,
            url: url.clone(),
            via,
            given: None,
        }
    }

    /// The source itself.
    fn itself(&self) -> Behind {
        let (source, outlets) = (self.source, self.outlets);
        let url = clean_address(&self.entry.url);
        let place = outlets.at(&url);
        let is_own = source.is_list() || source.is_at_home(&url) || outlets.may_claim(source, &url);
        Behind {
            key: if is_own && !source.is_list() && outlets.may_claim(source, &url) {
                place.clone()
            } else {
                outlets.of(source)
            },
            name: name_of(source),
            feed: Some(source.feed_url.clone()),
            site: self.own_site(&url).filter(|site| is_web(site)).cloned(),
            host: self.own_host(&url).or_else(|| self.foreign_host(&url)).or_else(|| host_beside_name(source, &url)),
            place,
            url,
            via: None,
            given: None,
        }
    }

    /// The home page that is shown as that of the outlet of an article at `url`: what a feed declares counts if it is
    /// on the feed's own domain or on the article's. A link list has none of its articles.
    fn own_site(&self, url: &Url) -> Option<&Url> {
        let site = self.source.site.as_ref().filter(|site| !has_secret(site))?;
        let owner = owner_of(site);
        let is_own = owner == owner_of(url) || owner == owner_of(&self.source.feed_url);
        (is_own || self.source.is_list()).then_some(site)
    }

    /// The host of the feed itself, for a source that has the name of another one and speaks of the article of another one:
    /// that article's host would say that it is what it pretends to be.
    fn own_host(&self, url: &Url) -> Option<String> {
        let pretends = matches!(self.source.name_claim, NameClaim::Alike(_));
        (pretends && self.outlets.is_stranger(self.source, url)).then(|| host_of(&self.source.feed_url)).flatten()
    }

    /// The host of the article at `url`, as it is linked, if neither its source's feed nor what that calls its home page is on its domain, or
    /// if another source owns it: whoever uses another outlet's name is shown with their own address.
    fn foreign_host(&self, url: &Url) -> Option<String> {
        let source = self.source;
        let article = owner_of(url);
        let own = [Some(&source.feed_url), self.own_site(url)];
        let mut own = own.into_iter().flatten().filter_map(owner_of).peekable();
        let claims_nothing = own.peek().is_none() && source.site.is_none();
        let is_anothers = || self.outlets.is_anothers(source, url);
        if source.is_list() || claims_nothing || own.any(|own| Some(own) == article) && !is_anothers() {
            return None;
        }
        host_of(url)
    }

    /// Whether a source of feeds.toml has that name and no claim to the domain of `url`.
    fn is_anothers_name(&self, name: &str, url: &Url) -> bool {
        self.outlets.named(name).any(|owner| !self.outlets.may_claim(owner, url) && !owner.is_at_home(url))
    }
}

/// The host of `url` without `www.`.
pub(super) fn host_of(url: &Url) -> Option<String> {
    url.host_str().map(|host| host.trim_start_matches("www.").to_owned())
}

/// The host of `url`, if the name of `source` looks like that of another one.
fn host_beside_name(source: &Source, url: &Url) -> Option<String> {
    matches!(source.name_claim, NameClaim::Alike(_)).then(|| host_of(url)).flatten()
}

/// The name under which a page of `source` at `url` is linked.
pub(super) fn name_at(source: &Source, url: &Url) -> String {
    match host_beside_name(source, url) {
        Some(host) => format!("{} ({host})", name_of(source)),
        None => name_of(source),
    }
}

/// Where an entry is discussed: the page that it names, or the one that a link list leads to, if that is one of its
/// own.
pub(super) fn discussion<'a>(entry: &'a Entry, source: &'a Source) -> Option<&'a Url> {
    let is_own = || {
        let article = clean_address(&entry.url);
        source.site.iter().chain([&source.feed_url]).any(|own| own.host_str() == article.host_str())
    };
    let own = (source.is_list() && is_own()).then_some(&entry.url);
    entry.comments.as_ref().or(own)
}
