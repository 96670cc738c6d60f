//! A run in two phases: the feeds, then the pages behind their new entries, through the same queues at the same hosts.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::{JoinSet, block_in_place};
use tokio::time::Instant;

use super::attempt::{Context, parse_permits};
use super::clock::Clock;
use super::commit::Committer;
use super::fetch::{ClientError, Fetcher, robots_tokens};
use super::host_policy::HostPolicies;
use super::host_queues::HostQueues;
use super::options::GatherOptions;
use super::plan::{self, Plan};
use super::progress::Progress;
use super::report::GatherReport;
use super::scheduler::{self, Hosts, Limits};
use super::task::Task;
use crate::config::Config;
use crate::store::{Store, StoreError};

/// Outcomes that wait for the committer, at most.
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

/// Fetches every source that is due at `now` and commits what it brings.
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
    let hosts = Hosts {
        queues: HostQueues::new(config.fetch.spacing, plan.hosts),
        policies: HostPolicies::new(config.fetch.robots, robots_tokens(&config.fetch)),
    };
    let mut run = Run { config, clock, options, committer, context: None };
    let hosts = run.phase(store, plan.tasks, hosts).await?;
    let pages = match options.article_reader {
        Some(_) => block_in_place(|| plan::pages(store, config, clock.at(Instant::now()), options))?,
        None => Vec::new(),
    };
    if !pages.is_empty() {
        progress.pages_started(pages.len());
        run.phase(store, pages, hosts).await?;
    }
    Ok(run.committer.report(clock.took()))
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
    /// Fetches `tasks` and commits what they bring; the hosts as they are then.
    async fn phase(&mut self, store: &mut Store, tasks: Vec<Task>, mut hosts: Hosts) -> Result<Hosts, GatherError> {
        if tasks.is_empty() {
            return Ok(hosts);
        }
        if tasks.iter().any(|task| hosts.policies.are_needed_for(&task.target)) {
            hosts.policies.remember(block_in_place(|| store.robots())?);
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
        let mut scheduling = JoinSet::new();
        scheduling.spawn(async move {
            scheduler::run(tasks, &mut hosts, context, limits, sender).await;
            hosts
        });
        self.committer.commit_all(store, receiver).await?;
        match scheduling.join_next().await.expect("one task is in the set") {
            Ok(hosts) => Ok(hosts),
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
            fetcher: Arc::new(Fetcher::new(self.config)?),
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
