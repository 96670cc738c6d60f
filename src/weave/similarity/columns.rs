//! How often each source uses two words of a title side by side, and the beginning of a text: columns, templates and
//! boilerplate are recognised by that.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::traits::Traits;

/// A pair of words in this many entries of a source is a habit.
const OFTEN: u16 = 3;

/// Counts over the entries of the window.
#[derive(Debug, Default)]
pub(in crate::weave) struct Columns {
    bigrams: HashMap<u32, u16, FixedState>,
    teasers: HashMap<u32, u16, FixedState>,
}

/// How much of an entry is a habit of its source.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::weave) struct Habits {
    /// Maximum number of other entries with one of its pairs of words.
    pub(super) most: f32,
    /// Share of its pairs of words that are a habit.
    pub(super) often: f32,
    /// Number of other entries with its teaser.
    pub(super) again: f32,
}

impl Columns {
    pub(in crate::weave) fn add(&mut self, traits: &Traits) {
        self.count(&traits.bigrams, traits.teaser);
    }

    /// Counts an entry by its bigrams and its teaser (0: none).
    pub(in crate::weave) fn count(&mut self, bigrams: &[u32], teaser: u32) {
        bigrams.iter().for_each(|pair| raise(&mut self.bigrams, *pair));
        if teaser != 0 {
            raise(&mut self.teasers, teaser);
        }
    }

    pub(in crate::weave) fn remove(&mut self, traits: &Traits) {
        traits.bigrams.iter().for_each(|pair| lower(&mut self.bigrams, *pair));
        if traits.teaser != 0 {
            lower(&mut self.teasers, traits.teaser);
        }
    }

    /// How much of an added entry is habit.
    pub(in crate::weave) fn habits(&self, traits: &Traits) -> Habits {
        let used = |pair: &u32| self.bigrams.get(pair).copied().unwrap_or(0);
        let most = traits.bigrams.iter().map(used).max().unwrap_or(0);
        let often = traits.bigrams.iter().filter(|pair| used(pair) >= OFTEN).count();
        let again = self.teasers.get(&traits.teaser).copied().unwrap_or(0);
        Habits {
            most: f32::from(most.saturating_sub(1)),
            often: often as f32 / traits.bigrams.len().max(1) as f32,
            again: f32::from(again.saturating_sub(1)),
        }
    }

    /// Maximum number of entries with a pair of words that both have.
    pub(super) fn in_both(&self, a: &Traits, b: &Traits) -> f32 {
        let shared = a.bigrams.iter().filter(|pair| b.bigrams.binary_search(pair).is_ok());
        f32::from(shared.filter_map(|pair| self.bigrams.get(pair).copied()).max().unwrap_or(0))
    }
}

fn raise(counts: &mut HashMap<u32, u16, FixedState>, key: u32) {
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(1);
}

fn lower(counts: &mut HashMap<u32, u16, FixedState>, key: u32) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weave::similarity::traits::Said;

    #[test]
    fn the_third_entry_of_a_column_is_habit() {
        let of = |title: &[u64]| Traits::of("", "", Said { source: 1, title, text: &[1, 2, 3, 4] });
        let mut columns = Columns::default();
        let days = [of(&[1, 2, 10]), of(&[1, 2, 11]), of(&[1, 2, 12])];
        days.iter().for_each(|day| columns.add(day));
        assert_eq!(columns.habits(&days[2]), Habits { most: 2.0, often: 0.5, again: 2.0 });
        assert!((columns.in_both(&days[0], &days[1]) - 3.0).abs() < 0.1);
        columns.remove(&days[0]);
        assert_eq!(columns.habits(&days[2]), Habits { most: 1.0, often: 0.0, again: 1.0 });
        assert_eq!(columns.habits(&Traits::default()), Habits::default());
    }
}
