//! What the database says that the loop waits for.

use jiff::Timestamp;

use crate::config::{Config, SourceConfig};
use crate::model::Health;
use crate::publish;
use crate::store::{DueRule, SourceState, Store, StoreError};
use crate::takedown;

/// What somebody else left to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    Nothing,
    /// The outputs do not show what the database holds.
    Publish,
    /// A run has the database: it is to be asked again.
    Unknown,
}

/// What waits at `now`: a takedown, a split or a join, what a killed run stored.
pub(super) fn waits(config: &Config, now: Timestamp) -> Waiting {
    match Store::is_free(&config.database) {
        Ok(true) => {}
        _ => return Waiting::Unknown,
    }
    let look = || -> Result<bool, StoreError> {
        let store = Store::open_to_read(&config.database)?;
        Ok(takedown::is_waiting(&store, &config.database)? || !publish::is_current(&store, config, now)?)
    };
    // What is wrong with the database, the next pass says.
    if look().unwrap_or(false) { Waiting::Publish } else { Waiting::Nothing }
}

/// Whether a takedown was noted that the last pass did not obey any more.
pub(super) fn is_takedown_waiting(config: &Config) -> bool {
    let look = || takedown::is_waiting(&Store::open_to_read(&config.database)?, &config.database);
    look().unwrap_or(false)
}

/// When the passing of time changes an output next, as far as the last publish knew.
pub(super) fn next_change(config: &Config) -> Option<Timestamp> {
    let store = Store::open_to_read(&config.database).ok()?;
    publish::next_change(&store).ok().flatten()
}

/// When the next source is due; `None`: none ever is. What is read at every run does not count.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn next_due(store: &Store, config: &Config, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let states = store.source_states()?;
    let due = config.sources.iter().filter(|source| !source.disabled).filter_map(|source| {
        match states.get(&source.id).and_then(|state| state.due) {
            Some(due) if due.rule == DueRule::EveryRun => None,
            Some(due) => due.at,
            None => Some(now),
        }
    });
    Ok(due.min())
}

/// Sources of `config` by how they fare.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn sources_by_state(store: &Store, config: &Config) -> Result<Vec<(&'static str, usize)>, StoreError> {
    let states = store.source_states()?;
    let mut counts = vec![("good", 0), ("failing", 0), ("gone", 0), ("new", 0), ("paused", 0)];
    for source in &config.sources {
        let name = state_name(source, states.get(&source.id));
        if let Some((_, count)) = counts.iter_mut().find(|(state, _)| *state == name) {
            *count += 1;
        }
    }
    Ok(counts)
}

/// How `source` fares, in one word.
pub(super) fn state_name(source: &SourceConfig, state: Option<&SourceState>) -> &'static str {
    let health = if source.disabled { Health::Paused } else { state.map_or(Health::New, SourceState::health) };
    match health {
        Health::Good { .. } => "good",
        Health::Failing { .. } => "failing",
        Health::Gone { .. } => "gone",
        Health::New => "new",
        Health::Paused => "paused",
    }
}
