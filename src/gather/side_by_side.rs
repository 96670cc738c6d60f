//! What is to be fetched, side by side: bounded over all, one at a time per host, each step a task of its own.
//!
//! One task owns the lines at the hosts and the tasks under way; nothing is locked. A redirect or a
//! second try goes back in line, at the host it is for, so that no place is held while waiting. Whoever
//! needs a host's robots.txt waits until it is there.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::Sender;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use super::errand::{Ended, Errand, Finished, Job, Nothing, Settled, Trip};
use super::fetch::FetchError;
use super::fetch::hosts::{self, Hosts, Next};
use super::permits::{Permit, Permits};
use super::report::SourceError;
use super::step::{Landed, Tools, step};
use crate::model::{Origin, Signal, SignalKind};
use crate::store::HostState;

/// The run's clock: a given start and the real time since.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    now: Timestamp,
    began: Instant,
}

impl Clock {
    pub(crate) fn starting_at(now: Timestamp) -> Self {
        Self { now, began: Instant::now() }
    }

    pub(crate) fn at(&self, moment: Instant) -> Timestamp {
        let since =
            SignedDuration::try_from(moment.saturating_duration_since(self.began)).unwrap_or(SignedDuration::MAX);
        self.now.checked_add(since).unwrap_or(Timestamp::MAX)
    }

    pub(crate) fn took(&self) -> Duration {
        self.began.elapsed()
    }

    /// The moment at which so much of the run has passed.
    pub(crate) fn after(&self, time: Duration) -> Instant {
        self.began + time
    }
}

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
pub(crate) struct Lanes {
    pub(crate) hosts: Hosts<Box<Job>>,
    /// What earlier runs knew of hosts.
    pub(crate) known: BTreeMap<String, HostState>,
    pub(crate) permits: Permits,
}

impl Lanes {
    fn push_back(&mut self, job: Box<Job>, now: Instant) {
        self.hosts.push_back(&hosts::key(&job.trip.url), job, &self.known, now);
    }

    fn push_front(&mut self, job: Box<Job>, earliest: Instant) {
        self.hosts.push_front(&hosts::key(&job.trip.url), job, &self.known, earliest);
    }
}

/// Takes all `jobs` to their end and sends each there; ends early where nobody receives.
pub(crate) async fn run(
    jobs: Vec<Job>,
    mut lanes: Lanes,
    tools: Arc<Tools>,
    limits: Limits,
    out: Sender<Finished>,
) -> Lanes {
    let now = Instant::now();
    for job in jobs {
        lanes.push_back(Box::new(job), now);
    }
    let mut crowd = Crowd { lanes, tools, limits, out, flying: JoinSet::new(), flights: HashMap::new() };
    // An error says that the receiver is gone: the run is over.
    let _ = crowd.travel().await;
    crowd.lanes
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

struct Crowd {
    lanes: Lanes,
    tools: Arc<Tools>,
    limits: Limits,
    out: Sender<Finished>,
    flying: JoinSet<Landed>,
    /// Every task under way: what is left where one dies.
    flights: HashMap<Id, Flight>,
}

struct Flight {
    host: usize,
    began: Instant,
    errand: Errand,
    trip: Trip,
}

/// Where a job ended.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: Timestamp,
    /// The host's number, where one answered.
    host: Option<usize>,
}

impl Crowd {
    async fn travel(&mut self) -> Result<(), Over> {
        let deadline = tokio::time::sleep_until(self.limits.deadline);
        tokio::pin!(deadline);
        loop {
            let wake = self.start_ready().await?;
            if wake.is_none() && self.flying.is_empty() {
                return Ok(());
            }
            tokio::select! {
                Some(landed) = self.flying.join_next_with_id() => self.landed(landed).await?,
                () = sleep_until(wake) => {}
                () = &mut deadline => return self.give_up().await,
            }
        }
    }

    /// Starts what may start; the moment at which the next may, where a place is free for it.
    async fn start_ready(&mut self) -> Result<Option<Instant>, Over> {
        while self.flying.len() < self.limits.parallelism {
            let now = Instant::now();
            let time = self.tools.clock.at(now);
            match self.lanes.hosts.next(now, time) {
                Next::Start(host, job) => self.start_if_permitted(host, job, now).await?,
                Next::Held(job, until) => self.held(job, until, time).await?,
                Next::Wait(moment) => return Ok(Some(moment)),
                Next::Empty => return Ok(None),
            }
        }
        Ok(None)
    }

    async fn start_if_permitted(&mut self, host: usize, mut job: Box<Job>, now: Instant) -> Result<(), Over> {
        let at = self.tools.clock.at(now);
        match self.lanes.permits.of(&job, at) {
            Permit::Granted { spacing } => {
                if let Errand::Page(page) = &mut job.errand
                    && self.lanes.permits.is_mining_reserved(&job.trip.url)
                {
                    page.add_signal(Signal::new(SignalKind::TdmReservation, Origin::Site, "1"));
                }
                let in_time = spacing.is_none_or(|spacing| self.lanes.hosts.slow_down(host, spacing, now));
                if in_time {
                    self.start(host, job, now);
                } else {
                    self.lanes.hosts.not_started(host, now);
                    self.lanes.push_front(job, now);
                }
                Ok(())
            }
            Permit::NotYet => {
                self.lanes.hosts.not_started(host, now);
                // Where nothing may be asked at all, it is not asked what may be.
                if let Err(refused) = self.tools.fetcher.check(&job.trip.url) {
                    let Job { errand, trip } = *job;
                    let ended = errand.failed(FetchError::from(refused).into());
                    return self.ended(ended, trip, Place { at, host: None }).await;
                }
                if let Some(asking) = self.lanes.permits.wait(*job, self.limits.timeout, at) {
                    self.lanes.push_front(asking, now);
                }
                Ok(())
            }
            Permit::Refused(error) => {
                self.lanes.hosts.not_started(host, now);
                let Job { errand, trip } = *job;
                self.ended(errand.failed(error.into()), trip, Place { at, host: None }).await
            }
        }
    }

    fn start(&mut self, host: usize, mut job: Box<Job>, now: Instant) {
        job.trip.began = job.trip.began.or(Some(now));
        job.trip.requests += 1;
        let (errand, trip) = (job.errand.clone(), job.trip.clone());
        let handle = self.flying.spawn(step(Arc::clone(&self.tools), job, now));
        self.flights.insert(handle.id(), Flight { host, began: now, errand, trip });
    }

    async fn landed(&mut self, landed: Result<(Id, Landed), JoinError>) -> Result<(), Over> {
        let id = landed.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let Some(flight) = self.flights.remove(&id) else { return Ok(()) };
        let place = Place { at: self.tools.clock.at(flight.began), host: Some(flight.host) };
        self.lanes.hosts.finished(flight.host);
        match landed {
            Ok((_, Landed::Redirected(job))) => {
                self.lanes.push_front(job, Instant::now());
                Ok(())
            }
            Ok((_, Landed::Ended(ended, trip))) if ended.is_worth_a_retry() && !trip.retried => {
                let job = Job { errand: ended.into_errand(), trip: Trip { retried: true, ..trip } };
                self.lanes.push_front(Box::new(job), Instant::now() + self.limits.retry_delay);
                Ok(())
            }
            Ok((_, Landed::Ended(ended, trip))) => self.ended(*ended, trip, place).await,
            Err(error) => {
                let fault = FetchError::Fault { what: error.to_string() };
                self.ended(flight.errand.failed(fault.into()), flight.trip, place).await
            }
        }
    }

    /// Takes note of an end at its host, and sends it where it is kept.
    async fn ended(&mut self, ended: Ended, trip: Trip, place: Place) -> Result<(), Over> {
        let host = place.host.and_then(|number| match ended.error() {
            Some(SourceError::Fetch(error)) => self.lanes.hosts.bad(number, error, place.at),
            _ => self.lanes.hosts.good(number),
        });
        let host_hold = place.host.and_then(|number| self.lanes.hosts.hold(number));
        let what = match ended {
            Ended::Feed(feed, brought) => Settled::Feed(feed, brought.map_err(Nothing::Failed)),
            Ended::Page(page, brought) => Settled::Page(page, brought.map_err(Nothing::Failed)),
            Ended::Robots(robots, brought) => {
                let state = self.lanes.permits.learn(&robots, brought, place.at);
                for job in self.lanes.permits.released(&robots.host).into_iter().rev() {
                    self.lanes.push_front(Box::new(job), Instant::now());
                }
                Settled::Robots(robots, state)
            }
        };
        self.send(Finished { what, trip, at: place.at, host, host_hold }).await
    }

    /// The host asks for rest.
    async fn held(&mut self, job: Box<Job>, until: Timestamp, at: Timestamp) -> Result<(), Over> {
        let Job { errand, trip } = *job;
        if let Errand::Robots(robots) = &errand {
            // Those who wait for it are in line at the same host and learn the same, unless it was redirected.
            let own = hosts::key(&trip.url) == robots.host;
            let host = robots.host.clone();
            if own {
                for waiting in self.lanes.permits.released(&host) {
                    let Job { errand, trip } = waiting;
                    self.nothing(errand, trip, Nothing::Held, Some(until), at).await?;
                }
                return Ok(());
            }
            let rest = FetchError::HostAtRest { host: trip.url.host_str().unwrap_or_default().to_owned() };
            return self.ended(errand.failed(rest.into()), trip, Place { at, host: None }).await;
        }
        self.nothing(errand, trip, Nothing::Held, Some(until), at).await
    }

    /// The run's time is up.
    async fn give_up(&mut self) -> Result<(), Over> {
        self.flying.shutdown().await;
        let at = self.tools.clock.at(Instant::now());
        let cut_off = std::mem::take(&mut self.flights).into_values().map(|flight| (flight.errand, flight.trip));
        let waiting = self.lanes.permits.drain().into_iter();
        let waiting = waiting.chain(self.lanes.hosts.drain().into_iter().map(|job| *job));
        let waiting = waiting.map(|job| (job.errand, job.trip));
        for (errand, trip) in cut_off.chain(waiting).collect::<Vec<_>>() {
            self.nothing(errand, trip, Nothing::OutOfTime, None, at).await?;
        }
        Ok(())
    }

    async fn nothing(
        &self,
        errand: Errand,
        trip: Trip,
        why: Nothing,
        host_hold: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<(), Over> {
        let what = match errand {
            Errand::Feed(feed) => Settled::Feed(feed, Err(why)),
            Errand::Page(page) => Settled::Page(page, Err(why)),
            // Nothing was learned of it.
            Errand::Robots(_) => return Ok(()),
        };
        self.send(Finished { what, trip, at, host: None, host_hold }).await
    }

    async fn send(&self, finished: Finished) -> Result<(), Over> {
        self.out.send(finished).await.map_err(|_| Over)
    }
}
