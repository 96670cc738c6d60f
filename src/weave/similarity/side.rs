//! An entry as it is compared with others: what its terms are worth in the window as it is now.

use super::columns::Habits;
use super::traits::Traits;
use crate::weave::features::Features;
use crate::weave::title_features::TitleFeatures;
use crate::weave::vocabulary::{TermId, Vocabulary};

/// Terms of a title that are compared one by one.
pub(super) const TITLE_TERMS: usize = 20;

/// Weight of a term that only the text has, and factor for names and things with digits.
const TEXT: f32 = 0.35;
const STRONG: f32 = 1.3;

/// From this nameness on a term counts as a name.
const NAME: f32 = 0.6;

/// A term and what it is worth.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    pub(super) id: TermId,
    pub(super) idf: f32,
    /// Rarity in the window alone.
    pub(super) window: f32,
    pub(super) name: f32,
    /// How much more often it is used than in the long term, as a logarithm.
    pub(super) burst: f32,
    /// Entries of the window that have it.
    pub(super) count: f32,
    pub(super) is_digit: bool,
    /// A digit and a letter: the name of a model.
    pub(super) is_model: bool,
}

impl Term {
    fn of(id: TermId, vocabulary: &Vocabulary) -> Self {
        let text = vocabulary.text(id);
        let is_digit = text.bytes().any(|b| b.is_ascii_digit());
        Self {
            id,
            idf: vocabulary.idf(id),
            window: vocabulary.window_idf(id),
            name: vocabulary.nameness(id),
            burst: vocabulary.burst(id),
            count: vocabulary.count(id),
            is_digit,
            is_model: is_digit && text.chars().any(char::is_alphabetic),
        }
    }

    /// A name, or a thing with a digit.
    pub(super) fn is_strong(&self) -> bool {
        self.name > NAME || self.is_digit
    }
}

/// A term in the vectors whose cosines are compared.
#[derive(Debug, Clone, Copy)]
struct Weight {
    id: TermId,
    /// By place, writing and rarity.
    base: f32,
    /// By rarity, in the title.
    title: f32,
    window: f32,
}

/// The words of one entry of a pair, and what they are worth now.
#[derive(Debug)]
pub(in crate::weave) struct Side {
    pub(super) title: Vec<Term>,
    /// Sorted by term.
    pub(super) text: Vec<Term>,
    /// Sorted by term.
    weights: Vec<Weight>,
    norms: Cosines,
    pub(super) habits: Habits,
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

impl Side {
    pub(in crate::weave) fn of(features: &Features, habits: Habits, vocabulary: &Vocabulary) -> Self {
        let title = features.title.iter().take(TITLE_TERMS).map(|id| Term::of(*id, vocabulary)).collect();
        let text = features.terms.iter().filter(|feature| feature.in_text());
        let text = text.map(|feature| Term::of(feature.id(), vocabulary)).collect();
        let (mut weights, mut norms) = (Vec::with_capacity(features.terms.len()), Cosines::default());
        for feature in &features.terms {
            let (id, idf) = (feature.id(), vocabulary.idf(feature.id()));
            let weight = Weight {
                id,
                base: feature.weight(TEXT, STRONG) * idf,
                title: if feature.in_title() { idf } else { 0.0 },
                window: vocabulary.window_idf(id),
            };
            norms.add(&weight, &weight);
            weights.push(weight);
        }
        let norms = Cosines { base: norms.base.sqrt(), title: norms.title.sqrt(), window: norms.window.sqrt() };
        Self { title, text, weights, norms, habits }
    }

    /// How alike the vectors of two entries are.
    pub(in crate::weave) fn cosines(&self, other: &Self) -> Cosines {
        let mut dot = Cosines::default();
        let mut theirs = other.weights.iter().peekable();
        for mine in &self.weights {
            while theirs.next_if(|their| their.id < mine.id).is_some() {}
            if let Some(their) = theirs.peek().filter(|their| their.id == mine.id) {
                dot.add(mine, their);
            }
        }
        let over = |dot: f32, a: f32, b: f32| if a > 0.0 && b > 0.0 { dot / (a * b) } else { 0.0 };
        Cosines {
            base: over(dot.base, self.norms.base, other.norms.base),
            title: over(dot.title, self.norms.title, other.norms.title),
            window: over(dot.window, self.norms.window, other.norms.window),
        }
    }

    pub(super) fn has_in_text(&self, id: TermId) -> bool {
        self.text.binary_search_by_key(&id, |term| term.id).is_ok()
    }
}

impl Cosines {
    fn add(&mut self, a: &Weight, b: &Weight) {
        self.base += a.base * b.base;
        self.title += a.title * b.title;
        self.window += a.window * b.window;
    }
}
