//! When each story was first published, as closely as the order of the items shows.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::model::StoryId;

/// Rounds until the documents agree; a document that contradicts the others is one ordered by dates.
const MOST_ROUNDS: usize = 16;
const A_SECOND: SignedDuration = SignedDuration::from_secs(1);

/// A story at its place in a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) id: &'a StoryId,
    pub(super) date: Timestamp,
    /// It was published then or later: its date, or what the store knows.
    pub(super) not_before: Timestamp,
}

/// A time for each story of `documents`, whose items are newest first: none before the story's own date, and so that
/// they come out in this order again, all before `now`.
pub(super) fn first_published(documents: &[Vec<Placed<'_>>], now: Timestamp) -> BTreeMap<StoryId, Timestamp> {
    let mut times: BTreeMap<&StoryId, Timestamp> = BTreeMap::new();
    for round in 0..MOST_ROUNDS {
        let mut has_changed = round == 0;
        for document in documents {
            let mut below: Option<(Placed<'_>, Timestamp)> = None;
            for story in document.iter().rev() {
                let before = times.get(story.id).copied();
                let mut time = before.unwrap_or(story.not_before).max(story.not_before);
                if let Some((other, at)) = below {
                    // Equal times come out by date, then by id.
                    let is_in_order = (other.date, story.id) <= (story.date, other.id);
                    time = time.max(if is_in_order { at } else { at.saturating_add(A_SECOND).unwrap_or(at) });
                }
                has_changed |= before != Some(time);
                times.insert(story.id, time);
                below = Some((*story, time));
            }
        }
        if !has_changed {
            break;
        }
    }
    // What is new in this pass comes before all of them.
    let newest = times.values().max().copied().unwrap_or(now);
    let last = now.saturating_sub(A_SECOND).unwrap_or(now);
    let excess = newest.duration_since(last).max(SignedDuration::ZERO);
    times.into_iter().map(|(id, time)| (id.clone(), time.saturating_sub(excess).unwrap_or(time))).collect()
}

/// The date up to which a full document shows no more than its last tenth: what is older and not in it has left it.
pub(super) fn horizon(dates: &[Timestamp]) -> Option<Timestamp> {
    dates.iter().rev().take(dates.len().div_ceil(10)).max().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(letter: char) -> StoryId {
        StoryId::parse(&letter.to_string().repeat(16)).unwrap()
    }

    fn placed(id: &StoryId, hour: i64) -> Placed<'_> {
        Placed { id, date: at(hour), not_before: at(hour) }
    }

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(hour * 3600).unwrap()
    }

    /// Documents as letters and hours, newest first; the order that results from them.
    #[track_caller]
    fn check(documents: &[&[(char, i64)]], now: i64, want: &str) {
        let ids: Vec<Vec<(StoryId, Timestamp)>> =
            documents.iter().map(|items| items.iter().map(|(c, hour)| (id(*c), at(*hour))).collect()).collect();
        let placed: Vec<Vec<Placed<'_>>> = ids
            .iter()
            .map(|items| items.iter().map(|(id, date)| Placed { id, date: *date, not_before: *date }).collect())
            .collect();
        let times = first_published(&placed, at(now));
        assert!(times.values().all(|time| *time < at(now)), "{times:?}");
        let dates: BTreeMap<&StoryId, Timestamp> = ids.iter().flatten().map(|(id, date)| (id, *date)).collect();
        let mut order: Vec<&StoryId> = times.keys().collect();
        order.sort_by_key(|id| (std::cmp::Reverse((times[*id], dates[*id])), (*id).clone()));
        let order: String = order.iter().map(|id| id.as_str().chars().next().unwrap()).collect();
        assert_eq!(order, want);
    }

    #[test]
    fn the_order_of_the_items_comes_out_again() {
        check(&[&[('a', 9), ('b', 8), ('c', 7)]], 20, "abc");
        check(&[&[('c', 2), ('b', 8), ('a', 5)]], 20, "cba");
        check(&[&[('b', 5), ('a', 5)]], 20, "ba");
        check(&[&[('a', 5), ('b', 5)]], 20, "ab");
        check(&[&[('c', 9), ('b', 9), ('a', 9)]], 9, "cba");
    }

    #[test]
    fn several_documents_agree() {
        check(&[&[('a', 1), ('b', 6)], &[('c', 3), ('a', 1)], &[('d', 2), ('c', 3)]], 20, "dcab");
        check(&[&[('a', 1), ('b', 6)], &[('b', 6), ('c', 9)]], 20, "abc");
    }

    #[test]
    fn what_stands_above_a_known_story_was_published_after_it() {
        let (a, b) = (id('a'), id('b'));
        let known = Placed { not_before: at(7), ..placed(&b, 2) };
        let times = first_published(&[vec![placed(&a, 1), known]], at(20));
        assert!(times[&a] > times[&b] && times[&b] == at(7), "{times:?}");
    }

    #[test]
    fn the_last_tenth_tells_how_far_a_document_reaches() {
        let mut items = vec![at(30); 18];
        items.extend([at(9), at(2)]);
        assert_eq!(horizon(&items), Some(at(9)));
        assert_eq!(horizon(&[]), None);
    }
}
