//! A sketch of a text: enough to recognise the same or nearly the same text again, too little to read it.
//!
//! The least hashes of its pairs of words (bottom-k; Cohen and Kaplan, PODC 2007). A short text contributes all its
//! pairs, so that the comparison is exact there.

use std::collections::BTreeSet;

/// Words of a text that count.
const MOST_WORDS: usize = 1_500;
/// Hashes that a sketch keeps.
const KEPT: usize = 192;
/// Fewest pairs of words that mean anything: with fewer, unrelated posts ("Open thread") are alike.
const LEAST_PAIRS: usize = 5;
/// Fewest pairs of words of a text that is recognised without its title.
const LEAST_OF_A_TEXT: usize = 16;
/// Share of pairs in common from which two texts are nearly the same.
const ALIKE: f64 = 0.7;
/// If at least this many pairs of the shorter text can be looked up in the longer one …
const LEAST_LOOKED_UP: usize = 8;
/// … and this share of them is there, it is a teaser of it.
const INSIDE: f64 = 0.9;

/// The sketch of a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextSketch {
    /// Distinct pairs of words in the text.
    pairs: usize,
    /// The least hashes of them, in order.
    least: Vec<u32>,
}

impl TextSketch {
    /// `None` for a text with hardly any words.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let lower = text.to_lowercase();
        let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let words: Vec<&str> = words.take(MOST_WORDS).collect();
        let mut hashes: Vec<u32> = words.windows(2).map(|pair| hash(pair[0], pair[1])).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let pairs = hashes.len();
        hashes.truncate(KEPT);
        (pairs >= LEAST_PAIRS).then_some(Self { pairs, least: hashes })
    }

    /// Whether it is of more than a line, which may be anyone's.
    pub(crate) fn is_of_a_text(&self) -> bool {
        self.pairs >= LEAST_OF_A_TEXT
    }

    /// Whether the two texts are the same or nearly so, or one is a teaser of the other.
    pub(crate) fn is_near(&self, other: &Self) -> bool {
        let union: BTreeSet<u32> = self.least.iter().chain(&other.least).copied().collect();
        let known = union.len().min(KEPT);
        let both = union.iter().take(known).filter(|hash| self.has(**hash) && other.has(**hash)).count();
        is_share(both, known, ALIKE) || self.is_teaser_of(other) || other.is_teaser_of(self)
    }

    /// Whether nearly all of this text is in a longer one. What is looked up is below the greatest hash
    /// kept for that one, since everything below it is kept.
    fn is_teaser_of(&self, longer: &Self) -> bool {
        let whole = longer.pairs == longer.least.len();
        let greatest = longer.least.last().copied().unwrap_or_default();
        let looked_up = self.least.iter().filter(|hash| whole || **hash <= greatest).count();
        let there = self.least.iter().filter(|hash| longer.has(**hash)).count();
        self.pairs <= longer.pairs && looked_up >= LEAST_LOOKED_UP && is_share(there, looked_up, INSIDE)
    }

    fn has(&self, hash: u32) -> bool {
        self.least.binary_search(&hash).is_ok()
    }

    /// As a text, to be stored.
    pub(crate) fn to_text(&self) -> String {
        let hashes: String = self.least.iter().map(|hash| format!("{hash:08x}")).collect();
        format!("{}:{hashes}", self.pairs)
    }

    /// From what [`TextSketch::to_text`] returned; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (pairs, hashes) = text.split_once(':')?;
        let hash = |digits: &[u8]| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        let least: Vec<u32> = hashes.as_bytes().chunks(8).map(hash).collect::<Option<_>>()?;
        let in_order = least.windows(2).all(|two| two[0] < two[1]);
        (in_order && (LEAST_PAIRS..=KEPT).contains(&least.len())).then_some(Self { pairs: pairs.parse().ok()?, least })
    }
}

fn is_share(part: usize, whole: usize, least: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "counts of at most some hundred hashes")]
    let share = part as f64 / whole as f64;
    share >= least
}

/// FNV-1a over both words, mixed (MurmurHash3's finaliser): the same in every version, since it is stored.
fn hash(first: &str, second: &str) -> u32 {
    let mut hash: u64 = 0xCBF2_9CE4_8422_2325;
    for byte in first.bytes().chain([0]).chain(second.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(range: std::ops::Range<u32>) -> String {
        range.map(|n| format!("word{} ", n * 7919 % 10_007)).collect()
    }

    #[track_caller]
    fn check(a: &str, b: &str, want: bool) {
        let (a, b) = (TextSketch::of(a).unwrap(), TextSketch::of(b).unwrap());
        assert_eq!((a.is_near(&b), b.is_near(&a)), (want, want));
    }

    #[test]
    fn the_same_text_with_other_case_marks_or_a_few_other_words_is_near() {
        check("A private matter of one person, told in full", "a PRIVATE matter of one person - told in full!", true);
        check(&words(0..400), &words(0..400), true);
        check(&words(0..400), &words(20..420), true);
        check(&words(0..400), &format!("{} an addition of a few words at the end", words(0..400)), true);
    }

    #[test]
    fn a_teaser_is_near_its_text() {
        check(&words(0..60), &words(0..200), true);
        check(&words(0..60), &words(300..500), false);
    }

    #[test]
    fn other_texts_are_not() {
        check(&words(0..400), &words(400..800), false);
        check(&words(0..400), &words(300..700), false);
        check("Ten new phones that you can buy this spring", "Ten old phones that nobody bought last spring", false);
    }

    #[test]
    fn a_text_of_hardly_any_words_has_no_sketch() {
        for text in ["", "Open thread", "The week in review", "🎉 🎉 🎉 🎉 🎉 🎉 🎉"] {
            assert_eq!(TextSketch::of(text), None, "{text}");
        }
    }

    #[test]
    fn a_sketch_is_kept_as_a_text_that_does_not_show_what_it_is_of() {
        let sketch = TextSketch::of(&words(0..400)).unwrap();
        assert_eq!(TextSketch::parse(&sketch.to_text()), Some(sketch.clone()));
        assert!(!sketch.to_text().contains("word") && sketch.to_text().len() < 2_000);
        for bad in ["", "5", "5:", "x:00000001", "9:zzzzzzzz", "5:0000000200000001"] {
            assert_eq!(TextSketch::parse(bad), None, "{bad}");
        }
    }
}
