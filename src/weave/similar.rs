//! How alike two entries are: what their words share, weighed by rarity, time, outlet and numbers.
//!
//! The weights were chosen by cross-validation over labelled windows; moving one of them by a quarter
//! changes the figures by less than their noise.

use super::features::Features;
use super::vocabulary::{TermId, Vocabulary};
use crate::text::TitleKinds;

/// Weight of a term that only the text has; the title's is 1.
const TEXT: f32 = 0.35;
/// Factor for names and things with digits.
const STRONG: f32 = 1.3;
/// From this rarity on a shared term counts as rare: about one entry in 400.
const RARE: f32 = 6.0;

// What is taken off the cosine.
const FEW_RARE_SHARED: f32 = 0.05;
const SAME_PUBLISHER: f32 = 0.15;
const DEAL_OR_EVERGREEN: f32 = 0.2;
const NUMBERS_DIFFER: f32 = 0.05;
const FADES_PER_DAY: f32 = 0.2;

// What the evidence is made of (log odds).
const BIAS: f32 = 2.4;
const LIKENESS: f32 = 2.6;
/// For 40 nats of surprise in the window.
const SHARED_MASS: f32 = 3.0;
/// For 30 nats of names: three words of one name say less than three words.
const SHARED_NAMES: f32 = 1.2;
const DAY_APART: f32 = 0.8;
/// Titles that share one word share a subject at best.
const ONE_TITLE_WORD: f32 = 1.0;
/// Two titles alone have less to share than two titles with texts.
const TITLE_ONLY: f32 = 1.5;

/// The least and the largest evidence of a pair: one of a kind does not outweigh a whole story.
pub(super) const LEAST: f32 = -3.0;
pub(super) const MOST: f32 = 7.0;

/// What speaks for and against two entries beside their words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circumstances {
    /// Days between the two.
    pub(super) days: f32,
    /// One publisher wrote both.
    pub(super) same_publisher: bool,
}

/// A text with fewer terms says too little to stand for the title.
const ENOUGH_TEXT_TERMS: usize = 8;

/// An entry with the rarity of its terms worked out once, to be compared with many.
#[derive(Debug, Clone, Default)]
pub(super) struct QueryVector {
    /// Sorted by term.
    terms: Vec<Weighed>,
    norm: f32,
    has_text: bool,
}

#[derive(Debug, Clone, Copy)]
struct Weighed {
    id: TermId,
    idf: f32,
    /// Rarity in the window alone.
    window: f32,
    weight: f32,
    /// Its rarity as far as it is a name.
    name: f32,
    in_title: bool,
}

impl QueryVector {
    pub(super) fn of(features: &Features, vocabulary: &Vocabulary) -> Self {
        let mut query = Self { terms: Vec::with_capacity(features.terms.len()), ..Self::default() };
        let mut norm = 0.0;
        for feature in &features.terms {
            let id = feature.id();
            let idf = vocabulary.idf(id);
            let weight = feature.weight(TEXT, STRONG) * idf;
            norm += weight * weight;
            query.has_text |= feature.in_text();
            let (window, name) = (vocabulary.window_idf(id), idf * vocabulary.nameness(id));
            query.terms.push(Weighed { id, idf, window, weight, name, in_title: feature.in_title() });
        }
        query.norm = norm.sqrt();
        query
    }

    /// The `count` rarest terms with what sharing them adds to the cosine, rarest first.
    pub(super) fn rarest(&self, count: usize) -> Vec<(TermId, f32)> {
        let mut rare: Vec<&Weighed> = self.terms.iter().filter(|term| term.idf > 0.0).collect();
        rare.sort_unstable_by(|a, b| b.idf.total_cmp(&a.idf).then(a.id.cmp(&b.id)));
        rare.truncate(count);
        rare.iter().map(|term| (term.id, term.weight * term.idf)).collect()
    }

    /// The rarest terms of `other` that this entry has, at most `count`, rarest first.
    pub(super) fn shared(&self, other: &Features, count: usize) -> Vec<TermId> {
        let mut shared: Vec<(f32, TermId)> = other
            .terms
            .iter()
            .filter_map(|feature| {
                let at = self.terms.binary_search_by_key(&feature.id(), |term| term.id).ok()?;
                Some((self.terms[at].idf, feature.id()))
            })
            .collect();
        shared.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        shared.truncate(count);
        shared.into_iter().map(|(_, id)| id).collect()
    }

    /// The evidence that this entry (`mine` are its features) and `other` tell one story: log odds,
    /// −3 to 7; −3 where dates, numbers of a series or CVE ids forbid it.
    pub(super) fn evidence(
        &self,
        mine: &Features,
        other: &Features,
        vocabulary: &Vocabulary,
        around: Circumstances,
    ) -> f32 {
        let shared_title = shared_title(mine, other);
        if !titles_allow(mine, other, around) {
            return LEAST;
        }
        let shared = self.compare(other, vocabulary);
        let cosine =
            if shared.norm > 0.0 && self.norm > 0.0 { shared.dot / (self.norm * shared.norm.sqrt()) } else { 0.0 };
        let passing = |kinds: TitleKinds| kinds.has(TitleKinds::DEAL) || kinds.has(TitleKinds::EVERGREEN);
        let against = FEW_RARE_SHARED * f32::from(shared.rare < 2)
            + SAME_PUBLISHER * f32::from(around.same_publisher)
            + DEAL_OR_EVERGREEN * f32::from(passing(mine.marks.kinds) || passing(other.marks.kinds))
            + NUMBERS_DIFFER * f32::from(mine.marks.numbers_differ(&other.marks));
        let likeness = ((cosine - against) * (-FADES_PER_DAY * around.days).exp()).clamp(0.0, 1.0);
        let evidence = BIAS + LIKENESS * (likeness + 0.02).ln() + SHARED_MASS * (shared.window / 40.0).min(1.0)
            - SHARED_NAMES * (shared.names / 30.0).min(1.0)
            - DAY_APART * around.days
            - ONE_TITLE_WORD * f32::from(shared_title < 2)
            + TITLE_ONLY * f32::from(!self.has_text || !shared.has_text);
        evidence.clamp(LEAST, MOST)
    }

    /// The cosine of this entry and `other`.
    pub(super) fn cosine(&self, other: &Features, vocabulary: &Vocabulary) -> f32 {
        let shared = self.compare(other, vocabulary);
        if shared.norm > 0.0 && self.norm > 0.0 { shared.dot / (self.norm * shared.norm.sqrt()) } else { 0.0 }
    }

    fn compare(&self, other: &Features, vocabulary: &Vocabulary) -> Shared {
        let mut shared = Shared::default();
        let mut at = 0;
        for feature in &other.terms {
            let id = feature.id();
            let weight = feature.weight(TEXT, STRONG) * vocabulary.idf(id);
            shared.norm += weight * weight;
            shared.has_text |= feature.in_text();
            while at < self.terms.len() && self.terms[at].id < id {
                at += 1;
            }
            let Some(mine) = self.terms.get(at).filter(|term| term.id == id) else { continue };
            shared.dot += mine.weight * weight;
            shared.window += mine.window;
            if mine.in_title || feature.in_title() {
                shared.names += mine.name;
                shared.rare += usize::from(mine.idf >= RARE);
            }
        }
        shared
    }
}

/// Whether two titles leave room for one story where one publisher's are looked at twice: it tells its story again in
/// much the same title, and makes two of its lists no story.
fn titles_allow(mine: &Features, other: &Features, around: Circumstances) -> bool {
    let shorter = mine.title.len().min(other.title.len());
    let differ = shared_title(mine, other) * 3 < shorter || mine.marks.kinds.both_come_back(other.marks.kinds);
    !(around.same_publisher && differ) && could_be_one(mine, other, around)
}

/// Whether two entries leave room for one story: their titles differ in more than numbers, and where a text says
/// little, titles of one word or without a common one are no evidence.
pub(super) fn could_be_one(mine: &Features, other: &Features, around: Circumstances) -> bool {
    let may_differ = !around.same_publisher && mine.marks.count_alike(&other.marks);
    if mine.marks.only_numbers_differ(&other.marks) && !may_differ {
        return false;
    }
    let says_little =
        |features: &Features| features.terms.iter().filter(|term| term.in_text()).count() < ENOUGH_TEXT_TERMS;
    let shorter = mine.title.len().min(other.title.len());
    (shared_title(mine, other) > 0 && shorter > 1) || !(says_little(mine) || says_little(other))
}

fn shared_title(mine: &Features, other: &Features) -> usize {
    mine.title.iter().filter(|term| other.title.contains(term)).count()
}

/// What two entries share.
#[derive(Default)]
struct Shared {
    dot: f32,
    norm: f32,
    /// Rarity in the window of all shared terms.
    window: f32,
    /// Rarity of shared names, one of them in a title.
    names: f32,
    /// Rare shared terms, one of them in a title.
    rare: usize,
    has_text: bool,
}
