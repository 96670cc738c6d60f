//! What an entry brings to a comparison besides its terms: the kind of piece, quantities, how its source writes.

use super::kinds::kinds_of;
use super::quantities::{TEXT_CHARS, quantities_of};
use crate::weave::signature::term_hash;
use crate::weave::tokens::{Tokens, without_outlet};

/// Number of terms that identify a teaser, and the fewest that it has.
const TEASER_TERMS: usize = 12;
const LEAST_TEASER_TERMS: usize = 4;

/// What is read of an entry once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::weave) struct Traits {
    /// A bit for each kind that its title is of.
    pub(super) kinds: u32,
    /// Hashes of its quantities, sorted.
    pub(super) quantities: Box<[u32]>,
    /// Hashes of the pairs of neighbouring terms of its title, with its source, sorted.
    pub(in crate::weave) bigrams: Box<[u32]>,
    /// Hash of the beginning of its text, with its source; 0: it has next to none.
    pub(in crate::weave) teaser: u32,
}

/// Hashes ([`term_hash`]) of the distinct terms of an entry, in their order.
#[derive(Debug, Clone, Copy)]
pub(in crate::weave) struct Said<'a> {
    pub(in crate::weave) source: u64,
    pub(in crate::weave) title: &'a [u64],
    pub(in crate::weave) text: &'a [u64],
}

/// How an entry's source writes, as far as that entry shows.
pub(in crate::weave) type Habitual = (Box<[u32]>, u32);

impl Traits {
    /// The traits of an entry of `source` (a hash), with its tokens.
    pub(in crate::weave) fn of_tokens(title: &str, text: &str, source: u64, tokens: &Tokens) -> Self {
        let (mut in_title, mut in_text) = (Vec::with_capacity(16), Vec::with_capacity(TEASER_TERMS));
        for (term, at) in tokens.iter() {
            let (hash, list) = (term_hash(term), if at.in_title { &mut in_title } else { &mut in_text });
            if !list.contains(&hash) {
                list.push(hash);
            }
        }
        Self::of(without_outlet(title), text, Said { source, title: &in_title, text: &in_text })
    }

    /// `title` is given without its outlet.
    pub(super) fn of(title: &str, text: &str, said: Said<'_>) -> Self {
        let end = text.char_indices().nth(TEXT_CHARS).map_or(text.len(), |(at, _)| at);
        let (bigrams, teaser) = habits_of(said);
        Self {
            kinds: kinds_of(title),
            quantities: quantities_of(&format!("{title} {}", &text[..end])).into(),
            bigrams,
            teaser,
        }
    }
}

/// The bigrams and the teaser of an entry.
pub(in crate::weave) fn habits_of(said: Said<'_>) -> Habitual {
    let hash = |parts: &[u64]| parts.iter().fold(said.source, |hash, part| mixed(hash ^ part)) as u32;
    let mut bigrams: Vec<u32> = said.title.windows(2).map(hash).collect();
    bigrams.sort_unstable();
    bigrams.dedup();
    let is_said = said.text.len() >= LEAST_TEASER_TERMS;
    let teaser = if is_said { hash(&said.text[..said.text.len().min(TEASER_TERMS)]) | 1 } else { 0 };
    (bigrams.into(), teaser)
}

/// The bits of a hash mixed (the end of MurmurHash3).
fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bigrams_and_teasers_are_of_one_source() {
        let of = |source, title: &[u64], text: &[u64]| Traits::of("", "", Said { source, title, text });
        let one = of(1, &[1, 2, 3], &[1, 2, 3, 4]);
        assert_eq!(one.bigrams.len(), 2);
        assert_eq!(of(1, &[0, 2, 3], &[]).bigrams.iter().filter(|pair| one.bigrams.contains(pair)).count(), 1);
        assert_eq!(of(2, &[1, 2, 3], &[]).bigrams.iter().filter(|pair| one.bigrams.contains(pair)).count(), 0);
        assert_eq!(of(1, &[1], &[1, 2, 3]).teaser, 0);
        assert_eq!(of(1, &[], &[1, 2, 3, 4]).teaser, one.teaser);
        let long: Vec<u64> = (0..20).collect();
        assert_eq!(of(1, &[], &long[..12]).teaser, of(1, &[], &long).teaser);
    }
}
