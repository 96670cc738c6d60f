//! The feeds that a page announces.

use serde::Serialize;

use super::page_parts::relative;
use crate::config::Format;

/// A feed that a page announces (`<link rel="alternate">`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alternate<'a> {
    /// RSS, Atom or JSON.
    pub(crate) format: Format,
    /// File name under the output folder.
    pub(crate) file: &'a str,
}

/// What a template is given of it.
#[derive(Serialize)]
pub(super) struct FeedLink {
    pub(super) name: &'static str,
    media_type: &'static str,
    href: String,
}

/// A feed beside the page, by an address relative to the page: it works on a disk as well as on a server.
pub(super) fn feed_link(page_file: &str, feed: &Alternate<'_>) -> Option<FeedLink> {
    let (name, media_type) = match feed.format {
        Format::Rss => ("RSS", "application/rss+xml"),
        Format::Atom => ("Atom", "application/atom+xml"),
        Format::Json => ("JSON Feed", "application/feed+json"),
        Format::Opml => ("OPML", "text/x-opml"),
        Format::Html | Format::About => return None,
    };
    Some(FeedLink { name, media_type, href: relative(page_file, feed.file) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_in_a_folder_finds_the_feeds_beside_it() {
        let link = |page, file| feed_link(page, &Alternate { format: Format::Rss, file }).unwrap().href;
        assert_eq!(link("index.html", "feed.xml"), "feed.xml");
        assert_eq!(link("a/b/index.html", "a/my feed.xml"), "../../a/my%20feed.xml");
        assert_eq!(link("index.html", "a?b#c:d.xml"), "a%3Fb%23c:d.xml");
    }
}
