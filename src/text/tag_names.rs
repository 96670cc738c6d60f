//! What the names of tags tell.

/// Whether `html` begins with the start tag `name`.
pub(super) fn starts(html: &[u8], name: &[u8]) -> bool {
    html.first() == Some(&b'<') && html.get(1..=name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name))
}

/// Whether a name of an element goes on with `char`.
pub(super) fn is_of_name(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '-'
}

/// Whether the element at `tag` is a picture only for AMP's scripts.
pub(super) fn is_amp(html: &str, tag: usize) -> bool {
    html.as_bytes().get(tag + 1..tag + 5).is_some_and(|name| name.eq_ignore_ascii_case(b"amp-"))
}
