//! Entries without a story → stories. Pure but for the door in this file.

mod address;

pub use address::canonical;
