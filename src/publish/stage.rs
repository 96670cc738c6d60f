//! The stage: stories from the store → outputs on the disk, and back into the store what was shown.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::allowance::is_published;
use super::coverage::BACKDATED;
use super::fingerprint::{self, PublishFingerprint};
use super::{
    FilterFailure, Filters, Input, Mode, OutputVerdicts, Plan, PublishError, RenderError, Rendered, Shrink, TakenDown,
    Written, archive, plan, select, tag_base, verdicts, write,
};
use crate::config::Config;
use crate::model::{Source, SourceId, Story};
use crate::store::{PublishedOutput, Store, StoreError};
use crate::text::content_hash;

/// Stories looked at for each item that an output may hold …
const LOOKED_AT_PER_ITEM: usize = 3;
/// … and where a source's `max_items` or an age may leave many of them out.
const LOOKED_AT_WITH_LIMITS: usize = 30;

/// More stories than this in a day are a flood: readers lose what matters in it, and Feedly stops feeds
/// that bring so many.
const FLOOD: u64 = 150;
const A_DAY: SignedDuration = SignedDuration::from_hours(24);
/// An item that a filter failed on is given to it again after this long.
const FILTER_AGAIN: SignedDuration = SignedDuration::from_mins(55);

/// What publishing did.
#[derive(Debug, Default)]
pub struct PublishReport {
    /// One line an output, in the order of feeds.toml.
    pub outputs: Vec<OutputReport>,
    /// Stories that were published within a day, where that is more than 150; 0 where it is not.
    pub flood: u64,
    /// Items that filters failed on.
    pub filter_failures: Vec<FilterFailure>,
    /// What each output does with each story at hand; of a dry run only.
    pub verdicts: Vec<OutputVerdicts>,
}

/// What became of an output.
#[derive(Debug)]
pub struct OutputReport {
    /// File name under the output folder.
    pub file: String,
    /// Items in it (of a list of sources: sources).
    pub items: usize,
    /// Written, unchanged, or why not.
    pub result: Result<Written, PublishError>,
}

/// Why nothing at all was published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishStageError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A writer failed: a fault in feedloom.
    #[error("an output cannot be rendered")]
    Render(#[from] RenderError),
}

impl PublishReport {
    /// Whether some output could not be written.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.outputs.iter().any(|output| output.result.is_err())
    }
}

/// Publishes what the store holds into the outputs of `config`.
///
/// Where nothing changed since the last publish that a reader could see, and the files are as they were
/// written, not even `sources` (those that may be published) are asked for.
///
/// # Errors
/// [`PublishStageError`]; an output that fails alone is told in the report.
pub fn publish(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    shrink: Shrink,
    mode: Mode,
    sources: impl FnOnce(&Store) -> Result<BTreeMap<SourceId, Source>, StoreError>,
) -> Result<PublishReport, PublishStageError> {
    let last = store.last_publish()?.and_then(|text| PublishFingerprint::parse(&text));
    let generation = store.generation()?;
    if let Some(last) = &last
        && mode == Mode::Write
        && last.is_current(config.fingerprint, generation, now)
        && let Some(report) = untouched(store, config)?
    {
        return Ok(report);
    }
    let base = store.tag_base()?.unwrap_or_else(|| tag_base(config.link.as_ref(), &config.path.to_string_lossy(), now));
    let sources = sources(store)?;
    let stories = stories(store, config, &sources)?;
    let taken_down = TakenDown::load(store, config)?;
    let tag = base.to_string();
    let filters = Filters::new(Some(store));
    let input = Input {
        now,
        config,
        tag_base: &tag,
        sources: &sources,
        stories: &stories,
        taken_down: &taken_down,
        filters: &filters,
    };
    let plan = plan(&input)?;
    let told = if mode == Mode::DryRun { verdicts(&input, &plan) } else { Vec::new() };
    let Plan { outputs, publications, again_at, filter_failures } = plan;
    let said = filters.into_said();
    // What a filter failed on is tried again, but not at every run.
    let retry = now.checked_add(FILTER_AGAIN).ok().filter(|_| !filter_failures.is_empty());
    let again_at = [again_at, retry].into_iter().flatten().min();
    if mode == Mode::Write {
        let mut batch = store.batch()?;
        batch.fix_tag_base(&base)?;
        for publication in &publications {
            batch.set_first_published(&publication.story, publication.date, now)?;
            batch.set_shown(&publication.newly_shown, now)?;
        }
        if !said.is_empty() {
            batch.save_filtered(&said, now)?;
        }
        let settled = now.saturating_sub(config.settle).unwrap_or(now);
        batch.pass_over_unpublished(BACKDATED.as_secs(), settled, now)?;
        batch.commit()?;
    }
    // What feeds.toml took away, or a feed that forbids to be republished, is no loss by accident.
    let published = fingerprint::of_published(&sources, config);
    let meant = last.is_none_or(|last| (last.config, last.sources) != (config.fingerprint, published));
    let shrink = if meant && shrink == Shrink::Refuse { Shrink::Meant } else { shrink };
    let mut report = write_all(&config.output_dir, &outputs, shrink, mode);
    report.flood = flood(store, now)?;
    report.filter_failures = filter_failures;
    report.verdicts = told;
    if mode == Mode::Write {
        keep_archive(store, &Base { config, tag: &tag, sources: &sources, taken_down: &taken_down, now }, &mut report)?;
    }
    if mode == Mode::Write {
        let ages = sources.values().any(|source| source.max_age.is_some())
            || config.outputs.iter().any(|output| output.max_age.is_some());
        let again_at = if ages { Some(now) } else { again_at };
        let print = PublishFingerprint { config: config.fingerprint, sources: published, generation, again_at };
        remember(store, &outputs, &report, &print, now)?;
    }
    Ok(report)
}

/// How many stories were published within the day before `now`, where that is a flood, else 0. What the very
/// first publish brings is none.
///
/// # Errors
/// Where the store cannot be read.
pub fn flood(store: &Store, now: Timestamp) -> Result<u64, StoreError> {
    let since = now.saturating_sub(A_DAY).unwrap_or(now);
    Ok(store.stories_shown_since(since)?.filter(|count| *count > FLOOD).unwrap_or(0))
}

/// What the pages of days need to know beside the store.
struct Base<'a> {
    config: &'a Config,
    tag: &'a str,
    sources: &'a BTreeMap<SourceId, Source>,
    taken_down: &'a TakenDown,
    now: Timestamp,
}

/// Looks after the pages of single days; what fails is told with the outputs.
fn keep_archive(store: &mut Store, base: &Base<'_>, report: &mut PublishReport) -> Result<(), PublishStageError> {
    let filters = Filters::new(Some(store));
    let input = Input {
        now: base.now,
        config: base.config,
        tag_base: base.tag,
        sources: base.sources,
        stories: &[],
        taken_down: base.taken_down,
        filters: &filters,
    };
    let kept = archive::keep(store, &input, &base.config.output_dir)?;
    let said = filters.into_said();
    let mut batch = store.batch()?;
    batch.save_filtered(&said, base.now)?;
    for (file, day) in &kept.days {
        batch.save_archived_day(file, day)?;
    }
    for file in &kept.gone {
        batch.forget_archived_day(file)?;
    }
    batch.commit()?;
    report.outputs.extend(kept.failed.into_iter().map(|(file, error)| OutputReport {
        file,
        items: 0,
        result: Err(error),
    }));
    Ok(())
}

fn write_all(dir: &Path, outputs: &[Rendered], shrink: Shrink, mode: Mode) -> PublishReport {
    let one = |output: &Rendered| OutputReport {
        file: output.file.clone(),
        items: output.items,
        result: write(dir, output, shrink, mode),
    };
    PublishReport { outputs: outputs.iter().map(one).collect(), ..PublishReport::default() }
}

/// The stories that any output may choose from.
fn stories(store: &Store, config: &Config, sources: &BTreeMap<SourceId, Source>) -> Result<Vec<Story>, StoreError> {
    let mut numbers = BTreeSet::new();
    let mut asked = BTreeSet::new();
    let published: Vec<&Source> = sources.values().filter(|source| is_published(source, config)).collect();
    for output in &config.outputs {
        let of: Vec<&SourceId> =
            published.iter().filter(|source| select::qualifies(output, source)).map(|source| &source.id).collect();
        let limited = output.max_age.is_some()
            || sources.values().any(|source| source.max_items.is_some() || source.max_age.is_some());
        let limit = output.items * if limited { LOOKED_AT_WITH_LIMITS } else { LOOKED_AT_PER_ITEM };
        if asked.insert((of.clone(), limit)) {
            numbers.extend(store.publishable_stories(&of, limit)?);
        }
    }
    numbers.into_iter().map(|number| store.story(number)).collect()
}

/// The report of a publish that had nothing to do; `None` where a file is not as it was written.
fn untouched(store: &Store, config: &Config) -> Result<Option<PublishReport>, StoreError> {
    let mut report = PublishReport::default();
    for output in &config.outputs {
        let Some(published) = store.published_output(&output.file)? else { return Ok(None) };
        // A file that cannot be read is written anew, which then tells what is wrong.
        let intact = std::fs::read(config.output_dir.join(&output.file))
            .is_ok_and(|bytes| content_hash(&bytes) == published.hash);
        if !intact {
            return Ok(None);
        }
        report.outputs.push(OutputReport {
            file: output.file.clone(),
            items: published.items,
            result: Ok(Written::Unchanged),
        });
    }
    for (file, day) in store.archived_days()? {
        if day.items > 0 && !config.output_dir.join(file).is_file() {
            return Ok(None);
        }
    }
    Ok(Some(report))
}

fn remember(
    store: &mut Store,
    outputs: &[Rendered],
    report: &PublishReport,
    print: &PublishFingerprint,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut batch = store.batch()?;
    for (output, told) in outputs.iter().zip(&report.outputs) {
        if matches!(told.result, Ok(Written::Written | Written::Unchanged)) {
            let published = PublishedOutput { hash: content_hash(&output.bytes), items: output.items };
            batch.save_published_output(&output.file, &published, now)?;
        }
    }
    // An output that failed is tried again at the next publish, whatever else happens.
    if !report.failed() {
        batch.set_last_publish(&print.to_string())?;
    }
    batch.commit()
}
