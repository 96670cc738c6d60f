//! Asking: from memory if the same was asked before, otherwise by running the program, within the time of a pass.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::exchange::{self, Changed, FilterError};
use super::question::Question;
use crate::config::{FilterLimits, Program};
use crate::model::StoryId;
use crate::publish::program::{self, Limits};
use crate::publish::rewrite::Rewrites;
use crate::store::{Entered, FilterAnswers, Reader, StoreError};

/// What programs of outputs answered: filters, in earlier passes and in this one, and those that rewrite.
#[derive(Debug, Default)]
pub struct Filters {
    known: FilterAnswers,
    used: FilterAnswers,
    /// When stories came through, in earlier passes and in this one.
    entered: Entered,
    entered_now: Entered,
    /// What programs that rewrite answered, in earlier passes.
    rewrites: Rewrites,
    began: Option<Instant>,
    /// By source.
    failures: BTreeMap<String, Failures>,
}

/// How often a filter failed on items of one source in this pass, in all outputs, and how long that took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Failures {
    count: usize,
    time: Duration,
}

/// The part of a pass's time that failures on the items of one source may take.
const SHARE: u32 = 4;

/// Why an item was not filtered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::publish) enum NotFiltered {
    #[error(transparent)]
    Program(#[from] FilterError),
    #[error("filters have taken {} s in this pass", .0.as_secs())]
    OutOfTime(Duration),
}

/// A story that came through the filter of an output.
#[derive(Debug)]
pub(in crate::publish) struct Passed<'a> {
    /// The output.
    pub(in crate::publish) file: &'a str,
    pub(in crate::publish) story: &'a StoryId,
    /// Since when it could have come through.
    pub(in crate::publish) since: Timestamp,
}

impl Filters {
    /// Adds answers of earlier passes.
    pub fn remember(&mut self, known: FilterAnswers) {
        self.known.extend(known);
    }

    /// Adds what programs that rewrite answered for `stories`.
    pub(in crate::publish) fn load_rewrites(&mut self, store: &Reader, stories: &[StoryId]) -> Result<(), StoreError> {
        self.rewrites.load(store, stories)
    }

    /// What programs that rewrite answered.
    pub(in crate::publish) fn rewrites(&self) -> &Rewrites {
        &self.rewrites
    }

    /// Adds when stories came through in earlier passes.
    pub(crate) fn remember_entered(&mut self, entered: Entered) {
        self.entered = entered;
    }

    /// What came through for the first time since the last call: to be stored.
    pub(crate) fn take_entered(&mut self) -> Entered {
        std::mem::take(&mut self.entered_now)
    }

    /// When a story first came through: `now` if it did not yet. Where the filter itself is new, all came through when they
    /// could.
    pub(in crate::publish) fn entered(&mut self, passed: &Passed<'_>, now: Timestamp) -> Timestamp {
        let known = self.entered.get(passed.file);
        if let Some(at) = known.and_then(|known| known.get(passed.story)) {
            return *at;
        }
        let at = if known.is_some() { now } else { passed.since };
        self.entered_now.entry(passed.file.to_owned()).or_default().insert(passed.story.clone(), at);
        at
    }

    /// What has been answered in this pass, from memory or anew, since the last call: to be stored.
    pub(crate) fn take_used(&mut self) -> FilterAnswers {
        let used = std::mem::take(&mut self.used);
        self.known.extend(used.clone());
        used
    }

    /// What was answered to this before, if it was asked before.
    pub(in crate::publish) fn recall(&mut self, question: &Question) -> Option<Result<Option<Changed>, NotFiltered>> {
        let Question { key, sent, .. } = question;
        let answer = self.used.get(key).or_else(|| self.known.get(key)).cloned()?;
        self.used.insert(*key, answer.clone());
        Some(exchange::incoming(sent, answer.unwrap_or_default().as_bytes()).map_err(NotFiltered::from))
    }

    /// How often a filter failed on items of `source`, if that took so much of the time of a pass that it is not asked about
    /// them any more.
    pub(in crate::publish) fn failures_enough(&self, source: &str, limits: &FilterLimits) -> Option<usize> {
        let failures = self.failures.get(source)?;
        (failures.time * SHARE >= limits.total).then_some(failures.count)
    }

    /// What `program` answers to something new from `source`; `None`: it drops the item.
    pub(in crate::publish) fn ask(
        &mut self,
        program: &Program,
        question: &Question,
        source: &str,
        limits: &FilterLimits,
    ) -> Result<Option<Changed>, NotFiltered> {
        let began = *self.began.get_or_insert_with(Instant::now);
        if began.elapsed() > limits.total {
            return Err(NotFiltered::OutOfTime(limits.total));
        }
        let asked = Instant::now();
        let answer = self.run(program, question, limits);
        if answer.is_err() {
            let failures = self.failures.entry(source.to_owned()).or_default();
            failures.count += 1;
            failures.time += asked.elapsed();
        }
        answer.map_err(NotFiltered::from)
    }

    fn run(
        &mut self,
        program: &Program,
        question: &Question,
        limits: &FilterLimits,
    ) -> Result<Option<Changed>, FilterError> {
        let Question { key, sent, text } = question;
        let FilterLimits { timeout, max_answer, .. } = *limits;
        let limits = Limits { time: timeout, output_bytes: max_answer, environment: &[], laid_down_in: None };
        let answer = program::run(program, text, &limits).map_err(FilterError::from)?;
        let changed = exchange::incoming(sent, &answer)?;
        let kept = changed.is_some().then(|| String::from_utf8_lossy(&answer).into_owned());
        self.used.insert(*key, kept);
        Ok(changed)
    }
}
