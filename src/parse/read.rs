//! Bytes → a document: refuses what its first bytes show not to be a feed, finds the text, then the format.

use std::sync::Arc;

use encoding_rs::Encoding;
use url::Url;

use super::document::Document;
use super::error::{self, ReadError};
use super::rebase::rebase;
use super::{decode, json, mend, sitemap, xml};
use crate::text::as_base;

/// What is to be read, and what is known about it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Input<'a> {
    /// The body.
    pub bytes: &'a [u8],
    /// Where it came from, after redirects.
    pub url: Option<&'a Url>,
    /// What the HTTP response says about the body.
    pub headers: Headers<'a>,
    /// Encoding from feeds.toml, which takes precedence over everything else.
    pub encoding: Option<&'static Encoding>,
    /// Base of relative addresses from feeds.toml, in place of the document's own address.
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
/// [`ReadError`] states what the bytes are instead of a feed.
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
    reader.read(decoded.encoding).or_else(|none| match none.root {
        Some(root) if sitemap::is_root(root) => sitemap::read(text, decoded.encoding, base, mend::Mends::default()),
        root => Err(error::refuse_text(text, root, base.as_deref())),
    })
}

/// feeds.toml › Content-Location › the address of the document.
fn base(input: &Input<'_>) -> Option<Arc<Url>> {
    if let Some(base) = input.base_url {
        return Some(Arc::new(base.clone()));
    }
    let located = input.headers.content_location.and_then(|text| rebase(input.url, text));
    located.or_else(|| input.url.and_then(as_base)).map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(base: &str, url: &str, entries: usize) -> (usize, usize) {
        let entry = format!("<entry>{}</entry>", "<link href=\"x\"/>".repeat(500));
        let text =
            format!("<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:base=\"{base}\">{}</feed>", entry.repeat(entries));
        let url = Url::parse(url).unwrap();
        let document = read(&Input { bytes: text.as_bytes(), url: Some(&url), ..Input::default() }).unwrap();
        let links = document.posts.iter().flat_map(|post| &post.fields.links);
        let length = links.filter_map(|link| link.href.as_ref()).map(String::len).sum();
        (document.posts.len(), length)
    }

    #[test]
    fn addresses_do_not_become_as_long_as_any_base() {
        let far = format!("https://e.org/{}/", "x".repeat(1 << 20));
        assert_eq!(links(&far, "https://e.org/feed", 20), (20, 20 * 500 * "https://e.org/x".len()));
        assert_eq!(links("", &far[..8_000], 20), (20, 20 * 500));
        assert_eq!(links(&far[..2_049], "https://e.org/feed", 1), (1, 500 * "https://e.org/x".len()));
        // What is used is weighed.
        let (entries, length) = links(&format!("{}/", &far[..2_000]), "https://e.org/feed", 1_000);
        assert!(entries < 30 && length < 30 << 20, "{entries} {length}");
    }
}
