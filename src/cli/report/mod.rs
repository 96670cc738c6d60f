//! What a pass did, for the operator on stderr and for a program as JSON.

mod tone;
mod judge;
mod units;
mod bar;
mod failures;
mod network;
mod person;
mod outputs;
mod posts;
mod rewrites;
mod dry_run;
mod json;

pub(super) use bar::Bar;
pub(super) use dry_run::{Which, print_due, would_write};
pub(super) use json::json;
pub(super) use judge::{all_failed, any_failed, any_good};
pub(super) use network::LOG_IN;
pub(super) use outputs::flood;
pub(super) use person::note_pass;
pub(super) use tone::{Tone, tone};
pub(super) use units::size;
