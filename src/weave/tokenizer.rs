//! Text → terms: lower-cased, stemmed by language, folded; stop words and years removed.

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::language::{Language, is_stop_word};
use super::synonyms::stands_for;

/// Longest term in bytes; longer ones are cut, so that a token of megabytes costs nothing.
const MAX_TERM_BYTES: usize = 48;

/// How a word was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Its first letter is a capital.
    pub(super) capital: bool,
    /// It has a digit.
    pub(super) digit: bool,
    /// It is the first in its sentence, where a capital says nothing.
    pub(super) first: bool,
}

/// Breaks texts into terms; holds the stemmers and the buffers.
pub(super) struct Tokenizer {
    stemmers: Vec<Option<Stemmer>>,
    raw: String,
    lower: String,
    term: String,
    /// The next word is the first of its sentence.
    first: bool,
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokenizer")
    }
}

impl Tokenizer {
    pub(super) fn new() -> Self {
        let stemmers = Language::ALL.iter().map(|language| snowball(*language).map(Stemmer::create)).collect();
        Self { stemmers, raw: String::new(), lower: String::new(), term: String::new(), first: true }
    }

    /// Calls `each` for at most `limit` terms of `text`, in order.
    pub(super) fn each(&mut self, text: &str, language: Language, limit: usize, mut each: impl FnMut(&str, Shape)) {
        let mut left = limit;
        let mut chars = text.chars().peekable();
        let mut previous_part: Option<Part> = None;
        self.first = true;
        while let Some(c) = chars.next() {
            if left == 0 {
                return;
            }
            if is_cjk(c) {
                left = self.cjk_run(c, &mut chars, left, &mut each);
                previous_part = None;
                continue;
            }
            if !is_word(c) {
                self.first |= matches!(c, '.' | '!' | '?' | ':' | '"' | '“' | '‘' | '\n' | '•');
                continue;
            }
            self.raw.clear();
            self.raw.push(c);
            read_word(&mut self.raw, &mut chars);
            let hyphen_next = matches!(chars.peek(), Some('-' | '\u{2010}' | '\u{2011}'));
            if self.emit(language, &mut each) {
                left -= 1;
            }
            let short = self.raw.len() <= 8 && self.raw.chars().nth(2).is_none();
            if let Some(part) = previous_part.take().filter(|part| left > 0 && (part.short || short)) {
                // wi-fi, e-bike, covid-19: the parts alone say little
                self.raw.insert_str(0, &part.text);
                if self.emit(language, &mut each) {
                    left -= 1;
                }
            } else if hyphen_next && self.raw.len() <= MAX_TERM_BYTES {
                previous_part = Some(Part { short, text: self.raw.clone() });
            }
        }
    }

    /// Emits the term of the raw word. Returns whether it was one.
    fn emit(&mut self, language: Language, each: &mut impl FnMut(&str, Shape)) -> bool {
        let capital = self.raw.chars().next().is_some_and(char::is_uppercase);
        let digit = self.raw.bytes().any(|b| b.is_ascii_digit());
        let first = std::mem::replace(&mut self.first, false);
        self.lower.clear();
        if self.raw.is_ascii() {
            self.lower.extend(self.raw.bytes().map(|b| char::from(b.to_ascii_lowercase())));
        } else {
            self.lower.extend(self.raw.chars().flat_map(char::to_lowercase));
        }
        without_possessive(&mut self.lower);
        if is_stop_word(&self.lower, language) || is_year(&self.lower) {
            return false;
        }
        self.term.clear();
        if digit {
            self.term.push_str(&self.lower);
        } else {
            self.stem(language);
        }
        if !self.term.is_ascii() {
            let folded = folded(&self.term);
            self.term = folded;
        }
        if self.term.is_empty() || (self.term.len() == 1 && !digit) {
            return false;
        }
        let end = (0..=MAX_TERM_BYTES.min(self.term.len())).rev().find(|at| self.term.is_char_boundary(*at));
        each(&self.term[..end.unwrap_or(0)], Shape { capital, digit, first });
        true
    }

    fn stem(&mut self, language: Language) {
        if language == Language::English {
            light_english(&self.lower, &mut self.term);
            if let Some(same) = stands_for(&self.term) {
                self.term.clear();
                self.term.push_str(same);
            }
            return;
        }
        match &self.stemmers[language as usize] {
            Some(stemmer) if self.lower.len() <= MAX_TERM_BYTES => self.term.push_str(&stemmer.stem(&self.lower)),
            _ => self.term.push_str(&self.lower),
        }
    }

    /// Bigrams of a run of Chinese, Japanese or Korean characters; a single one stands alone.
    fn cjk_run(
        &mut self,
        first: char,
        chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
        mut left: usize,
        each: &mut impl FnMut(&str, Shape),
    ) -> usize {
        let shape = Shape { capital: false, digit: false, first: true };
        let mut previous = first;
        let mut alone = true;
        while let Some(next) = chars.next_if(|c| is_cjk(*c)) {
            alone = false;
            // Two hiragana are grammar, not content.
            if left > 0 && !(is_hiragana(previous) && is_hiragana(next)) {
                self.term.clear();
                self.term.extend([previous, next]);
                each(&self.term, shape);
                left -= 1;
            }
            previous = next;
        }
        if alone && left > 0 && !is_hiragana(first) {
            self.term.clear();
            self.term.push(first);
            each(&self.term, shape);
            left -= 1;
        }
        left
    }
}

/// The part of a hyphenated word before the hyphen.
struct Part {
    short: bool,
    text: String,
}

/// Reads on to the end of the word: letters, digits, apostrophes inside, points and commas between
/// digits, points between single letters.
fn read_word(word: &mut String, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    loop {
        let Some(&next) = chars.peek() else { return };
        if is_word(next) && !is_cjk(next) {
            if word.len() < 4 * MAX_TERM_BYTES {
                word.push(next);
            }
            chars.next();
            continue;
        }
        let joins = match next {
            '\'' | '\u{2019}' | '\u{2BC}' => true,
            '.' | ',' => word.ends_with(|c: char| c.is_ascii_digit()) || (next == '.' && is_initials(word)),
            _ => false,
        };
        let mut ahead = chars.clone();
        ahead.next();
        let after = ahead.peek().copied().filter(|c| is_word(*c) && !is_cjk(*c));
        let fits = match next {
            '.' | ',' if word.ends_with(|c: char| c.is_ascii_digit()) => after.is_some_and(|c| c.is_ascii_digit()),
            _ => after.is_some(),
        };
        if !joins || !fits {
            return;
        }
        chars.next();
        match next {
            ',' => {}
            '.' => word.push('.'),
            _ => word.push('\''),
        }
    }
}

/// `U` of `U.S.`, `e` of `e.g.`
fn is_initials(word: &str) -> bool {
    word.rsplit('.').next().is_some_and(|last| last.chars().count() == 1)
}

#[inline]
fn is_word(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() || is_combining_mark(c) }
}

fn is_hiragana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{309F}')
}

/// Scripts written without spaces, and Hangul, whose words carry their particles.
#[inline]
pub(super) fn is_cjk(c: char) -> bool {
    u32::from(c) >= 0x0E00
        && matches!(c,
        '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9D}' | '\u{20000}'..='\u{2FA1F}' | '\u{0E00}'..='\u{0E7F}')
}

/// `google's` → `google`, `don't` → `dont`, `l'europe` → `europe` (an elided article is short).
fn without_possessive(word: &mut String) {
    if !word.contains('\'') {
        return;
    }
    if let Some(stem) = word.strip_suffix("'s").map(str::len) {
        word.truncate(stem);
    }
    if let Some((article, rest)) = word.split_once('\'')
        && article.len() <= 2
        && rest.len() > 2
    {
        *word = rest.to_owned();
    }
    word.retain(|c| c != '\'');
}

/// A year is the date of an article more often than its subject.
fn is_year(word: &str) -> bool {
    word.len() == 4 && (word.starts_with("19") || word.starts_with("20")) && word.bytes().all(|b| b.is_ascii_digit())
}

/// The light English stemmer: plurals, `-ed`, `-ing` and a final `e`, only where a stem of four letters
/// stays. Names survive it, which Porter's does not grant.
pub(super) fn light_english(word: &str, stem: &mut String) {
    stem.push_str(word);
    if !word.is_ascii() {
        return;
    }
    let length = word.len();
    if length > 4 && word.ends_with("ies") {
        stem.truncate(length - 3);
        stem.push('y');
        return;
    }
    if length > 4 && ["sses", "ches", "shes", "xes", "zes"].iter().any(|end| word.ends_with(end)) {
        stem.truncate(length - 2);
        return;
    }
    if length > 3 && word.ends_with('s') && !["ss", "us", "is"].iter().any(|end| word.ends_with(end)) {
        stem.truncate(length - 1);
    }
    let (cut, least) = if stem.ends_with("ing") { (3, 7) } else { (2, 6) };
    if (stem.ends_with("ing") || stem.ends_with("ed")) && stem.len() >= least {
        stem.truncate(stem.len() - cut);
        let bytes = stem.as_bytes();
        if let [.., a, b] = bytes
            && a == b
            && !matches!(b, b'l' | b's' | b'z' | b'e' | b'o')
        {
            stem.pop();
        }
    }
    if stem.len() >= 6 && stem.ends_with('e') {
        stem.pop();
    }
}

fn snowball(language: Language) -> Option<Algorithm> {
    match language {
        Language::German => Some(Algorithm::German),
        Language::French => Some(Algorithm::French),
        Language::Spanish => Some(Algorithm::Spanish),
        Language::Italian => Some(Algorithm::Italian),
        Language::Portuguese => Some(Algorithm::Portuguese),
        Language::Dutch => Some(Algorithm::Dutch),
        Language::Swedish => Some(Algorithm::Swedish),
        Language::Russian => Some(Algorithm::Russian),
        Language::English | Language::Other => None,
    }
}

/// `text` without accents: compatibility decomposition, marks removed; letters that Unicode does not take
/// apart by hand.
pub(super) fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfkd() {
        match c {
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'ø' => plain.push('o'),
            'đ' => plain.push('d'),
            'ł' => plain.push('l'),
            'ı' => plain.push('i'),
            c if ('\u{300}'..='\u{36F}').contains(&c) => {}
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, language: Language, want: &[&str]) {
        let mut got = Vec::new();
        Tokenizer::new().each(text, language, 100, |term, _| got.push(term.to_owned()));
        assert_eq!(got, want);
    }

    #[test]
    fn english_is_stemmed_lightly() {
        check(
            "Google's launches: the companies released running glasses",
            Language::English,
            &["googl", "launch", "company", "releas", "run", "glass"],
        );
        check(
            "Apple’s iPhone 15 and the Ryzen 9850X3D",
            Language::English,
            &["apple", "iphon", "15", "ryzen", "9850x3d"],
        );
    }

    #[test]
    fn numbers_versions_and_joined_words_survive() {
        check("Wi-Fi 7.1 costs $1,299 in 2026", Language::English, &["wi", "fi", "wifi", "7.1", "cost", "1299"]);
        check("U.S. bans it", Language::English, &["u.s", "ban"]);
    }

    #[test]
    fn other_languages_are_stemmed_and_folded() {
        check("Die Prüfungen der Behörden", Language::German, &["prufung", "behord"]);
        check("L'Europe et les entreprises françaises", Language::French, &["europ", "entrepris", "francais"]);
    }

    #[test]
    fn chinese_and_japanese_become_bigrams() {
        check("苹果发布", Language::Other, &["苹果", "果发", "发布"]);
        check(
            "アップルが新型iPhoneを発表",
            Language::Other,
            &["アッ", "ップ", "プル", "ルが", "が新", "新型", "iphone", "を発", "発表"],
        );
    }

    proptest! {
        #[test]
        fn any_text_gives_at_most_the_limit(text in "\\PC{0,200}", limit in 0_usize..20) {
            for language in Language::ALL {
                let mut count = 0;
                Tokenizer::new().each(&text, language, limit, |term, _| {
                    assert!(!term.is_empty() && term.len() <= MAX_TERM_BYTES);
                    count += 1;
                });
                prop_assert!(count <= limit);
            }
        }
    }
}
