//! `include` and `exclude` from their tables to checked [`Filter`]s.

use regex::RegexBuilder;

use super::filter::{Filter, FilterField, FilterTest};
use super::problem::Lines;
use super::table::Table;

/// Largest compiled size of a filter's regular expression in bytes.
const REGEX_BYTES: usize = 1024 * 1024;

/// Reads the rules under `key`.
pub(super) fn read_filters(table: &Table<'_>, key: &'static str, lines: &Lines) -> Vec<Filter> {
    let fields = [
        ("title", FilterField::Title),
        ("url", FilterField::Url),
        ("author", FilterField::Author),
        ("tag", FilterField::Tag),
        ("content", FilterField::Content),
    ];
    table
        .tables(key)
        .into_iter()
        .filter_map(|filter| {
            let field = filter.choice("field", &fields);
            let test = filter_test(&filter);
            if field.is_none() && filter.raw().get("field").is_none() {
                filter.wrong(filter.at.clone(), "this filter names no field", "add field = \"title\"");
            }
            let line = lines.at(filter.at.start);
            filter.finish();
            Some(Filter { field: field?, test: test?, line })
        })
        .collect()
}

fn filter_test(filter: &Table<'_>) -> Option<FilterTest> {
    match (filter.words("contains"), filter.words("matches")) {
        (Some(text), None) => Some(FilterTest::Contains(text.value.to_lowercase())),
        (None, Some(pattern)) => match RegexBuilder::new(pattern.value).size_limit(REGEX_BYTES).build() {
            Ok(regex) => Some(FilterTest::Matches(regex)),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                filter.wrong(pattern.at, format!("this is no regular expression: {reason}"), "mend it here");
                None
            }
        },
        _ => {
            filter.wrong(filter.at.clone(), "a filter has one test", "write contains = \"…\" or matches = \"…\"");
            None
        }
    }
}
