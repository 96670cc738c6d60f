//! feeds.toml's sources → entries in the store.
//!
//! [`gather`] finds what is due, sends it on its way ([`side_by_side`]), and keeps what comes back:
//! many whole sources per transaction, each one's validators together with the entries they vouch for.

pub mod read;

mod fetch;
mod memory;
mod panics;
mod report;
mod save;
mod schedule;
mod side_by_side;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::{self, Receiver};
use tokio::task::{JoinSet, block_in_place};
use tokio::time::Instant;

use crate::config::{Config, SourceAddress, SourceConfig};
use crate::model::{Entry, Feed, SourceId};
use crate::store::{Batch, Due, DueRule, HostState, SourceState, Store, StoreError};
use fetch::{Fetcher, hosts};
use memory::Good;
use schedule::{Terms, due, forbidden, guard_clock, guard_host_clock};
use side_by_side::{Clock, End, Finished, Job, Limits, Tools};

pub use fetch::{FetchError, Fetched, Refused};
pub use report::{Counts, Failure, GatherReport, Outcome, SourceError, SourceReport};

/// Raised whenever the reader makes other entries of the same bytes: every source is then asked anew.
const READER_EDITION: u32 = 1;
/// Sources that came back and wait for the next transaction, at most.
const BATCH_SOURCES: usize = 512;
/// Their bodies, at most.
const BATCH_BYTES: u64 = 4 * 1024 * 1024;
/// The longest that one of them waits.
const BATCH_WAIT: Duration = Duration::from_millis(500);
/// Sources that came back and were not looked at yet, at most.
const CHANNEL: usize = 16;

/// Makes entries of a fetched document. Pure; called on a thread for blocking work, under a panic guard.
pub type Reader = fn(&Fetched, &SourceConfig, Timestamp) -> Result<ReadOut, ReadFailure>;

/// What a document holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadOut {
    /// What the feed says of itself.
    pub feed: Feed,
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Entries that were left out: no usable address, or beyond the newest 500.
    pub dropped: usize,
}

/// Why a document could not be read: a sentence that names what it is instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct ReadFailure {
    /// Lower case, no full stop.
    pub sentence: String,
    /// What a person can do about it.
    pub hint: Option<String>,
}

impl ReadFailure {
    fn panicked(what: &str) -> Self {
        Self { sentence: format!("the document made the reader fail: {what}"), hint: None }
    }
}

/// How to gather.
#[derive(Debug, Clone)]
pub struct GatherOptions {
    /// Ask sources that are not due yet, too. A server's own word (`Retry-After`, a host's hold) stands.
    pub all: bool,
    /// Only these sources; empty: all.
    pub only: BTreeSet<SourceId>,
    /// Wait before the one second try after a broken connection, 502 or 504.
    pub retry_delay: Duration,
    /// Makes entries of documents.
    pub reader: Reader,
}

impl Default for GatherOptions {
    fn default() -> Self {
        Self { all: false, only: BTreeSet::new(), retry_delay: Duration::from_secs(3), reader: read_document }
    }
}

/// Hears how far a run is.
pub trait Progress: Sync {
    /// `sources` are going to be asked.
    fn started(&self, sources: usize);
    /// One of them came to its end, and what it brought is kept.
    fn finished(&self, source: &SourceReport);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _sources: usize) {}
    fn finished(&self, _source: &SourceReport) {}
}

/// Why a whole run of gather failed; a single source never makes it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatherError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client")]
    Client(#[source] reqwest::Error),
}

/// Asks every source that is due at `now` and keeps what it brings.
///
/// `now` is the run's clock at its start; the real time that passes is added to it. Needs tokio's
/// multi-thread runtime: the store is written by the calling task with `block_in_place`.
///
/// # Errors
/// Where the store cannot be read or written, or the client not be set up. What was committed stays.
pub async fn gather(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    options: &GatherOptions,
    progress: &dyn Progress,
) -> Result<GatherReport, GatherError> {
    let clock = Clock::starting_at(now);
    let plan = block_in_place(|| Plan::make(store, config, now, options))?;
    progress.started(plan.jobs.len());
    let mut keeper = Keeper { config, progress, reports: BTreeMap::new(), pending: Vec::new(), pending_bytes: 0 };
    for (place, report) in plan.not_due {
        progress.finished(&report);
        keeper.reports.insert(place, report);
    }
    if !plan.jobs.is_empty() {
        let fetcher = Fetcher::new(config).map_err(GatherError::Client)?;
        let tools = Tools { fetcher, reader: options.reader, clock, max_body_bytes: config.fetch.max_body_bytes };
        let limits = Limits {
            parallelism: config.fetch.parallelism.max(1),
            spacing: config.fetch.spacing,
            deadline: config.fetch.deadline,
            retry_delay: options.retry_delay,
        };
        let (sender, receiver) = mpsc::channel(CHANNEL);
        // A set of one: dropped with this future, it takes the task down with it.
        let mut crowd = JoinSet::new();
        crowd.spawn(side_by_side::run(plan.jobs, plan.hosts, Arc::new(tools), limits, sender));
        keeper.keep_all(store, receiver).await?;
        if let Some(Err(died)) = crowd.join_next().await
            && let Ok(panic) = died.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
    }
    Ok(keeper.report(clock.took()))
}

/// The reader that is built in.
fn read_document(fetched: &Fetched, source: &SourceConfig, now: Timestamp) -> Result<ReadOut, ReadFailure> {
    let header = |name: &str| {
        let value = fetched.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice());
        value.and_then(|value| std::str::from_utf8(value).ok())
    };
    let input = read::Input {
        bytes: &fetched.bytes,
        url: Some(&fetched.url),
        headers: read::Headers {
            content_type: header("content-type"),
            content_location: header("content-location"),
            content_language: header("content-language"),
        },
        encoding: source.encoding,
        base_url: source.base_url.as_ref(),
    };
    let document =
        read::read(&input).map_err(|error| ReadFailure { sentence: error.to_string(), hint: announced(&error) })?;
    let feed = document.feed();
    let read = read::entries(document, source, now);
    Ok(ReadOut { feed, entries: read.entries, dropped: read.dropped.len() })
}

/// A web page in place of a feed often says where the feed is.
fn announced(error: &read::ReadError) -> Option<String> {
    match error {
        read::ReadError::Page { announced, .. } => {
            announced.0.first().map(|feed| format!("that page announces a feed: write url = \"{feed}\""))
        }
        _ => None,
    }
}

/// Who is asked in this run, and who is not.
struct Plan {
    jobs: Vec<Job>,
    not_due: Vec<(usize, SourceReport)>,
    hosts: BTreeMap<String, HostState>,
}

impl Plan {
    fn make(store: &mut Store, config: &Config, now: Timestamp, options: &GatherOptions) -> Result<Self, StoreError> {
        let mut states = store.source_states()?;
        let mut hosts = store.host_states()?;
        let mut changed_hosts = Vec::new();
        for (key, host) in &mut hosts {
            if guard_host_clock(host, now) {
                changed_hosts.push(key.clone());
            }
        }
        let mut plan = Self { jobs: Vec::new(), not_due: Vec::new(), hosts };
        let mut changed = Vec::new();
        for (place, source) in config.sources.iter().enumerate().filter(|(_, source)| !source.disabled) {
            if !options.only.is_empty() && !options.only.contains(&source.id) {
                continue;
            }
            let mut state = known_state(states.remove(&source.id), source);
            let cut = guard_clock(&mut state, now);
            if cut {
                tracing::warn!(source = source.id.as_str(), "the clock was set back: kept times are cut short");
            }
            match plan.verdict(&state, source, config, now, options) {
                None => plan.jobs.push(job(place, source, state, config)),
                Some(due) => {
                    let moved = state.due != Some(due);
                    state.due = Some(due);
                    plan.not_due.push((place, not_due(&state, due)));
                    if cut || moved {
                        changed.push(state);
                    }
                }
            }
        }
        if !(changed.is_empty() && changed_hosts.is_empty()) {
            let mut batch = store.batch()?;
            changed.iter().try_for_each(|state| batch.save_source_state(state))?;
            for key in &changed_hosts {
                batch.save_host_state(key, &plan.hosts[key])?;
            }
            batch.commit()?;
        }
        Ok(plan)
    }

    /// `None`: the source is asked now; else when it is due, and why.
    fn verdict(
        &self,
        state: &SourceState,
        source: &SourceConfig,
        config: &Config,
        now: Timestamp,
        options: &GatherOptions,
    ) -> Option<Due> {
        if let SourceAddress::File(_) = source.address {
            return None;
        }
        let host_hold = self.hosts.get(&hosts::key(&first_url(source, state))).and_then(|host| host.hold_until);
        if options.all {
            return forbidden(state, host_hold, now);
        }
        let due = due(state, host_hold, Terms::of(source, &config.fetch), now);
        (due.at.is_none_or(|at| at > now)).then_some(due)
    }
}

/// What is remembered of `source`; nothing where its address in feeds.toml is another one, and no
/// validators where it is to be read in another way than last time.
fn known_state(stored: Option<SourceState>, source: &SourceConfig) -> SourceState {
    let address = String::from(without_user_info(source.address.to_url()));
    let read_as = format!(
        "{READER_EDITION} {:?} {:?} {} {} {}",
        source.identity,
        source.future_dates,
        source.date_offset.as_secs(),
        source.encoding.map_or("-", encoding_rs::Encoding::name),
        source.base_url.as_ref().map_or("-", url::Url::as_str),
    );
    match stored {
        Some(state) if state.address == address && state.read_as == read_as => state,
        Some(state) if state.address == address => SourceState { read_as, validators: None, body_hash: None, ..state },
        _ => SourceState::new(source.id.clone(), address, read_as),
    }
}

fn without_user_info(mut url: url::Url) -> url::Url {
    // Only a URL that can have none refuses.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

fn first_url(source: &SourceConfig, state: &SourceState) -> url::Url {
    state.moved_to.clone().unwrap_or_else(|| without_user_info(source.address.to_url()))
}

fn job(place: usize, source: &SourceConfig, state: SourceState, config: &Config) -> Job {
    let url = first_url(source, &state);
    Job::new(place, Arc::new(source.clone()), Arc::new(state), url, config.fetch.timeout)
}

fn not_due(state: &SourceState, due: Due) -> SourceReport {
    SourceReport {
        id: state.id.clone(),
        outcome: Outcome::NotDue { until: due.at },
        bytes: 0,
        took: Duration::ZERO,
        requests: 0,
        due,
        failures: state.failures,
        failures_before: state.failures,
        moved_to: None,
    }
}

/// Keeps what comes back, in groups.
struct Keeper<'a> {
    config: &'a Config,
    progress: &'a dyn Progress,
    /// By the source's place in feeds.toml.
    reports: BTreeMap<usize, SourceReport>,
    pending: Vec<Finished>,
    pending_bytes: u64,
}

impl Keeper<'_> {
    async fn keep_all(&mut self, store: &mut Store, mut receiver: Receiver<Finished>) -> Result<(), StoreError> {
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

    fn report(self, took: Duration) -> GatherReport {
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
    let failures_before = state.failures;
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
            memory::document(&mut state, good(validators, freshness));
            memory::feed_hints(&mut state, &out.feed);
            state.body_hash = Some(hash);
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
            let (stage, error) =
                (failure.error.stage(), crate::text::for_terminal(&failure.error.sentence()).to_string());
            tracing::warn!(source, stage, error, took_ms, "failed");
        }
    }
}
