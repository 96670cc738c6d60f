//! A run in two legs: the feeds, then the pages behind their new entries, by the same lines at the same hosts.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::{JoinSet, block_in_place};
use tokio::time::Instant;

use super::attempt::{Context, parse_permits};
use super::clock::Clock;
use super::commit::Committer;
use super::fetch::hosts::Hosts;
use super::fetch::{ClientError, Fetcher, robots_tokens};
use super::host_policy::HostPolicies;
use super::options::GatherOptions;
use super::plan::{self, Plan};
use super::progress::Progress;
use super::report::GatherReport;
use super::request::Task;
use super::scheduler::{self, HostQueues, Limits};
use crate::config::{Config, RobotsFor};
use crate::store::{Store, StoreError};

/// What came back and was not looked at yet, at most.
const CHANNEL: usize = 16;

/// Why a whole run of gather failed; a single source never makes it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatherError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Client(#[from] ClientError),
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
    progress.started(plan.tasks.len());
    let committer = Committer::new(config, progress, plan.not_due);
    let queues = HostQueues {
        hosts: Hosts::new(config.fetch.spacing),
        known: plan.hosts,
        policies: HostPolicies::new(config.fetch.robots, robots_tokens(&config.fetch)),
    };
    let mut traveller = Run { config, clock, options, committer, context: None };
    let ask_robots = config.fetch.robots == RobotsFor::All;
    let queues = traveller.phase(store, plan.tasks, queues, ask_robots).await?;
    let pages = match options.article_reader {
        Some(_) => block_in_place(|| plan::pages(store, config, clock.at(Instant::now()), options))?,
        None => Vec::new(),
    };
    if !pages.is_empty() {
        progress.pages_started(pages.len());
        traveller.phase(store, pages, queues, true).await?;
    }
    Ok(traveller.committer.report(clock.took()))
}

struct Run<'a> {
    config: &'a Config,
    clock: Clock,
    options: &'a GatherOptions,
    committer: Committer<'a>,
    /// Made for the first phase that has something to fetch.
    context: Option<Arc<Context>>,
}

impl Run<'_> {
    /// Sends `tasks` on their way and keeps what they bring; the lines as they stand then.
    async fn phase(
        &mut self,
        store: &mut Store,
        tasks: Vec<Task>,
        mut queues: HostQueues,
        ask_robots: bool,
    ) -> Result<HostQueues, GatherError> {
        if tasks.is_empty() {
            return Ok(queues);
        }
        if ask_robots {
            queues.policies.remember(block_in_place(|| store.robots())?);
        }
        let context = self.context()?;
        let fetch = &self.config.fetch;
        let limits = Limits {
            parallelism: fetch.parallelism.max(1),
            deadline: self.clock.after(fetch.deadline),
            timeout: fetch.timeout,
            retry_delay: self.options.retry_delay,
        };
        let (sender, receiver) = mpsc::channel(CHANNEL);
        // A set of one: dropped with this future, it takes the task down with it.
        let mut crowd = JoinSet::new();
        crowd.spawn(scheduler::run(tasks, queues, context, limits, sender));
        self.committer.commit_all(store, receiver).await?;
        match crowd.join_next().await.expect("one task is in the set") {
            Ok(queues) => Ok(queues),
            Err(died) => match died.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(cancelled) => unreachable!("nobody cancels it: {cancelled}"),
            },
        }
    }

    fn context(&mut self) -> Result<Arc<Context>, GatherError> {
        if let Some(context) = &self.context {
            return Ok(Arc::clone(context));
        }
        let context = Arc::new(Context {
            fetcher: Fetcher::new(self.config)?,
            reader: self.options.reader,
            article_reader: self.options.article_reader,
            clock: self.clock,
            max_body_bytes: self.config.fetch.max_body_bytes,
            parse_permits: parse_permits(),
        });
        self.context = Some(Arc::clone(&context));
        Ok(context)
    }
}
