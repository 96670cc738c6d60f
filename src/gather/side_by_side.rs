//! The due sources, side by side: bounded over all, one at a time per host, each step a task of its own.
//!
//! One task owns the lines at the hosts and the tasks under way; nothing is locked. A redirect or a
//! second try goes back in line, at the host it is for, so that no place is held while waiting.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::Sender;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;
use url::Url;

use super::fetch::hosts::{self, Hosts, Next};
use super::fetch::{Answer, Ask, Chain, Document, FetchError, Fetched, Fetcher, Freshness, read_file};
use super::report::SourceError;
use super::{ReadFailure, ReadOut, Reader};
use crate::config::{SourceAddress, SourceConfig};
use crate::store::{HostState, SourceState, Validators};
use crate::text::content_hash;

/// One source on its way through a run.
#[derive(Debug)]
pub(crate) struct Job {
    /// Its place in feeds.toml.
    pub(crate) place: usize,
    pub(crate) source: Arc<SourceConfig>,
    /// As it was before this run; shared with the one who watches over the task.
    pub(crate) state: Arc<SourceState>,
    /// Where the next request goes; without user info.
    pub(crate) url: Url,
    pub(crate) chain: Chain,
    /// Start of the first request.
    pub(crate) began: Option<Instant>,
    pub(crate) requests: u32,
    pub(crate) bytes: u64,
    /// What is left of the time limit.
    left: Duration,
    retried: bool,
}

impl Job {
    pub(crate) fn new(
        place: usize,
        source: Arc<SourceConfig>,
        state: Arc<SourceState>,
        url: Url,
        limit: Duration,
    ) -> Self {
        Self {
            place,
            source,
            state,
            url,
            chain: Chain::default(),
            began: None,
            requests: 0,
            bytes: 0,
            left: limit,
            retried: false,
        }
    }
}

/// A source that came to its end in this run.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) job: Box<Job>,
    pub(crate) end: End,
    /// The time of its last request, on the run's clock.
    pub(crate) at: Timestamp,
    /// A host's state that changed with it.
    pub(crate) host: Option<(String, HostState)>,
    /// Until when the host that answered asked for rest.
    pub(crate) host_hold: Option<Timestamp>,
}

/// How it ended.
#[derive(Debug)]
pub(crate) enum End {
    NotModified {
        validators: Option<Validators>,
        freshness: Freshness,
    },
    SameBody {
        validators: Option<Validators>,
        freshness: Freshness,
    },
    Read {
        validators: Option<Validators>,
        freshness: Freshness,
        hash: [u8; 32],
        out: Box<ReadOut>,
    },
    Failed(SourceError),
    /// Its host asked for rest before it had its turn.
    Held,
    OutOfTime,
}

/// What every step needs.
pub(crate) struct Tools {
    pub(crate) fetcher: Fetcher,
    pub(crate) reader: Reader,
    pub(crate) clock: Clock,
    pub(crate) max_body_bytes: u64,
}

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
}

/// Limits of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) parallelism: usize,
    pub(crate) spacing: Duration,
    pub(crate) deadline: Duration,
    /// Wait before the one second try.
    pub(crate) retry_delay: Duration,
}

/// Takes all `jobs` to their end and sends each there; ends early where nobody receives.
pub(crate) async fn run(
    jobs: Vec<Job>,
    known: BTreeMap<String, HostState>,
    tools: Arc<Tools>,
    limits: Limits,
    out: Sender<Finished>,
) {
    let now = Instant::now();
    let mut hosts = Hosts::new(limits.spacing);
    for job in jobs {
        hosts.push_back(&hosts::key(&job.url), Box::new(job), &known, now);
    }
    let mut crowd = Crowd { hosts, known, tools, limits, out, flying: JoinSet::new(), where_from: HashMap::new() };
    let deadline = tokio::time::sleep_until(now + limits.deadline);
    tokio::pin!(deadline);
    loop {
        let Ok(wake) = crowd.start_ready().await else { return };
        if wake.is_none() && crowd.flying.is_empty() {
            return;
        }
        tokio::select! {
            Some(landed) = crowd.flying.join_next_with_id() => {
                if crowd.landed(landed).await.is_err() {
                    return;
                }
            }
            () = sleep_until(wake) => {}
            () = &mut deadline => {
                // Nobody to receive means that nobody counts on it.
                let _ = crowd.give_up().await;
                return;
            }
        }
    }
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
    hosts: Hosts<Box<Job>>,
    known: BTreeMap<String, HostState>,
    tools: Arc<Tools>,
    limits: Limits,
    out: Sender<Finished>,
    flying: JoinSet<(Box<Job>, Step)>,
    /// The host, the source and the moment of every task under way: what is left where one dies.
    where_from: HashMap<Id, Flight>,
}

struct Flight {
    host: usize,
    began: Instant,
    place: usize,
    source: Arc<SourceConfig>,
    state: Arc<SourceState>,
}

impl Flight {
    /// The job again, as far as it is known: a task that died took it along.
    fn job(self) -> Box<Job> {
        let url = self.source.address.to_url();
        let mut job = Job::new(self.place, self.source, self.state, url, Duration::ZERO);
        (job.began, job.requests) = (Some(self.began), 1);
        Box::new(job)
    }
}

/// What one request led to.
enum Step {
    Redirected { to: Url },
    Ended(End),
}

impl Crowd {
    /// Starts what may start; the moment at which the next may, where a place is free for it.
    async fn start_ready(&mut self) -> Result<Option<Instant>, Over> {
        while self.flying.len() < self.limits.parallelism {
            let now = Instant::now();
            let time = self.tools.clock.at(now);
            match self.hosts.next(now, time) {
                Next::Start(host, job) => self.start(host, job, now),
                Next::Held(job, until) => {
                    self.send(Finished { job, end: End::Held, at: time, host: None, host_hold: Some(until) }).await?;
                }
                Next::Wait(moment) => return Ok(Some(moment)),
                Next::Empty => return Ok(None),
            }
        }
        Ok(None)
    }

    fn start(&mut self, host: usize, mut job: Box<Job>, now: Instant) {
        job.began = job.began.or(Some(now));
        job.requests += 1;
        let flight = Flight {
            host,
            began: now,
            place: job.place,
            source: Arc::clone(&job.source),
            state: Arc::clone(&job.state),
        };
        let handle = self.flying.spawn(step(Arc::clone(&self.tools), job, now));
        self.where_from.insert(handle.id(), flight);
    }

    async fn landed(&mut self, landed: Result<(Id, (Box<Job>, Step)), JoinError>) -> Result<(), Over> {
        let id = landed.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let Some(flight) = self.where_from.remove(&id) else { return Ok(()) };
        let at = self.tools.clock.at(flight.began);
        self.hosts.finished(flight.host);
        let (job, step) = match landed {
            Ok((_, landed)) => landed,
            Err(error) => {
                let end = End::Failed(FetchError::Fault { what: error.to_string() }.into());
                return self.send(Finished { job: flight.job(), end, at, host: None, host_hold: None }).await;
            }
        };
        match step {
            Step::Redirected { to } => {
                let key = hosts::key(&to);
                let job = Box::new(Job { url: to, ..*job });
                self.hosts.push_front(&key, job, &self.known, Instant::now());
                Ok(())
            }
            Step::Ended(End::Failed(SourceError::Fetch(error))) if error.is_worth_a_retry() && !job.retried => {
                let key = hosts::key(&job.url);
                let job = Box::new(Job { retried: true, ..*job });
                self.hosts.push_front(&key, job, &self.known, Instant::now() + self.limits.retry_delay);
                Ok(())
            }
            Step::Ended(end) => {
                let host = match &end {
                    End::Failed(SourceError::Fetch(error)) => self.hosts.bad(flight.host, error, at),
                    _ => self.hosts.good(flight.host),
                };
                let host_hold = self.hosts.hold(flight.host);
                self.send(Finished { job, end, at, host, host_hold }).await
            }
        }
    }

    /// The run's time is up.
    async fn give_up(&mut self) -> Result<(), Over> {
        self.flying.shutdown().await;
        let at = self.tools.clock.at(Instant::now());
        let cut_off = std::mem::take(&mut self.where_from).into_values().map(Flight::job);
        for job in cut_off.chain(self.hosts.drain()) {
            self.send(Finished { job, end: End::OutOfTime, at, host: None, host_hold: None }).await?;
        }
        Ok(())
    }

    async fn send(&self, finished: Finished) -> Result<(), Over> {
        self.out.send(finished).await.map_err(|_| Over)
    }
}

/// One request of `job`, and the reading of what it brought.
async fn step(tools: Arc<Tools>, mut job: Box<Job>, began: Instant) -> (Box<Job>, Step) {
    let step = match &job.source.address {
        SourceAddress::File(path) => {
            let (path, limit_bytes) = (path.clone(), tools.max_body_bytes);
            match tokio::task::spawn_blocking(move || read_file(&path, limit_bytes)).await {
                Ok(Ok(fetched)) => {
                    let document = Document { fetched, validators: None, freshness: Freshness::Unsaid };
                    Step::Ended(read(&tools, &mut job, document, began).await)
                }
                Ok(Err(error)) => Step::Ended(End::Failed(error.into())),
                Err(died) => Step::Ended(End::Failed(FetchError::Fault { what: died.to_string() }.into())),
            }
        }
        SourceAddress::Http(_) => ask(&tools, &mut job, began).await,
    };
    (job, step)
}

async fn ask(tools: &Tools, job: &mut Job, began: Instant) -> Step {
    let ask = Ask {
        source: &job.source,
        url: &job.url,
        validators: job.state.validators.as_ref(),
        limit: job.left,
        now: tools.clock.at(began),
    };
    let answer = tools.fetcher.ask(ask).await;
    job.left = job.left.saturating_sub(began.elapsed());
    match answer {
        Ok(Answer::Redirect { status, headers }) => match job.chain.follow(&job.url, status, &headers) {
            Ok(to) => Step::Redirected { to },
            Err(error) => Step::Ended(End::Failed(error.into())),
        },
        Ok(Answer::NotModified { validators, freshness }) => Step::Ended(End::NotModified { validators, freshness }),
        Ok(Answer::Document(document)) => Step::Ended(read(tools, job, document, began).await),
        Err(error) => Step::Ended(End::Failed(error.into())),
    }
}

/// Reads a document on a thread for blocking work, unless it is that of last time.
async fn read(tools: &Tools, job: &mut Job, document: Document, began: Instant) -> End {
    let Document { fetched, validators, freshness } = document;
    job.bytes += fetched.bytes.len() as u64;
    let (reader, source, now) = (tools.reader, Arc::clone(&job.source), tools.clock.at(began));
    let last_hash = job.state.body_hash;
    let reading = tokio::task::spawn_blocking(move || {
        let hash = content_hash(&fetched.bytes);
        if last_hash == Some(hash) {
            return Ok(None);
        }
        guarded(reader, &fetched, &source, now).map(|out| Some((hash, Box::new(out))))
    });
    match reading.await {
        Ok(Ok(Some((hash, out)))) => End::Read { validators, freshness, hash, out },
        Ok(Ok(None)) => End::SameBody { validators, freshness },
        Ok(Err(failure)) => End::Failed(failure.into()),
        Err(died) => End::Failed(ReadFailure::panicked(&died.to_string()).into()),
    }
}

/// The reader behind the panic guard: a panic is a failure of this document.
fn guarded(reader: Reader, fetched: &Fetched, source: &SourceConfig, now: Timestamp) -> Result<ReadOut, ReadFailure> {
    super::panics::quietly(|| reader(fetched, source, now)).unwrap_or_else(|what| Err(ReadFailure::panicked(&what)))
}
