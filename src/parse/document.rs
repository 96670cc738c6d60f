//! What a feed document says, format aside: nothing is required, nothing is dropped.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use super::mend::Mend;
use crate::model::{GivenCredits, Markup, Person, Signal};

/// Entries read from one document: no feed has that many, a hostile one may have millions, and an entry costs
/// a kilobyte at least.
pub(super) const MOST_ENTRIES: usize = 25_000;

/// The family of formats a document belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// RSS 0.91 to 0.94 and 2.0.
    Rss,
    /// RSS 0.90, 1.0 and 1.1.
    Rdf,
    /// Atom 0.3 and 1.0.
    Atom,
    /// Channel Definition Format (1997).
    Cdf,
    /// JSON Feed 1.0 and 1.1.
    Json,
    /// A news sitemap.
    Sitemap,
    /// A page as a list.
    Page,
}

impl Format {
    /// Its name in `inspect --json`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Rdf => "rdf",
            Self::Atom => "atom",
            Self::Cdf => "cdf",
            Self::Json => "json",
            Self::Sitemap => "sitemap",
            Self::Page => "page",
        }
    }
}

/// A feed as read.
#[derive(Debug)]
pub struct Document {
    /// The format.
    pub format: Format,
    /// The encoding the bytes were read in, a WHATWG name or `UTF-32LE` / `UTF-32BE`.
    pub encoding: &'static str,
    /// The base of relative addresses: xml:base of the root, else where the bytes came from.
    pub base: Option<Arc<Url>>,
    /// What it says about itself.
    pub head: Fields,
    /// What only a feed has.
    pub channel: ChannelFields,
    /// Its entries, in document order.
    pub posts: Vec<Post>,
    /// What was mended.
    pub mended: Vec<Mend>,
}

/// One entry as read.
#[derive(Debug, Default)]
pub struct Post {
    /// What it says about itself.
    pub fields: Fields,
    /// The feed it was taken from.
    pub source: Option<Box<Fields>>,
    /// Whom it credits, if it is an item of another feedloom instance and says so in JSON.
    pub(crate) credits: Option<Box<GivenCredits>>,
    /// The document ends inside this entry: the next poll brings it whole.
    pub cut_short: bool,
}

/// What a feed, an entry or the `source` of an entry says about itself. Addresses are resolved but may be
/// of any scheme.
#[derive(Debug, Default)]
pub struct Fields {
    /// The id, resolved if it is an address.
    pub id: Option<String>,
    /// The id as written, if resolving changed it.
    pub id_as_written: Option<String>,
    /// The guid says that it is the entry's address.
    pub(crate) id_is_permalink: bool,
    /// The title.
    pub title: Option<Markup>,
    /// The page.
    pub link: Option<String>,
    /// The page behind a redirector (`feedburner:origLink`).
    pub(crate) original_link: Option<String>,
    /// Every link.
    pub links: Vec<Link>,
    /// Summary of an entry, description of a feed.
    pub summary: Option<Markup>,
    /// The texts of an entry, best first.
    pub(crate) contents: Vec<Content>,
    /// First published.
    pub published: Option<Timestamp>,
    /// Last changed.
    pub updated: Option<Timestamp>,
    /// When it was created.
    pub(crate) created: Option<Timestamp>,
    /// Who wrote it.
    pub authors: Vec<Person>,
    /// Who helped.
    pub(crate) contributors: Vec<Person>,
    /// Who runs it (`webMaster`, `dc:publisher`, `itunes:owner`).
    pub publishers: Vec<Person>,
    /// Categories.
    pub categories: Vec<Category>,
    /// Media files.
    pub enclosures: Vec<Media>,
    /// Pictures, best first.
    pub(crate) images: Vec<String>,
    /// Pictures that are said to be too small for a story, for want of any other.
    pub(crate) small_images: Vec<String>,
    /// Atom `icon`.
    pub(crate) icon: Option<String>,
    /// Atom `logo`.
    pub(crate) logo: Option<String>,
    /// Language as written.
    pub language: Option<String>,
    /// Rights statement.
    pub rights: Option<Markup>,
    /// Licences: addresses, or names such as `CC BY 4.0`.
    pub licenses: Vec<String>,
    /// What else it says about its rights.
    pub signals: Vec<Signal>,
    /// The page where it is discussed.
    pub comments: Option<String>,
    /// What wrote it.
    pub generator: Option<String>,
    /// Its base for relative addresses.
    pub base: Option<Arc<Url>>,
}

/// What only a feed has.
#[derive(Debug, Default)]
pub struct ChannelFields {
    /// RSS `ttl` as written, minutes.
    pub ttl: Option<String>,
    /// `sy:updatePeriod` in hours.
    pub(crate) period_hours: Option<u32>,
    /// `sy:updateFrequency`: times per period.
    pub frequency: Option<u32>,
    /// RSS `skipHours`, bit `h` for hour `h`.
    pub skip_hours: u32,
    /// RSS `skipDays`, bit 0 for Monday.
    pub skip_days: u8,
}

/// A link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// Where to.
    pub href: Option<String>,
    /// What for; `alternate` if not stated.
    pub rel: Cow<'static, str>,
    /// Media type.
    pub media_type: Option<Cow<'static, str>>,
    /// Title.
    pub title: Option<String>,
    /// Language of its target.
    pub(crate) hreflang: Option<String>,
    /// Length as written.
    pub length: Option<String>,
}

/// A text with its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    /// The text; empty if only `src` is given.
    pub(crate) value: Markup,
    /// Media type.
    pub(crate) media_type: Cow<'static, str>,
    /// Where the text is found instead.
    pub(crate) src: Option<String>,
}

/// A category.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Category {
    /// The category.
    pub term: Option<String>,
    /// Where the term is from.
    pub scheme: Option<String>,
    /// For human readers.
    pub(crate) label: Option<String>,
}

/// A media file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Media {
    /// Its address.
    pub url: String,
    /// Media type.
    pub media_type: Option<String>,
    /// Length as written.
    pub length: Option<String>,
}
