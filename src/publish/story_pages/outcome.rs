//! What becomes of the page of one story in one output.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::config::{Order, OutputConfig};
use crate::model::{Item, Story, StoryId};
use crate::publish::coverage::{self, Filtering, Shown};
use crate::publish::filter::Filters;
use crate::publish::input::Input;
use crate::publish::item_set::DraftSet;
use crate::publish::render::Closing;
use crate::publish::rule::Rule;
use crate::store::{Reader, StoreError};

/// What the page of a story shows.
#[derive(Debug)]
pub(in crate::publish) enum Outcome<'a> {
    /// The story.
    Story(Box<Item>, Vec<Shown<'a>>),
    /// Nothing any more.
    Closed(Closing),
    /// What it showed: a program of the operator's fails, or has not answered yet.
    AsItWas,
}

/// Everything that stories are judged by.
#[derive(Debug)]
pub(in crate::publish) struct Judge<'a> {
    pub(in crate::publish) store: &'a Reader,
    pub(in crate::publish) input: &'a Input<'a>,
    pub(in crate::publish) filtering: Filtering<'a>,
}

impl<'a> Judge<'a> {
    pub(in crate::publish) fn new(store: &'a Reader, input: &'a Input<'a>) -> Self {
        let filtering = coverage::filtering(input.config);
        Self { store, input, filtering }
    }

    /// The entries of `story` that may be shown.
    pub(in crate::publish) fn entries<'s>(&self, story: &'s Story) -> Vec<Shown<'s>>
    where
        'a: 's,
    {
        coverage::of(story, self.input, &self.filtering).map(|coverage| coverage.entries).unwrap_or_default()
    }

    /// What the page of `story` shows, made for `output`, which [`without_limits`] returned.
    pub(in crate::publish) fn outcome<'s>(
        &self,
        story: &'s Story,
        output: &OutputConfig,
        filters: &mut Filters,
    ) -> Result<Outcome<'s>, StoreError>
    where
        'a: 's,
    {
        let input = self.input;
        let Some(coverage) = coverage::of(story, input, &self.filtering) else {
            let why = coverage::why_not(story, input, &self.filtering);
            let is_taken_down = matches!(why, Some(Rule::TakenDown));
            return Ok(Outcome::Closed(if is_taken_down { Closing::TakenDown } else { Closing::NotShown }));
        };
        let entries = coverage.entries.clone();
        let covered = [(story, coverage)];
        let mut draft = DraftSet::new(input, output, &covered, &BTreeMap::new());
        let rewritten: Vec<StoryId> = draft.rewritten_stories().collect();
        if !rewritten.is_empty() {
            filters.load_rewrites(self.store, &rewritten)?;
            draft.rewrite(input, filters);
        }
        let questions = draft.questions(input);
        if !questions.is_empty() {
            filters.remember(self.store.filter_answers(&questions)?);
        }
        let set = draft.filtered(input, filters);
        let waits = set.items.is_empty() && !set.unanswered.is_empty();
        if set.broken.is_some() || !set.failures.is_empty() || waits {
            return Ok(Outcome::AsItWas);
        }
        Ok(match set.items.into_iter().next() {
            Some(item) => Outcome::Story(Box::new(item), entries),
            None => Outcome::Closed(Closing::NotShown),
        })
    }
}

/// `output` without what makes a story leave it in time: what stood in it keeps its page.
pub(in crate::publish) fn without_limits(output: &OutputConfig) -> OutputConfig {
    OutputConfig {
        items: usize::MAX,
        span: SignedDuration::MAX,
        max_age: None,
        order: if output.order == Order::Top { Order::FirstSeen } else { output.order },
        ..output.clone()
    }
}
