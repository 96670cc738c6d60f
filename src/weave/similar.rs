//! How alike two entries are: what their words share, weighed by rarity, time, outlet and numbers.

use super::features::Features;
use super::marks::Kinds;
use super::terms::{TermId, Terms};

/// Weight of a term that only the text has; the title's is 1.
const TEXT_WEIGHT: f32 = 0.35;

/// Factor for names and things with digits.
const STRONG_WEIGHT: f32 = 1.3;

/// A term from which on sharing it says something: about one entry in 400.
const RARE: f32 = 6.0;

/// What two entries have in common, as numbers of about 0 to 1 each.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Pair {
    /// Cosine of all terms.
    pub(super) cosine: f32,
    /// Cosine of the titles' terms.
    pub(super) title_cosine: f32,
    /// How much of the less covered title the other entry's title or text has.
    pub(super) cover_least: f32,
    /// How much of the better covered title.
    pub(super) cover_most: f32,
    /// Rare terms that both have, one of them in its title; at most 4, over 4.
    pub(super) shared_rare: f32,
    /// Rarity of the rarest shared term, over 10.
    pub(super) rarest: f32,
    /// Sum of the shared title terms' rarity, over 30, at most 1.
    pub(super) title_mass: f32,
    /// Neighbouring title terms that both titles have, at most 3, over 3.
    pub(super) bigrams: f32,
    /// Days between the two, at most 3.
    pub(super) days: f32,
    /// One publisher wrote both.
    pub(super) same_publisher: bool,
    /// Both titles carry numbers and share none.
    pub(super) numbers_differ: bool,
    /// Both titles carry a same number.
    pub(super) numbers_shared: bool,
    /// Kinds of the two.
    pub(super) kinds: (Kinds, Kinds),
    /// Title terms of the shorter title, at most 10, over 10.
    pub(super) short_title: f32,
}

/// An entry with the rarity of its terms worked out once, to be compared with many.
#[derive(Debug, Clone, Default)]
pub(super) struct Probe {
    /// (term, rarity, weighted rarity, in the title), sorted by term.
    terms: Vec<Weighed>,
    norm: f32,
    title_norm: f32,
    title_mass: f32,
}

#[derive(Debug, Clone, Copy)]
struct Weighed {
    id: TermId,
    idf: f32,
    weight: f32,
    in_title: bool,
}

impl Probe {
    pub(super) fn of(features: &Features, terms: &Terms) -> Self {
        let mut probe = Self { terms: Vec::with_capacity(features.terms.len()), ..Self::default() };
        let (mut norm, mut title_norm) = (0.0, 0.0);
        for feature in &features.terms {
            let idf = terms.idf(feature.id());
            let weight = feature.weight(TEXT_WEIGHT, STRONG_WEIGHT) * idf;
            norm += weight * weight;
            if feature.in_title() {
                title_norm += idf * idf;
                probe.title_mass += idf * idf;
            }
            probe.terms.push(Weighed { id: feature.id(), idf, weight, in_title: feature.in_title() });
        }
        probe.norm = norm.sqrt();
        probe.title_norm = title_norm.sqrt();
        probe
    }

    /// The `count` rarest terms with their weights, rarest first.
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

    /// What this entry and `other` share; `days`, publisher and marks are the caller's to fill in.
    pub(super) fn compare(&self, mine: &Features, other: &Features, terms: &Terms) -> Pair {
        let mut sums = Sums::default();
        let mut at = 0;
        for feature in &other.terms {
            let id = feature.id();
            let idf = terms.idf(id);
            let weight = feature.weight(TEXT_WEIGHT, STRONG_WEIGHT) * idf;
            sums.norm += weight * weight;
            if feature.in_title() {
                sums.title_norm += idf * idf;
            }
            while at < self.terms.len() && self.terms[at].id < id {
                at += 1;
            }
            if let Some(term) = self.terms.get(at).filter(|term| term.id == id) {
                sums.share(term, weight, feature.in_title());
            }
        }
        let both = self.norm * sums.norm.sqrt();
        let titles = self.title_norm * sums.title_norm.sqrt();
        let mine_covered = ratio(sums.mine_covered, self.title_mass);
        let theirs_covered = ratio(sums.theirs_covered, sums.title_norm);
        Pair {
            cosine: ratio(sums.dot, both),
            title_cosine: ratio(sums.title_dot, titles),
            cover_least: mine_covered.min(theirs_covered),
            cover_most: mine_covered.max(theirs_covered),
            shared_rare: sums.rare.min(4.0) / 4.0,
            rarest: sums.rarest / 10.0,
            title_mass: (sums.title_sum / 30.0).min(1.0),
            bigrams: shared_bigrams(&mine.title, &other.title).min(3) as f32 / 3.0,
            numbers_differ: mine.marks.numbers_differ(&other.marks),
            numbers_shared: mine.marks.numbers_shared(&other.marks) > 0,
            kinds: (mine.marks.kinds, other.marks.kinds),
            short_title: mine.title.len().min(other.title.len()).min(10) as f32 / 10.0,
            ..Pair::default()
        }
    }
}

#[derive(Default)]
struct Sums {
    dot: f32,
    norm: f32,
    title_dot: f32,
    title_norm: f32,
    mine_covered: f32,
    theirs_covered: f32,
    rare: f32,
    rarest: f32,
    title_sum: f32,
}

impl Sums {
    fn share(&mut self, mine: &Weighed, weight: f32, in_title: bool) {
        let mass = mine.idf * mine.idf;
        self.dot += mine.weight * weight;
        if mine.in_title {
            self.mine_covered += mass;
        }
        if in_title {
            self.theirs_covered += mass;
        }
        if mine.in_title && in_title {
            self.title_dot += mass;
            self.title_sum += mine.idf;
        }
        if mine.in_title || in_title {
            self.rarest = self.rarest.max(mine.idf);
            if mine.idf >= RARE {
                self.rare += 1.0;
            }
        }
    }
}

fn ratio(part: f32, whole: f32) -> f32 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn shared_bigrams(a: &[TermId], b: &[TermId]) -> usize {
    a.windows(2).filter(|pair| b.windows(2).any(|other| other == *pair)).count()
}

impl Pair {
    /// How likely the two tell the same news, 0 to 1.
    pub(super) fn score(&self) -> f32 {
        let mut score = self.cosine;
        if self.shared_rare < 0.5 {
            score -= 0.05;
        }
        if self.same_publisher {
            score -= 0.15;
        }
        let evergreen = |kinds: Kinds| kinds.has(Kinds::DEAL) || kinds.has(Kinds::EVERGREEN);
        if evergreen(self.kinds.0) || evergreen(self.kinds.1) {
            score -= 0.2;
        }
        if self.numbers_differ {
            score -= 0.05;
        }
        (score * (-0.2 * self.days).exp()).clamp(0.0, 1.0)
    }
}
