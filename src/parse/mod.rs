//! Bytes → entries. Pure: no network, no clock.
//!
//! [`read()`] turns the bytes of a response into a [`Document`], whatever the format and however broken;
//! [`entries`] turns that into the entries of a source. XML is read by a tolerant reader of our own
//! (`token.rs` → `xml.rs` → `fill.rs`), JSON Feed from its JSON values (`json.rs`). Both are linear in
//! the size of the document, bounded in depth, and list in `Mend`s what they had to forgive.
//!
//! feedparser is the benchmark. It is not followed where a standard or common sense says otherwise:
//! - `text/*` without charset is not us-ascii: RFC 7303 dropped that rule of RFC 3023;
//! - one wrong byte does not turn a whole UTF-8 document into Windows-1252;
//! - entities of a DOCTYPE are not expanded, not even harmless ones;
//! - `<!…` inside HTML is a comment, as in browsers, and MathML and SVG are not shown;
//! - a guid that is not an address (`12345`) is not a link, even if `isPermaLink` is left out;
//! - the licence of a media file is not that of the entry.

mod read;
mod error;
mod decode;
mod mend;
mod token;
mod xml;
mod capture;
mod names;
mod fill;
mod start;
mod take;
mod title;
mod typed;
mod draft;
mod person;
mod document;
mod weight;
mod limits;
mod json;
mod sitemap;
mod language;
mod bases;
mod rebase;
mod head;
mod title_tail;
mod submission;
mod credits;
mod authors;
mod entry;
mod plain;
mod private;
mod guid;
mod rights;
mod opml;

pub(crate) use document::{Category, Content, Fields, Link, Media, Post};
pub use document::{Document, Format};
pub use entry::{Entries, Why, entries};
pub(crate) use error::AnnouncedFeed;
pub use error::ReadError;
pub(crate) use guid::guid_of_address;
pub(crate) use mend::Fault;
pub(crate) use opml::{Opml, OpmlFeed, read_opml};
pub use read::{Headers, Input, read};
