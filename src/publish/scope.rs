//! Which sources an output is for.

use crate::config::OutputConfig;
use crate::model::{Source, SourceId};

/// Whether `output` is for stories of `source`.
pub(super) fn qualifies(output: &OutputConfig, source: &Source) -> bool {
    selects(output, &source.id, &source.tags)
}

/// Whether `output` selects a source with this id and these tags.
pub(super) fn selects(output: &OutputConfig, id: &SourceId, tags: &[String]) -> bool {
    (output.tags.is_empty() || output.tags.iter().any(|tag| tags.contains(tag)))
        && (output.sources.is_empty() || output.sources.contains(id))
}
