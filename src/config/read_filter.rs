//! `include` and `exclude` from their tables to checked [`Filter`]s.

use regex::{Regex, RegexBuilder};

use super::filter::{Filter, FilterField, FilterTest};
use super::problem::Lines;
use super::table::Table;

/// Largest compiled size of a filter's regular expression in bytes, …
const REGEX_BYTES: usize = 1024 * 1024;
/// … that of the first this many of a file; …
const LARGE_REGEXES: usize = 64;
/// … and of those that follow, so that thousands cost neither minutes nor gigabytes.
const LATER_REGEX_BYTES: usize = 64 * 1024;

/// The parts of an entry that a rule may look at.
pub(super) const FIELDS: [(&str, FilterField); 6] = [
    ("title", FilterField::Title),
    ("url", FilterField::Url),
    ("author", FilterField::Author),
    ("tag", FilterField::Tag),
    ("category", FilterField::Tag),
    ("content", FilterField::Content),
];

/// Reads the rules under `key`.
pub(super) fn read_filters(table: &Table<'_>, key: &'static str, lines: &Lines) -> Vec<Filter> {
    table
        .rules(key)
        .into_iter()
        .filter_map(|filter| {
            let field = filter.choice("field", &FIELDS);
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

/// Reads the one test of a rule.
pub(super) fn filter_test(filter: &Table<'_>) -> Option<FilterTest> {
    match (filter.words("contains"), filter.words("matches"), filter.words("is")) {
        (Some(text), None, None) => Some(FilterTest::Contains(text.value.to_lowercase())),
        (None, None, Some(text)) => Some(FilterTest::Is(text.value.trim().to_owned())),
        (None, Some(pattern), None) => match compile(pattern.value, filter.problems().next_pattern()) {
            Ok(regex) => Some(FilterTest::Matches(regex)),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                filter.wrong(pattern.at, format!("this is no regular expression: {reason}"), "mend it here");
                None
            }
        },
        _ => {
            filter.wrong(
                filter.at.clone(),
                "a filter has one test",
                "write contains = \"…\", matches = \"…\" or is = \"…\"",
            );
            None
        }
    }
}

/// Compiles `pattern`, preceded in the file by `earlier` ones.
fn compile(pattern: &str, earlier: usize) -> Result<Regex, regex::Error> {
    let limit_bytes = if earlier < LARGE_REGEXES { REGEX_BYTES } else { LATER_REGEX_BYTES };
    RegexBuilder::new(pattern).size_limit(limit_bytes).build()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    #[test]
    fn thousands_of_wrong_patterns_are_short_messages() {
        let patterns = [r"\\w{1,90}", "(", "a{99999}", "[z-a]", r"\\pL{200}"];
        let rules: String = (0..1_500)
            .map(|n| format!("{{ field = \"title\", matches = \"{}{n}\" }},", patterns[n % patterns.len()]))
            .collect();
        let text = format!("title = \"T\"\n[[source]]\nurl = \"https://a.example/f\"\ninclude = [{rules}]\n");
        let error = Config::parse(Path::new("/feeds.toml"), &text).unwrap_err().to_string();
        assert!(error.matches("error: ").count() >= 1_400, "{}", error.matches("error: ").count());
        assert!(error.len() < 1_000_000, "{}", error.len());
    }
}
