//! One text about feeds.toml, `docs/config.md`: as help, as a man page, as a JSON schema for editors.

mod text;
pub(super) mod config;
pub(super) mod schema;
pub(super) mod man;
