//! Filter programs of an output: what they made of each item, run once for each version of it.
//!
//! A program is given one item as JSON and answers with the item, changed or not, or with nothing, which
//! drops it. It fails closed: an item that it failed on is left out, and if it cannot be used at all the
//! output keeps its last version. What it answered is remembered, so that an unchanged item costs nothing.

mod asking;
mod question;
mod exchange;
mod apply;

pub(super) use apply::changed_item;
pub use asking::Filters;
pub(super) use asking::Passed;
pub(super) use exchange::Changed;
pub(super) use question::Question;
