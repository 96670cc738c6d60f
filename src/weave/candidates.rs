//! A window as far as a few new entries need it: with the same stories as all of it, at a fraction of its cost.
//!
//! By the traces, the entries are found that a new one is compared with (its address, its title, its rare words)
//! and the stories of these. They alone are read; of all others it is counted how often they have the words and
//! patterns that are compared.

use std::collections::{BTreeSet, HashMap, HashSet};

use foldhash::fast::FixedState;
use jiff::Timestamp;

use super::cluster::{SAME_KEY_ENTRIES, sharing_most};
use super::exact::title_key;
use super::features::{Features, each_term};
use super::load::{Opening, Window};
use super::signature::{Count, Signature, Signatures, stable_hash, title_patterns, word_hash};
use super::similar::QueryVector;
use super::stage::{LONG_TEXT_BYTES, More, TEXT_CHARS, address_of, input, publisher};
use super::templates::Patterns;
use super::tokens::Words;
use super::vocabulary::Vocabulary;
use crate::config::SameStory;
use crate::model::SourceKind;
use crate::store::{EntryNumber, PendingEntry, StoreError, Woven};
use crate::text::{address_hash, canonical, key_hash};

/// An entry that is to be woven.
struct Fresh {
    entry: PendingEntry,
    /// Hashes of its canonical address and of what it links to.
    address: i64,
    links: Vec<i64>,
    /// It shares its story with no other one.
    is_alone: bool,
}

/// Words whose counts are wanted.
#[derive(Default)]
struct Wanted {
    texts: Vec<String>,
    places: HashMap<u64, usize, FixedState>,
}

impl Wanted {
    fn add(&mut self, entry: &PendingEntry, words: &mut Words) {
        each_term(&entry.title, &entry.text, entry.language.as_deref(), words, |term, _| {
            let Self { texts, places } = self;
            places.entry(word_hash(term)).or_insert_with(|| {
                texts.push(term.to_owned());
                texts.len() - 1
            });
        });
    }

    /// Those that the window has, in the order of their ranks.
    fn ranked<'a>(&'a self, counts: &'a [Count]) -> Vec<(&'a str, &'a Count)> {
        let mut ranked: Vec<_> = self.texts.iter().map(String::as_str).zip(counts).collect();
        ranked.retain(|(_, count)| count.rank.is_some());
        ranked.sort_unstable_by_key(|(_, count)| count.rank);
        ranked
    }
}

/// Opens `window` for the entries `young`; whether that can be done: not where a person said something of one.
pub(super) fn open(
    opening: &Opening<'_>,
    window: &mut Window,
    traces: &Signatures,
    young: &[EntryNumber],
) -> Result<bool, StoreError> {
    let fresh = young.iter().map(|number| read_fresh(opening, *number)).collect::<Result<Vec<_>, _>>()?;
    if fresh.iter().any(|fresh| window.clusterer.has_words_on(&fresh.entry.key, fresh.address)) {
        return Ok(false);
    }
    let mut words = Words::new();
    let mut wanted = Wanted::default();
    fresh.iter().for_each(|fresh| wanted.add(&fresh.entry, &mut words));
    let candidates = if matches!(opening.settings.same_story, SameStory::Balanced | SameStory::Eager) {
        candidates(opening, traces, &fresh, &wanted, &mut words)
    } else {
        vec![Vec::new(); fresh.len()]
    };
    let needed = needed(opening, traces, &fresh, &candidates)?;
    let mut rows = Vec::with_capacity(needed.len());
    for number in needed {
        let (woven, entry) = opening.batch.woven_entry(number, TEXT_CHARS, opening.reserved)?;
        wanted.add(&entry, &mut words);
        rows.push((woven, entry));
    }
    rows.sort_by_key(|(_, entry)| (entry.time, entry.number));
    let counts = traces.count(&wanted.places, |_, _| {});
    let ranked = wanted.ranked(&counts);
    window.clusterer.number_terms(ranked.iter().copied());
    let numbers = restore(opening, window, &rows)?;
    let patterns = absent_patterns(traces, &fresh, &rows, &numbers, &mut words);
    window.clusterer.count_absent(ranked.into_iter(), traces.len() as u32, patterns.into_iter());
    let number = |at: u32| match (at as usize).checked_sub(traces.len()) {
        Some(new) => Some((numbers.len() + new) as u32),
        None => numbers.get(&traces.get(at as usize).number()).copied(),
    };
    let own = |of: Vec<u32>| of.into_iter().filter_map(number).collect();
    window.clusterer.prepare(candidates.into_iter().map(own).collect());
    Ok(true)
}

fn read_fresh(opening: &Opening<'_>, number: EntryNumber) -> Result<Fresh, StoreError> {
    let entry = opening.batch.pending_entry(number, LONG_TEXT_BYTES)?;
    let more = More::of(opening.batch, &entry, opening.sources)?;
    let publisher = publisher(&entry, opening.sources);
    let given = input(&entry, &publisher, &more, opening.sources);
    let links = match given.kind {
        SourceKind::Aggregator => given.links.iter().map(address_hash).collect(),
        SourceKind::Original => Vec::new(),
    };
    let is_alone = given.allow_duplicates || opening.settings.same_story == SameStory::Off;
    let address = key_hash(&canonical(address_of(&entry)));
    Ok(Fresh { address, links, is_alone, entry })
}

/// The entries that each new one is compared with, as the clusterer would look them up in all of the window: their
/// places among the traces, of new ones after these.
fn candidates(
    opening: &Opening<'_>,
    traces: &Signatures,
    fresh: &[Fresh],
    wanted: &Wanted,
    words: &mut Words,
) -> Vec<Vec<u32>> {
    let mut postings = vec![Vec::new(); wanted.texts.len()];
    let counts = traces.count(&wanted.places, |entry, word| postings[word].push(entry));
    let mut terms = Vocabulary::new();
    for (text, count) in wanted.ranked(&counts) {
        let id = terms.intern(text, count.is_foreign);
        terms.set_postings(id, std::mem::take(&mut postings[wanted.places[&word_hash(text)]]));
    }
    terms.set_entries(traces.len() as u32);
    let clipped = |time: Timestamp| time.min(opening.now).as_second();
    let mut times: Vec<i64> = traces.iter().map(|trace| trace.time().min(opening.now.as_second())).collect();
    let mut partial = vec![0.0; times.len()];
    let lookback = opening.settings.lookback.as_secs();
    let mut found = Vec::with_capacity(fresh.len());
    for Fresh { entry, is_alone, .. } in fresh {
        let time = clipped(entry.time);
        let features = Features::of(&entry.title, &entry.text, entry.language.as_deref(), words, &mut terms);
        let ids = || features.terms.iter().map(|feature| feature.id());
        if *is_alone {
            found.push(Vec::new());
            ids().for_each(|id| terms.drop_unused(id));
            continue;
        }
        let probe = QueryVector::of(&features, &terms);
        found.push(sharing_most(&probe, &terms, 0, &mut partial, |at| (times[at] - time).abs() <= lookback));
        terms.add(times.len() as u32, ids());
        times.push(time);
        partial.push(0.0);
    }
    found
}

/// The entries of the window that are read: candidates, those with the address or the title of a new one, and all
/// of their stories.
fn needed(
    opening: &Opening<'_>,
    traces: &Signatures,
    fresh: &[Fresh],
    candidates: &[Vec<u32>],
) -> Result<BTreeSet<EntryNumber>, StoreError> {
    let mut found: BTreeSet<EntryNumber> = BTreeSet::new();
    let known = candidates.iter().flatten().map(|at| *at as usize).filter(|at| *at < traces.len());
    found.extend(known.map(|at| traces.get(at).number()));
    let mut addresses: HashMap<i64, usize, FixedState> = HashMap::default();
    let mut titles: HashMap<u64, usize, FixedState> = HashMap::default();
    for fresh in fresh.iter().filter(|fresh| !fresh.is_alone) {
        addresses.extend(fresh.links.iter().chain([&fresh.address]).map(|address| (*address, 0)));
        titles.insert(stable_hash(title_key(&fresh.entry.title).as_bytes()), 0);
    }
    let mut lists = addresses.clone();
    // Of each key the newest, as many as are looked at.
    let is_looked_at = |seen: Option<&mut usize>| {
        seen.is_some_and(|seen| {
            *seen += 1;
            *seen <= SAME_KEY_ENTRIES
        })
    };
    for trace in traces.iter().rev() {
        let mut is_needed = is_looked_at(addresses.get_mut(&trace.address()));
        is_needed |= is_looked_at(titles.get_mut(&trace.title()));
        for link in trace.links() {
            is_needed |= is_looked_at(lists.get_mut(&link));
        }
        if is_needed {
            found.insert(trace.number());
        }
    }
    let mut stories = BTreeSet::new();
    for number in &found {
        stories.extend(opening.batch.story_of_entry(*number)?);
    }
    for fresh in fresh {
        stories.extend(opening.batch.entries_with_address(fresh.address)?.into_iter().map(|other| other.story));
    }
    for story in stories {
        found.extend(opening.batch.story_entries_since(story, opening.since)?);
    }
    Ok(found)
}

/// Restores what was read; gives the number in the window of each entry that is compared.
fn restore(
    opening: &Opening<'_>,
    window: &mut Window,
    rows: &[(Woven, PendingEntry)],
) -> Result<HashMap<EntryNumber, u32>, StoreError> {
    let mut numbers = HashMap::new();
    for (woven, entry) in rows {
        let more = More::of(opening.batch, entry, opening.sources)?;
        let publisher = publisher(entry, opening.sources);
        let before = window.clusterer.len();
        window.restore(woven, &input(entry, &publisher, &more, opening.sources));
        if window.clusterer.len() > before {
            numbers.insert(entry.number, before as u32);
        }
    }
    Ok(numbers)
}

/// The patterns of the entries that were not read, as far as one that was read or a new one has them.
fn absent_patterns(
    traces: &Signatures,
    fresh: &[Fresh],
    rows: &[(Woven, PendingEntry)],
    numbers: &HashMap<EntryNumber, u32>,
    words: &mut Words,
) -> Vec<Patterns> {
    let read = fresh.iter().map(|fresh| &fresh.entry).chain(rows.iter().map(|(_, entry)| entry));
    let wanted: HashSet<u64, FixedState> = read.filter_map(|entry| title_patterns(entry, words)).flatten().collect();
    let absent = traces.iter().filter(|trace| !numbers.contains_key(&trace.number())).map(Signature::patterns);
    absent.filter(|patterns| patterns.iter().flatten().any(|pattern| wanted.contains(pattern))).collect()
}
