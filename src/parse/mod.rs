//! Bytes → entries. Pure: no network, no clock.
//!
//! [`read`] turns the bytes of a response into a [`Document`], whatever the format and however broken;
//! [`entries`] turns that into the entries of a source. XML is read by a tolerant reader of our own
//! (`token.rs` → `xml.rs` → `fill.rs`), JSON Feed from its JSON values (`json.rs`). Both are linear in
//! the size of the document, bounded in depth, and tell in [`Mend`]s what they had to forgive.
//!
//! feedparser is the mark. It is not followed where a standard or common sense says otherwise:
//! - `text/*` without charset is not us-ascii: RFC 7303 dropped that rule of RFC 3023;
//! - one wrong byte does not turn a whole UTF-8 document into Windows-1252;
//! - entities of a DOCTYPE are not expanded, harmless ones neither;
//! - `<!…` inside HTML is a comment, as browsers have it, and MathML and SVG are not shown;
//! - a guid that is no address (`12345`) is no link, though `isPermaLink` is left out;
//! - the licence of a media file is not that of the entry.

mod capture;
mod dates;
mod decode;
mod document;
mod draft;
mod entry;
mod error;
mod fill;
mod guid;
mod head;
mod json;
mod mend;
mod names;
mod person;
mod rights;

mod start;
mod take;
mod token;
mod typed;
mod xml;

use std::sync::Arc;

use encoding_rs::Encoding;
use url::Url;

pub(crate) use dates::parse as parse_date;
pub use document::{Category, ChannelFields, Content, Document, Fields, Format, Link, Media, Post};
pub use entry::{Entries, Why, entries};
pub use error::{Announced, ReadError};
pub use mend::{Fault, Mend};

/// What is to be read, and what is known of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Input<'a> {
    /// The body.
    pub bytes: &'a [u8],
    /// Where it came from, after redirects.
    pub url: Option<&'a Url>,
    /// What HTTP said of it.
    pub headers: Headers<'a>,
    /// Encoding by feeds.toml, in place of every other word.
    pub encoding: Option<&'static Encoding>,
    /// Base of relative addresses by feeds.toml, in place of the document's own address.
    pub base_url: Option<&'a Url>,
}

/// The response headers that change how a body is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    /// `Content-Type`.
    pub content_type: Option<&'a str>,
    /// `Content-Location`.
    pub content_location: Option<&'a str>,
    /// `Content-Language`.
    pub content_language: Option<&'a str>,
}

/// Reads a feed.
///
/// # Errors
/// [`ReadError`] says what the bytes are instead of a feed.
pub fn read(input: &Input<'_>) -> Result<Document, ReadError> {
    let mut mends = mend::Mends::default();
    error::refuse_bytes(input.bytes)?;
    let base = base(input);
    let decoded = decode::decode(input.bytes, input.encoding, input.headers.content_type, &mut mends);
    let text = &*decoded.text;
    if let Some(json) = json::candidate(text) {
        return json::read(json, decoded.encoding, base, &mends);
    }
    let language = input.headers.content_language.filter(|language| !language.is_empty());
    let reader = xml::Reader::new(text, base.clone(), language, mends);
    reader.read(decoded.encoding).map_err(|none| error::refuse_text(text, none.root, base.as_deref()))
}

/// feeds.toml › Content-Location › the address of the document.
fn base(input: &Input<'_>) -> Option<Arc<Url>> {
    if let Some(base) = input.base_url {
        return Some(Arc::new(base.clone()));
    }
    let located = input.headers.content_location.and_then(|text| xml::rebase(input.url, text));
    located.or_else(|| input.url.cloned()).map(Arc::new)
}
