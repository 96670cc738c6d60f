//! What outputs of top stories hold from one publish to the next: what is in them stays for as long as it is new.

use std::collections::{BTreeMap, BTreeSet};

use super::fingerprint::add_list;
use crate::config::{Order, OutputConfig, OutputRule};
use crate::model::{SourceId, StoryId};
use crate::text::Fingerprint;

/// What outputs of top stories had at the last publish, by a hash of what they select.
pub type TopItems = BTreeMap<i64, BTreeSet<StoryId>>;

/// What tells the choice of an output from other choices, whatever its file, format and words: a hash of all that decides
/// which stories it has, and in which order.
pub(super) fn selection(output: &OutputConfig) -> i64 {
    let mut print = Fingerprint::new();
    let OutputConfig { tags, sources, rules, items, span, max_age, order, half_life, .. } = output;
    let tests = |rules: &[OutputRule]| rules.iter().map(|rule| rule.test.to_string()).collect::<Vec<_>>();
    add_list(&mut print, tags);
    add_list(&mut print, sources.iter().map(SourceId::as_str).collect::<Vec<_>>());
    add_list(&mut print, tests(&rules.include));
    add_list(&mut print, tests(&rules.exclude));
    let order = match order {
        Order::FirstSeen => "first seen",
        Order::Published => "published",
        Order::Top => "top",
    };
    print.add(order);
    print.add(output.republish.code());
    print.add(match output.commercial {
        None => "as the file",
        Some(true) => "commercial",
        Some(false) => "not commercial",
    });
    print.add(&output.filter.as_ref().map(ToString::to_string).unwrap_or_default());
    print.add(&max_age.map_or_else(|| "any".to_owned(), |most| most.as_secs().to_string()));
    for number in [*items, rules.min_outlets.unwrap_or_default()] {
        print.add(&number.to_string());
    }
    for duration in [span, half_life] {
        print.add(&duration.as_secs().to_string());
    }
    print.finish()
}
