//! Whether a connection is at work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What happens on one connection: who drives it sees whether it is idle.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Requests so far.
    asked: AtomicU64,
    /// Requests whose answers are all handed over.
    answered: AtomicU64,
    /// The client does not take what is sent.
    is_blocked: AtomicBool,
}

/// A request that is being answered; dropped with its answer.
#[derive(Debug)]
pub(super) struct Asking(Arc<Activity>);

impl Activity {
    pub(super) fn ask(self: &Arc<Self>) -> Asking {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Asking(Arc::clone(self))
    }

    /// Requests so far.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Nothing is being answered, and nothing waits to be sent.
    pub(super) fn is_idle(&self) -> bool {
        self.asked() == self.answered.load(Ordering::Relaxed) && !self.is_blocked.load(Ordering::Relaxed)
    }

    pub(super) fn block(&self) {
        self.is_blocked.store(true, Ordering::Relaxed);
    }

    pub(super) fn unblock(&self) {
        self.is_blocked.store(false, Ordering::Relaxed);
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.answered.fetch_add(1, Ordering::Relaxed);
    }
}
