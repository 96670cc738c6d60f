//! The terms of the window: numbers for words, where each occurs, and how much each says.

use std::collections::VecDeque;

use foldhash::fast::FixedState;
use std::collections::HashMap;

/// How often English terms occur in tech news, shipped: `terms.txt` says how it was made.
const SHIPPED: &str = include_str!("terms.txt");

/// Rate of a term that the shipped table does not know: half an entry in the 40,000 counted.
const FLOOR: f32 = 1.0 / 80_000.0;

/// Entries that a window counts for at least: in a nearly empty one every word looks frequent.
const LEAST_WINDOW: f32 = 400.0;

/// The number of a term, below 2^28.
pub(super) type TermId = u32;

/// Where a term occurs and how rare it is.
#[derive(Debug)]
struct Term {
    text: Box<str>,
    /// ln of its long-term rate; `None` in the shipped table's place: unknown.
    base_ln: Option<f32>,
    /// Seen in a language the shipped table does not count.
    foreign: bool,
    /// How often it stood inside a sentence with a capital, and without: names are told by that.
    capital: u16,
    small: u16,
    /// Entries of the window that have it, oldest first.
    postings: VecDeque<u32>,
}

/// All terms that are in the window or the shipped table.
#[derive(Debug)]
pub(super) struct Terms {
    ids: HashMap<Box<str>, TermId, FixedState>,
    terms: Vec<Term>,
    free: Vec<TermId>,
    entries: u32,
}

impl Terms {
    pub(super) fn new() -> Self {
        let mut terms = Self { ids: HashMap::default(), terms: Vec::new(), free: Vec::new(), entries: 0 };
        for (text, rate) in shipped() {
            let id = terms.terms.len() as TermId;
            terms.terms.push(Term {
                text: text.into(),
                base_ln: Some(rate.ln()),
                foreign: false,
                capital: 0,
                small: 0,
                postings: VecDeque::new(),
            });
            terms.ids.insert(text.into(), id);
        }
        terms
    }

    /// The number of `text`, a new one where it has none.
    pub(super) fn intern(&mut self, text: &str, foreign: bool) -> TermId {
        if let Some(id) = self.ids.get(text) {
            self.terms[*id as usize].foreign |= foreign;
            return *id;
        }
        let term = Term { text: text.into(), base_ln: None, foreign, capital: 0, small: 0, postings: VecDeque::new() };
        let id = match self.free.pop() {
            Some(id) => {
                self.terms[id as usize] = term;
                id
            }
            None => {
                self.terms.push(term);
                (self.terms.len() - 1) as TermId
            }
        };
        self.ids.insert(text.into(), id);
        id
    }

    /// Learns from a place inside a sentence whether the term is written with a capital.
    pub(super) fn saw(&mut self, id: TermId, capital: bool) {
        let term = &mut self.terms[id as usize];
        let count = if capital { &mut term.capital } else { &mut term.small };
        *count = count.saturating_add(1);
        if term.capital.max(term.small) > 1_000 {
            term.capital /= 2;
            term.small /= 2;
        }
    }

    /// How likely the term is a name, 0 to 1; a half where nothing was seen.
    pub(super) fn nameness(&self, id: TermId) -> f32 {
        let term = &self.terms[id as usize];
        (f32::from(term.capital) + 1.0) / (f32::from(term.capital) + f32::from(term.small) + 2.0)
    }

    pub(super) fn text(&self, id: TermId) -> &str {
        &self.terms[id as usize].text
    }

    /// Counts an entry with these terms into the window.
    pub(super) fn add(&mut self, entry: u32, ids: impl Iterator<Item = TermId>) {
        self.entries += 1;
        for id in ids {
            self.terms[id as usize].postings.push_back(entry);
        }
    }

    /// Takes out the oldest entry, which has these terms.
    pub(super) fn remove_oldest(&mut self, entry: u32, ids: impl Iterator<Item = TermId>) {
        self.entries = self.entries.saturating_sub(1);
        for id in ids {
            let term = &mut self.terms[id as usize];
            if term.postings.front() == Some(&entry) {
                term.postings.pop_front();
            }
            self.drop_unused(id);
        }
    }

    /// Gives the number of a term back that neither the window nor the table knows.
    pub(super) fn drop_unused(&mut self, id: TermId) {
        let term = &mut self.terms[id as usize];
        if term.postings.is_empty() && term.base_ln.is_none() && !term.text.is_empty() {
            let text = std::mem::take(&mut term.text);
            term.postings = VecDeque::new();
            self.ids.remove(&text);
            self.free.push(id);
        }
    }

    /// Entries of the window that have the term, oldest first.
    pub(super) fn postings(&self, id: TermId) -> &VecDeque<u32> {
        &self.terms[id as usize].postings
    }

    /// Rarity in the window alone.
    pub(super) fn window_idf(&self, id: TermId) -> f32 {
        let term = &self.terms[id as usize];
        ((self.entries as f32).max(LEAST_WINDOW) / term.postings.len().max(1) as f32).ln().max(0.0)
    }

    /// What sharing the term says: `−ln √(b · max(r, b))` with `b` its long-term rate and `r` that of
    /// the window, at least 0. A word of the day counts less than it does on other days.
    pub(super) fn idf(&self, id: TermId, base_share: f32) -> f32 {
        let term = &self.terms[id as usize];
        let window = (self.entries as f32).max(LEAST_WINDOW);
        let now = (term.postings.len().max(1) as f32 / window).ln();
        let base = match term.base_ln {
            Some(base) => base,
            None if term.foreign => now,
            None => FLOOR.ln(),
        };
        (-base_share * base - (1.0 - base_share) * now.max(base)).max(0.0)
    }
}

/// The table's terms with their rates: lines of `LEVEL term term …`, where a level is
/// `round(4 · log2(count))` over the number of entries that the first line gives.
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

    #[test]
    fn a_word_of_the_day_says_less() {
        let mut terms = Terms::new();
        let rare = terms.intern("rokid", false);
        let before = terms.idf(rare, 0.5);
        for entry in 0..200 {
            terms.add(entry, std::iter::once(rare));
        }
        assert!(terms.idf(rare, 0.5) < before);
    }

    #[test]
    fn numbers_are_given_back() {
        let mut terms = Terms::new();
        let size = terms.terms.len();
        for entry in 0..1_000 {
            let id = terms.intern(&format!("word{entry}"), false);
            terms.add(entry, std::iter::once(id));
            terms.remove_oldest(entry, std::iter::once(id));
        }
        assert_eq!(terms.terms.len(), size + 1);
        assert_eq!(terms.ids.len(), size);
    }
}
