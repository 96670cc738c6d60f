//! What is compared of an entry: its terms, the order of its title, its marks.

use super::title_features::TitleFeatures;
use super::tokens::{Tokens, without_outlet};
use super::vocabulary::{TermId, Use, Vocabulary, Written};

const IN_TITLE: u32 = 1 << 26;
const IN_TEXT: u32 = 1 << 27;
const STRONG: u32 = 1 << 28;
const SMALL: u32 = 1 << 29;
const CAPITAL: u32 = 1 << 30;
const ID: u32 = IN_TITLE - 1;

/// A term of an entry and where it occurs: the number in the lower 26 bits, flags above.
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

    /// A name or a thing with a digit, as far as the writing shows.
    pub(super) fn is_strong(self) -> bool {
        self.0 & STRONG != 0
    }

    fn used(self) -> Use {
        let written = |flag: u32, as_what| if self.0 & flag != 0 { as_what } else { Written::Elsewhere };
        Use { id: self.id(), written: [written(SMALL, Written::Small), written(CAPITAL, Written::Capital)] }
    }

    /// How much of the entry it represents, before rarity.
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
    /// Its terms as the vocabulary counts them.
    pub(super) fn uses(&self) -> impl Iterator<Item = Use> + '_ {
        self.terms.iter().map(|feature| feature.used())
    }

    /// Whether one of `terms` is among its own.
    pub(super) fn names_any(&self, terms: &[TermId]) -> bool {
        terms.iter().any(|term| self.terms.binary_search_by_key(term, |feature| feature.id()).is_ok())
    }

    /// The terms of its text that its title does not have, in order of their ids.
    pub(super) fn of_text_alone(&self) -> Vec<TermId> {
        let own = self.terms.iter().filter(|term| term.in_text() && !term.in_title());
        own.map(|term| term.id()).collect()
    }

    /// How many distinct terms its text has.
    pub(super) fn text_terms(&self) -> usize {
        self.terms.iter().filter(|term| term.in_text()).count()
    }

    pub(super) fn of(title: &str, tokens: &Tokens, vocabulary: &mut Vocabulary) -> Self {
        let mut ordered = Vec::with_capacity(16);
        let mut found: Vec<u32> = Vec::with_capacity(48);
        for (term, at) in tokens.iter() {
            let id = vocabulary.intern(term);
            if tokens.is_foreign() {
                vocabulary.mark_foreign(id);
            }
            if at.in_title && !ordered.contains(&id) {
                ordered.push(id);
            }
            let written = match at.written {
                Written::Elsewhere => 0,
                Written::Small => SMALL,
                Written::Capital => CAPITAL,
            };
            let place = if at.in_title { IN_TITLE } else { IN_TEXT };
            found.push(id | place | written | if at.is_strong { STRONG } else { 0 });
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weave::tokenizer::Tokenizer;

    #[test]
    fn terms_are_sorted_and_carry_their_places() {
        let mut terms = Vocabulary::new();
        let title = "Rokid unveils glasses";
        let tokens = Tokens::of(title, "The glasses weigh little", None, &mut Tokenizer::new());
        let features = Features::of(title, &tokens, &mut terms);
        assert!(features.terms.windows(2).all(|pair| pair[0].id() < pair[1].id()));
        let glass = features.terms.iter().find(|f| terms.text(f.id()) == "glass").unwrap();
        assert!(glass.in_title() && glass.weight(0.35, 1.3) > 1.0);
        assert_eq!(features.title.len(), 3);
    }
}
