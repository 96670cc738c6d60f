//! `filter_timeout` and the other limits of a program that filters an output.

use std::time::Duration;

use jiff::SignedDuration;

use super::table::Table;

/// How far a program that filters may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilterLimits {
    /// How long it may take for one item. Default 5 s.
    pub(crate) timeout: Duration,
    /// The longest answer in bytes. Default 1 MiB.
    pub(crate) max_answer: usize,
    /// Failures in one pass after which it counts as broken. Default 5.
    pub(crate) failures: usize,
    /// How long it may take in one pass; what is left waits for the next. Default 60 s.
    pub(crate) total: Duration,
}

impl Default for FilterLimits {
    fn default() -> Self {
        let (timeout, total) = (Duration::from_secs(5), Duration::from_secs(60));
        Self { timeout, max_answer: 1024 * 1024, failures: 5, total }
    }
}

const TIMEOUTS: std::ops::RangeInclusive<SignedDuration> = SignedDuration::from_secs(1)..=SignedDuration::from_mins(5);
const TOTALS: std::ops::RangeInclusive<SignedDuration> = SignedDuration::from_secs(1)..=SignedDuration::from_mins(60);
const ANSWERS: std::ops::RangeInclusive<u64> = 1024..=64 * 1024 * 1024;
const MOST_FAILURES: i64 = 1_000;
const KEYS: [&str; 4] = ["filter_timeout", "filter_max_answer", "filter_failures", "filter_total"];

/// Reads the limits of the filter of `table`.
pub(super) fn read_filter_limits(table: &Table<'_>) -> FilterLimits {
    let usual = FilterLimits::default();
    let duration = |key, range| table.duration(key, range).and_then(|limit| Duration::try_from(limit).ok());
    let max_answer = table.size("filter_max_answer", ANSWERS).and_then(|bytes| usize::try_from(bytes).ok());
    let failures = table.whole("filter_failures", 1..=MOST_FAILURES).and_then(|number| usize::try_from(number).ok());
    let limits = FilterLimits {
        timeout: duration("filter_timeout", TIMEOUTS).unwrap_or(usual.timeout),
        max_answer: max_answer.unwrap_or(usual.max_answer),
        failures: failures.unwrap_or(usual.failures),
        total: duration("filter_total", TOTALS).unwrap_or(usual.total),
    };
    for key in KEYS.into_iter().filter(|_| table.raw().get("filter").is_none()) {
        if let Some((name, _)) = table.raw().get_key_value(key) {
            table.wrong(name.span(), format!("`{key}` is of a program that filters"), "add filter = [\"./my-filter\"]");
        }
    }
    limits
}
