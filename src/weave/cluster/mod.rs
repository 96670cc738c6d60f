//! Which entries of a window are one story: the certain layers one by one, the rest for a whole pass at a time.

mod clusterer;
mod certain;
mod candidate_pairs;
mod vetoes;
mod agglomerate;
mod may_unite;
mod linkage;
mod cluster_state;
mod comparison;
mod unlike;
mod shown_title;
mod scores;
mod dump;
mod window;
mod partial;

pub(super) use candidate_pairs::sharing_most;
pub(super) use certain::{Looked, SAME_KEY_ENTRIES};
pub use clusterer::Clusterer;
