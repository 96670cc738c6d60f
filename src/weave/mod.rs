//! Entries without a story → stories. Pure but for the stage, which reads and writes the store: the
//! same stream gives the same stories.
//!
//! [`Weaver`] holds the window: entries of the last days, by address, by title and by rare words.
//! [`Weaver::place`] asks layer after layer, the surest first, and says why.

mod stage;
mod opening;
mod narrow;
mod trace;
mod by_hand;
mod replay;
mod apply;
mod leads;
mod weaver;
mod stream;
mod input;
mod exact;
mod words;
mod same_words;
mod language;
mod terms;
mod features;
mod marks;
mod templates;
mod similar;
mod copies;
mod lead;
mod reason;

#[cfg(test)]
mod tests;

pub use apply::{Apply, weave_again};
pub use by_hand::{Said, is_disobeyed, join, split, take_back};
pub use copies::Sketch;
pub use exact::title_key;
pub use input::{
    Absorbed, Constraints, EntryHandle, Knit, Placed, Placement, Related, Settings, StoryHandle, WeaveInput,
    publisher_name,
};
pub use lead::{LeadInput, lead};
pub use reason::{as_written, sentence};
pub use replay::{Change, Group, Replay, Replayed};
pub use stage::{WeaveReport, weave};
pub use stream::Stream;
pub use weaver::Weaver;
