//! Restores to the store what is in the outputs and unknown to it: a database that was lost, or restored
//! from an older copy, continues with the ids, dates, order and credits that readers have.

mod take;
mod order;
mod document;

pub(crate) use take::recovery;
