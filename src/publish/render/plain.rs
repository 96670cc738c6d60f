//! Plain text in places where a reader may take it for markup.

use std::borrow::Cow;

use crate::text::entities::{self, Reference};
use crate::text::without_illegal_xml;

/// Plain text for an element whose type no reader agrees on (RSS title, category, source, creator).
///
/// Some readers take it as text, others as HTML. A zero-width space after a `<` or `&` that could
/// open a tag or a reference shows the same characters in both, and nothing becomes markup in either.
pub(super) fn ambiguous(text: &str) -> Cow<'_, str> {
    let text = without_illegal_xml(text);
    if !text.contains(['<', '&']) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        out.push(c);
        if opens_tag(&text[at..]) || opens_reference(&text[at..]) {
            out.push('\u{200B}');
        }
    }
    Cow::Owned(out)
}

/// Whether readers and validators would suspect that a text of a known type is HTML: an end tag or a
/// reference is in it.
pub(super) fn looks_like_html(text: &str) -> bool {
    text.char_indices().any(|(at, c)| match c {
        '&' => opens_reference(&text[at..]),
        '<' => {
            text[at..].strip_prefix("</").is_some_and(|rest| word(rest).0 > 0 && rest[word(rest).0..].starts_with('>'))
        }
        _ => false,
    })
}

/// A name for OPML, whose `text` and `title` are shown as they are by most readers and may be HTML by
/// the specification: the same in both.
pub(super) fn outline(text: &str) -> String {
    let text = without_illegal_xml(text).replace('<', "‹").replace('&', " & ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether an HTML parser would see a tag or a comment at the start of `text`.
fn opens_tag(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('<') && chars.next().is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'))
}

/// Whether an HTML parser or a validator would see a reference at the start of `text`: `&#…`, what is
/// closed by a semicolon, a known name, the name of a Latin-1 character followed by more letters
/// (WHATWG 13.5), or a name with a digit in it.
fn opens_reference(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('&') else { return false };
    let (length, letters_only) = word(rest);
    if rest.starts_with('#') || length == 0 {
        return rest.starts_with('#');
    }
    let known = |end: usize| {
        rest.is_char_boundary(end)
            && matches!(entities::reference(&format!("&{};", &rest[..end])),
                Reference::Char(c, _) if end == length || c <= '\u{FF}')
    };
    !letters_only || rest[length..].starts_with(';') || (2..=length.min(8)).any(known)
}

/// Length in bytes of the word at the start of `text`, and whether it is all letters.
fn word(text: &str) -> (usize, bool) {
    let length = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    (length, text[..length].chars().all(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_looks_like_markup_is_shown_and_not_obeyed() {
        assert_eq!(ambiguous("Vec<T> & </title><script>"), "Vec<\u{200B}T> & <\u{200B}/title><\u{200B}script>");
        assert_eq!(ambiguous("AT&T &amp; &#60; R&D;"), "AT&T &\u{200B}amp; &\u{200B}#60; R&\u{200B}D;");
        assert_eq!(ambiguous("&lt &copycat &B2 &piety"), "&\u{200B}lt &\u{200B}copycat &\u{200B}B2 &piety");
        assert!(matches!(ambiguous("1 + 1 = 2"), Cow::Borrowed(_)));
        assert_eq!(ambiguous("1 < 2 < &"), "1 < 2 < &");
        assert_eq!(ambiguous("a\0b"), "ab");
    }

    #[test]
    fn only_what_could_be_html_is_called_so() {
        for html in ["a</b>", "&amp;", "x &lt y", "&#8217;", "&B2"] {
            assert!(looks_like_html(html), "{html}");
        }
        for text in ["Vec<T>", "AT&T and R&D", "a < b & c", "</>", "</ b>", "&", "&é"] {
            assert!(!looks_like_html(text), "{text}");
        }
    }

    #[test]
    fn a_name_in_an_outline_is_the_same_as_text_and_as_html() {
        assert_eq!(outline("AT&T <b>"), "AT & T ‹b>");
        assert_eq!(outline("Fish & Chips"), "Fish & Chips");
    }
}
