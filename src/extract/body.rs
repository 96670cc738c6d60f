//! The body of the article: which blocks, as HTML and as text.

use std::collections::HashSet;

use ego_tree::NodeId;
use scraper::Html;
use url::Url;

use super::choice::Choice;
use super::facts::Facts;
use super::features::SelfDescription;
use super::render::Among;
use super::runs::Chosen;
use super::seen_block::SeenBlock;
use super::signs::is_avatar;
use super::tags::Tag;
use super::tree::{Between, Kind, Parts, Picture};
use super::{beside, between, chooser, features, groups, picture_address, render, repeats, runs, tree};
use crate::text::{escape_into, plain_text};

/// A selection with less text than this, in characters, is too little if the page has twice as much.
const LITTLE_CHARS: usize = 200;

/// How a body was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Block by block.
    Chosen,
    /// By `select` of feeds.toml.
    Selected,
    /// `select` found nothing, or too little: block by block.
    SelectedNothing,
    /// The page shows hardly any of it without scripts: `articleBody` of JSON-LD.
    JsonLd,
    /// No tree was built: the text of the page without its markup.
    TextAlone {
        /// Why not.
        why: &'static str,
    },
}

/// A body and how it was found.
#[derive(Debug)]
pub(super) struct Body {
    /// The first picture in it that shows something about the story.
    pub(super) picture: Option<Url>,
    pub(super) html: String,
    pub(super) text: String,
    pub(super) way: Way,
    pub(super) blocks: Vec<SeenBlock>,
}

/// The text of a page for which no tree may be built.
pub(super) fn of_text(text: &str, why: &'static str) -> Body {
    let mut html = String::from("<p>");
    escape_into(text, &mut html);
    html.push_str("</p>");
    Body { picture: None, html, text: text.to_owned(), way: Way::TextAlone { why }, blocks: Vec::new() }
}

/// The body that JSON-LD holds, one paragraph per line; the blocks of the page are those of `shown`.
pub(super) fn of_json(stated: &str, shown: Body) -> Body {
    let paragraphs: Vec<String> =
        stated.split('\n').map(plain_text).filter(|paragraph| !paragraph.is_empty()).collect();
    let mut html = String::new();
    for paragraph in &paragraphs {
        html.push_str("<p>");
        escape_into(paragraph, &mut html);
        html.push_str("</p>");
    }
    Body { picture: shown.picture, html, text: paragraphs.join("\n\n"), way: Way::JsonLd, blocks: shown.blocks }
}

/// Whether JSON-LD holds an article of which `shown` is only a small part.
pub(super) fn is_hardly_shown(stated: &str, shown: &Body) -> bool {
    const SHORTEST_BYTES: usize = 400;
    shown.way == Way::Chosen && stated.len() >= SHORTEST_BYTES && shown.text.len() * 3 < stated.len()
}

/// What is known of a page before its blocks are chosen.
#[derive(Debug)]
pub(super) struct Known<'a> {
    /// What it says about itself.
    pub(super) stated: SelfDescription<'a>,
    /// What it claims about its article.
    pub(super) facts: &'a Facts,
    /// What addresses in it are resolved against.
    pub(super) base: &'a Url,
    /// Its own address.
    pub(super) url: &'a Url,
}

/// The body that a tree holds.
pub(super) fn of_tree(page: &Html, choice: &Choice<'_>, known: &Known<'_>) -> Body {
    let Known { stated, .. } = known;
    let removed: HashSet<NodeId> = choice.remove.iter().flat_map(|selector| selector.find(page)).collect();
    let parts = tree::parts(page, page.tree.root().id(), |node| removed.contains(&node));
    let rows = features::rows(&parts, stated);
    let chances = chooser::chances(&rows);
    let chosen: Vec<bool> = chances.iter().map(|chance| *chance >= chooser::THRESHOLD).collect();
    let (mut kept, way) = match choice.select {
        None => (chosen, Way::Chosen),
        Some(selector) => {
            let selected = inside(page, &parts, &selector.find(page).collect());
            if is_enough(&parts, &selected, &chosen) {
                (selected, Way::Selected)
            } else {
                (chosen, Way::SelectedNothing)
            }
        }
    };
    if way != Way::Selected {
        groups::make_whole(page, &parts, &mut kept);
        runs::keep(&Chosen { page, parts: &parts, chances: &chances, base: known.url }, &mut kept);
        beside::leave_out(page, &parts, &mut kept, stated, known.url);
    }
    repeats::leave_out(&parts, &mut kept, stated.title, known.facts);
    let pictures = pictures(page, &parts, &kept);
    let shown = pictures.iter().copied().chain(figures(&parts, &kept)).chain(heroes(page, &parts, &kept));
    let picture = { shown }.find_map(|picture| picture_address::photograph(page, picture, known.base));
    let among = Among { pictures, between: rules_and_players(&parts, &kept) };
    let html = render::html(page, &parts, &kept, &among, known.base);
    let text = parts
        .blocks
        .iter()
        .zip(&kept)
        .filter(|(_, kept)| **kept)
        .map(|(block, _)| block.text.as_str())
        .collect::<Vec<_>>()
        .join("\n\n");
    let seen = parts.blocks.into_iter().zip(rows).zip(chances).zip(kept);
    let blocks = seen
        .map(|(((block, features), chance), kept)| SeenBlock { text: block.text, chance, kept, features })
        .collect();
    Body { picture, html, text, way, blocks }
}

/// The blocks inside `selected` elements.
fn inside(page: &Html, parts: &Parts, selected: &HashSet<NodeId>) -> Vec<bool> {
    let is_inside = |node: &NodeId| {
        page.tree.get(*node).is_some_and(|node| node.ancestors().any(|around| selected.contains(&around.id())))
    };
    parts.blocks.iter().map(|block| block.nodes.first().is_some_and(is_inside)).collect()
}

fn is_enough(parts: &Parts, selected: &[bool], chosen: &[bool]) -> bool {
    let chars = |kept: &[bool]| -> usize {
        parts.blocks.iter().zip(kept).filter(|(_, kept)| **kept).map(|(block, _)| block.chars).sum()
    };
    let found = chars(selected);
    found > 0 && (found >= LITTLE_CHARS || found * 2 >= chars(chosen))
}

/// Pictures in figures between the first kept block and the last, or shortly before the first: the lead picture, whose
/// caption was not kept.
fn figures<'a>(parts: &'a Parts, kept: &[bool]) -> impl Iterator<Item = &'a Picture> {
    let first = kept.iter().position(|kept| *kept).unwrap_or(usize::MAX);
    let last = kept.iter().rposition(|kept| *kept).unwrap_or(0);
    /// A caption and a byline.
    const BEFORE: usize = 3;
    /// Elements around the first block of which one holds the picture, too.
    const AROUND: usize = 4;
    let holders: Vec<usize> = parts.blocks.get(first).map_or_else(Vec::new, |block| {
        let is_of_page = |element: &usize| !matches!(parts.elements[*element].tag, Tag::Html | Tag::Body);
        super::tree::up(parts, block.element).take(AROUND).filter(is_of_page).collect()
    });
    let leads = move |picture: &Picture| {
        (first.saturating_sub(BEFORE)..first).contains(&picture.blocks_before)
            && super::tree::up(parts, picture.element).any(|element| holders.contains(&element))
    };
    let in_figure = |picture: &&Picture| {
        super::tree::up(parts, picture.element).take(3).any(|element| parts.elements[element].tag == Tag::Figure)
    };
    parts
        .pictures
        .iter()
        .filter(move |picture| (first..=last).contains(&picture.blocks_before) || leads(picture))
        .filter(in_figure)
}

/// Pictures shortly before the first kept block, outside the article, that are called its lead.
fn heroes<'a>(page: &'a Html, parts: &'a Parts, kept: &[bool]) -> impl Iterator<Item = &'a Picture> {
    const NAMES: [&str; 9] = [
        "hero",
        "featured",
        "lead",
        "cover",
        "post-thumbnail",
        "article-image",
        "main-image",
        "wp-post-image",
        "teaser-image",
    ];
    /// Navigation, a headline and a byline.
    const BEFORE: usize = 6;
    let first = kept.iter().position(|kept| *kept).unwrap_or(usize::MAX);
    let is_lead = |class: &str| {
        class.split_ascii_whitespace().any(|name| {
            let name = name.to_ascii_lowercase();
            NAMES.iter().any(|known| {
                name == *known || name.strip_prefix(known).is_some_and(|rest| rest.starts_with(['-', '_']))
            })
        })
    };
    let is_beside = |element: usize| matches!(parts.elements[element].tag, Tag::Nav | Tag::Aside | Tag::Footer);
    let class = |node: NodeId| page.tree.get(node).and_then(|node| node.value().as_element()?.attr("class"));
    parts.pictures.iter().filter(move |picture| {
        let around = || super::tree::up(parts, picture.element);
        (first.saturating_sub(BEFORE)..first).contains(&picture.blocks_before)
            && !around().any(is_beside)
            && (class(picture.node).is_some_and(is_lead)
                || around().take(3).any(|element| class(parts.elements[element].id).is_some_and(is_lead)))
    })
}

/// Elements around something without text of which one holds a kept block, too.
const AROUND: usize = 4;
/// Elements without text around it, at most.
const MOST_FRAMES: usize = 6;

/// Where something without text is among the kept blocks: next to one of them, and in the same element as one.
struct Near<'a> {
    parts: &'a Parts,
    kept: &'a [bool],
    /// The elements of kept blocks, and those around them.
    holders: HashSet<usize>,
    /// Elements that hold text.
    texts: HashSet<usize>,
    /// The first kept block and the last.
    ends: Option<(usize, usize)>,
}

impl<'a> Near<'a> {
    fn new(parts: &'a Parts, kept: &'a [bool]) -> Self {
        let blocks = parts.blocks.iter().zip(kept).filter(|(_, kept)| **kept);
        let holders = blocks.flat_map(|(block, _)| [block.element, parts.elements[block.element].parent]).collect();
        let mut texts = HashSet::new();
        for block in &parts.blocks {
            let is_new = |element: &usize| texts.insert(*element);
            tree::up(parts, block.element).take_while(is_new).for_each(drop);
        }
        let ends = kept.iter().position(|kept| *kept).zip(kept.iter().rposition(|kept| *kept));
        Self { parts, kept, holders, texts, ends }
    }

    /// Whether something in `element`, with `at` blocks before it, is there.
    fn has(&self, element: usize, at: usize) -> bool {
        let Some((first, last)) = self.ends else { return false };
        // A caption may come between a picture and the next paragraph.
        let near = (at.saturating_sub(2)..(at + 2).min(self.kept.len())).any(|near| self.kept[near]);
        // Frames that hold nothing else do not lead away from the text.
        let is_frame = |element: &usize| !self.texts.contains(element);
        let frames = super::tree::up(self.parts, element).take(MOST_FRAMES).take_while(is_frame).count();
        let mut around = super::tree::up(self.parts, element).skip(frames.saturating_sub(1)).take(AROUND);
        let around = around.any(|element| self.holders.contains(&element));
        (first..=last + 1).contains(&at) && near && around
    }
}

/// Pictures among the kept blocks.
fn pictures<'a>(page: &Html, parts: &'a Parts, kept: &[bool]) -> Vec<&'a Picture> {
    let near = Near::new(parts, kept);
    let is_avatar = |picture: &Picture| {
        page.tree.get(picture.node).is_some_and(|node| node.value().as_element().is_some_and(is_avatar))
    };
    let is_among = |picture: &&Picture| near.has(picture.element, picture.blocks_before) && !is_avatar(picture);
    parts.pictures.iter().filter(is_among).collect()
}

/// Players among the kept blocks, and the rules that divide them.
fn rules_and_players<'a>(parts: &'a Parts, kept: &[bool]) -> Vec<&'a Between> {
    let near = Near::new(parts, kept);
    let is_among = |one: &&Between| match one.kind {
        Kind::Rule => between::divides(parts, kept, one),
        Kind::Player => near.has(one.element, one.blocks_before),
    };
    parts.between.iter().filter(is_among).collect()
}
