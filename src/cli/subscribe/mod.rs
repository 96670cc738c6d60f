//! Sources that come and go: `add`, `remove`, and how feeds.toml is changed for them.

mod look;
mod choose;
mod write;
pub(super) mod add;
pub(super) mod remove;
mod import_report;
pub(super) mod import;
mod sorted;
pub(super) mod follow;
