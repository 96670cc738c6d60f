//! feeds.toml's sources → entries in the store.

pub mod read;
