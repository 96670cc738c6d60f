//! What is to be fetched, side by side: bounded over all, one at a time per host, each step a task of its own.
//!
//! One task owns the lines at the hosts and the tasks under way; nothing is locked. A redirect or a
//! second try goes back in line, at the host it is for, so that no place is held while waiting. Whoever
//! needs a host's robots.txt waits until it is there.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::Sender;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use super::attempt::{Context, StepResult, step};
use super::fetch::FetchError;
use super::fetch::hosts::{self, Hosts, Next};
use super::host_policy::{Decision, HostPolicies};
use super::report::SourceError;
use super::request::{Attempt, Ended, Finished, Nothing, Settled, Target, Task};
use crate::model::{Origin, Signal, SignalKind};
use crate::store::HostState;

/// Limits of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) parallelism: usize,
    pub(crate) deadline: Instant,
    /// Of one request.
    pub(crate) timeout: Duration,
    /// Wait before the one second try.
    pub(crate) retry_delay: Duration,
}

/// The lines at the hosts and what the hosts said: lasts for a whole run.
#[derive(Debug)]
pub(crate) struct HostQueues {
    pub(crate) hosts: Hosts<Box<Task>>,
    /// What earlier runs knew of hosts.
    pub(crate) known: BTreeMap<String, HostState>,
    pub(crate) policies: HostPolicies,
}

impl HostQueues {
    fn push_back(&mut self, task: Box<Task>, now: Instant) {
        self.hosts.push_back(&hosts::key(&task.attempt.url), task, &self.known, now);
    }

    fn push_front(&mut self, task: Box<Task>, earliest: Instant) {
        self.hosts.push_front(&hosts::key(&task.attempt.url), task, &self.known, earliest);
    }
}

/// Takes all `tasks` to their end and sends each there; ends early where nobody receives.
pub(crate) async fn run(
    tasks: Vec<Task>,
    mut queues: HostQueues,
    context: Arc<Context>,
    limits: Limits,
    out: Sender<Finished>,
) -> HostQueues {
    let now = Instant::now();
    for task in tasks {
        queues.push_back(Box::new(task), now);
    }
    let mut crowd = Scheduler { queues, context, limits, out, in_flight: JoinSet::new(), flights: HashMap::new() };
    // An error says that the receiver is gone: the run is over.
    let _ = crowd.run().await;
    crowd.queues
}

/// Until `moment`; for ever without one.
async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// The receiver is gone: the run is over.
struct Over;

struct Scheduler {
    queues: HostQueues,
    context: Arc<Context>,
    limits: Limits,
    out: Sender<Finished>,
    in_flight: JoinSet<StepResult>,
    /// Every task under way: what is left where one dies.
    flights: HashMap<Id, InFlight>,
}

struct InFlight {
    host: usize,
    began: Instant,
    target: Target,
    attempt: Attempt,
}

/// Where a task ended.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: Timestamp,
    /// The host's number, where one answered.
    host: Option<usize>,
}

impl Scheduler {
    async fn run(&mut self) -> Result<(), Over> {
        let deadline = tokio::time::sleep_until(self.limits.deadline);
        tokio::pin!(deadline);
        loop {
            let wake = self.start_ready().await?;
            if wake.is_none() && self.in_flight.is_empty() {
                return Ok(());
            }
            tokio::select! {
                Some(landed) = self.in_flight.join_next_with_id() => self.landed(landed).await?,
                () = sleep_until(wake) => {}
                () = &mut deadline => return self.give_up().await,
            }
        }
    }

    /// Starts what may start; the moment at which the next may, where a place is free for it.
    async fn start_ready(&mut self) -> Result<Option<Instant>, Over> {
        while self.in_flight.len() < self.limits.parallelism {
            let now = Instant::now();
            let time = self.context.clock.at(now);
            match self.queues.hosts.next(now, time) {
                Next::Start(host, task) => self.start_if_permitted(host, task, now).await?,
                Next::Held(task, until) => self.held(task, until, time).await?,
                Next::Wait(moment) => return Ok(Some(moment)),
                Next::Empty => return Ok(None),
            }
        }
        Ok(None)
    }

    async fn start_if_permitted(&mut self, host: usize, mut task: Box<Task>, now: Instant) -> Result<(), Over> {
        let at = self.context.clock.at(now);
        match self.queues.policies.of(&task, at) {
            Decision::Allow { spacing } => {
                if let Target::Page(page) = &mut task.target
                    && self.queues.policies.is_mining_reserved(&task.attempt.url)
                {
                    page.add_signal(Signal::new(SignalKind::TdmReservation, Origin::Site, "1"));
                }
                let in_time = spacing.is_none_or(|spacing| self.queues.hosts.slow_down(host, spacing, now));
                if in_time {
                    self.start(host, task, now);
                } else {
                    self.queues.hosts.not_started(host, now);
                    self.queues.push_front(task, now);
                }
                Ok(())
            }
            Decision::Wait => {
                self.queues.hosts.not_started(host, now);
                // Where nothing may be asked at all, it is not asked what may be.
                if let Err(refused) = self.context.fetcher.check(&task.attempt.url) {
                    let Task { target, attempt } = *task;
                    let ended = target.failed(FetchError::from(refused).into());
                    return self.ended(ended, attempt, Place { at, host: None }).await;
                }
                if let Some(asking) = self.queues.policies.wait(*task, self.limits.timeout, at) {
                    self.queues.push_front(asking, now);
                }
                Ok(())
            }
            Decision::Deny(error) => {
                self.queues.hosts.not_started(host, now);
                let Task { target, attempt } = *task;
                self.ended(target.failed(error.into()), attempt, Place { at, host: None }).await
            }
        }
    }

    fn start(&mut self, host: usize, mut task: Box<Task>, now: Instant) {
        task.attempt.began = task.attempt.began.or(Some(now));
        task.attempt.requests += 1;
        let (target, attempt) = (task.target.clone(), task.attempt.clone());
        let handle = self.in_flight.spawn(step(Arc::clone(&self.context), task, now));
        self.flights.insert(handle.id(), InFlight { host, began: now, target, attempt });
    }

    async fn landed(&mut self, landed: Result<(Id, StepResult), JoinError>) -> Result<(), Over> {
        let id = landed.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let Some(flight) = self.flights.remove(&id) else { return Ok(()) };
        let place = Place { at: self.context.clock.at(flight.began), host: Some(flight.host) };
        self.queues.hosts.finished(flight.host);
        match landed {
            Ok((_, StepResult::Redirected(task))) => {
                self.queues.push_front(task, Instant::now());
                Ok(())
            }
            Ok((_, StepResult::Ended(ended, attempt))) if ended.is_worth_a_retry() && !attempt.retried => {
                let task = Task { target: ended.into_target(), attempt: Attempt { retried: true, ..attempt } };
                self.queues.push_front(Box::new(task), Instant::now() + self.limits.retry_delay);
                Ok(())
            }
            Ok((_, StepResult::Ended(ended, attempt))) => self.ended(*ended, attempt, place).await,
            Err(error) => {
                let fault = FetchError::Fault { what: error.to_string() };
                self.ended(flight.target.failed(fault.into()), flight.attempt, place).await
            }
        }
    }

    /// Takes note of an end at its host, and sends it where it is kept.
    async fn ended(&mut self, ended: Ended, attempt: Attempt, place: Place) -> Result<(), Over> {
        let host = place.host.and_then(|number| match ended.error() {
            Some(SourceError::Fetch(error)) => self.queues.hosts.bad(number, error, place.at),
            _ => self.queues.hosts.good(number),
        });
        let host_hold = place.host.and_then(|number| self.queues.hosts.hold(number));
        let what = match ended {
            Ended::Feed(feed, brought) => Settled::Feed(feed, brought.map_err(Nothing::Failed)),
            Ended::Page(page, brought) => Settled::Page(page, brought.map_err(Nothing::Failed)),
            Ended::Robots(robots, brought) => {
                let state = self.queues.policies.learn(&robots, brought, place.at);
                for task in self.queues.policies.released(&robots.host).into_iter().rev() {
                    self.queues.push_front(Box::new(task), Instant::now());
                }
                Settled::Robots(robots, state)
            }
        };
        self.send(Finished { what, attempt, at: place.at, host, host_hold }).await
    }

    /// The host asks for rest.
    async fn held(&mut self, task: Box<Task>, until: Timestamp, at: Timestamp) -> Result<(), Over> {
        let Task { target, attempt } = *task;
        if let Target::Robots(robots) = &target {
            // Those who wait for it are in line at the same host and learn the same, unless it was redirected.
            let own = hosts::key(&attempt.url) == robots.host;
            let host = robots.host.clone();
            if own {
                for waiting in self.queues.policies.released(&host) {
                    let Task { target, attempt } = waiting;
                    self.nothing(target, attempt, Nothing::Held, Some(until), at).await?;
                }
                return Ok(());
            }
            let rest = FetchError::HostAtRest { host: attempt.url.host_str().unwrap_or_default().to_owned() };
            return self.ended(target.failed(rest.into()), attempt, Place { at, host: None }).await;
        }
        self.nothing(target, attempt, Nothing::Held, Some(until), at).await
    }

    /// The run's time is up.
    async fn give_up(&mut self) -> Result<(), Over> {
        self.in_flight.shutdown().await;
        let at = self.context.clock.at(Instant::now());
        let cut_off = std::mem::take(&mut self.flights).into_values().map(|flight| (flight.target, flight.attempt));
        let waiting = self.queues.policies.drain().into_iter();
        let waiting = waiting.chain(self.queues.hosts.drain().into_iter().map(|task| *task));
        let waiting = waiting.map(|task| (task.target, task.attempt));
        for (target, attempt) in cut_off.chain(waiting).collect::<Vec<_>>() {
            self.nothing(target, attempt, Nothing::OutOfTime, None, at).await?;
        }
        Ok(())
    }

    async fn nothing(
        &self,
        target: Target,
        attempt: Attempt,
        why: Nothing,
        host_hold: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<(), Over> {
        let what = match target {
            Target::Feed(feed) => Settled::Feed(feed, Err(why)),
            Target::Page(page) => Settled::Page(page, Err(why)),
            // Nothing was learned of it.
            Target::Robots(_) => return Ok(()),
        };
        self.send(Finished { what, attempt, at, host: None, host_hold }).await
    }

    async fn send(&self, finished: Finished) -> Result<(), Over> {
        self.out.send(finished).await.map_err(|_| Over)
    }
}
