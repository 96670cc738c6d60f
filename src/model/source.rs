use std::fmt;

use jiff::SignedDuration;
use url::Url;

use crate::model::{Health, Signal};

/// The stable key of a source: 1 to 64 characters of `a-z 0-9 . _ -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(String);

/// Why a text is not a source id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id has 1 to 64 characters of a-z, 0-9, '.', '_' and '-'")]
pub struct BadSourceId;

impl SourceId {
    /// Checks `id`.
    ///
    /// # Errors
    /// [`BadSourceId`] if it is empty, longer than 64 bytes or has any other character.
    pub fn new(id: impl Into<String>) -> Result<Self, BadSourceId> {
        let id = id.into();
        let fits = (1..=64).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'));
        if fits { Ok(Self(id)) } else { Err(BadSourceId) }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a source writes its own articles or lists links to those of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SourceKind {
    /// Writes its own articles.
    #[default]
    Original,
    /// A link list (Hacker News, Lobsters, Techmeme); never leads a story that an original tells.
    Aggregator,
}

/// How much of an entry's text may be published; ordered from the loosest to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Republish {
    /// The whole text: the operator declares that this is allowed.
    Full,
    /// A plain-text excerpt of at most `excerpt_length` characters.
    #[default]
    Excerpt,
    /// Title, link and credit, no text.
    Headline,
    /// Nothing.
    Off,
}

impl Republish {
    /// As it is written in feeds.toml, in JSON and in what is stored.
    #[must_use]
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Excerpt => "excerpt",
            Self::Headline => "headline",
            Self::Off => "off",
        }
    }
}

/// How good a source's claim to its home page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteClaim {
    /// feeds.toml states it.
    Stated,
    /// Its feed says so, and nobody else does.
    Announced,
    /// Its feed says so, away from its own domain, and another source has or claims that domain too.
    Contested,
}

/// How good a source's claim to its name is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameClaim {
    /// feeds.toml states it.
    Stated,
    /// Its feed says so.
    Announced,
    /// Its feed says so, and it looks like the name of another source: its host is shown beside it.
    Alike(SourceId),
}

/// What weaving and publishing need to know about a source: its feeds.toml keys with the gaps filled
/// from the feed itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The stable key.
    pub id: SourceId,
    /// The outlet's name, as shown: `name` in feeds.toml, else the feed's own title, else the host.
    pub name: String,
    /// How good its claim to that name is.
    pub name_claim: NameClaim,
    /// The address of the feed, as written in feeds.toml. A `file:` address for a local file.
    pub feed_url: Url,
    /// The outlet's home page: `site` in feeds.toml, else the feed's own link.
    pub site: Option<Url>,
    /// How good its claim to that home page is.
    pub site_claim: SiteClaim,
    /// The house that it belongs to: all its editions are one outlet.
    pub owner: Option<String>,
    /// What it brings from several outlets counts as those outlets'.
    pub trusted: bool,
    /// Labels by which an output chooses sources.
    pub tags: Vec<String>,
    /// The larger weight leads a story. Default 1, range 0 to 100.
    pub weight: u32,
    /// Whether it writes articles or lists links.
    pub kind: SourceKind,
    /// Its entries tell that kind, not feeds.toml.
    pub is_kind_guessed: bool,
    /// At most this many of its stories in one output.
    pub max_items: Option<usize>,
    /// What is older than this when first seen is recorded but not announced; `None`: no limit.
    pub max_age: Option<SignedDuration>,
    /// How much of its text may be published; `None`: feeds.toml does not say.
    pub republish: Option<Republish>,
    /// Length limit of an excerpt in characters (Unicode scalar values). Default 280.
    pub excerpt_length: usize,
    /// The attribution line for items it leads, instead of the output's.
    pub attribution: Option<String>,
    /// A line printed above the text of items it leads (affiliate links, sponsored, machine-written).
    pub disclosure: Option<String>,
    /// Rights statement: `rights` in feeds.toml, else the feed's own.
    pub rights: Option<String>,
    /// What its feed, its responses, its robots.txt and feeds.toml say about its rights.
    pub signals: Vec<Signal>,
    /// The feed's language as written (`en-US`).
    pub language: Option<String>,
    /// How often its feed is currently fetched; `None`: not fetched yet, or a local file.
    pub asked_every: Option<SignedDuration>,
    /// Keep its entries as items of their own even if they repeat another.
    pub allow_duplicates: bool,
    /// What the titles of all entries of its feed end with: not shown.
    pub title_tail: Option<String>,
    /// How it is doing.
    pub health: Health,
}

/// A source whose feed is at `https://ID.example/feed`.
#[cfg(test)]
pub(crate) fn test_source(id: &str, more: impl FnOnce(&mut Source)) -> (SourceId, Source) {
    let mut source = Source {
        id: SourceId::new(id).unwrap(),
        name: id.to_owned(),
        name_claim: NameClaim::Announced,
        feed_url: format!("https://{id}.example/feed").parse().unwrap(),
        site: None,
        site_claim: SiteClaim::Announced,
        owner: None,
        trusted: false,
        tags: Vec::new(),
        weight: 1,
        kind: SourceKind::Original,
        is_kind_guessed: false,
        max_items: None,
        max_age: None,
        republish: None,
        excerpt_length: 280,
        attribution: None,
        disclosure: None,
        rights: None,
        signals: Vec::new(),
        language: None,
        asked_every: None,
        allow_duplicates: false,
        title_tail: None,
        health: Health::New,
    };
    more(&mut source);
    (source.id.clone(), source)
}
