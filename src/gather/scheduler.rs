//! What is to be fetched, side by side: bounded overall, one at a time per host, each attempt a task of its own.
//!
//! One task owns the queues of the hosts and the attempts in flight; nothing is locked. A redirect or a
//! second try goes back into the queue of the host it is for, so that no place is held while waiting. Whatever
//! needs a host's robots.txt waits until it is there.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::{Sender, UnboundedReceiver};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use super::attempt::{Context, StepResult, step};
use super::fetch::{FetchError, Protocol};
use super::foreign_pages::ForeignPages;
use super::host_key::host_key;
use super::host_policy::Decision;
use super::host_queues::{Next, Open};
use super::hosts::Hosts;
use super::in_flight::{Begun, InFlight, Pulse};
use super::kept_open::{KeptOpen, More};
use super::known_state::without_user_info;
use super::outage::unreached;
use super::outcome::{Completed, FeedAnswer, FeedBody, HostChanges, Outcome, Unfinished};
use super::patience::Crowd;
use super::report::SourceError;
use super::request::{FeedTarget, Route, Target};
use super::standing::{Share, Visit};
use super::task::{Attempt, Task};
use crate::config::SourceAddress;
use crate::model::{Origin, Signal, SignalKind};
use crate::store::DocumentKind;

/// If this machine has no room for a connection, the next try is made after this long.
const ROOM_PAUSE: Duration = Duration::from_millis(200);

/// Limits of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) parallelism: usize,
    pub(crate) deadline: Instant,
    /// For one request.
    pub(crate) timeout: Duration,
    /// How long a connection is kept for the next request to its host.
    pub(crate) kept_for: Duration,
    /// Wait before the single second try.
    pub(crate) retry_delay: Duration,
}

/// Takes all tasks received from `tasks` to their end and sends each there; ends once there are no senders, and early
/// if nobody receives.
pub(crate) async fn run(
    tasks: UnboundedReceiver<Vec<Task>>,
    hosts: &mut Hosts,
    context: Arc<Context>,
    limits: Limits,
    out: Sender<Completed>,
) {
    let places = limits.parallelism.max(1);
    let mut scheduler = Scheduler {
        hosts,
        context,
        limits,
        places,
        tasks: Some(tasks),
        out,
        running: JoinSet::new(),
        in_flight: InFlight::default(),
        foreign_pages: ForeignPages::default(),
        kept_open: KeptOpen::new(places, limits.kept_for),
    };
    // It stops early if the receiver is gone: then the run is over.
    let _ = scheduler.run().await;
}

/// Until `moment`; forever without one.
async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Breaks if the receiver is gone.
type Flow<T = ()> = ControlFlow<(), T>;

struct Scheduler<'a> {
    hosts: &'a mut Hosts,
    context: Arc<Context>,
    limits: Limits,
    /// Most parallel attempts: as many as `limits` allow, fewer if this machine has no room for them.
    places: usize,
    /// `None`: no more will come.
    tasks: Option<UnboundedReceiver<Vec<Task>>>,
    out: Sender<Completed>,
    running: JoinSet<StepResult>,
    in_flight: InFlight,
    foreign_pages: ForeignPages,
    kept_open: KeptOpen,
}

/// Where an attempt ended.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: Timestamp,
    /// The host's number and how it was visited, if one answered.
    host: Option<(usize, Visit)>,
}

impl Scheduler<'_> {
    async fn run(&mut self) -> Flow {
        let deadline = tokio::time::sleep_until(self.limits.deadline);
        tokio::pin!(deadline);
        loop {
            let wake = self.start_ready().await?;
            if wake.is_none() && self.running.is_empty() && self.tasks.is_none() {
                return Flow::Continue(());
            }
            tokio::select! {
                Some(joined) = self.running.join_next_with_id() => self.attempted(joined).await?,
                more = more(&mut self.tasks) => self.take_in(more),
                () = sleep_until(wake) => {}
                () = &mut deadline => return self.give_up().await,
            }
        }
    }

    fn take_in(&mut self, tasks: Option<Vec<Task>>) {
        let now = Instant::now();
        match tasks {
            Some(tasks) => tasks.into_iter().for_each(|task| self.hosts.queue(Box::new(task), now)),
            None => self.tasks = None,
        }
    }

    /// Starts what may start; returns when to look again.
    async fn start_ready(&mut self) -> Flow<Option<Instant>> {
        loop {
            let now = Instant::now();
            let Some(open) = self.open() else { return Flow::Continue(self.make_room(now)) };
            let time = self.context.clock.at(now);
            match self.hosts.queues.next(now, time, open) {
                Next::Start(host, task) => self.start_if_allowed(host, task, now).await?,
                Next::Held(task, until) => self.held(*task, until, time).await?,
                Next::Wait(moment) => return Flow::Continue(earlier(Some(moment), self.make_room(now))),
                Next::Empty => return Flow::Continue(self.make_room(now)),
            }
        }
    }

    /// Which shares may start; `None`: every place is taken.
    fn open(&self) -> Option<Open> {
        if self.running.len() >= self.places {
            return None;
        }
        let is_half_taken = self.in_flight.with(Share::Half) >= self.half();
        let others_wait = self.hosts.queues.queued(Share::Any) > 0;
        Some(if is_half_taken && others_wait { Open::OnlyAny } else { Open::Both })
    }

    fn half(&self) -> usize {
        (self.places / 2).max(1)
    }

    /// If others are ready and find no place, cuts off the attempt that has waited longest for its answer, once it
    /// has had its fair share of the run's time; returns when to look again.
    ///
    /// What may have half of the places makes room only for its own kind.
    fn make_room(&mut self, now: Instant) -> Option<Instant> {
        let queues = &self.hosts.queues;
        let (any_waits, half_waits) = (queues.is_ready(Share::Any, now), queues.is_ready(Share::Half, now));
        let (places, waiting, from) = match (any_waits, half_waits) {
            (true, _) => {
                let waiting = queues.hosts_waiting(Share::Any) + queues.hosts_waiting(Share::Half);
                (self.places, waiting, None)
            }
            (false, true) => (self.half(), queues.hosts_waiting(Share::Half), Some(Share::Half)),
            (false, false) => return None,
        };
        let left = self.limits.deadline.saturating_duration_since(now);
        let patience = Crowd { left, places, waiting, timeout: self.limits.timeout }.patience()?;
        self.in_flight.cut_off(from, patience, now)
    }

    async fn start_if_allowed(&mut self, host: usize, task: Box<Task>, now: Instant) -> Flow {
        let at = self.context.clock.at(now);
        match self.hosts.policies.of(&task, at) {
            Decision::Allow { spacing } => {
                let in_time = spacing.is_none_or(|spacing| self.hosts.queues.slow_down(host, spacing, now));
                if !in_time {
                    self.hosts.queues.not_started(host, now);
                    self.hosts.requeue(task, now);
                } else if self.is_admitted(&task) {
                    self.start(host, task, now);
                } else {
                    self.hosts.queues.not_started(host, now);
                    return self.unasked(*task, Unfinished::Held, None, at).await;
                }
                Flow::Continue(())
            }
            Decision::Wait => {
                self.hosts.queues.not_started(host, now);
                // If no request may leave at all, the host's rules do not matter.
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

    /// A stranger's page is requested only as often as is fair.
    fn is_admitted(&mut self, task: &Task) -> bool {
        match &task.target {
            Target::Page(page) => self.foreign_pages.admit(&page.source, &task.attempt.url),
            _ => true,
        }
    }

    fn start(&mut self, host: usize, mut task: Box<Task>, now: Instant) {
        if task.target.is_of_page() && self.hosts.policies.is_mining_reserved(&task.attempt.url) {
            task.attempt.add_signals([Signal::new(SignalKind::TdmReservation, Origin::Site, "1")]);
        }
        if self.hosts.queues.needs_http1(host, self.context.clock.at(now)) {
            task.attempt.protocol = Protocol::Http1;
        }
        // A file of a host is requested because others wait for it.
        let has_more = self.hosts.queues.has_more(host) || matches!(task.target, Target::HostFile(_));
        let more = if has_more { More::Yes } else { More::No };
        task.attempt.keep = self.kept_open.decide(host, more, now, task.attempt.left);
        task.attempt.began = task.attempt.began.or(Some(now));
        task.attempt.requests += 1;
        let (target, attempt, standing) = (task.target.clone(), task.attempt.clone(), task.standing());
        let pulse = Arc::new(Pulse::default());
        let abort = self.running.spawn(step(Arc::clone(&self.context), task, now, Arc::clone(&pulse)));
        self.in_flight.insert(Begun { host, at: now, standing, target, attempt, abort, pulse, cut_off: None });
    }

    async fn attempted(&mut self, joined: Result<(Id, StepResult), JoinError>) -> Flow {
        let id = joined.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let Some(begun) = self.in_flight.remove(id) else { return Flow::Continue(()) };
        let place = Place { at: self.context.clock.at(begun.at), host: Some((begun.host, begun.standing.visit)) };
        self.hosts.queues.finished(begun.host);
        self.kept_open.finished(begun.host, Instant::now());
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
            Ok((_, StepResult::Ended(outcome, attempt))) if attempt.waits_for_room(outcome.error()) => {
                // As many as there is room for, one after the other if need be.
                self.places = self.running.len().clamp(1, self.places);
                let task = Task { target: outcome.into_target(), attempt: attempt.without_room() };
                self.hosts.requeue(Box::new(task), Instant::now() + ROOM_PAUSE);
                Flow::Continue(())
            }
            Ok((_, StepResult::Ended(outcome, attempt))) => self.ended(*outcome, attempt, place).await,
            Err(died) => {
                let error = match begun.cut_off {
                    Some(after) => FetchError::CutOff { after },
                    None => FetchError::Fault { what: died.to_string() },
                };
                self.ended(begun.target.without_answer(error.into()), begun.attempt, place).await
            }
        }
    }

    /// No request of `task` is sent.
    async fn deny(&mut self, task: Task, error: FetchError, at: Timestamp) -> Flow {
        self.ended(task.target.without_answer(error.into()), task.attempt, Place { at, host: None }).await
    }

    /// Takes note of an outcome at its host, and sends it on to be kept.
    async fn ended(&mut self, outcome: Outcome, attempt: Attempt, place: Place) -> Flow {
        let mut changed = HostChanges {
            state: place.host.and_then(|(number, visit)| match outcome.error() {
                Some(SourceError::Fetch(error)) => self.hosts.queues.bad(number, visit, error, place.at),
                _ => self.hosts.queues.good(number, visit, attempt.protocol, place.at),
            }),
            robots: None,
        };
        if let Some(task) = back(&outcome, &attempt).or_else(|| as_page(&outcome, &attempt)) {
            self.hosts.requeue(task, Instant::now());
            return Flow::Continue(());
        }
        let host_hold = place.host.and_then(|(number, visit)| self.hosts.queues.hold(number, visit));
        if let Outcome::HostFile(file, answer) = &outcome {
            let state = self.hosts.policies.learn(file, answer, place.at);
            // That it was not reached may be our own trouble: the next run asks again.
            let is_unreached = outcome.error().and_then(unreached).is_some();
            changed.robots = (!is_unreached).then(|| (file.host.clone(), state));
            for task in self.hosts.policies.released(&file.host).into_iter().rev() {
                self.hosts.requeue(Box::new(task), Instant::now());
            }
        }
        self.send(Completed { outcome, attempt, at: place.at, host_hold, changed }).await
    }

    /// The host asked for a rest until `until`.
    async fn held(&mut self, task: Task, until: Timestamp, at: Timestamp) -> Flow {
        let Target::HostFile(file) = &task.target else {
            let (outcome, attempt) = (task.target.without_answer(Unfinished::Held), task.attempt);
            if let Some(task) = back(&outcome, &attempt) {
                self.hosts.requeue(task, Instant::now());
                return Flow::Continue(());
            }
            let (host_hold, changed) = (Some(until), HostChanges::default());
            return self.send(Completed { outcome, attempt, at, host_hold, changed }).await;
        };
        if host_key(&task.attempt.url) != file.host {
            // It was redirected to the resting host.
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
        let mut left: Vec<Task> = self.in_flight.drain().collect();
        left.extend(self.hosts.policies.drain());
        left.extend(self.hosts.queues.drain().into_iter().map(|task| *task));
        for task in left {
            self.unasked(task, Unfinished::OutOfTime, None, at).await?;
        }
        Flow::Continue(())
    }

    /// `task` had no turn. If it is a file of a host, nothing was learned about that.
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

/// The next tasks that come in; waits forever if none will.
async fn more(tasks: &mut Option<UnboundedReceiver<Vec<Task>>>) -> Option<Vec<Task>> {
    match tasks {
        Some(tasks) => tasks.recv().await,
        None => std::future::pending().await,
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

/// What turned out to be a page that lists articles is asked for as one: what came is not used before robots.txt allows it.
fn as_page(outcome: &Outcome, attempt: &Attempt) -> Option<Box<Task>> {
    let Outcome::Feed(feed, Ok(FeedAnswer { body: FeedBody::Read { out, .. }, .. })) = outcome else { return None };
    let SourceAddress::Http(own) = &feed.source.address else { return None };
    if out.document != DocumentKind::Page || feed.is_page() {
        return None;
    }
    let moved_to = feed.state.moved_to.as_ref().filter(|_| feed.route != Route::Revisit);
    let url = without_user_info(moved_to.unwrap_or(own).clone());
    let target = Target::Feed(feed.to_page());
    Some(Box::new(Task { target, attempt: attempt.clone().elsewhere(url) }))
}

/// A source that moved, and yielded nothing at its address in feeds.toml, is asked where it moved to.
fn back(outcome: &Outcome, attempt: &Attempt) -> Option<Box<Task>> {
    let Outcome::Feed(feed, Err(_)) = outcome else { return None };
    let moved_to = feed.state.moved_to.clone().filter(|_| feed.route == Route::Revisit)?;
    let target = Target::Feed(FeedTarget { route: Route::Back, ..feed.clone() });
    Some(Box::new(Task { target, attempt: attempt.clone().elsewhere(moved_to) }))
}
