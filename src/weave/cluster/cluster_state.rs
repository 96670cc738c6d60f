//! A cluster while it is being made.

use crate::weave::similarity::Summary;

/// Number of a story's entries that are compared, the newest ones.
const COMPARED: usize = 24;

/// A story during the pass.
#[derive(Debug)]
pub(super) struct Cluster {
    /// Its number, and those of all stories that it consists of.
    pub(super) story: u32,
    pub(super) stories: Vec<u32>,
    /// Its entries in the window, in the order in which they came.
    pub(super) entries: Vec<u32>,
    /// Number of entries that it ever had.
    pub(super) size: usize,
    pub(super) membership_fixed: bool,
    pub(super) published: bool,
    /// The entry whose title readers see, once it is published and if that is in the window.
    pub(super) title_of: Option<u32>,
    /// Incremented when it grows.
    pub(super) version: u32,
    /// Summary of all its entries, once it was compared.
    pub(super) summary: Option<Summary>,
}

impl Cluster {
    /// Whether an entry joined the story rather than opened it.
    pub(super) fn is_joined_by(&self, entry: u32) -> bool {
        self.membership_fixed || self.entries.first() != Some(&entry)
    }

    /// The entries that represent it in comparisons.
    pub(super) fn compared(&self) -> &[u32] {
        newest(&self.entries)
    }
}

/// Those of a cluster's `entries` that are compared.
pub(super) fn newest(entries: &[u32]) -> &[u32] {
    &entries[entries.len().saturating_sub(COMPARED)..]
}
