//! Retention: once a day, what is older than `[store] keep` and in no output any more is forgotten but for its keys, and
//! of what is too old for any output the whole text is let go: its title, its summary and the beginning of it stay.
//!
//! A pass takes a few thousand entries at most and gives a few megabytes back to the disk, so that none becomes slow for it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::config::Config;
use crate::model::{Source, SourceId};
use crate::publish;
use crate::store::{EntryNumber, ForgetProgress, Store, StoreError};

/// Between two looks for old entries.
const BETWEEN_LOOKS: SignedDuration = SignedDuration::from_hours(20);
/// Entries of one transaction …
const ENTRIES_A_STEP: u32 = 500;
/// … and transactions of one pass.
const STEPS: usize = 10;
/// Pages of 4 KiB that a pass gives back to the disk.
const PAGES_A_PASS: u32 = 2_000;

/// Forgets some of what is old; `sources` resolves the sources of feeds.toml where that is needed.
///
/// # Errors
/// Where the database cannot be read or written.
pub(crate) fn forget_old(
    store: &mut Store,
    config: &Config,
    now: Timestamp,
    sources: impl FnOnce(&Store) -> Result<BTreeMap<SourceId, Source>, StoreError>,
) -> Result<(), StoreError> {
    let Some(before) = config.store.keep.and_then(|keep| now.checked_sub(keep).ok()) else { return Ok(()) };
    let fresh = ForgetProgress { began: now, reached: Some(EntryNumber::from_raw(0)) };
    let mut progress = match store.forget_progress()? {
        // A clock that was set back starts anew.
        Some(last) if last.began > now => fresh,
        Some(last) if last.reached.is_some() => last,
        Some(last) if now.duration_since(last.began) < BETWEEN_LOOKS => return Ok(()),
        _ => fresh,
    };
    let shown = publish::stories_at_hand(store, config, &sources(store)?, now)?;
    for _ in 0..STEPS {
        let Some(reached) = progress.reached else { break };
        let entries = store.old_entries(reached, before, ENTRIES_A_STEP)?;
        progress.reached = entries.last().copied();
        let mut stories = store.wholly_old_stories(&entries, before)?;
        stories.retain(|story| !shown.contains(story));
        store.forget(&stories, progress)?;
    }
    if let Ok(before) = now.checked_sub(config.store.shown) {
        for _ in 0..STEPS {
            if !store.shorten_old(before, &shown, ENTRIES_A_STEP)? {
                break;
            }
        }
        store.drop_old_pictures(before, shown.iter().copied())?;
    }
    store.give_space_back(PAGES_A_PASS)
}
