//! A chosen story → the item that goes out.

use std::collections::BTreeSet;

use url::Url;

use super::select::Chosen;
use super::{Input, body, coverage::Shown};
use crate::config::OutputConfig;
use crate::model::{Attribution, Enclosure, Entry, Item, Republish, Source, SourceRef};
use crate::text;
use crate::text::without_illegal_xml;

/// More names than this are `et al.`
const MAX_AUTHORS: usize = 4;

/// More categories than this say nothing.
const MAX_CATEGORIES: usize = 12;

/// The item of `chosen`; `None` never in practice: the leading entry is always credited.
pub(super) fn from_story(chosen: &Chosen<'_>, input: &Input<'_>, output: &OutputConfig) -> Option<Item> {
    let Shown { entry, source } = chosen.lead;
    let credits = credits(chosen);
    let may_show = source.republish.max(output.republish);
    let disclosures = [&source.disclosure, &output.disclosure];
    let disclosures: BTreeSet<String> = disclosures.into_iter().flatten().map(|line| one_line(line)).collect();
    let disclosure = disclosures.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");

    let mut item = Item::new(chosen.story.clone(), credits[0].title.clone(), chosen.date, credits).ok()?;
    // An edit counts from when the publisher dates it; one that is dated in the future has not happened.
    let edited = entry.updated.filter(|edited| *edited <= input.now);
    item.updated = edited.map_or(chosen.date, |edited| edited.max(chosen.date));
    item.disclosure = (!disclosure.is_empty()).then_some(disclosure);
    item.categories = categories(entry);
    item.language = entry.language.clone().or_else(|| source.language.clone());
    item.comments = item.attributions().iter().find_map(|credit| credit.comments.clone());
    if may_show < Republish::Headline {
        item.enclosure = entry.enclosures.iter().find_map(audio_or_video);
        item.thumbnail = entry.image.clone().filter(is_web);
    }
    body::fill(&mut item, entry, source, output, may_show);
    Some(item)
}

/// Whom the item credits: the leading entry, then every other article once, in the order of showing.
fn credits(chosen: &Chosen<'_>) -> Vec<Attribution> {
    let mut told = BTreeSet::new();
    let all = std::iter::once(&chosen.lead).chain(&chosen.others);
    all.map(|shown| credit(shown.entry, shown.source))
        .filter(|credit| told.insert((credit.source.id.clone(), credit.url.clone())))
        .collect()
}

fn credit(entry: &Entry, source: &Source) -> Attribution {
    let url = article_address(&entry.url);
    let named = |text: &str, instead: &str| match one_line(text) {
        line if line.is_empty() => instead.to_owned(),
        line => line,
    };
    let name = named(&source.name, source.id.as_str());
    Attribution {
        title: named(&entry.title, url.host_str().unwrap_or("untitled")),
        author: authors(entry, &name),
        published: entry.effective_time().min(entry.first_seen),
        guid: entry.key.guid.clone(),
        rights: entry
            .rights
            .as_ref()
            .or(source.rights.as_ref())
            .map(|text| one_line(text))
            .filter(|text| !text.is_empty()),
        license: entry.license.as_ref().or(source.license.as_ref()).filter(|url| is_web(url)).cloned(),
        comments: entry.comments.clone().filter(is_web),
        source: SourceRef {
            id: source.id.to_string(),
            name,
            feed_url: source.feed_url.clone(),
            site: source.site.clone().filter(is_web),
        },
        url,
    }
}

/// The publisher's own address: redirectors resolved, click counters off.
fn article_address(url: &Url) -> Url {
    text::without_tracking(&text::unwrap_redirect(url).unwrap_or_else(|| url.clone()))
}

/// `Jane Doe, John Roe`; mail addresses are never shown, nor the outlet as its own author.
fn authors(entry: &Entry, outlet: &str) -> Option<String> {
    let mut seen = BTreeSet::new();
    let mut names: Vec<String> =
        entry.authors.iter().filter_map(|person| person.name.as_deref()).map(one_line).collect();
    names.retain(|name| {
        let lower = name.to_lowercase();
        !name.is_empty() && !is_mail_address(name) && lower != outlet.to_lowercase() && seen.insert(lower)
    });
    if names.len() > MAX_AUTHORS {
        names.truncate(MAX_AUTHORS - 1);
        names.push("et al.".to_owned());
    }
    (!names.is_empty()).then(|| names.join(", "))
}

fn is_mail_address(name: &str) -> bool {
    !name.contains(' ') && name.split_once('@').is_some_and(|(_, host)| host.contains('.'))
}

/// The leading entry's categories, cut at commas: some readers split there, and the validator warns.
fn categories(entry: &Entry) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let parts = entry.categories.iter().flat_map(|category| category.split(',')).map(one_line);
    parts.filter(|part| !part.is_empty() && seen.insert(part.to_lowercase())).take(MAX_CATEGORIES).collect()
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

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.host().is_some()
}

/// `text` on one line: illegal characters out, white space collapsed.
pub(super) fn one_line(text: &str) -> String {
    without_illegal_xml(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
