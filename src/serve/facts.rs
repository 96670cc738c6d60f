//! How the service fares: what the loop notes, and its pages show.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::operator::PassDone;

/// Without a publish for this long, something is wrong: the loop makes a pass four times as often at least.
const READY_FOR: SignedDuration = SignedDuration::from_hours(1);

/// What the loop noted last.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// A pass is running since then.
    pub(super) pass_since: Option<Timestamp>,
    /// When the next one is to begin.
    pub(super) next_pass: Option<Timestamp>,
    /// When the last one ended, and how long it took.
    pub(super) last_pass: Option<(Timestamp, SignedDuration)>,
    /// When all outputs were last as they should be.
    pub(super) last_published: Option<Timestamp>,
    /// Passes that came to their end, and that failed.
    pub(super) passes_done: u64,
    pub(super) passes_failed: u64,
    /// What failed last; `None`: nothing since.
    pub(super) problem: Option<String>,
    /// feeds.toml as it is now cannot be used.
    pub(super) is_config_wrong: bool,
    pub(super) new_entries: usize,
    /// This machine reached nobody in the last pass.
    pub(super) is_offline: bool,
    /// Sources by how they fare.
    pub(super) sources: Vec<(&'static str, usize)>,
    /// Files that are served, and their bytes in all encodings.
    pub(super) files: (usize, usize),
}

/// The facts, for the loop to change and for everybody to read.
#[derive(Debug, Default)]
pub(super) struct FactBook(Mutex<Facts>);

impl FactBook {
    pub(super) fn read(&self) -> Facts {
        self.lock().clone()
    }

    pub(super) fn note<R>(&self, change: impl FnOnce(&mut Facts) -> R) -> R {
        change(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Facts {
    pub(super) fn take_pass(&mut self, done: &PassDone, now: Timestamp) {
        self.end_pass(now);
        self.passes_done += 1;
        self.new_entries += done.new_entries;
        self.is_offline = done.is_offline;
        self.sources.clone_from(&done.sources);
        if done.is_published {
            (self.last_published, self.problem) = (Some(now), None);
        }
    }

    pub(super) fn fail_pass(&mut self, why: &str, now: Timestamp) {
        self.end_pass(now);
        self.passes_failed += 1;
        self.problem = Some(why.to_owned());
    }

    /// Nothing runs any more, whatever became of it.
    pub(super) fn end_pass(&mut self, now: Timestamp) {
        if let Some(since) = self.pass_since.take() {
            self.last_pass = Some((now, now.duration_since(since)));
        }
    }

    /// Why the service is not to be sent readers; `None`: it is.
    pub(super) fn unready(&self, now: Timestamp) -> Option<String> {
        if self.files.0 == 0 {
            return Some("nothing is published yet".to_owned());
        }
        match self.last_published {
            Some(at) if now.duration_since(at) <= READY_FOR => None,
            // What an earlier process published is served while the first pass runs.
            None if self.passes_done + self.passes_failed == 0 => None,
            _ => Some(format!("the last publish is more than {} minutes ago", READY_FOR.as_mins())),
        }
    }
}
