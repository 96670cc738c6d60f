//! What relative addresses of an entry's media and inside its texts are resolved against if no `xml:base` states it.
//!
//! Publishers write them for the page of the entry: a picture next to it is named by its file name alone. So
//! they are resolved against the entry's own page, else the site; the feed's address, often on another host, is the
//! last resort.

use std::cell::LazyCell;

use url::Url;

use super::document::{Fields, Post};
use crate::model::{Markup, SignalKind};
use crate::text::{has_scheme, is_feed_host, publisher_of, resolve, web_url};

/// What resolving adds to all texts of a document, in bytes; those of the entries after that stay as they are.
const MOST_ADDED_BYTES: usize = 20 * 1024 * 1024;

/// Resolves the addresses in the texts of `head` and `posts`, of a document that came from `document`.
pub(super) fn resolve_texts(head: &mut Fields, posts: &mut [Post], document: Option<&Url>) {
    let mut added = 0;
    for post in posts {
        let before = length(post);
        resolve_post(post, head.link.as_deref(), document);
        added += length(post).saturating_sub(before);
        if added > MOST_ADDED_BYTES {
            break;
        }
    }
    let site = head.link.as_deref().and_then(|link| web_url(link, document));
    resolve_in(head, |_| site.clone(), document);
}

/// Resolves the addresses in the texts of `post`, of a site whose address is written `site`.
pub(super) fn resolve_post(post: &mut Post, site: Option<&str>, document: Option<&Url>) {
    let page = |addresses: &Addresses<'_>| {
        let site = site.and_then(|link| web_url(link, document));
        addresses.page(site.as_ref(), document).or(site)
    };
    resolve_in(&mut post.fields, page, document);
    if let Some(source) = &mut post.source {
        resolve_in(source, |_| None, document);
    }
}

/// What addresses in the texts of an entry with `fields` are resolved against, of a document with the head `head`.
pub(super) fn page_of(fields: &Fields, head: &Fields, document: Option<&Url>) -> Option<Url> {
    let site = head.link.as_deref().and_then(|link| web_url(link, document));
    let Fields { original_link, link, id, .. } = fields;
    let addresses = Addresses { original_link: original_link.as_deref(), link: link.as_deref(), id: id.as_deref() };
    addresses.page(site.as_ref(), document).or(site).or_else(|| document.cloned())
}

/// How long the texts of `post` are.
fn length(post: &Post) -> usize {
    let of = |fields: &Fields| {
        let texts = [&fields.title, &fields.summary, &fields.rights].into_iter().flatten();
        texts.chain(fields.contents.iter().map(|content| &content.value)).map(|text| text.raw().len()).sum::<usize>()
    };
    of(&post.fields) + post.source.as_deref().map_or(0, of)
}

/// The addresses that an entry gives for itself, as written.
#[derive(Debug)]
struct Addresses<'a> {
    original_link: Option<&'a str>,
    link: Option<&'a str>,
    id: Option<&'a str>,
}

impl Addresses<'_> {
    /// The page of the entry: of its addresses the first of the site's own publisher, else the first.
    fn page(&self, site: Option<&Url>, document: Option<&Url>) -> Option<Url> {
        let id = self.id.filter(|id| id.starts_with("http://") || id.starts_with("https://"));
        let written = [self.original_link, self.link, id].into_iter().flatten();
        let mut pages = written.filter_map(|address| web_url(address, document)).filter(|url| !is_feed_host(url));
        let first = pages.next()?;
        let Some(site) = site else { return Some(first) };
        if is_of(&first, site) {
            return Some(first);
        }
        let of_site = pages.find(|url| is_of(url, site));
        Some(of_site.unwrap_or(first))
    }
}

/// Resolves the addresses in the texts of `fields` against `page`, else `document`. Most texts hold no relative ones;
/// the base is determined only if one does.
fn resolve_in(fields: &mut Fields, page: impl Fn(&Addresses<'_>) -> Option<Url>, document: Option<&Url>) {
    let Fields { original_link, link, id, title, summary, rights, contents, .. } = fields;
    let Fields { images, small_images, enclosures, signals, .. } = fields;
    let addresses = Addresses { original_link: original_link.as_deref(), link: link.as_deref(), id: id.as_deref() };
    let base = LazyCell::new(|| page(&addresses));
    let media = images.iter_mut().chain(small_images).chain(enclosures.iter_mut().map(|media| &mut media.url));
    let withheld = signals.iter_mut().filter(|signal| signal.kind == SignalKind::MediaRestriction);
    let withheld = withheld.map(|signal| &mut signal.value).filter(|value| *value != "*");
    for address in media.chain(withheld).filter(|address| !has_scheme(address)) {
        *address = resolve::address(address, base.as_ref().or(document));
    }
    let texts = [title, summary, rights].into_iter().flatten();
    for text in texts.chain(contents.iter_mut().map(|content| &mut content.value)) {
        if let Markup::Html(html) = text {
            *html = resolve::html_lazily(std::mem::take(html), || base.as_ref().or(document));
        }
    }
}

fn is_of(url: &Url, site: &Url) -> bool {
    let publisher = |url: &Url| url.host_str().map(|host| publisher_of(host).unwrap_or(host).to_owned());
    publisher(url) == publisher(site)
}

#[cfg(test)]
mod tests {
    use super::super::document::Media;
    use super::*;
    use crate::model::{Origin, Signal};

    #[track_caller]
    fn check(link: &str, id: &str, site: &str, want: &str) {
        let html = || Some(Markup::Html("<img src=\"x.png\">".to_owned()));
        let mut head = Fields { link: Some(site.to_owned()).filter(|site| !site.is_empty()), ..Fields::default() };
        let fields = Fields {
            link: Some(link.to_owned()).filter(|link| !link.is_empty()),
            id: Some(id.to_owned()).filter(|id| !id.is_empty()),
            summary: html(),
            ..Fields::default()
        };
        let mut posts = [Post { fields, ..Post::default() }];
        let document = Url::parse("https://feeds.example.net/x/index.xml").unwrap();
        resolve_texts(&mut head, &mut posts, Some(&document));
        let want = format!("<img src=\"{want}\">");
        assert_eq!(posts[0].fields.summary.as_ref().map(Markup::raw), Some(&*want), "{link} {id} {site}");
    }

    #[test]
    fn media_count_from_the_page_too_and_what_withholds_them() {
        let media = |url: &str| Media { url: url.to_owned(), media_type: None, length: None };
        let withheld = |value: &str| Signal::new(SignalKind::MediaRestriction, Origin::Entry, value);
        let fields = Fields {
            link: Some("https://blog.example/p/1/".to_owned()),
            images: vec!["i.jpg".to_owned(), "https://cdn.example/j.jpg".to_owned()],
            enclosures: vec![media("/a.mp3")],
            signals: vec![withheld("/a.mp3"), withheld("*")],
            ..Fields::default()
        };
        let mut posts = [Post { fields, ..Post::default() }];
        let document = Url::parse("https://feeds.example.net/x/index.xml").unwrap();
        resolve_texts(&mut Fields::default(), &mut posts, Some(&document));
        let fields = &posts[0].fields;
        assert_eq!(fields.images, ["https://blog.example/p/1/i.jpg", "https://cdn.example/j.jpg"]);
        assert_eq!(fields.enclosures[0].url, "https://blog.example/a.mp3");
        assert_eq!(fields.signals, [withheld("https://blog.example/a.mp3"), withheld("*")]);
    }

    #[test]
    fn what_resolving_adds_to_a_document_is_bounded() {
        let html = "<a href=x>y</a>".repeat(30);
        let link = Some(format!("https://blog.example/{}/", "x".repeat(2_000)));
        let post = || Post {
            fields: Fields { link: link.clone(), summary: Some(Markup::Html(html.clone())), ..Fields::default() },
            ..Post::default()
        };
        let mut posts: Vec<Post> = (0..5_000).map(|_| post()).collect();
        resolve_texts(&mut Fields::default(), &mut posts, None);
        let all: usize = posts.iter().map(length).sum();
        assert!(all < MOST_ADDED_BYTES + 5_000 * html.len() + 100_000, "{all}");
        assert!(length(&posts[0]) > 50_000 && length(&posts[4_999]) == html.len());
    }

    #[test]
    fn addresses_count_from_the_page_then_from_the_site_then_from_the_feed() {
        let site = "https://blog.example/";
        check("https://blog.example/p/1/", "7", site, "https://blog.example/p/1/x.png");
        check("", "https://blog.example/p/2/", site, "https://blog.example/p/2/x.png");
        check("", "7", site, "https://blog.example/x.png");
        check("", "7", "", "https://feeds.example.net/x/x.png");
        // A link list: the entry's own page is its guid.
        check("https://far.example/story", "https://blog.example/p/3/", site, "https://blog.example/p/3/x.png");
        check("https://far.example/story/", "7", site, "https://far.example/story/x.png");
        check("https://feeds.feedburner.com/~r/blog/~3/1", "7", site, "https://blog.example/x.png");
    }
}
