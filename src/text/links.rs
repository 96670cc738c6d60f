//! The links in HTML: where they lead to, and their texts.

use std::collections::BTreeSet;
use std::ops::Range;

use memchr::{memchr_iter, memmem};
use url::Url;

use super::address::joined;
use super::attrs::Attrs;
use super::html::{plain_text, tag_end};

/// Addresses (http, https) that the links of `html` lead to, resolved against `base`, each once, in document order;
/// at most `most`.
#[must_use]
pub(crate) fn links(html: &str, base: &Url, most: usize) -> Vec<Url> {
    let bytes = html.as_bytes();
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut attrs = Attrs::default();
    for at in memmem::find_iter(bytes, b"<") {
        let name_end = at + 2;
        let is_link = bytes.get(at + 1).is_some_and(|b| b.eq_ignore_ascii_case(&b'a'))
            && bytes.get(name_end).is_some_and(u8::is_ascii_whitespace);
        if !is_link {
            continue;
        }
        attrs.read(&html[name_end..tag_end(bytes, name_end)]);
        let Some(url) = attrs.get("href").and_then(|href| joined(&href, Some(base))) else { continue };
        if matches!(url.scheme(), "http" | "https") && url.has_host() && seen.insert(url.as_str().to_owned()) {
            found.push(url);
            if found.len() == most {
                break;
            }
        }
    }
    found
}

/// A link: where it stands in its HTML, where it leads to as written, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Anchor {
    pub(crate) at: Range<usize>,
    pub(crate) href: String,
    pub(crate) text: String,
}

/// The links of `html` that have an address and a text, in document order; one that is not closed ends with `html`.
#[must_use]
pub(crate) fn anchors(html: &str) -> Vec<Anchor> {
    let bytes = html.as_bytes();
    let mut found = Vec::new();
    let mut attrs = Attrs::default();
    let mut done = 0;
    for at in memchr_iter(b'<', bytes) {
        let name_end = at + 2;
        if at < done || !is_name(bytes, at + 1) || !bytes.get(name_end).is_some_and(u8::is_ascii_whitespace) {
            continue;
        }
        let close = tag_end(bytes, name_end);
        attrs.read(&html[name_end..close]);
        let start = (close + 1).min(bytes.len());
        let ends = memchr_iter(b'<', &bytes[start..]).map(|step| start + step);
        let end = ends.into_iter().find(|end| bytes.get(end + 1) == Some(&b'/') && is_name(bytes, end + 2));
        let inside = end.unwrap_or(bytes.len());
        done = end.map_or(bytes.len(), |end| (tag_end(bytes, end) + 1).min(bytes.len()));
        let text = plain_text(&html[start..inside]);
        if let Some(href) = attrs.filled("href").filter(|_| !text.is_empty()) {
            found.push(Anchor { at: at..done, href: href.into_owned(), text });
        }
    }
    found
}

/// Whether the name of a link's tag begins at `at`, and ends there.
fn is_name(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(|b| b.eq_ignore_ascii_case(&b'a'))
        && !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_have_places_and_texts() {
        let html = "See <a href=\"/x?a=1&amp;b\">the <b>x</b></a> of <A HREF='https://y.example/'>Y</A>.<a name=z></a> <a href=/z>z";
        let found = anchors(html);
        let shown: Vec<(&str, &str, &str)> =
            found.iter().map(|a| (a.href.as_str(), a.text.as_str(), &html[a.at.clone()])).collect();
        let want = [
            ("/x?a=1&b", "the x", "<a href=\"/x?a=1&amp;b\">the <b>x</b></a>"),
            ("https://y.example/", "Y", "<A HREF='https://y.example/'>Y</A>"),
            ("/z", "z", "<a href=/z>z"),
        ];
        assert_eq!(shown, want);
    }

    proptest::proptest! {
        #[test]
        fn no_html_panics(html in "(<|>|/|a|abbr| |href=|'|\"|&|é|x){0,40}") {
            let _ = anchors(&html);
        }
    }

    #[test]
    fn links_are_found_however_they_are_written() {
        let base = Url::parse("https://list.example/story/1").unwrap();
        let html = "<p><a href='https://a.example/1?x=1&amp;y=2'>one</a> <A\nclass=x HREF=\"/2\">two</A> <abbr>no</abbr> \
                    <a href=\"mailto:x@y.example\">mail</a> <a href='https://a.example/1?x=1&amp;y=2'>again</a><a>none</a><a ";
        let found = links(html, &base, 9);
        let found: Vec<&str> = found.iter().map(Url::as_str).collect();
        assert_eq!(found, ["https://a.example/1?x=1&y=2", "https://list.example/2"]);
        assert_eq!(links(html, &base, 1).len(), 1);
    }
}
