//! Entries without a story → stories. Pure but for the stage, which reads and writes the store: the
//! same stream gives the same stories.
//!
//! [`Clusterer`] holds the window: entries of the last days, by address, by title and by rare words.
//! [`Clusterer::place`] asks layer after layer, the surest first, and says why.

mod stage;
mod load;
mod candidates;
mod signature;
mod corrections;
mod what_if;
mod adopt;
mod elect_lead;
mod cluster;
mod stream;
mod input;
mod exact;
mod tokens;
mod synonyms;
mod language;
mod vocabulary;
mod features;
mod title_features;
mod templates;
mod similar;
mod copies;
mod reason;

#[cfg(test)]
mod tests;

pub use adopt::{Apply, weave_again};
pub use cluster::Clusterer;
pub use copies::Sketch;
pub use corrections::{is_disobeyed, join, split, take_back};
pub use exact::title_key;
pub use input::{Absorbed, Clustering, Constraints, Settings, StoryHandle, WeaveInput, publisher_name};
pub use reason::{as_written, sentence};
pub use stage::{WeaveReport, weave};
pub use stream::Stream;
pub use what_if::{Change, Group, Replay};
