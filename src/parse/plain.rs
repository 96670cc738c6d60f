//! Texts with or without markup → plain text.

use crate::model::Markup;
use crate::text::plain_text_within;

/// The text of `value` without markup, white space collapsed.
pub(super) fn text_of(value: &Markup) -> String {
    text_within(value, usize::MAX)
}

/// [`text_of`], at most `limit_bytes` of it.
pub(super) fn text_within(value: &Markup, limit_bytes: usize) -> String {
    match value {
        Markup::Html(html) => plain_text_within(html, limit_bytes),
        Markup::Text(text) => {
            let mut out = String::with_capacity(text.len().min(limit_bytes));
            for word in text.split_whitespace() {
                if out.len() + word.len() + 1 > limit_bytes {
                    if out.is_empty() {
                        // One endless word: its beginning is better than nothing.
                        out.push_str(&word[..word.floor_char_boundary(limit_bytes)]);
                    }
                    break;
                }
                if !out.is_empty() {
                    out.push(' ');
                }
                out.push_str(word);
            }
            out
        }
    }
}
