//! The features of two stories that may be one, in the order of [`names`]. What each means:
//! `quality/stories/FORMAT.md`.

use std::sync::LazyLock;

use super::pair;
use super::side::Side;
use super::traits::Traits;
use crate::weave::vocabulary::TermId;

/// Kinds whose shares in both stories are compared.
#[rustfmt::skip]
const KINDS: [&str; 16] = [
    "list", "deal", "opinion", "vs", "howto", "roundup", "live", "review", "question", "rumor", "compat", "rates",
    "puzzle", "handson", "preorder", "launch",
];

/// Features of pairs that are handed on.
#[rustfmt::skip]
const HANDED_ON: [&str; 10] = [
    "cos_base", "cos_tit", "cos_allw", "tt_widf", "ta_mean", "ta_share_min", "un_top_min", "un_name_min", "part_both",
    "or_two",
];

#[rustfmt::skip]
const OWN: [&str; 37] = [
    "size_a", "size_b", "odds_mean", "odds_best", "odds_worst", "odds_second", "odds_better", "odds_median", "p_mean",
    "share_for", "share_near", "a_least", "a_mean", "b_least", "b_mean", "pa_mean", "pb_mean", "odds_top3", "lead_mean",
    "lead_lead", "rival_a", "rival_b", "ahead_a", "ahead_b", "gap", "span", "apart", "publishers_per",
    "publishers_both", "publishers", "terms_common", "terms_found", "lacks_a", "lacks_b", "lacks_name_a",
    "lacks_name_b", "top_common",
];

/// Features of a merge.
pub(in crate::weave) const COUNT: usize = OWN.len() + 2 * KINDS.len() + 2 * HANDED_ON.len() + 1;

/// The names of the features.
pub(super) fn names() -> Vec<String> {
    let list = |prefix: &str, names: &[&str]| names.iter().map(|name| format!("{prefix}{name}")).collect::<Vec<_>>();
    [
        list("", &OWN),
        list("least_", &KINDS),
        list("differ_", &KINDS),
        list("mean_", &HANDED_ON),
        list("max_", &HANDED_ON),
        list("", &["published"]),
    ]
    .concat()
}

/// The places of these among the features of a pair.
const HANDED_ON_PLACES: [usize; HANDED_ON.len()] = {
    let mut places = [0; HANDED_ON.len()];
    let mut at = 0;
    while at < places.len() {
        places[at] = place_of(&pair::NAMES, HANDED_ON[at]);
        at += 1;
    }
    places
};

/// What a pair hands on to the comparison of stories.
pub(in crate::weave) type HandedOn = [f32; HANDED_ON.len()];

/// The part of the features of a pair that is handed on.
pub(in crate::weave) fn handed_on(features: &[f32; pair::COUNT]) -> HandedOn {
    HANDED_ON_PLACES.map(|place| features[place])
}

/// The bits of the kinds that are compared.
static KIND_BITS: LazyLock<[usize; KINDS.len()]> =
    LazyLock::new(|| KINDS.map(|kind| place_of(super::kinds::names(), kind)));

const fn is_equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

const fn place_of(names: &[&str], name: &str) -> usize {
    let mut at = 0;
    while !is_equal(names[at], name) {
        at += 1;
    }
    at
}

/// Share of the members whose title has a term, from which it is a term of the story; and of those of the other story
/// that have it anywhere, below which it lacks it.
const COMMON: f32 = 0.5;
const LACKED: f32 = 0.2;

/// Tenths of the pairs of two stories that are looked at separately, the best ones.
const BETTER_TENTHS: usize = 7;

/// Log odds above which a pair is near.
const NEAR: f32 = -2.0;

/// What is known of a story, summed up entry by entry.
#[derive(Debug, Clone, Default)]
pub(in crate::weave) struct Summary {
    entries: u16,
    /// Sorted by term.
    terms: Vec<Support>,
    kinds: [u16; KINDS.len()],
}

/// How many entries of a story have a term.
#[derive(Debug, Clone, Copy)]
struct Support {
    id: TermId,
    in_title: u16,
    anywhere: u16,
}

impl Summary {
    pub(in crate::weave) fn of(side: &Side, traits: &Traits) -> Self {
        let known = side.terms.iter().filter(|term| term.place.is_some() || term.in_text);
        let terms =
            known.map(|term| Support { id: term.id, in_title: u16::from(term.place.is_some()), anywhere: 1 }).collect();
        let kinds = KIND_BITS.map(|bit| (traits.kinds >> bit & 1) as u16);
        Self { entries: 1, terms, kinds }
    }

    /// Takes the entries of another story in.
    pub(in crate::weave) fn add(&mut self, other: &Self) {
        self.entries += other.entries;
        self.kinds.iter_mut().zip(other.kinds).for_each(|(mine, their)| *mine += their);
        self.terms.extend_from_slice(&other.terms);
        self.terms.sort_by_key(|support| support.id);
        self.terms.dedup_by(|next, kept| {
            let is_same = next.id == kept.id;
            if is_same {
                kept.in_title += next.in_title;
                kept.anywhere += next.anywhere;
            }
            is_same
        });
    }

    fn share(&self, count: u16) -> f32 {
        f32::from(count) / f32::from(self.entries.max(1))
    }

    /// The terms of its titles, and their shares.
    fn titles(&self) -> impl Iterator<Item = (TermId, f32)> + '_ {
        let titled = self.terms.iter().filter(|support| support.in_title > 0);
        titled.map(|support| (support.id, self.share(support.in_title)))
    }

    /// The shares of its entries that have a term in their titles, and anywhere.
    fn shares(&self, id: TermId) -> (f32, f32) {
        match self.terms.binary_search_by_key(&id, |support| support.id) {
            Ok(at) => (self.share(self.terms[at].in_title), self.share(self.terms[at].anywhere)),
            Err(_) => (0.0, 0.0),
        }
    }

    fn kind(&self, kind: usize) -> f32 {
        self.share(self.kinds[kind])
    }
}

/// One of two stories that are compared.
#[derive(Debug, Clone, Copy)]
pub(in crate::weave) struct Story<'a> {
    pub(in crate::weave) summary: &'a Summary,
    /// When the compared entries came (Unix seconds), the first that was placed first.
    pub(in crate::weave) times: &'a [i64],
    /// Who published the compared entries.
    pub(in crate::weave) publishers: &'a [u32],
    /// The best mean probability of the story with any other one.
    pub(in crate::weave) rival: f32,
    pub(in crate::weave) is_published: bool,
}

/// Two stories and the log odds of their pairs.
#[derive(Debug, Clone, Copy)]
pub(in crate::weave) struct Merge<'a> {
    /// The smaller one; among equals the one that was placed first.
    pub(in crate::weave) a: Story<'a>,
    pub(in crate::weave) b: Story<'a>,
    /// Log odds: a row for each compared entry of `a`, with one value for each compared entry of `b`.
    pub(in crate::weave) odds: &'a [f32],
    /// Whether the first compared entry of `a` was placed before that of `b`.
    pub(in crate::weave) is_a_first: bool,
    /// What the scored pairs of the newest entries hand on.
    pub(in crate::weave) pairs: &'a [HandedOn],
}

/// What a term says: its rarity, and how likely it is a name.
pub(in crate::weave) type Worth<'a> = &'a dyn Fn(TermId) -> (f32, f32);

impl Merge<'_> {
    pub(in crate::weave) fn features(&self, worth: Worth<'_>) -> [f32; COUNT] {
        let mut row = Vec::with_capacity(COUNT);
        row.extend([f32::from(self.a.summary.entries), f32::from(self.b.summary.entries)]);
        let p_mean = self.of_pairs(&mut row);
        row.extend([self.a.rival, self.b.rival, p_mean - self.a.rival, p_mean - self.b.rival]);
        self.of_times(&mut row);
        self.of_publishers(&mut row);
        self.of_terms(worth, &mut row);
        let kinds = |kind| (self.a.summary.kind(kind), self.b.summary.kind(kind));
        row.extend((0..KINDS.len()).map(|kind| kinds(kind).0.min(kinds(kind).1)));
        row.extend((0..KINDS.len()).map(|kind| (kinds(kind).0 - kinds(kind).1).abs()));
        let of = |feature: usize| self.pairs.iter().map(move |pair| pair[feature]);
        row.extend((0..HANDED_ON.len()).map(|feature| mean(of(feature))));
        row.extend((0..HANDED_ON.len()).map(|feature| of(feature).reduce(f32::max).unwrap_or(0.0)));
        row.push(f32::from(u8::from(self.a.is_published || self.b.is_published)));
        row.try_into().unwrap_or([0.0; COUNT])
    }

    /// Fills in what the log odds of the pairs say. Returns their mean probability.
    fn of_pairs(&self, row: &mut Vec<f32>) -> f32 {
        let width = self.b.times.len();
        let mut sorted = self.odds.to_vec();
        sorted.sort_unstable_by(|a, b| b.total_cmp(a));
        let count = sorted.len();
        let p_mean = mean(sorted.iter().map(|odds| probability(*odds)));
        let better = (count * BETTER_TENTHS).div_ceil(10);
        let share = |least: f32| sorted.iter().filter(|odds| **odds > least).count() as f32 / count as f32;
        row.extend([mean(sorted.iter().copied()), sorted[0], sorted[count - 1], sorted[1.min(count - 1)]]);
        row.extend([mean(sorted[..better].iter().copied()), sorted[count / 2], p_mean, share(0.0), share(NEAR)]);
        let best = |odds: &mut dyn Iterator<Item = f32>| odds.fold(f32::MIN, f32::max);
        let of_a: Vec<f32> = self.odds.chunks_exact(width).map(|row| best(&mut row.iter().copied())).collect();
        let column = |at: usize| self.odds.iter().skip(at).step_by(width).copied();
        let of_b: Vec<f32> = (0..width).map(|at| best(&mut column(at))).collect();
        for side in [&of_a, &of_b] {
            row.push(side.iter().copied().fold(f32::MAX, f32::min));
            row.push(mean(side.iter().copied()));
        }
        row.extend([&of_a, &of_b].map(|side| mean(side.iter().map(|odds| probability(*odds)))));
        row.push(mean(sorted.iter().take(3).copied()));
        let lead = if self.is_a_first { mean(self.odds[..width].iter().copied()) } else { mean(column(0)) };
        row.extend([lead, self.odds[0]]);
        p_mean
    }

    fn of_times(&self, row: &mut Vec<f32>) {
        let range =
            |times: &[i64]| (times.iter().copied().min().unwrap_or(0), times.iter().copied().max().unwrap_or(0));
        let ((a_from, a_to), (b_from, b_to)) = (range(self.a.times), range(self.b.times));
        let hours = |seconds: i64| seconds as f32 / 3600.0;
        row.push(hours((a_from - b_to).max(b_from - a_to).max(0)));
        row.push(hours(a_to.max(b_to) - a_from.min(b_from)));
        let since = |times: &[i64]| mean(times.iter().map(|time| hours(time - a_from)));
        row.push((since(self.a.times) - since(self.b.times)).abs());
    }

    fn of_publishers(&self, row: &mut Vec<f32>) {
        let distinct = |publishers: &[u32]| {
            let mut distinct = publishers.to_vec();
            distinct.sort_unstable();
            distinct.dedup();
            distinct
        };
        let (a, b) = (distinct(self.a.publishers), distinct(self.b.publishers));
        let both = a.iter().filter(|publisher| b.contains(publisher)).count();
        let all = (a.len() + b.len() - both) as f32;
        row.extend([all / (self.a.publishers.len() + self.b.publishers.len()) as f32, both as f32, all]);
    }

    fn of_terms(&self, worth: Worth<'_>, row: &mut Vec<f32>) {
        let (mut common, mut found, mut top) = (0.0, 0.0, 0.0_f32);
        let (mut lacks, mut names) = ([0.0; 2], [0.0; 2]);
        for (side, (mine, theirs)) in [(self.a, self.b), (self.b, self.a)].into_iter().enumerate() {
            for (id, share) in mine.summary.titles() {
                let ((idf, name), (there, anywhere)) = (worth(id), theirs.summary.shares(id));
                if side == 0 {
                    common += idf * share.min(there);
                    top = if share >= COMMON && there >= COMMON { top.max(idf) } else { top };
                }
                if share >= COMMON {
                    found += idf * anywhere;
                    if anywhere < LACKED {
                        lacks[side] += idf * share;
                        names[side] += idf * name * share;
                    }
                }
            }
        }
        row.extend([common, found, lacks[0], lacks[1], names[0], names[1], top]);
    }
}

fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values {
        sum += value;
        count += 1.0;
    }
    if count > 0.0 { sum / count } else { 0.0 }
}

fn probability(odds: f32) -> f32 {
    1.0 / (1.0 + (-odds).exp())
}
