//! Entries without a story → stories. Pure but for the stage, which reads and writes the store: the
//! same stream gives the same stories.
//!
//! [`Weaver`] holds the window: entries of the last days, by address, by title and by rare words.
//! [`Weaver::place`] asks layer after layer, the surest first, and says why.

mod stage;

mod address;
mod exact;
mod features;
mod input;
mod language;
mod marks;
mod publisher;
mod similar;
mod terms;
mod weaver;
mod words;

pub use address::canonical;
pub use exact::title_key;
pub use input::{Constraints, Placement, Related, Settings, StoryHandle, WeaveInput, publisher_name};
pub use stage::{WeaveReport, address_hash, weave};
pub use weaver::Weaver;
