//! A page as a list of articles, for a source without a feed: by the selectors of feeds.toml, or by the page's own
//! JSON-LD `ItemList` (schema.org/ItemList).

use std::sync::Arc;

use scraper::{ElementRef, Html};
use serde_json::{Map, Value};
use url::Url;

use super::facts::plain;
use super::scan::{self, Scan};
use super::{decode, jsonld, marked, rights, streamed};
use crate::config::Listing;
use crate::model::Markup;
use crate::parse::{self, Document, Fields, Format, Post, ReadError};
use crate::rights::of_page;
use crate::text::{Selector, as_base, parse_date, web_url};

/// Entries that are taken from a page; a list of news has a hundred.
const MOST_ITEMS: usize = 500;
/// Longest title and summary in characters.
const LONGEST_TITLE: usize = 512;
const LONGEST_SUMMARY: usize = 4_000;
/// Fewest entries of an `ItemList` that nobody asked for: of one, it is some page's detail.
const LEAST_LISTED: usize = 2;

/// Reads a document of a source: a feed, or the list that `listing` or the page itself says where to find.
///
/// # Errors
/// [`ReadError`], as for [`parse::read`]; [`ReadError::NoItems`] if the selector finds nothing.
pub(crate) fn read_source(input: &parse::Input<'_>, listing: Option<&Listing>) -> Result<Document, ReadError> {
    match listing {
        Some(listing) => read_list(input, Some(listing)),
        None => match parse::read(input) {
            // A page that announces a feed has something better than its list.
            Err(error @ ReadError::Page { .. }) if error.announces_nothing() => {
                read_list(input, None).map_err(|_| error)
            }
            read => read,
        },
    }
}

fn read_list(input: &parse::Input<'_>, listing: Option<&Listing>) -> Result<Document, ReadError> {
    let content_type = input.headers.content_type;
    let (html, encoding) = match input.encoding {
        Some(forced) => (forced.decode(input.bytes).0, forced.name()),
        None => decode::decode(input.bytes, content_type),
    };
    let scan = scan::scan(&html);
    let address = input.base_url.or(input.url);
    let base = scan
        .base
        .as_deref()
        .and_then(|base| web_url(base, address))
        .or_else(|| address.map(|address| as_base(address).unwrap_or_else(|| address.clone())));
    let (posts, tree) = match listing {
        Some(listing) => {
            if let Some(what) = scan.too_much {
                return Err(ReadError::TooMuch(what));
            }
            let tree = streamed::parse(&html);
            let posts = select(&tree, listing, base.as_ref());
            if posts.is_empty() {
                return Err(ReadError::NoItems { selector: listing.items.as_str().to_owned() });
            }
            (posts, Some(tree))
        }
        None => (listed(&scan, base.as_ref()), None),
    };
    if listing.is_none() && posts.len() < LEAST_LISTED {
        return Err(ReadError::NoItems { selector: "ItemList".to_owned() });
    }
    let mut head = Fields {
        title: scan.title.as_deref().and_then(|title| shortened(title, LONGEST_TITLE)).map(Markup::Text),
        link: address.map(ToString::to_string),
        language: scan.language.clone(),
        ..Fields::default()
    };
    if let Some(base) = &base {
        let marked = tree.as_ref().map(marked::marked).unwrap_or_default();
        let stated = rights::rights(&scan, &jsonld::read(&scan.json), &marked, std::iter::empty(), base);
        head.signals = of_page(&stated);
    }
    let base = base.map(Arc::new);
    Ok(Document { format: Format::Page, encoding, base, head, channel: Default::default(), posts, mended: Vec::new() })
}

/// The entries that the selectors find.
fn select(tree: &Html, listing: &Listing, base: Option<&Url>) -> Vec<Post> {
    let compiled = |selector: &Selector| scraper::Selector::parse(selector.as_str()).expect("it was checked");
    let usual = |css: &str| scraper::Selector::parse(css).expect("a selector of ours");
    let or = |own: &Option<Selector>, css: &str| own.as_ref().map_or_else(|| usual(css), compiled);
    let title = or(&listing.title, "h1, h2, h3, h4, h5, h6");
    let link = or(&listing.link, "a[href]");
    let date = or(&listing.date, "time");
    let summary = listing.summary.as_ref().map(compiled);
    let mut posts = Vec::new();
    for item in tree.select(&compiled(&listing.items)).take(MOST_ITEMS) {
        let anchor = first(item, &link);
        let Some(href) = anchor.or(Some(item)).and_then(|anchor| anchor.attr("href")) else { continue };
        let Some(url) = web_url(href, base) else { continue };
        let heading = first(item, &title).map(|heading| text_of(heading, LONGEST_TITLE));
        let heading = heading.or_else(|| anchor.or(Some(item)).map(|anchor| text_of(anchor, LONGEST_TITLE)));
        let fields = Fields {
            link: Some(url.into()),
            title: heading.flatten().map(Markup::Text),
            published: first(item, &date).and_then(date_of),
            summary: summary
                .as_ref()
                .and_then(|css| first(item, css))
                .and_then(|found| text_of(found, LONGEST_SUMMARY))
                .map(Markup::Text),
            ..Fields::default()
        };
        if fields.title.is_some() {
            posts.push(Post { fields, ..Post::default() });
        }
    }
    posts
}

/// The first element of an entry that a selector finds, or the entry itself.
fn first<'a>(item: ElementRef<'a>, css: &scraper::Selector) -> Option<ElementRef<'a>> {
    item.select(css).next().or_else(|| css.matches(&item).then_some(item))
}

fn text_of(element: ElementRef<'_>, most_chars: usize) -> Option<String> {
    let mut text = String::new();
    for piece in element.text() {
        text.push_str(piece);
        // A character has at most four bytes; white space may take as much again.
        if text.len() > most_chars * 8 {
            break;
        }
    }
    shortened(&text, most_chars)
}

/// White space collapsed, at most so long; `None` if nothing is left.
fn shortened(text: &str, most_chars: usize) -> Option<String> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = words.chars().take(most_chars).collect();
    (!text.is_empty()).then_some(text)
}

fn date_of(element: ElementRef<'_>) -> Option<jiff::Timestamp> {
    let attribute = ["datetime", "content", "title"].iter().filter_map(|name| element.attr(name)).find_map(parse_date);
    attribute.or_else(|| parse_date(&text_of(element, 100)?))
}

/// The entries of the page's longest `ItemList`.
fn listed(scan: &Scan<'_>, base: Option<&Url>) -> Vec<Post> {
    let documents = jsonld::values(&scan.json);
    let lists = jsonld::nodes(&documents).into_iter().filter(|node| jsonld::has_type(node, "ItemList"));
    let posts = lists.map(|list| {
        let elements = list.get("itemListElement").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        elements.iter().take(MOST_ITEMS).filter_map(|element| listed_post(element.as_object()?, base)).collect()
    });
    posts.max_by_key(|posts: &Vec<Post>| posts.len()).unwrap_or_default()
}

/// A `ListItem`, or what it lists.
fn listed_post(element: &Map<String, Value>, base: Option<&Url>) -> Option<Post> {
    let item = element.get("item").and_then(Value::as_object);
    let both = || item.into_iter().chain([element]);
    let text = |keys: &[&str]| both().find_map(|node| keys.iter().find_map(|key| jsonld::text(node.get(*key)?)));
    // `item` may be the address itself.
    let address = text(&["url", "@id"]).or_else(|| jsonld::text(element.get("item")?))?;
    let fields = Fields {
        link: Some(web_url(&address, base)?.into()),
        title: Some(Markup::Text(shortened(&plain(&text(&["headline", "name"])?), LONGEST_TITLE)?)),
        published: text(&["datePublished", "dateCreated"]).as_deref().and_then(parse_date),
        summary: text(&["description"]).and_then(|text| shortened(&plain(&text), LONGEST_SUMMARY)).map(Markup::Text),
        ..Fields::default()
    };
    Some(Post { fields, ..Post::default() })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn listing(items: &str, more: [Option<&str>; 4]) -> Listing {
        let css = |css: Option<&str>| css.map(|css| Selector::new(css).unwrap());
        let [title, link, date, summary] = more.map(css);
        Listing { items: Selector::new(items).unwrap(), title, link, date, summary }
    }

    fn read(html: &str, listing: Option<&Listing>) -> Result<Document, ReadError> {
        let url = Url::parse("https://a.example/news/").unwrap();
        read_source(&parse::Input { bytes: html.as_bytes(), url: Some(&url), ..parse::Input::default() }, listing)
    }

    /// Each entry as `link|title|date|summary`.
    #[track_caller]
    fn check(html: &str, listing: Option<&Listing>, want: &[&str]) {
        let document = read(html, listing).unwrap();
        let text = |value: &Option<Markup>| value.as_ref().map(|value| value.raw().to_owned()).unwrap_or_default();
        let one = |post: &Post| {
            let fields = &post.fields;
            let date = fields.published.map(|at| at.to_string()).unwrap_or_default();
            format!("{}|{}|{date}|{}", fields.link.as_deref().unwrap(), text(&fields.title), text(&fields.summary))
        };
        assert_eq!(document.posts.iter().map(one).collect::<Vec<_>>(), want, "{html}");
    }

    #[test]
    fn selectors_find_what_they_are_for() {
        let html = "<title>News of A</title><div class=row><b class=t>Owls\n juggle</b><a class=more href=../owls>more</a>\
            <i>2 March 2026</i><p>They do.</p></div><div class=row><b class=t>No link</b></div>\
            <div class=row><a class=more href='https://b.example/kites'>x</a><b class=t>Kites</b></div>";
        let all = listing("div.row", [Some(".t"), Some("a.more"), Some("i"), Some("p")]);
        check(
            html,
            Some(&all),
            &["https://a.example/owls|Owls juggle|2026-03-02T00:00:00Z|They do.", "https://b.example/kites|Kites||"],
        );
        let document = read(html, Some(&all)).unwrap();
        assert_eq!(document.head.title, Some(Markup::Text("News of A".to_owned())));
    }

    #[test]
    fn headings_links_and_times_are_found_by_themselves() {
        let items = listing("article, li > a", [None; 4]);
        let html = "<base href='/x/'><article><h2>Owls</h2><time datetime='2026-03-02T10:00:00Z'>today</time><a href=1>read</a></article>\
            <ul><li><a href=2>Kites <em>fly</em></a></ul><article><a href='mailto:x@y.z'>Mail</a></article><article><a href=3></a></article>";
        check(
            html,
            Some(&items),
            &["https://a.example/x/1|Owls|2026-03-02T10:00:00Z|", "https://a.example/x/2|Kites fly||"],
        );
    }

    #[test]
    fn an_item_list_is_read_by_itself_where_no_feed_is_announced() {
        let list = r#"<html><script type="application/ld+json">{"@graph":[{"@type":"BreadcrumbList","itemListElement":[{"@type":"ListItem","name":"Home","item":"/"},{"@type":"ListItem","name":"News","item":"/news"},{"@type":"ListItem","name":"X","item":"/x"}]},
            {"@type":"ItemList","itemListElement":[
            {"@type":"ListItem","position":1,"url":"/owls","name":"Owls juggle"},
            {"@type":"ListItem","item":{"@type":"NewsArticle","url":"https://a.example/kites","headline":"Kites &amp; <b>co</b>","datePublished":"2026-03-02","description":"Up."}},
            {"@type":"ListItem","name":"Choir","item":"/choir"},
            {"@type":"ListItem","url":"/nameless"}, 7]}]}</script>"#;
        let want = [
            "https://a.example/owls|Owls juggle||",
            "https://a.example/kites|Kites & co|2026-03-02T00:00:00Z|Up.",
            "https://a.example/choir|Choir||",
        ];
        check(list, None, &want);
        let feed = "<link rel=alternate type='application/rss+xml' href=/feed>";
        assert!(matches!(read(&list.replace("<html>", feed), None), Err(ReadError::Page { .. })));
        assert!(matches!(read("<html><p>no list", None), Err(ReadError::Page { .. })));
        assert!(read("<rss version='2.0'><channel><title>T</title></channel></rss>", None).is_ok());
    }

    #[test]
    fn a_selector_that_finds_nothing_is_told() {
        let error = read("<p>x", Some(&listing("article", [None; 4]))).unwrap_err();
        assert_eq!(error.to_string(), "nothing on the page matches items = \"article\"");
    }

    #[test]
    fn rights_that_the_page_states_are_kept() {
        let html = "<meta name=tdm-reservation content=1><article><h2>T</h2><a href=1>x</a></article>";
        assert_eq!(read(html, Some(&listing("article", [None; 4]))).unwrap().head.signals.len(), 1);
    }

    #[test]
    fn hostile_pages_are_bounded() {
        let began = Instant::now();
        let items = listing("div div p a", [None, None, None, Some("div > p ~ p")]);
        let deep = "<div>".repeat(300_000);
        let wide = "<div><div><p><a href=x>t</a></p></div></div>".repeat(60_000);
        let broken = "<b><i><a href=x>".repeat(100_000);
        let long = format!("<article><h2>{}</h2><a href=1>x</a></article>", "w ".repeat(1_000_000));
        for html in [&deep, &wide, &broken] {
            assert!(matches!(read(html, Some(&items)), Err(ReadError::TooMuch(_) | ReadError::NoItems { .. })));
        }
        let long = read(&long, Some(&listing("article", [None; 4]))).unwrap();
        assert!(long.posts[0].fields.title.as_ref().unwrap().raw().chars().count() <= LONGEST_TITLE);
        let many = format!("<ul>{}</ul>", "<li><a href=x>t</a>".repeat(5_000));
        assert_eq!(read(&many, Some(&listing("li", [None; 4]))).unwrap().posts.len(), MOST_ITEMS);
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }
}
