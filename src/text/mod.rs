//! Pure helpers that two verbs share: HTML to text, sanitising, addresses, safe printing.

pub(crate) mod entities;
pub(crate) mod attrs;
mod html;
mod links;
mod blocks;
mod sanitize;
mod address;
pub(crate) mod resolve;
mod decode;
mod tracking;
mod canonical;
mod hash;
mod xml;
mod publisher;
mod css;
mod terminal;
pub(crate) mod charset;

pub use address::web_url;
pub(crate) use attrs::{Attrs, attribute_count};
pub use blocks::paragraphs;
pub use canonical::{NoAddress, address_hash, canonical, canonical_of, is_site_root, key_hash};
pub use css::{BadSelector, Selector};
pub(crate) use entities::escape_into;
pub use hash::{Fingerprint, content_hash, short_hash};
pub(crate) use html::tag_end;
pub use html::{HtmlLimits, is_harmless, plain_text, plain_text_within};
pub use links::links;
pub(crate) use publisher::publisher_of;
pub(crate) use sanitize::is_counter;
pub use sanitize::{sanitize, sanitize_to_inspect};
pub use terminal::for_terminal;
pub(crate) use tracking::is_tracking_fragment;
pub use tracking::{is_tracker, unwrap_redirect, without_tracking};
pub use xml::without_illegal_xml;
