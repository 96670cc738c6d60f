//! Tables, lists, terms and code are kept or dropped whole: what the chooser says of their parts, one by one, is only
//! a vote. Footnotes belong to the text that refers to them.

use scraper::Html;

use super::tags::Tag;
use super::tree::Parts;
use super::tree::up;

/// A part whose links make up more than this share of its text is a list of links.
const MOST_LINKS: f32 = 0.5;
/// A list whose items are longer than this, on average, is page layout.
const LONG_ITEM_CHARS: usize = 600;

/// Changes `kept` so that no group is broken.
pub(super) fn make_whole(page: &Html, parts: &Parts, kept: &mut [bool]) {
    if !kept.contains(&true) {
        return;
    }
    for (root, blocks) in groups(parts) {
        let verdict = verdict(parts, root, &blocks, kept);
        for at in blocks {
            kept[at] = match verdict {
                Verdict::Whole => !is_gutter(&parts.blocks[at].text, parts, at),
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

/// The outermost table, list or piece of code around blocks, each with those blocks.
fn groups(parts: &Parts) -> Vec<(usize, Vec<usize>)> {
    let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
    for (at, block) in parts.blocks.iter().enumerate() {
        let is_group = |element: &usize| matches!(parts.elements[*element].tag, Tag::Table | Tag::List | Tag::Pre);
        let Some(root) = up(parts, block.element).filter(is_group).last() else { continue };
        match groups.last_mut() {
            Some((known, blocks)) if *known == root => blocks.push(at),
            _ => groups.push((root, vec![at])),
        }
    }
    groups
}

fn verdict(parts: &Parts, root: usize, blocks: &[usize], kept: &[bool]) -> Verdict {
    let sum = |of: &dyn Fn(usize) -> usize| blocks.iter().map(|at| of(*at)).sum::<usize>();
    let chars = sum(&|at| parts.blocks[at].chars).max(1);
    let chosen = sum(&|at| if kept[at] { parts.blocks[at].chars } else { 0 });
    let links = sum(&|at| parts.blocks[at].link_chars) as f32 / chars as f32;
    if chars / blocks.len() > LONG_ITEM_CHARS || holds_layout(parts, root, blocks) {
        return Verdict::AsChosen;
    }
    if chosen * 2 >= chars || (links < MOST_LINKS && stands_in_text(parts, root, blocks, kept)) {
        return Verdict::Whole;
    }
    if chosen == 0 { Verdict::AsChosen } else { Verdict::Nothing }
}

/// Whether a group serves page layout: it holds parts of the page, headings in a table, a table in a table.
fn holds_layout(parts: &Parts, root: usize, blocks: &[usize]) -> bool {
    let is_table = parts.elements[root].tag == Tag::Table;
    blocks.iter().any(|at| {
        up(parts, parts.blocks[*at].element).take_while(|element| *element != root).any(|element| {
            match parts.elements[element].tag {
                Tag::Article
                | Tag::Section
                | Tag::Nav
                | Tag::Aside
                | Tag::Header
                | Tag::Footer
                | Tag::Form
                | Tag::Main => true,
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
    let (Some(&first), Some(&last)) = (blocks.first(), blocks.last()) else { return false };
    let beside = |at: Option<usize>| {
        let at = at.filter(|at| kept.get(*at) == Some(&true))?;
        up(parts, parts.blocks[at].element)
            .find(|element| up(parts, root).skip(1).take(FRAMES).any(|around| around == *element))
    };
    let (before, after) = (beside(first.checked_sub(1)), beside(Some(last + 1)));
    before.is_some() && (after.is_some() || kept.get(last + 1).is_none())
}

/// The numbers next to lines of code.
fn is_gutter(text: &str, parts: &Parts, at: usize) -> bool {
    let in_code = up(parts, parts.blocks[at].element).take(3).any(|element| parts.elements[element].tag == Tag::Pre);
    in_code && text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace())
}

/// Keeps footnotes: blocks of an element marked as such by its role or class, if the text before them was kept.
fn keep_notes(page: &Html, parts: &Parts, kept: &mut [bool]) {
    let is_notes = |element: &usize| {
        let node = page.tree.get(parts.elements[*element].id);
        let Some(element) = node.as_ref().and_then(|node| node.value().as_element()) else { return false };
        let is_role =
            element.attr("role").is_some_and(|role| matches!(role, "doc-endnotes" | "doc-footnote" | "doc-footnotes"));
        let mut classes = element.attr("class").unwrap_or_default().split_ascii_whitespace();
        is_role
            || classes.any(|class| matches!(class, "footnotes" | "endnotes" | "footnote-definition" | "footnote-list"))
    };
    let mut text_before = false;
    for (kept, block) in kept.iter_mut().zip(&parts.blocks) {
        text_before |= *kept;
        if text_before && !*kept && up(parts, block.element).take(5).any(|element| is_notes(&element)) {
            *kept = true;
        }
    }
}
