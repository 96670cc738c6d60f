//! Everything that looks at the program as a whole: one binary, one folder or file for each verb and room.
//!
//! `T01` to `T91` are rows of `docs/cases.md`: each stands above the test that holds it or in its name, here,
//! in a unit test or in a script of `tests/e2e`.

#![expect(clippy::unwrap_used, reason = "a failing helper of a test is a failing test")]

mod gather;
mod parse;
mod extract;
mod extract_parts;
mod weave;
mod publish;
mod rights;
mod cli;
mod config;
mod store;
mod crash;
mod worlds;
#[cfg(unix)]
mod serve;
mod tidy;
mod scene;
mod random;
#[path = "../support/publisher.rs"]
mod publisher;
