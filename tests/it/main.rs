//! The integration tests: one binary, one file per theme.

mod publish;
