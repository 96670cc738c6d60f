//! Which sources an output is for.

use crate::config::OutputConfig;
use crate::model::Source;

/// Whether `output` is for stories of `source`.
pub(super) fn qualifies(output: &OutputConfig, source: &Source) -> bool {
    (output.tags.is_empty() || output.tags.iter().any(|tag| source.tags.contains(tag)))
        && (output.sources.is_empty() || output.sources.contains(&source.id))
}
