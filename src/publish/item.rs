//! A chosen story → the item that goes out.

use std::collections::BTreeSet;

use url::Url;

use super::addresses::{clean_address, is_web};
use super::allowance::allowance;
use super::body;
use super::coverage::Shown;
use super::input::Input;
use super::page_fallback::PageFallback;
use super::plain_line::{one_line, short_line};
use super::select::Chosen;
use crate::config::OutputConfig;
use crate::model::{
    Attribution, Enclosure, Entry, Item, Republish, Signal, SignalKind, Source, SourceKind, SourceRef, StoredEntry,
};
use crate::rights;
use crate::text;
use crate::text::without_illegal_xml;

/// More names than this are `et al.`
const MAX_AUTHORS: usize = 4;

/// More categories than this say nothing.
const MAX_CATEGORIES: usize = 12;

/// Where the source's own guid is cut.
const MAX_GUID_CHARS: usize = 1_000;

/// The item of `chosen`; `None` never in practice: the leading entry is always credited.
pub(super) fn from_story(chosen: &Chosen<'_>, input: &Input<'_>, output: &OutputConfig) -> Option<Item> {
    let Shown { entry, source } = chosen.lead;
    let credits = credits(chosen, input, output);
    let allowed = allowance(input.config, Some(output), source, &entry.signals);
    let mut disclosures: Vec<String> = Vec::new();
    for line in [&source.disclosure, &output.disclosure].into_iter().flatten().map(|line| one_line(line)) {
        if !line.is_empty() && !disclosures.contains(&line) {
            disclosures.push(line);
        }
    }

    let mut item = Item::new(chosen.story.clone(), credits[0].title.clone(), chosen.date, credits).ok()?;
    // An edit counts from when the publisher dates it; one that is dated in the future has not happened.
    let edited = entry.updated.filter(|edited| *edited <= input.now);
    item.updated = edited.map_or(chosen.date, |edited| edited.max(chosen.date));
    item.disclosure = (!disclosures.is_empty()).then(|| disclosures.join(" "));
    item.categories = categories(entry);
    item.language = entry.language.clone().or_else(|| source.language.clone());
    item.comments = item.attributions().iter().find_map(|credit| credit.comments.clone());
    if allowed.extent < Republish::Headline {
        item.enclosure = entry.enclosures.iter().find_map(audio_or_video);
        let image = entry.image.as_ref().or_else(|| PageFallback::of(entry, &allowed).image());
        item.thumbnail = image.filter(|url| is_web(url)).cloned();
    }
    body::fill(&mut item, entry, source, output, &allowed);
    Some(item)
}

/// Whom the item credits: the leading entry, then every other article once, in the order of showing.
fn credits(chosen: &Chosen<'_>, input: &Input<'_>, output: &OutputConfig) -> Vec<Attribution> {
    let mut told = BTreeSet::new();
    let all = std::iter::once(&chosen.lead).chain(&chosen.others);
    let credit = |shown: &Shown<'_>| {
        let allowed = allowance(input.config, Some(output), shown.source, &shown.entry.signals);
        credit(shown.entry, shown.source, PageFallback::of(shown.entry, &allowed))
    };
    all.map(credit).filter(|credit| told.insert((credit.source.id.clone(), credit.url.clone()))).collect()
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
            site: source.site.clone().filter(is_web),
        },
        url,
    }
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

/// The leading entry's categories, cut at commas: some readers split there, and the validator warns.
fn categories(entry: &Entry) -> Vec<String> {
    tidy_categories(entry.categories.iter().map(String::as_str))
}

/// Categories without commas, duplicates and what is too much.
pub(super) fn tidy_categories<'a>(categories: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let parts = categories.flat_map(|category| category.split(',')).filter_map(short_line);
    parts.filter(|part| seen.insert(part.to_lowercase())).take(MAX_CATEGORIES).collect()
}

/// Audio and video pass through; a picture is a thumbnail, all else is behind the link.
fn audio_or_video(media: &Enclosure) -> Option<Enclosure> {
    let extension = media.url.path().rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let guessed = match extension.as_str() {
        "mp3" => Some("audio/mpeg"),
        "m4a" => Some("audio/mp4"),
        "ogg" | "oga" | "opus" => Some("audio/ogg"),
        "mp4" | "m4v" => Some("video/mp4"),
        "webm" => Some("video/webm"),
        _ => None,
    };
    let given = media.media_type.as_deref().map(str::trim).filter(|kind| is_media_type(kind));
    let kind = given.or(guessed)?.to_ascii_lowercase();
    let passes = is_web(&media.url) && (kind.starts_with("audio/") || kind.starts_with("video/"));
    passes.then(|| Enclosure { media_type: Some(kind), ..media.clone() })
}

fn is_media_type(kind: &str) -> bool {
    kind.split_once('/').is_some_and(|(left, right)| {
        let token =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.+_".contains(&b));
        token(left) && token(right)
    })
}
