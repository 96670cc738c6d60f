//! Which two stories may be one at all.

use std::collections::BTreeMap;

use super::cluster_state::Cluster;
use super::clusterer::{Clusterer, LARGEST_STORY};
use super::window::Constraint;
use crate::weave::input::StoryHandle;

/// Two stories of at least this many entries each are never merged by the rules.
const LARGE_STORY: usize = 13;

/// Number of entries of one source that count toward the size of a story: nobody fills it up for others.
const COUNTED_OF_A_SOURCE: usize = 8;

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
        } else if is_run_away(a.size, b.size)
            && is_run_away(self.counted(a.size, &a.entries), self.counted(b.size, &b.entries))
        {
            May::RunAway
        } else {
            May::Yes
        }
    }

    /// Settles all stories: whatever is placed from now on, none of them becomes part of another.
    pub(in crate::weave) fn settle(&mut self) {
        let stories: Vec<u32> = self.stories.keys().copied().collect();
        stories.into_iter().for_each(|story| self.mark_published(StoryHandle(story)));
    }

    /// Whether a story has as many entries as one can have, or as many of `source`.
    pub(super) fn is_full_for(&self, source: u32, story: u32) -> bool {
        let Some(state) = self.stories.get(&story).filter(|state| state.size >= LARGEST_STORY) else { return false };
        let own =
            || state.entries.iter().filter(|entry| self.known(**entry).is_some_and(|known| known.source == source));
        self.counted(state.size, &state.entries) >= LARGEST_STORY || own().count() >= LARGEST_STORY
    }

    /// The size of a story of `size` entries, `entries` of which are at hand, as [`COUNTED_OF_A_SOURCE`] limits it.
    fn counted(&self, size: usize, entries: &[u32]) -> usize {
        let mut of: BTreeMap<u32, usize> = BTreeMap::new();
        for known in entries.iter().filter_map(|entry| self.known(*entry)) {
            *of.entry(known.source).or_default() += 1;
        }
        let gone = size.saturating_sub(entries.len());
        of.values().map(|entries| (*entries).min(COUNTED_OF_A_SOURCE)).sum::<usize>() + gone
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

/// Whether stories of these sizes would be too large together.
fn is_run_away(a: usize, b: usize) -> bool {
    a + b > LARGEST_STORY || (a >= LARGE_STORY && b >= LARGE_STORY)
}
