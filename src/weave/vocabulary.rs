//! The terms of the window: numbers for terms, where each occurs, and how much each says.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::tokenizer::Shape;

/// How often English terms occur in tech news, shipped: `models/term_counts.txt` says how it was made.
const SHIPPED: &str = include_str!("models/term_counts.txt");

/// About how many terms that table has.
const SHIPPED_TERMS: usize = 13_000;

/// ln of the rate of a term that the shipped table does not know: half an entry in the 40,000 counted.
const FLOOR_LN: f32 = -11.29;

/// Minimum number of entries that a window counts for: in a nearly empty one every word looks frequent.
const LEAST_WINDOW: f32 = 400.0;

/// The number of a term, below 2^26.
pub(super) type TermId = u32;

/// Share of the long-term rate in what a term says; the rest is the rate of the window.
const LONG_TERM: f32 = 0.5;

/// Maximum rarity in the window alone: beyond some thousand entries more of them prove nothing.
const LARGEST_WINDOW_IDF: f32 = 7.6;

/// How far a term's rate in the window can be from its long-term rate, as a logarithm.
const LEAST_BURST: f32 = -3.0;
const MOST_BURST: f32 = 7.0;

/// A term's text and where it occurs.
#[derive(Debug)]
struct Term {
    text: Box<str>,
    /// Entries of the window that have it, oldest first.
    postings: VecDeque<u32>,
    /// Number of entries of the window that have it and were not read.
    absent: u32,
}

/// How much a term says, kept apart from its text because comparing reads nothing else.
#[derive(Debug, Clone, Copy)]
struct Rarity {
    /// ln of its long-term rate; NaN if the shipped table does not know it.
    base: f32,
    /// ln of the number of entries in the window that have it; of 1 if none has.
    window: f32,
    /// That number.
    entries: u32,
    case: Case,
    /// Seen in a language the shipped table does not count.
    foreign: bool,
    /// It has a digit; a digit and a letter: the name of a model.
    is_digit: bool,
    is_model: bool,
}

/// Everything that a term says now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worth {
    pub(super) idf: f32,
    /// Rarity in the window alone.
    pub(super) window: f32,
    /// How likely it is a name.
    pub(super) name: f32,
    pub(super) burst: f32,
    /// Entries of the window that have it.
    pub(super) count: f32,
    pub(super) is_digit: bool,
    /// A digit and a letter: the name of a model.
    pub(super) is_model: bool,
}

/// How a term was written inside a sentence, where a capital indicates a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// Where a capital indicates nothing.
    Elsewhere = 0,
    Small = 1,
    Capital = 2,
}

impl Written {
    /// How a term of this shape is written where sentences are.
    pub(super) fn of(shape: Shape) -> Self {
        match shape {
            Shape { first: true, .. } | Shape { digit: true, .. } => Self::Elsewhere,
            Shape { capital: true, .. } => Self::Capital,
            Shape { capital: false, .. } => Self::Small,
        }
    }

    /// What its number is derived from.
    pub(super) fn from_bits(bits: u64) -> Self {
        match bits {
            1 => Self::Small,
            2 => Self::Capital,
            _ => Self::Elsewhere,
        }
    }
}

/// In how many entries of the window a term occurs inside a sentence with and without a capital: this indicates names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Case {
    capital: u16,
    small: u16,
}

impl Case {
    /// Counts an entry that has the term, by one of the ways in which it is written there.
    pub(super) fn saw(&mut self, written: Written) {
        if let Some(count) = self.of(written) {
            *count = count.saturating_add(1);
        }
    }

    fn forget(&mut self, written: Written) {
        if let Some(count) = self.of(written) {
            *count = count.saturating_sub(1);
        }
    }

    fn of(&mut self, written: Written) -> Option<&mut u16> {
        match written {
            Written::Elsewhere => None,
            Written::Small => Some(&mut self.small),
            Written::Capital => Some(&mut self.capital),
        }
    }
}

/// A term of an entry, and the ways in which it is written there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    pub(super) id: TermId,
    pub(super) written: [Written; 2],
}

impl Rarity {
    fn new(text: &str, base: f32) -> Self {
        let is_digit = text.bytes().any(|b| b.is_ascii_digit());
        let is_model = is_digit && text.chars().any(char::is_alphabetic);
        Self { base, window: 0.0, entries: 0, case: Case::default(), foreign: false, is_digit, is_model }
    }

    fn nameness(&self) -> f32 {
        let Case { capital, small } = self.case;
        (f32::from(capital) + 1.0) / (f32::from(capital) + f32::from(small) + 2.0)
    }
}

/// All terms that are in the window or the shipped table.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// By the hash of the text: 64 bits, so that two of some hundred thousand words never share one.
    ids: HashMap<u64, TermId, FixedState>,
    hasher: FixedState,
    terms: Vec<Term>,
    rarity: Vec<Rarity>,
    free: Vec<TermId>,
    entries: u32,
    /// ln of the entries in the window, at least of [`LEAST_WINDOW`].
    size: f32,
}

impl Vocabulary {
    pub(super) fn new() -> Self {
        let mut terms = Self {
            ids: HashMap::default(),
            hasher: FixedState::with_seed(0x7E12),
            terms: Vec::new(),
            rarity: Vec::new(),
            free: Vec::new(),
            entries: 0,
            size: LEAST_WINDOW.ln(),
        };
        terms.terms.reserve(SHIPPED_TERMS);
        terms.rarity.reserve(SHIPPED_TERMS);
        terms.ids.reserve(SHIPPED_TERMS);
        for (text, rate) in shipped() {
            let id = terms.terms.len() as TermId;
            terms.terms.push(Term { text: text.into(), postings: VecDeque::new(), absent: 0 });
            terms.rarity.push(Rarity::new(text, rate.ln()));
            terms.ids.insert(terms.hasher.hash_one(text), id);
        }
        terms
    }

    /// The number of `text`, a new one if it has none.
    pub(super) fn intern(&mut self, text: &str) -> TermId {
        let hash = self.hasher.hash_one(text);
        if let Some(id) = self.ids.get(&hash) {
            return *id;
        }
        let term = Term { text: text.into(), postings: VecDeque::new(), absent: 0 };
        let rarity = Rarity::new(text, f32::NAN);
        let id = match self.free.pop() {
            Some(id) => {
                self.terms[id as usize] = term;
                self.rarity[id as usize] = rarity;
                id
            }
            None => {
                self.terms.push(term);
                self.rarity.push(rarity);
                (self.terms.len() - 1) as TermId
            }
        };
        self.ids.insert(hash, id);
        id
    }

    /// Notes that the term occurs in a language that the shipped table does not count.
    pub(super) fn mark_foreign(&mut self, id: TermId) {
        self.rarity[id as usize].foreign = true;
    }

    /// Counts entries of the window that were not read into a term: `entries` have it in all, and `case` is of all of
    /// them.
    pub(super) fn set_whole(&mut self, id: TermId, entries: u32, case: Case) {
        let term = &mut self.terms[id as usize];
        term.absent = entries.saturating_sub(term.postings.len() as u32);
        self.rarity[id as usize].case = case;
        self.recount(id);
    }

    /// Counts all entries of the window, also those that were not read.
    pub(super) fn set_entries(&mut self, entries: u32) {
        self.resize(entries);
    }

    /// Sets which entries have a term, the oldest first.
    pub(super) fn set_postings(&mut self, id: TermId, entries: Vec<u32>) {
        self.terms[id as usize].postings = entries.into();
        self.recount(id);
    }

    /// How likely the term is a name, 0 to 1; a half if nothing was seen.
    pub(super) fn nameness(&self, id: TermId) -> f32 {
        self.rarity[id as usize].nameness()
    }

    pub(super) fn text(&self, id: TermId) -> &str {
        &self.terms[id as usize].text
    }

    /// Counts an entry with these terms into the window.
    pub(super) fn add(&mut self, entry: u32, uses: impl Iterator<Item = Use>) {
        self.resize(self.entries + 1);
        for Use { id, written } in uses {
            written.into_iter().for_each(|written| self.rarity[id as usize].case.saw(written));
            self.terms[id as usize].postings.push_back(entry);
            self.recount(id);
        }
    }

    /// Removes the oldest entry, which has these terms.
    pub(super) fn remove_oldest(&mut self, entry: u32, uses: impl Iterator<Item = Use>) {
        self.resize(self.entries.saturating_sub(1));
        for Use { id, written } in uses {
            written.into_iter().for_each(|written| self.rarity[id as usize].case.forget(written));
            let postings = &mut self.terms[id as usize].postings;
            if postings.front() == Some(&entry) {
                postings.pop_front();
            }
            if postings.is_empty() {
                *postings = VecDeque::new();
            }
            self.recount(id);
            self.drop_unused(id);
        }
    }

    fn resize(&mut self, entries: u32) {
        self.entries = entries;
        self.size = (entries as f32).max(LEAST_WINDOW).ln();
    }

    fn recount(&mut self, id: TermId) {
        let term = &self.terms[id as usize];
        let entries = term.postings.len() as u32 + term.absent;
        let rarity = &mut self.rarity[id as usize];
        rarity.entries = entries;
        rarity.window = (entries.max(1) as f32).ln();
    }

    /// Releases the number of a term that neither the window nor the table knows.
    pub(super) fn drop_unused(&mut self, id: TermId) {
        let term = &mut self.terms[id as usize];
        if term.postings.is_empty()
            && term.absent == 0
            && self.rarity[id as usize].base.is_nan()
            && !term.text.is_empty()
        {
            let text = std::mem::take(&mut term.text);
            self.ids.remove(&self.hasher.hash_one(&*text));
            self.free.push(id);
        }
    }

    /// Entries of the window that have the term, oldest first.
    pub(super) fn postings(&self, id: TermId) -> &VecDeque<u32> {
        &self.terms[id as usize].postings
    }

    /// Everything that the term says.
    pub(super) fn worth(&self, id: TermId) -> Worth {
        let rarity = &self.rarity[id as usize];
        let (now, base) = (rarity.window - self.size, self.long_term(rarity));
        Worth {
            idf: idf(now, base),
            window: (-now).clamp(0.0, LARGEST_WINDOW_IDF),
            name: rarity.nameness(),
            burst: (now - base).clamp(LEAST_BURST, MOST_BURST),
            count: rarity.entries as f32,
            is_digit: rarity.is_digit,
            is_model: rarity.is_model,
        }
    }

    /// What sharing the term says: `−ln √(b · max(r, b))` with `b` its long-term rate and `r` that of
    /// the window, at least 0. A word of the day counts less than it does on other days.
    pub(super) fn idf(&self, id: TermId) -> f32 {
        let rarity = &self.rarity[id as usize];
        idf(rarity.window - self.size, self.long_term(rarity))
    }

    /// ln of its long-term rate, or of that of the window if no table counts its language.
    fn long_term(&self, rarity: &Rarity) -> f32 {
        match (rarity.base.is_nan(), rarity.foreign) {
            (false, _) => rarity.base,
            (true, true) => rarity.window - self.size,
            (true, false) => FLOOR_LN,
        }
    }
}

/// What a term says if its rates in the window and in the long term are these, as logarithms.
fn idf(now: f32, base: f32) -> f32 {
    (-LONG_TERM * base - (1.0 - LONG_TERM) * now.max(base)).max(0.0)
}

/// The table's terms with their rates: lines of `LEVEL term term …`, where a level is
/// `round(4 · log2(count))` over the number of entries that the first line states.
fn shipped() -> impl Iterator<Item = (&'static str, f32)> {
    let mut total = 1.0_f32;
    SHIPPED.lines().filter(|line| !line.starts_with('#')).flat_map(move |line| {
        let (head, rest) = line.split_once(' ').unwrap_or((line, ""));
        let mut rate = 0.0;
        if head == "entries" {
            total = rest.parse().unwrap_or(1.0);
        } else if let Ok(level) = head.parse::<f32>() {
            rate = (level / 4.0).exp2() / total;
        }
        rest.split(' ').filter(move |_| rate > 0.0).map(move |term| (term, rate.min(1.0)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_is_read() {
        let table: Vec<_> = shipped().collect();
        assert!(table.len() > 5_000);
        assert!(table.iter().all(|(term, rate)| !term.is_empty() && (0.0..=1.0).contains(rate)));
        let rate = |wanted: &str| table.iter().find(|(term, _)| *term == wanted).map_or(0.0, |(_, rate)| *rate);
        assert!(rate("apple") > rate("rocket"));
    }

    fn used(id: TermId) -> impl Iterator<Item = Use> {
        std::iter::once(Use { id, written: [Written::Small, Written::Capital] })
    }

    #[test]
    fn a_name_is_forgotten_with_its_entries() {
        let mut terms = Vocabulary::new();
        let id = terms.intern("apple");
        let capital = || std::iter::once(Use { id, written: [Written::Elsewhere, Written::Capital] });
        terms.add(0, capital());
        terms.add(1, capital());
        assert!(terms.nameness(id) > 0.7);
        terms.remove_oldest(0, capital());
        terms.remove_oldest(1, capital());
        assert!((terms.nameness(id) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_word_of_the_day_says_less() {
        let mut terms = Vocabulary::new();
        let rare = terms.intern("rokid");
        let before = terms.idf(rare);
        for entry in 0..200 {
            terms.add(entry, used(rare));
        }
        assert!(terms.idf(rare) < before);
    }

    #[test]
    fn numbers_are_given_back() {
        let mut terms = Vocabulary::new();
        let size = terms.terms.len();
        for entry in 0..1_000 {
            let id = terms.intern(&format!("word{entry}"));
            terms.add(entry, used(id));
            terms.remove_oldest(entry, used(id));
        }
        assert_eq!(terms.terms.len(), size + 1);
        assert_eq!(terms.ids.len(), size);
    }
}
