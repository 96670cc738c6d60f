//! Which entry of a story leads it: the one whose title, text and link come first.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::{EntryKey, Source, SourceKind, StoredEntry};
use crate::text::TitleKinds;

/// Entries within this many seconds of the earliest count as equally early.
const SAME_TIME_SECONDS: i64 = 2 * 3600;

/// What decides whether an entry leads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeadInput<'a> {
    /// Source and guid: the last tie-breaker.
    pub(crate) key: &'a EntryKey,
    /// What kind of piece its title announces.
    pub(crate) kinds: TitleKinds,
    /// Characters of the plain text of its summary or content.
    pub(crate) text_chars: usize,
    /// Weight of its source; the larger leads.
    pub(crate) weight: u32,
    /// Whether its source writes articles or lists links.
    pub(crate) kind: SourceKind,
    /// Its text is that of another entry, or it only links to another entry's article.
    pub(crate) follows: bool,
    /// Most other entries of its story do not resemble it.
    pub(crate) is_unlike: bool,
    /// When it was told: its effective time, or the last good answer of its source without it.
    pub(crate) time: Timestamp,
}

impl<'a> LeadInput<'a> {
    /// The candidate for `entry`, which follows no other; `source`: its own, if feeds.toml names it.
    #[must_use]
    pub(crate) fn of(entry: &'a StoredEntry, source: Option<&Source>) -> Self {
        Self {
            key: &entry.key,
            kinds: TitleKinds::of(&entry.title),
            text_chars: entry.text.chars().count(),
            weight: source.map_or(1, |source| source.weight),
            kind: source.map(|source| source.kind).unwrap_or_default(),
            follows: false,
            is_unlike: false,
            time: entry.told(),
        }
    }
}

/// The index of the entry that leads; `None` for no entries. The order of `entries` does not matter.
///
/// An original before a link list, an article of its own before a copy, a single piece of news before roundups, deals
/// and live pages, what most of the others resemble before what they do not, then weight, then the earliest; within two
/// hours of that one, the longer text, then the earlier, then the key.
#[must_use]
pub(crate) fn lead(entries: &[LeadInput<'_>]) -> Option<usize> {
    let rank = |entry: &LeadInput<'_>| {
        let is_list = entry.kind == SourceKind::Aggregator;
        (is_list, entry.follows, entry.kinds.is_container(), entry.is_unlike, Reverse(entry.weight))
    };
    let best = entries.iter().map(rank).min()?;
    let equals = || entries.iter().enumerate().filter(|(_, entry)| rank(entry) == best);
    let earliest = equals().map(|(_, entry)| entry.time.as_second()).min()?;
    equals()
        .filter(|(_, entry)| entry.time.as_second() - earliest <= SAME_TIME_SECONDS)
        .min_by_key(|(_, entry)| (Reverse(entry.text_chars), entry.time, entry.key))
        .map(|(at, _)| at)
}

/// Whether an entry that leads what is published gives way to `other`, which leads by the rule now: a link list, a roundup
/// or a live page titles no story that has another.
#[must_use]
pub(crate) fn gives_way(entry: &LeadInput<'_>, other: &LeadInput<'_>) -> bool {
    let is_none = |of: &LeadInput<'_>| of.kind == SourceKind::Aggregator || of.kinds.is_container();
    is_none(entry) && !is_none(other)
}

/// What decides whether one of two entries of a story follows the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim<'a> {
    /// Source and guid: the last tie-breaker.
    pub(crate) key: &'a EntryKey,
    /// The hash of its canonical address.
    pub(crate) address: i64,
    /// Whether that address is its source's own.
    pub(crate) owns: bool,
    /// When it was told.
    pub(crate) time: Timestamp,
}

/// Whether an entry follows one from a different source: it links to the other's article, or its text is a copy of the
/// other's, which `is_copy` says.
///
/// Of two that link to one article, the one it belongs to comes first, whatever the other's date says; else the
/// earlier one.
pub(crate) fn follows(entry: &Claim<'_>, other: &Claim<'_>, is_copy: impl FnOnce() -> bool) -> bool {
    if other.key.source == entry.key.source {
        return false;
    }
    let is_later = (other.time, other.key) < (entry.time, entry.key);
    match (other.address == entry.address, other.owns, entry.owns) {
        (true, true, false) => true,
        (true, false, true) => false,
        (is_same, ..) => is_later && (is_same || is_copy()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceId;

    fn key(source: &str) -> EntryKey {
        EntryKey { source: SourceId::new(source).unwrap(), guid: "1".to_owned() }
    }

    fn entry<'a>(key: &'a EntryKey, title: &'a str, hour: i64) -> LeadInput<'a> {
        LeadInput {
            key,
            kinds: TitleKinds::of(title),
            text_chars: 0,
            weight: 1,
            kind: SourceKind::Original,
            follows: false,
            is_unlike: false,
            time: Timestamp::from_second(hour * 3600).unwrap(),
        }
    }

    #[track_caller]
    fn check(entries: &[LeadInput<'_>], want: usize) {
        assert_eq!(lead(entries), Some(want));
        let mut turned = entries.to_vec();
        turned.reverse();
        assert_eq!(lead(&turned), Some(entries.len() - 1 - want), "turned round");
    }

    #[test]
    fn what_is_published_keeps_its_lead_unless_that_is_none() {
        let (a, b) = (key("a"), key("b"));
        let news = entry(&a, "Maker unveils a phone", 9);
        let list = LeadInput { kind: SourceKind::Aggregator, ..entry(&b, "Maker unveils a phone", 1) };
        let roundup = entry(&b, "Everything announced at the keynote", 1);
        assert!(gives_way(&list, &news) && gives_way(&roundup, &news));
        assert!(!gives_way(&news, &news) && !gives_way(&news, &list) && !gives_way(&list, &roundup));
    }

    #[test]
    fn the_earliest_leads_and_within_two_hours_the_longer_text() {
        let (a, b, c) = (key("a"), key("b"), key("c"));
        check(&[entry(&a, "Late", 9), entry(&b, "Early", 3)], 1);
        let longer = LeadInput { text_chars: 12, ..entry(&a, "Later", 4) };
        check(&[longer, entry(&b, "Early", 3)], 0);
        check(&[longer, entry(&b, "Early", 1)], 1);
        check(&[entry(&c, "Same", 1), entry(&a, "Same", 1)], 1);
    }

    #[test]
    fn weight_wins_over_time_and_kind_over_weight() {
        let (a, b) = (key("a"), key("b"));
        let heavy = LeadInput { weight: 5, ..entry(&a, "Late", 9) };
        check(&[heavy, entry(&b, "Early", 3)], 0);
        let list = LeadInput { kind: SourceKind::Aggregator, ..heavy };
        check(&[list, entry(&b, "Early", 3)], 1);
        let copy = LeadInput { follows: true, ..heavy };
        check(&[copy, entry(&b, "Early", 3)], 1);
    }

    #[test]
    fn roundups_deals_and_live_pages_follow() {
        let (a, b) = (key("a"), key("b"));
        check(&[entry(&a, "Everything announced at the keynote", 1), entry(&b, "Maker unveils a phone", 9)], 1);
        check(&[entry(&a, "Save $200 off the phone", 1), entry(&b, "Maker unveils a phone", 9)], 1);
        let heavy = LeadInput { weight: 9, ..entry(&a, "Keynote live blog", 1) };
        check(&[heavy, entry(&b, "Maker unveils a phone", 9)], 1);
    }

    #[test]
    fn what_most_others_do_not_resemble_leads_only_if_nothing_else_may() {
        let (a, b, c) = (key("a"), key("b"), key("c"));
        let unlike = LeadInput { is_unlike: true, weight: 5, ..entry(&a, "Maker sued", 1) };
        check(&[unlike, entry(&b, "Maker unveils a phone", 9)], 1);
        check(&[unlike, entry(&b, "This week in phones", 9)], 0);
        let list = LeadInput { kind: SourceKind::Aggregator, ..entry(&c, "Maker unveils a phone", 1) };
        check(&[unlike, list], 0);
    }

    #[test]
    fn nothing_leads_nothing() {
        assert_eq!(lead(&[]), None);
    }

    #[test]
    fn whose_own_article_it_is_comes_before_the_earlier_and_a_copy_after_it() {
        let (a, b) = (key("a"), key("b"));
        let claim = |key, address, owns, hour: i64| Claim {
            key,
            address,
            owns,
            time: Timestamp::from_second(hour * 3600).unwrap(),
        };
        let check = |entry: Claim<'_>, other: Claim<'_>, is_copy: bool, want: bool| {
            assert_eq!(follows(&entry, &other, || is_copy), want, "{entry:?} {other:?}");
        };
        check(claim(&b, 1, false, 3), claim(&a, 1, true, 9), false, true);
        check(claim(&a, 1, true, 9), claim(&b, 1, false, 3), false, false);
        check(claim(&b, 1, false, 9), claim(&a, 1, false, 3), false, true);
        check(claim(&b, 1, true, 3), claim(&a, 1, true, 9), false, false);
        check(claim(&b, 2, true, 9), claim(&a, 1, true, 3), true, true);
        check(claim(&b, 2, true, 3), claim(&a, 1, true, 9), true, false);
        check(claim(&b, 2, true, 9), claim(&a, 1, true, 3), false, false);
        check(claim(&a, 1, false, 9), claim(&a, 1, true, 3), true, false);
    }
}
