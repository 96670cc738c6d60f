//! What the service leaves to the command line: to read feeds.toml, to make a pass, and to talk.

use std::io::Write;

use jiff::Timestamp;

use super::stop::Stop;
use crate::config::{Config, ConfigError};
use crate::pass::Published;

/// Who started the service.
pub(crate) trait Operator: Send + Sync + 'static {
    /// feeds.toml as it is now.
    ///
    /// # Errors
    /// What is wrong with it.
    fn load(&self) -> Result<Config, ConfigError>;

    /// One pass under `config`, on a thread of its own: the database is locked until it returns. It ends early, at a place
    /// that the next one goes on from, once `stop` is wished. Each set of outputs is shown to `published` while nobody
    /// writes.
    fn pass(&self, config: Config, kind: PassKind, stop: Stop, published: &dyn Published) -> PassEnd;

    /// Where the lines of an access log go that is to stand beside the messages.
    fn log(&self) -> Box<dyn Write + Send>;

    /// Gives memory that is free back to the system.
    fn give_back(&self);

    /// Something that happened.
    fn note(&self, line: &str);

    /// Something that somebody should look at.
    fn problem(&self, line: &str);
}

/// How much a pass does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PassKind {
    /// All of it: what is due is fetched, woven, published.
    Whole,
    /// What the database holds is published.
    Publish,
}

/// How a pass ended.
#[derive(Debug)]
pub(crate) enum PassEnd {
    /// It came to its end.
    Done(Box<PassDone>),
    /// Another run has the database.
    Locked,
    /// It was to end.
    Stopped,
    /// It failed as a whole, with these words. What was stored stays.
    Failed(String),
}

/// What a pass did.
#[derive(Debug)]
pub(crate) struct PassDone {
    /// Every output is as it should be.
    pub(crate) is_published: bool,
    /// When the next source is due; `None`: none is.
    pub(crate) next_due: Option<Timestamp>,
    /// Sources by how they fare, by the names of the states.
    pub(crate) sources: Vec<(&'static str, usize)>,
    /// Entries that were new.
    pub(crate) new_entries: usize,
    /// This machine reaches nobody.
    pub(crate) is_offline: bool,
}
