//! The one integration test binary: a file per theme.

mod fetch;
mod publisher;
