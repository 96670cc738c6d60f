use std::borrow::Cow;

/// Text from outside, safe to print: control characters (C0, DEL, C1) and the invisible ones that
/// reorder a line (U+202A–202E, U+2066–2069, U+200E/F, U+061C) become U+FFFD, line breaks and tabs a space.
#[must_use]
pub(crate) fn for_terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| match c {
                '\n' | '\r' | '\t' => ' ',
                c if is_unsafe(c) => '\u{FFFD}',
                c => c,
            })
            .collect(),
    )
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Longest name of something in characters, as in a list or a question; the rest is left out.
const LONGEST_NAME: usize = 100;

/// The beginning of `text` as a name: without line breaks, other controls and marks that turn the direction of what
/// follows; `None` if nothing is left.
pub(crate) fn one_line(text: &str) -> Option<String> {
    let plain = text.chars().map(|c| if c.is_control() || is_unsafe(c) { ' ' } else { c });
    // Twice as many as are kept: runs of spaces become one.
    let text: String = plain.take(2 * LONGEST_NAME).collect();
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_NAME).collect();
    let text = text.trim_end();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_bidi_overrides_lose_their_power() {
        assert_eq!(for_terminal("a\x1b[31mb"), "a\u{FFFD}[31mb");
        assert_eq!(for_terminal("a\u{9b}2Jb\u{202e}c"), "a\u{FFFD}2Jb\u{FFFD}c");
        assert_eq!(for_terminal("two\r\nlines"), "two  lines");
    }

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(for_terminal("Größe 日本"), Cow::Borrowed(_)));
    }
}
