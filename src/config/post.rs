//! `[[post]]`: a program that is called for each story once.

use std::time::Duration;

use super::output::OutputConfig;
use super::program::Program;

/// A program that posts stories elsewhere.
#[derive(Debug, Clone)]
pub struct PostConfig {
    /// What its ledger knows it by, unique among posts.
    pub name: String,
    /// What is called.
    pub(crate) program: Program,
    /// Which stories, and how they are shown; no file is written.
    pub(crate) output: OutputConfig,
    /// What it is called for.
    pub(crate) events: Vec<PostEvent>,
    /// At most so many calls in a run.
    pub(crate) burst: usize,
    /// At most so many calls in an hour.
    pub(crate) per_hour: usize,
    /// How long one call may take.
    pub(crate) timeout: Duration,
    /// Further variables of our environment that it gets.
    pub(crate) env: Vec<String>,
}

/// What a program is called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PostEvent {
    /// A story is new.
    New,
    /// The item of a story that was posted is another one.
    Updated,
    /// A story that was posted was taken down.
    TakenDown,
}

impl PostEvent {
    /// All of them, with their names in feeds.toml, for the program and in the ledger; these never change.
    pub(crate) const NAMES: [(&str, Self); 3] =
        [("new", Self::New), ("updated", Self::Updated), ("taken_down", Self::TakenDown)];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, event)| *event == self).map_or("new", |(name, _)| name)
    }

    /// The event of this name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, event)| *event)
    }
}
