use std::ops::Deref;

use jiff::Timestamp;
use url::Url;

use crate::model::{Article, Markup, Person, Signal, SourceId};

/// The identity of an entry: a guid is unique only within its source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey {
    /// The source it came from.
    pub source: SourceId,
    /// RSS `guid`, Atom `id`, JSON Feed `id`, or made by the rules of `parse/guid.rs`.
    pub guid: String,
}

impl EntryKey {
    /// Whether the guid was made from the title or the text: the entry has no id and no address that would identify it.
    #[must_use]
    pub fn is_made_of_words(&self) -> bool {
        self.guid.starts_with("hash:")
    }
}

/// One post of one source as parsed: normalised, and holding nothing that the store knows better.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Source and guid.
    pub key: EntryKey,
    /// The article, absolute http(s) with a host and without user info; for a link list the linked
    /// article, not the discussion. As the source wrote it: tracking parameters are still on.
    pub url: Url,
    /// Plain text, at most 512 characters, never empty (the host if the source provided none).
    pub title: String,
    /// Where the title comes from.
    pub title_origin: TitleOrigin,
    /// The publisher's own summary, as read.
    pub summary: Option<Markup>,
    /// The text itself, as read.
    pub content: Option<Markup>,
    /// Plain text of the summary, else of the content, white space collapsed, at most 4,000 bytes:
    /// what weaving compares and excerpts are cut from.
    pub text: String,
    /// Only the beginning of the text is kept: it is the whole of nothing.
    pub is_cut: bool,
    /// When the publisher says it was published, never later than when it was read; `None`: undated, the time at which
    /// it was first seen is used instead.
    pub published: Option<Timestamp>,
    /// When it was edited: by the publisher's account, else when we saw the edit.
    pub updated: Option<Timestamp>,
    /// Who wrote it; the feed's authors if the entry names none.
    pub authors: Vec<Person>,
    /// Categories, plain text, without duplicates.
    pub categories: Vec<String>,
    /// Media files.
    pub enclosures: Vec<Enclosure>,
    /// A picture that the feed provides for it.
    pub image: Option<Url>,
    /// Language as written, the feed's if the entry names none.
    pub language: Option<String>,
    /// Rights statement of the entry.
    pub rights: Option<String>,
    /// Licence of the entry.
    pub license: Option<Url>,
    /// What it says about its rights, including all its licences.
    pub signals: Vec<Signal>,
    /// The page where it is discussed.
    pub comments: Option<Url>,
    /// The feed it was taken from, by its own account (RSS `source`, Atom `source`).
    pub via: Option<Via>,
    /// Whom it credits by its own account; `None` except for items of a woven feed, such as another feedloom's.
    pub credits: Option<Box<GivenCredits>>,
}

impl Entry {
    /// An entry of which no more is known.
    #[must_use]
    pub fn new(key: EntryKey, url: Url, title: impl Into<String>) -> Self {
        Self {
            key,
            url,
            title: title.into(),
            title_origin: TitleOrigin::Given,
            summary: None,
            content: None,
            text: String::new(),
            is_cut: false,
            published: None,
            updated: None,
            authors: Vec::new(),
            categories: Vec::new(),
            enclosures: Vec::new(),
            image: None,
            language: None,
            rights: None,
            license: None,
            signals: Vec::new(),
            comments: None,
            via: None,
            credits: None,
        }
    }

    /// The time that orders entries: when it was published, else when it was `seen`.
    #[must_use]
    pub(crate) fn time_or(&self, seen: Timestamp) -> Timestamp {
        self.published.unwrap_or(seen)
    }
}

/// An entry as the store returns it: with the time it was first seen, and with the page behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEntry {
    /// The entry itself; the `signals` below say more.
    pub entry: Entry,
    /// When we first saw it. Never changes.
    pub first_seen: Timestamp,
    /// The last good answer of its source that did not have it, or not what an edit made of it.
    pub absent: Option<Timestamp>,
    /// What was extracted from the page behind it, if the source asks for it.
    pub article: Option<Box<Article>>,
    /// Where that page was found, after redirects.
    pub page_url: Option<Url>,
    /// What the entry, its page and the response that brought the page say about its rights.
    pub signals: Vec<Signal>,
    /// All that is known of it was read from an output of ours, after the database was lost.
    pub is_recovered: bool,
}

impl Deref for StoredEntry {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        &self.entry
    }
}

impl StoredEntry {
    /// An entry without a page, first seen at the given time.
    #[must_use]
    pub fn without_page(entry: Entry, first_seen: Timestamp) -> Self {
        Self {
            first_seen,
            absent: None,
            article: None,
            page_url: None,
            signals: entry.signals.clone(),
            is_recovered: false,
            entry,
        }
    }

    /// The time that orders entries: published, else first seen. The resolution is Unix seconds.
    #[must_use]
    pub(crate) fn effective_time(&self) -> Timestamp {
        self.entry.time_or(self.first_seen)
    }

    /// The time that counts for the lead: whatever its date says, it was not told before the last answer without it.
    #[must_use]
    pub(crate) fn told(&self) -> Timestamp {
        told(self.effective_time(), self.absent)
    }
}

/// When an entry with the time `dated` was told first; `absent`: the last good answer of its source without it.
#[must_use]
pub(crate) fn told(dated: Timestamp, absent: Option<Timestamp>) -> Timestamp {
    absent.map_or(dated, |absent| absent.max(dated))
}

/// Where the title of an entry comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TitleOrigin {
    /// The source provided it.
    #[default]
    Given,
    /// Made from the start of the text, or from the host: the source provided none.
    Made,
}

/// A media file attached to an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Enclosure {
    /// Its address, absolute http(s).
    pub url: Url,
    /// Media type (`audio/mpeg`), if given.
    pub media_type: Option<String>,
    /// Length in bytes, if given as a number.
    pub length_bytes: Option<u64>,
}

/// What an item of a woven feed says about the articles behind it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GivenCredits {
    /// The outlets, the leading one first.
    pub outlets: Vec<NamedOutlet>,
    /// Where it is discussed: names and addresses.
    pub discussions: Vec<NamedPage>,
}

/// An outlet as an entry names it, with its article.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedOutlet {
    /// Its name.
    pub name: Option<String>,
    /// The address of its feed.
    pub feed: Option<Url>,
    /// Its home page.
    pub site: Option<Url>,
    /// The host of the article, if it is shown next to the name because it is not one of the outlet's own.
    pub host: Option<String>,
    /// The article.
    pub url: Url,
    /// Title of the article.
    pub title: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// The link list that brought it.
    pub via: Option<String>,
}

/// A page with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPage {
    /// Its name.
    pub name: String,
    /// Its address.
    pub url: Url,
}

/// The feed that an entry was taken from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Via {
    /// Its title.
    pub title: Option<String>,
    /// Its address.
    pub url: Option<Url>,
    /// The home page behind it.
    pub site: Option<Url>,
}
