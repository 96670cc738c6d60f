use std::fmt;

use jiff::{SignedDuration, Timestamp};

/// How a story ranks in an output of top stories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rank {
    /// Its independent outlets.
    pub(crate) outlets: usize,
    /// The sum of the weights of their sources.
    pub(crate) weight: u32,
    /// The date that it carries.
    pub(crate) date: Timestamp,
    /// After this long it counts half as much.
    pub(crate) half_life: SignedDuration,
}

impl Rank {
    /// The weight that is left of it at `now`.
    #[must_use]
    pub(crate) fn weight_at(&self, now: Timestamp) -> f64 {
        f64::from(self.weight) * (-now.duration_since(self.date).as_secs_f64() / self.half_life.as_secs_f64()).exp2()
    }

    /// Its logarithm, but for what is the same for all stories: independent of the time.
    #[must_use]
    pub(crate) fn height(&self) -> f64 {
        let since = self.date.duration_since(Timestamp::UNIX_EPOCH);
        f64::from(self.weight).log2() + since.as_secs_f64() / self.half_life.as_secs_f64()
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { outlets, weight, date, half_life } = self;
        let s = if *outlets == 1 { "" } else { "s" };
        let hours = half_life.as_secs_f64() / 3600.0;
        write!(f, "{outlets} outlet{s} of weight {weight}, halved every {hours} h since {date}")
    }
}
