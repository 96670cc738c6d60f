//! A run in two legs: the feeds, then the pages behind their new entries, by the same lines at the same hosts.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::{JoinSet, block_in_place};
use tokio::time::Instant;

use super::errand::Job;
use super::fetch::hosts::Hosts;
use super::fetch::{Fetcher, robots_tokens};
use super::keep::Keeper;
use super::permits::Permits;
use super::plan::{self, Plan};
use super::side_by_side::{self, Clock, Lanes, Limits};
use super::step::{Tools, desks};
use super::{GatherError, GatherOptions, GatherReport, Progress};
use crate::config::{Config, RobotsFor};
use crate::store::Store;

/// What came back and was not looked at yet, at most.
const CHANNEL: usize = 16;

/// Makes both legs.
pub(super) async fn travel(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    options: &GatherOptions,
    progress: &dyn Progress,
) -> Result<GatherReport, GatherError> {
    let clock = Clock::starting_at(now);
    let plan = block_in_place(|| Plan::make(store, config, now, options))?;
    progress.started(plan.jobs.len());
    let keeper = Keeper::new(config, progress, plan.not_due);
    let lanes = Lanes {
        hosts: Hosts::new(config.fetch.spacing),
        known: plan.hosts,
        permits: Permits::new(config.fetch.robots, robots_tokens(&config.fetch)),
    };
    let mut traveller = Traveller { config, clock, options, keeper, tools: None };
    let ask_robots = config.fetch.robots == RobotsFor::All;
    let lanes = traveller.leg(store, plan.jobs, lanes, ask_robots).await?;
    let pages = match options.article_reader {
        Some(_) => block_in_place(|| plan::pages(store, config, clock.at(Instant::now()), options))?,
        None => Vec::new(),
    };
    if !pages.is_empty() {
        progress.pages_started(pages.len());
        traveller.leg(store, pages, lanes, true).await?;
    }
    Ok(traveller.keeper.report(clock.took()))
}

struct Traveller<'a> {
    config: &'a Config,
    clock: Clock,
    options: &'a GatherOptions,
    keeper: Keeper<'a>,
    /// Made for the first leg that has something to fetch.
    tools: Option<Arc<Tools>>,
}

impl Traveller<'_> {
    /// Sends `jobs` on their way and keeps what they bring; the lines as they stand then.
    async fn leg(
        &mut self,
        store: &mut Store,
        jobs: Vec<Job>,
        mut lanes: Lanes,
        ask_robots: bool,
    ) -> Result<Lanes, GatherError> {
        if jobs.is_empty() {
            return Ok(lanes);
        }
        if ask_robots {
            lanes.permits.remember(block_in_place(|| store.robots())?);
        }
        let tools = self.tools()?;
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
        crowd.spawn(side_by_side::run(jobs, lanes, tools, limits, sender));
        self.keeper.keep_all(store, receiver).await?;
        match crowd.join_next().await.expect("one task is in the set") {
            Ok(lanes) => Ok(lanes),
            Err(died) => match died.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(cancelled) => unreachable!("nobody cancels it: {cancelled}"),
            },
        }
    }

    fn tools(&mut self) -> Result<Arc<Tools>, GatherError> {
        if let Some(tools) = &self.tools {
            return Ok(Arc::clone(tools));
        }
        let tools = Arc::new(Tools {
            fetcher: Fetcher::new(self.config)?,
            reader: self.options.reader,
            article_reader: self.options.article_reader,
            clock: self.clock,
            max_body_bytes: self.config.fetch.max_body_bytes,
            desks: desks(),
        });
        self.tools = Some(Arc::clone(&tools));
        Ok(tools)
    }
}
