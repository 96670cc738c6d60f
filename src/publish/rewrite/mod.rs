//! Programs that make a text of their own from each story of an output: a language model's client, a translator.
//!
//! A program is given a story as JSON, with as much of its texts as their publishers allow that use of, and answers with a
//! title and a text. Each version of a story is asked about once; the answer is remembered, and stands in place of the
//! lead's words in every output with that program, always with what was done and the credits of the originals.

mod stage;
mod programs;
mod asking;
mod material;
mod question;
mod answer;
mod credit_lines;
mod links;
mod memory;
mod apply;
mod report;

pub(super) use apply::rewritten_item;
pub(super) use material::Material;
pub(super) use memory::{Rewrites, Standing};
pub(crate) use report::{RewriteReport, RewriteStanding, rewrite_standings, rewrites_of};
pub(crate) use stage::rewrite;
