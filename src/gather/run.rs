//! A run: the feeds, then the pages behind their new entries, through the same queues at the same hosts. The caller
//! publishes in between, so that no slow host delays the news of the others.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::{self, Receiver, UnboundedSender};
use tokio::task::{JoinSet, block_in_place};
use tokio::time::Instant;

use super::attempt::{Context, parse_permits};
use super::clock::Clock;
use super::commit::{Committer, Stop};
use super::fetch::{ClientError, Fetcher, ServerClocks, kept_for, robots_tokens, room_for_connections};
use super::first_clock::FirstClock;
use super::host_policy::HostPolicies;
use super::host_queues::HostQueues;
use super::hosts::Hosts;
use super::options::{ClockTrust, GatherOptions};
use super::outcome::Completed;
use super::pictures::fetch_pictures;
use super::plan::{self, Plan};
use super::progress::Progress;
use super::report::GatherReport;
use super::request::Target;
use super::scheduler::{self, Limits};
use super::task::Task;
use crate::config::Config;
use crate::store::{ArticleNumber, Store, StoreError};

/// Most outcomes that wait for the committer.
const CHANNEL: usize = 16;
/// What has come in is published after this long, though some sources are still to come, …
const PUBLISH_AFTER: Duration = Duration::from_secs(20);
/// … and then after this many times that, again and again.
const LESS_OFTEN: u32 = 2;

/// Why a whole run of gather failed; a single source never causes it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatherError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The clock of a first run is wrong; nothing was recorded.
    #[error("the clock says {now:.0}, but most servers say {servers:.0}: they are more than five years apart")]
    Clock {
        /// What this machine's clock says.
        now: Timestamp,
        /// What theirs say.
        servers: Timestamp,
    },
}

/// Fetches every source that is due at `now` and commits what it brings.
///
/// `now` is the run's clock at its start; the real time that passes is added to it. Needs tokio's
/// multi-thread runtime: the store is written by the calling task with `block_in_place`.
///
/// # Errors
/// If the store cannot be read or written, or the client cannot be set up. What was committed stays.
pub async fn gather(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    options: &GatherOptions,
    progress: &dyn Progress,
) -> Result<GatherReport, GatherError> {
    let mut gathering = Gathering::start(store, config, now, options, progress)?;
    while let Step::Publish = gathering.go_on(store).await? {}
    let pictures = fetch_pictures(store, config, now, options).await?;
    Ok(gathering.report().with_pictures(pictures))
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Something has come in that readers could see, and the rest will take a while.
    Publish,
    /// Everything is in.
    Done,
}

/// A run under way.
pub(crate) struct Gathering<'a> {
    config: &'a Config,
    options: &'a GatherOptions,
    progress: &'a dyn Progress,
    clock: Clock,
    committer: Committer<'a>,
    /// Where a first run notes what servers say of the time.
    server_clocks: Option<Arc<ServerClocks>>,
    /// What is fetched; `None`: nothing, or nothing more.
    fetching: Option<Fetching>,
    /// Takes more tasks; `None`: there will be none.
    tasks: Option<UnboundedSender<Vec<Task>>>,
    /// Pages that are or were among the tasks.
    pages: HashSet<ArticleNumber>,
    publish_at: Instant,
    publish_after: Duration,
}

struct Fetching {
    receiver: Receiver<Completed>,
    /// A set of one: dropping this also stops the scheduler.
    scheduler: JoinSet<()>,
}

impl<'a> Gathering<'a> {
    /// Starts to fetch what is due at `now`.
    ///
    /// # Errors
    /// If the store cannot be read or written, or the client cannot be set up.
    pub(crate) fn start(
        store: &mut Store,
        config: &'a Config,
        now: Timestamp,
        options: &'a GatherOptions,
        progress: &'a dyn Progress,
    ) -> Result<Self, GatherError> {
        let clock = Clock::starting_at(now);
        let plan = block_in_place(|| Plan::make(store, config, now, options))?;
        progress.started(plan.tasks.len());
        let outage_before = block_in_place(|| store.outage_since())?;
        let is_compared = options.clock == ClockTrust::Compared && block_in_place(|| store.last_run())?.is_none();
        let first_clock = if is_compared { FirstClock::of(&plan.tasks, now) } else { None };
        let server_clocks = first_clock.as_ref().map(FirstClock::servers);
        let committer = Committer::new(config, progress, plan.not_due, plan.tasks.len(), outage_before);
        let mut gathering = Self {
            config,
            options,
            progress,
            clock,
            committer: committer.comparing(first_clock),
            server_clocks,
            fetching: None,
            tasks: None,
            pages: HashSet::new(),
            publish_at: Instant::now() + PUBLISH_AFTER,
            publish_after: PUBLISH_AFTER,
        };
        let hosts = Hosts {
            queues: HostQueues::new(config.fetch.spacing, plan.hosts),
            policies: HostPolicies::new(config.fetch.robots, robots_tokens(&config.fetch)),
        };
        let is_alone = plan.tasks.is_empty();
        let pages = if is_alone { gathering.wanted_pages(store)? } else { Vec::new() };
        if !(plan.tasks.is_empty() && pages.is_empty()) {
            gathering.fetch(store, hosts, plan.tasks)?;
            gathering.add(pages);
        }
        if is_alone {
            gathering.tasks = None;
        }
        Ok(gathering)
    }

    /// Commits what comes in, until it is time to publish or everything is in.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub(crate) async fn go_on(&mut self, store: &mut Store) -> Result<Step, GatherError> {
        loop {
            let Some(fetching) = &mut self.fetching else { return Ok(Step::Done) };
            match self.committer.commit_until(store, &mut fetching.receiver, self.publish_at).await? {
                Stop::WrongClock { now, servers } => {
                    self.fetching = None;
                    return Err(GatherError::Clock { now, servers });
                }
                Stop::AllIn => {
                    self.join().await;
                    return Ok(Step::Done);
                }
                Stop::FeedsIn => {
                    let pages = self.wanted_pages(store)?;
                    let more_comes = !pages.is_empty() || self.committer.open_pages() > 0;
                    self.add(pages);
                    self.tasks = None;
                    if more_comes && self.committer.take_news() {
                        return Ok(Step::Publish);
                    }
                }
                Stop::Time => {
                    if self.tasks.is_some() {
                        let pages = self.wanted_pages(store)?;
                        self.add(pages);
                    }
                    self.publish_after *= LESS_OFTEN;
                    self.publish_at = Instant::now() + self.publish_after;
                    if self.committer.take_news() {
                        return Ok(Step::Publish);
                    }
                }
            }
        }
    }

    /// What the run did.
    pub(crate) fn report(self) -> GatherReport {
        self.committer.report(self.clock.took())
    }

    fn fetch(&mut self, store: &Store, mut hosts: Hosts, tasks: Vec<Task>) -> Result<(), GatherError> {
        let pages_may_come = self.options.article_reader.is_some();
        if pages_may_come || tasks.iter().any(|task| hosts.policies.are_needed_for(&task.target)) {
            hosts.policies.remember(block_in_place(|| store.robots())?);
        }
        let context = self.context()?;
        let fetch = &self.config.fetch;
        let limits = Limits {
            parallelism: fetch.parallelism.clamp(1, room_for_connections()),
            kept_for: kept_for(fetch),
            deadline: self.clock.after(fetch.deadline),
            timeout: fetch.timeout,
            retry_delay: self.options.retry_delay,
        };
        let (tasks_in, queued) = mpsc::unbounded_channel();
        let (sender, receiver) = mpsc::channel(CHANNEL);
        let mut scheduler = JoinSet::new();
        scheduler.spawn(async move { scheduler::run(queued, &mut hosts, context, limits, sender).await });
        self.fetching = Some(Fetching { receiver, scheduler });
        self.tasks = Some(tasks_in);
        self.add(tasks);
        Ok(())
    }

    fn add(&mut self, tasks: Vec<Task>) {
        if let Some(sender) = self.tasks.as_ref().filter(|_| !tasks.is_empty()) {
            // The scheduler takes them as long as there is a sender; if it died, joining it reveals that.
            let _ = sender.send(tasks);
        }
    }

    /// The pages that are wanted now and were not among the tasks yet.
    fn wanted_pages(&mut self, store: &Store) -> Result<Vec<Task>, GatherError> {
        if self.options.article_reader.is_none() || self.committer.is_outage() {
            return Ok(Vec::new());
        }
        let now = self.clock.at(Instant::now());
        let mut pages = block_in_place(|| plan::pages(store, self.config, now, self.options))?;
        pages.retain(|task| match &task.target {
            Target::Page(page) => self.pages.insert(page.wanted.number),
            _ => true,
        });
        if !pages.is_empty() {
            self.committer.expect_pages(pages.len());
            self.progress.pages_started(pages.len());
        }
        Ok(pages)
    }

    async fn join(&mut self) {
        let Some(mut fetching) = self.fetching.take() else { return };
        if let Some(Err(died)) = fetching.scheduler.join_next().await {
            match died.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(cancelled) => unreachable!("nobody cancels it: {cancelled}"),
            }
        }
    }

    fn context(&self) -> Result<Arc<Context>, GatherError> {
        Ok(Arc::new(Context {
            fetcher: Arc::new(Fetcher::new(self.config)?.noting(self.server_clocks.clone())),
            reader: self.options.reader,
            article_reader: self.options.article_reader,
            clock: self.clock,
            max_body_bytes: self.config.fetch.max_body_bytes,
            parse_permits: parse_permits(),
        }))
    }
}
