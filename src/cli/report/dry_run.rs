//! What a run would fetch and write.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::outputs::contents;
use crate::cli::console;
use crate::config::Config;
use crate::model::SourceId;
use crate::publish::{OutputReport, Written};
use crate::store::{DueRule, SourceState};

/// Which sources a run asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Which {
    Due,
    All,
}

/// What would become of an output.
pub(in crate::cli) fn would_write(output: &OutputReport, config: &Config) -> String {
    let file = config.output_dir.join(&output.file);
    let file = file.display();
    match &output.result {
        Ok(Written::Written) => format!("would write {file} ({})", contents(output)),
        Ok(Written::Unchanged) => format!("would keep {file} (unchanged)"),
        Ok(Written::NothingYet) => format!("would not make {file} (nothing to publish yet)"),
        Err(error) => format!("would fail: {error}"),
    }
}

/// Prints which sources a run would ask now.
pub(in crate::cli) fn print_due(
    states: &BTreeMap<SourceId, SourceState>,
    config: &Config,
    which: Which,
    now: Timestamp,
) {
    for source in config.sources.iter().filter(|source| !source.disabled) {
        let due = states.get(&source.id).and_then(|state| state.due);
        let waits = due.filter(|due| due.rule != DueRule::EveryRun && due.at.is_none_or(|at| at > now));
        console::print_prose(&match waits.filter(|_| which == Which::Due) {
            Some(due) => format!("would leave {}: {}", source.id, due.rule.sentence()),
            None => format!("would fetch {}: {}", source.id, source.shown_address()),
        });
    }
}
