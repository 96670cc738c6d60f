//! Pure helpers that two verbs share: HTML to text, sanitising, addresses, safe printing.

mod address;
mod hash;
mod html;
mod sanitize;
mod terminal;
mod tracking;
mod xml;

pub use hash::{Fingerprint, content_hash, short_hash};
pub use terminal::for_terminal;
pub use xml::without_illegal_xml;
