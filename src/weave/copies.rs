//! Full texts that are copies of one another: syndicated articles (layer 4).
//!
//! One-permutation MinHash (Li, Owen, Zhang, NIPS 2012) of 3-word shingles: each shingle is hashed once
//! and falls into one of 128 bins, which keep their minimum hash.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

/// Bins of a sketch.
const BINS: usize = 128;

/// Minimum number of words of a text that is compared: excerpts are alike for other reasons.
const LEAST_WORDS: usize = 120;

/// Share of shingles at or above which a text is a copy.
const COPY: f32 = 0.7;

/// The sketch of a long text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch(Box<[u16; BINS]>);

impl Sketch {
    /// `None` for a short text.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        if text.len() < LEAST_WORDS * 3 {
            return None;
        }
        let state = FixedState::with_seed(0x5EED);
        let words: Vec<u64> = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(|word| {
                let mut hasher = state.build_hasher();
                word.chars().flat_map(char::to_lowercase).for_each(|c| hasher.write_u32(c as u32));
                hasher.finish()
            })
            .collect();
        if words.len() < LEAST_WORDS {
            return None;
        }
        let mut bins = Box::new([u16::MAX; BINS]);
        for shingle in words.windows(3) {
            let hash = state.hash_one(shingle);
            let bin = &mut bins[(hash >> 57) as usize % BINS];
            // The last value means an empty bin.
            *bin = (*bin).min(((hash & 0xFFFF) as u16).min(u16::MAX - 1));
        }
        Some(Self(bins))
    }

    /// As bytes, to be kept.
    #[must_use]
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|bin| bin.to_le_bytes()).collect()
    }

    /// From the result of [`Sketch::to_bytes`]; `None` for anything else.
    #[must_use]
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bins: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        Some(Self(Box::new(bins.try_into().ok()?)))
    }

    /// Whether the two texts share most of their shingles.
    #[must_use]
    pub(crate) fn is_copy(&self, other: &Self) -> bool {
        let (mut filled, mut equal) = (0_u16, 0_u16);
        for (a, b) in self.0.iter().zip(other.0.iter()) {
            if *a != u16::MAX || *b != u16::MAX {
                filled += 1;
                equal += u16::from(a == b);
            }
        }
        filled > 0 && f32::from(equal) >= COPY * f32::from(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_copy(a: &str, b: &str) -> bool {
        let kept = |text| Sketch::from_bytes(&Sketch::of(text)?.to_bytes());
        kept(a).zip(kept(b)).is_some_and(|(a, b)| a.is_copy(&b))
    }

    fn text(from: usize, words: usize) -> String {
        (from..from + words).map(|i| format!("word{}", i * 7919 % 1009)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_copy_with_a_changed_beginning_is_one() {
        let original = text(0, 400);
        assert!(is_copy(&original, &format!("This article first appeared elsewhere. {original}")));
        assert!(is_copy(&original, &original.to_uppercase()));
    }

    #[test]
    fn other_texts_and_short_ones_are_none() {
        assert!(!is_copy(&text(0, 400), &text(500, 400)));
        assert!(!is_copy(&text(0, 400), &text(200, 400)));
        assert!(!is_copy(&text(0, 50), &text(0, 50)));
    }
}
