//! Names, titles and statements from outside → one bounded line.

use crate::text::without_illegal_xml;

/// Names, categories and rights are cut after so many characters: a feed cannot push the others out of
/// a document with them.
const MAX_CHARS: usize = 200;

/// `text` on one line: characters that XML forbids are out, white space is collapsed, UTF-8 that its
/// publisher took for Latin-1 (`WÃªreld`) is read as what it is.
pub(super) fn one_line(text: &str) -> String {
    let line = without_illegal_xml(text).split_whitespace().collect::<Vec<_>>().join(" ");
    read_once_more(&line).unwrap_or(line)
}

/// `text` as UTF-8, where all of it is Latin-1 that makes sense in no other way.
fn read_once_more(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<_>>()?;
    let again = String::from_utf8(bytes).ok()?;
    (without_illegal_xml(&again).len() == again.len()).then_some(again)
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
    fn what_was_encoded_twice_is_decoded_twice() {
        assert_eq!(one_line("WÃªreld  Nuus"), "Wêreld Nuus");
        assert_eq!(one_line("ElektromobilitÃ¤t – ja"), "ElektromobilitÃ¤t – ja", "a dash is no Latin-1");
        assert_eq!(one_line("Smörgås £5"), "Smörgås £5");
    }

    #[test]
    fn a_line_is_short_and_never_empty() {
        assert_eq!(short_line(" a\n\tb\0c  ").as_deref(), Some("a bc"));
        assert_eq!(short_line(" \u{FFFE} "), None);
        assert_eq!(short_line(&"ü".repeat(200)), Some("ü".repeat(200)));
        assert_eq!(short_line(&"ü".repeat(201)), Some(format!("{}…", "ü".repeat(200))));
    }
}
