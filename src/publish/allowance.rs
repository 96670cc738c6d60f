//! How much of an entry may leave: what was read of its rights, weighed with feeds.toml.

use crate::config::{Config, OutputConfig};
use crate::model::{Republish, Signal, Source};
use crate::rights::{self, Allowance, House};

/// How much of an entry of `source` that says `of_entry` may go into `output`; `None`: into one that is not
/// stricter than its source.
#[must_use]
pub fn allowance(config: &Config, output: Option<&OutputConfig>, source: &Source, of_entry: &[Signal]) -> Allowance {
    let house = House {
        source: source.republish,
        output: output.map_or(Republish::Full, |output| output.republish),
        excerpt_chars: source.excerpt_length,
        is_commercial: output.and_then(|output| output.commercial).unwrap_or(config.commercial),
        obeys_drafts: config.obey_drafts,
    };
    rights::allowance(&house, &source.signals, of_entry)
}

/// Whether anything at all of `source` may be published.
pub(super) fn is_published(source: &Source, config: &Config) -> bool {
    allowance(config, None, source, &[]).extent < Republish::Off
}
