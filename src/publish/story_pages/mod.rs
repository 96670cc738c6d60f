//! A page for each story that stood on a page: its permalink.
//!
//! A page is made when its story first stands on the page it belongs to, and only then: a first run makes no page for
//! everything it read. It is made again when its story changes, in whichever way (the triggers of the store notice), or
//! when what decides how stories are shown does; and it stays, as one that leads to another story or says that nothing is
//! shown any more, until its story is forgotten.

mod keep;
mod output;
mod elsewhere;
mod keeper;
mod outcome;
mod telling;
mod links;

pub(super) use keep::{are_as_left, remove_gone, update};
pub use links::StoryPages;
pub(super) use links::{known, nav_of_feed, nav_of_page};
pub(super) use outcome::{Judge, Outcome, without_limits};
