//! The line that credits the original.

use super::table::{At, Table};

/// The default line that credits the leading entry, in English; an output or a source may have its own. Publishing adds
/// outlet, author and date to a line that does not name the outlet.
pub const DEFAULT_ATTRIBUTION: &str = "Here is the source article for this story: {link}";

/// An attribution line; it must link to the original.
pub(super) fn attribution(table: &Table<'_>, line: &At<&str>) -> Option<String> {
    const PLACEHOLDERS: [&str; 7] = ["link", "title", "url", "source", "site", "author", "date"];
    let mut rest = line.value;
    while let Some((_, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        if !PLACEHOLDERS.contains(&name) {
            let known = PLACEHOLDERS.map(|name| format!("{{{name}}}")).join(" ");
            table.wrong(line.at.clone(), format!("unknown placeholder {{{name}}}"), format!("known here: {known}"));
            return None;
        }
        rest = behind;
    }
    if !line.value.contains("{link}") && !line.value.contains("{url}") {
        table.wrong(line.at.clone(), "the attribution does not link to the original", "put {link} or {url} into it");
        return None;
    }
    Some(line.value.trim().to_owned())
}
