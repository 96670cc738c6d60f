//! What is to be fetched, side by side: bounded over all, one at a time per host, each attempt a task of its own.
//!
//! One task owns the queues of the hosts and the attempts in flight; nothing is locked. A redirect or a
//! second try goes back into the queue of the host it is for, so that no place is held while waiting. Whatever
//! needs a host's robots.txt waits until it is there.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::Sender;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use super::attempt::{Context, StepResult, step};
use super::fetch::{FetchError, Protocol};
use super::host_key::host_key;
use super::host_policy::{Decision, HostPolicies};
use super::host_queues::{HostQueues, Next};
use super::outcome::{Completed, HostChanges, Outcome, Unfinished};
use super::report::SourceError;
use super::request::Target;
use super::task::{Attempt, Task};
use crate::model::{Origin, Signal, SignalKind};

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

/// The hosts that are asked, and what they said: lasts for a whole run.
#[derive(Debug)]
pub(crate) struct Hosts {
    pub(crate) queues: HostQueues<Box<Task>>,
    pub(crate) policies: HostPolicies,
}

impl Hosts {
    fn queue(&mut self, task: Box<Task>, now: Instant) {
        self.queues.queue(&host_key(&task.attempt.url), task, now);
    }

    fn requeue(&mut self, task: Box<Task>, earliest: Instant) {
        self.queues.requeue(&host_key(&task.attempt.url), task, earliest);
    }
}

/// Takes all `tasks` to their end and sends each there; ends early where nobody receives.
pub(crate) async fn run(
    tasks: Vec<Task>,
    hosts: &mut Hosts,
    context: Arc<Context>,
    limits: Limits,
    out: Sender<Completed>,
) {
    let now = Instant::now();
    for task in tasks {
        hosts.queue(Box::new(task), now);
    }
    let mut scheduler = Scheduler { hosts, context, limits, out, running: JoinSet::new(), in_flight: HashMap::new() };
    // It stops early where the receiver is gone: then the run is over.
    let _ = scheduler.run().await;
}

/// Until `moment`; for ever without one.
async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Breaks where the receiver is gone.
type Flow<T = ()> = ControlFlow<(), T>;

struct Scheduler<'a> {
    hosts: &'a mut Hosts,
    context: Arc<Context>,
    limits: Limits,
    out: Sender<Completed>,
    running: JoinSet<StepResult>,
    /// Every attempt that is running: what is left where one dies.
    in_flight: HashMap<Id, InFlight>,
}

struct InFlight {
    host: usize,
    began: Instant,
    target: Target,
    attempt: Attempt,
}

/// Where an attempt ended.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: Timestamp,
    /// The host's number, where one answered.
    host: Option<usize>,
}

impl Scheduler<'_> {
    async fn run(&mut self) -> Flow {
        let deadline = tokio::time::sleep_until(self.limits.deadline);
        tokio::pin!(deadline);
        loop {
            let wake = self.start_ready().await?;
            if wake.is_none() && self.running.is_empty() {
                return Flow::Continue(());
            }
            tokio::select! {
                Some(joined) = self.running.join_next_with_id() => self.attempted(joined).await?,
                () = sleep_until(wake) => {}
                () = &mut deadline => return self.give_up().await,
            }
        }
    }

    /// Starts what may start; the moment at which the next may, where a place is free for it.
    async fn start_ready(&mut self) -> Flow<Option<Instant>> {
        while self.running.len() < self.limits.parallelism {
            let now = Instant::now();
            let time = self.context.clock.at(now);
            match self.hosts.queues.next(now, time) {
                Next::Start(host, task) => self.start_if_allowed(host, task, now).await?,
                Next::Held(task, until) => self.held(*task, until, time).await?,
                Next::Wait(moment) => return Flow::Continue(Some(moment)),
                Next::Empty => return Flow::Continue(None),
            }
        }
        Flow::Continue(None)
    }

    async fn start_if_allowed(&mut self, host: usize, task: Box<Task>, now: Instant) -> Flow {
        let at = self.context.clock.at(now);
        match self.hosts.policies.of(&task, at) {
            Decision::Allow { spacing } => {
                let in_time = spacing.is_none_or(|spacing| self.hosts.queues.slow_down(host, spacing, now));
                if in_time {
                    self.start(host, task, now);
                } else {
                    self.hosts.queues.not_started(host, now);
                    self.hosts.requeue(task, now);
                }
                Flow::Continue(())
            }
            Decision::Wait => {
                self.hosts.queues.not_started(host, now);
                // Where no request may leave at all, the host's rules are of no interest.
                if let Err(refused) = self.context.fetcher.check(&task.attempt.url) {
                    return self.deny(*task, refused.into(), at).await;
                }
                if let Some(file) = self.hosts.policies.wait(*task, self.limits.timeout, at) {
                    self.hosts.requeue(file, now);
                }
                Flow::Continue(())
            }
            Decision::Deny(error) => {
                self.hosts.queues.not_started(host, now);
                self.deny(*task, error, at).await
            }
        }
    }

    fn start(&mut self, host: usize, mut task: Box<Task>, now: Instant) {
        if task.target.page_address().is_some() && self.hosts.policies.is_mining_reserved(&task.attempt.url) {
            task.attempt.add_signals([Signal::new(SignalKind::TdmReservation, Origin::Site, "1")]);
        }
        if self.hosts.queues.needs_http1(host, self.context.clock.at(now)) {
            task.attempt.protocol = Protocol::Http1;
        }
        task.attempt.began = task.attempt.began.or(Some(now));
        task.attempt.requests += 1;
        let (target, attempt) = (task.target.clone(), task.attempt.clone());
        let handle = self.running.spawn(step(Arc::clone(&self.context), task, now));
        self.in_flight.insert(handle.id(), InFlight { host, began: now, target, attempt });
    }

    async fn attempted(&mut self, joined: Result<(Id, StepResult), JoinError>) -> Flow {
        let id = joined.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let Some(begun) = self.in_flight.remove(&id) else { return Flow::Continue(()) };
        let place = Place { at: self.context.clock.at(begun.began), host: Some(begun.host) };
        self.hosts.queues.finished(begun.host);
        match joined {
            Ok((_, StepResult::Redirected(task))) => {
                self.hosts.requeue(task, Instant::now());
                Flow::Continue(())
            }
            Ok((_, StepResult::Ended(outcome, attempt))) if attempt.is_worth_a_retry(outcome.error()) => {
                let attempt = attempt.again(outcome.error());
                let task = Task { target: outcome.into_target(), attempt };
                self.hosts.requeue(Box::new(task), Instant::now() + self.limits.retry_delay);
                Flow::Continue(())
            }
            Ok((_, StepResult::Ended(outcome, attempt))) => self.ended(*outcome, attempt, place).await,
            Err(error) => {
                let fault = FetchError::Fault { what: error.to_string() };
                self.ended(begun.target.without_answer(fault.into()), begun.attempt, place).await
            }
        }
    }

    /// No request of `task` is sent.
    async fn deny(&mut self, task: Task, error: FetchError, at: Timestamp) -> Flow {
        self.ended(task.target.without_answer(error.into()), task.attempt, Place { at, host: None }).await
    }

    /// Takes note of an outcome at its host, and sends it where it is kept.
    async fn ended(&mut self, outcome: Outcome, attempt: Attempt, place: Place) -> Flow {
        let mut changed = HostChanges {
            state: place.host.and_then(|number| match outcome.error() {
                Some(SourceError::Fetch(error)) => self.hosts.queues.bad(number, error, place.at),
                _ => self.hosts.queues.good(number, attempt.protocol, place.at),
            }),
            robots: None,
        };
        let host_hold = place.host.and_then(|number| self.hosts.queues.hold(number));
        if let Outcome::HostFile(file, answer) = &outcome {
            let state = self.hosts.policies.learn(file, answer, place.at);
            changed.robots = Some((file.host.clone(), state));
            for task in self.hosts.policies.released(&file.host).into_iter().rev() {
                self.hosts.requeue(Box::new(task), Instant::now());
            }
        }
        self.send(Completed { outcome, attempt, at: place.at, host_hold, changed }).await
    }

    /// The host asked for rest until `until`.
    async fn held(&mut self, task: Task, until: Timestamp, at: Timestamp) -> Flow {
        let Target::HostFile(file) = &task.target else {
            return self.unasked(task, Unfinished::Held, Some(until), at).await;
        };
        if host_key(&task.attempt.url) != file.host {
            // It was redirected to the host that rests.
            let rests = FetchError::HostAtRest { host: task.attempt.url.host_str().unwrap_or_default().to_owned() };
            return self.deny(task, rests, at).await;
        }
        for waiting in self.hosts.policies.released(&file.host) {
            self.unasked(waiting, Unfinished::Held, Some(until), at).await?;
        }
        Flow::Continue(())
    }

    /// The run's time is up.
    async fn give_up(&mut self) -> Flow {
        self.running.shutdown().await;
        let at = self.context.clock.at(Instant::now());
        let cut_off = std::mem::take(&mut self.in_flight).into_values();
        let mut left: Vec<Task> = cut_off.map(|begun| Task { target: begun.target, attempt: begun.attempt }).collect();
        left.extend(self.hosts.policies.drain());
        left.extend(self.hosts.queues.drain().into_iter().map(|task| *task));
        for task in left {
            self.unasked(task, Unfinished::OutOfTime, None, at).await?;
        }
        Flow::Continue(())
    }

    /// `task` had no turn. Where it is a file of a host, nothing was learned of that.
    async fn unasked(&self, task: Task, why: Unfinished, host_hold: Option<Timestamp>, at: Timestamp) -> Flow {
        if let Target::HostFile(_) = task.target {
            return Flow::Continue(());
        }
        let (outcome, changed) = (task.target.without_answer(why), HostChanges::default());
        self.send(Completed { outcome, attempt: task.attempt, at, host_hold, changed }).await
    }

    async fn send(&self, completed: Completed) -> Flow {
        match self.out.send(completed).await {
            Ok(()) => Flow::Continue(()),
            Err(_) => Flow::Break(()),
        }
    }
}
