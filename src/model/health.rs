use jiff::Timestamp;

/// How a source does, as far as people who read its stories care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Health {
    /// It has not been read yet.
    #[default]
    New,
    /// Its last answers were good.
    Good {
        /// Its newest entry, where that is known.
        newest: Option<Timestamp>,
    },
    /// It has failed [`Health::MISSES`] times in a row, or more often.
    Failing {
        /// The first of them.
        since: Option<Timestamp>,
    },
    /// It answers that it is gone, and is not asked any more.
    Gone {
        /// The first such answer.
        since: Option<Timestamp>,
    },
    /// feeds.toml disables it; what it published stays.
    Paused,
}

impl Health {
    /// Failures in a row after which a source counts as failing.
    pub(crate) const MISSES: u32 = 3;

    /// Whether a reader would see a difference: the newest entry alone makes none.
    #[must_use]
    pub(crate) fn differs_from(self, other: Self) -> bool {
        match (self, other) {
            (Self::Good { .. }, Self::Good { .. }) => false,
            _ => self != other,
        }
    }
}
