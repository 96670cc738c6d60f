//! What the outcome of gathering amounts to.

use crate::gather::{GatherReport, Network, SourceOutcome, SourceReport};

/// Whether sources were asked and none yielded anything, unless an earlier run already reported the outage, or others do
/// well and were not due: one source that is gone is no failure of a run.
pub(in crate::cli) fn all_failed(gather: &GatherReport) -> bool {
    match gather.network {
        Network::StillLost { .. } => false,
        Network::Lost => !any_good(gather),
        _ => any_failed(gather) && !any_good(gather) && !gather.sources.iter().any(rests),
    }
}

/// Whether a source was not due and does well.
fn rests(source: &SourceReport) -> bool {
    matches!(source.outcome, SourceOutcome::NotDue { .. }) && source.failures == 0 && source.was_good.is_some()
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
