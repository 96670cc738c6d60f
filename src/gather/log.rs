//! What the log says of each source.

use super::report::{Counts, SourceOutcome, SourceReport};
use crate::text::for_terminal;

/// One log line per source and run.
pub(super) fn log(report: &SourceReport) {
    let (source, bytes) = (report.id.as_str(), report.bytes);
    let took_ms = u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX);
    let (next, rule, why) = (report.due.next(), report.due.rule.code(), report.due.rule.sentence());
    match &report.outcome {
        SourceOutcome::Fetched(Counts { new, updated, .. }) => {
            tracing::info!(source, bytes, took_ms, new, updated, next, rule, why, "fetched");
        }
        SourceOutcome::SameBody => tracing::info!(source, bytes, took_ms, next, rule, why, "same body"),
        SourceOutcome::NotModified => tracing::info!(source, took_ms, next, rule, why, "not modified"),
        SourceOutcome::NotDue { .. } => tracing::info!(source, next, rule, why, "not due"),
        SourceOutcome::OutOfTime => tracing::warn!(source, "the run's time was up"),
        SourceOutcome::Unreached(failure) => {
            let error = for_terminal(&failure.error.sentence()).to_string();
            tracing::info!(source, error, next, rule, why, "not reached, no fault of the source");
        }
        SourceOutcome::Failed(failure) => {
            let (stage, error) = (failure.error.stage(), for_terminal(&failure.error.sentence()).to_string());
            tracing::warn!(source, stage, error, took_ms, next, rule, why, "failed");
        }
    }
}
