//! Whether an output brings far more than it usually does: readers lose what matters in it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::scope::qualifies;
use crate::config::Config;
use crate::model::{Source, SourceId};
use crate::store::{Reader, StoreError};

/// Number of past days that are considered.
const DAYS: usize = 29;
/// With fewer days behind it, an output has no usual number yet.
const LEAST_DAYS: usize = 3;
/// This many times the usual number is a flood …
const TIMES: u64 = 3;
/// … but never fewer stories than this.
const LEAST_STORIES: u64 = 30;
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Far more stories in a day than an output usually has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flood {
    /// The output.
    pub(crate) file: String,
    /// Stories that were first published within the last day.
    pub(crate) stories: u64,
    /// The median of the days before.
    pub(crate) usual: u64,
}

/// The worst flood of all outputs at `now`; `None`: none brings far more than its own median of the four weeks before.
/// What the very first publish brings does not count.
///
/// # Errors
/// If the store cannot be read.
pub(crate) fn flood(
    store: &Reader,
    config: &Config,
    sources: &BTreeMap<SourceId, Source>,
    now: Timestamp,
) -> Result<Option<Flood>, StoreError> {
    let mut asked: BTreeSet<Vec<&SourceId>> = BTreeSet::new();
    let mut worst: Option<Flood> = None;
    for output in config.outputs.iter().filter(|output| output.format.is_feed()) {
        let of: Vec<&SourceId> =
            sources.values().filter(|source| qualifies(output, source)).map(|source| &source.id).collect();
        if !asked.insert(of.clone()) {
            continue;
        }
        let (counts, first) = store.stories_by_day(&of, now, DAYS)?;
        let Some((stories, usual)) = compare(&counts, first, now) else { continue };
        if worst.as_ref().is_none_or(|worst| stories * worst.usual.max(1) > worst.stories * usual.max(1)) {
            worst = Some(Flood { file: output.file.clone(), stories, usual });
        }
    }
    Ok(worst)
}

/// Today's stories and the median of the days before, if today's are a flood. `counts`: by day, today's first.
fn compare(counts: &[u64], first: Option<Timestamp>, now: Timestamp) -> Option<(u64, u64)> {
    // The day of the first publish is not a usual one.
    let whole = usize::try_from(now.duration_since(first?).as_secs() / A_DAY.as_secs()).ok()?;
    let (today, before) = counts.split_first()?;
    let mut before = before.get(..whole.saturating_sub(1).min(before.len()))?.to_vec();
    if before.len() < LEAST_DAYS {
        return None;
    }
    before.sort_unstable();
    let usual = before[before.len() / 2];
    (*today >= LEAST_STORIES && *today > TIMES * usual).then_some((*today, usual))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_far_more_than_usual() {
        let now = Timestamp::from_second(100 * 86_400).unwrap();
        let days_ago = |days: i64| now.checked_sub(A_DAY * i32::try_from(days).unwrap()).ok();
        let check = |counts: &[u64], first: i64, want: Option<(u64, u64)>| {
            assert_eq!(compare(counts, days_ago(first), now), want, "{counts:?}");
        };
        check(&[400, 100, 110, 90, 100, 105], 5, Some((400, 100)));
        check(&[250, 100, 110, 90, 100, 105], 5, None);
        check(&[29, 1, 1, 1, 1, 1], 5, None);
        check(&[31, 1, 1, 1, 1, 1], 5, Some((31, 1)));
        check(&[400, 1, 1, 900], 3, None);
        check(&[700, 210, 190, 200, 230], 40, Some((700, 210)));
        assert_eq!(compare(&[400, 1, 1, 1, 1], None, now), None);
    }
}
