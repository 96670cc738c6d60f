//! Keeps what comes back: many whole sources per transaction.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::Receiver;
use tokio::task::block_in_place;
use tokio::time::Instant;

use super::pages::Verdict;
use super::progress::Progress;
use super::reader::ReadOut;
use super::report::{Counts, Failure, GatherReport, Outcome, Pages, SourceError, SourceReport};
use super::request::{Attempt, FeedBody, FeedBrought, FeedTarget, Finished, Nothing, PageBrought, PageTarget, Settled};
use super::schedule::{Terms, due};
use super::source_state::{self, Good};
use super::{pages, save};
use crate::config::{Config, SourceAddress, SourceConfig};
use crate::model::Entry;
use crate::store::{ArticleEnd, Batch, Due, DueRule, Rhythm, SourceState, Store, StoreError};
use crate::text::for_terminal;

/// Sources that came back and wait for the next transaction, at most.
const BATCH_SOURCES: usize = 512;
/// Their bodies, at most.
const BATCH_BYTES: u64 = 4 * 1024 * 1024;
/// The longest that one of them waits.
const BATCH_WAIT: Duration = Duration::from_millis(500);

/// Keeps what comes back, in groups.
pub(super) struct Committer<'a> {
    config: &'a Config,
    progress: &'a dyn Progress,
    /// By the source's place in feeds.toml.
    reports: BTreeMap<usize, SourceReport>,
    pages: Pages,
    pending: Vec<Finished>,
    pending_bytes: u64,
}

impl<'a> Committer<'a> {
    /// With the reports of those who are not asked.
    pub(super) fn new(config: &'a Config, progress: &'a dyn Progress, not_due: Vec<(usize, SourceReport)>) -> Self {
        not_due.iter().for_each(|(_, report)| progress.finished(report));
        let reports = not_due.into_iter().collect();
        Self { config, progress, reports, pages: Pages::default(), pending: Vec::new(), pending_bytes: 0 }
    }

    /// Until nobody sends any more.
    pub(super) async fn commit_all(
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
            self.pending_bytes += finished.attempt.bytes;
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
        let mut pages = Pages::default();
        for Finished { what, attempt, at, host, host_hold } in self.pending.drain(..) {
            if let Some((key, host)) = &host {
                batch.save_host_state(key, host)?;
            }
            match what {
                Settled::Feed(feed, brought) => {
                    let answer = Answered { brought, attempt, at, host_hold };
                    done.push((feed.place, settle_feed(&mut batch, feed, answer, self.config)?));
                }
                Settled::Page(page, brought) => {
                    pages.requests += u64::from(attempt.requests);
                    pages.bytes += attempt.bytes;
                    settle_page(&mut batch, &page, brought, at, &mut pages)?;
                }
                Settled::Robots(robots, state) => {
                    pages.requests += u64::from(attempt.requests);
                    batch.save_robots(&robots.host, &state)?;
                }
            }
        }
        batch.commit()?;
        for _ in 0..pages.all() {
            self.progress.page_finished();
        }
        self.pages.add(&pages);
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
            requests: sources.iter().map(|source| u64::from(source.requests)).sum::<u64>() + self.pages.requests,
            bytes: sources.iter().map(|source| source.bytes).sum::<u64>() + self.pages.bytes,
            sources,
            pages: self.pages,
        }
    }
}

/// How a feed came back.
struct Answered {
    brought: Result<FeedBrought, Nothing>,
    attempt: Attempt,
    at: Timestamp,
    host_hold: Option<Timestamp>,
}

/// Saves what one source brought and what is remembered of it from now on.
fn settle_feed(
    batch: &mut Batch<'_>,
    feed: FeedTarget,
    answer: Answered,
    config: &Config,
) -> Result<SourceReport, StoreError> {
    let Answered { brought, attempt, at, host_hold } = answer;
    let FeedTarget { source, state, .. } = feed;
    let mut state = Arc::unwrap_or_clone(state);
    let moved_before = state.moved_to.clone();
    let failures_before = state.failures;
    if !matches!(brought, Err(Nothing::Held | Nothing::OutOfTime)) {
        state.last_request = Some(at);
    }
    let outcome = match brought {
        Ok(FeedBrought { validators, freshness, body }) => {
            let good = |validators| Good { at, end: &attempt.url, chain: &attempt.chain, validators, freshness };
            match body {
                FeedBody::NotModified => {
                    source_state::not_modified(&mut state, good(validators));
                    Outcome::NotModified
                }
                FeedBody::Same => {
                    source_state::document(&mut state, good(validators));
                    Outcome::SameBody
                }
                FeedBody::Read { hash, extent, out } => {
                    let whole = !out.cut_short;
                    let rhythm = source_state::rhythm(state.rhythm, &posts(&out), extent);
                    source_state::document(&mut state, good(validators.filter(|_| whole)));
                    source_state::feed_hints(&mut state, &out.feed);
                    state.body_hash = Some(hash);
                    if !whole {
                        tracing::warn!(source = source.id.as_str(), "the document ends in the middle");
                        source_state::cut_short(&mut state);
                    }
                    Outcome::Fetched(keep_document(batch, &source, (&mut state, rhythm), *out, at)?)
                }
            }
        }
        Err(Nothing::Failed(error)) => {
            source_state::failed(&mut state, &error, at, host_hold);
            state.gone_under = state.gone_for_good.then_some(config.fingerprint);
            let hint = hint(&error, &source);
            Outcome::Failed(Failure { error, hint })
        }
        Err(Nothing::Held) => Outcome::NotDue { until: host_hold },
        Err(Nothing::OutOfTime) => Outcome::OutOfTime,
    };
    let due = match source.address {
        SourceAddress::File(_) => Due { at: None, rule: DueRule::EveryRun },
        SourceAddress::Http(_) => due(&state, host_hold, Terms::of(&source, &config.fetch), at),
    };
    state.due = Some(due);
    batch.save_source_state(&state)?;
    Ok(SourceReport {
        id: source.id.clone(),
        outcome,
        bytes: attempt.bytes,
        took: attempt.began.map_or(Duration::ZERO, |began| began.elapsed()),
        requests: attempt.requests,
        due,
        failures: state.failures,
        failures_before,
        moved_to: state.moved_to.filter(|to| moved_before.as_ref() != Some(to)),
    })
}

/// Keeps what was made of a page, or why nothing was: the entry then keeps the feed's own text.
fn settle_page(
    batch: &mut Batch<'_>,
    page: &PageTarget,
    brought: Result<Box<PageBrought>, Nothing>,
    at: Timestamp,
    pages: &mut Pages,
) -> Result<(), StoreError> {
    let number = page.wanted.number;
    let source = page.source.id.as_str();
    if !page.signals.is_empty() {
        batch.save_article_signals(number, &page.signals)?;
    }
    let nothing = match brought {
        Ok(kept) => {
            pages.kept += 1;
            tracing::debug!(source, url = kept.url.as_str(), "page kept");
            return batch.end_article(number, &ArticleEnd::Kept { article: &kept.article, url: &kept.url }, at);
        }
        Err(nothing) => nothing,
    };
    match pages::judge(&page.wanted, &nothing, at) {
        Verdict::StillWanted => {
            pages.waiting += 1;
            Ok(())
        }
        Verdict::Again { at: next, tries, reason } => {
            pages.waiting += 1;
            tracing::debug!(source, url = page.wanted.address.as_str(), error = shown(&reason), "page failed for now");
            batch.end_article(number, &ArticleEnd::Again { at: next, tries, reason: &reason }, at)
        }
        Verdict::Failed { reason } => {
            pages.failed += 1;
            tracing::info!(source, url = page.wanted.address.as_str(), error = shown(&reason), "page failed");
            batch.end_article(number, &ArticleEnd::Failed { reason: &reason }, at)
        }
    }
}

fn shown(text: &str) -> String {
    for_terminal(text).to_string()
}

fn posts(out: &ReadOut) -> Vec<Timestamp> {
    out.entries.iter().map(Entry::effective_time).collect()
}

fn keep_document(
    batch: &mut Batch<'_>,
    source: &SourceConfig,
    (state, rhythm): (&mut SourceState, Option<Rhythm>),
    out: ReadOut,
    now: Timestamp,
) -> Result<Counts, StoreError> {
    let saved = save::save_entries(batch, source, out.entries, now)?;
    batch.save_feed(&source.id, &out.feed)?;
    if saved.new > 0 || state.rhythm.is_none() {
        state.rhythm = rhythm;
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
    let (next, rule, why) = (report.due.next(), report.due.rule.code(), report.due.rule.sentence());
    match &report.outcome {
        Outcome::Fetched(Counts { new, updated, .. }) => {
            tracing::info!(source, bytes, took_ms, new, updated, next, rule, why, "fetched");
        }
        Outcome::SameBody => tracing::info!(source, bytes, took_ms, next, rule, why, "same body"),
        Outcome::NotModified => tracing::info!(source, took_ms, next, rule, why, "not modified"),
        Outcome::NotDue { .. } => tracing::info!(source, next, rule, why, "not due"),
        Outcome::OutOfTime => tracing::warn!(source, "the run's time was up"),
        Outcome::Failed(failure) => {
            let (stage, error) = (failure.error.stage(), for_terminal(&failure.error.sentence()).to_string());
            tracing::warn!(source, stage, error, took_ms, next, rule, why, "failed");
        }
    }
}
