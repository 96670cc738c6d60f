//! Pure helpers that two verbs share: HTML to text, sanitising, addresses, safe printing.

mod address;
mod hash;
mod html;
mod sanitize;
mod terminal;
mod tracking;
mod xml;

pub(crate) use address::escaped as escaped_byte;
pub use hash::{Fingerprint, content_hash, short_hash};
pub use terminal::for_terminal;
pub(crate) use tracking::is_tracking_fragment;
pub use tracking::{is_tracker, unwrap_redirect, without_tracking};
pub use xml::without_illegal_xml;
