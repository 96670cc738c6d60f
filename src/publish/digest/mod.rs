//! Digests: one issue a day or a week, frozen when it is made, each story in one issue only.

mod schedule;
mod issue;
mod file;
mod public;
mod make;
mod show;
mod stated;

pub use issue::Issues;
pub(crate) use make::issues_with;
pub(super) use make::{kept, make, next_due};
pub(super) use show::{document, has_denied, items, items_of, stories};
pub(super) use stated::with_rights;
