//! A queue per host: one request at a time each, spaced, and a host that asks for a rest is left alone.
//!
//! A host's tasks wait in two lines, by the share of places that they may take ([`Share`]); while both have some, they
//! take turns.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::fetch::{FetchError, Protocol};
use super::standing::{Share, Standing, Visit};
use crate::store::HostState;

/// First rest after a 429 that names no time; doubles with each further one.
const FIRST_REST: SignedDuration = SignedDuration::from_hours(4);
/// Longest rest of that kind.
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(24);
/// Rest of a host from which two sources got 503 in one run, if it names no time.
const OVERLOAD_REST: SignedDuration = SignedDuration::from_hours(1);

/// A host that fails at HTTP/2 is asked over HTTP/1.1 for this long.
const HTTP1_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A request that has to connect first is on the wire later than it starts here, and the next one, which
/// does not, would follow too closely: this part of the spacing is added to it.
const MARGIN: u32 = 20;

/// Tasks in the queues of their hosts.
///
/// A host is either busy (a request to it is in flight), idle (its lines are empty), or waiting in `ready`
/// for the moment at which its next request may start: no host takes a place in flight while it waits.
#[derive(Debug)]
pub(crate) struct HostQueues<T> {
    spacing: Duration,
    /// What earlier runs knew about hosts.
    known: BTreeMap<String, HostState>,
    index: HashMap<String, usize>,
    hosts: Vec<Host<T>>,
    /// By share: when each waiting host may start; among equals the longest waiting first. An entry may be out of date.
    ready: [BinaryHeap<Reverse<(Instant, u64, usize)>>; 2],
    turn: u64,
    /// Tasks in all lines, by share.
    queued: [usize; 2],
}

#[derive(Debug)]
struct Host<T> {
    key: String,
    /// By share.
    lines: [VecDeque<(Visit, T)>; 2],
    /// The share of the last task that started.
    last_share: Share,
    busy: bool,
    /// It has an entry in `ready`, by share.
    waiting: [bool; 2],
    next_start: Instant,
    last_start: Option<Instant>,
    /// The start before that.
    start_before: Option<Instant>,
    spacing: Duration,
    state: HostState,
    overloads: u32,
}

/// Which shares may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    Both,
    /// Half of the places are taken by those that may have no more.
    OnlyAny,
}

/// What is next to start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<T> {
    /// This task, at the host with this number, which is busy from now on.
    Start(usize, T),
    /// This task's host asked for a rest until then.
    Held(T, Timestamp),
    /// Nothing before this moment.
    Wait(Instant),
    /// Nothing that may start is queued.
    Empty,
}

impl<T> HostQueues<T> {
    pub(crate) fn new(spacing: Duration, known: BTreeMap<String, HostState>) -> Self {
        Self {
            spacing,
            known,
            index: HashMap::new(),
            hosts: Vec::new(),
            ready: [BinaryHeap::new(), BinaryHeap::new()],
            turn: 0,
            queued: [0; 2],
        }
    }

    /// Puts `task` at the end of its line at the host with this key.
    pub(crate) fn queue(&mut self, key: &str, task: T, standing: Standing, now: Instant) {
        let host = self.host(key, now);
        self.hosts[host].lines[line(standing.share)].push_back((standing.visit, task));
        self.queued[line(standing.share)] += 1;
        self.wake(host);
    }

    /// Puts `task` first in its line there, to start no earlier than `earliest`: a redirect or a second try. A guest
    /// goes behind those whose own host it is.
    pub(crate) fn requeue(&mut self, key: &str, task: T, standing: Standing, earliest: Instant) {
        if standing.visit == Visit::Guest {
            return self.queue(key, task, standing, earliest);
        }
        let host = self.host(key, earliest);
        self.hosts[host].lines[line(standing.share)].push_front((standing.visit, task));
        self.queued[line(standing.share)] += 1;
        let start = self.hosts[host].next_start.max(earliest);
        self.hosts[host].next_start = start;
        self.wake(host);
    }

    /// The next task to start at `now`, which is `time` on the run's clock.
    pub(crate) fn next(&mut self, now: Instant, time: Timestamp, open: Open) -> Next<T> {
        loop {
            let Some((share, at)) = self.first_ready(open) else { return Next::Empty };
            if at > now {
                return Next::Wait(at);
            }
            let Some(Reverse((_, _, number))) = self.ready[line(share)].pop() else { return Next::Empty };
            let host = &mut self.hosts[number];
            host.waiting[line(share)] = false;
            if host.busy {
                continue;
            }
            if host.next_start > now {
                self.wake(number);
                continue;
            }
            let share = host.turn_of(share, open);
            let Some((visit, task)) = host.lines[line(share)].pop_front() else { continue };
            self.queued[line(share)] -= 1;
            if let Some(until) = host.hold(visit).filter(|until| *until > time) {
                self.wake(number);
                return Next::Held(task, until);
            }
            host.last_share = share;
            host.busy = true;
            host.start_before = host.last_start.replace(now);
            host.next_start = now + host.spacing + host.spacing / MARGIN;
            return Next::Start(number, task);
        }
    }

    /// The share whose turn is first, and when.
    fn first_ready(&self, open: Open) -> Option<(Share, Instant)> {
        let top = |share: Share| self.ready[line(share)].peek().map(|Reverse((at, turn, _))| (*at, *turn));
        match (top(Share::Any), top(Share::Half).filter(|_| open == Open::Both)) {
            (Some(any), Some(half)) if half < any => Some((Share::Half, half.0)),
            (Some(any), _) => Some((Share::Any, any.0)),
            (None, half) => half.map(|(at, _)| (Share::Half, at)),
        }
    }

    /// The number of tasks with this share that wait in a line.
    pub(crate) fn queued(&self, share: Share) -> usize {
        self.queued[line(share)]
    }

    /// Roughly how many hosts wait for a place with a task of this share, including those that keep their spacing.
    pub(crate) fn hosts_waiting(&self, share: Share) -> usize {
        self.ready[line(share)].len()
    }

    /// Whether a host with a task of this share could start at `now` if it had a place.
    pub(crate) fn is_ready(&self, share: Share, now: Instant) -> bool {
        self.ready[line(share)].peek().is_some_and(|Reverse((at, ..))| *at <= now)
    }

    /// Whether there is more to ask the host with this number for.
    pub(crate) fn has_more(&self, number: usize) -> bool {
        self.hosts[number].lines.iter().any(|line| !line.is_empty())
    }

    /// The task that was to start at host `number` at `now` was not sent.
    pub(crate) fn not_started(&mut self, number: usize, now: Instant) {
        let host = &mut self.hosts[number];
        host.last_start = host.start_before;
        host.next_start = host.last_start.map_or(now, |last| last + host.spacing + host.spacing / MARGIN).max(now);
        self.finished(number);
    }

    /// The host with this number wants at least this much time between two requests; returns whether the task
    /// that is to start there at `now` complies.
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

    /// Takes note of a good answer at `time`, over that protocol; returns the state to save, if it changed.
    pub(crate) fn good(
        &mut self,
        number: usize,
        visit: Visit,
        protocol: Protocol,
        time: Timestamp,
    ) -> Option<(String, HostState)> {
        let learns_http1 = protocol == Protocol::Http1 && !self.needs_http1(number, time);
        let host = &mut self.hosts[number];
        let ends_strikes = visit == Visit::Own && host.state.strikes > 0;
        if !ends_strikes && !learns_http1 {
            return None;
        }
        if learns_http1 {
            host.state.http1_until = time.checked_add(HTTP1_FOR).ok();
        }
        if ends_strikes {
            (host.state.strikes, host.state.hold_until) = (0, None);
        }
        Some((host.key.clone(), host.state.clone()))
    }

    /// Whether the host with this number recently failed at HTTP/2.
    pub(crate) fn needs_http1(&self, number: usize, time: Timestamp) -> bool {
        self.hosts[number].state.http1_until.is_some_and(|until| time < until)
    }

    /// Takes note of a bad answer at `time`; returns the state to save, if it changed.
    ///
    /// What a host answers to guests does not affect its own sources: somebody else may have caused it.
    pub(crate) fn bad(
        &mut self,
        number: usize,
        visit: Visit,
        error: &FetchError,
        time: Timestamp,
    ) -> Option<(String, HostState)> {
        let host = &mut self.hosts[number];
        let rest = match (error, visit) {
            (FetchError::TooManyRequests { retry_after }, Visit::Own) => {
                host.state.strikes = host.state.strikes.saturating_add(1);
                let doubled = FIRST_REST.saturating_mul(1 << (host.state.strikes - 1).min(4));
                retry_after.unwrap_or(doubled.min(LONGEST_REST))
            }
            (FetchError::TooManyRequests { retry_after }, Visit::Guest) => retry_after.unwrap_or(FIRST_REST),
            (FetchError::Status { status: 503, retry_after }, Visit::Own) => {
                host.overloads += 1;
                if host.overloads < 2 {
                    return None;
                }
                retry_after.unwrap_or(OVERLOAD_REST)
            }
            _ => return None,
        };
        let until = time.checked_add(rest).unwrap_or(Timestamp::MAX);
        let hold = match visit {
            Visit::Own => &mut host.state.hold_until,
            Visit::Guest => &mut host.state.guests_until,
        };
        *hold = (*hold).max(Some(until));
        Some((host.key.clone(), host.state.clone()))
    }

    /// Until when the host with this number asked such visits for a rest.
    pub(crate) fn hold(&self, number: usize, visit: Visit) -> Option<Timestamp> {
        self.hosts[number].hold(visit)
    }

    /// Everything still queued: hosts in any order, the tasks of each in order.
    pub(crate) fn drain(&mut self) -> Vec<T> {
        self.ready.iter_mut().for_each(BinaryHeap::clear);
        self.queued = [0; 2];
        let lines = self.hosts.iter_mut().flat_map(|host| {
            host.waiting = [false; 2];
            host.lines.iter_mut()
        });
        lines.flat_map(|line| line.drain(..)).map(|(_, task)| task).collect()
    }

    fn host(&mut self, key: &str, now: Instant) -> usize {
        if let Some(number) = self.index.get(key) {
            return *number;
        }
        let number = self.hosts.len();
        self.index.insert(key.to_owned(), number);
        self.hosts.push(Host {
            key: key.to_owned(),
            lines: [VecDeque::new(), VecDeque::new()],
            last_share: Share::Half,
            busy: false,
            waiting: [false; 2],
            next_start: now,
            last_start: None,
            start_before: None,
            spacing: self.spacing,
            state: self.known.get(key).cloned().unwrap_or_default(),
            overloads: 0,
        });
        number
    }

    /// Makes a host that has something in a line wait for its next start.
    fn wake(&mut self, number: usize) {
        let host = &mut self.hosts[number];
        for share in [Share::Any, Share::Half] {
            let line = line(share);
            if !host.busy && !host.waiting[line] && !host.lines[line].is_empty() {
                host.waiting[line] = true;
                self.turn += 1;
                self.ready[line].push(Reverse((host.next_start, self.turn, number)));
            }
        }
    }
}

impl<T> Host<T> {
    fn hold(&self, visit: Visit) -> Option<Timestamp> {
        match visit {
            Visit::Own => self.state.hold_until,
            Visit::Guest => self.state.hold_until.max(self.state.guests_until),
        }
    }

    /// The share whose turn it is, if one with `share` may start.
    fn turn_of(&self, share: Share, open: Open) -> Share {
        if open == Open::OnlyAny || self.lines.iter().any(VecDeque::is_empty) {
            return share;
        }
        match self.last_share {
            Share::Any => Share::Half,
            Share::Half => Share::Any,
        }
    }
}

fn line(share: Share) -> usize {
    match share {
        Share::Any => 0,
        Share::Half => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: Timestamp = Timestamp::UNIX_EPOCH;
    const OWN: Standing = Standing { share: Share::Any, visit: Visit::Own };
    const FAILED: Standing = Standing { share: Share::Half, visit: Visit::Own };
    const GUEST: Standing = Standing { share: Share::Any, visit: Visit::Guest };

    fn hosts(tasks: &[(&str, u32)], now: Instant) -> HostQueues<u32> {
        let mut hosts = HostQueues::new(Duration::from_secs(1), BTreeMap::new());
        for (key, task) in tasks {
            hosts.queue(key, *task, OWN, now);
        }
        hosts
    }

    fn start(hosts: &mut HostQueues<u32>, now: Instant) -> (usize, u32) {
        match hosts.next(now, TIME, Open::Both) {
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
        assert_eq!(hosts.next(now, TIME, Open::Both), Next::Empty, "both hosts are busy");
        hosts.finished(a);
        let soon = now + Duration::from_millis(1050);
        assert_eq!(hosts.next(now, TIME, Open::Both), Next::Wait(soon));
        assert_eq!(start(&mut hosts, soon).1, 2);
        hosts.finished(a);
        assert_eq!(hosts.next(soon, TIME, Open::Both), Next::Empty);
    }

    #[test]
    fn a_redirect_goes_first_and_a_second_try_waits() {
        let now = Instant::now();
        let mut hosts = hosts(&[("a", 1), ("b", 2)], now);
        hosts.requeue("b", 9, OWN, now);
        hosts.requeue("a", 8, OWN, now + Duration::from_secs(3));
        assert_eq!(start(&mut hosts, now).1, 9);
        assert_eq!(hosts.next(now, TIME, Open::Both), Next::Wait(now + Duration::from_secs(3)));
        assert_eq!(start(&mut hosts, now + Duration::from_secs(3)).1, 8);
    }

    #[test]
    fn a_host_at_rest_gives_its_queue_back() {
        let now = Instant::now();
        let mut hosts = hosts(&[("a", 1), ("a", 2)], now);
        let (a, _) = start(&mut hosts, now);
        let error = FetchError::TooManyRequests { retry_after: None };
        let four_hours = Timestamp::from_second(4 * 3600).unwrap();
        let want = HostState { hold_until: Some(four_hours), strikes: 1, ..HostState::default() };
        assert_eq!(hosts.bad(a, Visit::Own, &error, TIME), Some(("a".to_owned(), want)));
        hosts.finished(a);
        assert_eq!(hosts.next(now + Duration::from_secs(2), TIME, Open::Both), Next::Held(2, four_hours));
        assert_eq!(hosts.good(a, Visit::Own, Protocol::Any, TIME), Some(("a".to_owned(), HostState::default())));
        assert_eq!(hosts.good(a, Visit::Own, Protocol::Any, TIME), None, "nothing changed");
    }

    #[test]
    fn a_hold_of_an_earlier_run_stands() {
        let now = Instant::now();
        let until = Timestamp::from_second(60).unwrap();
        let known = HostState { hold_until: Some(until), strikes: 1, ..HostState::default() };
        let mut hosts = HostQueues::new(Duration::ZERO, BTreeMap::from([("a".to_owned(), known)]));
        hosts.queue("a", 1, OWN, now);
        hosts.queue("b", 2, OWN, now);
        assert_eq!(hosts.next(now, TIME, Open::Both), Next::Held(1, until));
        assert_eq!(start(&mut hosts, now).1, 2);
    }

    #[test]
    fn a_host_that_fails_at_http2_is_asked_over_http1_for_a_week() {
        let now = Instant::now();
        let mut hosts = hosts(&[("a", 1)], now);
        assert!(!hosts.needs_http1(0, TIME));
        let (_, state) = hosts.good(0, Visit::Own, Protocol::Http1, TIME).unwrap();
        let days = |days: i64| Timestamp::from_second(days * 24 * 3600).unwrap();
        assert_eq!(state.http1_until, Some(days(7)));
        assert_eq!(hosts.good(0, Visit::Own, Protocol::Http1, days(1)), None, "it is known");
        let error = FetchError::TooManyRequests { retry_after: None };
        hosts.bad(0, Visit::Own, &error, days(1));
        assert_eq!(
            hosts.good(0, Visit::Own, Protocol::Http1, days(2)).unwrap().1,
            state,
            "a 429 in between changes nothing"
        );
        assert!(hosts.needs_http1(0, days(6)) && !hosts.needs_http1(0, days(7)), "then HTTP/2 is tried again");
    }

    #[test]
    fn rests_double_up_to_a_day() {
        let now = Instant::now();
        let mut hosts = hosts(&[("a", 1)], now);
        let error = FetchError::TooManyRequests { retry_after: None };
        for hours in [4, 8, 16, 24, 24, 24, 24] {
            let (_, state) = hosts.bad(0, Visit::Own, &error, TIME).unwrap();
            assert_eq!(state.hold_until.unwrap().as_second(), hours * 3600);
        }
    }

    #[test]
    fn shares_take_turns_at_a_host_and_half_waits_while_its_places_are_taken() {
        let now = Instant::now();
        let mut hosts = HostQueues::new(Duration::ZERO, BTreeMap::new());
        for (task, standing) in [(1, FAILED), (2, FAILED), (3, OWN), (4, FAILED), (5, OWN)] {
            hosts.queue("a", task, standing, now);
        }
        hosts.queue("b", 6, FAILED, now);
        assert_eq!((hosts.queued(Share::Any), hosts.queued(Share::Half)), (2, 4));
        let mut order = Vec::new();
        for open in [Open::Both, Open::OnlyAny, Open::OnlyAny] {
            if let Next::Start(host, task) = hosts.next(now, TIME, open) {
                order.push(task);
                hosts.finished(host);
            }
        }
        assert_eq!(order, [3, 5], "and nothing more while the half is full");
        while let Next::Start(host, task) = hosts.next(now, TIME, Open::Both) {
            order.push(task);
            hosts.finished(host);
        }
        order.sort_unstable();
        assert_eq!(order, [1, 2, 3, 4, 5, 6]);

        let mut hosts = HostQueues::new(Duration::ZERO, BTreeMap::new());
        for task in 0..20 {
            hosts.queue("a", task, FAILED, now);
        }
        for task in 100..110 {
            hosts.queue("a", task, OWN, now);
        }
        let mut failed = 0;
        for started in 1..=30 {
            let (host, task) = start(&mut hosts, now);
            hosts.finished(host);
            failed += usize::from(task < 100);
            assert!(failed * 2 <= started || started > 20, "{failed} of {started}");
        }
    }

    #[test]
    fn guests_come_last_and_what_they_hear_counts_for_guests() {
        let now = Instant::now();
        let mut hosts = HostQueues::new(Duration::ZERO, BTreeMap::new());
        hosts.queue("a", 1, OWN, now);
        hosts.requeue("a", 9, GUEST, now);
        hosts.queue("a", 2, GUEST, now);
        let (a, first) = start(&mut hosts, now);
        assert_eq!(first, 1);
        let week = Some(SignedDuration::from_hours(168));
        let busy = || FetchError::TooManyRequests { retry_after: week };
        let (_, state) = hosts.bad(a, Visit::Guest, &busy(), TIME).unwrap();
        assert_eq!((state.hold_until, state.strikes), (None, 0));
        let until = state.guests_until.unwrap();
        hosts.finished(a);
        hosts.queue("a", 3, OWN, now);
        assert_eq!(hosts.next(now, TIME, Open::Both), Next::Held(9, until));
        assert_eq!(hosts.next(now, TIME, Open::Both), Next::Held(2, until));
        assert_eq!(start(&mut hosts, now).1, 3, "its own source is asked");
        let overload = FetchError::Status { status: 503, retry_after: None };
        assert!((0..9).all(|_| hosts.bad(a, Visit::Guest, &overload, TIME).is_none()));
        hosts.bad(a, Visit::Own, &busy(), TIME);
        assert!(hosts.hold(a, Visit::Own).is_some() && hosts.hold(a, Visit::Guest).is_some());
    }
}
