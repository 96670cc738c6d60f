//! Layer 3: the words. Which stories an entry is near, and whether it joins or unites them.

use crate::config::SameStory;
use crate::model::Reason;

use super::{Asked, Known, Weaver, Word, hours};
use crate::weave::input::{Related, StoryHandle};
use crate::weave::similar::{Circumstances, LIMIT, Probe, probability};

/// Two stories of together more entries than this are not made one: that is how runaways start.
const LARGEST_MERGE: usize = 12;

/// Rarest terms of an entry that candidates are looked up by.
const PROBE_TERMS: usize = 10;

/// Newest entries of one term that are looked at.
const PROBE_ENTRIES: usize = 600;

/// Candidates that are compared in full.
const CANDIDATES: usize = 20;

/// From which score on an entry joins, eager and balanced.
const JOINS_EAGER: f32 = 0.28;
const JOINS_BALANCED: f32 = 0.5;

/// From which score on a second story that an entry fits is the same as the one it joins.
const MERGES: f32 = 0.35;

/// Evidence of one pair below which its story is not looked at.
const WORTH_JUDGING: f32 = -2.5;

/// Least score of a near miss.
const RELATED: f32 = 0.2;

impl Weaver {
    /// Layer 3: the words. Gives the story to join, if any, and the near misses.
    pub(super) fn by_words(&mut self, asked: &Asked<'_>) -> (Option<(u32, Reason)>, Vec<Related>) {
        let probe = Probe::of(&asked.features, &self.terms);
        let mut judged: Vec<(f32, u32, u32)> = Vec::new();
        for entry in self.candidates(&probe, asked) {
            let Some(known) = self.known(entry) else { continue };
            if judged.iter().any(|(_, story, _)| *story == known.story) {
                continue;
            }
            if self.evidence(&probe, asked, known) < WORTH_JUDGING {
                continue;
            }
            let (score, nearest) = self.judge(&probe, asked, known.story);
            judged.push((score, known.story, nearest));
        }
        judged.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let threshold = if self.settings.same_story == SameStory::Eager { JOINS_EAGER } else { JOINS_BALANCED };
        let joined = judged.first().filter(|(score, _, _)| *score >= threshold).copied();
        let related = judged
            .iter()
            .filter(|(score, story, _)| *score >= RELATED && joined.is_none_or(|(_, own, _)| own != *story))
            .take(3)
            .filter_map(|(score, story, nearest)| {
                let known = self.known(*nearest)?;
                let shared = probe.shared(&known.features, 6);
                Some(Related {
                    story: StoryHandle(*story),
                    nearest: known.key.clone(),
                    score: f64::from(*score),
                    shared: shared.into_iter().map(|id| self.terms.text(id).to_owned()).collect(),
                })
            })
            .collect();
        let found = joined.and_then(|(score, story, nearest)| {
            let known = self.known(nearest)?;
            let shared = probe.shared(&known.features, 6);
            let reason = Reason::Similar {
                score: f64::from(score),
                nearest: known.key.clone(),
                shared: shared.into_iter().map(|id| self.terms.text(id).to_owned()).collect(),
                hours_apart: hours(known.time - asked.time),
            };
            Some((story, reason))
        });
        (found, related)
    }

    /// Makes one story of the one that an entry joins and the next one that it fits, where nothing
    /// forbids it. The older survives, or the one that is settled; gives the number that is gone.
    pub(super) fn absorb(&mut self, joined: &mut u32, related: &[Related]) -> Option<u32> {
        let near = related.first().filter(|near| near.score >= f64::from(MERGES))?;
        let (old, young) = (near.story.0.min(*joined), near.story.0.max(*joined));
        let size = |story: u32| self.stories.get(&story).map_or(0, |told| told.size);
        if size(old) + size(young) > LARGEST_MERGE || self.forbidden(old, young) {
            return None;
        }
        let settled = |story: u32| self.stories.get(&story).is_some_and(|told| told.settled);
        let (stays, goes) = match (settled(old), settled(young)) {
            (_, false) => (old, young),
            (false, true) => (young, old),
            (true, true) => return None,
        };
        let gone = self.stories.remove(&goes)?;
        for entry in &gone.entries {
            let at = entry.wrapping_sub(self.first) as usize;
            if let Some(known) = self.entries.get_mut(at) {
                known.story = stays;
            }
        }
        let told = self.stories.entry(stays).or_default();
        told.size += gone.size;
        told.entries.extend(gone.entries);
        told.entries.sort_unstable_by_key(|entry| entry.wrapping_sub(self.first));
        let moved = |story: u32| if story == goes { stays } else { story };
        if !self.apart.is_empty() {
            let pairs = std::mem::take(&mut self.apart).into_iter().map(|(a, b)| (moved(a), moved(b)));
            self.apart = pairs.map(|(a, b)| (a.min(b), a.max(b))).collect();
        }
        *joined = stays;
        Some(goes)
    }

    /// Whether a person's word keeps two stories apart.
    fn forbidden(&self, a: u32, b: u32) -> bool {
        if self.apart.contains(&(a.min(b), a.max(b))) {
            return true;
        }
        if self.constraints.is_empty() {
            return false;
        }
        let entries = |story: u32| {
            let entries = self.stories.get(&story).map_or(&[][..], |told| &told.entries[..]);
            entries.iter().filter_map(|entry| self.known(*entry))
        };
        entries(a).any(|known| {
            let words = self.words_on(&known.key, known.address);
            let mut cannot = words.iter().filter(|(_, word)| *word == Word::Cannot);
            cannot.any(|(named, _)| entries(b).any(|known| known.is_named(named)))
        })
    }

    /// The entries that share most with `probe`, looked up by its rarest terms, best first.
    fn candidates(&mut self, probe: &Probe, asked: &Asked<'_>) -> Vec<u32> {
        let mut partial = std::mem::take(&mut self.partial);
        partial.resize(self.entries.len(), 0.0);
        let mut touched = Vec::new();
        for (term, weight) in probe.rarest(PROBE_TERMS) {
            for entry in self.terms.postings(term).iter().rev().take(PROBE_ENTRIES) {
                let at = entry.wrapping_sub(self.first) as usize;
                if partial[at] == 0.0 {
                    touched.push(*entry);
                }
                partial[at] += weight;
            }
        }
        let lookback = self.lookback_seconds();
        let mut scored: Vec<(f32, u32)> = Vec::with_capacity(touched.len());
        for entry in touched {
            let at = entry.wrapping_sub(self.first) as usize;
            let known = &self.entries[at];
            if (known.time - asked.time).abs() <= lookback && !asked.refused.contains(&known.story) {
                scored.push((partial[at], entry));
            }
            partial[at] = 0.0;
        }
        self.partial = partial;
        let best = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if scored.len() > CANDIDATES {
            scored.select_nth_unstable_by(CANDIDATES, best);
            scored.truncate(CANDIDATES);
        }
        scored.sort_unstable_by(best);
        scored.into_iter().map(|(_, entry)| entry).collect()
    }

    /// How well an entry fits a story, 0 to 1, from the mean evidence of the better half of its entries;
    /// and the nearest.
    fn judge(&self, probe: &Probe, asked: &Asked<'_>, story: u32) -> (f32, u32) {
        let entries = self.stories.get(&story).map_or(&[][..], |told| &told.entries[..]);
        let mut evidence: Vec<(f32, u32)> = entries
            .iter()
            .filter_map(|entry| Some((self.evidence(probe, asked, self.known(*entry)?), *entry)))
            .collect();
        evidence.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let Some((_, nearest)) = evidence.first().copied() else { return (0.0, 0) };
        let half = evidence.len().div_ceil(2);
        let sum: f32 = evidence[..half].iter().map(|(one, _)| one).sum();
        (probability(sum / half as f32), nearest)
    }

    fn evidence(&self, probe: &Probe, asked: &Asked<'_>, known: &Known) -> f32 {
        if asked.source == known.source && self.templates.made_alike(asked.patterns, known.patterns) {
            return -LIMIT;
        }
        if asked.publisher != known.publisher
            && let (Some(mine), Some(theirs)) = (&asked.sketch, &known.sketch)
            && mine.is_copy(theirs)
        {
            return LIMIT;
        }
        let around = Circumstances {
            days: (hours(known.time - asked.time) / 24.0) as f32,
            same_publisher: asked.publisher == known.publisher,
        };
        probe.evidence(&asked.features, &known.features, &self.terms, around)
    }
}
