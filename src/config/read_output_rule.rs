//! `include`, `exclude` and `min_outlets` of an output, from their tables to checked [`OutputRules`].

use super::filter::{Filter, FilterField};
use super::output_rule::{OutputRule, OutputRules, OutputTest};
use super::problem::Lines;
use super::read_filter::{FIELDS, filter_test};
use super::table::Table;

/// More outlets than this cover nothing.
const MOST_OUTLETS: i64 = 100;

/// What a rule looks at.
#[derive(Clone, Copy)]
enum Field {
    Entry(FilterField),
    Language,
    Outlets,
    Paywall,
}

/// Reads the rules of an output.
pub(super) fn read_output_rules(output: &Table<'_>, lines: &Lines) -> OutputRules {
    OutputRules {
        include: rules(output, "include", lines),
        exclude: rules(output, "exclude", lines),
        min_outlets: output.whole("min_outlets", 1..=MOST_OUTLETS).and_then(|least| usize::try_from(least).ok()),
    }
}

fn rules(output: &Table<'_>, key: &'static str, lines: &Lines) -> Vec<OutputRule> {
    let of_entries = FIELDS.iter().map(|(name, field)| (*name, Field::Entry(*field)));
    let of_stories = [("language", Field::Language), ("outlets", Field::Outlets), ("paywall", Field::Paywall)];
    let fields: Vec<(&str, Field)> = of_entries.chain(of_stories).collect();
    let read = |rule: Table<'_>| {
        let field = rule.choice("field", &fields);
        if field.is_none() && rule.raw().get("field").is_none() {
            rule.wrong(rule.at.clone(), "this rule names no field", "add field = \"title\"");
        }
        let line = lines.at(rule.at.start);
        let test = field.and_then(|field| test(&rule, field, line));
        if field.is_some() {
            rule.finish();
        }
        Some(OutputRule { test: test?, line })
    };
    output.rules(key).into_iter().filter_map(read).collect()
}

fn test(rule: &Table<'_>, field: Field, line: usize) -> Option<OutputTest> {
    match field {
        Field::Entry(field) => Some(OutputTest::Entry(Filter { field, test: filter_test(rule)?, line })),
        Field::Language => Some(OutputTest::Language(filter_test(rule)?)),
        Field::Outlets if rule.raw().get("at_least").is_some() => {
            let least = rule.whole("at_least", 1..=MOST_OUTLETS)?;
            Some(OutputTest::OutletsAtLeast(usize::try_from(least).ok()?))
        }
        Field::Outlets => Some(OutputTest::Outlets(filter_test(rule)?)),
        Field::Paywall => {
            let is = rule.flag("is");
            if is.is_none() && rule.raw().get("is").is_none() {
                rule.wrong(rule.at.clone(), "a rule about paywalls says which articles", "add is = true");
            }
            Some(OutputTest::Paywall(is?))
        }
    }
}
