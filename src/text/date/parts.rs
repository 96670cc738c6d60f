//! What a date is made of, and the point in time that the parts name.

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};

use super::clock::Clock;
use super::zone::Zone;

/// A date as read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadDate {
    /// The point in time; midnight if there is no time, UTC if there is no known zone.
    pub(crate) at: Timestamp,
    /// How much of it was written.
    pub(crate) precision: DatePrecision,
}

/// How exactly a date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatePrecision {
    /// Time and zone are known, or no zone is named, which means UTC.
    Instant,
    /// No time is written.
    Day,
    /// A time is written in a zone with an unknown name: only the day is sure.
    UnknownZone,
}

/// What a date is made of.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) date: Date,
    pub(super) clock: Option<Clock>,
    pub(super) zone: Option<Zone>,
}

impl Parts {
    /// The point in time.
    pub(super) fn assemble(self) -> Option<ReadDate> {
        let clock = self.clock.unwrap_or_default();
        let time = Time::new(clock.hour, clock.minute, clock.second, clock.nanosecond).ok()?;
        let precision = match (self.clock, &self.zone) {
            (None, _) => DatePrecision::Day,
            (Some(_), Some(Zone::Unknown)) => DatePrecision::UnknownZone,
            (Some(_), _) => DatePrecision::Instant,
        };
        let at = self.zone.unwrap_or(Zone::Offset(0)).instant(self.date.to_datetime(time))?;
        let at = if clock.next_day { at.checked_add(SignedDuration::from_hours(24)).ok()? } else { at };
        Some(ReadDate { at, precision })
    }
}
