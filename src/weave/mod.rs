//! Entries without a story → stories. Pure: no clock, no SQL; the same stream gives the same stories.
//!
//! [`Weaver`] holds the window: entries of the last days, by address, by title and by rare words.
//! [`Weaver::place`] asks layer after layer, the surest first, and says why.

mod address;
mod copies;
mod exact;
mod features;
mod identity;
mod input;
mod language;
mod lead;
mod marks;
mod publisher;
mod reason;
mod same_words;
mod similar;
mod templates;
mod terms;
mod weaver;
mod words;

#[cfg(test)]
mod tests;

pub use address::{NoAddress, canonical, canonical_of};
pub use copies::is_copy;
pub use exact::title_key;
pub use identity::{Identity, MOST_REPAIRS, SameBy, same_entry};
pub use input::{Constraints, Placement, Related, Settings, StoryHandle, WeaveInput, publisher_name};
pub use lead::{LeadInput, lead};
pub use reason::sentence;
pub use weaver::Weaver;
