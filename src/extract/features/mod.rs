//! What is measured of each block before it is kept or dropped: a row of numbers, the same for every page.
//!
//! All of it is about the world, none about a publisher: lengths, links, punctuation, places in the tree, names
//! of elements, generic words in class names, and how the blocks around it look.

mod look;
mod page;
mod row;
mod names;

use super::tree::Parts;
use look::Look;
use page::Page;

pub use names::names;

/// What the page says of itself: compared with its blocks.
#[derive(Debug, Default)]
pub(super) struct SelfDescription<'a> {
    /// Its title.
    pub(super) title: &'a str,
    /// Its description.
    pub(super) description: &'a str,
    /// `articleBody` of JSON-LD.
    pub(super) body: &'a str,
    /// `og:type`, or the type of JSON-LD, is an article's.
    pub(super) is_article: bool,
}

/// The rows of all blocks, in document order.
pub(super) fn rows(parts: &Parts, stated: &SelfDescription<'_>) -> Vec<Vec<f32>> {
    if parts.blocks.is_empty() {
        return Vec::new();
    }
    let looks: Vec<Look> = parts.blocks.iter().map(Look::of).collect();
    let page = Page::of(parts, &looks, stated);
    (0..parts.blocks.len()).map(|at| page.row(at)).collect()
}

/// `element` and the elements around it, from the inside.
pub(super) fn up(parts: &Parts, element: usize) -> impl Iterator<Item = usize> + '_ {
    std::iter::successors(Some(element), |at| {
        let parent = parts.elements[*at].parent;
        (parent != *at).then_some(parent)
    })
}
