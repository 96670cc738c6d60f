//! What the texts of entries are compared by, to tell a copy from an article of its own.

use super::plain_line::one_line;
use crate::model::{Markup, StoredEntry};
use crate::text::{TextSketch, plain_text};

/// Texts with fewer words are too short for one to be a copy of the other.
const LEAST_WORDS: usize = 25;

/// What an entry's text is compared by, if it is long enough.
pub(super) fn sketch(entry: &StoredEntry) -> Option<TextSketch> {
    let longest = [&entry.content, &entry.summary].into_iter().flatten().map(|markup| match markup {
        Markup::Html(html) => plain_text(html),
        Markup::Text(text) => one_line(text),
    });
    let text = longest.max_by_key(String::len)?;
    (text.split_whitespace().count() >= LEAST_WORDS).then(|| TextSketch::of(&text)).flatten()
}
