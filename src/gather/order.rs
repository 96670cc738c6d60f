//! The order in which due sources are asked. Pure.

use jiff::Timestamp;

/// What matters about a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    /// The time of its last request; `None`: never asked.
    pub(super) last_request: Option<Timestamp>,
    /// Its place in feeds.toml.
    pub(super) place: usize,
}

/// Whoever has waited longest for its turn is asked first; among equals the first in feeds.toml.
///
/// A source that had no turn in the last run, because time ran out, has thereby waited longest in the next one.
pub(super) fn by_wait<T>(tasks: &mut [T], turn: impl Fn(&T) -> Turn) {
    tasks.sort_by_key(turn);
}

/// Things of several owners, ordered so that each owner has one before any has two; those of one owner keep
/// their order.
pub(super) fn in_rounds<T, K: Ord>(things: Vec<T>, owner: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen = std::collections::BTreeMap::<K, usize>::new();
    let mut numbered: Vec<(usize, T)> = things
        .into_iter()
        .map(|thing| {
            let number = seen.entry(owner(&thing)).or_default();
            *number += 1;
            (*number, thing)
        })
        .collect();
    numbered.sort_by_key(|(round, _)| *round);
    numbered.into_iter().map(|(_, thing)| thing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_longest_is_first() {
        let turn = |(hours, place): &(Option<i64>, usize)| Turn {
            last_request: hours.map(|hours| Timestamp::from_second(hours * 3600).unwrap()),
            place: *place,
        };
        let mut tasks = [(Some(5), 0), (None, 1), (Some(3), 2), (None, 3), (Some(5), 4), (Some(4), 5)];
        by_wait(&mut tasks, turn);
        assert_eq!(tasks.map(|(_, place)| place), [1, 3, 2, 5, 0, 4]);
    }

    #[test]
    fn each_has_its_first_before_any_has_its_second() {
        let things = ["b1", "b2", "b3", "a1", "b4", "a2", "c1"];
        let order = in_rounds(things.to_vec(), |thing| thing.as_bytes()[0]);
        assert_eq!(order, ["b1", "a1", "c1", "b2", "a2", "b3", "b4"]);
    }
}
