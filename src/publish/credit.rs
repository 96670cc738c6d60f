//! Whom an item credits, and how each is named.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::addresses::{clean_address, has_secret, is_web};
use super::allowance::entry_allowance;
use super::input::Input;
use super::page_fallback::PageFallback;
use super::plain_line::{one_line, short_line};
use super::render::is_same_page;
use super::select::Chosen;
use crate::config::OutputConfig;
use crate::model::{Attribution, Entry, Signal, SignalKind, Source, SourceKind, SourceRef, StoredEntry};
use crate::rights;
use crate::text::{self, owner_of, without_illegal_xml};

/// More names than this are `et al.`
const MAX_AUTHORS: usize = 4;
/// Where the source's own guid is cut.
const MAX_GUID_CHARS: usize = 1_000;
/// Credits of one outlet, and of all that one source brought, in an item: nobody fills another's with links.
const MOST_OF_AN_OUTLET: usize = 2;

/// The leading entry, then every other article once, in the order of showing.
pub(super) fn credits(chosen: &Chosen<'_>, input: &Input<'_>, output: &OutputConfig) -> Vec<Attribution> {
    let mut seen = BTreeSet::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut credits: Vec<Attribution> = Vec::new();
    for shown in std::iter::once(&chosen.lead).chain(&chosen.others) {
        let allowed = entry_allowance(input.config, output, shown.source, shown.entry);
        let mut credit = credit(shown.entry, shown.source, PageFallback::of(shown.entry, &allowed));
        // Where others discuss it is for the outlet that leads to say, and for link lists.
        credit.comments = credit.comments.filter(|_| credits.is_empty() || is_list(shown.source));
        if !seen.insert((credit.source.id.clone(), credit.url.clone())) {
            continue;
        }
        let names_lead = credits.first().is_some_and(|lead| is_same_page(&lead.url, &credit.url));
        // A link list that points at the leading article is no further credit of that article's outlet.
        let outlet = owner_of(&credit.url).filter(|_| !(is_list(shown.source) && names_lead));
        let keys = [outlet.map(|outlet| format!("outlet {outlet}")), Some(format!("source {}", credit.source.id))];
        let keys: Vec<String> = keys.into_iter().flatten().collect();
        if keys.iter().any(|key| counts.get(key).is_some_and(|count| *count >= MOST_OF_AN_OUTLET)) {
            continue;
        }
        for key in keys {
            *counts.entry(key).or_default() += 1;
        }
        credits.push(credit);
    }
    credits
}

fn is_list(source: &Source) -> bool {
    source.kind == SourceKind::Aggregator
}

fn credit(entry: &StoredEntry, source: &Source, behind: PageFallback<'_>) -> Attribution {
    let url = clean_address(&entry.url);
    let name = short_line(&source.name).unwrap_or_else(|| source.id.to_string());
    Attribution {
        title: Some(one_line(behind.title()))
            .filter(|title| !title.is_empty())
            .unwrap_or_else(|| url.host_str().unwrap_or("untitled").to_owned()),
        author: authors(entry, &name).or_else(|| names(behind.byline()?.split(','), &name)),
        published: entry.effective_time().min(entry.first_seen),
        guid: without_illegal_xml(&entry.key.guid).chars().take(MAX_GUID_CHARS).collect(),
        rights: statement(entry, source),
        licenses: addresses(rights::licenses(&source.signals, &entry.signals).into_iter()),
        rsl: own_or_source(SignalKind::Rsl, entry, source).into_iter().map(|signal| signal.value.clone()).collect(),
        rsl_documents: addresses(own_or_source(SignalKind::RslDocument, entry, source).into_iter()),
        comments: discussion(entry, source).filter(|url| is_web(url)).map(clean_address),
        source: SourceRef {
            id: source.id.to_string(),
            name,
            feed_url: source.feed_url.clone(),
            site: own_site(entry, source).filter(|site| is_web(site)).cloned(),
            host: foreign_host(entry, source),
        },
        url,
    }
}

/// The home page that is shown as that of the outlet: what a feed says of itself counts where it is on the feed's own
/// domain or on the article's. A link list has none of its articles.
fn own_site<'a>(entry: &Entry, source: &'a Source) -> Option<&'a Url> {
    let site = source.site.as_ref().filter(|site| !has_secret(site))?;
    let owner = owner_of(site);
    let is_own = owner == owner_of(&entry.url) || owner == owner_of(&source.feed_url);
    (is_own || is_list(source)).then_some(site)
}

/// The host of the article, where neither its source's feed nor what that calls its home page is on its domain: whoever
/// names themselves like another outlet stands there with their own address.
fn foreign_host(entry: &Entry, source: &Source) -> Option<String> {
    let article = owner_of(&entry.url);
    let own = [Some(&source.feed_url), own_site(entry, source)];
    let mut own = own.into_iter().flatten().filter_map(owner_of).peekable();
    let claims_nothing = own.peek().is_none() && source.site.is_none();
    if is_list(source) || claims_nothing || own.any(|own| Some(own) == article) {
        return None;
    }
    entry.url.host_str().map(|host| host.trim_start_matches("www.").to_owned())
}

/// Where an entry is discussed: the page that it names, or the one that a link list leads to, where that
/// is one of its own.
fn discussion<'a>(entry: &'a Entry, source: &'a Source) -> Option<&'a Url> {
    let is_own = || source.site.iter().chain([&source.feed_url]).any(|own| own.host_str() == entry.url.host_str());
    let own = (source.kind == SourceKind::Aggregator && is_own()).then_some(&entry.url);
    entry.comments.as_ref().or(own)
}

/// The statement of rights of the entry, else of its source, and the one of its media.
fn statement(entry: &StoredEntry, source: &Source) -> Option<String> {
    let text = entry.rights.as_ref().or(source.rights.as_ref()).map(|text| one_line(text));
    let media = own_or_source(SignalKind::MediaRights, entry, source);
    let media = media.first().map(|signal| format!("Media: {}", one_line(&signal.value)));
    short_line(&[text, media].into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// What the entry says of a kind, else what its source says.
fn own_or_source<'a>(kind: SignalKind, entry: &'a StoredEntry, source: &'a Source) -> Vec<&'a Signal> {
    let of = |signals: &'a [Signal]| signals.iter().filter(|signal| signal.kind == kind).collect::<Vec<_>>();
    let own = of(&entry.signals);
    if own.is_empty() { of(&source.signals) } else { own }
}

fn addresses<'a>(signals: impl Iterator<Item = &'a Signal>) -> Vec<Url> {
    let mut found: Vec<Url> = Vec::new();
    for url in signals.filter_map(|signal| text::web_url(&signal.value, None)) {
        if !found.contains(&url) {
            found.push(url);
        }
    }
    found
}

/// `Jane Doe, John Roe`; mail addresses are never shown, nor the outlet as its own author.
fn authors(entry: &Entry, outlet: &str) -> Option<String> {
    names(entry.authors.iter().filter_map(|person| person.name.as_deref()), outlet)
}

fn names<'a>(given: impl Iterator<Item = &'a str>, outlet: &str) -> Option<String> {
    let mut seen = BTreeSet::new();
    let mut names: Vec<String> = given.map(one_line).collect();
    names.retain(|name| {
        let lower = name.to_lowercase();
        !name.is_empty() && !is_mail_address(name) && lower != outlet.to_lowercase() && seen.insert(lower)
    });
    if names.len() > MAX_AUTHORS {
        names.truncate(MAX_AUTHORS - 1);
        names.push("et al.".to_owned());
    }
    short_line(&names.join(", "))
}

fn is_mail_address(name: &str) -> bool {
    !name.contains(' ') && name.split_once('@').is_some_and(|(_, host)| host.contains('.'))
}
