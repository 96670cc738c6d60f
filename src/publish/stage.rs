//! The stage: what the store holds → files, and back into the store what was shown.
//!
//! Everything is read first, then processed without the store; what that fixes permanently is stored before any file
//! is written; what became of the files is stored last.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::archive::{self, Archive};
use super::digest;
use super::facets;
use super::file_stamp::file_stamp;
use super::filter::Filters;
use super::fingerprint::PublishFingerprint;
use super::flood::flood;
use super::input::Input;
use super::picture_files::{self, PictureFiles};
use super::plan::{Plan, draft};
use super::post;
use super::read::{Known, untouched};
use super::report::{OutputReport, PublishReport, PublishStageError};
use super::story_pages;
use super::verdict::verdicts;
use super::write::{Mode, PublishError, Shrink, Written, reduce, write};
use crate::config::Config;
use crate::model::{Source, SourceId};
use crate::store::{GateRefusal, PublishChanges, PublishRecord, PublishedOutput, Reader, Store, StoreError};

/// An item that a filter failed on is given to it again after this long.
const FILTER_AGAIN: SignedDuration = SignedDuration::from_mins(55);

/// Publishes what the store holds into the outputs of `config`.
///
/// If nothing changed since the last publish that a reader could see, and the files are as they were
/// written, not even `sources` (those that may be published) are asked for.
///
/// # Errors
/// [`PublishStageError`]; an output that fails alone is named in the report.
pub(crate) fn publish(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    shrink: Shrink,
    mode: Mode,
    sources: impl FnOnce(&Store) -> Result<BTreeMap<SourceId, Source>, StoreError>,
) -> Result<PublishReport, PublishStageError> {
    let last = store.last_publish()?.and_then(|text| PublishFingerprint::parse(&text));
    let generation = store.generation()?;
    if mode == Mode::Write
        && last.as_ref().is_some_and(|last| last.is_current(config.fingerprint, generation, now))
        && let Some(report) = untouched(store, config)?
    {
        return Ok(report);
    }
    let sources = sources(store)?;
    // What is wrong with the issues holds no other output back.
    let (issues, unmade) = match digest::make(store, config, &sources, now, mode) {
        Ok(issues) => (issues, None),
        Err(error) => (digest::kept(config).unwrap_or_default(), Some(error.to_string())),
    };
    let (issues, moment) = (digest::with_rights(store, issues)?, store.at_one_moment()?);
    let known = Known::read(store, config, sources, now)?;
    let config_is_new = last.is_none_or(|last| last.config != config.fingerprint);
    let derived = known.derived();
    let input = Input { config_is_new, ..known.input(config, now, &issues, &derived) };
    let print = PublishFingerprint { config: config.fingerprint, generation, again_at: None };
    let mut filters = Filters::default();
    let mut plan = think(store, &input, &mut filters)?;
    drop(moment);
    for rendered in &mut plan.outputs {
        rendered.public = known.public.get(&rendered.file).cloned();
    }
    match mode {
        Mode::DryRun => Ok(PublishReport {
            verdicts: verdicts(&input, &plan),
            would_rewrite: plan.unanswered.iter().map(|(name, of)| (name.clone(), of.len())).collect(),
            would_post: post::would_post(&input)?,
            flood: flood(store, config, input.sources, now)?,
            ..write_all(&input, &plan, shrink, mode)
        }),
        Mode::Write => {
            // Before anything is shown: what comes after this cannot be forgotten.
            let unnoted = post::note(&input).err();
            store.freeze(&PublishChanges {
                now,
                tag_base: known.tag_base.clone(),
                publications: plan.publications.clone(),
                passed_over: known.at_hand.clone(),
                top_items: (plan.top_items != known.top_items).then(|| plan.top_items.clone()),
                answers: filters.take_used(),
                entered: filters.take_entered(),
            })?;
            let report =
                put_out(store, &input, Ready { plan, filters, shrink, print, unnoted, is_whole: unmade.is_none() })?;
            Ok(PublishReport { unmade, ..report })
        }
    }
}

/// Whether a publish at `now` would find nothing to do, as far as the store knows.
///
/// # Errors
/// If the store cannot be read.
pub(crate) fn is_current(store: &Reader, config: &Config, now: Timestamp) -> Result<bool, StoreError> {
    let last = store.last_publish()?.and_then(|text| PublishFingerprint::parse(&text));
    let generation = store.generation()?;
    Ok(last.is_some_and(|last| last.is_current(config.fingerprint, generation, now)))
}

/// When the passing of time alone may change an output, as far as the last publish knew.
///
/// # Errors
/// If the store cannot be read.
pub(crate) fn next_change(store: &Reader) -> Result<Option<Timestamp>, StoreError> {
    Ok(store.last_publish()?.and_then(|text| PublishFingerprint::parse(&text)?.again_at))
}

pub(super) fn think(store: &Reader, input: &Input<'_>, filters: &mut Filters) -> Result<Plan, PublishStageError> {
    let mut draft = draft(input);
    let rewritten = draft.rewritten_stories();
    if draft.has_waiting() {
        filters.remember_entered(store.entered()?);
    }
    if !rewritten.is_empty() {
        filters.load_rewrites(store, &rewritten)?;
        draft.rewrite(filters);
    }
    let questions = draft.questions();
    if !questions.is_empty() {
        filters.remember(store.filter_answers(&questions)?);
        filters.remember_entered(store.entered()?);
    }
    Ok(draft.finish(filters)?)
}

/// What is frozen and only has to be written.
struct Ready {
    plan: Plan,
    filters: Filters,
    shrink: Shrink,
    print: PublishFingerprint,
    /// Why what is to be posted could not be noted.
    unnoted: Option<StoreError>,
    /// Every issue that is due is made.
    is_whole: bool,
}

/// Writes the files and records what became of them.
fn put_out(store: &mut Store, input: &Input<'_>, ready: Ready) -> Result<PublishReport, PublishStageError> {
    let Ready { plan, mut filters, shrink, print, unnoted, is_whole } = ready;
    let copies = picture_files::record(store, input, &plan)?;
    let input = &Input { pictures: &copies, ..*input };
    let pictures = PictureFiles::write(store, input)?;
    // Before anything leads to them.
    facets::open(store, input, &plan)?;
    let mut of_stories = story_pages::update(store, input, &plan, &mut filters)?;
    let of_facets = facets::update(store, input, &plan, of_stories.going(), &mut filters)?;
    let mut report = write_all(input, &plan, shrink, Mode::Write);
    report.flood = flood(store, input.config, input.sources, input.now)?;
    report.unnoted = unnoted.map(|error| error.to_string());
    let Archive { days, gone, refused, failed } = archive::update(store, input, &plan, &mut filters)?;
    report.refused.extend(refused);
    report.outputs.extend(failed.into_iter().map(|(file, error)| OutputReport::failed(file, error)));
    story_pages::remove_gone(store, input, &mut of_stories)?;
    let stayed = report.outputs.iter().filter(|output| output.result.is_err()).map(|output| output.file.clone());
    let of_pictures = pictures.finish(store, input, stayed)?;
    let failed = of_stories.failed.into_iter().chain(of_facets.failed).chain(of_pictures);
    report.refused.extend(of_stories.refused.into_iter().chain(of_facets.refused));
    report.outputs.extend(failed.into_iter().map(|(file, error)| OutputReport::failed(file, error)));
    let again_at = again_at(input, [plan.again_at, facets::next_end(store, input.config)?], &report);
    store.record_publish(&PublishRecord {
        now: input.now,
        outputs: report.outputs.iter().filter_map(|output| public_output(output, &input.config.output_dir)).collect(),
        refusals: refusals(&report),
        days,
        gone_days: gone,
        answers: filters.take_used(),
        // An output that failed is tried again at the next publish, whatever else happens.
        fingerprint: (is_whole && report.unnoted.is_none() && !report.failed())
            .then(|| PublishFingerprint { again_at, ..print }.to_string()),
    })?;
    Ok(report)
}

/// What was not published: items that the gate refused first, then documents, refused or not written.
fn refusals(report: &PublishReport) -> Vec<GateRefusal> {
    let items = report.refused.iter().map(|item| GateRefusal {
        file: item.file.clone(),
        title: Some(item.title.clone()),
        reason: item.reason.clone(),
    });
    let documents = report.outputs.iter().filter_map(|output| match &output.result {
        Err(PublishError::Refused { reason, .. }) => {
            Some(GateRefusal { file: output.file.clone(), title: None, reason: reason.to_string() })
        }
        Err(PublishError::Reduced { reason, .. }) => Some(GateRefusal {
            file: output.file.clone(),
            title: None,
            reason: format!("{reason}; what may not be public any more has left it"),
        }),
        Err(PublishError::NotMade { reason, .. }) => {
            Some(GateRefusal { file: output.file.clone(), title: None, reason: reason.clone() })
        }
        Err(error @ PublishError::Io { source, .. }) => {
            Some(GateRefusal { file: output.file.clone(), title: None, reason: format!("{error}: {source}") })
        }
        Err(error @ PublishError::Outside { .. }) => {
            Some(GateRefusal { file: output.file.clone(), title: None, reason: error.to_string() })
        }
        Ok(_) => None,
    });
    items.chain(documents).collect()
}

/// When the passing of time alone may change an output.
fn again_at(input: &Input<'_>, waits: [Option<Timestamp>; 2], report: &PublishReport) -> Option<Timestamp> {
    if input.config.outputs.iter().any(|output| output.max_age.is_some()) {
        return Some(input.now);
    }
    // What a filter failed on is tried again, but not at every run.
    let retry = input.now.checked_add(FILTER_AGAIN).ok().filter(|_| !report.filter_failures.is_empty());
    let issue = digest::next_due(input.config, input.now);
    waits.into_iter().chain([retry, issue]).flatten().min()
}

/// Writes every document; one that the gate refuses is written without the items that it is refused for.
fn write_all(input: &Input<'_>, plan: &Plan, shrink: Shrink, mode: Mode) -> PublishReport {
    let mut report = PublishReport { filter_failures: plan.filter_failures.clone(), ..PublishReport::default() };
    for (at, rendered) in plan.outputs.iter().enumerate() {
        let result = write(&input.config.output_dir, rendered, shrink, mode);
        let may_be_of_items = match &result {
            Err(PublishError::Refused { reason, .. }) => reason.is_of_one_document(),
            Err(PublishError::NotMade { .. }) => true,
            _ => false,
        };
        match may_be_of_items.then(|| plan.isolated(input, at)).flatten() {
            Some((rest, refused)) => {
                let result = write(&input.config.output_dir, &rest, shrink, mode);
                report.outputs.push(OutputReport::of(&rest, result));
                report.refused.extend(refused);
            }
            None => {
                let result = result.map_err(|error| without_denied(input, plan, at, error, mode));
                report.outputs.push(OutputReport::of(rendered, result));
            }
        }
    }
    report
}

/// What is denied leaves the last version of the document at `at`, which could not be published.
fn without_denied(input: &Input<'_>, plan: &Plan, at: usize, error: PublishError, mode: Mode) -> PublishError {
    let rest = Some(()).filter(|()| error.is_of_the_document()).and_then(|()| plan.remainder(input, at));
    match rest {
        Some(rest) => reduce(&input.config.output_dir, &rest, error, mode),
        None => error,
    }
}

/// What the store keeps about a document that is public now.
fn public_output(report: &OutputReport, folder: &Path) -> Option<(String, PublishedOutput)> {
    let is_public = matches!(report.result, Ok(Written::Written | Written::Unchanged));
    let published = PublishedOutput {
        hash: report.hash?,
        items: report.items,
        stamp: file_stamp(&folder.join(&report.file)),
        stories: Some(report.stories.clone()),
    };
    is_public.then(|| (report.file.clone(), published))
}
