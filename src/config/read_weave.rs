//! `[weave]` from its table to a checked [`WeaveConfig`].

use jiff::SignedDuration;

use super::settings::{SameStory, WeaveConfig};
use super::table::Table;

/// How far back an entry looks for its story: 93 % of followers come within 24 h, nearly all in 72 h.
const LOOKBACK: SignedDuration = SignedDuration::from_hours(72);

pub(super) fn read_weave(table: Option<Table<'_>>) -> WeaveConfig {
    let mut weave =
        WeaveConfig { same_story: SameStory::default(), lookback: LOOKBACK, split: Vec::new(), join: Vec::new() };
    let Some(table) = table else { return weave };
    let modes = [
        ("off", SameStory::Off),
        ("exact", SameStory::Exact),
        ("balanced", SameStory::Balanced),
        ("eager", SameStory::Eager),
    ];
    weave.same_story = table.choice("same_story", &modes).unwrap_or_default();
    let range = SignedDuration::from_hours(1)..=SignedDuration::from_hours(24 * 30);
    weave.lookback = table.duration("lookback", range).unwrap_or(LOOKBACK);
    weave.split = table.address_pairs("split");
    weave.join = table.address_pairs("join");
    table.finish();
    weave
}
