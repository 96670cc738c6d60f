//! Stories → files, from outside: `feedloom::publish` over small hand-made stories.

#![expect(clippy::unwrap_used, reason = "these are tests, helpers included")]

mod about;
mod contract;
mod files;
mod hostile;
mod links;
mod snapshots;
mod world;
