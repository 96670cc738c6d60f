//! What a page shows besides its article: consent boxes, offers, readers' comments, the next story. The chooser learned
//! what most of it looks like; this module handles what is unmistakable.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;
use scraper::Html;
use url::Url;

use super::features::SelfDescription;
use super::next_story::{self, LEAST_CHARS};
use super::part_names::{Part, part};
use super::site_words::{is_about_cookies, is_consent, is_invitation, is_notice, is_pointer, mentions_consent, offers};
use super::tags::Tag;
use super::tree::{Block, Parts, up};

/// Takes out of `kept` what does not belong to the article.
pub(super) fn leave_out(page: &Html, parts: &Parts, kept: &mut [bool], stated: &SelfDescription<'_>, url: &Url) {
    let mut beside = vec![false; kept.len()];
    mark_by_name(page, parts, kept, &mut beside);
    next_story::mark(page, parts, kept, &mut beside, (stated.title, url));
    mark_comments(parts, kept, &mut beside);
    if !is_about_cookies(stated.title) {
        mark_consent(parts, &mut beside);
    }
    let lists_of_others = LazyCell::new(|| lists_of_others(parts));
    for (at, block) in parts.blocks.iter().enumerate() {
        // An item of a list of other things is one of them.
        let is_item = || {
            let list = up(parts, block.element).find(|element| is_list(parts, *element));
            list.is_some_and(|list| lists_of_others.contains(&list))
        };
        let invites = || is_invitation(&block.text) && !is_item();
        beside[at] |= kept[at] && (is_notice(&block.text) || invites() || is_pointer(block));
    }
    let left: usize = (0..kept.len()).filter(|at| kept[*at] && !beside[*at]).map(|at| parts.blocks[at].chars).sum();
    if left >= LEAST_CHARS {
        kept.iter_mut().zip(beside).for_each(|(kept, beside)| *kept &= !beside);
    }
}

fn mark_by_name(page: &Html, parts: &Parts, kept: &[bool], beside: &mut [bool]) {
    let named: Vec<Option<Part>> = parts
        .elements
        .iter()
        .map(|element| page.tree.get(element.id).and_then(|node| node.value().as_element().and_then(part)))
        .collect();
    if named.iter().all(Option::is_none) {
        return;
    }
    let first = kept.iter().position(|kept| *kept).unwrap_or(0);
    let mut asks: HashMap<usize, bool> = HashMap::new();
    let mut overlays: HashMap<usize, bool> = HashMap::new();
    for (at, block) in parts.blocks.iter().enumerate().filter(|(at, _)| kept[*at]) {
        let around = || up(parts, block.element).filter_map(|element| Some((element, named[element]?)));
        beside[at] |= match { around() }.find(|(_, part)| *part != Part::Overlay) {
            Some((element, Part::Offer)) => *asks.entry(element).or_insert_with(|| asks_within(parts, element, offers)),
            Some((element, _)) => at > first && !holds(parts, element, first),
            None => false,
        };
        beside[at] |= { around() }
            .filter(|(_, part)| *part == Part::Overlay)
            .any(|(element, _)| *overlays.entry(element).or_insert_with(|| asks_within(parts, element, is_consent)));
    }
}

/// Whether the block `at` is in `element`.
fn holds(parts: &Parts, element: usize, at: usize) -> bool {
    up(parts, parts.blocks[at].element).any(|around| around == element)
}

/// Whether an element is short and its text `asks` for something.
fn asks_within(parts: &Parts, element: usize, asks: impl Fn(&str) -> bool) -> bool {
    const LONGEST_CHARS: usize = 1_000;
    let is_in = |block: &&Block| up(parts, block.element).any(|around| around == element);
    let blocks = parts.blocks.iter().skip_while(|block| !is_in(block)).take_while(is_in);
    let mut text = String::new();
    for block in blocks {
        text.push_str(&block.text);
        text.push('\n');
        if text.len() > 4 * LONGEST_CHARS {
            return false;
        }
    }
    text.chars().count() <= LONGEST_CHARS && asks(&text)
}

/// Marks what asks for consent to cookies, with all of the box around it.
fn mark_consent(parts: &Parts, beside: &mut [bool]) {
    for at in 0..beside.len() {
        if !beside[at] && is_consent(&parts.blocks[at].text) {
            let (first, last) = consent_box(parts, at);
            beside[first..=last].fill(true);
        }
    }
}

/// The first and the last block of the largest element around the block `at` in which nothing is about anything else.
fn consent_box(parts: &Parts, at: usize) -> (usize, usize) {
    /// Headings and buttons are not longer.
    const SHORT_CHARS: usize = 60;
    const MOST_BLOCKS: usize = 40;
    let fits = |at: &usize| {
        let block = &parts.blocks[*at];
        let is_headline = parts.elements[block.element].tag == Tag::H(1);
        !is_headline && (block.chars <= SHORT_CHARS || mentions_consent(&block.text) || is_consent(&block.text))
    };
    let (mut first, mut last) = (at, at);
    for element in up(parts, parts.blocks[at].element) {
        if matches!(parts.elements[element].tag, Tag::Main | Tag::Article | Tag::Body | Tag::Html) {
            break;
        }
        let is_in = |at: &usize| holds(parts, element, *at);
        let before: Vec<usize> = (0..first).rev().take_while(is_in).take(MOST_BLOCKS).collect();
        let after: Vec<usize> = (last + 1..parts.blocks.len()).take_while(is_in).take(MOST_BLOCKS).collect();
        if last - first + before.len() + after.len() >= MOST_BLOCKS || !before.iter().chain(&after).all(fits) {
            break;
        }
        (first, last) = (first - before.len(), last + after.len());
    }
    (first, last)
}

/// Marks what follows a heading that counts comments, in the element that holds the heading.
fn mark_comments(parts: &Parts, kept: &[bool], beside: &mut [bool]) {
    let mut chars = 0;
    for (at, block) in parts.blocks.iter().enumerate() {
        let element = &parts.elements[block.element];
        let is_heading = matches!(element.tag, Tag::H(_)) && !beside[at];
        if chars >= LEAST_CHARS && is_heading && HEADS_COMMENTS.is_match(block.text.trim()) {
            let last = (at..kept.len()).take_while(|at| holds(parts, element.parent, *at)).last().unwrap_or(at);
            beside[at..=last].fill(true);
        }
        chars += if kept[at] && !beside[at] { block.chars } else { 0 };
    }
}

/// The lists that hold other things than invitations.
fn lists_of_others(parts: &Parts) -> HashSet<usize> {
    let others = parts.blocks.iter().filter(|block| !is_invitation(&block.text));
    others.flat_map(|block| up(parts, block.element)).filter(|element| is_list(parts, *element)).collect()
}

fn is_list(parts: &Parts, element: usize) -> bool {
    parts.elements[element].tag == Tag::List
}

static HEADS_COMMENTS: LazyLock<Regex> = LazyLock::new(|| {
    const PATTERN: &str = concat!(
        r"(?i)^(?:\d+ (?:comments?|responses?|replies|kommentare?|commentaires?|comentarios?|commenti|reacties)(?: (?:on|to|zu) [“”„«‹‘’'\x22].*)?",
        r"|(?:comments|kommentare|commentaires|comentarios|commenti|reacties) ?\(\d+\)",
        r"|(?:\d+|one|two|three) thoughts? on .+)$"
    );
    Regex::new(PATTERN).expect("the pattern is constant and a test compiles it")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_comments_count_them() {
        for text in [
            "2 Comments",
            "1 comment",
            "Kommentare (2)",
            "12 Kommentare",
            "3 responses to “A chip”",
            "One thought on “A chip”",
            "2 thoughts on “City votes”",
        ] {
            assert!(HEADS_COMMENTS.is_match(text), "{text}");
        }
        for text in [
            "Comments",
            "Two comments that changed the law",
            "2 comments that changed the law",
            "My thoughts on the chip",
            "Responses",
        ] {
            assert!(!HEADS_COMMENTS.is_match(text), "{text}");
        }
    }
}
