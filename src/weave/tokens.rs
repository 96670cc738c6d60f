//! The tokens of an entry: the terms of its title and its text in order, and how each is written. Made once per
//! entry; what is compared, what is kept and what is looked up is made from them.

use super::language::Language;
use super::tokenizer::{Tokenizer, is_cjk};
use super::vocabulary::Written;

/// Number of terms of a title that are read; longer titles are spam or markup.
const TITLE_TERMS: usize = 40;

/// Number of terms of a text that are read: the beginning says what it is about.
const TEXT_TERMS: usize = 30;

/// The tokens of a title and the beginning of a text.
#[derive(Debug, Clone, Default)]
pub(super) struct Tokens {
    /// The terms, one after the other.
    texts: String,
    tokens: Vec<Token>,
    is_foreign: bool,
}

#[derive(Debug, Clone, Copy)]
struct Token {
    /// Where its term ends in `texts`.
    end: u32,
    at: Occurrence,
}

/// How a term occurs in an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occurrence {
    pub(super) in_title: bool,
    /// A name or a thing with a digit, as far as the writing shows.
    pub(super) is_strong: bool,
    pub(super) written: Written,
}

impl Tokens {
    /// The tokens of an entry whose language is `code`, as written.
    pub(super) fn of(title: &str, text: &str, code: Option<&str>, tokenizer: &mut Tokenizer) -> Self {
        let title = without_outlet(title);
        let language = language_of(title, text, code);
        let is_foreign = language != Language::English || title.chars().any(is_cjk);
        let mut tokens = Self {
            texts: String::with_capacity(320),
            tokens: Vec::with_capacity(TITLE_TERMS + TEXT_TERMS),
            is_foreign,
        };
        let title_case = is_title_case(title);
        tokenizer.each(title, language, TITLE_TERMS, |term, shape| {
            let is_strong = shape.digit || (shape.capital && !title_case);
            let written = if title_case { Written::Elsewhere } else { Written::of(shape) };
            tokens.push(term, Occurrence { in_title: true, is_strong, written });
        });
        tokenizer.each(text, language, TEXT_TERMS, |term, shape| {
            let written = Written::of(shape);
            tokens.push(term, Occurrence { in_title: false, is_strong: shape.capital || shape.digit, written });
        });
        tokens.texts.shrink_to_fit();
        tokens.tokens.shrink_to_fit();
        tokens
    }

    fn push(&mut self, term: &str, at: Occurrence) {
        self.texts.push_str(term);
        self.tokens.push(Token { end: self.texts.len() as u32, at });
    }

    /// Whether the entry is not in English.
    pub(super) fn is_foreign(&self) -> bool {
        self.is_foreign
    }

    /// The terms in order, those of the title first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Occurrence)> {
        let mut start = 0;
        self.tokens.iter().map(move |token| {
            let term = &self.texts[start..token.end as usize];
            start = token.end as usize;
            (term, token.at)
        })
    }
}

/// The language of an entry, as it declares it, otherwise by the longer of its texts.
pub(super) fn language_of(title: &str, text: &str, code: Option<&str>) -> Language {
    Language::of(code, if text.len() > title.len() { text } else { title })
}

/// `title` without the name of the outlet that some feeds put after it: ` - Outlet`, ` | Outlet`.
pub(super) fn without_outlet(title: &str) -> &str {
    let title = title.trim();
    // Most titles have none of the marks; 0xe2 begins both dashes.
    if !title.bytes().any(|byte| matches!(byte, b'|' | b'-' | 0xe2)) {
        return title;
    }
    let cut =
        [" | ", " - ", " – ", " — "].iter().filter_map(|mark| title.rfind(mark).map(|at| (at, at + mark.len()))).max();
    let Some((at, after)) = cut else { return title };
    let (head, tail) = (&title[..at], &title[after..]);
    let words = tail.split_whitespace().count();
    let named = tail.split_whitespace().all(|word| !word.starts_with(|c: char| c.is_lowercase()));
    if (1..=4).contains(&words) && named && head.split_whitespace().count() >= 4 && tail.len() <= 40 {
        head
    } else {
        title
    }
}

/// A headline that capitalises most of its words: there a capital does not indicate a name.
fn is_title_case(title: &str) -> bool {
    let (mut long, mut capital) = (0, 0);
    for word in title.split_whitespace().filter(|word| word.len() > 3) {
        long += 1;
        capital += usize::from(word.starts_with(char::is_uppercase));
    }
    capital * 10 >= long * 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_outlet_is_taken_off() {
        assert_eq!(without_outlet("Maker unveils a new phone - The Daily Wire"), "Maker unveils a new phone");
        assert_eq!(without_outlet("Maker unveils a new phone | Example"), "Maker unveils a new phone");
        assert_eq!(
            without_outlet("Maker unveils a phone - and it is cheap"),
            "Maker unveils a phone - and it is cheap"
        );
        assert_eq!(without_outlet("Short - Title"), "Short - Title");
    }

    #[test]
    fn tokens_come_back_in_their_order() {
        let tokens = Tokens::of("Rokid unveils glasses", "They weigh 49 g", None, &mut Tokenizer::new());
        let terms: Vec<&str> = tokens.iter().map(|(term, _)| term).collect();
        assert_eq!(terms, ["rokid", "launch", "glass", "weigh", "49"]);
        assert!(!tokens.is_foreign());
        assert!(tokens.iter().take(3).all(|(_, at)| at.in_title) && tokens.iter().skip(3).all(|(_, at)| !at.in_title));
    }
}
