//! What the window of the clusterer holds: entries, stories, and what the operator corrected.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use foldhash::fast::FixedState;

use crate::model::{EntryKey, Reason, SourceKind};

use crate::weave::copies::Sketch;
use crate::weave::features::Features;
use crate::weave::input::{EntryHandle, WeaveInput};
use crate::weave::similarity::Traits;
use crate::weave::templates::Patterns;

/// What the operator states about two entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Constraint {
    /// They are one story.
    MustLink,
    /// They are two.
    CannotLink,
}

/// How the operator names an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EntryRef {
    Key(EntryKey),
    /// The hash of its canonical address.
    Address(i64),
}

/// Entries of the window by the hash of an address, oldest first.
pub(super) type Index<K> = HashMap<K, VecDeque<u32>, FixedState>;

/// The newest entry of the window by the hash of its address or its title; each names the one before it.
pub(super) type Newest<K> = HashMap<K, u32, FixedState>;

/// The number that stands for no entry.
pub(super) const NO_ENTRY: u32 = u32::MAX;

/// An entry of the window.
#[derive(Debug)]
pub(super) struct WindowEntry {
    pub(super) key: EntryKey,
    pub(super) source: u32,
    pub(super) publisher: u32,
    pub(super) story: u32,
    /// Its story no longer changes by the rules.
    pub(super) membership_fixed: bool,
    pub(super) time: i64,
    pub(super) address: i64,
    pub(super) title: u64,
    /// The entries before it that have its address and its title; they may have left the window.
    pub(super) same_address: u32,
    pub(super) same_title: u32,
    pub(super) place: u32,
    /// What its address key leaves out ([`generic_hash`](crate::text::generic_hash)); 0 where the page itself names
    /// its address.
    pub(super) generic: u32,
    pub(super) kind: SourceKind,
    /// Its source and another one call its site theirs.
    pub(super) is_contested: bool,
    /// When it came to say what it says.
    pub(super) said: i64,
    pub(super) features: Features,
    pub(super) traits: Traits,
    /// It is not in English.
    pub(super) is_foreign: bool,
    pub(super) patterns: Patterns,
    pub(super) sketch: Option<Sketch>,
    /// Addresses that the entry of a link list points to.
    pub(super) links: Box<[i64]>,
    /// The length of the vector of its words when it was last measured; 0: never measured.
    pub(super) norm: f32,
    /// Entries with which it may share a story by its words.
    pub(super) candidates: Box<[u32]>,
}

/// An entry that was placed and whose story may still change.
#[derive(Debug)]
pub(super) struct Unassigned {
    pub(super) handle: EntryHandle,
    /// Its number in the window; `None`: it is kept out of the window and has a story of its own.
    pub(super) entry: Option<u32>,
    /// The story that the certain layers assigned it to.
    pub(super) home: u32,
    /// Why, unless it opened that story.
    pub(super) certain: Option<Reason>,
    /// It has not been clustered yet.
    pub(super) is_new: bool,
}

/// A story of the window.
#[derive(Debug, Default)]
pub(super) struct StoryState {
    /// Its entries that are still in the window, in the order in which they came.
    pub(super) entries: Vec<u32>,
    /// Number of entries that it ever had.
    pub(super) size: usize,
    /// It stays whole: it is from an earlier pass, or some of its entries left the window.
    pub(super) membership_fixed: bool,
    /// Published: it keeps its number whatever comes.
    pub(super) published: bool,
    /// The entry whose title readers see, once it is published and if that is in the window.
    pub(super) title_of: Option<u32>,
}

/// An entry that looks for its story.
pub(super) struct Candidate<'a> {
    pub(super) input: &'a WeaveInput<'a>,
    pub(super) title_text: String,
    /// What will be kept of it.
    pub(super) known: WindowEntry,
    /// Stories that the operator keeps it out of.
    pub(super) refused: Vec<u32>,
}

pub(super) fn hours(seconds: i64) -> f64 {
    seconds.unsigned_abs() as f64 / 3600.0
}

/// Removes the oldest entry of the window from an index.
pub(super) fn drop_from<K: Eq + Hash>(index: &mut Index<K>, key: &K, entry: u32) {
    if let Some(entries) = index.get_mut(key) {
        if entries.front() == Some(&entry) {
            entries.pop_front();
        }
        if entries.is_empty() {
            index.remove(key);
        }
    }
}

/// Removes the oldest entry of the window from an index by the newest.
pub(super) fn drop_newest<K: Eq + Hash>(index: &mut Newest<K>, key: &K, entry: u32) {
    if index.get(key) == Some(&entry) {
        index.remove(key);
    }
}
