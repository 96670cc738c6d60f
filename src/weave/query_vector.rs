//! The words of an entry as a vector weighed by rarity: which others share enough of them to be candidates, and how
//! alike two entries are where the learned models of `similarity/` do not apply (other languages, copies).
//!
//! The weights were chosen by cross-validation over labelled windows; moving one of them by a quarter
//! changes the figures by less than their noise.

use super::features::Features;
use super::vocabulary::{TermId, Vocabulary, Worth};
use crate::text::TitleKinds;

/// Weight of a term that only the text has; the title's is 1.
const TEXT: f32 = 0.35;
/// Factor for names and things with digits.
const STRONG: f32 = 1.3;
/// Rarity at or above which a shared term counts as rare: about one entry in 400.
const RARE: f32 = 6.0;

// What is subtracted from the cosine.
const FEW_RARE_SHARED: f32 = 0.05;
const SAME_PUBLISHER: f32 = 0.15;
const DEAL_OR_EVERGREEN: f32 = 0.2;
const NUMBERS_DIFFER: f32 = 0.05;
const FADES_PER_DAY: f32 = 0.2;

// What the evidence consists of (log odds).
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

/// The minimum and the maximum evidence of a pair: a single one does not outweigh a whole story.
pub(super) const LEAST: f32 = -3.0;
pub(super) const MOST: f32 = 7.0;

/// What speaks for and against two entries besides their words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circumstances {
    /// Days between the two.
    pub(super) days: f32,
    /// One publisher wrote both.
    pub(super) same_publisher: bool,
}

/// How far the length of a vector may have moved since it was measured: for half as much again, the window must
/// have most of its words in ten times as many entries.
const SLACK: f32 = 1.6;

/// A text with fewer terms says too little to stand for the title.
const ENOUGH_TEXT_TERMS: usize = 8;

/// An entry with the rarity of its terms computed once, to be compared with many.
#[derive(Debug, Clone, Default)]
pub(super) struct QueryVector {
    /// Sorted by term.
    terms: Vec<Weighed>,
    mask: Mask,
    norm: f32,
    has_text: bool,
}

/// Bits of term numbers: most of those that an entry does not have are ruled out by one look.
#[derive(Debug, Clone, Copy, Default)]
struct Mask([u64; 16]);

impl Mask {
    fn add(&mut self, id: TermId) {
        self.0[(id >> 6) as usize % 16] |= 1 << (id & 63);
    }

    fn may_have(&self, id: TermId) -> bool {
        self.0[(id >> 6) as usize % 16] >> (id & 63) & 1 == 1
    }
}

#[derive(Debug, Clone, Copy)]
struct Weighed {
    id: TermId,
    idf: f32,
    /// Rarity in the window alone.
    window: f32,
    weight: f32,
    /// Its rarity weighted by how likely it is a name.
    name: f32,
    in_title: bool,
}

impl QueryVector {
    pub(super) fn of(features: &Features, vocabulary: &Vocabulary) -> Self {
        let mut query = Self { terms: Vec::with_capacity(features.terms.len()), ..Self::default() };
        let mut norm = 0.0;
        for feature in &features.terms {
            let id = feature.id();
            let Worth { idf, window, name, .. } = vocabulary.worth(id);
            let weight = feature.weight(TEXT, STRONG) * idf;
            norm += weight * weight;
            query.has_text |= feature.in_text();
            query.mask.add(id);
            query.terms.push(Weighed { id, idf, window, weight, name: idf * name, in_title: feature.in_title() });
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

    /// The evidence that this entry (`mine` are its features) and `other` tell one story: log odds,
    /// −3 to 7; −3 if dates, numbers of a series or CVE ids rule it out.
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

    /// Whether the cosine of this entry and `other` is at least `least`. `norm` is the last measured length
    /// of `other`'s vector, 0 if not measured: it decides if the answer is clear; otherwise it is measured again.
    pub(super) fn is_near(&self, other: &Features, norm: &mut f32, vocabulary: &Vocabulary, least: f32) -> bool {
        let dot = self.dot(other);
        if dot <= 0.0 || self.norm <= 0.0 {
            return least <= 0.0;
        }
        if *norm > 0.0 {
            let guess = dot / (self.norm * *norm);
            if guess < least / SLACK || guess > least * SLACK {
                return guess > least;
            }
        }
        let weights = other.terms.iter().map(|feature| feature.weight(TEXT, STRONG) * vocabulary.idf(feature.id()));
        *norm = weights.map(|weight| weight * weight).sum::<f32>().sqrt();
        dot / (self.norm * *norm) >= least
    }

    fn dot(&self, other: &Features) -> f32 {
        let mut dot = 0.0;
        for feature in other.terms.iter().filter(|feature| self.mask.may_have(feature.id())) {
            if let Ok(at) = self.terms.binary_search_by_key(&feature.id(), |term| term.id) {
                dot += self.terms[at].weight * (feature.weight(TEXT, STRONG) * self.terms[at].idf);
            }
        }
        dot
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

/// Whether two titles leave room for one story; one publisher's are looked at twice: it tells its story again in
/// much the same title, and two of its lists are not one story.
fn titles_allow(mine: &Features, other: &Features, around: Circumstances) -> bool {
    let shorter = mine.title.len().min(other.title.len());
    let differ = shared_title(mine, other) * 3 < shorter || mine.marks.kinds.both_come_back(other.marks.kinds);
    !(around.same_publisher && differ) && could_be_one(mine, other, around)
}

/// Whether two entries leave room for one story: their titles differ in more than numbers, and if a text says
/// little, titles of one word, or without a common one, are not evidence.
pub(super) fn could_be_one(mine: &Features, other: &Features, around: Circumstances) -> bool {
    let may_differ = !around.same_publisher && mine.marks.count_alike(&other.marks);
    if mine.marks.only_numbers_differ(&other.marks) && !may_differ {
        return false;
    }
    let says_little = |features: &Features| features.text_terms() < ENOUGH_TEXT_TERMS;
    if !(says_little(mine) || says_little(other)) {
        return true;
    }
    mine.title.len().min(other.title.len()) > 1 && mine.title.iter().any(|term| other.title.contains(term))
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
