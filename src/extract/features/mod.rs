//! What is measured for each block before it is kept or dropped: a row of numbers, the same for every page.
//!
//! All of it is general, nothing specific to one publisher: lengths, links, punctuation, places in the tree, names
//! of elements, generic words in class names, and how the blocks around it look.

mod rows;
mod stated;
mod look;
mod page;
mod row;
mod names;

pub use names::names;
pub(super) use rows::rows;
pub(super) use stated::SelfDescription;
