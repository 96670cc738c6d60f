//! Bringing the store in line with the journal.

use std::collections::BTreeSet;
use std::path::Path;

use super::journal::{Journal, Name, Note, Scope};
use super::resolve::resolve;
use crate::store::{Store, StoreError, Takedown, Taken};

/// Takes into the store what was noted since, also what a lost or restored database does not know. Returns whether
/// there was anything.
pub(crate) fn obey(store: &mut Store, database: &Path) -> Result<bool, StoreError> {
    let noted = Journal::beside(database).read()?;
    let known = store.takedowns()?;
    let new = waiting(&noted.takedowns.into_values().collect::<Vec<_>>(), &known);
    let undone: Vec<&Takedown> = known.iter().filter(|known| noted.undone.contains(&Name::of(known))).collect();
    if new.is_empty() && undone.is_empty() {
        return Ok(false);
    }
    let mut taken = Vec::new();
    for note in &new {
        taken.push(everything(store, note)?);
    }
    let batch = store.batch()?;
    for (note, taken) in new.iter().zip(&taken) {
        batch.add_takedown(&note.request, note.title.as_deref().unwrap_or_default(), taken, note.at)?;
    }
    for takedown in undone {
        batch.forget_takedown(takedown.number)?;
    }
    batch.commit()?;
    Ok(true)
}

/// Whether anything was noted that the store does not know yet.
pub(crate) fn is_waiting(store: &Store, database: &Path) -> Result<bool, StoreError> {
    let noted = Journal::beside(database).read()?;
    Ok(!waiting(&noted.takedowns.into_values().collect::<Vec<_>>(), &store.takedowns()?).is_empty())
}

/// Those of `notes` that are not in the store, the oldest first.
pub(crate) fn waiting(notes: &[Note], known: &[Takedown]) -> Vec<Note> {
    let known: BTreeSet<Name> = known.iter().map(Name::of).collect();
    let mut new: Vec<Note> = notes.iter().filter(|note| !known.contains(&note.name())).cloned().collect();
    new.sort_by_key(|note| (note.at, note.request.clone()));
    new
}

/// What was found when it was noted, and what has arrived since.
fn everything(store: &Store, note: &Note) -> Result<Vec<Taken>, StoreError> {
    let mut taken: BTreeSet<Taken> = note.taken.iter().cloned().collect();
    if note.scope == Scope::One {
        let now = resolve(Some(store), &note.request)?.unwrap_or_default();
        // What arrived after the request is not spared.
        let is_fixed = |one: &Taken| matches!(one, Taken::Spared(_) | Taken::After(_));
        let was_found = taken.iter().any(is_fixed);
        taken.extend(now.taken.into_iter().filter(|one| !was_found || !is_fixed(one)));
    }
    Ok(taken.into_iter().collect())
}
