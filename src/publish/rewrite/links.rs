//! HTML with no link but to the articles that it was made from.

use std::collections::BTreeSet;

use url::Url;

use crate::text::{Attrs, canonical, plain_text, tag_end};

/// `html` (sanitised) with links to `allowed` alone: what was in another one stays as text, pictures and bare addresses
/// of elsewhere go.
pub(super) fn only_links_to(allowed: &BTreeSet<String>, html: &str) -> String {
    let bytes = html.as_bytes();
    let mut out = String::with_capacity(html.len());
    let (mut rest_at, mut unwrapped) = (0, false);
    while let Some(step) = html[rest_at..].find('<') {
        let tag = rest_at + step;
        out.push_str(&without_addresses(allowed, &html[rest_at..tag]));
        let end = (tag_end(bytes, tag + 1) + 1).min(html.len());
        let whole = &html[tag..end];
        let name = whole.trim_start_matches(['<', '/']);
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
        match (name, whole.starts_with("</")) {
            ("img", _) => {}
            ("a", false) => {
                let mut attrs = Attrs::default();
                attrs.read(whole.trim_start_matches("<a").trim_end_matches('>'));
                let href = attrs.get("href").and_then(|href| Url::parse(&href).ok());
                unwrapped = !href.is_some_and(|href| leads_to(allowed, &href));
                out.push_str(if unwrapped { "" } else { whole });
            }
            ("a", true) => {
                out.push_str(if unwrapped { "" } else { whole });
                unwrapped = false;
            }
            _ => out.push_str(whole),
        }
        rest_at = end;
    }
    out.push_str(&without_addresses(allowed, &html[rest_at..]));
    out
}

fn leads_to(allowed: &BTreeSet<String>, url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && allowed.contains(&canonical(url))
}

/// A text without addresses of elsewhere: readers make links of them.
pub(super) fn without_addresses(allowed: &BTreeSet<String>, text: &str) -> String {
    if !text.contains("://") && !text.to_ascii_lowercase().contains("www.") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        if is_foreign(allowed, word) {
            let space = word.len() - word.trim_end().len();
            out.push_str(&word[word.len() - space..]);
        } else {
            out.push_str(word);
        }
    }
    out
}

/// Whether a word holds an address that is none of `allowed`.
fn is_foreign(allowed: &BTreeSet<String>, word: &str) -> bool {
    let word = plain_text(word);
    let lower = word.to_ascii_lowercase();
    let Some(at) = ["http://", "https://", "www."].into_iter().filter_map(|start| lower.find(start)).min() else {
        return lower.contains("://");
    };
    let address = word[at..].trim_end_matches(|c: char| ".,;:!?)]}>\"'»”’".contains(c));
    let address = if lower[at..].starts_with("www.") { format!("https://{address}") } else { address.to_owned() };
    !Url::parse(&address).is_ok_and(|url| leads_to(allowed, &url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, want: &str) {
        let allowed = BTreeSet::from([canonical(&Url::parse("https://a.example/story?id=1").unwrap())]);
        assert_eq!(only_links_to(&allowed, html), want);
    }

    #[test]
    fn other_links_become_text_and_own_ones_stay() {
        check("<p>plain &amp; simple</p>", "<p>plain &amp; simple</p>");
        check(
            "<p><a href=\"https://a.example/story?id=1\">own</a> <a href=\"https://s.example/\"><b>other</b></a> end</p>",
            "<p><a href=\"https://a.example/story?id=1\">own</a> <b>other</b> end</p>",
        );
        check(
            "<p><a href=\"https://www.a.example/story?id=1&amp;utm_source=x\" rel=\"nofollow\">x</a></p>",
            "<p><a href=\"https://www.a.example/story?id=1&amp;utm_source=x\" rel=\"nofollow\">x</a></p>",
        );
        check("<p><a href=\"mailto:x@s.example\">mail</a><a>none</a></p>", "<p>mailnone</p>");
        check("<p>see <img src=\"https://a.example/story?id=1\" alt=\"a\">it</p>", "<p>see it</p>");
        check("<p><abbr title=\"x\">A</abbr></p>", "<p><abbr title=\"x\">A</abbr></p>");
    }

    #[test]
    fn addresses_in_the_text_are_links_to_readers() {
        check("<p>see https://s.example/x. Then</p>", "<p>see  Then</p>");
        check("<p>(www.s.example) or HTTPS://S.example</p>", "<p> or </p>");
        check("<p>see https://a.example/story?id=1.</p>", "<p>see https://a.example/story?id=1.</p>");
        check("<p>ftp://s.example and 1://2</p>", "<p> and </p>");
        check("<p>www is old</p>", "<p>www is old</p>");
    }
}
