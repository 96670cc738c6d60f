//! Many tech-news feeds in, one good feed out: each story once, every outlet credited.
//!
//! One pass is `gather → weave → publish`; `ARCHITECTURE.md` is the map. To read the code, start at
//! `pass.rs` and follow one `Entry`.

mod ops;
pub mod pass;
pub mod model;
pub mod text;
pub mod rights;
pub mod config;
pub mod store;
pub mod parse;
pub mod extract;
pub mod gather;
pub mod weave;
pub mod publish;
pub mod cli;
