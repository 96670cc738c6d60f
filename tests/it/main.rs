//! Everything that looks at the program as a whole: one binary, one file per theme.

mod config;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod scene;
mod store;
mod tidy;
