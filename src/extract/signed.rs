//! A byline in running text: `By Jane Doe | 3 November`.

use super::seen_block::SeenBlock;

/// Blocks before and after the headline in which a byline is looked for.
const NEAR: (usize, usize) = (3, 8);
/// A longer block is running text.
const LONGEST_CHARS: usize = 120;
/// What precedes a name, lower case.
const BEFORE: [&str; 12] = [
    "written by ",
    "posted by ",
    "published by ",
    "by ",
    "von ",
    "par ",
    "por ",
    "author: ",
    "autor: ",
    "autorin: ",
    "text: ",
    "geschrieben von ",
];
/// Words inside names that are not capitalised, and those between two names.
const SMALL: [&str; 14] = ["de", "del", "di", "da", "la", "le", "van", "von", "der", "den", "and", "und", "et", "y"];

/// Who signed a page that marks no author: the first names after such a word, near the headline.
pub(super) fn on_page(blocks: &[SeenBlock], title: &str) -> Option<String> {
    let headline = blocks.iter().position(|block| block.text == title);
    let at = headline.or_else(|| blocks.iter().position(|block| block.kept)).unwrap_or_default();
    let near = blocks.get(at.saturating_sub(NEAR.0)..(at + NEAR.1).min(blocks.len())).unwrap_or_default();
    near.iter().filter(|block| block.text.chars().count() <= LONGEST_CHARS).find_map(|block| signed(&block.text))
}

/// The names in a text that begins like a byline.
fn signed(text: &str) -> Option<String> {
    let start =
        BEFORE.iter().find(|word| text.get(..word.len()).is_some_and(|start| start.to_lowercase() == **word))?;
    let rest = &text[start.len()..];
    let end = rest
        .find(|c: char| c.is_ascii_digit() || matches!(c, ',' | '|' | '•' | '·' | '–' | '—' | '(' | '/' | ';' | ':'));
    let mut names: Vec<&str> = Vec::new();
    for word in rest[..end.unwrap_or(rest.len())].split_whitespace() {
        if !word.starts_with(char::is_uppercase) && !SMALL.contains(&word) && word != "&" {
            break;
        }
        names.push(word);
    }
    while names.last().is_some_and(|word| ["on", "in", "On"].contains(word) || SMALL.contains(word)) {
        names.pop();
    }
    ((1..=9).contains(&names.len())).then(|| names.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_sentences() {
        for (text, want) in [
            ("By Jane Doe | 3 November 2026", Some("Jane Doe")),
            ("Von Anna van der Berg und Tom Reyes, Köln", Some("Anna van der Berg und Tom Reyes")),
            ("By the time we came, all was over", None),
            ("Written by JANE DOE on 3 May", Some("JANE DOE")),
            ("Nearby Places", None),
        ] {
            assert_eq!(signed(text).as_deref(), want, "{text}");
        }
    }
}
