//! The targets of the links in HTML.

use std::collections::BTreeSet;

use memchr::memmem;
use url::Url;

use super::address::joined;
use super::attrs::Attrs;
use super::html::tag_end;

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

#[cfg(test)]
mod tests {
    use super::*;

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
