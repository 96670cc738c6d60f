//! Keeps what comes back: many whole sources per transaction.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::Receiver;
use tokio::task::block_in_place;
use tokio::time::Instant;

use super::memory::{self, Good};
use super::report::{Counts, Failure, GatherReport, Outcome, SourceError, SourceReport};
use super::schedule::{self, Terms, due};
use super::side_by_side::{End, Finished, Job};
use super::{Progress, ReadOut, save};
use crate::config::{Config, SourceAddress, SourceConfig};
use crate::model::Entry;
use crate::store::{Batch, Due, DueRule, SourceState, Store, StoreError};
use crate::text::for_terminal;

/// Sources that came back and wait for the next transaction, at most.
const BATCH_SOURCES: usize = 512;
/// Their bodies, at most.
const BATCH_BYTES: u64 = 4 * 1024 * 1024;
/// The longest that one of them waits.
const BATCH_WAIT: Duration = Duration::from_millis(500);

/// Keeps what comes back, in groups.
pub(super) struct Keeper<'a> {
    config: &'a Config,
    progress: &'a dyn Progress,
    /// By the source's place in feeds.toml.
    reports: BTreeMap<usize, SourceReport>,
    pending: Vec<Finished>,
    pending_bytes: u64,
}

impl<'a> Keeper<'a> {
    /// With the reports of those who are not asked.
    pub(super) fn new(config: &'a Config, progress: &'a dyn Progress, not_due: Vec<(usize, SourceReport)>) -> Self {
        not_due.iter().for_each(|(_, report)| progress.finished(report));
        let reports = not_due.into_iter().collect();
        Self { config, progress, reports, pending: Vec::new(), pending_bytes: 0 }
    }

    /// Until nobody sends any more.
    pub(super) async fn keep_all(
        &mut self,
        store: &mut Store,
        mut receiver: Receiver<Finished>,
    ) -> Result<(), StoreError> {
        let mut flush_at = Instant::now();
        loop {
            let next = if self.pending.is_empty() {
                receiver.recv().await
            } else {
                match tokio::time::timeout_at(flush_at, receiver.recv()).await {
                    Ok(next) => next,
                    Err(_) => {
                        block_in_place(|| self.flush(store))?;
                        continue;
                    }
                }
            };
            let Some(finished) = next else {
                return block_in_place(|| self.flush(store));
            };
            if self.pending.is_empty() {
                flush_at = Instant::now() + BATCH_WAIT;
            }
            self.pending_bytes += finished.job.bytes;
            self.pending.push(finished);
            if self.pending.len() >= BATCH_SOURCES || self.pending_bytes >= BATCH_BYTES {
                block_in_place(|| self.flush(store))?;
            }
        }
    }

    /// One transaction for all that is pending.
    fn flush(&mut self, store: &mut Store) -> Result<(), StoreError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.pending_bytes = 0;
        let mut batch = store.batch()?;
        let mut done = Vec::with_capacity(self.pending.len());
        for finished in self.pending.drain(..) {
            let place = finished.job.place;
            done.push((place, settle(&mut batch, finished, self.config)?));
        }
        batch.commit()?;
        for (place, report) in done {
            log(&report);
            self.progress.finished(&report);
            self.reports.insert(place, report);
        }
        Ok(())
    }

    pub(super) fn report(self, took: Duration) -> GatherReport {
        let sources: Vec<SourceReport> = self.reports.into_values().collect();
        GatherReport {
            took,
            requests: sources.iter().map(|source| u64::from(source.requests)).sum(),
            bytes: sources.iter().map(|source| source.bytes).sum(),
            sources,
        }
    }
}

/// Saves what one source brought and what is remembered of it from now on.
fn settle(batch: &mut Batch<'_>, finished: Finished, config: &Config) -> Result<SourceReport, StoreError> {
    let Finished { job, end, at, host, host_hold } = finished;
    let Job { source, state, url, chain, began, requests, bytes, .. } = *job;
    let mut state = Arc::unwrap_or_clone(state);
    let moved_before = state.moved_to.clone();
    let (failures_before, health_before) = (state.failures, state.health());
    if requests > 0 && !matches!(end, End::OutOfTime) {
        state.last_request = Some(at);
    }
    let good = |validators, freshness| Good { at, end: &url, chain: &chain, validators, freshness };
    let outcome = match end {
        End::NotModified { validators, freshness } => {
            memory::not_modified(&mut state, good(validators, freshness));
            Outcome::NotModified
        }
        End::SameBody { validators, freshness } => {
            memory::document(&mut state, good(validators, freshness));
            Outcome::SameBody
        }
        End::Read { validators, freshness, hash, out } => {
            let whole = !out.cut_short;
            memory::document(&mut state, good(validators.filter(|_| whole), freshness));
            memory::feed_hints(&mut state, &out.feed);
            state.body_hash = whole.then_some(hash);
            Outcome::Fetched(keep_document(batch, &source, &mut state, *out)?)
        }
        End::Failed(error) => {
            memory::failed(&mut state, &error, at, host_hold);
            let hint = hint(&error, &source);
            Outcome::Failed(Failure { error, hint })
        }
        End::Held => Outcome::NotDue { until: host_hold },
        End::OutOfTime => Outcome::OutOfTime,
    };
    let due = match source.address {
        SourceAddress::File(_) => Due { at: None, rule: DueRule::EveryRun },
        SourceAddress::Http(_) => due(&state, host_hold, Terms::of(&source, &config.fetch), at),
    };
    state.due = Some(due);
    batch.save_source_state(&state)?;
    if state.health().differs_from(health_before) {
        batch.bump_generation()?;
    }
    if let Some((key, host)) = host {
        batch.save_host_state(&key, &host)?;
    }
    Ok(SourceReport {
        id: source.id.clone(),
        outcome,
        bytes,
        took: began.map_or(Duration::ZERO, |began| began.elapsed()),
        requests,
        due,
        failures: state.failures,
        failures_before,
        moved_to: state.moved_to.filter(|to| moved_before.as_ref() != Some(to)),
    })
}

fn keep_document(
    batch: &mut Batch<'_>,
    source: &SourceConfig,
    state: &mut SourceState,
    out: ReadOut,
) -> Result<Counts, StoreError> {
    let posts: Vec<Timestamp> = out.entries.iter().map(Entry::effective_time).collect();
    let saved = save::save_entries(batch, source, out.entries)?;
    batch.save_feed(&source.id, &out.feed)?;
    if saved.new > 0 || state.rhythm.is_none() {
        state.rhythm = schedule::rhythm(&posts);
    }
    Ok(Counts {
        new: saved.new,
        updated: saved.updated,
        unchanged: saved.unchanged,
        held_back: saved.held_back,
        dropped: out.dropped,
    })
}

fn hint(error: &SourceError, source: &SourceConfig) -> Option<String> {
    match error {
        SourceError::Fetch(error) => error.hint(source),
        SourceError::Read(error) => error.hint.clone(),
    }
}

/// One line a source and run.
fn log(report: &SourceReport) {
    let (source, bytes) = (report.id.as_str(), report.bytes);
    let took_ms = u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX);
    match &report.outcome {
        Outcome::Fetched(Counts { new, updated, .. }) => {
            tracing::info!(source, bytes, took_ms, new, updated, "fetched");
        }
        Outcome::SameBody => tracing::info!(source, bytes, took_ms, "same body"),
        Outcome::NotModified => tracing::info!(source, took_ms, "not modified"),
        Outcome::NotDue { .. } => tracing::debug!(source, rule = report.due.rule.code(), "not due"),
        Outcome::OutOfTime => tracing::warn!(source, "the run's time was up"),
        Outcome::Failed(failure) => {
            let (stage, error) = (failure.error.stage(), for_terminal(&failure.error.sentence()).to_string());
            tracing::warn!(source, stage, error, took_ms, "failed");
        }
    }
}
