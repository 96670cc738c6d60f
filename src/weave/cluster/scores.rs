//! What speaks for two entries being one story, pair by pair; each is computed once in a pass.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::clusterer::Clusterer;
use super::window::WindowEntry;
use crate::weave::query_vector::{QueryVector, could_be_one};
use crate::weave::similarity::{COUNT, Compared, HandedOn, MODELS, NAMES, Side, features, handed_on};
use crate::weave::vocabulary::TermId;

/// The minimum and the maximum that a pair can contribute, as log odds.
pub(super) const LEAST: f32 = -6.0;
pub(super) const MOST: f32 = 6.0;

/// Cosine at or above which a pair is scored by the model.
const WORTH_SCORING: f32 = 0.08;

/// Parts of the log odds that are too small to matter.
const LEAST_PART: f32 = 0.03;

/// What was found for a pair.
#[derive(Debug, Clone, Copy)]
pub(super) struct PairScore {
    /// Log odds that the two are one story.
    pub(super) odds: f32,
    /// Where the scores keep what the comparison of stories reads of it, if the model scored it.
    handed_on: Option<u32>,
}

impl PairScore {
    /// Whether the two are the same text from two publishers.
    pub(super) fn is_copy(&self) -> bool {
        self.handed_on.is_none() && self.odds >= MOST
    }
}

const HOPELESS: PairScore = PairScore { odds: LEAST, handed_on: None };

/// Scores of pairs.
#[derive(Debug, Default)]
pub(super) struct Scores {
    pairs: HashMap<u64, PairScore, FixedState>,
    handed_on: Vec<HandedOn>,
    sides: Vec<Side>,
    places: HashMap<u32, usize, FixedState>,
    queries: HashMap<u32, QueryVector, FixedState>,
}

impl Scores {
    /// The score of two entries.
    pub(super) fn pair(&mut self, clusterer: &Clusterer, a: u32, b: u32) -> PairScore {
        let pair = (a.min(b), a.max(b));
        let key = u64::from(pair.0) << 32 | u64::from(pair.1);
        if let Some(known) = self.pairs.get(&key) {
            return *known;
        }
        let (Some(older), Some(newer)) = (clusterer.known(pair.0), clusterer.known(pair.1)) else { return HOPELESS };
        let score = if older.is_foreign || newer.is_foreign {
            let evidence = clusterer.evidence(self.query(clusterer, pair.0, older), older, newer);
            PairScore { odds: evidence.clamp(LEAST, MOST), handed_on: None }
        } else if clusterer.are_copies(older, newer) {
            PairScore { odds: MOST, handed_on: None }
        } else if are_never_one(clusterer, older, newer) {
            HOPELESS
        } else {
            self.learned(clusterer, (pair.0, older), (pair.1, newer))
        };
        self.pairs.insert(key, score);
        score
    }

    fn learned(&mut self, clusterer: &Clusterer, older: (u32, &WindowEntry), newer: (u32, &WindowEntry)) -> PairScore {
        let Some(features) = self.features(clusterer, older, newer) else { return HOPELESS };
        let odds = MODELS.pair.log_odds(&features).clamp(LEAST, MOST);
        self.handed_on.push(handed_on(&features));
        PairScore { odds, handed_on: Some(self.handed_on.len() as u32 - 1) }
    }

    /// What a pair hands on to the comparison of stories, if the model scored it.
    pub(super) fn handed_on(&self, score: PairScore) -> Option<HandedOn> {
        score.handed_on.map(|at| self.handed_on[at as usize])
    }

    /// What each feature of two entries adds to the log odds that they are one story; nothing if no model scored them.
    pub(super) fn parts(&mut self, clusterer: &Clusterer, a: u32, b: u32) -> Vec<(&'static str, f32)> {
        let (older, newer) = (a.min(b), a.max(b));
        let Some((one, two)) = clusterer.known(older).zip(clusterer.known(newer)) else { return Vec::new() };
        if one.is_foreign || two.is_foreign {
            return Vec::new();
        }
        let features = self.features(clusterer, (older, one), (newer, two));
        let mut parts = features.map(|features| MODELS.pair.parts(&features)).unwrap_or_default();
        parts.retain(|(_, part)| part.abs() >= LEAST_PART);
        parts.into_iter().map(|(at, part)| (NAMES[at], part)).collect()
    }

    /// The features of two entries; `None` if too few of their words are the same.
    pub(super) fn features(
        &mut self,
        clusterer: &Clusterer,
        older: (u32, &WindowEntry),
        newer: (u32, &WindowEntry),
    ) -> Option<[f32; COUNT]> {
        let (one, two) = (self.place(clusterer, older.0, older.1), self.place(clusterer, newer.0, newer.1));
        let (one, two) = (&self.sides[one], &self.sides[two]);
        let shared = one.shared(two);
        let cosines = one.cosines(two, &shared);
        let is_worth_it = cosines.base >= WORTH_SCORING;
        let (older, newer) = (older.1.compared(one), newer.1.compared(two));
        is_worth_it.then(|| features(older, newer, &shared, cosines, &clusterer.columns))
    }

    /// The rarest terms that two entries share, at most `count`, rarest first.
    pub(super) fn rarest_shared(
        &mut self,
        clusterer: &Clusterer,
        mine: u32,
        other: u32,
        count: usize,
    ) -> Option<Vec<TermId>> {
        let (one, two) = (clusterer.known(mine)?, clusterer.known(other)?);
        let (one, two) = (self.place(clusterer, mine, one), self.place(clusterer, other, two));
        Some(self.sides[one].rarest_shared(&self.sides[two], count))
    }

    /// What the words of an entry are worth.
    pub(super) fn side(&mut self, clusterer: &Clusterer, entry: u32, known: &WindowEntry) -> &Side {
        let place = self.place(clusterer, entry, known);
        &self.sides[place]
    }

    fn place(&mut self, clusterer: &Clusterer, entry: u32, known: &WindowEntry) -> usize {
        let Self { sides, places, .. } = self;
        *places.entry(entry).or_insert_with(|| {
            let habits = clusterer.columns.habits(&known.traits);
            sides.push(Side::of(&known.features, habits, &clusterer.vocabulary));
            sides.len() - 1
        })
    }

    fn query(&mut self, clusterer: &Clusterer, entry: u32, known: &WindowEntry) -> &QueryVector {
        self.queries.entry(entry).or_insert_with(|| QueryVector::of(&known.features, &clusterer.vocabulary))
    }
}

/// Whether no words can make one story of two entries.
pub(super) fn are_never_one(clusterer: &Clusterer, older: &WindowEntry, newer: &WindowEntry) -> bool {
    clusterer.are_apart(older, newer) || !could_be_one(&older.features, &newer.features, older.beside(newer))
}

impl WindowEntry {
    fn compared<'a>(&'a self, side: &'a Side) -> Compared<'a> {
        Compared {
            side,
            traits: &self.traits,
            marks: &self.features.marks,
            publisher: self.publisher,
            time: self.time,
            title: self.title,
        }
    }
}

/// The probability that corresponds to log odds.
pub(super) fn probability(odds: f32) -> f32 {
    1.0 / (1.0 + (-odds).exp())
}

/// The log odds that correspond to a probability.
pub(super) fn odds_of(probability: f32) -> f32 {
    (probability / (1.0 - probability)).ln()
}
