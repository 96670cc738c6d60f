//! An entry as it is compared with others: what its terms are worth in the window as it is now.

use super::columns::Habits;
use super::traits::Traits;
use crate::weave::features::Features;
use crate::weave::title_features::TitleFeatures;
use crate::weave::vocabulary::{TermId, Vocabulary, Worth};

/// Number of terms of a title that are compared one by one.
pub(super) const TITLE_TERMS: usize = 20;

/// Terms of an entry: [`Tokens`](crate::weave::tokens::Tokens) reads no more of its title and its text.
pub(super) const TERMS: usize = 70;

/// Weight of a term that only the text has, and factor for names and things with digits.
const TEXT: f32 = 0.35;
const STRONG: f32 = 1.3;

/// Nameness above which a term counts as a name.
const NAME: f32 = 0.6;

/// A term and what it is worth.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    pub(super) id: TermId,
    pub(super) worth: Worth,
    /// Its weight by place, writing and rarity.
    base: f32,
    pub(super) in_title: bool,
    pub(super) in_text: bool,
    /// Its place among the first [`TITLE_TERMS`] of the title.
    pub(super) place: Option<u8>,
}

impl Term {
    /// A name, or a thing with a digit.
    pub(super) fn is_strong(&self) -> bool {
        self.worth.name > NAME || self.worth.is_digit
    }

    /// Its weight in the title.
    fn in_title(&self) -> f32 {
        if self.in_title { self.worth.idf } else { 0.0 }
    }
}

/// The words of one entry of a pair, and what they are worth now.
#[derive(Debug)]
pub(in crate::weave) struct Side {
    /// Sorted by term.
    pub(super) terms: Box<[Term]>,
    /// For the first terms of the title, in its order, the places among the terms.
    pub(super) title: Title,
    /// How many of the terms the text has.
    pub(super) text_terms: usize,
    norms: Cosines,
    pub(super) habits: Habits,
}

/// Places of the terms of a title.
#[derive(Debug, Clone, Copy)]
pub(super) struct Title {
    places: [u8; TITLE_TERMS],
    count: usize,
}

impl Title {
    pub(super) fn places(&self) -> &[u8] {
        &self.places[..self.count]
    }
}

/// One entry of a pair.
#[derive(Debug, Clone, Copy)]
pub(in crate::weave) struct Compared<'a> {
    pub(in crate::weave) side: &'a Side,
    pub(in crate::weave) traits: &'a Traits,
    pub(in crate::weave) marks: &'a TitleFeatures,
    pub(in crate::weave) publisher: u32,
    /// Unix seconds.
    pub(in crate::weave) time: i64,
    /// Hash of its normalised title.
    pub(in crate::weave) title: u64,
}

/// Three likenesses of one.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::weave) struct Cosines {
    pub(in crate::weave) base: f32,
    pub(super) title: f32,
    pub(super) window: f32,
}

/// The terms that two entries share: their places in the one and in the other, by term.
#[derive(Debug)]
pub(in crate::weave) struct Shared {
    places: [(u8, u8); TERMS],
    count: usize,
}

impl Shared {
    pub(super) fn places(&self) -> &[(u8, u8)] {
        &self.places[..self.count]
    }
}

impl Side {
    pub(in crate::weave) fn of(features: &Features, habits: Habits, vocabulary: &Vocabulary) -> Self {
        let mut norms = Cosines::default();
        let mut text_terms = 0;
        let mut terms: Box<[Term]> = features
            .terms
            .iter()
            .take(TERMS)
            .map(|feature| {
                let (id, worth) = (feature.id(), vocabulary.worth(feature.id()));
                let (in_title, in_text) = (feature.in_title(), feature.in_text());
                let term =
                    Term { id, worth, base: feature.weight(TEXT, STRONG) * worth.idf, in_title, in_text, place: None };
                norms.add(&term, &term);
                text_terms += usize::from(in_text);
                term
            })
            .collect();
        let mut title = Title { places: [0; TITLE_TERMS], count: 0 };
        for id in features.title.iter().take(TITLE_TERMS) {
            if let Ok(at) = terms.binary_search_by_key(id, |term| term.id) {
                terms[at].place = Some(title.count as u8);
                title.places[title.count] = at as u8;
                title.count += 1;
            }
        }
        let norms = Cosines { base: norms.base.sqrt(), title: norms.title.sqrt(), window: norms.window.sqrt() };
        Self { terms, title, text_terms, norms, habits }
    }

    /// The terms of the title in its order.
    pub(super) fn titled(&self) -> impl Iterator<Item = &Term> {
        self.title.places().iter().map(|at| &self.terms[usize::from(*at)])
    }

    pub(in crate::weave) fn shared(&self, other: &Self) -> Shared {
        let mut shared = Shared { places: [(0, 0); TERMS], count: 0 };
        let (mine, theirs) = (&self.terms, &other.terms);
        let (mut a, mut b) = (0, 0);
        while let (Some(one), Some(two)) = (mine.get(a), theirs.get(b)) {
            if one.id == two.id {
                shared.places[shared.count] = (a as u8, b as u8);
                shared.count += 1;
            }
            let (is_behind, is_ahead) = (one.id <= two.id, two.id <= one.id);
            a += usize::from(is_behind);
            b += usize::from(is_ahead);
        }
        shared
    }

    /// The rarest terms that both have, at most `count`, rarest first.
    pub(in crate::weave) fn rarest_shared(&self, other: &Self, count: usize) -> Vec<TermId> {
        let shared = self.shared(other);
        let mut terms: Vec<&Term> = shared.places().iter().map(|(at, _)| &self.terms[usize::from(*at)]).collect();
        terms.sort_unstable_by(|a, b| b.worth.idf.total_cmp(&a.worth.idf).then(a.id.cmp(&b.id)));
        terms.iter().take(count).map(|term| term.id).collect()
    }

    /// How alike the vectors of two entries are, which share these terms.
    pub(in crate::weave) fn cosines(&self, other: &Self, shared: &Shared) -> Cosines {
        let mut dot = Cosines::default();
        for (a, b) in shared.places() {
            dot.add(&self.terms[usize::from(*a)], &other.terms[usize::from(*b)]);
        }
        let over = |dot: f32, a: f32, b: f32| if a > 0.0 && b > 0.0 { dot / (a * b) } else { 0.0 };
        Cosines {
            base: over(dot.base, self.norms.base, other.norms.base),
            title: over(dot.title, self.norms.title, other.norms.title),
            window: over(dot.window, self.norms.window, other.norms.window),
        }
    }
}

impl Cosines {
    fn add(&mut self, a: &Term, b: &Term) {
        self.base += a.base * b.base;
        self.title += a.in_title() * b.in_title();
        self.window += a.worth.window * b.worth.window;
    }
}
