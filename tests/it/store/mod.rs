//! The database: what is opened, refused and kept.

mod damaged;
mod opening;
