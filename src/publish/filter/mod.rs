//! Filter programs of an output: what they made of each item, run once for each version of it.
//!
//! A program is given one item as JSON and answers with the item, changed or not, or with nothing, which
//! drops it. It fails closed: an item that it failed on is left out, and where it cannot be used at all the
//! output keeps its last version. What it said is remembered, so that an unchanged item costs nothing.

mod apply;
mod exchange;
mod program;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::config::FilterProgram;
use crate::model::Item;
use crate::store::{Store, StoreError};
use crate::text::content_hash;

pub(super) use exchange::Changed;
pub use program::FilterError;

/// Failures in one pass after which a program counts as broken.
const MOST_FAILURES: usize = 5;
/// How long all programs may take in one pass; what is left waits for the next.
const ALTOGETHER: Duration = Duration::from_secs(60);

/// What filters said, of earlier passes and of this one.
#[derive(Debug)]
pub struct Filters<'a> {
    store: Option<&'a Store>,
    said: RefCell<BTreeMap<[u8; 32], Option<String>>>,
    began: RefCell<Option<Instant>>,
}

/// Why an item was not filtered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotFiltered {
    #[error(transparent)]
    Program(#[from] FilterError),
    #[error("filters have taken {} s in this pass", ALTOGETHER.as_secs())]
    OutOfTime,
    #[error("what it said before cannot be read: {0}")]
    Store(String),
}

impl<'a> Filters<'a> {
    /// Filters that remember what `store` holds.
    #[must_use]
    pub fn new(store: Option<&'a Store>) -> Self {
        Self { store, said: RefCell::default(), began: RefCell::default() }
    }

    /// What was said in this pass, by the hash of program and item: to be stored.
    #[must_use]
    pub fn into_said(self) -> BTreeMap<[u8; 32], Option<String>> {
        self.said.into_inner()
    }

    /// What `program` makes of `item` of the output `file`; `None`: it drops it.
    pub(super) fn ask(
        &self,
        program: &FilterProgram,
        item: &Item,
        id: &str,
        file: &str,
        is_whole: bool,
    ) -> Result<Option<Changed>, NotFiltered> {
        let sent = exchange::outgoing(item, id, file, is_whole);
        let input = sent.to_string();
        let key = content_hash(format!("{}\n{input}", program.print).as_bytes());
        if let Some(said) = self.remembered(&key).map_err(|error| NotFiltered::Store(error.to_string()))? {
            self.said.borrow_mut().insert(key, said.clone());
            return Ok(exchange::incoming(&sent, said.unwrap_or_default().as_bytes())?);
        }
        let began = *self.began.borrow_mut().get_or_insert_with(Instant::now);
        if began.elapsed() > ALTOGETHER {
            return Err(NotFiltered::OutOfTime);
        }
        let answer = program::answer(program, &input)?;
        let changed = exchange::incoming(&sent, &answer)?;
        let said = changed.is_some().then(|| String::from_utf8_lossy(&answer).into_owned());
        self.said.borrow_mut().insert(key, said);
        Ok(changed)
    }

    fn remembered(&self, key: &[u8; 32]) -> Result<Option<Option<String>>, StoreError> {
        if let Some(said) = self.said.borrow().get(key) {
            return Ok(Some(said.clone()));
        }
        self.store.map_or(Ok(None), |store| store.filtered(key))
    }
}

/// Whether so many failures of a program in one pass say that it is broken altogether.
pub(super) fn are_too_many(failures: usize) -> bool {
    failures >= MOST_FAILURES
}
