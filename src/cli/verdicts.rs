//! What becomes of every story in a dry run: kept or dropped, and by which rule.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::console;
use crate::config::Config;
use crate::model::Rank;
use crate::publish::{OutputVerdicts, PublishReport, Rule, Verdict};
use crate::store::HeldBack;
use crate::text::for_terminal;

/// This many stories dropped by one rule are listed one by one; all of them with `--json`.
const MOST_OF_A_RULE: usize = 20;

/// For the operator; outputs with the same items together.
pub(super) fn show(report: &PublishReport, held_back: &[HeldBack], config: &Config) {
    for (files, output) in together(&report.verdicts) {
        let kept = output.verdicts.iter().filter(|verdict| verdict.dropped.is_none()).count();
        console::print(&format!("\n{}: {kept} kept, {} dropped", files.join(", "), output.verdicts.len() - kept));
        for verdict in output.verdicts.iter().filter(|verdict| verdict.dropped.is_none()) {
            let rank = verdict.rank.as_ref().map(|rank| format!(": {rank}")).unwrap_or_default();
            console::print(&format!("  kept     {} ({}){rank}", for_terminal(&verdict.title), verdict.source));
        }
        let mut dropped: BTreeMap<&str, usize> = BTreeMap::new();
        for verdict in &output.verdicts {
            let Some(rule) = &verdict.dropped else { continue };
            let count = dropped.entry(rule.code()).or_default();
            *count += 1;
            if *count <= MOST_OF_A_RULE {
                let (title, why) = (for_terminal(&verdict.title), rule.to_string());
                console::print(&format!("  dropped  {title} ({}): {}", verdict.source, for_terminal(&why)));
            }
        }
        for (rule, count) in dropped.into_iter().filter(|(_, count)| *count > MOST_OF_A_RULE) {
            console::print(&format!(
                "  dropped  {} more by the rule {rule}; to list them all: --json",
                count - MOST_OF_A_RULE
            ));
        }
    }
    if !held_back.is_empty() {
        console::print(&format!("\nin no output: {} held back", held_back.len()));
        for entry in held_back.iter().take(MOST_OF_A_RULE) {
            let rule = rule_of(entry, config);
            console::print(&format!("  dropped  {} ({}): {rule}", for_terminal(&entry.title), entry.source));
        }
    }
}

/// Why an entry is recorded but in no output.
fn rule_of(entry: &HeldBack, config: &Config) -> Rule {
    let source = config.sources.iter().find(|source| source.id == entry.source);
    let is_old = source.and_then(|source| source.max_age).is_some_and(|most| entry.age > most);
    if is_old { Rule::SourceMaxAge } else { Rule::HeldBack }
}

/// Outputs with the same verdicts, in the order of feeds.toml.
fn together(all: &[OutputVerdicts]) -> Vec<(Vec<&str>, &OutputVerdicts)> {
    let mut found: Vec<(Vec<&str>, &OutputVerdicts)> = Vec::new();
    for output in all {
        match found.iter_mut().find(|(_, known)| known.verdicts == output.verdicts) {
            Some((files, _)) => files.push(&output.file),
            None => found.push((vec![&output.file], output)),
        }
    }
    found
}

fn rank_json(rank: &Rank) -> Value {
    json!({
        "outlets": rank.outlets, "weight": rank.weight, "date": rank.date.to_string(),
        "half_life_seconds": rank.half_life.as_secs(),
    })
}

/// The same for a program.
pub(super) fn json(report: &PublishReport, held_back: &[HeldBack], config: &Config) -> Value {
    let one = |verdict: &Verdict| {
        let rule = verdict.dropped.as_ref();
        json!({
            "story": verdict.story.as_str(), "title": verdict.title, "source": verdict.source.as_str(),
            "kept": rule.is_none(), "rule": rule.map(Rule::code), "why": rule.map(ToString::to_string),
            "rank": verdict.rank.as_ref().map(rank_json),
        })
    };
    let outputs: Vec<Value> = report
        .verdicts
        .iter()
        .map(|output| json!({"file": output.file, "stories": output.verdicts.iter().map(one).collect::<Vec<_>>()}))
        .collect();
    let held: Vec<Value> = held_back
        .iter()
        .map(|entry| {
            let rule = rule_of(entry, config).code();
            json!({"title": entry.title, "url": entry.url, "source": entry.source.as_str(), "rule": rule})
        })
        .collect();
    json!({"outputs": outputs, "held_back": held})
}
