//! What programs answered, and what they were not asked: looked up for each item.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::material::Material;
use crate::config::RewriteConfig;
use crate::model::StoryId;
use crate::store::{LeftState, Reader, RewriteAnswer, RewriteLeft, StoreError};

/// Answers of earlier asking, by program.
#[derive(Debug, Default)]
pub(in crate::publish) struct Rewrites {
    answers: BTreeMap<String, Vec<RewriteAnswer>>,
    left: BTreeMap<(String, StoryId, Option<[u8; 32]>), RewriteLeft>,
}

/// How an item stands with the program of its output.
#[derive(Debug)]
pub(in crate::publish) enum Standing<'a> {
    /// It is shown with this, until `again` if it is the answer to an earlier version.
    Answered { answer: &'a RewriteAnswer, again: Option<Timestamp> },
    /// It has no answer yet: why, and when to look again; `None`: there will be none.
    Open { why: String, again: Option<Timestamp> },
}

impl Rewrites {
    /// Adds what is stored about `stories`.
    pub(in crate::publish) fn load(&mut self, store: &Reader, stories: &[StoryId]) -> Result<(), StoreError> {
        for answer in store.rewrite_answers(stories)? {
            self.add(answer);
        }
        for left in store.rewrites_left()? {
            self.left.insert((left.program.clone(), left.story.clone(), left.version), left);
        }
        Ok(())
    }

    /// Adds an answer.
    pub(super) fn add(&mut self, answer: RewriteAnswer) {
        let known = self.answers.entry(answer.program.clone()).or_default();
        if !known.contains(&answer) {
            known.push(answer);
        }
    }

    /// Everything that is known.
    pub(super) fn all(&self) -> impl Iterator<Item = &RewriteAnswer> {
        self.answers.values().flatten()
    }

    /// The answer of the program to this version of a story; the first one, so that it is the same in every output.
    pub(super) fn answer(&self, rewrite: &RewriteConfig, material: &Material) -> Option<&RewriteAnswer> {
        let known = self.answers.get(&rewrite.name())?;
        known.iter().find(|answer| answer.version == material.version && material.allows(answer))
    }

    /// What became of this version of a story when it was last to be asked about.
    pub(super) fn left(&self, rewrite: &RewriteConfig, story: &StoryId, version: &[u8; 32]) -> Option<&RewriteLeft> {
        self.left.get(&(rewrite.name(), story.clone(), Some(*version)))
    }

    /// How a story stands at `now`. Where stories wait to be answered, the answer to an earlier version stays until there
    /// is one.
    pub(in crate::publish) fn standing(
        &self,
        rewrite: &RewriteConfig,
        story: &StoryId,
        material: &Material,
        now: Timestamp,
    ) -> Standing<'_> {
        if let Some(answer) = self.answer(rewrite, material) {
            return Standing::Answered { answer, again: None };
        }
        let (why, again) = match self.left(rewrite, story, &material.version) {
            Some(left) => (left.why.clone(), left.again.filter(|_| left.state != LeftState::GivenUp)),
            None => ("it was not asked yet".to_owned(), Some(now)),
        };
        let of_program = self.answers.get(&rewrite.name()).into_iter().flatten().rev().filter(|_| rewrite.wait);
        let earlier = of_program.into_iter().find(|answer| material.is_of_lead(answer) && material.allows(answer));
        match earlier {
            Some(answer) => Standing::Answered { answer, again },
            None => Standing::Open { why, again },
        }
    }
}
