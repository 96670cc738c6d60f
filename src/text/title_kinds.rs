//! What kind of piece a title announces: a deal, a roundup, a live page, a recurring piece.

/// Longest title that is read, in bytes.
const MAX_TITLE_BYTES: usize = 600;

/// Kinds of pieces that a title reveals, as bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TitleKinds(u8);

impl TitleKinds {
    /// Something is cheaper today.
    pub(crate) const DEAL: Self = Self(1);
    /// A list of several things.
    pub(crate) const ROUNDUP: Self = Self(2);
    /// A page that is updated as things happen.
    pub(crate) const LIVE: Self = Self(4);
    /// Puzzle hints, how-tos, where to watch: recurring pieces.
    pub(crate) const EVERGREEN: Self = Self(8);

    /// The kinds of a piece with this title.
    #[must_use]
    pub(crate) fn of(title: &str) -> Self {
        Self::of_words(&title_words(&lower_title(title)))
    }

    /// The kinds of a piece whose title has these words, lower-cased.
    pub(crate) fn of_words(words: &[&str]) -> Self {
        let mut kinds = Self::default();
        for (i, word) in words.iter().enumerate() {
            let bare = bare(word);
            if let Ok(at) = WORDS.binary_search_by_key(&bare, |(word, _)| word) {
                kinds.set(WORDS[at].1);
            }
            // Most words begin no phrase: their first byte rules that out soonest.
            let first = bare.as_bytes().first().copied().unwrap_or(0);
            let phrases = if PHRASE_STARTS[usize::from(first)] { &PHRASES[..] } else { &[] };
            for (phrase, kind) in phrases.iter().filter(|(phrase, _)| phrase[0] == bare) {
                let matches = words.len() - i >= phrase.len()
                    && phrase[1..].iter().zip(&words[i + 1..]).all(|(want, word)| *want == self::bare(word));
                if matches {
                    kinds.set(*kind);
                }
            }
            let price = |word: &str| word.starts_with(['$', '€', '£']) && word.contains(|c: char| c.is_ascii_digit());
            let next = words.get(i + 1).copied().unwrap_or("");
            if (price(word) || word.ends_with('%')) && self::bare(next) == "off" || (bare == "save" && price(next)) {
                kinds.set(Self::DEAL);
            }
        }
        let best = matches!(words, [first, ..] if *first == "best") || matches!(words, ["the", "best", ..]);
        if best || counts_things(words) {
            kinds.set(Self::ROUNDUP);
        }
        kinds
    }

    /// Whether it is of this kind.
    #[must_use]
    pub(crate) fn has(self, kind: Self) -> bool {
        self.0 & kind.0 != 0
    }

    /// Whether it holds several pieces of news, or none: it ranks after a piece that tells one.
    #[must_use]
    pub(crate) fn is_container(self) -> bool {
        [Self::ROUNDUP, Self::DEAL, Self::LIVE].iter().any(|kind| self.has(*kind))
    }

    /// Whether both are of a kind of which a publisher makes several that are not one story.
    #[must_use]
    pub(crate) fn both_come_back(self, other: Self) -> bool {
        self.0 & other.0 & (Self::DEAL.0 | Self::ROUNDUP.0 | Self::EVERGREEN.0) != 0
    }

    fn set(&mut self, kind: Self) {
        self.0 |= kind.0;
    }
}

/// The part of a title that is read, in lower case.
pub(crate) fn lower_title(title: &str) -> String {
    let mut end = title.len().min(MAX_TITLE_BYTES);
    while !title.is_char_boundary(end) {
        end -= 1;
    }
    title[..end].to_lowercase()
}

/// The words of a title, with the punctuation inside or next to them.
pub(crate) fn title_words(lower: &str) -> Vec<&str> {
    lower
        .split(|c: char| c.is_whitespace() || matches!(c, ':' | ';' | '(' | ')' | '–' | '—' | '|' | '"'))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Single words that reveal a kind, sorted.
const WORDS: [(&str, TitleKinds); 32] = [
    ("angebot", TitleKinds::DEAL),
    ("angebote", TitleKinds::DEAL),
    ("answers", TitleKinds::EVERGREEN),
    ("briefing", TitleKinds::ROUNDUP),
    ("cheapest", TitleKinds::DEAL),
    ("coupon", TitleKinds::DEAL),
    ("coupons", TitleKinds::DEAL),
    ("crossword", TitleKinds::EVERGREEN),
    ("deal", TitleKinds::DEAL),
    ("deals", TitleKinds::DEAL),
    ("digest", TitleKinds::ROUNDUP),
    ("discount", TitleKinds::DEAL),
    ("discounted", TitleKinds::DEAL),
    ("discounts", TitleKinds::DEAL),
    ("hints", TitleKinds::EVERGREEN),
    ("horoscope", TitleKinds::EVERGREEN),
    ("live-blog", TitleKinds::LIVE),
    ("liveblog", TitleKinds::LIVE),
    ("liveticker", TitleKinds::LIVE),
    ("newsletter", TitleKinds::ROUNDUP),
    ("oferta", TitleKinds::DEAL),
    ("ofertas", TitleKinds::DEAL),
    ("podcast", TitleKinds::ROUNDUP),
    ("promo", TitleKinds::DEAL),
    ("recap", TitleKinds::ROUNDUP),
    ("round-up", TitleKinds::ROUNDUP),
    ("roundup", TitleKinds::ROUNDUP),
    ("sale", TitleKinds::DEAL),
    ("soldes", TitleKinds::DEAL),
    ("solution", TitleKinds::EVERGREEN),
    ("wordle", TitleKinds::EVERGREEN),
    ("wrap-up", TitleKinds::ROUNDUP),
];

/// The bytes that phrases begin with.
const PHRASE_STARTS: [bool; 256] = {
    let mut starts = [false; 256];
    let mut at = 0;
    while at < PHRASES.len() {
        starts[PHRASES[at].0[0].as_bytes()[0] as usize] = true;
        at += 1;
    }
    starts
};

/// Phrases that reveal a kind, by words.
const PHRASES: [(&[&str], TitleKinds); 32] = [
    (&["lowest", "price"], TitleKinds::DEAL),
    (&["lowest", "prices"], TitleKinds::DEAL),
    (&["price", "cut"], TitleKinds::DEAL),
    (&["for", "just"], TitleKinds::DEAL),
    (&["for", "only"], TitleKinds::DEAL),
    (&["black", "friday"], TitleKinds::DEAL),
    (&["cyber", "monday"], TitleKinds::DEAL),
    (&["prime", "day"], TitleKinds::DEAL),
    (&["all-time", "low"], TitleKinds::DEAL),
    (&["record", "low"], TitleKinds::DEAL),
    (&["best", "price"], TitleKinds::DEAL),
    (&["everything", "announced"], TitleKinds::ROUNDUP),
    (&["everything", "we"], TitleKinds::ROUNDUP),
    (&["week", "in"], TitleKinds::ROUNDUP),
    (&["this", "week"], TitleKinds::ROUNDUP),
    (&["news", "of", "the"], TitleKinds::ROUNDUP),
    (&["here's", "everything"], TitleKinds::ROUNDUP),
    (&["everything", "you", "need"], TitleKinds::ROUNDUP),
    (&["the", "biggest"], TitleKinds::ROUNDUP),
    (&["stories", "you"], TitleKinds::ROUNDUP),
    (&["live", "updates"], TitleKinds::LIVE),
    (&["live", "blog"], TitleKinds::LIVE),
    (&["as", "it", "happened"], TitleKinds::LIVE),
    (&["en", "direct"], TitleKinds::LIVE),
    (&["en", "directo"], TitleKinds::LIVE),
    (&["how", "to"], TitleKinds::EVERGREEN),
    (&["how", "do"], TitleKinds::EVERGREEN),
    (&["where", "to", "watch"], TitleKinds::EVERGREEN),
    (&["hints", "and"], TitleKinds::EVERGREEN),
    (&["answer", "for"], TitleKinds::EVERGREEN),
    (&["everything", "to", "know"], TitleKinds::EVERGREEN),
    (&["what", "to", "know"], TitleKinds::EVERGREEN),
];

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// `7 best laptops`, `five things we`: a list that starts with the number of its parts.
fn counts_things(words: &[&str]) -> bool {
    let [first, second, ..] = words else { return false };
    let counts = (first.len() <= 3 && first.bytes().all(|b| b.is_ascii_digit()))
        || ["three", "four", "five", "six", "seven", "eight", "nine", "ten"].contains(first);
    counts
        && (["best", "things", "ways", "tips", "reasons", "great", "essential", "of", "apps", "games"].contains(second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_words_can_be_searched() {
        assert!(WORDS.is_sorted_by_key(|(word, _)| *word));
    }

    #[test]
    fn kinds_are_told_by_general_words() {
        assert!(TitleKinds::of("Save $200 off this laptop").has(TitleKinds::DEAL));
        assert!(TitleKinds::of("Everything announced at the show").has(TitleKinds::ROUNDUP));
        assert!(TitleKinds::of("7 best laptops").has(TitleKinds::ROUNDUP));
        assert!(TitleKinds::of("Keynote live blog").has(TitleKinds::LIVE));
        assert_eq!(TitleKinds::of("Maker unveils a phone"), TitleKinds::default());
    }

    #[test]
    fn containers_hold_several_pieces_of_news() {
        assert!(TitleKinds::of("This week in chips").is_container());
        assert!(!TitleKinds::of("How to reset a router").is_container());
    }
}
