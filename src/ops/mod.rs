//! What an operator does to single articles and stories: take down, split, join, and undo. Functions with typed
//! results that print nothing, for the command line and for any other caller.

mod context;
mod error;
mod find;
mod takedown;
mod corrections;

pub(crate) use context::Context;
pub(crate) use corrections::{join, split, undo_correction};
pub(crate) use error::OpError;
pub(crate) use find::{MOST_NAMED, stories};
pub(crate) use takedown::{TakeDown, TakedownOutcome, Takedowns, list_takedowns, number_of, take_down, undo_takedown};
