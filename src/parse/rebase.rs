//! An `xml:base` → the base of what is in its element (XML Base §3).

use url::Url;

use crate::text::{is_base, joined};

/// Longest base of relative addresses, as written.
const LONGEST_BASE_BYTES: usize = 2_048;

/// `text` resolved against `base`, if it is an address that relative ones can be resolved against.
pub(super) fn rebase(base: Option<&Url>, text: &str) -> Option<Url> {
    let url = Some(text).filter(|text| text.len() <= LONGEST_BASE_BYTES).and_then(|text| joined(text, base));
    let is_scheme = |url: &Url| matches!(url.scheme(), "http" | "https" | "ftp" | "file");
    url.filter(|url| is_scheme(url) && !url.cannot_be_a_base() && is_base(url))
}
