//! Names, titles and statements from outside → one bounded line.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

use crate::text::without_illegal_xml;

/// Names, categories and rights are cut after this many characters: a feed cannot push the others out of
/// a document with them.
const MAX_CHARS: usize = 200;

/// `text` on one line: characters that XML forbids are removed, and marks without a letter before them; white
/// space is collapsed, UTF-8 that its publisher took for Latin-1 (`WÃªreld`) is read as what it is.
pub(super) fn one_line(text: &str) -> String {
    let line = without_illegal_xml(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let line = read_once_more(&line).unwrap_or(line);
    match line.trim_start_matches(|c: char| is_combining_mark(c) || c == ' ') {
        whole if whole.len() == line.len() => line,
        rest => rest.to_owned(),
    }
}

/// Every line of `text` that is UTF-8 taken for Latin-1, read as what it is.
pub(super) fn read_right(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.lines().any(|line| read_once_more(line).is_some()) {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(|line| read_once_more(line).map_or(Cow::Borrowed(line), Cow::Owned));
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

/// `text` as UTF-8, if all of it is Latin-1 that makes sense in no other way.
fn read_once_more(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<_>>()?;
    let again = String::from_utf8(bytes).ok()?;
    (without_illegal_xml(&again).len() == again.len()).then_some(again)
}

/// `text` with the bidirectional embeddings, overrides and isolates that it opens closed at its end (UAX #9), so
/// that what is written after it keeps its order.
pub(super) fn closed(text: &str) -> Cow<'_, str> {
    const POP: char = '\u{202C}';
    const POP_ISOLATE: char = '\u{2069}';
    let mut open = Vec::new();
    for c in text.chars() {
        match c {
            '\u{202A}' | '\u{202B}' | '\u{202D}' | '\u{202E}' => open.push(POP),
            '\u{2066}'..='\u{2068}' => open.push(POP_ISOLATE),
            POP if open.last() == Some(&POP) => _ = open.pop(),
            POP_ISOLATE => {
                if let Some(at) = open.iter().rposition(|end| *end == POP_ISOLATE) {
                    open.truncate(at);
                }
            }
            _ => {}
        }
    }
    if open.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(text.chars().chain(open.into_iter().rev()).collect()) }
}

/// An excerpt, made fit to appear among other texts: no longer than it was, with bidirectional controls removed
/// where they would go on having effect.
pub(super) fn prose(text: &str) -> String {
    let text = read_right(text);
    let text = text.trim_start_matches(is_combining_mark);
    match closed(text) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(_) => {
            text.chars().filter(|c| !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')).collect()
        }
    }
}

/// `text` on one line of at most 200 characters and an ellipsis, closed; `None` if nothing is left.
pub(super) fn short_line(text: &str) -> Option<String> {
    let line = one_line(text);
    match line.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => Some(format!("{}…", closed(line[..end].trim_end()))),
        None => (!line.is_empty()).then(|| closed(&line).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_text_around_ends_with_it() {
        let check = |text: &str, end: &str| assert_eq!(closed(text), format!("{text}{end}"));
        check("plain \u{200F}text\u{202C}", "");
        check("\u{202E}a", "\u{202C}");
        check("\u{202E}a\u{202C}", "");
        check("\u{2067}\u{202E}a\u{202A}", "\u{202C}\u{202C}\u{2069}");
        check("\u{2067}\u{202E}a\u{2069}", "");
        check("\u{2069}\u{202C}\u{2066}\u{202C}", "\u{2069}");
        assert_eq!(prose("a \u{202E}b\u{2067} c"), "a b c");
        assert_eq!(prose("\u{301}a \u{202E}b\u{202C} c"), "a \u{202E}b\u{202C} c");
        assert_eq!(short_line(&format!("\u{202E}{}", "a".repeat(300))).unwrap().matches('\u{202C}').count(), 1);
    }

    #[test]
    fn what_was_encoded_twice_is_decoded_twice() {
        assert_eq!(one_line("WÃªreld  Nuus"), "Wêreld Nuus");
        assert_eq!(one_line("ElektromobilitÃ¤t – ja"), "ElektromobilitÃ¤t – ja", "a dash is no Latin-1");
        assert_eq!(one_line("Smörgås £5"), "Smörgås £5");
        assert_eq!(one_line(" \u{301}\u{301} e\u{301}"), "e\u{301}");
        assert_eq!(read_right("Smörgås\nWÃªreld\n"), "Smörgås\nWêreld\n");
    }

    #[test]
    fn a_line_is_short_and_never_empty() {
        assert_eq!(short_line(" a\n\tb\0c  ").as_deref(), Some("a bc"));
        assert_eq!(short_line(" \u{FFFE} "), None);
        assert_eq!(short_line(&"ü".repeat(200)), Some("ü".repeat(200)));
        assert_eq!(short_line(&"ü".repeat(201)), Some(format!("{}…", "ü".repeat(200))));
    }
}
