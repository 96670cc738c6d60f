//! Which two stories may be one at all.

use super::cluster_state::Cluster;
use super::clusterer::{Clusterer, LARGEST_STORY};
use super::window::Constraint;

/// Two stories of at least this many entries each are never merged by the rules.
const LARGE_STORY: usize = 13;

/// Whether two stories may be one.
pub(super) enum May {
    Yes,
    Never,
    /// Only by an operator's correction: together they would be too large.
    RunAway,
}

impl Clusterer {
    pub(super) fn may_unite(&self, a: &Cluster, b: &Cluster) -> May {
        if (a.published && b.published) || self.is_forbidden(a, b) {
            May::Never
        } else if a.size + b.size > LARGEST_STORY || (a.size >= LARGE_STORY && b.size >= LARGE_STORY) {
            May::RunAway
        } else {
            May::Yes
        }
    }

    /// Whether an operator's correction keeps two stories apart.
    fn is_forbidden(&self, a: &Cluster, b: &Cluster) -> bool {
        let apart = |a: u32, b: u32| self.apart.contains(&(a.min(b), a.max(b)));
        if !self.apart.is_empty() && a.stories.iter().any(|one| b.stories.iter().any(|other| apart(*one, *other))) {
            return true;
        }
        if self.constraints.is_empty() {
            return false;
        }
        let known =
            |cluster: &Cluster| cluster.entries.iter().filter_map(|entry| self.known(*entry)).collect::<Vec<_>>();
        let others = known(b);
        known(a).into_iter().any(|known| {
            let constraints = self.constraints_on(&known.key, known.address);
            let mut cannot = constraints.iter().filter(|(_, constraint)| *constraint == Constraint::CannotLink);
            cannot.any(|(named, _)| others.iter().any(|other| other.is_named(named)))
        })
    }
}
