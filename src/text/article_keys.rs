//! The keys under which one article may be found.

use std::collections::BTreeSet;

use url::Url;

use super::canonical::{canonical, is_site_root};
use super::wrapped::wrapped_addresses;

/// Parameters that choose how an article is shown, not which.
const WAYS_TO_SHOW: [&str; 24] = [
    "all",
    "amp",
    "amp_gsa",
    "amp_js_v",
    "amp_lite",
    "comments",
    "full",
    "fullpage",
    "format",
    "mobile",
    "mode",
    "output",
    "page",
    "paged",
    "pagewanted",
    "pg",
    "print",
    "printable",
    "replytocom",
    "share",
    "show",
    "singlepage",
    "usqp",
    "view",
];

/// Endings that only say what kind of file an article is.
const KINDS_OF_FILE: [&str; 6] = [".amp.html", ".amp", ".htm", ".html", ".shtml", ".xhtml"];

/// Canonical keys of `url`, of the same article shown in another way (one page of it, for print, in other case), and of
/// what it shows if it is an archive, a translation or a cache. Two addresses that share a key lead to the same article.
pub(crate) fn article_keys(url: &Url) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for url in std::iter::once(url).chain(&wrapped_addresses(url)) {
        keys.insert(canonical(url));
        let shown = shown_plainly(url);
        let plain = canonical(&shown);
        if !is_site_root(&plain) {
            if shown.query().is_none() {
                // Queries and short codes tell articles apart by case.
                keys.extend(Some(plain.to_lowercase()).filter(|_| has_words(&shown)));
            }
            keys.insert(plain);
        }
    }
    keys
}

fn shown_plainly(url: &Url) -> Url {
    let mut plain = url.clone();
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .into_owned()
        .filter(|(name, _)| !WAYS_TO_SHOW.contains(&name.to_ascii_lowercase().as_str()))
        .collect();
    plain.set_query(None);
    if !kept.is_empty() {
        plain.query_pairs_mut().extend_pairs(kept);
    }
    let path = plain.path().trim_end_matches('/');
    let mut parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        [.., "page", number] if number.bytes().all(|b| b.is_ascii_digit()) => parts.truncate(parts.len() - 2),
        [.., "print" | "amp"] => parts.truncate(parts.len() - 1),
        _ => {}
    }
    let path = parts.join("/");
    let kind = KINDS_OF_FILE.iter().find(|kind| path.len() > kind.len() && path.to_ascii_lowercase().ends_with(**kind));
    plain.set_path(kind.map_or(&path, |kind| &path[..path.len() - kind.len()]));
    plain
}

/// Whether the last part of a path is a title rather than a code: words with hyphens between them.
fn has_words(url: &Url) -> bool {
    url.path().rsplit('/').next().is_some_and(|last| last.matches(['-', '_']).count() >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &str, b: &str, want: bool) {
        let keys = |text: &str| article_keys(&Url::parse(text).unwrap());
        assert_eq!(!keys(a).is_disjoint(&keys(b)), want, "{a} and {b}: {:?} {:?}", keys(a), keys(b));
    }

    #[test]
    fn other_ways_to_show_an_article_share_a_key_with_it() {
        let article = "https://a.example/news/tidal";
        for other in [
            "http://www.a.example/news/tidal/",
            "https://a.example/news/tidal?page=1",
            "https://a.example/news/tidal?print=1&page=2",
            "https://a.example/news/tidal/page/2",
            "https://a.example/news/tidal/print",
            "https://a.example/news/tidal.html",
            "https://a.example/news/tidal.amp.html",
            "https://a-example.cdn.ampproject.org/v/s/a.example/news/tidal?amp_js_v=0.1&usqp=mq331AQ",
            "https://a.example/news/tidal?utm_source=x&view=full",
            "https://web.archive.org/web/2026/https://a.example/news/tidal?page=2",
        ] {
            check(article, other, true);
        }
    }

    #[test]
    fn titles_are_the_same_in_any_case_and_codes_are_not() {
        check("https://a.example/2026/Tidal-Power-Opens", "https://a.example/2026/tidal-power-opens.html", true);
        check("https://a.example/s/AbCdE", "https://a.example/s/abcde", false);
        check("https://a.example/the-long-read?v=AbC", "https://a.example/the-long-read?v=abc", false);
    }

    #[test]
    fn other_articles_do_not() {
        check("https://a.example/news/1.html", "https://a.example/news/2.html", false);
        check("https://a.example/news/tidal", "https://a.example/news/tides", false);
        check("https://a.example/item?id=1", "https://a.example/item?id=2", false);
        check("https://a.example/item?id=1&page=2", "https://a.example/item?id=2&page=2", false);
        check("https://a.example/?page=2", "https://a.example/?page=3", false);
        check("https://a.example/", "https://a.example/?page=3", false);
    }
}
