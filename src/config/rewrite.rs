//! `rewrite` of an output: a program that makes a text of its own from each story.

use std::time::Duration;

use super::program::Program;

/// A program that rewrites the stories of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RewriteConfig {
    /// What is called.
    pub(crate) program: Program,
    /// How long one call may take.
    pub(crate) timeout: Duration,
    /// At most so many stories in a run.
    pub(crate) budget: usize,
    /// The longest answer in bytes.
    pub(crate) max_answer: usize,
    /// Further variables of our environment that it gets.
    pub(crate) env: Vec<String>,
    /// Whether a story that was not answered yet is left out until it is.
    pub(crate) wait: bool,
}

impl RewriteConfig {
    /// By which its answers are known: the words in feeds.toml. An edited script is the same program.
    pub(crate) fn name(&self) -> String {
        self.program.to_string()
    }
}
