//! Where a feed is pushed from (WebSub §4): its hubs and its own name for itself.

use url::Url;

use super::fetch::Fetched;
use crate::model::{Feed, SourceId};
use crate::store::{Batch, StoreError};
use crate::text::{header_links, web_url};

/// Hubs that are remembered of a feed.
const MOST_HUBS: usize = 8;

/// What the `Link` headers of an answer say of hubs and of the feed's own address (WebSub §4, RFC 8288). A 304 may say it, too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HubLinks {
    hubs: Vec<Url>,
    own: Option<Url>,
}

impl HubLinks {
    /// Those in `lines`, the values of the `Link` headers of an answer from `url`.
    pub(super) fn of(lines: impl Iterator<Item = impl AsRef<[u8]>>, url: &Url) -> Self {
        let links: Vec<_> = lines.flat_map(|value| header_links(&String::from_utf8_lossy(value.as_ref()))).collect();
        let of_rel = |rel: &str| -> Vec<Url> {
            let found = links.iter().filter(|link| link.rels.iter().any(|found| found == rel));
            found.filter_map(|link| web_url(&link.target, Some(url))).take(MOST_HUBS).collect()
        };
        Self { hubs: of_rel("hub"), own: of_rel("self").into_iter().next() }
    }

    /// Those of `fetched`.
    pub(super) fn of_document(fetched: &Fetched) -> Self {
        let lines = fetched.headers.iter().filter(|(name, _)| name == "link");
        Self::of(lines.map(|(_, value)| value), &fetched.url)
    }

    /// Puts them before what `feed` says.
    pub(super) fn apply(self, feed: &mut Feed) {
        let Self { hubs, own } = self;
        if !hubs.is_empty() {
            feed.hubs = hubs;
        }
        feed.self_url = own.or(feed.self_url.take());
    }

    /// Stores them before what the unchanged feed of `source` says.
    pub(super) fn save(&self, batch: &mut Batch<'_>, source: &SourceId) -> Result<(), StoreError> {
        if self.hubs.is_empty() && self.own.is_none() {
            return Ok(());
        }
        batch.save_hubs(source, &self.hubs, self.own.as_ref())
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
        HubLinks::of_document(&Fetched { url: url("https://a.example/f/x"), bytes: Vec::new(), headers })
            .apply(&mut feed);
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
