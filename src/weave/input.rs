//! What the clusterer is given and what it answers.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::config::{SameStory, WeaveConfig};
use crate::model::{EntryKey, Reason, Source, SourceKind};
use crate::text::publisher_of;

use super::copies::Sketch;

/// How the clusterer works; the same for a whole pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How eagerly entries become one story.
    pub same_story: SameStory,
    /// How far apart in time two entries of one story may be. Default 72 h.
    pub lookback: SignedDuration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { same_story: SameStory::default(), lookback: SignedDuration::from_hours(72) }
    }
}

impl From<&WeaveConfig> for Settings {
    fn from(config: &WeaveConfig) -> Self {
        Self { same_story: config.same_story, lookback: config.lookback }
    }
}

/// What weaving reads of an entry and its source; borrowed, so that nothing is copied.
#[derive(Debug, Clone, Copy)]
pub struct WeaveInput<'a> {
    /// Source and guid.
    pub key: &'a EntryKey,
    /// Who published the article: its registrable domain, or the source for a link list.
    pub publisher: &'a str,
    /// The article.
    pub url: &'a Url,
    /// The hash of its canonical address ([`address_hash`](crate::text::address_hash)), if it is known.
    pub address: Option<i64>,
    /// Articles that a link list's entry points to in its text; ignored for originals.
    pub links: &'a [Url],
    /// Plain text.
    pub title: &'a str,
    /// Plain text: the summary, otherwise the beginning of the content.
    pub text: &'a str,
    /// Sketch of its full text, if that is stored and long enough: copies are recognised by it.
    pub sketch: Option<&'a Sketch>,
    /// Language as written (`de-AT`); `None`: guessed from its most common words.
    pub language: Option<&'a str>,
    /// Whether its source writes or lists.
    pub kind: SourceKind,
    /// The effective time, never later than the caller's now.
    pub time: Timestamp,
    /// When it came to say what it says: when it joined its story, or was edited after that; now, if it is new.
    pub said: Timestamp,
    /// Its source calls the article's site its own, and so does another one: nobody knows whose it is.
    pub is_contested: bool,
    /// Keep it a story of its own, whatever it repeats.
    pub allow_duplicates: bool,
}

/// Who published an entry: the registrable domain of its article (so that a site's five feeds count as
/// one voice), or the source's id for a link list, which only points at it.
#[must_use]
pub(super) fn publisher_name(url: &Url, source: &Source) -> String {
    match source.kind {
        SourceKind::Aggregator => source.id.as_str().to_owned(),
        SourceKind::Original => {
            publisher_of(url.host_str().unwrap_or_default()).unwrap_or_else(|| source.id.as_str()).to_owned()
        }
    }
}

/// A story as the clusterer numbers it: dense, from 0, for as long as the clusterer lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct StoryHandle(pub(super) u32);

impl StoryHandle {
    /// The number, as an index into what the caller keeps alongside.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// An entry as the clusterer numbers it: in the order in which it was placed, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryHandle(pub(super) u32);

impl EntryHandle {
    /// The number, as an index into what the caller keeps alongside.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// An entry was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// The entry.
    pub entry: EntryHandle,
    /// The certain layers found its story.
    pub(crate) is_certain: bool,
    /// They found one that is too large to grow without an operator's correction.
    pub(crate) is_stopped: bool,
    /// Another source took its address along to another story.
    pub(crate) is_told_otherwise: bool,
}

/// What clustering found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Clustering {
    /// The places of all entries whose stories were not certain to stay, in the order in which they came. A
    /// story is opened by the first of its entries.
    pub placed: Vec<Placement>,
    /// Earlier stories that turned out to be the same as others; never one that
    /// [`Clusterer::mark_published`](super::Clusterer::mark_published) was called for.
    pub(crate) absorbed: Vec<Absorbed>,
    /// Stories that would have grown too large without an operator's correction, once for each time.
    pub stopped: Vec<StoryHandle>,
    /// Entries of unpublished stories that most others of their story do not resemble.
    pub(crate) unlike: BTreeSet<EntryKey>,
}

/// Where an entry belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct Placement {
    /// The entry.
    pub entry: EntryHandle,
    /// Its story: a new one if `reason` is [`Reason::Opened`].
    pub story: StoryHandle,
    /// Why it is there.
    pub reason: Reason,
    /// Stories that it nearly joined, nearest first, at most three: shown by `why`, never merged. Reported
    /// once.
    pub related: Vec<Related>,
}

impl Placement {
    /// Whether it opened its story.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.reason, Reason::Opened)
    }
}

/// A story that turned out to be the same as another one: its id is an alias.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Absorbed {
    /// The story that no longer exists.
    pub(crate) gone: StoryHandle,
    /// The one that has its entries.
    pub(crate) into: StoryHandle,
    /// Why.
    pub(crate) reason: Reason,
}

/// A near miss.
#[derive(Debug, Clone, PartialEq)]
pub struct Related {
    /// The story of the other entry.
    pub story: StoryHandle,
    /// The nearest entry there.
    pub nearest: EntryKey,
    /// Similarity with that story, 0 to 1.
    pub score: f64,
    /// The rarest shared words, at most six, rarest first.
    pub shared: Vec<String>,
}

/// The operator's corrections of pairs of entries: they take precedence over every score.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Constraints {
    /// Pairs that are one story.
    pub must: Vec<(EntryKey, EntryKey)>,
    /// Pairs that are never one story.
    pub cannot: Vec<(EntryKey, EntryKey)>,
    /// Pairs of canonical addresses whose entries are one story.
    pub(crate) must_addresses: Vec<(String, String)>,
    /// Pairs of canonical addresses whose entries are never one story.
    pub(crate) cannot_addresses: Vec<(String, String)>,
}
