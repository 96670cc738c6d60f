//! Whom an item credits: the leading outlet, then each other one once; and where it is discussed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use url::Url;

use super::addresses::{clean_address, is_web};
use super::allowance::{entry_allowance, licenses};
use super::chosen::Chosen;
use super::coverage::Shown;
use super::input::Input;
use super::outlet::{Behind, discussion, is_listed, name_at, outlets_of};
use super::page_fallback::PageFallback;
use super::plain_line::{one_line, short_line};
use super::render::is_same_page;
use super::text_sketch::sketch;
use crate::config::OutputConfig;
use crate::model::{
    Again, Attribution, Discussion, Entry, EntryKey, OutletKey, Outlets, Signal, SignalKind, Source, SourceId,
    SourceRef, StoredEntry,
};
use crate::text::{self, canonical, without_illegal_xml};

/// More names than this are `et al.`
const MAX_AUTHORS: usize = 4;
/// What stands between a title and the outlet that the item names.
const JOINTS: [&str; 5] = [" - ", " – ", " — ", " | ", " · "];
/// Where the source's own guid is cut.
const MAX_GUID_CHARS: usize = 1_000;
/// Credits, and discussions, that one source may bring into an item led by another one: nobody fills another's items with links.
const MOST_OF_A_SOURCE: usize = 2;
/// The same for a source that feeds.toml trusts.
const MOST_OF_A_TRUSTED_SOURCE: usize = 40;
/// Maximum number of discussions of one item.
const MOST_DISCUSSIONS: usize = 6;

/// What an item owes to others.
#[derive(Debug)]
pub(super) struct Credits {
    /// The leading outlet first, then each other one once, in the order in which they were first shown.
    pub(super) outlets: Vec<Attribution>,
    pub(super) discussions: Vec<Discussion>,
}

/// An article that an item may credit.
struct Candidate<'a> {
    shown: Shown<'a>,
    behind: Behind,
}

/// The credits of `chosen` in `output`. Whose article it is says itself that it covers the story, not a stranger.
pub(super) fn credits(chosen: &Chosen<'_>, input: &Input<'_>, output: &OutputConfig) -> Credits {
    let outlets = &input.derived.outlets;
    let of = |shown: &Shown<'_>| outlets_of(shown, outlets);
    let mut of_lead = of(&chosen.lead).into_iter().map(|behind| Candidate { shown: chosen.lead, behind });
    let lead = of_lead.next();
    let others = chosen
        .others
        .iter()
        .flat_map(|shown| of(shown).into_iter().map(|behind| Candidate { shown: *shown, behind }).collect::<Vec<_>>())
        .filter(|candidate| !outlets.is_stranger(candidate.shown.source, &candidate.behind.url));
    let attribute = |candidate: &Candidate<'_>| {
        let Shown { entry, source } = candidate.shown;
        let allowed = entry_allowance(input.config, Some(output), source, entry);
        attribution(&candidate.shown, &candidate.behind, PageFallback::of(entry, &allowed))
    };
    // What an item names of others may have been taken down, whoever brings it.
    let may_stand = |candidate: &Candidate<'_>| {
        candidate.behind.given.is_none() || !input.taken_down.has_address(&candidate.behind.url)
    };
    let once = each_once(lead.as_ref(), of_lead.chain(others).filter(may_stand).collect());
    let with_again = |(candidate, again): &(Candidate<'_>, Option<Candidate<'_>>)| {
        let again = again.as_ref().map(attribute);
        let again = again.map(|again| Again { title: again.title, url: again.url, published: again.published });
        Attribution { again, ..attribute(candidate) }
    };
    let credited: Vec<Attribution> = lead.iter().map(attribute).chain(once.iter().map(with_again)).collect();
    let mut discussions = discussions(chosen, lead.as_ref(), outlets);
    discussions.retain(|discussion| !input.taken_down.has_address(&discussion.url));
    Credits { outlets: credited, discussions }
}

/// The credit of the first outlet behind `shown`; `None` only for an address that cannot be shown.
pub(super) fn first_credit(shown: &Shown<'_>, input: &Input<'_>, output: &OutputConfig) -> Option<Attribution> {
    let behind = outlets_of(shown, &input.derived.outlets).into_iter().next()?;
    let Shown { entry, source } = *shown;
    let allowed = entry_allowance(input.config, Some(output), source, entry);
    Some(attribution(shown, &behind, PageFallback::of(entry, &allowed)))
}

/// Each outlet of `others` once, by its earliest own article; never the outlet or the address of `lead`. With it a further
/// article of that outlet, if one adds something.
fn each_once<'a>(
    lead: Option<&Candidate<'a>>,
    others: Vec<Candidate<'a>>,
) -> Vec<(Candidate<'a>, Option<Candidate<'a>>)> {
    let Some(lead) = lead else { return Vec::new() };
    let mut outlets: BTreeSet<OutletKey> = [lead.behind.key.clone(), lead.behind.place.clone()].into();
    let mut addresses: BTreeSet<String> = [canonical(&lead.behind.url)].into();
    let mut order: Vec<OutletKey> = Vec::new();
    let mut by_outlet: BTreeMap<OutletKey, Vec<Candidate<'a>>> = BTreeMap::new();
    for candidate in others.into_iter().filter(|candidate| !candidate.is_discussion_only()) {
        let key = candidate.behind.key.clone();
        if !by_outlet.contains_key(&key) {
            order.push(key.clone());
        }
        by_outlet.entry(key).or_default().push(candidate);
    }
    let mut of_source: BTreeMap<&SourceId, usize> = BTreeMap::new();
    let mut chosen = Vec::new();
    for key in order {
        let mut candidates = by_outlet.remove(&key).unwrap_or_default();
        candidates.sort_by(|a, b| a.rank().cmp(&b.rank()));
        let fits = |candidate: &Candidate<'_>| {
            let Behind { key, place, url, .. } = &candidate.behind;
            let brought = of_source.get(&candidate.shown.source.id).copied().unwrap_or_default();
            !outlets.contains(key)
                && !outlets.contains(place)
                && !addresses.contains(&canonical(url))
                && !is_same_page(url, &lead.behind.url)
                && brought < candidate.may_bring(lead)
        };
        let Some(at) = candidates.iter().position(fits) else { continue };
        let candidate = candidates.remove(at);
        outlets.extend([candidate.behind.key.clone(), candidate.behind.place.clone()]);
        addresses.insert(canonical(&candidate.behind.url));
        let brought = of_source.entry(&candidate.shown.source.id).or_default();
        *brought += 1;
        let adds = |again: &Candidate<'_>| {
            !addresses.contains(&canonical(&again.behind.url))
                && !is_same_page(&again.behind.url, &lead.behind.url)
                && again.shown.source.id == candidate.shown.source.id
                && *brought < again.may_bring(lead)
                && again.adds_to(&candidate)
        };
        let again = candidates.iter().position(adds).map(|at| candidates.remove(at));
        if let Some(again) = &again {
            addresses.insert(canonical(&again.behind.url));
            *brought += 1;
        }
        chosen.push((candidate, again));
    }
    chosen
}

impl Candidate<'_> {
    /// A page of a link list's own is where others talk; it covers nothing.
    fn is_discussion_only(&self) -> bool {
        self.shown.source.is_list() && self.behind.via.is_none()
    }

    /// What its own feed brought first, then the earliest.
    fn rank(&self) -> (bool, Timestamp, &EntryKey) {
        (self.behind.via.is_some(), self.published(), &self.shown.entry.key)
    }

    /// Whether it is an article of its own beside `first`, of the same outlet: another title, another page, another text.
    fn adds_to(&self, first: &Candidate<'_>) -> bool {
        let (own, other) = (self.shown.entry, first.shown.entry);
        let plain = |title: &str| title.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let is_copy = || sketch(own).zip(sketch(other)).is_some_and(|(own, other)| own.is_near(&other));
        self.behind.via.is_none()
            && self.behind.given.is_none()
            && first.behind.given.is_none()
            && !is_same_page(&self.behind.url, &first.behind.url)
            && plain(&own.title) != plain(&other.title)
            && !is_copy()
    }

    fn published(&self) -> Timestamp {
        let given = self.behind.given.as_ref().and_then(|given| given.published);
        let entry = self.shown.entry;
        given.unwrap_or_else(|| entry.effective_time()).min(entry.first_seen)
    }

    /// How many outlets its source may bring into an item of `lead`.
    fn may_bring(&self, lead: &Candidate<'_>) -> usize {
        let is_leads_own = self.shown.entry.key == lead.shown.entry.key;
        if is_leads_own || self.shown.source.trusted { MOST_OF_A_TRUSTED_SOURCE } else { MOST_OF_A_SOURCE }
    }
}

/// Where the story is discussed: according to the leading entry, and to link lists, each named by whose page it is.
fn discussions(chosen: &Chosen<'_>, lead: Option<&Candidate<'_>>, outlets: &Outlets<'_>) -> Vec<Discussion> {
    let mut found: Vec<Discussion> = Vec::new();
    let mut add = |name: &str, url: &Url| {
        let url = clean_address(url);
        let is_article = lead.is_some_and(|lead| is_same_page(&lead.behind.url, &url) && url.fragment().is_none());
        let is_known = found.iter().any(|known| known.url == url);
        let is_new = found.len() < MOST_DISCUSSIONS && is_web(&url) && !is_article && !is_known;
        if is_new {
            found.push(Discussion { name: name.to_owned(), url });
        }
        is_new
    };
    let Shown { entry, source } = chosen.lead;
    if let Some(url) = discussion(entry, source) {
        let is_of_list = source.is_list() || is_listed(entry, source);
        let of_outlet = lead.filter(|_| !is_of_list).map(|lead| lead.behind.name.as_str());
        add(of_outlet.unwrap_or(&name_at(source, url)), url);
    }
    for page in entry.credits.iter().flat_map(|credits| &credits.discussions) {
        if let Some(name) = short_line(&page.name) {
            add(&name, &page.url);
        }
    }
    // A list that nobody but its own entries calls one is a stranger to the article.
    let leads_here = |source: &Source| lead.is_none_or(|lead| !outlets.is_stranger(source, &lead.behind.url));
    let is_of_list = |shown: &Shown<'_>| shown.source.is_list() || is_listed(shown.entry, shown.source);
    let lists = chosen.others.iter().filter(|shown| is_of_list(shown) && leads_here(shown.source));
    let mut of_list: BTreeMap<&SourceId, usize> = BTreeMap::new();
    for Shown { entry, source } in lists {
        let brought = of_list.entry(&source.id).or_default();
        // What is on the site of another source is no page of the list.
        let url = discussion(entry, source).filter(|url| !outlets.is_anothers(source, url));
        if let Some(url) = url.filter(|_| *brought < MOST_OF_A_SOURCE) {
            *brought += usize::from(add(&name_at(source, url), url));
        }
    }
    found
}

fn attribution(shown: &Shown<'_>, behind: &Behind, page: PageFallback<'_>) -> Attribution {
    let Shown { entry, source } = *shown;
    let given = behind.given.as_ref();
    let title =
        given.map_or_else(|| own_title(shown, page.title()), |given| given.title.as_deref().unwrap_or_default());
    // What a link list declares about its own rights is not the outlet's.
    let own = if behind.via.is_none() { source.signals.as_slice() } else { &[] };
    let candidate = Candidate { shown: *shown, behind: behind.clone() };
    Attribution {
        title: Some(one_line(title))
            .filter(|title| !title.is_empty())
            .unwrap_or_else(|| behind.url.host_str().unwrap_or("untitled").to_owned()),
        author: author(shown, behind, page),
        published: candidate.published(),
        guid: shown_guid(entry),
        rights: statement(entry, own, source.rights.as_deref().filter(|_| behind.via.is_none())),
        licenses: addresses(licenses(own, source, entry).into_iter()),
        rsl: own_or_source(SignalKind::Rsl, entry, own).into_iter().map(|signal| signal.value.clone()).collect(),
        rsl_documents: addresses(own_or_source(SignalKind::RslDocument, entry, own).into_iter()),
        source: SourceRef {
            id: source.id.to_string(),
            name: behind.name.clone(),
            feed_url: behind.feed.clone(),
            site: behind.site.clone(),
            host: behind.host.clone(),
            via: behind.via.clone(),
        },
        url: behind.url.clone(),
        again: None,
    }
}

/// `title` without what the titles of all entries of its feed end with, or the name of the outlet that the item names.
fn own_title<'a>(shown: &Shown<'a>, title: &'a str) -> &'a str {
    let filled = |head: &'a str| Some(head.trim_end()).filter(|head| !head.is_empty());
    let title = title.trim_end();
    let of_feed = shown.source.title_tail.as_deref().and_then(|tail| filled(title.strip_suffix(tail)?));
    let named = shown.entry.via.as_ref().and_then(|via| via.title.as_deref());
    let unjoined = |head: &'a str| JOINTS.iter().find_map(|joint| head.strip_suffix(joint));
    let of_item = named.and_then(|name| filled(unjoined(title.strip_suffix(name)?)?));
    of_feed.or(of_item).unwrap_or(title)
}

/// The guid of `entry` as it may be shown.
pub(super) fn shown_guid(entry: &StoredEntry) -> String {
    without_illegal_xml(&entry.key.guid).chars().take(MAX_GUID_CHARS).collect()
}

/// Who wrote the article; not whoever submitted it to a link list.
fn author(shown: &Shown<'_>, behind: &Behind, page: PageFallback<'_>) -> Option<String> {
    let Shown { entry, source } = *shown;
    let outlet = behind.name.as_str();
    let given = behind.given.as_ref().or_else(|| entry.credits.as_ref()?.outlets.first());
    if let Some(given) = given {
        return names(given.author.as_deref()?.split(", "), outlet);
    }
    let is_submitted = behind.via.is_some() && entry.via.is_none() && is_listed(entry, source);
    let own = authors(entry, outlet).filter(|_| !is_submitted);
    own.or_else(|| names(page.byline()?.split(','), outlet))
}

/// The statement of rights of the entry, otherwise of its source, and the one for its media.
fn statement(entry: &StoredEntry, of_source: &[Signal], rights: Option<&str>) -> Option<String> {
    let text = entry.rights.as_deref().or(rights).map(one_line);
    let media = own_or_source(SignalKind::MediaRights, entry, of_source);
    let media = media.first().map(|signal| format!("Media: {}", one_line(&signal.value)));
    short_line(&[text, media].into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// What the entry declares of a kind, otherwise what its source declares.
fn own_or_source<'a>(kind: SignalKind, entry: &'a StoredEntry, of_source: &'a [Signal]) -> Vec<&'a Signal> {
    let of = |signals: &'a [Signal]| signals.iter().filter(|signal| signal.kind == kind).collect::<Vec<_>>();
    let own = of(&entry.signals);
    if own.is_empty() { of(of_source) } else { own }
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
