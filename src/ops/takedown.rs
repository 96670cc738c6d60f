//! Taking an article or a story out of the outputs permanently, and undoing it.

use std::path::Path;

use jiff::Timestamp;

use super::error::OpError;
use crate::store::{Store, StoreError, Takedown, TakedownNumber, Taken};
use crate::takedown::{Journal, Name, Note, Resolved, Scope, resolve, waiting, web_address};

/// What to take down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TakeDown<'a> {
    /// An article's address (any that an output shows), or a story's id.
    pub(crate) request: &'a str,
    pub(crate) scope: Scope,
}

/// What a takedown did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TakedownOutcome {
    /// It is noted; whoever holds the database obeys it before the next publish.
    Noted {
        /// Title of what it takes out; `None`: nothing in the store matches yet, or a whole prefix is taken down.
        title: Option<String>,
    },
    /// An older takedown covers it.
    AlreadyTaken,
}

/// Notes a takedown, also while a pass holds the database at `database`.
pub(crate) fn take_down(database: &Path, what: TakeDown<'_>, now: Timestamp) -> Result<TakedownOutcome, OpError> {
    let store = opened(database)?;
    let no_address = || OpError::NotAnAddress { what: what.request.to_owned() };
    let Resolved { taken, title } = match what.scope {
        Scope::One => resolve(store.as_deref(), what.request)?.ok_or_else(no_address)?,
        Scope::Prefix => {
            let prefix = web_address(what.request).ok_or_else(no_address)?;
            Resolved { taken: [Taken::Prefix(prefix)].into(), title: None }
        }
    };
    let journal = Journal::beside(database);
    let noted: Vec<Note> = journal.read()?.takedowns.into_values().collect();
    let known = takedowns(store.as_ref())?;
    let older = known.iter().map(|known| &known.taken).chain(noted.iter().map(|note| &note.taken));
    let is_covered = |older: &Vec<Taken>| {
        taken.iter().filter(|one| !matches!(one, Taken::Spared(_) | Taken::After(_))).all(|one| older.contains(one))
    };
    if older.into_iter().any(is_covered) {
        return Ok(TakedownOutcome::AlreadyTaken);
    }
    let taken = taken.into_iter().collect();
    let note = Note { request: what.request.to_owned(), scope: what.scope, at: whole_second(now), title, taken };
    journal.add(&note)?;
    Ok(TakedownOutcome::Noted { title: note.title })
}

/// Notes that a takedown is undone: what it withheld may be published again.
pub(crate) fn undo_takedown(database: &Path, number: TakedownNumber) -> Result<(), OpError> {
    let known = takedowns(opened(database)?.as_ref())?;
    let takedown = known.iter().find(|known| known.number == number).ok_or(OpError::NoTakedown { number })?;
    let journal = Journal::beside(database);
    Ok(journal.undo(&Name::of(takedown))?)
}

/// The takedowns in force.
#[derive(Debug)]
pub(crate) struct Takedowns {
    /// In the database, the oldest first.
    pub(crate) known: Vec<Takedown>,
    /// Noted while a pass holds the database, which obeys them before it publishes.
    pub(crate) waiting: Vec<Note>,
}

/// Every takedown in force.
pub(crate) fn list_takedowns(database: &Path) -> Result<Takedowns, OpError> {
    let known = takedowns(opened(database)?.as_ref())?;
    let noted: Vec<Note> = Journal::beside(database).read()?.takedowns.into_values().collect();
    Ok(Takedowns { waiting: waiting(&noted, &known), known })
}

/// The number given to the takedown of `request` at `now`.
pub(crate) fn number_of(store: &Store, request: &str, now: Timestamp) -> Result<Option<TakedownNumber>, StoreError> {
    let of = |takedown: &&Takedown| takedown.request == request && takedown.at == whole_second(now);
    Ok(store.takedowns()?.iter().rfind(of).map(|takedown| takedown.number))
}

/// `None`: there is no database yet.
fn opened(database: &Path) -> Result<Option<Store>, StoreError> {
    match Store::open_to_read(database) {
        Err(StoreError::Missing { .. }) => Ok(None),
        opened => opened.map(Some),
    }
}

fn takedowns(store: Option<&Store>) -> Result<Vec<Takedown>, StoreError> {
    store.map(|store| store.takedowns()).transpose().map(Option::unwrap_or_default)
}

/// The form in which the database keeps a time.
fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
