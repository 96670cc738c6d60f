//! What an operator does to single articles and stories: take down, split, join, and undo. Functions with typed
//! results that print nothing, for the command line and for whatever else may call them.

mod error;
mod find;
mod takedown;
mod corrections;

pub(crate) use corrections::{join, split, undo_correction};
pub(crate) use error::OpError;
pub(crate) use find::stories;
pub(crate) use takedown::{TakeDown, TakedownOutcome, take_down, undo_takedown};

use jiff::Timestamp;

use crate::config::Config;
use crate::store::Store;

/// What every operation works on.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) store: &'a mut Store,
    pub(crate) config: &'a Config,
    pub(crate) now: Timestamp,
}
