//! Prints what another configuration would gain, lose or regroup.

use serde_json::{Value, json};

use super::difference::{Comparison, OneSided, OutputDifference, Regrouped};
use crate::cli::console;
use crate::cli::plural::count;
use crate::publish::{Choice, Rule};
use crate::text::for_terminal;

/// This many of a kind are listed one by one; all of them with `--json`.
const MOST_OF_A_KIND: usize = 40;

/// For the operator.
pub(super) fn text(comparison: &Comparison<'_>) {
    let other = comparison.other.path.display();
    for output in &comparison.outputs {
        print_output(output, &other.to_string());
    }
    if comparison.outputs.iter().all(|output| output.changes.are_none()) {
        console::print(&format!("{other} would show the same stories in every output"));
    }
    if !comparison.unknown.is_empty() {
        let ids: Vec<&str> = comparison.unknown.iter().map(|id| id.as_str()).collect();
        console::print(&format!(
            "no entry is stored yet of {} in {other}, so what that would bring is not known: {}",
            count(ids.len(), "source"),
            ids.join(", ")
        ));
    }
}

fn print_output(output: &OutputDifference, other: &str) {
    let files = output.files.join(", ");
    let changes = &output.changes;
    let numbers = match (output.now, output.then) {
        (Some(now), Some(then)) => format!("{} now, {then} then", count(now, "item")),
        (Some(now), None) => format!("{} now; {other} has no such output", count(now, "item")),
        (None, then) => format!("no such output now, {} then", count(then.unwrap_or(0), "item")),
    };
    let (gained, lost, regrouped) = (changes.gained.len(), changes.lost.len(), changes.regrouped.len());
    console::print(&format!("{files}: {numbers}: {gained} gained, {lost} lost, {regrouped} regrouped"));
    print_one_sided("gained", "now", &changes.gained);
    print_one_sided("lost", "then", &changes.lost);
    for change in changes.regrouped.iter().take(MOST_OF_A_KIND) {
        print_side("regrouped  now  ", &change.now);
        print_side("           then ", &change.then);
    }
    print_rest("regrouped", regrouped);
}

/// `when` the rule leaves them out.
fn print_one_sided(kind: &str, when: &str, stories: &[OneSided]) {
    for OneSided { story, rule } in stories.iter().take(MOST_OF_A_KIND) {
        let why = rule.as_ref().map(|rule| format!(": {when}, {rule}")).unwrap_or_default();
        console::print(&format!("  {kind:<9}  {}{}", named(story), for_terminal(&why)));
    }
    print_rest(kind, stories.len());
}

fn print_rest(kind: &str, all: usize) {
    if all > MOST_OF_A_KIND {
        console::print(&format!("  {} more {kind}; to list them all: --json", all - MOST_OF_A_KIND));
    }
}

fn print_side(head: &str, stories: &[Choice]) {
    for (at, story) in stories.iter().enumerate() {
        let head = if at == 0 { head.to_owned() } else { " ".repeat(head.len()) };
        let entries = count(story.entries.len(), "entry");
        console::print(&format!("  {head}{}: {entries}", named(story)));
    }
}

fn named(story: &Choice) -> String {
    format!("{} ({})", for_terminal(&story.title), story.source)
}

/// For a program.
pub(super) fn json(comparison: &Comparison<'_>) -> Value {
    let one = |one: &OneSided| {
        let mut value = choice(&one.story);
        value["rule"] = json!(one.rule.as_ref().map(Rule::code));
        value["why"] = json!(one.rule.as_ref().map(ToString::to_string));
        value
    };
    let regrouped = |change: &Regrouped| {
        let side = |stories: &[Choice]| stories.iter().map(choice).collect::<Vec<_>>();
        json!({"now": side(&change.now), "then": side(&change.then)})
    };
    let output = |output: &OutputDifference| {
        json!({
            "files": output.files, "now": output.now, "then": output.then,
            "gained": output.changes.gained.iter().map(one).collect::<Vec<_>>(),
            "lost": output.changes.lost.iter().map(one).collect::<Vec<_>>(),
            "regrouped": output.changes.regrouped.iter().map(regrouped).collect::<Vec<_>>(),
        })
    };
    json!({
        "with": comparison.other.path.to_string_lossy(),
        "outputs": comparison.outputs.iter().map(output).collect::<Vec<_>>(),
        "not_known": comparison.unknown.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
    })
}

fn choice(story: &Choice) -> Value {
    let entries: Vec<Value> =
        story.entries.iter().map(|entry| json!({"source": entry.source.as_str(), "guid": entry.guid})).collect();
    json!({
        "story": story.story.as_str(), "title": story.title, "source": story.source.as_str(), "entries": entries,
    })
}
