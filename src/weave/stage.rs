//! The stage: what waits in the store is read, processed and written, in one transaction.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::assign::{WeaveReport, assign};
use super::context::Context;
use super::read::read;
use crate::config::WeaveConfig;
use crate::model::{Sites, Source, SourceId};
use crate::store::{Store, StoreError};

/// Assigns every entry that has no story yet to one.
///
/// # Errors
/// If the database cannot be read or written; nothing is changed then.
pub fn weave(
    store: &mut Store,
    config: &WeaveConfig,
    sources: &BTreeMap<SourceId, Source>,
    now: Timestamp,
) -> Result<WeaveReport, StoreError> {
    let sites = Sites::new(sources);
    let context = Context::new(config, &sites, now);
    let batch = store.batch()?;
    let input = read(&batch, &context)?;
    let (changes, report) = assign(input, &context);
    batch.apply(&changes, now)?;
    batch.commit()?;
    Ok(report)
}
