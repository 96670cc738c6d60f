use jiff::Timestamp;

/// How a source is doing, as far as its readers care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Health {
    /// It has not been read yet.
    #[default]
    New,
    /// Its last responses were good.
    Good {
        /// Its newest entry, if known.
        newest: Option<Timestamp>,
    },
    /// It has failed [`Health::MISSES`] times in a row, or more often.
    Failing {
        /// The first of them.
        since: Option<Timestamp>,
    },
    /// It reports that it is gone, and is no longer fetched.
    Gone {
        /// The first such response.
        since: Option<Timestamp>,
    },
    /// feeds.toml disables it; what it published remains.
    Paused,
}

impl Health {
    /// Failures in a row after which a source counts as failing.
    pub(crate) const MISSES: u32 = 3;

    /// Whether a reader would see a difference: a change of the newest entry alone does not count.
    #[must_use]
    pub(crate) fn differs_from(self, other: Self) -> bool {
        match (self, other) {
            (Self::Good { .. }, Self::Good { .. }) => false,
            _ => self != other,
        }
    }
}
