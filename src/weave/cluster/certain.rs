//! Layers that are certain: an operator's correction, the address, the exact title.

use crate::model::{EntryKey, Reason, SourceKind};

use super::clusterer::Clusterer;
use super::window::{Candidate, Constraint, EntryRef, WindowEntry, hours};
use crate::text::{canonical, generic_hash, is_site_root, key_hash};
use crate::weave::exact::says_enough;
use crate::weave::features::Features;
use crate::weave::vocabulary::TermId;

/// Number of entries with one address or one title that are looked at.
pub(in crate::weave) const SAME_KEY_ENTRIES: usize = 64;

/// How many of these may be of one source: nobody hides what others wrote by repeating it.
const SAME_KEY_ENTRIES_OF_A_SOURCE: u8 = 8;

/// Number of entries with one address or title that are gone through.
const MOST_STEPS: usize = 4_096;

/// Counts entries with one address or title by their sources.
#[derive(Debug)]
pub(in crate::weave) struct Looked<K>(Vec<(K, u8)>);

impl<K> Default for Looked<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: PartialEq> Looked<K> {
    /// Whether another entry of `source` is looked at.
    pub(in crate::weave) fn takes(&mut self, source: K) -> bool {
        match self.0.iter_mut().find(|(known, _)| *known == source) {
            Some((_, count)) => {
                *count = count.saturating_add(1);
                *count <= SAME_KEY_ENTRIES_OF_A_SOURCE
            }
            None => {
                self.0.push((source, 1));
                true
            }
        }
    }
}

/// Of so many words of a title, one at least stands in another entry about the article.
const AGREEING_WORDS: usize = 4;

/// The same where a link list leads an article to another one: anybody finds two articles that share a few words.
const AGREEING_WORDS_WHEN_LED: usize = 2;

/// Fewest terms by which a text is a text.
const OWN_TEXT_TERMS: usize = 5;

/// Of so many terms of a text, less than one stands in another that tells of something else.
const OWN_TEXT_SHARES: usize = 8;

/// Hours within which one source's same title under a different address is one article; later it is a column.
pub(super) const COLUMN_AFTER_HOURS: i64 = 6;

impl Clusterer {
    /// An operator's correction: the story that it must be in, and those that it cannot be in.
    pub(super) fn by_constraint(&self, candidate: &mut Candidate<'_>) -> Option<(u32, Reason)> {
        if self.constraints.is_empty() {
            return None;
        }
        let constraints = self.constraints_on(candidate.input.key, candidate.known.address);
        if constraints.is_empty() {
            return None;
        }
        let mut must = None;
        for known in &self.entries {
            for (_, constraint) in constraints.iter().filter(|(named, _)| known.is_named(named)) {
                match constraint {
                    Constraint::MustLink if must.is_none() => must = Some(known.story),
                    Constraint::MustLink => {}
                    Constraint::CannotLink => candidate.refused.push(known.story),
                }
            }
        }
        must.map(|story| (story, Reason::ByHand))
    }

    /// What the operator corrected for an entry, by its key or its address.
    pub(super) fn constraints_on(&self, key: &EntryKey, address: i64) -> Vec<(EntryRef, Constraint)> {
        let names = [EntryRef::Key(key.clone()), EntryRef::Address(address)];
        names.iter().filter_map(|name| self.constraints.get(name)).flatten().cloned().collect()
    }

    /// Entries near in time at one address, the newest ones first.
    fn at_address<'a>(
        &'a self,
        address: i64,
        candidate: &'a Candidate<'_>,
    ) -> impl Iterator<Item = &'a WindowEntry> + use<'a> {
        let newest = self.addresses.get(&address).and_then(|entry| self.known(*entry));
        self.chain(newest, |known| known.same_address, candidate)
    }

    /// Entries near in time under the candidate's title, the newest ones first.
    fn titled<'a>(&'a self, candidate: &'a Candidate<'_>) -> impl Iterator<Item = &'a WindowEntry> + use<'a> {
        let newest = self.titles.get(&candidate.known.title).and_then(|entry| self.known(*entry));
        self.chain(newest, |known| known.same_title, candidate)
    }

    /// The entries of a chain that are near in time, from the `newest` one; `older` is the link to the next one.
    fn chain<'a>(
        &'a self,
        newest: Option<&'a WindowEntry>,
        older: fn(&WindowEntry) -> u32,
        candidate: &'a Candidate<'_>,
    ) -> impl Iterator<Item = &'a WindowEntry> + use<'a> {
        let mut looked = Looked::default();
        std::iter::successors(newest, move |known| self.known(older(known)))
            .take(MOST_STEPS)
            .filter(move |known| looked.takes(known.source))
            .take(SAME_KEY_ENTRIES)
            .filter(|known| self.is_beside(known, candidate))
    }

    /// Entries of link lists near in time that point to the candidate's address, the newest ones first.
    fn listing<'a>(&'a self, candidate: &'a Candidate<'_>) -> impl Iterator<Item = &'a WindowEntry> + use<'a> {
        let found = self.links.get(&candidate.known.address).into_iter();
        let newest = found.flat_map(|entries| entries.iter().rev().take(SAME_KEY_ENTRIES));
        newest.filter_map(|entry| self.known(*entry)).filter(|known| self.is_beside(known, candidate))
    }

    fn is_beside(&self, known: &WindowEntry, candidate: &Candidate<'_>) -> bool {
        (known.time - candidate.known.time).abs() <= self.lookback_seconds()
            && !candidate.refused.contains(&known.story)
    }

    /// Whether another source took the candidate's address along to another story.
    pub(super) fn is_told_otherwise(&self, candidate: &Candidate<'_>) -> bool {
        let mut others = self.at_address(candidate.known.address, candidate);
        others.any(|known| known.source != candidate.known.source && self.is_elsewhere(known, candidate))
    }

    /// Whether the candidate does not follow `known`, which names its address, in words that are not the candidate's: one of
    /// them is of a link list, and `known` stands among other articles; or both call the site theirs. Where a list leads an
    /// article to other articles, one of these has to agree with it, too: the words of a list are anybody's.
    fn is_elsewhere(&self, known: &WindowEntry, candidate: &Candidate<'_>) -> bool {
        let is_article = |entry: &WindowEntry| entry.kind == SourceKind::Original;
        let both_claim_it = known.is_contested && candidate.known.is_contested;
        let is_listed = !is_article(known) || !is_article(&candidate.known);
        let agrees = |with: &WindowEntry| words_agree(&with.features, &candidate.known.features, AGREEING_WORDS);
        let goes_with =
            |with: &WindowEntry| words_agree(&with.features, &candidate.known.features, AGREEING_WORDS_WHEN_LED);
        if both_claim_it {
            return !agrees(known);
        }
        let mut others =
            self.beside(known).filter(|other| is_article(other) && other.address != known.address).peekable();
        let is_led = is_article(&candidate.known) && !is_article(known);
        is_listed && others.peek().is_some() && (!agrees(known) || is_led && !others.any(goes_with))
    }

    /// Whether `known`, of a link list, points to what another source tells in its story, in words that are not those of
    /// that: it draws nobody there.
    pub(super) fn points_elsewhere(&self, known: &WindowEntry) -> bool {
        known.kind == SourceKind::Aggregator
            && self.beside(known).any(|other| {
                other.address == known.address
                    && other.source != known.source
                    && !words_agree(&known.features, &other.features, AGREEING_WORDS)
            })
    }

    /// The other entries of the story of `known` that are in the window.
    fn beside<'a>(&'a self, known: &'a WindowEntry) -> impl Iterator<Item = &'a WindowEntry> + use<'a> {
        let entries = self.stories.get(&known.story).map_or(&[][..], |story| &story.entries);
        entries.iter().filter_map(|entry| self.known(*entry)).filter(|other| other.key != known.key)
    }

    /// Layer 1: the address, or a link list's link to it.
    pub(super) fn by_address(&self, candidate: &Candidate<'_>) -> Option<(u32, Reason)> {
        let listed = candidate.input.kind == SourceKind::Aggregator;
        let (address, links) = (&candidate.known.address, candidate.input.links);
        if !self.addresses.contains_key(address) && !self.links.contains_key(address) && links.is_empty() {
            return None;
        }
        let address = canonical(candidate.input.url);
        let root = is_site_root(&address);
        let found = self.at_address(candidate.known.address, candidate).find(|known| {
            let lists = listed || known.kind == SourceKind::Aggregator;
            if !is_one_page(known, &candidate.known) {
                return false;
            }
            if known.source != candidate.known.source {
                return (lists || !root) && !self.is_elsewhere(known, candidate);
            }
            // One source with two entries at one address: the same article again, or a page with many entries.
            !root
                && !known.key.is_made_of_words()
                && !candidate.known.key.is_made_of_words()
                && known.place == candidate.known.place
                && !have_own_texts(&known.features, &candidate.known.features)
                && (known.title == candidate.known.title || self.one_article(known, candidate))
        });
        if let Some(known) = found {
            let link = listed != (known.kind == SourceKind::Aggregator);
            return Some((
                known.story,
                if link { Reason::LinksTo { address } } else { Reason::SameAddress { address } },
            ));
        }
        if !listed {
            // The article that a link list pointed to before its own source sent it.
            let mut lists = self.listing(candidate);
            let plain = candidate.known.generic == 0;
            let list = lists.find(|known| {
                let sure = plain || share_title_words(known, &candidate.known);
                known.source != candidate.known.source && !root && sure && !self.is_elsewhere(known, candidate)
            })?;
            return Some((list.story, Reason::LinksTo { address }));
        }
        candidate.input.links.iter().find_map(|link| {
            let address = canonical(link);
            let known = self.at_address(key_hash(&address), candidate).find(|known| {
                let generic = generic_hash(link);
                let added = known.generic == 0 || (generic == 0 && known.kind == SourceKind::Aggregator);
                let sure = added || known.generic == generic || share_title_words(known, &candidate.known);
                known.source != candidate.known.source && sure
            })?;
            (!is_site_root(&address)).then_some((known.story, Reason::LinksTo { address }))
        })
    }

    /// Whether one of two titles of one source at one address is an edit of the other: they share a third, and are not
    /// the next number of a series on one page.
    fn one_article(&self, known: &WindowEntry, candidate: &Candidate<'_>) -> bool {
        let (mine, theirs) = (&candidate.known.features.marks, &known.features.marks);
        if mine.only_numbers_differ(theirs) && !mine.count_alike(theirs) {
            return false;
        }
        let (a, b) = (&known.features.title, &candidate.known.features.title);
        let shared = a.iter().filter(|term| b.contains(term)).count();
        shared > 0 && shared * 3 >= a.len().min(b.len())
    }

    /// Layer 2: the same title, unless it recurs in its source as a column's does.
    pub(super) fn by_title(&self, candidate: &Candidate<'_>) -> Option<(u32, Reason)> {
        if !says_enough(&candidate.title_text) {
            return None;
        }
        let fits = |known: &&WindowEntry| {
            let apart = (known.time - candidate.known.time).abs();
            if known.publisher == candidate.known.publisher {
                apart <= COLUMN_AFTER_HOURS * 3600
                    && known.address != candidate.known.address
                    && !have_own_texts(&known.features, &candidate.known.features)
            } else {
                !known.features.marks.contradict(&candidate.known.features.marks)
            }
        };
        // Whoever said it first; of those who did at the same time the newest.
        let fitting = self.titled(candidate).filter(fits).filter(|known| !self.points_elsewhere(known));
        let known = fitting.min_by_key(|known| known.said)?;
        let column = self.titled(candidate).any(|other| {
            other.publisher == candidate.known.publisher
                && (other.time - candidate.known.time).abs() > COLUMN_AFTER_HOURS * 3600
        });
        let hours_apart = hours(known.time - candidate.known.time);
        (!column).then(|| (known.story, Reason::SameTitle { title: candidate.title_text.clone(), hours_apart }))
    }
}

/// Whether two entries of one address key are surely of one page: no generic parameter distinguishes their addresses,
/// or it is one that a link list adds to a plain address, or their titles have words in common.
fn is_one_page(a: &WindowEntry, b: &WindowEntry) -> bool {
    let added_by_list =
        |list: &WindowEntry, page: &WindowEntry| list.kind == SourceKind::Aggregator && page.generic == 0;
    a.generic == b.generic || added_by_list(a, b) || added_by_list(b, a) || share_title_words(a, b)
}

/// Whether what two sources say of one address may be about one article: of `one_of` words of one title, one stands in what
/// the other says. Otherwise one of them speaks of something else, and does not take what the other tells along.
fn words_agree(one: &Features, other: &Features, one_of: usize) -> bool {
    let agrees = |title: &[TermId], with: &Features| {
        let shared = title.iter().filter(|term| with.names_any(&[**term])).count();
        shared * one_of >= title.len()
    };
    agrees(&one.title, other) || agrees(&other.title, one)
}

/// Whether two entries tell of different things under one title or address: each has a text, and these share next to
/// nothing.
fn have_own_texts(one: &Features, other: &Features) -> bool {
    let (one, other) = (one.of_text_alone(), other.of_text_alone());
    let shared = one.iter().filter(|term| other.binary_search(term).is_ok()).count();
    let least = one.len().min(other.len());
    least >= OWN_TEXT_TERMS && shared * OWN_TEXT_SHARES < least
}

/// Whether two titles have a term in common.
fn share_title_words(a: &WindowEntry, b: &WindowEntry) -> bool {
    a.features.title.iter().any(|term| b.features.title.contains(term))
}

impl WindowEntry {
    /// Whether the operator names this entry.
    pub(super) fn is_named(&self, named: &EntryRef) -> bool {
        match named {
            EntryRef::Key(key) => *key == self.key,
            EntryRef::Address(address) => *address == self.address,
        }
    }
}
