//! What those whom issues credit say of their rights today: an issue stays as it was made only as far as that goes.

use super::issue::{Issues, SHOWN};
use crate::store::{Reader, StoreError};

/// `issues` with what the entries behind them say now, and the pages of these, as far as `store` knows them.
///
/// # Errors
/// If the store cannot be read.
pub(in crate::publish) fn with_rights(store: &Reader, mut issues: Issues) -> Result<Issues, StoreError> {
    let shown = issues.of.values_mut().flat_map(|of| of.issues.iter_mut().rev().take(SHOWN));
    for story in shown.flat_map(|issue| &mut issue.stories) {
        for credit in &mut story.credits {
            credit.stated = store.credited_rights(&story.id, &credit.source, &credit.url)?;
        }
    }
    Ok(issues)
}
