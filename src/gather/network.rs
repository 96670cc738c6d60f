//! What a run finds out about this machine's own network.

use jiff::Timestamp;

/// Whether this machine reaches anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// As far as is known.
    #[default]
    Usual,
    /// It reaches (nearly) nothing, for the first time.
    Lost,
    /// The same as in earlier runs, since then.
    StillLost {
        /// The first such run.
        since: Timestamp,
    },
    /// It reaches something again.
    Back {
        /// The first run that reached nothing.
        since: Timestamp,
    },
}
