//! Everything that looks at the program as a whole: one binary, one file per theme.
//!
//! `T01` to `T86` and `T88` are rows of the acceptance cases (`design/cases.md` of the shared folder): each stands above
//! the test that holds it or in its name, here, in a unit test or in a script of `.ci/`.

#![expect(clippy::unwrap_used, reason = "a failing helper of a test is a failing test")]

mod answers;
mod article;
mod cli;
mod again;
mod config;
mod crash;
mod credits;
mod databases;
mod fetch;
mod hub;
mod kills;
mod migrate;
mod filters;
mod outputs;
mod pages;
mod posts;
mod publish;
mod publisher;
mod read;
mod replay;
mod rights;
mod scene;
mod settle;
mod starter;
mod store;
mod stories;
mod takedown;
mod tidy;
mod verdicts;
mod weave;
mod window;
