//! Layer 3, pair by pair: which entries an entry may share a story with, and what supports each.

use super::clusterer::Clusterer;
use super::window::{Candidate, WindowEntry, hours};
use crate::weave::query_vector::{Circumstances, LEAST, MOST, QueryVector};
use crate::weave::vocabulary::Vocabulary;

/// Number of an entry's rarest terms by which candidates are looked up.
const QUERY_TERMS: usize = 12;

/// Number of newest entries with one term that are looked at.
const QUERY_ENTRIES: usize = 600;

/// Number of candidates that are compared in full.
const CANDIDATES: usize = 24;

/// Evidence of a pair below which the two never unite their stories.
const LEAST_EVIDENCE: f32 = -1.5;

/// The same for the cosine: below it no pair of the labelled windows held a story together.
const LEAST_COSINE: f32 = 0.16;

impl Clusterer {
    /// Entries of the window that may share a story with `candidate`, from `candidates` if they are known.
    pub(super) fn candidate_pairs(&mut self, candidate: &Candidate<'_>, candidates: Option<Vec<u32>>) -> Box<[u32]> {
        let query = QueryVector::of(&candidate.known.features, &self.vocabulary);
        let mut candidates = match candidates {
            Some(candidates) => candidates,
            None => self.candidates(&query, candidate),
        };
        candidates.retain(|entry| self.is_near(&query, candidate, *entry));
        candidates.into()
    }

    fn is_near(&mut self, query: &QueryVector, candidate: &Candidate<'_>, entry: u32) -> bool {
        let at = entry.wrapping_sub(self.first) as usize;
        let Some(known) = self.entries.get(at) else { return false };
        if candidate.known.is_foreign || known.is_foreign {
            return self.evidence(query, &candidate.known, known) >= LEAST_EVIDENCE;
        }
        let known = &mut self.entries[at];
        query.is_near(&known.features, &mut known.norm, &self.vocabulary, LEAST_COSINE)
    }

    fn candidates(&mut self, query: &QueryVector, candidate: &Candidate<'_>) -> Vec<u32> {
        let mut partial = std::mem::take(&mut self.partial);
        partial.resize(self.entries.len(), 0.0);
        let lookback = self.lookback_seconds();
        let found = sharing_most(query, &self.vocabulary, self.first, &mut partial, |at| {
            let known = &self.entries[at];
            (known.time - candidate.known.time).abs() <= lookback && !candidate.refused.contains(&known.story)
        });
        self.partial = partial;
        found
    }

    /// Whether two publishers have the same full text.
    pub(super) fn are_copies(&self, mine: &WindowEntry, other: &WindowEntry) -> bool {
        let sketches = mine.sketch.as_ref().zip(other.sketch.as_ref());
        mine.publisher != other.publisher && sketches.is_some_and(|(mine, theirs)| mine.is_copy(theirs))
    }

    /// The evidence that two entries tell one story; `query` belongs to the first.
    pub(super) fn evidence(&self, query: &QueryVector, mine: &WindowEntry, other: &WindowEntry) -> f32 {
        if self.are_apart(mine, other) {
            return LEAST;
        }
        if self.are_copies(mine, other) {
            return MOST;
        }
        query.evidence(&mine.features, &other.features, &self.vocabulary, mine.beside(other))
    }
}

impl WindowEntry {
    /// What speaks for and against it and a second entry besides their words.
    pub(super) fn beside(&self, other: &Self) -> Circumstances {
        Circumstances {
            days: (hours(other.time - self.time) / 24.0) as f32,
            same_publisher: self.publisher == other.publisher,
        }
    }
}

/// The entries that share most with `query`, looked up by its rarest terms, best first; the newest among equals, so
/// that no entry is everybody's. `partial` is a row of zeros, one for each entry from number `first` on.
pub(in crate::weave) fn sharing_most(
    query: &QueryVector,
    vocabulary: &Vocabulary,
    first: u32,
    partial: &mut [f32],
    may_be: impl Fn(usize) -> bool,
) -> Vec<u32> {
    let mut scored: Vec<(f32, u32)> = Vec::new();
    for (term, weight) in query.rarest(QUERY_TERMS) {
        for entry in vocabulary.postings(term).iter().rev().take(QUERY_ENTRIES) {
            let at = entry.wrapping_sub(first) as usize;
            if partial[at] == 0.0 {
                scored.push((0.0, at as u32));
            }
            partial[at] += weight;
        }
    }
    for (sum, at) in &mut scored {
        *sum = std::mem::take(&mut partial[*at as usize]);
    }
    let best = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1));
    // Nearly all may be: the others are filtered out among the best only, as long as enough are left.
    let mut looked_at = CANDIDATES + CANDIDATES / 2;
    let mut found = loop {
        let is_whole = scored.len() <= looked_at;
        if !is_whole {
            scored.select_nth_unstable_by(looked_at, best);
        }
        let mut found = scored[..looked_at.min(scored.len())].to_vec();
        found.retain(|(_, at)| may_be(*at as usize));
        if is_whole || found.len() >= CANDIDATES {
            break found;
        }
        looked_at *= 8;
    };
    found.sort_unstable_by(best);
    found.truncate(CANDIDATES);
    found.into_iter().map(|(_, at)| first.wrapping_add(at)).collect()
}
