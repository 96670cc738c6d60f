//! What one source brought, or why nothing → the store, and what is remembered of the source from then on.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::outcome::{FeedAnswer, FeedBody, Unfinished};
use super::reader::{ReadFailure, ReadOut};
use super::report::{Counts, Failure, SourceError, SourceOutcome, SourceReport};
use super::request::{FeedTarget, Route};
use super::save::{self, Polls};
use super::schedule::{Terms, due};
use super::source_state::{self, Good};
use super::task::Attempt;
use crate::config::{Config, SourceAddress, SourceConfig};
use crate::store::{Batch, Due, DueRule, SourceState, StoreError};

/// One source in the transaction that keeps it.
pub(super) struct FeedCommit<'a, 'b> {
    pub(super) batch: &'a mut Batch<'b>,
    pub(super) config: &'a Config,
    pub(super) attempt: Attempt,
    /// The time of its last request.
    pub(super) at: Timestamp,
    /// Until when its host asked for a rest.
    pub(super) host_hold: Option<Timestamp>,
    /// Whose fault it is if it was not reached.
    pub(super) fault: Fault,
}

/// Whose fault it is that a source was not reached, or something else came instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Theirs,
    /// This machine's: nothing counts against the source.
    Ours,
}

impl FeedCommit<'_, '_> {
    /// Saves what the source brought and what is remembered of it.
    pub(super) fn apply(
        mut self,
        feed: FeedTarget,
        answer: Result<FeedAnswer, Unfinished>,
    ) -> Result<SourceReport, StoreError> {
        let FeedTarget { source, state: before, route, .. } = feed;
        let mut state = SourceState::clone(&before);
        let was_asked = !matches!(answer, Err(Unfinished::Held | Unfinished::OutOfTime));
        if was_asked && self.fault == Fault::Theirs {
            state.last_request = Some(self.at);
        }
        let answer = match answer {
            // A page that is nobody's.
            Ok(_) if self.fault == Fault::Ours => {
                Err(Unfinished::Failed(ReadFailure::new("it is a page that other sources got as well").into()))
            }
            answer => answer,
        };
        let outcome = match answer {
            Ok(answer) => {
                let outcome = self.good(&source, &mut state, answer, route)?;
                self.judge_pushes(&mut state, &outcome)?;
                outcome
            }
            Err(Unfinished::Failed(error)) if self.fault == Fault::Ours => {
                let floor = Terms::of(&source, &self.config.fetch).floor;
                source_state::not_reached(&mut state, self.at, floor);
                SourceOutcome::Unreached(failure(&source, error))
            }
            Err(Unfinished::Failed(error)) => {
                if route == Route::Back {
                    source_state::revisited_in_vain(&mut state, self.at);
                }
                SourceOutcome::Failed(self.failed(&source, &mut state, error))
            }
            Err(Unfinished::Held) => SourceOutcome::NotDue { until: self.host_hold },
            Err(Unfinished::OutOfTime) => SourceOutcome::OutOfTime,
        };
        let due = match source.address {
            SourceAddress::File(_) => Due { at: None, rule: DueRule::EveryRun },
            SourceAddress::Http(_) => due(&state, self.host_hold, Terms::of(&source, &self.config.fetch), self.at),
        };
        state.due = Some(due);
        self.batch.save_source_state(&state)?;
        Ok(self.report(&before, state, outcome, due))
    }

    /// What was found here had not been pushed: the source is asked as usual until something is pushed again.
    fn judge_pushes(&mut self, state: &mut SourceState, outcome: &SourceOutcome) -> Result<(), StoreError> {
        let is_news = matches!(outcome, SourceOutcome::Fetched(counts) if counts.arrived > 0);
        if is_news && state.pushed_until.take().is_some() {
            self.batch.forget_pushes(&state.id)?;
        }
        Ok(())
    }

    fn good(
        &mut self,
        source: &SourceConfig,
        state: &mut SourceState,
        answer: FeedAnswer,
        route: Route,
    ) -> Result<SourceOutcome, StoreError> {
        let FeedAnswer { validators, freshness, body } = answer;
        let (at, end, chain) = (self.at, &self.attempt.url, &self.attempt.chain);
        let good = |validators| Good { at, end, chain, route, validators, freshness };
        let (hash, extent, out) = match body {
            FeedBody::NotModified(links, renewed) => {
                links.save(self.batch, &source.id)?;
                if !renewed.is_empty() && self.batch.renew_signals(&source.id, &renewed)? {
                    // The next document takes that back where it says something else.
                    state.body_hash = None;
                }
                source_state::not_modified(state, good(validators));
                return Ok(SourceOutcome::NotModified);
            }
            FeedBody::Same(links) => {
                links.save(self.batch, &source.id)?;
                source_state::document(state, good(validators));
                return Ok(SourceOutcome::SameBody);
            }
            FeedBody::Read { hash, extent, out } => (hash, extent, *out),
        };
        let posts: Vec<Timestamp> = out.entries.iter().map(|entry| entry.time_or(self.at)).collect();
        let newest = posts.iter().max().copied();
        let rhythm = source_state::rhythm(state.rhythm, &posts, extent);
        let before = state.clone();
        // Validators of a truncated document would keep the rest from ever coming.
        source_state::document(state, good(validators.filter(|_| !out.cut_short)));
        source_state::feed_hints(state, &out.feed);
        state.body_hash = Some(hash);
        state.document = out.document;
        state.notes = (!out.notes.is_empty()).then(|| out.notes.join("; "));
        if out.cut_short {
            tracing::warn!(source = source.id.as_str(), "the document ends in the middle");
            source_state::cut_short(state, &before);
        }
        let polls = Polls { now: self.at, vouched: before.vouched };
        let counts = self.save(source, state, out, polls)?;
        if counts.new > 0 || state.rhythm.is_none() {
            let of_arrivals = source_state::rhythm_of_arrivals(before.last_success, newest, counts.arrived, self.at);
            state.rhythm = of_arrivals.or(rhythm);
        }
        Ok(SourceOutcome::Fetched(counts))
    }

    pub(super) fn save(
        &mut self,
        source: &SourceConfig,
        state: &mut SourceState,
        out: ReadOut,
        polls: Polls,
    ) -> Result<Counts, StoreError> {
        let saved = save::save_entries(self.batch, source, out.entries, polls)?;
        if saved.cut > 0 {
            tracing::warn!(source = source.id.as_str(), entries = saved.cut, "more text than is kept of a source");
            add_note(
                state,
                format!("it brings more text than is kept in a week: {} cut to their beginnings", saved.cut),
            );
        }
        if saved.reused > 0 {
            let note = format!("it gives the guids of articles to other ones: {} told apart by address", saved.reused);
            add_note(state, note);
        }
        self.batch.save_feed(&source.id, &out.feed)?;
        Ok(Counts {
            new: saved.new,
            updated: saved.updated,
            unchanged: saved.unchanged,
            held_back: saved.held_back,
            arrived: saved.arrived,
            dropped: out.dropped,
        })
    }

    fn failed(&self, source: &SourceConfig, state: &mut SourceState, error: SourceError) -> Failure {
        source_state::failed(state, &error, self.at, self.host_hold);
        state.gone_under = state.gone_for_good.then_some(self.config.fingerprint);
        failure(source, error)
    }

    fn report(self, before: &Arc<SourceState>, state: SourceState, outcome: SourceOutcome, due: Due) -> SourceReport {
        SourceReport {
            id: state.id,
            outcome,
            bytes: self.attempt.bytes,
            took: self.attempt.began.map_or(Duration::ZERO, |began| began.elapsed()),
            requests: self.attempt.requests,
            due,
            failures: state.failures,
            failures_before: before.failures,
            was_good: before.last_success,
            moved_to: state.moved_to.filter(|to| before.moved_to.as_ref() != Some(to)),
        }
    }
}

fn add_note(state: &mut SourceState, note: String) {
    state.notes = Some(state.notes.take().into_iter().chain([note]).collect::<Vec<_>>().join("; "));
}

fn failure(source: &SourceConfig, error: SourceError) -> Failure {
    let hint = match &error {
        SourceError::Fetch(error) => error.hint(source),
        SourceError::Read(error) => error.hint.clone(),
    };
    Failure { error, hint }
}
