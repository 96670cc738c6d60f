//! Layers that are sure: a person's word, the address, the exact title.

use std::hash::Hash;

use crate::model::{EntryKey, Reason, SourceKind};

use super::{Candidate, Clusterer, Constraint, EntryRef, Index, WindowEntry, hours};
use crate::text::{canonical, is_site_root, key_hash};
use crate::weave::exact::says_enough;

/// Entries with one address or one title that are looked at.
pub(in crate::weave) const SAME_KEY_ENTRIES: usize = 64;

/// Hours within which one source's same title under another address is one article; later it is a column.
const COLUMN_AFTER_HOURS: i64 = 6;

impl Clusterer {
    /// A person's word: the story that it must be in, and those that it cannot be in.
    pub(super) fn by_hand(&self, asked: &mut Candidate<'_>) -> Option<(u32, Reason)> {
        if self.constraints.is_empty() {
            return None;
        }
        let words = self.words_on(asked.input.key, asked.known.address);
        if words.is_empty() {
            return None;
        }
        let mut must = None;
        for known in &self.entries {
            for word in words.iter().filter(|(named, _)| known.is_named(named)).map(|(_, word)| *word) {
                match word {
                    Constraint::MustLink if must.is_none() => must = Some(known.story),
                    Constraint::MustLink => {}
                    Constraint::CannotLink => asked.refused.push(known.story),
                }
            }
        }
        must.map(|story| (story, Reason::ByHand))
    }

    /// What a person said of an entry, by its key or its address.
    pub(super) fn words_on(&self, key: &EntryKey, address: i64) -> Vec<(EntryRef, Constraint)> {
        let names = [EntryRef::Key(key.clone()), EntryRef::Address(address)];
        names.iter().filter_map(|name| self.constraints.get(name)).flatten().cloned().collect()
    }

    /// Entries near in time under one key, the newest ones first.
    fn same<'a, K: Eq + Hash>(
        &'a self,
        index: &'a Index<K>,
        key: &K,
        asked: &'a Candidate<'_>,
    ) -> impl Iterator<Item = &'a WindowEntry> + use<'a, K> {
        let lookback = self.lookback_seconds();
        index
            .get(key)
            .into_iter()
            .flat_map(|entries| entries.iter().rev().take(SAME_KEY_ENTRIES))
            .filter_map(|entry| self.known(*entry))
            .filter(move |known| {
                (known.time - asked.known.time).abs() <= lookback && !asked.refused.contains(&known.story)
            })
    }

    /// Layer 1: the address, or a link list's link to it.
    pub(super) fn by_address(&self, asked: &Candidate<'_>) -> Option<(u32, Reason)> {
        let listed = asked.input.kind == SourceKind::Aggregator;
        let address = canonical(asked.input.url);
        let root = is_site_root(&address);
        let found = self.same(&self.addresses, &asked.known.address, asked).find(|known| {
            let lists = listed || known.kind == SourceKind::Aggregator;
            if known.source != asked.known.source {
                return lists || !root;
            }
            // One source with two entries at one address: the article again, or a page of many entries.
            !root
                && known.place == asked.known.place
                && (known.title == asked.known.title || self.one_article(known, asked))
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
            let mut lists = self.same(&self.links, &asked.known.address, asked);
            let list = lists.find(|known| known.source != asked.known.source && !root)?;
            return Some((list.story, Reason::LinksTo { address }));
        }
        asked.input.links.iter().find_map(|link| {
            let address = canonical(link);
            let known = self
                .same(&self.addresses, &key_hash(&address), asked)
                .find(|known| known.source != asked.known.source)?;
            (!is_site_root(&address)).then_some((known.story, Reason::LinksTo { address }))
        })
    }

    /// Whether two titles of one source at one address are an edit of one another: they share a third.
    fn one_article(&self, known: &WindowEntry, asked: &Candidate<'_>) -> bool {
        let (a, b) = (&known.features.title, &asked.known.features.title);
        let shared = a.iter().filter(|term| b.contains(term)).count();
        shared > 0 && shared * 3 >= a.len().min(b.len())
    }

    /// Layer 2: the same title, unless it comes back in its source as a column's does.
    pub(super) fn by_title(&self, asked: &Candidate<'_>) -> Option<(u32, Reason)> {
        if !says_enough(&asked.title_text) {
            return None;
        }
        let known = self.same(&self.titles, &asked.known.title, asked).find(|known| {
            let apart = (known.time - asked.known.time).abs();
            if known.publisher == asked.known.publisher {
                apart <= COLUMN_AFTER_HOURS * 3600 && known.address != asked.known.address
            } else {
                !known.features.marks.contradict(&asked.known.features.marks)
            }
        })?;
        let column = self.same(&self.titles, &asked.known.title, asked).any(|other| {
            other.publisher == asked.known.publisher
                && (other.time - asked.known.time).abs() > COLUMN_AFTER_HOURS * 3600
        });
        let hours_apart = hours(known.time - asked.known.time);
        (!column).then(|| (known.story, Reason::SameTitle { title: asked.title_text.clone(), hours_apart }))
    }
}

impl WindowEntry {
    /// Whether a person means this entry.
    pub(super) fn is_named(&self, named: &EntryRef) -> bool {
        match named {
            EntryRef::Key(key) => *key == self.key,
            EntryRef::Address(address) => *address == self.address,
        }
    }
}
