//! Everything that looks at the program as a whole: one binary, one file per theme.

mod config;
#[cfg(test)]
mod crash;
mod fetch;
mod publish;
mod publisher;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod scene;
mod starter;
mod store;
mod tidy;
