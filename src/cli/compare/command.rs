//! Reads what both configurations would show, from the stored entries.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use super::difference::{Comparison, differences};
use super::show;
use crate::cli::console;
use crate::cli::exit::Exit;
use crate::config::Config;
use crate::model::{Source, SourceId};
use crate::pass;
use crate::publish::choices;
use crate::store::Store;
use crate::weave::{Regrouping, Setup};

/// The least that is woven anew.
const LEAST_SPAN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How the answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Form {
    Text,
    Json,
}

pub(in crate::cli) fn run(config: &Config, other: &Config, now: Timestamp, form: Form) -> Result<Exit> {
    let store = Store::open_to_read(&config.database)?;
    // Its outputs would replace those that are there.
    let other = Config { output_dir: config.output_dir.clone(), database: config.database.clone(), ..other.clone() };
    let comparison = compare(&store, config, &other, now)?;
    match form {
        Form::Text => show::text(&comparison),
        Form::Json => console::print_json(&show::json(&comparison)),
    }
    Ok(Exit::Current)
}

fn compare<'a>(store: &Store, config: &Config, other: &'a Config, now: Timestamp) -> Result<Comparison<'a>> {
    let (sources, of_other) = (pass::sources(store, config)?, pass::sources(store, other)?);
    let present = Setup { config: &config.weave, sources: &sources };
    let then = Setup { config: &other.weave, sources: &of_other };
    let regrouping = Regrouping::between(store, present, then, since(store, config, other, now)?, now)?;
    let now_shown = choices(store, config, sources.clone(), now, |_| Ok(()))?;
    let then_shown = choices(store, other, of_other.clone(), now, |stories| regrouping.apply(store, stories))?;
    Ok(Comparison { outputs: differences(now_shown, then_shown), unknown: unknown(store, other, &of_other)?, other })
}

/// The beginning of what the outputs of either could hold, counted from what came last.
fn since(store: &Store, config: &Config, other: &Config, now: Timestamp) -> Result<Timestamp> {
    let spans = config.outputs.iter().chain(&other.outputs).map(|output| output.span);
    let span = spans.max().unwrap_or(LEAST_SPAN).max(LEAST_SPAN);
    let newest = store.last_showing()?.unwrap_or(now).min(now);
    Ok(newest.saturating_sub(span).unwrap_or(Timestamp::MIN))
}

fn unknown<'a>(store: &Store, other: &'a Config, sources: &BTreeMap<SourceId, Source>) -> Result<Vec<&'a SourceId>> {
    let counts = store.source_counts(Timestamp::MIN)?;
    let has_none = |id: &&SourceId| counts.get(*id).is_none_or(|count| count.entries == 0);
    let asked = other.sources.iter().filter(|source| !source.disabled && sources.contains_key(&source.id));
    Ok(asked.map(|source| &source.id).filter(has_none).collect())
}
