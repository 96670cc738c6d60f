//! How alike two entries are: what their words share, weighed by rarity, time, outlet and numbers.

use super::features::{Feature, Features};
use super::marks::Kinds;
use super::terms::{TermId, Terms};

/// What the score is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Weights {
    pub(super) text: f32,
    pub(super) strong: f32,
    pub(super) rare: f32,
    pub(super) few_rare: f32,
    pub(super) same_publisher: f32,
    pub(super) deal: f32,
    pub(super) evergreen: f32,
    pub(super) roundup: f32,
    pub(super) live: f32,
    pub(super) numbers_differ: f32,
    pub(super) per_day: f32,
    pub(super) base_share: f32,
    pub(super) log_weight: f32,
    pub(super) window_mass: f32,
    pub(super) names: f32,
    pub(super) names_apart: f32,
    pub(super) days: f32,
    pub(super) numbers_shared: f32,
    pub(super) cover_least: f32,
    pub(super) things: f32,
    pub(super) top_share: f32,
    pub(super) max_mix: f32,
    pub(super) merge: f32,
    pub(super) size: f32,
    pub(super) no_text: f32,
    pub(super) bias: f32,
    pub(super) eager: f32,
    pub(super) balanced: f32,
}

impl Weights {
    pub(super) const DEFAULT: Self = Self {
        text: 0.35,
        strong: 1.3,
        rare: 6.0,
        few_rare: 0.05,
        same_publisher: 0.15,
        deal: 0.2,
        evergreen: 0.2,
        roundup: 0.0,
        live: 0.0,
        numbers_differ: 0.05,
        per_day: 0.2,
        base_share: 0.5,
        log_weight: 2.6,
        window_mass: 3.0,
        names: -1.2,
        names_apart: 0.0,
        days: 0.8,
        numbers_shared: 0.0,
        cover_least: 0.0,
        things: 0.0,
        top_share: 0.5,
        max_mix: 0.0,
        merge: 0.35,
        size: 0.0,
        no_text: 1.5,
        bias: 1.4,
        eager: 0.27,
        balanced: 0.5,
    };
}

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
    /// Rarity in the window alone of the shared terms, over 40, at most 1.
    pub(super) window_mass: f32,
    /// Rarity of shared names and things with digits, over 30, at most 1.
    pub(super) strong_mass: f32,
    /// Cosine of what the texts say beyond their titles.
    pub(super) text_cosine: f32,
    /// Sum of the rarity of all shared terms, over 40, at most 1.
    pub(super) all_mass: f32,
    /// Rarity of shared names, one of them in a title, over 30, at most 1.
    pub(super) names: f32,
    /// Rarity of other shared words, one of them in a title, over 30, at most 1.
    pub(super) things: f32,
    /// Rarest name in either title that the other entry lacks, the lesser of the two, over 10.
    pub(super) names_apart: f32,
    /// One of the two has no text beside its title.
    pub(super) untold: bool,
    /// The same over all words.
    pub(super) words_apart: f32,
}

/// An entry with the rarity of its terms worked out once, to be compared with many.
#[derive(Debug, Clone, Default)]
pub(super) struct Probe {
    /// (term, rarity, weighted rarity, in the title), sorted by term.
    terms: Vec<Weighed>,
    norm: f32,
    title_norm: f32,
    title_mass: f32,
    text_norm: f32,
}

#[derive(Debug, Clone, Copy)]
struct Weighed {
    id: TermId,
    idf: f32,
    window: f32,
    weight: f32,
    in_title: bool,
    in_text: bool,
    strong: bool,
    name: f32,
}

impl Probe {
    pub(super) fn of(features: &Features, terms: &Terms, w: &Weights) -> Self {
        let mut probe = Self { terms: Vec::with_capacity(features.terms.len()), ..Self::default() };
        let (mut norm, mut title_norm) = (0.0, 0.0);
        for feature in &features.terms {
            let idf = terms.idf(feature.id(), w.base_share);
            let weight = feature.weight(w.text, w.strong) * idf;
            norm += weight * weight;
            if feature.in_title() {
                title_norm += idf * idf;
                probe.title_mass += idf * idf;
            }
            if feature.in_text() {
                probe.text_norm += idf * idf;
            }
            probe.terms.push(Weighed {
                id: feature.id(),
                idf,
                window: terms.window_idf(feature.id()),
                weight,
                in_title: feature.in_title(),
                in_text: feature.in_text(),
                strong: feature.is_strong(),
                name: terms.nameness(feature.id()),
            });
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
    pub(super) fn compare(&self, mine: &Features, other: &Features, terms: &Terms, w: &Weights) -> Pair {
        let mut sums = Sums::default();
        let mut at = 0;
        for feature in &other.terms {
            let id = feature.id();
            let idf = terms.idf(id, w.base_share);
            let weight = feature.weight(w.text, w.strong) * idf;
            sums.norm += weight * weight;
            if feature.in_title() {
                sums.title_norm += idf * idf;
            }
            if feature.in_text() {
                sums.text_norm += idf * idf;
            }
            while at < self.terms.len() && self.terms[at].id < id {
                at += 1;
            }
            if let Some(term) = self.terms.get(at).filter(|term| term.id == id) {
                sums.share(term, weight, *feature, w);
                if at < 64 {
                    sums.matched |= 1 << at;
                }
            } else if feature.in_title() {
                sums.names_lack = sums.names_lack.max(idf * terms.nameness(id));
                sums.words_lack = sums.words_lack.max(idf);
            }
        }
        let (mut names_lack, mut words_lack) = (0.0_f32, 0.0_f32);
        for (at, term) in self.terms.iter().enumerate().filter(|(_, term)| term.in_title) {
            if at < 64 && sums.matched & (1 << at) == 0 {
                names_lack = names_lack.max(term.idf * term.name);
                words_lack = words_lack.max(term.idf);
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
            window_mass: (sums.window / 40.0).min(1.0),
            strong_mass: (sums.strong / 30.0).min(1.0),
            untold: self.text_norm == 0.0 || sums.text_norm == 0.0,
            names: (sums.names / 30.0).min(1.0),
            things: (sums.things / 30.0).min(1.0),
            names_apart: names_lack.min(sums.names_lack) / 10.0,
            words_apart: words_lack.min(sums.words_lack) / 10.0,
            all_mass: (sums.all / 40.0).min(1.0),
            text_cosine: ratio(sums.text_dot, (self.text_norm * sums.text_norm).sqrt()),
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
    window: f32,
    strong: f32,
    all: f32,
    text_dot: f32,
    text_norm: f32,
    names: f32,
    things: f32,
    matched: u64,
    names_lack: f32,
    words_lack: f32,
}

impl Sums {
    fn share(&mut self, mine: &Weighed, weight: f32, theirs: Feature, w: &Weights) {
        let in_title = theirs.in_title();
        self.window += mine.window;
        self.all += mine.idf;
        if mine.strong && theirs.is_strong() {
            self.strong += mine.idf;
        }
        if mine.in_text && theirs.in_text() {
            self.text_dot += mine.idf * mine.idf;
        }
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
            self.names += mine.idf * mine.name;
            self.things += mine.idf * (1.0 - mine.name);
            self.rarest = self.rarest.max(mine.idf);
            if mine.idf >= w.rare {
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
    pub(super) fn score(&self, w: &Weights) -> f32 {
        let likeness = self.likeness(w);
        let evidence = w.bias
            + w.log_weight * (likeness + 0.02).ln()
            + w.window_mass * self.window_mass
            + w.names * self.names
            + w.things * self.things
            + w.cover_least * self.cover_least
            + w.no_text * if self.untold { 1.0 } else { 0.0 }
            - w.names_apart * self.names_apart
            - w.days * self.days;
        evidence.clamp(-6.0, 6.0)
    }

    /// The cosine less what speaks against one story.
    fn likeness(&self, w: &Weights) -> f32 {
        let either = |kind: Kinds| if self.kinds.0.has(kind) || self.kinds.1.has(kind) { 1.0 } else { 0.0 };
        let yes = |is: bool| if is { 1.0 } else { 0.0 };
        let against = w.few_rare * yes(self.shared_rare < 0.5)
            + w.same_publisher * yes(self.same_publisher)
            + w.deal * either(Kinds::DEAL)
            + w.evergreen * either(Kinds::EVERGREEN)
            + w.roundup * either(Kinds::ROUNDUP)
            + w.live * either(Kinds::LIVE)
            + w.numbers_differ * yes(self.numbers_differ)
            - w.numbers_shared * yes(self.numbers_shared);
        ((self.cosine - against) * (-w.per_day * self.days).exp()).clamp(0.0, 1.0)
    }
}
