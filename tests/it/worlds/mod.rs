//! Random worlds of sources that harm one another: documents in, the whole chain of parsing, storing, weaving and
//! publishing in one process, outputs compared.
//!
//! A few dozen worlds in `cargo test`; FEEDLOOM_WORLDS names another number, FEEDLOOM_WORLD one world alone.

mod newsroom;
mod documents;
mod news;
mod liar;
mod compared;
mod one_liar;
mod over_http;
mod edits;
mod contested;
mod told;
