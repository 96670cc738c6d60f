//! Names, titles and statements from outside → one bounded line.

use crate::text::without_illegal_xml;

/// Names, categories and rights are cut after so many characters: a feed cannot push the others out of
/// a document with them.
const MAX_CHARS: usize = 200;

/// `text` on one line: characters that XML forbids are out, white space is collapsed.
pub(super) fn one_line(text: &str) -> String {
    without_illegal_xml(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `text` on one line of at most 200 characters and an ellipsis; `None` where nothing is left.
pub(super) fn short_line(text: &str) -> Option<String> {
    let line = one_line(text);
    match line.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => Some(format!("{}…", line[..end].trim_end())),
        None => (!line.is_empty()).then_some(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_short_and_never_empty() {
        assert_eq!(short_line(" a\n\tb\0c  ").as_deref(), Some("a bc"));
        assert_eq!(short_line(" \u{FFFE} "), None);
        assert_eq!(short_line(&"ü".repeat(200)), Some("ü".repeat(200)));
        assert_eq!(short_line(&"ü".repeat(201)), Some(format!("{}…", "ü".repeat(200))));
    }
}
