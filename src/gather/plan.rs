//! Which sources are asked in this run, and which are not.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::host_key::host_key;
use super::known_state::{ask_once_more, first_stop, first_url, known_state};
use super::options::GatherOptions;
use super::order::{Turn, by_wait, in_rounds};
use super::report::{SourceOutcome, SourceReport};
use super::request::{FeedTarget, PageTarget, Target};
use super::schedule::{Terms, due, forbidden, guard_clock, guard_host_clock, set_back_by};
use super::standing::Visit;
use super::task::Task;
use crate::config::{ArticleWanted, Config, SourceAddress, SourceConfig};
use crate::model::SourceId;
use crate::store::{Due, HostState, SourceState, Store, StoreError};

/// Which sources are asked in this run, and which are not.
pub(super) struct Plan {
    pub(super) tasks: Vec<Task>,
    /// By place in feeds.toml.
    pub(super) not_due: Vec<(usize, SourceReport)>,
    pub(super) hosts: BTreeMap<String, HostState>,
}

impl Plan {
    pub(super) fn make(
        store: &mut Store,
        config: &Config,
        now: Timestamp,
        options: &GatherOptions,
    ) -> Result<Self, StoreError> {
        let mut states = store.source_states()?;
        let mut hosts = store.host_states()?;
        let pushed = store.pushed_until()?;
        let changed_hosts = guard_hosts(&mut hosts, &states, config, now);
        let mut plan = Self { tasks: Vec::new(), not_due: Vec::new(), hosts };
        let mut changed = Vec::new();
        for (place, source) in config.sources.iter().enumerate().filter(|(_, source)| !source.disabled) {
            if !options.only.is_empty() && !options.only.contains(&source.id) {
                continue;
            }
            let mut state = known_state(states.remove(&source.id), source);
            ask_once_more(&mut state, config);
            state.pushed_until = pushed.get(&source.id).copied();
            let cut = guard_clock(&mut state, now);
            if cut {
                tracing::warn!(source = source.id.as_str(), "the clock was set back: kept times are cut short");
            }
            match plan.verdict(&state, source, config, now, options) {
                None => plan.tasks.push(task(place, source, state, config, now)),
                Some(due) => {
                    log_not_due(source, due);
                    let moved = state.due != Some(due);
                    state.due = Some(due);
                    plan.not_due.push((place, not_due(&state, due)));
                    if cut || moved {
                        changed.push(state);
                    }
                }
            }
        }
        by_wait(&mut plan.tasks, turn);
        if !(changed.is_empty() && changed_hosts.is_empty()) {
            let mut batch = store.batch()?;
            changed.iter().try_for_each(|state| batch.save_source_state(state))?;
            for key in &changed_hosts {
                batch.save_host_state(key, &plan.hosts[key])?;
            }
            batch.commit()?;
        }
        Ok(plan)
    }

    /// `None`: the source is asked now; otherwise when it is due, and why.
    fn verdict(
        &self,
        state: &SourceState,
        source: &SourceConfig,
        config: &Config,
        now: Timestamp,
        options: &GatherOptions,
    ) -> Option<Due> {
        if let SourceAddress::File(_) = source.address {
            return None;
        }
        let url = first_url(source, state, now);
        let host_hold = self.hosts.get(&host_key(&url)).and_then(|host| match Visit::of(source, &url) {
            Visit::Own => host.hold_until,
            Visit::Guest => host.hold_until.max(host.guests_until),
        });
        if options.all {
            return forbidden(state, host_hold, now);
        }
        let due = due(state, host_hold, Terms::of(source, &config.fetch), now);
        (due.at.is_none_or(|at| at > now)).then_some(due)
    }
}

/// Hosts whose holds were recorded under a different setting of the clock, now corrected.
fn guard_hosts(
    hosts: &mut BTreeMap<String, HostState>,
    states: &BTreeMap<SourceId, SourceState>,
    config: &Config,
    now: Timestamp,
) -> Vec<String> {
    let mut set_back = BTreeMap::new();
    for source in &config.sources {
        let Some(state) = states.get(&source.id) else { continue };
        let by: &mut SignedDuration = set_back.entry(host_key(&first_url(source, state, now))).or_default();
        *by = set_back_by(state, now).max(*by);
    }
    let mut changed = Vec::new();
    for (key, host) in hosts {
        if guard_host_clock(host, set_back.get(key).copied().unwrap_or_default(), now) {
            tracing::warn!(host = key.as_str(), "the clock was set back: the host's hold is cut short");
            changed.push(key.clone());
        }
    }
    changed
}

/// Most pages of one source requested in one run: more could not be fetched before its deadline.
const MOST_PAGES_OF_A_SOURCE: usize = 500;

/// The pages behind entries that are to be fetched at `now`, for sources that still ask for them: each source has its
/// first before any has its second.
pub(super) fn pages(
    store: &Store,
    config: &Config,
    now: Timestamp,
    options: &GatherOptions,
) -> Result<Vec<Task>, StoreError> {
    let asks = |source: &&SourceConfig| {
        !source.disabled
            && source.article != ArticleWanted::Never
            && (options.only.is_empty() || options.only.contains(&source.id))
    };
    let sources: HashMap<&SourceId, Arc<SourceConfig>> =
        config.sources.iter().filter(asks).map(|source| (&source.id, Arc::new(source.clone()))).collect();
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = store.wanted_articles(now, MOST_PAGES_OF_A_SOURCE)?;
    Ok(in_rounds(wanted, |wanted| wanted.source.clone())
        .into_iter()
        .filter_map(|wanted| {
            let source = Arc::clone(sources.get(&wanted.source)?);
            let url = wanted.address.clone();
            let target = PageTarget { wanted: Arc::new(wanted), source };
            Some(Task::new(Target::Page(target), url, config.fetch.timeout))
        })
        .collect())
}

fn task(place: usize, source: &SourceConfig, state: SourceState, config: &Config, now: Timestamp) -> Task {
    let (url, route) = first_stop(source, &state, now);
    let target = FeedTarget { route, ..FeedTarget::new(place, Arc::new(source.clone()), Arc::new(state)) };
    Task::new(Target::Feed(target), url, config.fetch.timeout)
}

fn turn(task: &Task) -> Turn {
    match &task.target {
        Target::Feed(feed) => Turn { last_request: feed.state.last_request, place: feed.place },
        _ => Turn { last_request: None, place: usize::MAX },
    }
}

fn log_not_due(source: &SourceConfig, due: Due) {
    let (rule, why) = (due.rule.code(), due.rule.sentence());
    tracing::info!(source = source.id.as_str(), next = due.next(), rule, why, "not due");
}

fn not_due(state: &SourceState, due: Due) -> SourceReport {
    SourceReport {
        id: state.id.clone(),
        outcome: SourceOutcome::NotDue { until: due.at },
        bytes: 0,
        took: Duration::ZERO,
        requests: 0,
        due,
        failures: state.failures,
        failures_before: state.failures,
        was_good: state.last_success,
        moved_to: None,
    }
}
