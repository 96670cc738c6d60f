//! What is compared of an entry: its terms, the order of its title, its marks.

use super::language::Language;
use super::title_features::TitleFeatures;
use super::tokens::{Words, is_cjk};
use super::vocabulary::{Said, TermId, Vocabulary};

/// Vocabulary of a title that are read; longer titles are spam or markup.
const TITLE_TERMS: usize = 40;

/// Vocabulary of a text that are read: the beginning says what it is about.
const TEXT_TERMS: usize = 30;

const IN_TITLE: u32 = 1 << 28;
const IN_TEXT: u32 = 1 << 29;
const STRONG: u32 = 1 << 30;
const ID: u32 = IN_TITLE - 1;

/// A term of an entry and where it stands: the number in the lower 28 bits, flags above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Feature(u32);

impl Feature {
    pub(super) fn id(self) -> TermId {
        self.0 & ID
    }

    pub(super) fn in_title(self) -> bool {
        self.0 & IN_TITLE != 0
    }

    pub(super) fn in_text(self) -> bool {
        self.0 & IN_TEXT != 0
    }

    /// A name or a thing with a digit, as far as writing shows.
    pub(super) fn is_strong(self) -> bool {
        self.0 & STRONG != 0
    }

    /// How much of the entry it is, before rarity.
    pub(super) fn weight(self, text_weight: f32, strong_weight: f32) -> f32 {
        let place = match (self.in_title(), self.0 & IN_TEXT != 0) {
            (true, true) => 1.0 + text_weight,
            (true, false) => 1.0,
            _ => text_weight,
        };
        if self.is_strong() { place * strong_weight } else { place }
    }
}

/// What is compared of an entry.
#[derive(Debug, Clone)]
pub(super) struct Features {
    /// Sorted by term.
    pub(super) terms: Box<[Feature]>,
    /// The terms of the title in its order, each once.
    pub(super) title: Box<[TermId]>,
    pub(super) marks: TitleFeatures,
}

impl Features {
    pub(super) fn of(title: &str, text: &str, code: Option<&str>, words: &mut Words, terms: &mut Vocabulary) -> Self {
        let mut ordered = Vec::with_capacity(16);
        let mut found: Vec<u32> = Vec::with_capacity(48);
        each_term(title, text, code, words, |term, at| {
            let id = terms.intern(term, at.is_foreign);
            terms.saw(id, at.said);
            if at.in_title && !ordered.contains(&id) {
                ordered.push(id);
            }
            found.push(id | if at.in_title { IN_TITLE } else { IN_TEXT } | if at.is_strong { STRONG } else { 0 });
        });
        found.sort_unstable_by_key(|feature| feature & ID);
        let mut merged: Vec<Feature> = Vec::with_capacity(found.len());
        for feature in found {
            match merged.last_mut() {
                Some(last) if last.id() == feature & ID => last.0 |= feature,
                _ => merged.push(Feature(feature)),
            }
        }
        Self { terms: merged.into(), title: ordered.into(), marks: TitleFeatures::of(without_outlet(title)) }
    }
}

/// How a term stands in an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownState {
    pub(super) in_title: bool,
    /// A name or a thing with a digit, as far as writing shows.
    pub(super) is_strong: bool,
    /// The entry is not in English.
    pub(super) is_foreign: bool,
    pub(super) said: Said,
}

/// Calls `each` for the terms of a title and a text that are compared, in their order; tells whether the entry is
/// not in English.
pub(super) fn each_term(
    title: &str,
    text: &str,
    code: Option<&str>,
    words: &mut Words,
    mut each: impl FnMut(&str, KnownState),
) -> bool {
    let title = without_outlet(title);
    let language = language_of(title, text, code);
    let is_foreign = language != Language::English || title.chars().any(is_cjk);
    let title_case = is_title_case(title);
    words.each(title, language, TITLE_TERMS, |term, shape| {
        let is_strong = shape.digit || (shape.capital && !title_case);
        let said = Said::of(!title_case && !shape.first && !shape.digit, shape.capital);
        each(term, KnownState { in_title: true, is_strong, is_foreign, said });
    });
    words.each(text, language, TEXT_TERMS, |term, shape| {
        let said = Said::of(!shape.first && !shape.digit, shape.capital);
        each(term, KnownState { in_title: false, is_strong: shape.capital || shape.digit, is_foreign, said });
    });
    is_foreign
}

/// The language of an entry, by what it says of itself and else by the longer of its texts.
pub(super) fn language_of(title: &str, text: &str, code: Option<&str>) -> Language {
    Language::of(code, if text.len() > title.len() { text } else { title })
}

/// `title` without the name of the outlet that some feeds put behind it: ` - Outlet`, ` | Outlet`.
pub(super) fn without_outlet(title: &str) -> &str {
    let title = title.trim();
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

/// A headline that writes most of its words with a capital: there a capital tells no name.
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
    fn terms_are_sorted_and_carry_their_places() {
        let (mut words, mut terms) = (Words::new(), Vocabulary::new());
        let features = Features::of("Rokid unveils glasses", "The glasses weigh little", None, &mut words, &mut terms);
        assert!(features.terms.windows(2).all(|pair| pair[0].id() < pair[1].id()));
        let glass = features.terms.iter().find(|f| terms.text(f.id()) == "glass").unwrap();
        assert!(glass.in_title() && glass.weight(0.35, 1.3) > 1.0);
        assert_eq!(features.title.len(), 3);
    }
}
