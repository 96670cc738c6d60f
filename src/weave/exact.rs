//! The exact title: a key for titles that are the same except for case, accents, punctuation and outlet.

use super::tokenizer::{folded, is_cjk};
use super::tokens::without_outlet;

/// Minimum words of a title that may join stories alone; a character of Chinese or Japanese is half a word.
const LEAST_WORDS: usize = 4;

/// Longest title that is read, in bytes.
const MAX_TITLE_BYTES: usize = 1_000;

/// The normalised form of `title`: letters and digits, folded, single spaces.
#[must_use]
pub(super) fn title_key(title: &str) -> String {
    let mut end = title.len().min(MAX_TITLE_BYTES);
    while !title.is_char_boundary(end) {
        end -= 1;
    }
    let title = without_outlet(&title[..end]);
    let lower = if title.is_ascii() { title.to_ascii_lowercase() } else { folded(&title.to_lowercase()) };
    let mut key = String::with_capacity(lower.len());
    let mut gap = false;
    for c in lower.chars() {
        if c.is_alphanumeric() {
            if gap && !key.is_empty() {
                key.push(' ');
            }
            gap = false;
            key.push(c);
        } else if !matches!(c, '\'' | '’' | '.' | ',') {
            gap = true;
        }
    }
    key
}

/// Whether a normalised title says enough to join stories alone.
#[must_use]
pub(super) fn says_enough(key: &str) -> bool {
    let words = key.split(' ').filter(|word| !word.is_empty()).count();
    let signs = key.chars().filter(|c| is_cjk(*c)).count();
    words.max(signs / 2) >= LEAST_WORDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_that_differ_in_dress_have_one_key() {
        assert_eq!(title_key("Apple’s “Vision” – Priced"), "apples vision priced");
        assert_eq!(title_key("APPLE'S \"VISION\": priced"), "apples vision priced");
        assert_eq!(title_key("Maker unveils a new phone | Example News"), "maker unveils a new phone");
        assert_eq!(title_key("Café ouvert à Paris demain"), "cafe ouvert a paris demain");
    }

    #[test]
    fn short_titles_say_too_little() {
        assert!(!says_enough(&title_key("What's News")));
        assert!(says_enough(&title_key("Maker unveils a phone")));
        assert!(says_enough(&title_key("苹果发布新款手机")));
        assert!(!says_enough(""));
    }
}
