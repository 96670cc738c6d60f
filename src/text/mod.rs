//! Pure helpers that two verbs share: HTML to text, sanitising, addresses, safe printing.

mod address;
pub(crate) mod attrs;
pub(crate) mod entities;
mod hash;
mod html;
pub(crate) mod resolve;
mod sanitize;
mod terminal;
mod tracking;
mod xml;

pub use address::web_url;
pub use hash::{content_hash, short_hash};
pub use html::{HtmlLimits, is_harmless, plain_text, plain_text_within};
pub use sanitize::{sanitize, sanitize_to_inspect};
pub use terminal::for_terminal;
pub use xml::without_illegal_xml;
