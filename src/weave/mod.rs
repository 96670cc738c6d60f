//! Entries without a story → stories.
//!
//! A pass reads once (`read`), decides (`assign`, which asks the [`Clusterer`] and keeps the stories in a `Ledger`) and
//! writes once (`WeaveChanges`, by the store). The clusterer holds the window: entries of the last days, by address,
//! by title and by rare words. The deciding part is pure: the same entries yield the same stories.

mod stage;
mod context;
mod read;
mod candidates;
mod assign;
mod ledger;
mod elect_lead;
mod prepared;
mod edits;
mod signature;
mod corrections;
mod what_if;
mod adopt;
mod regroup;
mod window;
mod cluster;
mod stream;
mod input;
mod exact;
mod tokens;
mod tokenizer;
mod packed;
mod synonyms;
mod language;
mod vocabulary;
mod features;
mod title_features;
mod templates;
mod query_vector;
mod similarity;
mod copies;
mod reason;
mod grounds;

#[cfg(test)]
mod tests;

pub(crate) use adopt::{Apply, weave_again};
pub(crate) use assign::WeaveReport;
pub use cluster::Clusterer;
pub(crate) use corrections::{contradicts_config, join, split, undo};
pub(crate) use input::StoryHandle;
pub use input::{Constraints, Settings, WeaveInput};
pub(crate) use reason::{as_written, sentence};
pub(crate) use regroup::{Regrouping, Setup};
pub use stage::weave;
pub(crate) use stream::Stream;
pub(crate) use what_if::{Change, Group, Replay};
