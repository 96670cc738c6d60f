//! The part of a window that a few new entries need: yields the same stories as all of it, at a fraction of the cost.
//!
//! The signatures lead to the entries that a new one is compared with (its address, its title, its rare terms)
//! and to their stories. Only these are read; of all others, only occurrences of the compared terms and
//! patterns are counted.

use std::collections::{BTreeSet, HashMap, HashSet};

use foldhash::fast::FixedState;

use super::cluster::{Looked, SAME_KEY_ENTRIES, sharing_most};
use super::context::Context;
use super::exact::title_key;
use super::features::Features;
use super::ledger::Ledger;
use super::prepared::Prepared;
use super::query_vector::QueryVector;
use super::signature::{Count, Signature, Signatures, term_hash, title_patterns};
use super::similarity::Habitual;
use super::templates::{Patterns, stable_hash};
use super::tokens::Tokens;
use super::vocabulary::Vocabulary;
use super::window::Window;
use crate::config::SameStory;
use crate::model::SourceKind;
use crate::store::EntryNumber;
use crate::text::address_hash;

/// Terms whose counts are wanted.
#[derive(Default)]
struct Wanted {
    texts: Vec<String>,
    places: HashMap<u64, usize, FixedState>,
}

impl Wanted {
    fn add(&mut self, tokens: &Tokens) {
        let Self { texts, places } = self;
        for (term, _) in tokens.iter() {
            places.entry(term_hash(term)).or_insert_with(|| {
                texts.push(term.to_owned());
                texts.len() - 1
            });
        }
    }

    /// Those that occur in the window, in the order of their ranks.
    fn ranked<'a>(&'a self, counts: &'a [Count]) -> Vec<(&'a str, &'a Count)> {
        let mut ranked: Vec<_> = self.texts.iter().map(String::as_str).zip(counts).collect();
        ranked.retain(|(_, count)| count.rank.is_some());
        ranked.sort_unstable_by_key(|(_, count)| count.rank);
        ranked
    }
}

/// What has to be read from the window.
pub(super) struct Plan<'a> {
    signatures: &'a Signatures,
    wanted: Wanted,
    /// For each new entry, those that it is compared with: their places among the signatures, new ones last.
    candidates: Vec<Vec<u32>>,
    needed: Vec<EntryNumber>,
}

/// Finds what has to be read for the entries `young`.
pub(super) fn plan<'a>(context: &Context<'_>, signatures: &'a Signatures, young: &[Prepared]) -> Plan<'a> {
    let mut wanted = Wanted::default();
    young.iter().for_each(|entry| wanted.add(&entry.tokens));
    let candidates = if matches!(context.settings.same_story, SameStory::Balanced | SameStory::Eager) {
        candidates(context, signatures, young, &wanted)
    } else {
        vec![Vec::new(); young.len()]
    };
    let needed = needed(context, signatures, young, &candidates);
    Plan { signatures, wanted, candidates, needed }
}

impl Plan<'_> {
    /// Entries that are read, with all others of their stories.
    pub(super) fn needed(&self) -> &[EntryNumber] {
        &self.needed
    }

    /// Puts what was read, `rows`, into the window, and counts what was not read.
    pub(super) fn restore(
        self,
        window: &mut Window,
        rows: &[&Prepared],
        young: &[Prepared],
        context: &Context<'_>,
        ledger: &mut Ledger<'_>,
    ) {
        let Self { signatures, mut wanted, candidates, .. } = self;
        rows.iter().for_each(|row| wanted.add(&row.tokens));
        let counts = signatures.count(&wanted.places, |_, _| {});
        let ranked = wanted.ranked(&counts);
        window.clusterer.number_terms(ranked.iter().copied());
        let mut numbers: HashMap<EntryNumber, u32> = HashMap::new();
        for row in rows {
            let before = window.clusterer.len();
            window.restore(row, context, ledger);
            if window.clusterer.len() > before {
                numbers.insert(row.entry.number, before as u32);
            }
        }
        let patterns = absent_patterns(signatures, rows, young, &numbers);
        let habits = absent_habits(signatures, rows, young, &numbers);
        let entries = signatures.len() as u32;
        window.clusterer.count_absent(ranked.into_iter(), entries, patterns.into_iter(), habits.into_iter());
        let number = |at: u32| match (at as usize).checked_sub(signatures.len()) {
            Some(new) => Some((numbers.len() + new) as u32),
            None => numbers.get(&signatures.get(at as usize).number()).copied(),
        };
        let own = |of: Vec<u32>| of.into_iter().filter_map(number).collect();
        window.clusterer.prepare(candidates.into_iter().map(own).collect());
    }
}

/// Whether an entry shares its story with no other entry.
fn is_alone(context: &Context<'_>, entry: &Prepared) -> bool {
    context.stands_alone(&entry.entry.key.source) || context.settings.same_story == SameStory::Off
}

/// The entries that each new one is compared with, as the clusterer would look them up in all of the window.
fn candidates(context: &Context<'_>, signatures: &Signatures, young: &[Prepared], wanted: &Wanted) -> Vec<Vec<u32>> {
    let mut postings = vec![Vec::new(); wanted.texts.len()];
    let counts = signatures.count(&wanted.places, |entry, term| postings[term].push(entry));
    let mut vocabulary = Vocabulary::new();
    for (text, count) in wanted.ranked(&counts) {
        let id = vocabulary.intern(text);
        if count.is_foreign {
            vocabulary.mark_foreign(id);
        }
        vocabulary.set_postings(id, std::mem::take(&mut postings[wanted.places[&term_hash(text)]]));
    }
    vocabulary.set_entries(signatures.len() as u32);
    let now = context.now.as_second();
    let mut times: Vec<i64> = signatures.iter().map(|signature| signature.time().min(now)).collect();
    let mut partial = vec![0.0; times.len()];
    let lookback = context.settings.lookback.as_secs();
    let mut found = Vec::with_capacity(young.len());
    for entry in young {
        let time = entry.entry.time.as_second().min(now);
        let features = Features::of(&entry.entry.title, &entry.tokens, &mut vocabulary);
        if is_alone(context, entry) {
            found.push(Vec::new());
            features.uses().for_each(|used| vocabulary.drop_unused(used.id));
            continue;
        }
        let query = QueryVector::of(&features, &vocabulary);
        found.push(sharing_most(&query, &vocabulary, 0, &mut partial, |at| (times[at] - time).abs() <= lookback));
        vocabulary.add(times.len() as u32, features.uses());
        times.push(time);
        partial.push(0.0);
    }
    found
}

/// How many entries with one address or title were looked at.
#[derive(Default)]
struct Seen {
    sources: Looked<u64>,
    entries: usize,
}

impl Seen {
    fn looks_at(&mut self, source: u64) -> bool {
        let takes = self.entries < SAME_KEY_ENTRIES && self.sources.takes(source);
        self.entries += usize::from(takes);
        takes
    }
}

/// The entries of the window that matter: candidates, and those with the address or the title of a new one.
fn needed(
    context: &Context<'_>,
    signatures: &Signatures,
    young: &[Prepared],
    candidates: &[Vec<u32>],
) -> Vec<EntryNumber> {
    let mut found: BTreeSet<EntryNumber> = BTreeSet::new();
    let known = candidates.iter().flatten().map(|at| *at as usize).filter(|at| *at < signatures.len());
    found.extend(known.map(|at| signatures.get(at).number()));
    let mut addresses: HashMap<i64, Seen, FixedState> = HashMap::default();
    let mut titles: HashMap<u64, Seen, FixedState> = HashMap::default();
    for entry in young.iter().filter(|entry| !is_alone(context, entry)) {
        if context.kind(&entry.entry.key.source) == SourceKind::Aggregator {
            addresses.extend(entry.links().iter().map(|link| (address_hash(link), Seen::default())));
        }
        addresses.insert(entry.address(), Seen::default());
        titles.insert(stable_hash(title_key(&entry.entry.title).as_bytes()), Seen::default());
    }
    let mut lists: HashMap<i64, usize, FixedState> = addresses.keys().map(|address| (*address, 0)).collect();
    // For each key the newest, as many as are looked at.
    let is_looked_at = |seen: Option<&mut usize>| {
        seen.is_some_and(|seen| {
            *seen += 1;
            *seen <= SAME_KEY_ENTRIES
        })
    };
    for signature in signatures.iter().rev() {
        let source = signature.source();
        let mut is_needed = addresses.get_mut(&signature.address()).is_some_and(|seen| seen.looks_at(source));
        is_needed |= titles.get_mut(&signature.title()).is_some_and(|seen| seen.looks_at(source));
        for link in signature.links() {
            is_needed |= is_looked_at(lists.get_mut(&link));
        }
        if is_needed {
            found.insert(signature.number());
        }
    }
    found.into_iter().collect()
}

/// The patterns of the unread entries, where a read or new entry has them too.
fn absent_patterns(
    signatures: &Signatures,
    rows: &[&Prepared],
    young: &[Prepared],
    numbers: &HashMap<EntryNumber, u32>,
) -> Vec<Patterns> {
    let read = young.iter().chain(rows.iter().copied());
    let wanted: HashSet<u64, FixedState> =
        read.filter_map(|entry| title_patterns(&entry.entry.key.source, &entry.tokens)).flatten().collect();
    let absent = signatures.iter().filter(|signature| !numbers.contains_key(&signature.number()));
    let absent = absent.map(Signature::patterns);
    absent.filter(|patterns| patterns.iter().flatten().any(|pattern| wanted.contains(pattern))).collect()
}

/// How the sources of the entries that were read write in those that were not read.
fn absent_habits(
    signatures: &Signatures,
    rows: &[&Prepared],
    young: &[Prepared],
    numbers: &HashMap<EntryNumber, u32>,
) -> Vec<Habitual> {
    let read = young.iter().chain(rows.iter().copied());
    let sources: HashSet<u64, FixedState> =
        read.map(|entry| stable_hash(entry.entry.key.source.as_str().as_bytes())).collect();
    let absent = signatures.iter().filter(|signature| !numbers.contains_key(&signature.number()));
    absent.filter(|signature| sources.contains(&signature.source())).map(Signature::habits).collect()
}
