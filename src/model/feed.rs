use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::model::{Person, Signal};

/// What a feed says about itself. Addresses are absolute http(s); texts are plain.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Feed {
    /// Atom `id`; RDF `rdf:about` of the channel.
    pub id: Option<String>,
    /// The title, plain text.
    pub title: Option<String>,
    /// The home page.
    pub link: Option<Url>,
    /// Where the feed says it lives (`rel=self`).
    pub self_url: Option<Url>,
    /// WebSub hubs (`rel=hub`).
    pub hubs: Vec<Url>,
    /// Subtitle or description, plain text.
    pub description: Option<String>,
    /// Language as written.
    pub language: Option<String>,
    /// When it says it last changed.
    pub updated: Option<Timestamp>,
    /// Copyright statement, plain text.
    pub rights: Option<String>,
    /// Licences (RFC 4946, creativeCommons, cc, dcterms): addresses, or names such as `CC BY 4.0`.
    pub licenses: Vec<String>,
    /// What wrote it.
    pub generator: Option<String>,
    /// Its picture.
    pub image: Option<Url>,
    /// Who writes there, if an entry does not say.
    pub authors: Vec<Person>,
    /// Categories of the whole feed.
    pub categories: Vec<String>,
    /// RSS `ttl` or `sy:*` as an interval: a hint about when to come back.
    pub refresh_hint: Option<SignedDuration>,
    /// RSS `skipHours`, GMT, bit `h` set for hour `h` of 0 to 23.
    pub skip_hours: u32,
    /// RSS `skipDays`, GMT, bit 0 for Monday up to bit 6 for Sunday.
    pub skip_days: u8,
    /// Whether its entries mostly link to other sites, as a link list's do; `None`: too few to tell.
    pub lists: Option<bool>,
    /// What the titles of all its entries end with, with what separates it from them; empty: nothing. `None`: too few to
    /// tell.
    pub title_tail: Option<String>,
    /// What it and the response that brought it say about its rights, except for `rights` and `licenses`.
    pub signals: Vec<Signal>,
}
