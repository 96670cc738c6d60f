//! Outcomes → the store: many whole sources per transaction.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::Receiver;
use tokio::task::block_in_place;
use tokio::time::Instant;

use super::commit_feed::FeedCommit;
use super::outcome::{Completed, Outcome, PageAnswer, Unfinished};
use super::pages::{self, Verdict};
use super::progress::Progress;
use super::report::{Counts, GatherReport, Pages, SourceOutcome, SourceReport};
use super::request::PageTarget;
use crate::config::Config;
use crate::store::{ArticleEnd, Batch, Store, StoreError};
use crate::text::for_terminal;

/// Outcomes that wait for the next transaction, at most.
const BATCH_SOURCES: usize = 512;
/// Their bodies, at most.
const BATCH_BYTES: u64 = 4 * 1024 * 1024;
/// The longest that one of them waits.
const BATCH_WAIT: Duration = Duration::from_millis(500);

/// Commits outcomes, in groups.
pub(super) struct Committer<'a> {
    config: &'a Config,
    progress: &'a dyn Progress,
    /// By the source's place in feeds.toml.
    reports: BTreeMap<usize, SourceReport>,
    pages: Pages,
    pending: Vec<Completed>,
    pending_bytes: u64,
    /// Feeds that have not come to their end yet; 0 also once that was said.
    open_feeds: usize,
    /// The same of pages.
    open_pages: usize,
    has_told_feeds: bool,
    /// Something was kept that readers of the outputs could see, since it was last asked.
    has_news: bool,
}

/// Why committing stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The last feed came to its end; that is said once.
    FeedsIn,
    /// Nobody sends any more.
    AllIn,
    /// It is the moment that was named.
    Time,
}

impl<'a> Committer<'a> {
    /// With the reports of the sources that are not fetched; `feeds` are.
    pub(super) fn new(
        config: &'a Config,
        progress: &'a dyn Progress,
        not_due: Vec<(usize, SourceReport)>,
        feeds: usize,
    ) -> Self {
        not_due.iter().for_each(|(_, report)| progress.finished(report));
        Self {
            config,
            progress,
            reports: not_due.into_iter().collect(),
            pages: Pages::default(),
            pending: Vec::new(),
            pending_bytes: 0,
            open_feeds: feeds,
            open_pages: 0,
            has_told_feeds: feeds == 0,
            has_news: false,
        }
    }

    /// So many more pages are fetched.
    pub(super) fn expect_pages(&mut self, pages: usize) {
        self.open_pages += pages;
    }

    /// Pages that have not come to their end yet.
    pub(super) fn open_pages(&self) -> usize {
        self.open_pages
    }

    /// Whether readers of the outputs could see something that was kept since this was last asked.
    pub(super) fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.has_news)
    }

    /// Commits what comes, until there is a reason to stop; all that came until then is kept.
    pub(super) async fn commit_until(
        &mut self,
        store: &mut Store,
        receiver: &mut Receiver<Completed>,
        until: Instant,
    ) -> Result<Stop, StoreError> {
        let mut flush_at = Instant::now();
        loop {
            let wake = if self.pending.is_empty() { until } else { flush_at.min(until) };
            let Ok(next) = tokio::time::timeout_at(wake, receiver.recv()).await else {
                block_in_place(|| self.flush(store))?;
                if Instant::now() >= until {
                    return Ok(Stop::Time);
                }
                continue;
            };
            let Some(completed) = next else {
                block_in_place(|| self.flush(store))?;
                return Ok(Stop::AllIn);
            };
            if self.pending.is_empty() {
                flush_at = Instant::now() + BATCH_WAIT;
            }
            match &completed.outcome {
                Outcome::Feed(..) => self.open_feeds = self.open_feeds.saturating_sub(1),
                Outcome::Page(..) => self.open_pages = self.open_pages.saturating_sub(1),
                Outcome::HostFile(..) | Outcome::Probe(..) => {}
            }
            self.pending_bytes += completed.attempt.bytes;
            self.pending.push(completed);
            let are_feeds_in = self.open_feeds == 0 && !self.has_told_feeds;
            if are_feeds_in || self.pending.len() >= BATCH_SOURCES || self.pending_bytes >= BATCH_BYTES {
                block_in_place(|| self.flush(store))?;
            }
            if are_feeds_in {
                self.has_told_feeds = true;
                return Ok(Stop::FeedsIn);
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
        for Completed { outcome, attempt, at, host_hold, changed } in self.pending.drain(..) {
            if let Some((key, state)) = &changed.state {
                batch.save_host_state(key, state)?;
            }
            if let Some((key, state)) = &changed.robots {
                batch.save_robots(key, state)?;
            }
            match outcome {
                Outcome::Feed(feed, answer) => {
                    let commit = FeedCommit { batch: &mut batch, config: self.config, attempt, at, host_hold };
                    done.push((feed.place, commit.apply(feed, answer)?));
                }
                Outcome::Page(page, answer) => {
                    pages.requests += u64::from(attempt.requests);
                    pages.bytes += attempt.bytes;
                    if !attempt.signals.is_empty() {
                        batch.save_article_signals(page.wanted.number, &attempt.signals)?;
                    }
                    pages.add(&commit_page(&mut batch, &page, answer, at)?);
                }
                Outcome::HostFile(..) => pages.requests += u64::from(attempt.requests),
                // Nothing of a probe is kept.
                Outcome::Probe(..) => {}
            }
        }
        batch.commit()?;
        for _ in 0..pages.all() {
            self.progress.page_finished();
        }
        self.pages.add(&pages);
        self.has_news |= pages.kept > 0;
        for (place, report) in done {
            self.has_news |=
                matches!(&report.outcome, SourceOutcome::Fetched(counts) if counts.new + counts.updated > 0);
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

/// Keeps what was made of a page, or why nothing was: the entry then keeps the feed's own text.
fn commit_page(
    batch: &mut Batch<'_>,
    page: &PageTarget,
    answer: Result<Box<PageAnswer>, Unfinished>,
    at: Timestamp,
) -> Result<Pages, StoreError> {
    let number = page.wanted.number;
    let source = page.source.id.as_str();
    let why = match answer {
        Ok(kept) => {
            tracing::debug!(source, url = kept.url.as_str(), "page kept");
            batch.end_article(number, &ArticleEnd::Kept { article: &kept.article, url: &kept.url }, at)?;
            return Ok(Pages { kept: 1, ..Pages::default() });
        }
        Err(why) => why,
    };
    match pages::judge(&page.wanted, &why, at) {
        Verdict::StillWanted => Ok(Pages { waiting: 1, ..Pages::default() }),
        Verdict::Again { at: next, tries, reason } => {
            let error = for_terminal(&reason).to_string();
            tracing::debug!(source, url = page.wanted.address.as_str(), error, "page failed for now");
            batch.end_article(number, &ArticleEnd::Again { at: next, tries, reason: &reason }, at)?;
            Ok(Pages { waiting: 1, ..Pages::default() })
        }
        Verdict::Failed { reason } => {
            let error = for_terminal(&reason).to_string();
            tracing::info!(source, url = page.wanted.address.as_str(), error, "page failed");
            batch.end_article(number, &ArticleEnd::Failed { reason: &reason }, at)?;
            Ok(Pages { failed: 1, ..Pages::default() })
        }
    }
}

/// One line a source and run.
fn log(report: &SourceReport) {
    let (source, bytes) = (report.id.as_str(), report.bytes);
    let took_ms = u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX);
    let (next, rule, why) = (report.due.next(), report.due.rule.code(), report.due.rule.sentence());
    match &report.outcome {
        SourceOutcome::Fetched(Counts { new, updated, .. }) => {
            tracing::info!(source, bytes, took_ms, new, updated, next, rule, why, "fetched");
        }
        SourceOutcome::SameBody => tracing::info!(source, bytes, took_ms, next, rule, why, "same body"),
        SourceOutcome::NotModified => tracing::info!(source, took_ms, next, rule, why, "not modified"),
        SourceOutcome::NotDue { .. } => tracing::info!(source, next, rule, why, "not due"),
        SourceOutcome::OutOfTime => tracing::warn!(source, "the run's time was up"),
        SourceOutcome::Failed(failure) => {
            let (stage, error) = (failure.error.stage(), for_terminal(&failure.error.sentence()).to_string());
            tracing::warn!(source, stage, error, took_ms, next, rule, why, "failed");
        }
    }
}
