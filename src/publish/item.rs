//! A chosen story → the item that is published.

use std::collections::BTreeSet;

use super::addresses::is_web;
use super::allowance::entry_allowance;
use super::body;
use super::borrowed::borrow_teaser;
use super::chosen::Chosen;
use super::coverage::Shown;
use super::credit::{Credits, credits};
use super::input::Input;
use super::page_fallback::PageFallback;
use super::plain_line::{one_line, short_line};
use super::tally::tally;
use super::top;
use crate::config::OutputConfig;
use crate::model::{Enclosure, Entry, Item, Republish};
use crate::rights;

/// More categories than this say nothing.
const MAX_CATEGORIES: usize = 12;

/// The item of `chosen`; in practice never `None`: the leading entry is always credited.
pub(super) fn from_story(chosen: &Chosen<'_>, input: &Input<'_>, output: &OutputConfig) -> Option<Item> {
    let Shown { entry, source } = chosen.lead;
    let Credits { outlets: credits, discussions } = credits(chosen, input, output);
    let allowed = entry_allowance(input.config, Some(output), source, entry);
    let title = credits.first()?.title.clone();
    let mut item = Item::new(chosen.story.clone(), title, chosen.date, credits).ok()?;
    // An edit counts from when the publisher dates it; one that is dated in the future has not happened.
    let edited = entry.updated.filter(|edited| *edited <= input.now);
    item.updated = edited.map_or(chosen.date, |edited| edited.max(chosen.date));
    for line in [&source.disclosure, &output.disclosure].into_iter().flatten() {
        item.disclose(&one_line(line));
    }
    item.categories = categories(entry);
    item.language = entry.language.clone().or_else(|| source.language.clone());
    item.discussions = discussions;
    let entries: Vec<Shown<'_>> = std::iter::once(chosen.lead).chain(chosen.others.iter().copied()).collect();
    item.coverage = chosen.counts.clone().unwrap_or_else(|| tally(&entries, &input.derived.outlets));
    item.place = chosen.place;
    item.rank = Some(top::rank(output, &entries, &item.coverage, chosen.date));
    if allowed.extent < Republish::Headline {
        item.enclosure = entry.enclosures.iter().find_map(audio_or_video);
        let image = entry.image.as_ref().or_else(|| PageFallback::of(entry, &allowed).image());
        item.thumbnail = image.filter(|url| is_web(url)).cloned();
        // A small copy is a changed one, and given away anew.
        let may_copy =
            || [&source.signals, &entry.signals].into_iter().all(|signals| rights::may_copy_picture(signals));
        item.picture = item.thumbnail.clone().filter(|_| !allowed.uncut && may_copy());
    }
    let mut text = body::fill(&mut item, entry, source, &allowed);
    // What may be given whole is given, however short it is, and a picture says something, too.
    let is_whole = allowed.uncut || (allowed.extent == Republish::Full && !item.text_html.is_empty());
    let may_borrow = allowed.extent < Republish::Headline && !is_whole;
    if may_borrow && borrow_teaser(&mut item, &chosen.lead, &chosen.others, input, output) {
        text.clone_from(&item.excerpt);
    }
    body::compose(&mut item, source, output, &text);
    Some(item)
}

/// The leading entry's categories, cut at commas: some readers split there, and the validator warns.
fn categories(entry: &Entry) -> Vec<String> {
    tidy_categories(entry.categories.iter().map(String::as_str))
}

/// Categories without commas, duplicates and excess.
pub(super) fn tidy_categories<'a>(categories: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let parts = categories.flat_map(|category| category.split(',')).filter_map(short_line);
    parts.filter(|part| seen.insert(part.to_lowercase())).take(MAX_CATEGORIES).collect()
}

/// Audio and video pass through; a picture is a thumbnail, everything else is behind the link.
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
    // `application/octet-stream`, `text/html` and the like say nothing of a file that is called as sounds and films are.
    let is_heard = |kind: &String| kind.starts_with("audio/") || kind.starts_with("video/");
    let given = media.media_type.as_deref().map(str::trim).filter(|kind| is_media_type(kind));
    let kind = given.map(str::to_ascii_lowercase).filter(is_heard).or(guessed.map(str::to_owned))?;
    is_web(&media.url).then(|| Enclosure { media_type: Some(kind), ..media.clone() })
}

fn is_media_type(kind: &str) -> bool {
    kind.split_once('/').is_some_and(|(left, right)| {
        let token =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.+_".contains(&b));
        token(left) && token(right)
    })
}
