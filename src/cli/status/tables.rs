//! What `status -v` shows about all sources.

use std::collections::BTreeMap;

use super::known::Known;
use super::paint::painted;
use crate::cli::console;
use crate::text::for_terminal;

pub(super) fn print_table(known: &[Known<'_>]) {
    let rows: Vec<[String; 5]> = known.iter().map(Known::row).collect();
    let head = ["source", "state", "last good", "next due", "a day"].map(str::to_owned);
    let width = |column: usize| rows.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), width(3), width(4)];
    for row in std::iter::once(&head).chain(&rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(&painted(cell));
            line.push_str(&" ".repeat(width - cell.chars().count() + 2));
        }
        console::print(line.trim_end());
    }
}

/// Why sources are due when they are, rule by rule.
pub(super) fn print_reasons(known: &[Known<'_>]) {
    let mut rules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for known in known.iter().filter(|known| !known.source.disabled) {
        if let Some(due) = known.state.as_ref().and_then(|state| state.due) {
            rules.entry(due.rule.sentence()).or_default().push(known.source.id.as_str());
        }
    }
    if rules.is_empty() {
        return;
    }
    console::print("\nreasons for the next due time");
    for (rule, ids) in rules {
        console::print_prose(&format!("  {rule}: {}", ids.join(", ")));
    }
}

/// How much of which sources may be published, reason by reason.
pub(super) fn print_rights(known: &[Known<'_>]) {
    let mut reasons: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for known in known {
        reasons.entry(known.allowed.sentence()).or_default().push(known.source.id.as_str());
    }
    console::print("\nwhat may be published");
    for (sentence, ids) in reasons {
        console::print_prose(&format!("  {}: {}", for_terminal(&sentence), ids.join(", ")));
    }
}
