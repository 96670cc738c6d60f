//! Everything that looks at the program as a whole: one binary, one file per theme.

mod config;
mod starter;
mod store;
mod tidy;
