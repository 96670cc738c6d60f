//! Everything that looks at the program as a whole: one binary, one file per theme.

mod config;
mod fetch;
mod publish;
mod publisher;
mod starter;
mod store;
mod tidy;
