//! What outputs of top stories hold from one publish to the next: what is in them stays for as long as it is new.

use std::collections::{BTreeMap, BTreeSet};

use super::fingerprint::add_list;
use crate::config::{OutputConfig, OutputRule};
use crate::model::{SourceId, StoryId};
use crate::text::Fingerprint;

/// What outputs of top stories had at the last publish, by a hash of what they select.
pub type TopItems = BTreeMap<i64, BTreeSet<StoryId>>;

/// What tells the choice of an output from other choices, whatever its file and format.
pub(super) fn selection(output: &OutputConfig) -> i64 {
    let mut print = Fingerprint::new();
    let tests = |rules: &[OutputRule]| rules.iter().map(|rule| rule.test.to_string()).collect::<Vec<_>>();
    add_list(&mut print, &output.tags);
    add_list(&mut print, output.sources.iter().map(SourceId::as_str).collect::<Vec<_>>());
    add_list(&mut print, tests(&output.rules.include));
    add_list(&mut print, tests(&output.rules.exclude));
    print.add(&output.rules.min_outlets.unwrap_or_default().to_string());
    print.finish()
}
