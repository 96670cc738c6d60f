//! The pages of tags and sources as they have to be.

use jiff::{SignedDuration, Timestamp};

use super::keeper::{FacetReport, Keeper};
use crate::config::{Config, Format, OutputConfig};
use crate::publish::file_stamp::file_stamp;
use crate::publish::filter::Filters;
use crate::publish::input::Input;
use crate::publish::plan::Plan;
use crate::publish::report::PublishStageError;
use crate::store::{Reader, Store, StoreError};

/// Makes a page for each tag and source that has none yet: before the pages of stories that lead to it.
pub(in crate::publish) fn open(store: &Reader, input: &Input<'_>, plan: &Plan) -> Result<(), PublishStageError> {
    let _moment = store.at_one_moment()?;
    let mut keeper = Keeper::new(store, input, plan)?;
    for output in with_facets(input.config) {
        keeper.open(output)?;
    }
    // What failed fails again when they are looked through, and is reported then.
    Ok(())
}

/// Makes the pages of tags and sources match what `plan` shows: before the pages that lead to them, after those of the
/// stories that they lead to; `going`: pages of stories that go after this publish.
pub(in crate::publish) fn update(
    store: &mut Store,
    input: &Input<'_>,
    plan: &Plan,
    going: &[String],
    filters: &mut Filters,
) -> Result<FacetReport, PublishStageError> {
    store.unlist_from_facets(going)?;
    let moment = store.at_one_moment()?;
    let mut keeper = Keeper::new(store, input, plan)?;
    for output in with_facets(input.config) {
        keeper.of_output(output, filters)?;
    }
    keeper.lead_on()?;
    let Keeper { changes, report, .. } = keeper;
    drop(moment);
    store.save_facet_pages(&changes)?;
    Ok(report)
}

/// Whether these pages are as they were left, and none of them has to be made again.
pub(in crate::publish) fn are_as_left(store: &Reader, config: &Config) -> Result<bool, StoreError> {
    if store.has_stale_facet_pages()? {
        return Ok(false);
    }
    Ok(store.facet_folders()?.iter().all(|known| file_stamp(&config.output_dir.join(&known.folder)) == known.stamp))
}

/// When the first page that has ended is to go.
pub(in crate::publish) fn next_end(store: &Reader, config: &Config) -> Result<Option<Timestamp>, StoreError> {
    let Some(keep) = config.store.keep else { return Ok(None) };
    let first = store.first_end_of_facets()?;
    // A page that is as old as that stays; one that is older goes.
    Ok(first.and_then(|first| first.checked_add(keep + SignedDuration::from_secs(1)).ok()))
}

fn with_facets(config: &Config) -> impl Iterator<Item = &OutputConfig> {
    config.outputs.iter().filter(|output| output.format == Format::Html)
}
