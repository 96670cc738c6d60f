//! Seeded random choices for tests: the same seed gives the same world.

use std::time::Duration;

/// A xorshift generator.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Seed `number` of a run of many.
    pub(crate) fn of_world(number: u64) -> Self {
        let mut random = Self((number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        // The first numbers of near seeds are near.
        (0..8).for_each(|_| _ = random.below(2));
        random
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    /// A pause, shorter than `longest`.
    pub(crate) fn pause(&mut self, longest: Duration) -> Duration {
        Duration::from_micros(self.below(usize::try_from(longest.as_micros()).unwrap()) as u64)
    }

    /// In one of `many` cases.
    pub(crate) fn once_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub(crate) fn one_of<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// A word, the first ones often and the last ones seldom.
    fn word(&mut self) -> String {
        let most = [30, 300, 3_000][self.below(3)];
        let mut rank = self.below(most) + 7;
        let is_name = rank.is_multiple_of(5);
        let mut word = String::new();
        while rank > 0 {
            word.push_str(["ka", "lo", "mi", "ne", "pu", "ra", "se", "to"][rank % 8]);
            rank /= 8;
        }
        if is_name { word[..1].to_uppercase() + &word[1..] } else { word }
    }

    pub(crate) fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}
