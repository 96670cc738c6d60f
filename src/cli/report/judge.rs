//! What the outcome of gathering amounts to.

use crate::gather::{GatherReport, Network, SourceOutcome, SourceReport};

/// Whether sources were asked and none yielded anything, unless an earlier run already reported the outage.
pub(in crate::cli) fn all_failed(gather: &GatherReport) -> bool {
    let was_told = matches!(gather.network, Network::StillLost { .. });
    let was_asked = any_failed(gather) || gather.network == Network::Lost;
    was_asked && !was_told && !any_good(gather)
}

/// Whether sources were asked and not one connection was made.
pub(in crate::cli) fn none_reached(gather: &GatherReport) -> bool {
    let reached = |source: &SourceReport| matches!(&source.outcome, SourceOutcome::Failed(failure) if !failure.error.is_without_connection());
    all_failed(gather) && !gather.sources.iter().any(reached)
}

pub(in crate::cli) fn any_failed(gather: &GatherReport) -> bool {
    gather.sources.iter().any(|source| matches!(source.outcome, SourceOutcome::Failed(_) | SourceOutcome::OutOfTime))
}

/// Whether any source gave a good answer.
pub(in crate::cli) fn any_good(gather: &GatherReport) -> bool {
    gather.sources.iter().any(|source| {
        matches!(source.outcome, SourceOutcome::Fetched(_) | SourceOutcome::NotModified | SourceOutcome::SameBody)
    })
}
