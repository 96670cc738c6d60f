//! Every problem of a feeds.toml, collected while it is read.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use super::problem::Problem;

/// All problems found so far, and what is counted over the whole file.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: RefCell<Vec<Problem>>,
    /// Regular expressions read so far.
    patterns: Cell<usize>,
}

impl Problems {
    /// Notes that something is wrong at a place.
    pub(super) fn add(&self, at: Range<usize>, what: impl Into<String>, instead: impl Into<String>) {
        self.push(Problem { at, what: what.into(), instead: instead.into(), other: None });
    }

    pub(super) fn push(&self, problem: Problem) {
        self.found.borrow_mut().push(problem);
    }

    pub(super) fn into_vec(self) -> Vec<Problem> {
        self.found.into_inner()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Counts one more regular expression; returns how many there were before it.
    pub(super) fn next_pattern(&self) -> usize {
        self.patterns.replace(self.patterns.get() + 1)
    }
}
