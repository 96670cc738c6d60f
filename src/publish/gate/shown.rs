//! The items that a feed of ours shows, as it shows them.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::read_back::story_of;
use crate::config::Format;
use crate::text::{page_elements, plain_text};

/// An item as readers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShownItem {
    /// The id of its story.
    pub(crate) story: String,
    /// The id that the feed gives it.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) link: String,
    /// Plain text; may be empty.
    pub(crate) summary: String,
    pub(crate) date: Option<Timestamp>,
    /// What its author slots say: the outlet first.
    pub(crate) authors: Vec<String>,
    /// The other outlets that it credits, with their addresses; of RSS none.
    pub(crate) others: Vec<(String, String)>,
}

/// The items of a feed in `format`, in its order; none if it is not one that we wrote.
pub(crate) fn shown_items(format: Format, bytes: &[u8]) -> Vec<ShownItem> {
    match format {
        Format::Json => of_json(bytes).unwrap_or_default(),
        Format::Rss | Format::Atom => of_xml(bytes),
        Format::Html | Format::Opml | Format::About => Vec::new(),
    }
}

fn of_json(bytes: &[u8]) -> Option<Vec<ShownItem>> {
    let document: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let items = document.get("items")?.as_array()?.iter();
    Some(
        items
            .filter_map(|item| {
                let field = |name: &str| item.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
                let id = field("id")?;
                Some(ShownItem {
                    story: story_of(&id),
                    title: field("title").unwrap_or_default(),
                    link: field("url")?,
                    summary: field("summary").or_else(|| field("content_text")).unwrap_or_default(),
                    date: field("date_published").and_then(|date| date.parse().ok()),
                    id,
                    authors: listed(item.get("authors")).filter_map(|author| text_in(author, "name")).collect(),
                    others: listed(item.get("_feedloom").and_then(|ours| ours.get("sources")))
                        .skip(1)
                        .filter_map(|source| Some((text_in(source, "name")?, text_in(source, "url")?)))
                        .collect(),
                })
            })
            .collect(),
    )
}

fn listed(value: Option<&serde_json::Value>) -> impl Iterator<Item = &serde_json::Value> {
    value.and_then(serde_json::Value::as_array).into_iter().flatten()
}

fn text_in(value: &serde_json::Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

fn of_xml(bytes: &[u8]) -> Vec<ShownItem> {
    let Some(feed) = parsed(bytes) else { return Vec::new() };
    let of_entry = |entry: feed_rs::model::Entry| {
        let text = |text: Option<feed_rs::model::Text>| text.map_or_else(String::new, |text| plain_text(&text.content));
        let date = entry.published.or(entry.updated).map(|date| date.timestamp());
        let related = entry.links.iter().filter(|link| link.rel.as_deref() == Some("related"));
        let others = related.map(|link| (link.title.clone().unwrap_or_else(|| link.href.clone()), link.href.clone()));
        Some(ShownItem {
            others: others.collect(),
            authors: entry.authors.into_iter().filter_map(|author| author.name).collect(),
            story: story_of(&entry.id),
            title: text(entry.title),
            link: entry.links.into_iter().next()?.href,
            summary: text(entry.summary),
            date: date.and_then(|seconds| Timestamp::from_second(seconds).ok()),
            id: entry.id,
        })
    };
    feed.entries.into_iter().filter_map(of_entry).collect()
}

/// The items of a feed in `format`, each with every address that its text links to; none if it is not one that we wrote.
pub(in crate::publish) fn shown_links(format: Format, bytes: &[u8]) -> Vec<(ShownItem, BTreeSet<String>)> {
    let links = |body: String| {
        let elements = page_elements(&body).into_iter().filter(|element| element.name == "a");
        elements.filter_map(|a| Some(a.attribute("href")?.to_owned())).collect()
    };
    let (items, bodies) = (shown_items(format, bytes), bodies(format, bytes));
    if items.len() == bodies.len() {
        items.into_iter().zip(bodies.into_iter().map(links)).collect()
    } else {
        Vec::new()
    }
}

/// The texts of the items of a feed, as HTML.
fn bodies(format: Format, bytes: &[u8]) -> Vec<String> {
    if format == Format::Json {
        let document: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
        let body = |item: &serde_json::Value| item["content_html"].as_str().unwrap_or_default().to_owned();
        return document["items"].as_array().into_iter().flatten().map(body).collect();
    }
    let body = |entry: feed_rs::model::Entry| {
        let content = entry.content.and_then(|content| content.body);
        content.or_else(|| Some(entry.summary?.content)).unwrap_or_default()
    };
    parsed(bytes).map(|feed| feed.entries.into_iter().map(body).collect()).unwrap_or_default()
}

/// A feed of ours as another parser reads it. It panics on some broken documents.
fn parsed(bytes: &[u8]) -> Option<feed_rs::model::Feed> {
    std::panic::catch_unwind(|| feed_rs::parser::parse(bytes)).ok()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_of_a_feed_shows_the_same() {
        let json = br#"{"items":[{"id":"tag:x.example,2026:s/abc","url":"https://a.example/1","title":"A & B","summary":"Words","date_published":"2026-11-27T12:00:00Z","authors":[{"name":"Outlet"}],"_feedloom":{"sources":[{"name":"Outlet","url":"https://a.example/1"},{"name":"B","url":"https://b.example/2"}]}}]}"#;
        let rss = b"<rss version=\"2.0\"><channel><title>T</title><item><title>A &amp;amp; B</title><link>https://a.example/1</link>\
            <description>Words</description><guid isPermaLink=\"false\">tag:x.example,2026:s/abc</guid>\
            <pubDate>Fri, 27 Nov 2026 12:00:00 GMT</pubDate><dc:creator xmlns:dc=\"http://purl.org/dc/elements/1.1/\">Outlet</dc:creator></item></channel></rss>";
        let atom = b"<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>T</title><id>x</id><updated>2026-11-27T12:00:00Z</updated>\
            <entry><id>tag:x.example,2026:s/abc</id><title>A &amp; B</title><link href=\"https://a.example/1\"/><summary>Words</summary>\
            <author><name>Outlet</name></author>\
            <link rel=\"related\" title=\"B\" href=\"https://b.example/2\"/><published>2026-11-27T12:00:00Z</published><updated>2026-11-27T12:00:00Z</updated></entry></feed>";
        let want = ShownItem {
            story: "abc".to_owned(),
            id: "tag:x.example,2026:s/abc".to_owned(),
            title: "A & B".to_owned(),
            link: "https://a.example/1".to_owned(),
            summary: "Words".to_owned(),
            date: Some("2026-11-27T12:00:00Z".parse().unwrap()),
            authors: vec!["Outlet".to_owned()],
            others: vec![("B".to_owned(), "https://b.example/2".to_owned())],
        };
        for (format, bytes) in [(Format::Json, &json[..]), (Format::Rss, rss), (Format::Atom, atom)] {
            let mut want = want.clone();
            want.others.retain(|_| format != Format::Rss);
            assert_eq!(shown_items(format, bytes), [want], "{format:?}");
        }
        for format in [Format::Json, Format::Rss, Format::Atom, Format::Html] {
            assert!(shown_items(format, b"<html>").is_empty());
        }
    }
}
