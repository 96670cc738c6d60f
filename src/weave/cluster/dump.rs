//! The features of all pairs that a model could be trained on.

use super::clusterer::Clusterer;
use super::scores::{Scores, are_never_one};
use crate::weave::similarity::NAMES;

/// Two entries, by the order in which they were placed, and the features of the pair.
#[derive(Debug)]
pub struct PairFeatures {
    /// The one that was placed first.
    pub older: usize,
    /// The one that was placed since the last clustering.
    pub newer: usize,
    /// In the order of [`Clusterer::feature_names`].
    pub features: Vec<f32>,
}

impl Clusterer {
    /// The names of the features of a pair.
    #[must_use]
    pub fn feature_names() -> &'static [&'static str] {
        &NAMES
    }

    /// The features of all pairs of English entries in the window of which one was placed since the last clustering and
    /// that have enough words in common to be scored, except those that a rule keeps apart. Numbers are those of a
    /// window that kept all entries.
    #[must_use]
    pub fn pairs(&self) -> Vec<PairFeatures> {
        let mut scores = Scores::default();
        let mut found = Vec::new();
        let new = self.unassigned.iter().filter(|unassigned| unassigned.is_new);
        for newer in new.filter_map(|unassigned| unassigned.entry) {
            for older in self.first..newer {
                let Some((one, two)) = self.known(older).zip(self.known(newer)) else { continue };
                if one.is_foreign || two.is_foreign || are_never_one(self, one, two) {
                    continue;
                }
                let features = scores.features(self, (older, one), (newer, two));
                let (older, newer) = (older as usize, newer as usize);
                found.extend(features.map(|features| PairFeatures { older, newer, features: features.to_vec() }));
            }
        }
        found
    }
}
