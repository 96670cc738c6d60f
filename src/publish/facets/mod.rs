//! A page for each tag and for each source of a page: of what the page has, the stories that concern it.
//!
//! The items are those of the page itself, so that no program is asked twice and a story reads the same everywhere; where
//! they are few, the last stories that stood on the page come after them. A facet has a page from its first story on; it
//! is made again when something on it changes, and says that there is nothing any more once its tag or source is gone.

mod keep;
mod of_output;
mod elsewhere;
mod keeper;
mod links;
mod facet;
mod item_print;

pub(super) use keep::{are_as_left, next_end, open, update};
pub use links::FacetPages;
pub(super) use links::{known, links};
