//! One source with all that is known about it.

use super::known::Known;
use super::paint::painted;
use super::pushes;
use crate::cli::console;
use crate::config::Config;
use crate::text::for_terminal;

pub(super) fn print(known: &Known<'_>, config: &Config) {
    let source = known.source;
    let [id, state, last, due, a_day] = known.row();
    let name = source.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    console::print(&for_terminal(&format!("{id}{name}")));
    let line = |key: &str, value: &str| console::print_prose(&format!("  {key:<13} {value}"));
    line("state", &painted(&state));
    line("address", &for_terminal(&source.shown_address()));
    line("in feeds.toml", &format!("{}:{}", config.path.display(), source.line));
    if !source.tags.is_empty() {
        line("tags", &for_terminal(&source.tags.join(", ")));
    }
    line("last good", &last);
    let rule = known.state.as_ref().and_then(|state| state.due).map(|due| format!(" ({})", due.rule.sentence()));
    line("next due", &format!("{due}{}", rule.unwrap_or_default()));
    for subscription in &known.subscriptions {
        line("hub", &for_terminal(&pushes::sentence(subscription, known.now)));
    }
    line("entries", &format!("{}, {a_day} a day", known.count.entries));
    line("published", &for_terminal(&known.allowed.sentence()));
    if let Some(wrong) = known.wrong() {
        line("note", &for_terminal(&wrong));
    }
}
