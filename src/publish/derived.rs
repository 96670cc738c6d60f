//! What follows from the rest of an input, and is worked out once for all that a publish does.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::model::{Outlets, Source, SourceId};
use crate::text::Fingerprint;

/// What follows from the sources of feeds.toml.
#[derive(Debug)]
pub struct Derived<'a> {
    /// The outlets that they are.
    pub(super) outlets: Outlets<'a>,
    /// Changes with all of the input but the stories; made when it is first asked for.
    pub(super) print: OnceCell<Fingerprint>,
}

impl<'a> Derived<'a> {
    /// What follows from `sources`, which the input has.
    #[must_use]
    pub fn of(sources: &'a BTreeMap<SourceId, Source>) -> Self {
        Self { outlets: Outlets::new(sources), print: OnceCell::new() }
    }
}
