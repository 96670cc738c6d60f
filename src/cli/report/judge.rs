//! What the outcome of gathering amounts to.

use crate::gather::{GatherReport, Network, SourceOutcome};

/// Whether sources were asked and none gave anything, which was not told in an earlier run as an outage.
pub(in crate::cli) fn all_failed(gather: &GatherReport) -> bool {
    let was_told = matches!(gather.network, Network::StillLost { .. });
    let was_asked = any_failed(gather) || gather.network == Network::Lost;
    was_asked && !was_told && !any_good(gather)
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
