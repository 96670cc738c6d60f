//! The rows of a page.

use super::look::Look;
use super::page::Page;
use super::stated::SelfDescription;
use crate::extract::tree::Parts;

/// The rows of all blocks, in document order.
pub(in crate::extract) fn rows(parts: &Parts, stated: &SelfDescription<'_>) -> Vec<Vec<f32>> {
    if parts.blocks.is_empty() {
        return Vec::new();
    }
    let looks: Vec<Look> = parts.blocks.iter().map(Look::of).collect();
    let page = Page::of(parts, &looks, stated);
    (0..parts.blocks.len()).map(|at| page.row(at)).collect()
}
