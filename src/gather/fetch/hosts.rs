//! Hosts: one request at a time each, spaced, and left alone when they ask for it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use url::Url;

use super::FetchError;
use crate::store::HostState;

/// First rest after a 429 that names no time; doubles with each further one.
const FIRST_REST: SignedDuration = SignedDuration::from_hours(4);
/// Longest rest of that kind.
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(24);
/// Rest of a host of which two sources answered 503 in one run, where it names no time.
const OVERLOAD_REST: SignedDuration = SignedDuration::from_hours(1);

/// The key of the host of `url`: scheme, name or address, port.
pub(crate) fn key(url: &Url) -> String {
    match (url.host_str(), url.port_or_known_default()) {
        (Some(host), Some(port)) => format!("{}://{}:{port}", url.scheme(), host.trim_end_matches('.')),
        _ => url.as_str().to_owned(),
    }
}

/// Jobs in line at their hosts.
///
/// A host is either busy (a request of it is under way), idle (nothing in line), or waiting in `ready`
/// for the moment at which its next request may start: no host takes a place while it waits.
#[derive(Debug)]
pub(crate) struct Hosts<J> {
    spacing: Duration,
    index: HashMap<String, usize>,
    hosts: Vec<Host<J>>,
    /// When each waiting host may start; the first in line wins among equals.
    ready: BinaryHeap<Reverse<(Instant, u64, usize)>>,
    turn: u64,
}

#[derive(Debug)]
struct Host<J> {
    key: String,
    line: VecDeque<J>,
    busy: bool,
    /// It has an entry in `ready`.
    waiting: bool,
    next_start: Instant,
    state: HostState,
    overloads: u32,
}

/// What is next to start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<J> {
    /// This job, at the host with this number, which is busy from now on.
    Start(usize, J),
    /// This job's host asked for rest until then.
    Held(J, Timestamp),
    /// Nothing before this moment.
    Wait(Instant),
    /// Nothing is in line.
    Empty,
}

impl<J> Hosts<J> {
    pub(crate) fn new(spacing: Duration) -> Self {
        Self { spacing, index: HashMap::new(), hosts: Vec::new(), ready: BinaryHeap::new(), turn: 0 }
    }

    /// Puts `job` at the end of the line at the host with this key.
    pub(crate) fn push_back(&mut self, key: &str, job: J, known: &BTreeMap<String, HostState>, now: Instant) {
        let host = self.host(key, known, now);
        self.hosts[host].line.push_back(job);
        self.wake(host);
    }

    /// Puts `job` first in line there, not before `earliest`: a redirect or a second try.
    pub(crate) fn push_front(&mut self, key: &str, job: J, known: &BTreeMap<String, HostState>, earliest: Instant) {
        let host = self.host(key, known, earliest);
        self.hosts[host].line.push_front(job);
        let start = self.hosts[host].next_start.max(earliest);
        self.hosts[host].next_start = start;
        self.wake(host);
    }

    /// The next job to start at `now`, which is `time` on the run's clock.
    pub(crate) fn next(&mut self, now: Instant, time: Timestamp) -> Next<J> {
        loop {
            let Some(Reverse((at, _, number))) = self.ready.peek().copied() else { return Next::Empty };
            if at > now {
                return Next::Wait(at);
            }
            self.ready.pop();
            let host = &mut self.hosts[number];
            host.waiting = false;
            if host.next_start > now {
                self.wake(number);
                continue;
            }
            let Some(job) = host.line.pop_front() else { continue };
            if let Some(until) = host.state.hold_until.filter(|until| *until > time) {
                self.wake(number);
                return Next::Held(job, until);
            }
            host.busy = true;
            host.next_start = now + self.spacing;
            return Next::Start(number, job);
        }
    }

    /// The request at host `number` is over.
    pub(crate) fn finished(&mut self, number: usize) {
        self.hosts[number].busy = false;
        self.wake(number);
    }

    /// Takes note of a good answer; the state to save, where it changed.
    pub(crate) fn good(&mut self, number: usize) -> Option<(String, HostState)> {
        let host = &mut self.hosts[number];
        if host.state.strikes == 0 {
            return None;
        }
        host.state = HostState::default();
        Some((host.key.clone(), host.state.clone()))
    }

    /// Takes note of a bad answer at `time`; the state to save, where it changed.
    pub(crate) fn bad(&mut self, number: usize, error: &FetchError, time: Timestamp) -> Option<(String, HostState)> {
        let host = &mut self.hosts[number];
        let rest = match error {
            FetchError::TooManyRequests { retry_after } => {
                host.state.strikes = host.state.strikes.saturating_add(1);
                let doubled = FIRST_REST.saturating_mul(1 << (host.state.strikes - 1).min(4));
                retry_after.unwrap_or(doubled.min(LONGEST_REST))
            }
            FetchError::Status { status: 503, retry_after } => {
                host.overloads += 1;
                if host.overloads < 2 {
                    return None;
                }
                retry_after.unwrap_or(OVERLOAD_REST)
            }
            _ => return None,
        };
        let until = time.checked_add(rest).unwrap_or(Timestamp::MAX);
        host.state.hold_until = host.state.hold_until.max(Some(until));
        Some((host.key.clone(), host.state.clone()))
    }

    /// Until when the host with this number asked for rest.
    pub(crate) fn hold(&self, number: usize) -> Option<Timestamp> {
        self.hosts[number].state.hold_until
    }

    /// Everything still in line, in no particular order of hosts but in line order within each.
    pub(crate) fn drain(&mut self) -> Vec<J> {
        self.ready.clear();
        self.hosts.iter_mut().flat_map(|host| host.line.drain(..)).collect()
    }

    fn host(&mut self, key: &str, known: &BTreeMap<String, HostState>, now: Instant) -> usize {
        if let Some(number) = self.index.get(key) {
            return *number;
        }
        let number = self.hosts.len();
        self.index.insert(key.to_owned(), number);
        self.hosts.push(Host {
            key: key.to_owned(),
            line: VecDeque::new(),
            busy: false,
            waiting: false,
            next_start: now,
            state: known.get(key).cloned().unwrap_or_default(),
            overloads: 0,
        });
        number
    }

    /// Lets a host with something in line wait for its start.
    fn wake(&mut self, number: usize) {
        let host = &mut self.hosts[number];
        if !host.busy && !host.waiting && !host.line.is_empty() {
            host.waiting = true;
            self.turn += 1;
            self.ready.push(Reverse((host.next_start, self.turn, number)));
        }
    }
}
