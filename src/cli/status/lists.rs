//! What `status` says of `[[list]]` whose looks fail.

use jiff::Timestamp;
use serde_json::json;

use super::rough::rough;
use crate::cli::console;
use crate::config::{Config, ListConfig, ListState};
use crate::text::for_terminal;

/// One line for each list that fails, and what to do.
pub(super) fn print_lists(config: &Config, now: Timestamp) {
    let failing: Vec<String> = config.lists.iter().filter_map(|list| line(config, list, now)).collect();
    if failing.is_empty() {
        return;
    }
    console::print("\nlists that fail: their sources stay as they are");
    failing.iter().for_each(|line| console::print_prose(&for_terminal(line)));
    console::print("  hint: open the address in a browser; if it has moved, write the new one in feeds.toml");
}

fn line(config: &Config, list: &ListConfig, now: Timestamp) -> Option<String> {
    let ListState { misses, failing, .. } = ListState::read(list);
    let (since, why) = failing?;
    let times = if misses == 1 { "once".to_owned() } else { format!("{misses} times in a row") };
    let first = rough(now.duration_since(since));
    let place = format!("{}:{}", config.path.display(), list.line);
    Some(format!("  {}: {why} (failed {times}, first {first} ago; {place})", list.id))
}

/// All lists, for a program.
pub(super) fn json(config: &Config) -> Vec<serde_json::Value> {
    let one = |list: &ListConfig| {
        let ListState { asked, misses, failing } = ListState::read(list);
        let (since, why) = failing.unzip();
        json!({
            "id": list.id.as_str(), "url": list.url.as_str(), "last_look": asked.map(|at| at.to_string()),
            "failures": misses, "failing_since": since.map(|at| at.to_string()), "error": why,
        })
    };
    config.lists.iter().map(one).collect()
}
