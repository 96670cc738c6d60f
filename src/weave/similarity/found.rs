//! What one title of a pair shares with the other entry, and what that is worth.

use super::side::{Side, TITLE_TERMS, Term};
use crate::weave::vocabulary::Worth;

/// A term in this many entries is common; more do not matter.
pub(super) const COMMON: f32 = 2000.0;

/// The burst of nothing.
pub(super) const NO_BURST: f32 = -9.0;

/// Keeps shares of nothing from being NaN.
pub(super) const LITTLE: f32 = 1e-6;

/// The title of one entry, and which of its terms the other has.
pub(super) struct Found<'a> {
    pub(super) side: &'a Side,
    pub(super) count: usize,
    /// Where each of its terms occurs in the other's title.
    pub(super) at: [Option<u8>; TITLE_TERMS],
    /// Whether the other has it anywhere.
    pub(super) any: [bool; TITLE_TERMS],
    pub(super) sums: Sums,
}

/// What the terms of a title are worth together.
#[derive(Default)]
pub(super) struct Sums {
    pub(super) idf: f32,
    /// Of those that the other has anywhere.
    pub(super) found: f32,
    pub(super) found_window: f32,
    pub(super) rarest_count: f32,
    pub(super) second_count: f32,
    /// Of those that it has nowhere.
    pub(super) top: f32,
    pub(super) name: f32,
    pub(super) top_name: f32,
    pub(super) window: f32,
    pub(super) digits: usize,
}

impl<'a> Found<'a> {
    pub(super) fn of(side: &'a Side, places: impl Iterator<Item = (&'a Term, &'a Term)>) -> Self {
        let count = side.title.places().len();
        let mut found = Self { side, count, at: [None; TITLE_TERMS], any: [false; TITLE_TERMS], sums: Sums::default() };
        for (mine, their) in places {
            if let Some(place) = mine.place {
                found.at[usize::from(place)] = their.place;
                found.any[usize::from(place)] = their.place.is_some() || their.in_text;
            }
        }
        found.sums = found.summed();
        found
    }

    fn summed(&self) -> Sums {
        let mut sums = Sums { rarest_count: f32::INFINITY, second_count: f32::INFINITY, ..Sums::default() };
        for (term, any) in self.side.titled().zip(self.any) {
            let Worth { idf, window, count, .. } = term.worth;
            sums.idf += idf;
            if any {
                sums.found += idf;
                sums.found_window += window;
                sums.second_count = sums.second_count.min(count.max(sums.rarest_count));
                sums.rarest_count = sums.rarest_count.min(count);
            } else {
                sums.top = sums.top.max(idf);
                sums.name += name(term);
                sums.top_name = sums.top_name.max(name(term));
                sums.window += window;
                sums.digits += usize::from(term.worth.is_digit);
            }
        }
        sums
    }

    pub(super) fn term(&self, place: usize) -> &'a Term {
        &self.side.terms[usize::from(self.side.title.places()[place])]
    }

    pub(super) fn matched(&self) -> impl Iterator<Item = (usize, &'a Term)> + '_ {
        self.side
            .titled()
            .zip(self.at)
            .enumerate()
            .filter(|(_, (_, at))| at.is_some())
            .map(|(at, (term, _))| (at, term))
    }

    pub(super) fn is_missing(&self, place: usize) -> bool {
        place < self.count && !self.any[place]
    }

    /// A name or a number that the other has nowhere.
    pub(super) fn is_strange(&self, place: usize) -> bool {
        self.is_missing(place) && self.term(place).is_strong()
    }

    pub(super) fn whole(&self) -> f32 {
        self.sums.idf + LITTLE
    }

    /// The place of the shared term with the largest idf.
    pub(super) fn rarest(&self) -> Option<usize> {
        first_best(self.matched().map(|(place, term)| (place, term.worth.idf)))
    }

    /// Whether the term that `worth` ranks first occurs in the other.
    pub(super) fn has_best(&self, worth: impl Fn(&Term) -> f32) -> bool {
        let best = first_best(self.side.titled().map(worth).enumerate());
        best.is_some_and(|place| self.any[place])
    }
}

/// The first of the best.
fn first_best(places: impl Iterator<Item = (usize, f32)>) -> Option<usize> {
    let mut best: Option<(usize, f32)> = None;
    for (place, worth) in places {
        if best.is_none_or(|(_, known)| worth > known) {
            best = Some((place, worth));
        }
    }
    best.map(|(place, _)| place)
}

pub(super) fn idf(term: &Term) -> f32 {
    term.worth.idf
}

pub(super) fn name(term: &Term) -> f32 {
    term.worth.idf * term.worth.name
}

/// What the terms that occur in both titles are worth.
#[derive(Default)]
pub(super) struct Both {
    pub(super) count: usize,
    pub(super) idf: f32,
    pub(super) window: f32,
    pub(super) first: f32,
    pub(super) second: f32,
    pub(super) top_window: f32,
    pub(super) name: f32,
    pub(super) other: f32,
    pub(super) digits: usize,
    pub(super) models: usize,
    pub(super) burst: f32,
    pub(super) top_burst: f32,
    pub(super) rarest_count: f32,
}

impl Both {
    pub(super) fn of(one: &Found<'_>) -> Self {
        let mut both = Self { top_burst: NO_BURST, rarest_count: COMMON, ..Self::default() };
        for (_, term) in one.matched() {
            let Worth { idf, window, burst, count, is_digit, is_model, .. } = term.worth;
            both.count += 1;
            both.idf += idf;
            both.window += window;
            both.second = both.second.max(idf.min(both.first));
            both.first = both.first.max(idf);
            both.top_window = both.top_window.max(window);
            both.name += name(term);
            both.other += idf * (1.0 - term.worth.name);
            both.digits += usize::from(is_digit);
            both.models += usize::from(is_model);
            both.burst += burst * idf;
            both.top_burst = both.top_burst.max(burst);
            both.rarest_count = both.rarest_count.min(count);
        }
        both
    }
}
