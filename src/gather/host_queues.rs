//! A queue per host: one request at a time each, spaced, and a host that asks for rest is left alone.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::fetch::{FetchError, Protocol};
use crate::store::HostState;

/// First rest after a 429 that names no time; doubles with each further one.
const FIRST_REST: SignedDuration = SignedDuration::from_hours(4);
/// Longest rest of that kind.
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(24);
/// Rest of a host of which two sources answered 503 in one run, where it names no time.
const OVERLOAD_REST: SignedDuration = SignedDuration::from_hours(1);

/// A host that fails at HTTP/2 is asked over HTTP/1.1 for so long.
const HTTP1_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A request that has to connect first is on the wire later than it starts here, and the next one, which
/// need not, would follow too closely: this part of the spacing is added to it.
const MARGIN: u32 = 20;

/// Tasks in the queues of their hosts.
///
/// A host is either busy (a request to it is in flight), idle (its queue is empty), or waiting in `ready`
/// for the moment at which its next request may start: no host takes a place in flight while it waits.
#[derive(Debug)]
pub(crate) struct HostQueues<T> {
    spacing: Duration,
    /// What earlier runs knew of hosts.
    known: BTreeMap<String, HostState>,
    index: HashMap<String, usize>,
    hosts: Vec<Host<T>>,
    /// When each waiting host may start; of equals the one that waited longer.
    ready: BinaryHeap<Reverse<(Instant, u64, usize)>>,
    turn: u64,
}

#[derive(Debug)]
struct Host<T> {
    key: String,
    queue: VecDeque<T>,
    busy: bool,
    /// It has an entry in `ready`.
    waiting: bool,
    next_start: Instant,
    last_start: Option<Instant>,
    /// The start before that.
    start_before: Option<Instant>,
    spacing: Duration,
    state: HostState,
    overloads: u32,
}

/// What is next to start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<T> {
    /// This task, at the host with this number, which is busy from now on.
    Start(usize, T),
    /// This task's host asked for rest until then.
    Held(T, Timestamp),
    /// Nothing before this moment.
    Wait(Instant),
    /// Every queue is empty.
    Empty,
}

impl<T> HostQueues<T> {
    pub(crate) fn new(spacing: Duration, known: BTreeMap<String, HostState>) -> Self {
        Self { spacing, known, index: HashMap::new(), hosts: Vec::new(), ready: BinaryHeap::new(), turn: 0 }
    }

    /// Puts `task` at the end of the queue of the host with this key.
    pub(crate) fn queue(&mut self, key: &str, task: T, now: Instant) {
        let host = self.host(key, now);
        self.hosts[host].queue.push_back(task);
        self.wake(host);
    }

    /// Puts `task` first in the queue there, to start no earlier than `earliest`: a redirect or a second try.
    pub(crate) fn requeue(&mut self, key: &str, task: T, earliest: Instant) {
        let host = self.host(key, earliest);
        self.hosts[host].queue.push_front(task);
        let start = self.hosts[host].next_start.max(earliest);
        self.hosts[host].next_start = start;
        self.wake(host);
    }

    /// The next task to start at `now`, which is `time` on the run's clock.
    pub(crate) fn next(&mut self, now: Instant, time: Timestamp) -> Next<T> {
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
            let Some(task) = host.queue.pop_front() else { continue };
            if let Some(until) = host.state.hold_until.filter(|until| *until > time) {
                self.wake(number);
                return Next::Held(task, until);
            }
            host.busy = true;
            host.start_before = host.last_start.replace(now);
            host.next_start = now + host.spacing + host.spacing / MARGIN;
            return Next::Start(number, task);
        }
    }

    /// The task that was to start at host `number` at `now` was not sent.
    pub(crate) fn not_started(&mut self, number: usize, now: Instant) {
        let host = &mut self.hosts[number];
        host.last_start = host.start_before;
        host.next_start = host.last_start.map_or(now, |last| last + host.spacing + host.spacing / MARGIN).max(now);
        self.finished(number);
    }

    /// The host with this number wants at least so much time between two requests; whether the task that
    /// is to start there at `now` keeps to it.
    pub(crate) fn slow_down(&mut self, number: usize, spacing: Duration, now: Instant) -> bool {
        let host = &mut self.hosts[number];
        host.spacing = host.spacing.max(spacing);
        if let Some(last) = host.last_start {
            host.next_start = host.next_start.max(last + host.spacing + host.spacing / MARGIN);
        }
        host.start_before.is_none_or(|before| before + host.spacing <= now)
    }

    /// The request at host `number` is over.
    pub(crate) fn finished(&mut self, number: usize) {
        self.hosts[number].busy = false;
        self.wake(number);
    }

    /// Takes note of a good answer at `time`, over that protocol; the state to save, where it changed.
    pub(crate) fn good(&mut self, number: usize, protocol: Protocol, time: Timestamp) -> Option<(String, HostState)> {
        let learns_http1 = protocol == Protocol::Http1 && !self.needs_http1(number, time);
        let host = &mut self.hosts[number];
        if host.state.strikes == 0 && !learns_http1 {
            return None;
        }
        if learns_http1 {
            host.state.http1_until = time.checked_add(HTTP1_FOR).ok();
        }
        if host.state.strikes > 0 {
            host.state = HostState { http1_until: host.state.http1_until, ..HostState::default() };
        }
        Some((host.key.clone(), host.state.clone()))
    }

    /// Whether the host with this number failed at HTTP/2 of late.
    pub(crate) fn needs_http1(&self, number: usize, time: Timestamp) -> bool {
        self.hosts[number].state.http1_until.is_some_and(|until| time < until)
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

    /// Everything still queued: hosts in any order, the tasks of each in its order.
    pub(crate) fn drain(&mut self) -> Vec<T> {
        self.ready.clear();
        self.hosts.iter_mut().flat_map(|host| host.queue.drain(..)).collect()
    }

    fn host(&mut self, key: &str, now: Instant) -> usize {
        if let Some(number) = self.index.get(key) {
            return *number;
        }
        let number = self.hosts.len();
        self.index.insert(key.to_owned(), number);
        self.hosts.push(Host {
            key: key.to_owned(),
            queue: VecDeque::new(),
            busy: false,
            waiting: false,
            next_start: now,
            last_start: None,
            start_before: None,
            spacing: self.spacing,
            state: self.known.get(key).cloned().unwrap_or_default(),
            overloads: 0,
        });
        number
    }

    /// Lets a host whose queue is not empty wait for its next start.
    fn wake(&mut self, number: usize) {
        let host = &mut self.hosts[number];
        if !host.busy && !host.waiting && !host.queue.is_empty() {
            host.waiting = true;
            self.turn += 1;
            self.ready.push(Reverse((host.next_start, self.turn, number)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: Timestamp = Timestamp::UNIX_EPOCH;

    fn hosts(tasks: &[(&str, u32)], now: Instant) -> HostQueues<u32> {
        let mut hosts = HostQueues::new(Duration::from_secs(1), BTreeMap::new());
        for (key, task) in tasks {
            hosts.queue(key, *task, now);
        }
        hosts
    }

    fn start(hosts: &mut HostQueues<u32>, now: Instant) -> (usize, u32) {
        match hosts.next(now, TIME) {
            Next::Start(host, task) => (host, task),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_request_at_a_time_and_the_next_after_the_spacing() {
        let now = Instant::now();
        let mut hosts = hosts(&[("a", 1), ("a", 2), ("b", 3)], now);
        let (a, first) = start(&mut hosts, now);
        assert_eq!((first, start(&mut hosts, now).1), (1, 3));
        assert_eq!(hosts.next(now, TIME), Next::Empty, "both hosts are busy");
        hosts.finished(a);
        let soon = now + Duration::from_millis(1050);
        assert_eq!(hosts.next(now, TIME), Next::Wait(soon));
        assert_eq!(start(&mut hosts, soon).1, 2);
        hosts.finished(a);
        assert_eq!(hosts.next(soon, TIME), Next::Empty);
    }

    #[test]
    fn a_redirect_goes_first_and_a_second_try_waits() {
        let now = Instant::now();
        let mut hosts = hosts(&[("a", 1), ("b", 2)], now);
        hosts.requeue("b", 9, now);
        hosts.requeue("a", 8, now + Duration::from_secs(3));
        assert_eq!(start(&mut hosts, now).1, 9);
        assert_eq!(hosts.next(now, TIME), Next::Wait(now + Duration::from_secs(3)));
        assert_eq!(start(&mut hosts, now + Duration::from_secs(3)).1, 8);
    }

    #[test]
    fn a_host_at_rest_gives_its_queue_back() {
        let now = Instant::now();
        let mut hosts = hosts(&[("a", 1), ("a", 2)], now);
        let (a, _) = start(&mut hosts, now);
        let error = FetchError::TooManyRequests { retry_after: None };
        let four_hours = Timestamp::from_second(4 * 3600).unwrap();
        let want = HostState { hold_until: Some(four_hours), strikes: 1, http1_until: None };
        assert_eq!(hosts.bad(a, &error, TIME), Some(("a".to_owned(), want)));
        hosts.finished(a);
        assert_eq!(hosts.next(now + Duration::from_secs(2), TIME), Next::Held(2, four_hours));
        assert_eq!(hosts.good(a, Protocol::Any, TIME), Some(("a".to_owned(), HostState::default())));
        assert_eq!(hosts.good(a, Protocol::Any, TIME), None, "nothing changed");
    }

    #[test]
    fn a_hold_of_an_earlier_run_stands() {
        let now = Instant::now();
        let until = Timestamp::from_second(60).unwrap();
        let known = HostState { hold_until: Some(until), strikes: 1, http1_until: None };
        let mut hosts = HostQueues::new(Duration::ZERO, BTreeMap::from([("a".to_owned(), known)]));
        hosts.queue("a", 1, now);
        hosts.queue("b", 2, now);
        assert_eq!(hosts.next(now, TIME), Next::Held(1, until));
        assert_eq!(start(&mut hosts, now).1, 2);
    }

    #[test]
    fn a_host_that_fails_at_http2_is_asked_over_http1_for_a_week() {
        let now = Instant::now();
        let mut hosts = hosts(&[("a", 1)], now);
        assert!(!hosts.needs_http1(0, TIME));
        let (_, state) = hosts.good(0, Protocol::Http1, TIME).unwrap();
        let days = |days: i64| Timestamp::from_second(days * 24 * 3600).unwrap();
        assert_eq!(state.http1_until, Some(days(7)));
        assert_eq!(hosts.good(0, Protocol::Http1, days(1)), None, "it is known");
        let error = FetchError::TooManyRequests { retry_after: None };
        hosts.bad(0, &error, days(1));
        assert_eq!(hosts.good(0, Protocol::Http1, days(2)).unwrap().1, state, "a 429 in between changes nothing");
        assert!(hosts.needs_http1(0, days(6)) && !hosts.needs_http1(0, days(7)), "then HTTP/2 is tried again");
    }

    #[test]
    fn rests_double_up_to_a_day() {
        let now = Instant::now();
        let mut hosts = hosts(&[("a", 1)], now);
        let error = FetchError::TooManyRequests { retry_after: None };
        for hours in [4, 8, 16, 24, 24, 24, 24] {
            let (_, state) = hosts.bad(0, &error, TIME).unwrap();
            assert_eq!(state.hold_until.unwrap().as_second(), hours * 3600);
        }
    }
}
