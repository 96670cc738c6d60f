//! A language tag.

use super::problems::Problems;
use super::table::At;

/// `en`, `pt-br`: in lower case.
pub(super) fn language_of(text: &At<&str>, problems: &Problems) -> String {
    let language = text.value.trim().to_ascii_lowercase();
    let fits = language
        .split('-')
        .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if !fits {
        problems.add(text.at.clone(), "`language` is no language tag", "write one such as \"en\" or \"en-us\"");
    }
    language
}
