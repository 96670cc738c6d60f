//! Outcomes → the store: many whole sources per transaction.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::Receiver;
use tokio::task::block_in_place;
use tokio::time::Instant;

use super::alike::Alike;
use super::commit_feed::{Fault, FeedCommit};
use super::commit_page::commit_page;
use super::fetch::{FetchError, Unreached};
use super::first_clock::{ClockVerdict, Decide, FirstClock};
use super::host_key::{host_key, owner_key};
use super::log::log;
use super::network::Network;
use super::outage::{Before, Instead, Tally, is_cut_off, unreached};
use super::outcome::{Completed, Outcome, Unfinished};
use super::progress::Progress;
use super::report::{GatherReport, Pages, SourceError, SourceOutcome, SourceReport};
use crate::config::{Config, SourceAddress};
use crate::store::{Store, StoreError};

/// Most outcomes that wait for the next transaction.
const BATCH_SOURCES: usize = 512;
/// Most bytes of their bodies.
const BATCH_BYTES: u64 = 4 * 1024 * 1024;
/// The same while the clock of a first run is not known to be right.
const HELD_BYTES: u64 = 4 * BATCH_BYTES;
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
    /// Feeds that have not finished yet; 0 also once that was reported.
    open_feeds: usize,
    /// The same for pages.
    open_pages: usize,
    has_told_feeds: bool,
    tally: Tally,
    /// What ended without being reached: whose fault that is, is known when all are in.
    deferred: Vec<Completed>,
    network: Network,
    /// The first of the last runs that reached nothing.
    outage_before: Option<Timestamp>,
    /// A first run whose clock is not known to be right yet: nothing is written.
    first_clock: Option<FirstClock>,
    /// Something that readers of the outputs could see was kept since this was last asked.
    has_news: bool,
}

/// When an outcome is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Now,
    /// Once all feeds, or all pages, are in.
    Deferred,
}

/// Why committing stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The last feed finished; reported once.
    FeedsIn,
    /// There are no senders any more.
    AllIn,
    /// The given moment has come.
    Time,
    /// A first run whose clock is wrong: nothing was written.
    WrongClock { now: Timestamp, servers: Timestamp },
}

impl<'a> Committer<'a> {
    /// With the reports of the sources that are not fetched; `feeds` are.
    pub(super) fn new(
        config: &'a Config,
        progress: &'a dyn Progress,
        not_due: Vec<(usize, SourceReport)>,
        feeds: usize,
        outage_before: Option<Timestamp>,
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
            tally: Tally::default(),
            deferred: Vec::new(),
            network: Network::Usual,
            outage_before,
            first_clock: None,
            has_news: false,
        }
    }

    /// Writes nothing before the servers confirm the clock of a first run.
    pub(super) fn comparing(self, first_clock: Option<FirstClock>) -> Self {
        Self { first_clock, ..self }
    }

    /// This many more pages are fetched.
    pub(super) fn expect_pages(&mut self, pages: usize) {
        self.open_pages += pages;
    }

    /// Pages that have not finished yet.
    pub(super) fn open_pages(&self) -> usize {
        self.open_pages
    }

    /// Whether this machine reaches (nearly) nothing.
    pub(super) fn is_outage(&self) -> bool {
        matches!(self.network, Network::Lost | Network::StillLost { .. })
    }

    /// Whether anything that readers of the outputs could see was kept since this was last asked.
    pub(super) fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.has_news)
    }

    /// Commits what comes until there is a reason to stop; all that came until then is kept.
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
                let is_over = Instant::now() >= until;
                if let Some(stop) = self.write(store, if is_over { Decide::Finally } else { Decide::WhenSure })? {
                    return Ok(stop);
                }
                if is_over {
                    return Ok(Stop::Time);
                }
                flush_at = Instant::now() + BATCH_WAIT;
                continue;
            };
            let Some(completed) = next else {
                self.pending.append(&mut self.deferred);
                return Ok(self.write(store, Decide::Finally)?.unwrap_or(Stop::AllIn));
            };
            if self.pending.is_empty() {
                flush_at = Instant::now() + BATCH_WAIT;
            }
            self.take(completed);
            if self.open_feeds == 0 && !self.has_told_feeds {
                return Ok(self.write_last_feeds(store)?.unwrap_or(Stop::FeedsIn));
            }
            if let Some(decide) = self.is_full()
                && let Some(stop) = self.write(store, decide)?
            {
                return Ok(stop);
            }
        }
    }

    fn take(&mut self, completed: Completed) {
        match &completed.outcome {
            Outcome::Feed(..) => self.open_feeds = self.open_feeds.saturating_sub(1),
            Outcome::Page(..) => self.open_pages = self.open_pages.saturating_sub(1),
            Outcome::Picture(..) | Outcome::HostFile(..) | Outcome::Probe(..) => {}
        }
        self.pending_bytes += completed.attempt.bytes;
        match self.count(&completed) {
            Kept::Deferred => self.deferred.push(completed),
            Kept::Now => self.pending.push(completed),
        }
    }

    /// Whether what is pending is enough for a transaction.
    fn is_full(&self) -> Option<Decide> {
        let is_full = self.pending.len() >= BATCH_SOURCES || self.pending_bytes >= BATCH_BYTES;
        let is_overfull = self.pending.len() >= BATCH_SOURCES || self.pending_bytes >= HELD_BYTES;
        is_full.then_some(if is_overfull { Decide::Now } else { Decide::WhenSure })
    }

    /// All feeds are in.
    fn write_last_feeds(&mut self, store: &mut Store) -> Result<Option<Stop>, StoreError> {
        let stop = self.settle_clock(Decide::Finally);
        if stop.is_some() {
            return Ok(stop);
        }
        block_in_place(|| self.judge_network(store))?;
        self.pending.append(&mut self.deferred);
        block_in_place(|| self.flush(store))?;
        self.has_told_feeds = true;
        Ok(None)
    }

    /// Writes what is pending, unless the clock of a first run is not known to be right.
    fn write(&mut self, store: &mut Store, decide: Decide) -> Result<Option<Stop>, StoreError> {
        let stop = self.settle_clock(decide);
        if stop.is_none() && self.first_clock.is_none() {
            block_in_place(|| self.flush(store))?;
        }
        Ok(stop)
    }

    fn settle_clock(&mut self, decide: Decide) -> Option<Stop> {
        let clock = self.first_clock.as_ref()?;
        match clock.judge(decide) {
            ClockVerdict::Unsure => None,
            ClockVerdict::Right => {
                self.first_clock = None;
                None
            }
            ClockVerdict::Wrong { servers } => Some(Stop::WrongClock { now: clock.now(), servers }),
        }
    }

    /// Takes note of which sources answered.
    fn count(&mut self, completed: &Completed) -> Kept {
        let error = completed.outcome.error();
        let host = || host_key(&completed.attempt.url);
        match &completed.outcome {
            Outcome::Feed(feed, answer) => {
                let is_asked = !matches!(answer, Err(Unfinished::Held | Unfinished::OutOfTime));
                if !is_asked || matches!(feed.source.address, SourceAddress::File(_)) {
                    return Kept::Now;
                }
                let before = Before { failures: feed.state.failures, has_answered: feed.state.last_success.is_some() };
                if let Some(what) = self.instead(completed) {
                    let own = feed.source.address.to_url();
                    let said = error.map(SourceError::sentence).unwrap_or_default();
                    let unreached = error.and_then(unreached);
                    let (owner, host) = (owner_key(&own), host_key(&own));
                    self.tally.instead(what, Instead { owner, host, unreached, before, said });
                } else if let Some(how) = error.and_then(unreached) {
                    self.tally.unreached(host(), how, before);
                } else if error.is_some_and(is_cut_off) {
                    self.tally.cut_off();
                } else {
                    self.tally.answered(host());
                    return Kept::Now;
                }
                if self.has_told_feeds { Kept::Now } else { Kept::Deferred }
            }
            Outcome::Page(..) if error.and_then(unreached).is_some() => Kept::Deferred,
            Outcome::Page(_, Ok(_) | Err(Unfinished::Failed(_))) => {
                self.tally.answered(host());
                Kept::Now
            }
            Outcome::HostFile(file, _) => {
                if let Some(what) = Alike::of(&completed.outcome, &completed.attempt) {
                    self.tally.instead_of_robots(file.host.clone(), what);
                }
                // Whose answer it is, is known when all feeds are in.
                if self.has_told_feeds { Kept::Now } else { Kept::Deferred }
            }
            Outcome::Page(..) | Outcome::Picture(..) | Outcome::Probe(..) => Kept::Now,
        }
    }

    /// What came instead of a feed that other sources may have got as well.
    fn instead(&self, Completed { outcome, attempt, .. }: &Completed) -> Option<Alike> {
        match outcome.error() {
            Some(SourceError::Fetch(FetchError::NoRobots { .. })) => self.tally.at_host(&host_key(&attempt.url)),
            _ => Alike::of(outcome, attempt),
        }
    }

    /// All feeds are in: records whether this machine reaches anything, for the next run.
    fn judge_network(&mut self, store: &mut Store) -> Result<(), StoreError> {
        self.tally.settle();
        self.network = match (self.tally.is_outage(self.outage_before), self.outage_before) {
            (true, None) => Network::Lost,
            (true, Some(since)) => Network::StillLost { since },
            (false, Some(since)) if self.tally.has_answers() => Network::Back { since },
            (false, _) => Network::Usual,
        };
        let since = match self.network {
            Network::Lost => self.deferred.iter().map(|completed| completed.at).min(),
            Network::Back { .. } => None,
            Network::StillLost { since } => Some(since),
            Network::Usual => return Ok(()),
        };
        let mut batch = store.batch()?;
        batch.set_outage_since(since)?;
        batch.set_in_between(self.in_between().as_deref())?;
        batch.commit()
    }

    /// What answers instead of the sources.
    fn in_between(&self) -> Option<String> {
        self.tally.in_between().filter(|_| self.is_outage())
    }

    /// Whose fault it is that this ended as it did.
    fn fault(&self, completed: &Completed) -> Fault {
        let error = completed.outcome.error();
        let how = error.and_then(unreached);
        let is_in_between = || self.instead(completed).is_some_and(|what| self.tally.is_in_between(&what));
        let is_ours = how == Some(Unreached::OwnLimit)
            || self.is_outage() && (how.is_some() || error.is_some_and(is_cut_off) || is_in_between());
        if is_ours { Fault::Ours } else { Fault::Theirs }
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
        // A page that could not be fetched because nothing was reached had no turn.
        let reaches_nobody = self.is_outage() || !self.tally.has_answers();
        let is_in_between = self.in_between().is_some();
        for completed in std::mem::take(&mut self.pending) {
            let fault = self.fault(&completed);
            let Completed { outcome, attempt, at, host_hold, changed } = completed;
            // What answers instead of the hosts says nothing of them.
            if !is_in_between && let Some((key, state)) = &changed.state {
                batch.save_host_state(key, state)?;
            }
            if !is_in_between && let Some((key, state)) = &changed.robots {
                batch.save_robots(key, state)?;
            }
            match outcome {
                Outcome::Feed(feed, answer) => {
                    let commit = FeedCommit { batch: &mut batch, config: self.config, attempt, at, host_hold, fault };
                    done.push((feed.place, commit.apply(feed, answer)?));
                }
                Outcome::Page(page, answer) => {
                    pages.requests += u64::from(attempt.requests);
                    pages.bytes += attempt.bytes;
                    if !attempt.signals.is_empty() {
                        batch.save_article_signals(page.wanted.number, &attempt.signals)?;
                    }
                    let is_unreached = matches!(&answer, Err(Unfinished::Failed(error)) if unreached(error).is_some());
                    let had_no_turn = is_unreached && (reaches_nobody || fault == Fault::Ours);
                    let answer = if had_no_turn { Err(Unfinished::OutOfTime) } else { answer };
                    pages.add(&commit_page(&mut batch, &page, answer, at)?);
                }
                Outcome::HostFile(..) => pages.requests += u64::from(attempt.requests),
                // Nothing from a probe is kept, and pictures have a run of their own.
                Outcome::Picture(..) | Outcome::Probe(..) => {}
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
        let in_between = self.in_between();
        let sources: Vec<SourceReport> = self.reports.into_values().collect();
        GatherReport {
            took,
            requests: sources.iter().map(|source| u64::from(source.requests)).sum::<u64>() + self.pages.requests,
            bytes: sources.iter().map(|source| source.bytes).sum::<u64>() + self.pages.bytes,
            sources,
            pages: self.pages,
            pictures: Pages::default(),
            in_between,
            network: self.network,
        }
    }
}
