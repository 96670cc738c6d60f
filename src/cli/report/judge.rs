//! What the outcome of gathering amounts to.

use crate::gather::{GatherReport, SourceOutcome};

/// Whether sources failed and none gave anything.
pub(in crate::cli) fn all_failed(gather: &GatherReport) -> bool {
    any_failed(gather)
        && gather.count(|outcome| {
            matches!(
                outcome,
                SourceOutcome::Fetched(_)
                    | SourceOutcome::NotModified
                    | SourceOutcome::SameBody
                    | SourceOutcome::NotDue { .. }
            )
        }) == 0
}

pub(in crate::cli) fn any_failed(gather: &GatherReport) -> bool {
    gather.sources.iter().any(|source| matches!(source.outcome, SourceOutcome::Failed(_) | SourceOutcome::OutOfTime))
}

/// Whether some source gave a good answer.
pub(in crate::cli) fn any_good(gather: &GatherReport) -> bool {
    gather.sources.iter().any(|source| {
        matches!(source.outcome, SourceOutcome::Fetched(_) | SourceOutcome::NotModified | SourceOutcome::SameBody)
    })
}
