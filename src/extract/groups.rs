//! Tables, lists, terms, code and quotes are kept or dropped whole: what the chooser says of their parts, one by one, is
//! only a vote. Footnotes belong to the text that refers to them.

use std::collections::HashMap;

use scraper::Html;

use super::tags::Tag;
use super::tree::Parts;
use super::tree::up;

/// A part whose links make up more than this share of its text is a list of links.
pub(super) const MOST_LINKS: f32 = 0.5;
/// A list whose items are longer than this, on average, is page layout.
const LONG_ITEM_CHARS: usize = 600;
/// A longer quote is a page in a frame.
const LONG_QUOTE_CHARS: usize = 1_500;

/// Changes `kept` so that no group is broken.
pub(super) fn make_whole(page: &Html, parts: &Parts, kept: &mut [bool]) {
    if !kept.contains(&true) {
        return;
    }
    for (root, blocks) in groups(parts) {
        let verdict = verdict(parts, root, &blocks, kept);
        for at in blocks {
            kept[at] = match verdict {
                Verdict::Whole => !is_beside_code(&parts.blocks[at].text, parts, at),
                Verdict::Nothing => false,
                Verdict::AsChosen => kept[at],
            };
        }
    }
    keep_notes(page, parts, kept);
}

/// What happens to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Whole,
    Nothing,
    AsChosen,
}

/// The outermost table, list, quote or piece of code around blocks, each with those blocks.
fn groups(parts: &Parts) -> Vec<(usize, Vec<usize>)> {
    let quotes = quotes(parts);
    let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
    for (at, block) in parts.blocks.iter().enumerate() {
        let is_group = |element: &usize| match parts.elements[*element].tag {
            Tag::Table | Tag::List | Tag::Pre => true,
            Tag::Quote => quotes[element] <= LONG_QUOTE_CHARS,
            _ => false,
        };
        let Some(root) = up(parts, block.element).filter(is_group).last() else { continue };
        match groups.last_mut() {
            Some((known, blocks)) if *known == root => blocks.push(at),
            _ => groups.push((root, vec![at])),
        }
    }
    for (root, blocks) in &mut groups {
        add_captions(parts, root, blocks);
    }
    groups
}

/// The quotes, each with its characters.
fn quotes(parts: &Parts) -> HashMap<usize, usize> {
    let mut quotes = HashMap::new();
    for block in &parts.blocks {
        for element in up(parts, block.element).filter(|element| parts.elements[*element].tag == Tag::Quote) {
            *quotes.entry(element).or_default() += block.chars;
        }
    }
    quotes
}

/// A figure around a table or code is one group with it: its caption stands beside it.
fn add_captions(parts: &Parts, root: &mut usize, blocks: &mut Vec<usize>) {
    let is_figure = |element: &usize| parts.elements[*element].tag == Tag::Figure;
    let Some(figure) = up(parts, *root).skip(1).take(2).find(is_figure) else { return };
    let (Some(&first), Some(&last)) = (blocks.first(), blocks.last()) else { return };
    let is_in = |at: &usize| up(parts, parts.blocks[*at].element).any(|element| element == figure);
    let before = (0..first).rev().take_while(is_in).count();
    let after = (last + 1..parts.blocks.len()).take_while(is_in).count();
    *blocks = (first - before..=last + after).collect();
    *root = figure;
}

fn verdict(parts: &Parts, root: usize, blocks: &[usize], kept: &[bool]) -> Verdict {
    let sum = |of: &dyn Fn(usize) -> usize| blocks.iter().map(|at| of(*at)).sum::<usize>();
    let chars = sum(&|at| parts.blocks[at].chars).max(1);
    let chosen = sum(&|at| if kept[at] { parts.blocks[at].chars } else { 0 });
    let links = sum(&|at| parts.blocks[at].link_chars) as f32 / chars as f32;
    if !is_whole(parts, root, blocks) {
        return Verdict::AsChosen;
    }
    if chosen * 2 >= chars || (links < MOST_LINKS && stands_in_text(parts, root, blocks, kept)) {
        return Verdict::Whole;
    }
    // Half of a quote is more than none of it.
    if chosen == 0 || parts.elements[root].tag == Tag::Quote { Verdict::AsChosen } else { Verdict::Nothing }
}

/// Whether the group `root` is one part of a text rather than layout of a page.
pub(super) fn is_whole(parts: &Parts, root: usize, blocks: &[usize]) -> bool {
    let chars: usize = blocks.iter().map(|at| parts.blocks[*at].chars).sum();
    chars / blocks.len().max(1) <= LONG_ITEM_CHARS && !holds_layout(parts, root, blocks)
}

/// Whether a group serves page layout: it holds parts of the page, headings in a table, a table in a table.
fn holds_layout(parts: &Parts, root: usize, blocks: &[usize]) -> bool {
    let is_table = matches!(parts.elements[root].tag, Tag::Table | Tag::Figure);
    let is_quote = parts.elements[root].tag == Tag::Quote;
    let is_outermost = |element: usize| {
        // The table of a figure is no table in a table.
        parts.elements[element].tag == Tag::Table
            && up(parts, element).skip(1).all(|around| parts.elements[around].tag != Tag::Table)
    };
    blocks.iter().any(|at| {
        up(parts, parts.blocks[*at].element).take_while(|element| *element != root).any(|element| {
            match parts.elements[element].tag {
                // It names who is quoted.
                Tag::Footer if is_quote => false,
                Tag::Article
                | Tag::Section
                | Tag::Nav
                | Tag::Aside
                | Tag::Header
                | Tag::Footer
                | Tag::Form
                | Tag::Main => true,
                Tag::Table if is_outermost(element) => false,
                Tag::H(_) | Tag::Table => is_table,
                _ => false,
            }
        })
    })
}

/// Whether the text before and the text after the group were kept, and both are adjacent to it.
fn stands_in_text(parts: &Parts, root: usize, blocks: &[usize], kept: &[bool]) -> bool {
    /// Elements around the group that contain nothing else: a frame, a scroller.
    const FRAMES: usize = 3;
    /// Those around code, with a bar above it.
    const FRAMES_OF_CODE: usize = 5;
    let (Some(&first), Some(&last)) = (blocks.first(), blocks.last()) else { return false };
    let is_code = holds_code(parts, root, blocks);
    let frames = if is_code { FRAMES_OF_CODE } else { FRAMES };
    let beside = |at: usize| {
        up(parts, parts.blocks[at].element)
            .any(|element| up(parts, root).skip(1).take(frames).any(|around| around == element))
    };
    // The buttons and the bar of code stand between it and the text.
    let is_bar = |at: usize| is_code && !kept[at] && parts.blocks[at].chars <= LONGEST_BAR_CHARS && beside(at);
    let before = (0..first).rev().take(MOST_BARS).find(|at| !is_bar(*at));
    let after = (last + 1..kept.len()).take(MOST_BARS).find(|at| !is_bar(*at));
    let stands = |at: Option<usize>| at.is_some_and(|at| kept[at] && beside(at));
    stands(before) && (stands(after) || last + 1 == kept.len())
}

/// What stands in the bar of code is not longer: its file's name, its language, "Copy".
const LONGEST_BAR_CHARS: usize = 40;
/// Blocks between code and the text, at most.
const MOST_BARS: usize = 4;

fn holds_code(parts: &Parts, root: usize, blocks: &[usize]) -> bool {
    let is_code = |element: usize| parts.elements[element].tag == Tag::Pre;
    is_code(root) || blocks.iter().any(|at| up(parts, parts.blocks[*at].element).take(3).any(is_code))
}

/// The numbers next to lines of code, and the buttons in it.
pub(super) fn is_beside_code(text: &str, parts: &Parts, at: usize) -> bool {
    let in_code = up(parts, parts.blocks[at].element).take(3).any(|element| parts.elements[element].tag == Tag::Pre);
    let is_button = parts.elements[parts.blocks[at].element].tag == Tag::Control;
    in_code && (is_button || text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace()))
}

/// Classes and ids of footnotes, alone or together.
const NOTES: [&str; 11] = [
    "footnotes",
    "endnotes",
    "footnote",
    "endnote",
    "footnote-content",
    "footnote-definition",
    "footnote-list",
    "wp-block-footnotes",
    "easy-footnotes-wrapper",
    "sidenote",
    "marginnote",
];

/// Whether an id is that of one footnote, as the programs that make them count them: `fn1`, `fn:1`, `_ftn2`.
fn is_note(id: &str) -> bool {
    let name = id.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_numbered = name.len() < id.len();
    let name = name.trim_start_matches('_').trim_end_matches([':', '-', '_', '.']);
    is_numbered && matches!(name, "fn" | "ftn" | "footnote" | "endnote" | "user-content-fn" | "cite_note")
}

/// Keeps footnotes: blocks of an element marked as such by its role, class or id, if the text before them was kept.
fn keep_notes(page: &Html, parts: &Parts, kept: &mut [bool]) {
    let is_notes = |element: &usize| {
        let node = page.tree.get(parts.elements[*element].id);
        let Some(element) = node.as_ref().and_then(|node| node.value().as_element()) else { return false };
        let is_role =
            element.attr("role").is_some_and(|role| matches!(role, "doc-endnotes" | "doc-footnote" | "doc-footnotes"));
        let names = [element.attr("class"), element.attr("id")].into_iter().flatten();
        is_role
            || names.flat_map(str::split_ascii_whitespace).any(|name| NOTES.contains(&name))
            || element.attr("id").is_some_and(is_note)
    };
    let mut text_before = false;
    for (kept, block) in kept.iter_mut().zip(&parts.blocks) {
        text_before |= *kept;
        if text_before && !*kept && up(parts, block.element).take(5).any(|element| is_notes(&element)) {
            *kept = true;
        }
    }
}
