//! Everything that looks at the program as a whole: one binary, one file per theme.

mod config;
mod crash;
mod replay;
mod scene;
mod store;
mod tidy;
