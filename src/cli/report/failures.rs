//! The sources that failed in a run: one line per cause, with all its sources.

use std::collections::BTreeMap;

use super::tone::Tone;
use crate::cli::console;
use crate::cli::plural::count;
use crate::config::Config;
use crate::gather::{Failure, GatherReport, SourceOutcome, SourceReport};
use crate::model::Health;
use crate::store::{Due, DueRule};
use crate::text::for_terminal;

/// Most sources named per cause.
const MOST_NAMED: usize = 30;

/// Prints the failures that `tone` calls for.
pub(super) fn note_failures(gather: &GatherReport, config: &Config, tone: Tone) {
    let mut causes: BTreeMap<(usize, String), Vec<Failed<'_>>> = BTreeMap::new();
    let mut order: BTreeMap<String, usize> = BTreeMap::new();
    for source in &gather.sources {
        let is_worth_a_line = match tone {
            Tone::Person => true,
            Tone::Cron => source.failures == Health::MISSES,
            Tone::Quiet => false,
        };
        if let SourceOutcome::Failed(failure) = &source.outcome
            && is_worth_a_line
        {
            let failed = Failed { source, failure };
            let cause = failed.cause(config);
            let next = order.len();
            let place = *order.entry(cause.clone()).or_insert(next);
            causes.entry((place, cause)).or_default().push(failed);
        }
    }
    for ((_, cause), failed) in &causes {
        match &failed[..] {
            [one] => one.note(config),
            many => note_many(cause, many),
        }
    }
}

/// A source, and why it failed.
struct Failed<'a> {
    source: &'a SourceReport,
    failure: &'a Failure,
}

impl Failed<'_> {
    /// Stage and reason, worded so that sources with the same trouble share it: without the host's name.
    fn cause(&self, config: &Config) -> String {
        let sentence = self.failure.error.sentence();
        let address =
            config.sources.iter().find(|known| known.id == self.source.id).map(|known| known.address.to_url());
        let host = address.as_ref().and_then(|url| url.host_str()).filter(|host| host.len() > 3);
        let sentence = match host {
            Some(host) => sentence.replace(&format!("host {host}"), "its host").replace(host, "its host"),
            None => sentence,
        };
        format!("{}: {sentence}", self.failure.error.stage())
    }

    fn note(&self, config: &Config) {
        let Self { source, failure } = self;
        let sentence = failure.error.sentence();
        let (stage, next) = (failure.error.stage(), next_attempt(&source.due));
        console::note(&format!("failed  {}: {stage}: {}; {next}", source.id, for_terminal(&sentence)));
        let line = config.sources.iter().find(|known| known.id == source.id).map_or(0, |known| known.line);
        let place = format!("{}:{line}", config.path.display());
        match &failure.hint {
            Some(hint) => console::note(&format!("        hint: {} ({place})", for_terminal(hint))),
            None => console::note(&format!("        hint: see {place}, and: feedloom status {}", source.id)),
        }
    }
}

fn note_many(cause: &str, failed: &[Failed<'_>]) {
    let named: Vec<&str> = failed.iter().take(MOST_NAMED).map(|failed| failed.source.id.as_str()).collect();
    let more = failed.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let first = failed.iter().map(|failed| &failed.source.due).min_by_key(|due| (due.at.is_none(), due.at));
    let next = first.map(next_attempt).unwrap_or_default();
    let sources = count(failed.len(), "source");
    console::note(&format!("failed  {sources}: {}: {}{more}; {next}", for_terminal(cause), named.join(", ")));
    let mut hints: Vec<&str> = failed.iter().filter_map(|failed| failed.failure.hint.as_deref()).collect();
    hints.dedup();
    match hints[..] {
        [one] => console::note(&format!("        hint: {}", for_terminal(one))),
        _ => console::note("        hint: one by one: feedloom status"),
    }
}

/// What happens next with a source that yielded nothing, and when.
pub(super) fn next_attempt(due: &Due) -> String {
    let why = due.rule.sentence();
    match due.at {
        _ if due.rule == DueRule::EveryRun => "it is read again at the next run".to_owned(),
        Some(at) => format!("next attempt after {} ({why})", at.strftime("%Y-%m-%d %H:%M UTC")),
        None => format!("no further attempt until feeds.toml gives it another address ({why})"),
    }
}
