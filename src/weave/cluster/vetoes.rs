//! What keeps two entries apart whatever words they share: dates and ids that contradict, and what one publisher makes
//! by a pattern.

use super::certain::COLUMN_AFTER_HOURS;
use super::clusterer::Clusterer;
use super::window::WindowEntry;
use crate::weave::features::Features;

/// Fewest places of a sentence in which two titles differ, and fewest words around these that both have, by which they
/// are that sentence filled in twice.
const FILLED_IN: usize = 3;
const LEFT_STANDING: usize = 2;

/// Fewest terms of a text that is recognised as boilerplate.
const BOILERPLATE_TERMS: usize = 3;

impl Clusterer {
    /// Whether two entries are never one story by their words.
    pub(super) fn are_apart(&self, mine: &WindowEntry, other: &WindowEntry) -> bool {
        let (one, two) = (&mine.features, &other.features);
        if one.marks.contradict(&two.marks) {
            return true;
        }
        if fill_in_one_sentence(one, two) || self.points_elsewhere(mine) || self.points_elsewhere(other) {
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

/// Whether two titles are one sentence with other words in it, here and there, and nothing else that two entries share:
/// "Apple opens shops in India, 9 jobs", "Nokia opens plants in Peru, 70 jobs".
fn fill_in_one_sentence(one: &Features, two: &Features) -> bool {
    if one.title.len() != two.title.len() {
        return false;
    }
    let (mut filled_in, mut left_standing, mut is_in_gap) = (0, 0, false);
    for (mine, theirs) in one.title.iter().zip(&two.title) {
        if mine == theirs {
            left_standing += 1;
        } else if !is_in_gap {
            filled_in += 1;
        }
        is_in_gap = mine != theirs;
    }
    if filled_in < FILLED_IN || left_standing < LEFT_STANDING {
        return false;
    }
    let mut parted = one.title.iter().zip(&two.title).filter(|(mine, theirs)| mine != theirs);
    if parted.any(|(mine, theirs)| two.names_any(&[*mine]) || one.names_any(&[*theirs])) {
        return false;
    }
    let in_text =
        |features: &Features| features.terms.iter().filter(|term| !term.in_title()).copied().collect::<Vec<_>>();
    in_text(one).iter().all(|term| !two.names_any(&[term.id()]))
}

/// Whether two entries have the same text, except for what it takes from their titles, and titles that share less than
/// two thirds: the text is the source's, not the news'.
fn have_one_boilerplate(one: &Features, two: &Features) -> bool {
    let shared = one.title.iter().filter(|term| two.title.contains(term)).count();
    if shared * 3 >= one.title.len().min(two.title.len()) * 2 {
        return false;
    }
    let (mine, theirs) = (one.of_text_alone(), two.of_text_alone());
    mine.len() >= BOILERPLATE_TERMS && mine == theirs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weave::tokenizer::Tokenizer;
    use crate::weave::tokens::Tokens;
    use crate::weave::vocabulary::Vocabulary;

    #[track_caller]
    fn check(one: (&str, &str), two: (&str, &str), want: bool) {
        let mut vocabulary = Vocabulary::new();
        let mut features = |(title, text): (&str, &str)| {
            let tokens = Tokens::of(title, text, None, &mut Tokenizer::new());
            Features::of(title, &tokens, &mut vocabulary)
        };
        let (one, two) = (features(one), features(two));
        assert_eq!(fill_in_one_sentence(&one, &two), want, "{one:?} {two:?}");
        assert_eq!(fill_in_one_sentence(&two, &one), want);
    }

    #[test]
    fn one_sentence_filled_in_twice_is_no_story() {
        let harbour = "Harbour builders of Kelmark sell ferries, Paper nine";
        check((harbour, ""), ("Copper builders of Dorlund sell ribbons, Paper seven", ""), true);
        check((harbour, ""), ("Tunnel builders of Wexby sell zippers, Paper four", ""), true);
        // The same news in words of one's own, an edited title, and texts that say more.
        check((harbour, ""), (harbour, ""), false);
        check((harbour, ""), ("Harbour builders of Kelmark sell boats, Paper nine", ""), false);
        check((harbour, ""), ("Harbour builders of Kelmark sell all of their ferries", ""), false);
        check((harbour, ""), ("Kelmark builders of harbour sell ribbons, Paper seven", ""), false);
        check(
            (harbour, "Ships of Ulvik"),
            ("Copper builders of Dorlund sell ribbons, Paper seven", "Ulvik again"),
            false,
        );
        check((harbour, "Ships of Ulvik"), ("Copper builders of Dorlund sell ribbons, Paper seven", "Plates"), true);
        check(("Jessa opens a shop", ""), ("Nokia opens a plant", ""), false);
    }
}
