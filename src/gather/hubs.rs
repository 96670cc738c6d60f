//! Where a feed is pushed from (WebSub §4): its hubs and its own name for itself.

use url::Url;

use super::fetch::Fetched;
use crate::model::Feed;
use crate::text::{header_links, web_url};

/// Hubs that are remembered of a feed.
const MOST_HUBS: usize = 8;

/// What the `Link` headers of the answer say of hubs and of the feed's own address goes before what the feed says.
pub(super) fn discover_hubs(feed: &mut Feed, fetched: &Fetched) {
    let lines = fetched.headers.iter().filter(|(name, _)| name == "link");
    let links: Vec<_> = lines.flat_map(|(_, value)| header_links(&String::from_utf8_lossy(value))).collect();
    let of_rel = |rel: &str| -> Vec<Url> {
        let found = links.iter().filter(|link| link.rels.iter().any(|found| found == rel));
        found.filter_map(|link| web_url(&link.target, Some(&fetched.url))).take(MOST_HUBS).collect()
    };
    let hubs = of_rel("hub");
    if !hubs.is_empty() {
        feed.hubs = hubs;
    }
    if let Some(own) = of_rel("self").into_iter().next() {
        feed.self_url = Some(own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[&str], want: (&[&str], Option<&str>)) {
        let url = |text: &str| Url::parse(text).unwrap();
        let mut feed = Feed {
            hubs: vec![url("https://in.example/hub")],
            self_url: Some(url("https://in.example/feed")),
            ..Feed::default()
        };
        let headers = lines.iter().map(|line| ("link".to_owned(), line.as_bytes().to_vec())).collect();
        discover_hubs(&mut feed, &Fetched { url: url("https://a.example/f/x"), bytes: Vec::new(), headers });
        let hubs: Vec<&str> = feed.hubs.iter().map(Url::as_str).collect();
        assert_eq!((hubs.as_slice(), feed.self_url.as_ref().map(Url::as_str)), want, "{lines:?}");
    }

    #[test]
    fn headers_go_before_the_document() {
        let inside = (&["https://in.example/hub"][..], Some("https://in.example/feed"));
        check(&[], inside);
        check(&["<https://h.example/>; rel=next, <javascript:x>; rel=hub, <mailto:a@b.example>; rel=self"], inside);
        check(&["<https://h.example/>; rel=\"hub\""], (&["https://h.example/"], inside.1));
        check(&["</self>; rel=self"], (inside.0, Some("https://a.example/self")));
        check(
            &["<https://h.example/>; rel=hub", "<https://i.example/>; rel=hub, <y>; rel=self, <z>; rel=self"],
            (&["https://h.example/", "https://i.example/"], Some("https://a.example/f/y")),
        );
    }
}
