//! What is kept of a woven entry so that new ones can be compared with the window without reading it: hashes of
//! its words in their order, of its title, its address and its links.
//!
//! A signature is a run of bytes, all numbers little-endian: its length (2 bytes), [flags](IS_FOREIGN) (1), number of
//! links (1), of terms of the title (1), then 8 bytes each: entry, time, source, address, title, the two patterns of
//! its title (0: none), the links; then its words, 6 bytes each.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use jiff::Timestamp;

use super::exact::title_key;
use super::input::WeaveInput;
use super::similarity::{Habitual, Said, habits_of};
use super::templates::{Patterns, patterns, stable_hash};
use super::tokens::Tokens;
use super::vocabulary::{Case, Written};
use crate::model::{SourceId, SourceKind};
use crate::store::EntryNumber;
use crate::text::address_hash;

/// Flags: its words are not English; its text is reserved and was left out; its source lists; it is nobody's to join.
const IS_FOREIGN: u8 = 1;
const IS_RESERVED: u8 = 2;
const IS_LISTED: u8 = 4;
const IS_STRANGER: u8 = 8;

/// Bytes before the links, and of each word.
const HEAD: usize = 61;
const TERM: usize = 6;

/// Bits of a word's hash that are kept: a word among a million shares another's hash in one of 70 million windows.
const HASH_BITS: u32 = 46;

/// Bytes of signatures that are kept together.
const RUN_BYTES: usize = 32 * 1024;

/// The part of a term's hash that is kept.
pub(super) fn term_hash(term: &str) -> u64 {
    stable_hash(term.as_bytes()) & ((1 << HASH_BITS) - 1)
}

/// Signatures on their way into the store.
#[derive(Debug)]
pub(super) struct SignatureLog {
    runs: Vec<(Timestamp, Vec<u8>)>,
    bytes: Vec<u8>,
    newest: Timestamp,
}

impl SignatureLog {
    pub(super) fn new() -> Self {
        Self { runs: Vec::new(), bytes: Vec::new(), newest: Timestamp::MIN }
    }

    /// Adds the signature of an entry, given as it will be passed to `Clusterer::restore`.
    pub(super) fn add(&mut self, entry: &SignedEntry<'_>) {
        write(&mut self.bytes, entry);
        self.newest = self.newest.max(entry.input.time);
        if self.bytes.len() >= RUN_BYTES {
            self.end_run();
        }
    }

    /// All that were added, in runs with the time of the latest entry of each.
    pub(super) fn into_runs(mut self) -> Vec<(Timestamp, Vec<u8>)> {
        self.end_run();
        self.runs
    }

    /// All bytes so far.
    pub(super) fn bytes(&self) -> impl Iterator<Item = &[u8]> {
        self.runs.iter().map(|(_, bytes)| &bytes[..]).chain([&self.bytes[..]])
    }

    fn end_run(&mut self) {
        if !self.bytes.is_empty() {
            self.runs.push((self.newest, std::mem::take(&mut self.bytes)));
            self.newest = Timestamp::MIN;
        }
    }
}

/// An entry from which a signature is made.
pub(super) struct SignedEntry<'a> {
    pub(super) number: EntryNumber,
    pub(super) input: WeaveInput<'a>,
    pub(super) tokens: &'a Tokens,
    /// Its text is reserved and was left out.
    pub(super) is_reserved: bool,
    /// Its article is that of another source.
    pub(super) is_stranger: bool,
}

fn write(bytes: &mut Vec<u8>, entry: &SignedEntry<'_>) {
    let SignedEntry { number, input, tokens, is_reserved, is_stranger } = entry;
    let start = bytes.len();
    let is_listed = input.kind == SourceKind::Aggregator;
    let links: Vec<i64> = if is_listed { input.links.iter().take(255).map(address_hash).collect() } else { Vec::new() };
    let source = stable_hash(input.key.source.as_str().as_bytes());
    let (mut terms, mut title, mut in_title) = (Vec::with_capacity(64 * TERM), Vec::with_capacity(16), 0_u8);
    for (term, at) in tokens.iter() {
        let hash = stable_hash(term.as_bytes());
        in_title += u8::from(at.in_title);
        if at.in_title && !title.contains(&hash) {
            title.push(hash);
        }
        let term = hash & ((1 << HASH_BITS) - 1) | (at.written as u64) << HASH_BITS;
        terms.extend_from_slice(&term.to_le_bytes()[..TERM]);
    }
    let flags = (u8::from(tokens.is_foreign()) * IS_FOREIGN)
        | (u8::from(*is_reserved) * IS_RESERVED)
        | (u8::from(is_listed) * IS_LISTED)
        | (u8::from(*is_stranger) * IS_STRANGER);
    let length = HEAD + 8 * links.len() + terms.len();
    bytes.extend_from_slice(&u16::try_from(length).expect("some hundred terms and links").to_le_bytes());
    bytes.extend_from_slice(&[flags, links.len() as u8, in_title]);
    let [from, to] = patterns(source, &title).unwrap_or_default();
    let address = input.address.unwrap_or_else(|| address_hash(input.url));
    for value in [number.get(), input.time.as_second(), address].into_iter().map(i64::cast_unsigned) {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    for value in [source, stable_hash(title_key(input.title).as_bytes()), from, to] {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    links.iter().for_each(|link| bytes.extend_from_slice(&link.to_le_bytes()));
    bytes.extend_from_slice(&terms);
    debug_assert_eq!(bytes.len() - start, length);
}

/// The patterns of the title to which `tokens` belong.
pub(super) fn title_patterns(source: &SourceId, tokens: &Tokens) -> Patterns {
    let mut title = Vec::with_capacity(16);
    for (term, _) in tokens.iter().filter(|(_, at)| at.in_title) {
        let hash = stable_hash(term.as_bytes());
        if !title.contains(&hash) {
            title.push(hash);
        }
    }
    patterns(stable_hash(source.as_str().as_bytes()), &title)
}

/// The signature of one entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signature<'a>(&'a [u8]);

impl<'a> Signature<'a> {
    /// The first signature of `bytes` and its length; `None` if there is none, or none that is whole.
    fn first(bytes: &'a [u8]) -> Option<(Self, usize)> {
        let length = usize::from(u16::from_le_bytes(*bytes.first_chunk()?));
        let signature = Self(bytes.get(..length)?);
        let is_whole =
            length >= HEAD && signature.terms_at() <= length && (length - signature.terms_at()).is_multiple_of(TERM);
        is_whole.then_some((signature, length))
    }

    fn value(self, at: usize) -> u64 {
        self.0[5 + 8 * at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    fn terms_at(self) -> usize {
        HEAD + 8 * usize::from(self.0[3])
    }

    pub(super) fn number(self) -> EntryNumber {
        EntryNumber::from_raw(self.value(0).cast_signed())
    }

    pub(super) fn time(self) -> i64 {
        self.value(1).cast_signed()
    }

    pub(super) fn address(self) -> i64 {
        self.value(2).cast_signed()
    }

    /// The hash of its source's id.
    pub(super) fn source(self) -> u64 {
        self.value(3)
    }

    /// The hash of its title's key.
    pub(super) fn title(self) -> u64 {
        self.value(4)
    }

    pub(super) fn patterns(self) -> Patterns {
        let patterns = [self.value(5), self.value(6)];
        (patterns != [0, 0]).then_some(patterns)
    }

    /// How its source writes, as [`Traits`](super::similarity::Traits) has it.
    pub(super) fn habits(self) -> Habitual {
        let (mut title, mut text) = (Vec::with_capacity(16), Vec::with_capacity(32));
        for (at, (hash, _)) in self.terms().enumerate() {
            let list = if at < usize::from(self.0[4]) { &mut title } else { &mut text };
            if !list.contains(&hash) {
                list.push(hash);
            }
        }
        habits_of(Said { source: self.source(), title: &title, text: &text })
    }

    pub(super) fn links(self) -> impl Iterator<Item = i64> {
        (7..7 + usize::from(self.0[3])).map(move |at| self.value(at).cast_signed())
    }

    pub(super) fn is_reserved(self) -> bool {
        self.0[2] & IS_RESERVED != 0
    }

    pub(super) fn is_listed(self) -> bool {
        self.0[2] & IS_LISTED != 0
    }

    /// Whether its article was that of another source when it was woven.
    pub(super) fn is_stranger(self) -> bool {
        self.0[2] & IS_STRANGER != 0
    }

    fn is_foreign(self) -> bool {
        self.0[2] & IS_FOREIGN != 0
    }

    /// Its words in their order: the hash, and how it was written.
    fn terms(self) -> impl Iterator<Item = (u64, Written)> {
        self.0[self.terms_at()..].as_chunks::<TERM>().0.iter().map(|word| {
            let [a, b, c, d, e, f] = *word;
            let word = u64::from_le_bytes([a, b, c, d, e, f, 0, 0]);
            (word & ((1 << HASH_BITS) - 1), Written::from_bits(word >> HASH_BITS))
        })
    }
}

/// Where a signature is.
#[derive(Debug, Clone, Copy)]
struct Place {
    time: i64,
    number: EntryNumber,
    block: u32,
    at: u32,
}

/// The signatures of all entries of the window that are compared, in the order in which they are restored: by time,
/// then by number.
#[derive(Debug, Default)]
pub(super) struct Signatures {
    blocks: Vec<Box<[u8]>>,
    places: Vec<Place>,
}

/// How often a word occurs in the window.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    /// Entries that have it.
    pub(super) entries: u32,
    pub(super) case: Case,
    pub(super) is_foreign: bool,
    /// Its place among the words that were counted, by where each occurred first; `None`: nowhere.
    pub(super) rank: Option<u32>,
    /// One more than the entry that was counted last, and than those in which it was written so (by [`Written`]).
    last: u32,
    last_written: [u32; 3],
}

impl Signatures {
    /// Adds those signatures of a run that are of entries of `since` or later.
    pub(super) fn add(&mut self, bytes: &[u8], since: Timestamp) {
        let (block, mut at) = (self.blocks.len() as u32, 0);
        while let Some((signature, length)) = Signature::first(&bytes[at..]) {
            if signature.time() >= since.as_second() {
                let place = Place { time: signature.time(), number: signature.number(), block, at: at as u32 };
                self.places.push(place);
            }
            at += length;
        }
        self.blocks.push(bytes.into());
    }

    /// Puts them in order, and keeps for each entry only the last that was added.
    pub(super) fn sort(&mut self) {
        // Stable: the last one stays the last.
        self.places.sort_by_key(|place| (place.time, place.number));
        self.places.dedup_by(|next, kept| {
            let is_same = next.number == kept.number;
            if is_same {
                *kept = *next;
            }
            is_same
        });
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn get(&self, at: usize) -> Signature<'_> {
        self.signature(self.places[at])
    }

    fn signature(&self, place: Place) -> Signature<'_> {
        let bytes = &self.blocks[place.block as usize][place.at as usize..];
        Signature::first(bytes).expect("was found whole").0
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = Signature<'_>> + ExactSizeIterator {
        self.places.iter().map(|place| self.signature(*place))
    }

    /// Leaves out those that are not compared.
    pub(super) fn retain(&mut self, is_compared: impl Fn(Signature<'_>) -> bool) {
        let mut places = std::mem::take(&mut self.places);
        places.retain(|place| is_compared(self.signature(*place)));
        self.places = places;
    }

    /// Counts the `wanted` words (place by hash) as restoring all entries would; calls `each` with the place of
    /// every entry and every wanted word in it, once.
    pub(super) fn count(
        &self,
        wanted: &HashMap<u64, usize, FixedState>,
        mut each: impl FnMut(u32, usize),
    ) -> Vec<Count> {
        let mut counts = vec![Count::default(); wanted.len()];
        // Most words are not wanted: a bit for the low end of each wanted hash rules them out fast.
        let mut bits = vec![0_u64; 1 << (BITS - 6)];
        let row = |hash: u64| (hash >> 6) as usize % (1 << (BITS - 6));
        for hash in wanted.keys() {
            bits[row(*hash)] |= 1 << (hash & 63);
        }
        let mut ranks = 0;
        for (entry, signature) in (0_u32..).zip(self.iter()) {
            for (hash, written) in signature.terms() {
                if bits[row(hash)] >> (hash & 63) & 1 == 0 {
                    continue;
                }
                let Some(word) = wanted.get(&hash) else { continue };
                let count = &mut counts[*word];
                if count.last_written[written as usize] != entry + 1 {
                    count.last_written[written as usize] = entry + 1;
                    count.case.saw(written);
                }
                count.is_foreign |= signature.is_foreign();
                if count.rank.is_none() {
                    count.rank = Some(ranks);
                    ranks += 1;
                }
                if count.last != entry + 1 {
                    count.last = entry + 1;
                    count.entries += 1;
                    each(entry, *word);
                }
            }
        }
        counts
    }
}

/// Number of bits by which [`Signatures::count`] rules most words out.
const BITS: u32 = 18;
