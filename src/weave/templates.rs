//! Titles that a source makes by one pattern: columns, deal lists, puzzle hints. Learned per source
//! from the window, not listed.

use std::collections::HashMap;

use foldhash::fast::FixedState;

/// Terms at the start or at the end of a title that make a pattern.
const PATTERN_TERMS: usize = 3;

/// Number of terms of a title from which its start and its end are patterns of their own.
const LEAST_TERMS: usize = 5;

/// Number of entries of one source with a pattern, from which they count as made by it.
const MADE_BY_IT: u32 = 3;

/// The patterns of one title: how it starts and how it ends; `None` if it has a single term.
pub(super) type Patterns = Option<[u64; 2]>;

/// A hash of `bytes` that is the same on every machine and in every version (FNV-1a, its bits mixed).
pub(super) fn stable_hash(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

/// The patterns of a title of `source` by the hashes of its terms, each once and in their order; the same on every
/// machine and in every version.
pub(super) fn patterns(source: u64, title: &[u64]) -> Patterns {
    let hash = |place: u64, terms: &[u64]| {
        let bytes: Vec<u8> = [source, place].iter().chain(terms).flat_map(|part| part.to_le_bytes()).collect();
        stable_hash(&bytes)
    };
    match title {
        [] | [_] => None,
        // Of a short one too little would be left: it starts and ends alike, or recurs unchanged.
        [first, .., last] if title.len() < LEAST_TERMS => Some([hash(2, &[*first, *last]), hash(3, title)]),
        _ => Some([hash(0, &title[..PATTERN_TERMS]), hash(1, &title[title.len() - PATTERN_TERMS..])]),
    }
}

/// How often each source's patterns occur in the window.
#[derive(Debug, Default)]
pub(super) struct Templates {
    counts: HashMap<u64, u32, FixedState>,
}

impl Templates {
    pub(super) fn add(&mut self, patterns: Patterns) {
        for pattern in patterns.iter().flatten() {
            *self.counts.entry(*pattern).or_default() += 1;
        }
    }

    pub(super) fn remove(&mut self, patterns: Patterns) {
        for pattern in patterns.iter().flatten() {
            if let Some(count) = self.counts.get_mut(pattern) {
                *count -= 1;
                if *count == 0 {
                    self.counts.remove(pattern);
                }
            }
        }
    }

    /// Whether two titles of one source are made by one pattern that it uses again and again.
    pub(super) fn made_alike(&self, a: Patterns, b: Patterns) -> bool {
        let (Some(a), Some(b)) = (a, b) else { return false };
        a.iter().any(|pattern| b.contains(pattern) && self.counts.get(pattern).is_some_and(|seen| *seen >= MADE_BY_IT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_title_of_a_pattern_is_made_by_it() {
        let mut templates = Templates::default();
        let title = |day| patterns(1, &[1, 2, 3, day, day + 1]);
        [10, 20].iter().for_each(|day| templates.add(title(*day)));
        assert!(!templates.made_alike(title(10), title(20)), "two may be one piece that was sent twice");
        templates.add(title(30));
        assert!(templates.made_alike(title(20), title(30)));
        assert!(!templates.made_alike(title(20), patterns(2, &[1, 2, 3, 30, 31])));
        templates.remove(title(10));
        assert!(!templates.made_alike(title(20), title(30)));
    }

    #[test]
    fn short_titles_are_told_by_both_ends_or_as_they_are() {
        let mut templates = Templates::default();
        let title = |middle: u64| patterns(1, &[1, middle, 9]);
        [10, 20, 30].iter().for_each(|middle| templates.add(title(*middle)));
        assert!(templates.made_alike(title(10), title(30)));
        assert!(!templates.made_alike(title(10), patterns(1, &[2, 30, 9])));
        assert_eq!(patterns(1, &[1]), None);
    }
}
