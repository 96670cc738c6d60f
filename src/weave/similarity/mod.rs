//! How alike two entries and two stories are, as learned from labelled windows. Pure: numbers in, log odds out.
//!
//! `quality/stories/FORMAT.md` defines every number; the tables in `../models` are made by `quality/stories/train.py`.

mod network;
mod kinds;
mod quantities;
mod columns;
mod traits;
mod side;
mod found;
mod pair;
mod merge;
mod models;

#[cfg(test)]
mod tests;

pub(super) use columns::Columns;
pub(super) use merge::{HandedOn, Merge, Story, Summary, handed_on};
pub(super) use models::MODELS;
pub(super) use pair::{COUNT, NAMES, features};
pub(super) use side::{Compared, Side};
pub(super) use traits::{Habitual, Said, Traits, habits_of};
