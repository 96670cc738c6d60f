//! What is counted while serving, for `/metrics`.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use hyper::StatusCode;

/// Status codes that are counted by themselves; all others together.
pub(super) const CODES: [u16; 22] =
    [200, 202, 204, 301, 304, 400, 401, 403, 404, 405, 408, 410, 412, 413, 414, 415, 417, 429, 431, 500, 501, 503];

/// What is counted since the service began.
#[derive(Debug, Default)]
pub(super) struct Counters {
    answers: [AtomicU64; CODES.len()],
    other_answers: AtomicU64,
    body_bytes: AtomicU64,
    saved_bytes: AtomicU64,
    connections: AtomicU64,
    open: AtomicI64,
    bad_requests: AtomicU64,
    accept_errors: AtomicU64,
    unlogged: AtomicU64,
}

impl Counters {
    pub(super) fn answered(&self, status: StatusCode, body_bytes: usize) {
        let place = CODES.iter().position(|code| *code == status.as_u16());
        add(place.map_or(&self.other_answers, |place| &self.answers[place]), 1);
        add(&self.body_bytes, body_bytes);
    }

    /// A 304 stood in for this many bytes.
    pub(super) fn saved(&self, bytes: usize) {
        add(&self.saved_bytes, bytes);
    }

    pub(super) fn opened(&self) {
        add(&self.connections, 1);
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// A connection sent what is not a request, which hyper answered with `status`.
    pub(super) fn sent_nonsense(&self, status: StatusCode) {
        add(&self.bad_requests, 1);
        self.answered(status, 0);
    }

    pub(super) fn could_not_accept(&self) {
        add(&self.accept_errors, 1);
    }

    /// A line of the access log found no room.
    pub(super) fn could_not_log(&self) {
        add(&self.unlogged, 1);
    }

    /// Answers by code; 0: any other code.
    pub(super) fn by_code(&self) -> impl Iterator<Item = (u16, u64)> {
        let known = CODES.iter().zip(&self.answers).map(|(code, count)| (*code, count.load(Ordering::Relaxed)));
        known.chain([(0, self.other_answers.load(Ordering::Relaxed))])
    }

    pub(super) fn read(&self) -> Counted {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counted {
            body_bytes: of(&self.body_bytes),
            saved_bytes: of(&self.saved_bytes),
            connections: of(&self.connections),
            open: self.open.load(Ordering::Relaxed),
            bad_requests: of(&self.bad_requests),
            accept_errors: of(&self.accept_errors),
            unlogged: of(&self.unlogged),
        }
    }
}

/// [`Counters`], but for the answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub(super) body_bytes: u64,
    pub(super) saved_bytes: u64,
    pub(super) connections: u64,
    pub(super) open: i64,
    pub(super) bad_requests: u64,
    pub(super) accept_errors: u64,
    pub(super) unlogged: u64,
}

fn add(counter: &AtomicU64, more: usize) {
    counter.fetch_add(more as u64, Ordering::Relaxed);
}
