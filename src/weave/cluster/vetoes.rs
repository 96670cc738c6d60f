//! What keeps two entries apart whatever words they share: dates and ids that contradict, and what one publisher makes
//! by a pattern.

use super::certain::COLUMN_AFTER_HOURS;
use super::clusterer::Clusterer;
use super::window::WindowEntry;
use crate::weave::features::Features;

/// Fewest terms of a text that is recognised as boilerplate.
const BOILERPLATE_TERMS: usize = 3;

impl Clusterer {
    /// Whether two entries are never one story by their words.
    pub(super) fn are_apart(&self, mine: &WindowEntry, other: &WindowEntry) -> bool {
        let (one, two) = (&mine.features, &other.features);
        if one.marks.contradict(&two.marks) {
            return true;
        }
        if mine.source == other.source && self.templates.made_alike(mine.patterns, other.patterns) {
            return true;
        }
        let comes_back = mine.title == other.title && (mine.time - other.time).abs() > COLUMN_AFTER_HOURS * 3600;
        mine.publisher == other.publisher
            && (comes_back || one.marks.is_series(&two.marks) || have_one_boilerplate(one, two))
    }
}

/// Whether two entries have the same text, except for what it takes from their titles, and titles that share less than
/// two thirds: the text is the source's, not the news'.
fn have_one_boilerplate(one: &Features, two: &Features) -> bool {
    let text = |features: &Features| -> Vec<u32> {
        let own = features.terms.iter().filter(|term| term.in_text() && !term.in_title());
        own.map(|term| term.id()).collect()
    };
    let shared = one.title.iter().filter(|term| two.title.contains(term)).count();
    if shared * 3 >= one.title.len().min(two.title.len()) * 2 {
        return false;
    }
    let (mine, theirs) = (text(one), text(two));
    mine.len() >= BOILERPLATE_TERMS && mine == theirs
}
