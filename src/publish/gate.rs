//! The gate in front of the files: a document is parsed back strictly and compared with what was
//! meant and with what was published last.

use std::collections::BTreeSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::rendered::{Expected, Holds, Rendered};
use crate::config::Format;
use crate::text::without_illegal_xml;

/// Why a document is not published; the old one stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// A strict parser does not take it: a fault in feedloom.
    #[error("the new document cannot be parsed back: {0}")]
    Unreadable(String),
    /// An item or its link is not found in it: a fault in feedloom.
    #[error("the new document lacks the item {story} or its link to {link}")]
    Missing {
        /// Id of the story.
        story: String,
        /// Address of the original article.
        link: String,
    },
    /// Nothing is in it.
    #[error("the new document is empty, the last one had {before} items (--allow-shrink publishes it once)")]
    Empty {
        /// Items in the last one.
        before: usize,
    },
    /// Too many items are gone that no rule leaves out.
    #[error("{lost} of {before} items are gone without a reason (--allow-shrink publishes it once)")]
    Shrunken {
        /// Items in the last one.
        before: usize,
        /// Items of the last one that are neither here nor left out by a rule.
        lost: usize,
    },
}

/// Whether the document can be read and holds what was meant.
pub(super) fn check_document(rendered: &Rendered) -> Result<(), GateError> {
    let found = read_back(Form::of(rendered), &rendered.bytes).map_err(GateError::Unreadable)?;
    if rendered.format == Format::Html && rendered.holds == Holds::Items {
        return check_page(rendered, &found);
    }
    if found.len() != rendered.items {
        return Err(GateError::Unreadable(format!("{} items instead of {}", found.len(), rendered.items)));
    }
    let mut found: BTreeSet<_> = found.into_iter().collect();
    if matches!(rendered.format, Format::Rss | Format::Atom | Format::Json) {
        let seen = read_as_a_reader(&rendered.bytes).map_err(GateError::Unreadable)?;
        found.retain(|item| seen.contains(item));
    }
    match rendered.expected.iter().find(|expected| !found.contains(expected)) {
        Some(Expected { story, link }) => Err(GateError::Missing { story: story.clone(), link: link.clone() }),
        None => Ok(()),
    }
}

/// Whether a page, be it made by a template of the operator's own, has every item with a link to its
/// original, and nothing else that looks like one.
fn check_page(rendered: &Rendered, found: &[Expected]) -> Result<(), GateError> {
    let marked: BTreeSet<&str> = found.iter().map(|item| item.story.as_str()).collect();
    let missing = |item: &Expected| GateError::Missing { story: item.story.clone(), link: item.link.clone() };
    if let Some(item) = rendered.expected.iter().find(|item| !found.contains(item)) {
        return Err(missing(item));
    }
    if marked.len() != rendered.items {
        return Err(GateError::Unreadable(format!("{} items instead of {}", marked.len(), rendered.items)));
    }
    Ok(())
}

/// The items that feed-rs finds, a reader which shares no code with our writers. It is known to panic on
/// some documents: on ours it must not, and if it does the document is not published.
fn read_as_a_reader(bytes: &[u8]) -> Result<BTreeSet<Expected>, String> {
    let feed = std::panic::catch_unwind(|| feed_rs::parser::parse(bytes))
        .map_err(|_| "feed-rs panics on it".to_owned())?
        .map_err(|error| format!("feed-rs cannot read it: {error}"))?;
    let items = feed.entries.into_iter().flat_map(|entry| {
        let story = story_of(&entry.id);
        entry.links.into_iter().map(move |link| Expected { story: story.clone(), link: link.href })
    });
    Ok(items.collect())
}

/// Whether the document may follow `previous`, the one that is public now.
///
/// Items that a rule leaves out (age, number) are no loss, nor is a rise. A previous document that
/// cannot be read stops nothing.
pub(super) fn check_shrink(rendered: &Rendered, previous: &[u8]) -> Result<(), GateError> {
    let Ok(old) = read_back(Form::of(rendered), previous) else { return Ok(()) };
    let before = count_of(&old, rendered.format);
    if rendered.items >= before {
        return Ok(());
    }
    let here: BTreeSet<&str> = rendered.expected.iter().map(|item| item.story.as_str()).collect();
    let kept = |story: &str| {
        here.contains(story) || rendered.left_out.contains_key(story) || rendered.taken_down.contains(story)
    };
    let lost = match (rendered.holds, rendered.format) {
        // Sources come and go by feeds.toml alone: that is meant.
        (Holds::List, _) => 0,
        (Holds::Items, format) => {
            let gone: Vec<Expected> = old.into_iter().filter(|item| !kept(&item.story)).collect();
            count_of(&gone, format)
        }
    };
    if rendered.items == 0 && lost > 0 {
        return Err(GateError::Empty { before });
    }
    #[expect(clippy::cast_precision_loss, reason = "at most 300 items")]
    if lost as f64 > before as f64 * rendered.max_shrink {
        return Err(GateError::Shrunken { before, lost });
    }
    Ok(())
}

/// Whether `previous`, the document that is public now, has an item that takedowns touch.
pub(super) fn shows_taken_down(rendered: &Rendered, previous: &[u8]) -> bool {
    read_back(Form::of(rendered), previous)
        .is_ok_and(|old| old.iter().any(|item| rendered.taken_down.contains(&item.story)))
}

/// Whether the document is not empty where `previous`, the one that is public now, is not.
pub(super) fn check_empty(rendered: &Rendered, previous: &[u8]) -> Result<(), GateError> {
    let before = read_back(Form::of(rendered), previous).map_or(0, |mut old| {
        old.retain(|item| !rendered.taken_down.contains(&item.story));
        count_of(&old, rendered.format)
    });
    if rendered.items == 0 && before > 0 { Err(GateError::Empty { before }) } else { Ok(()) }
}

/// How many items were found: of a page each is found once for each of its links.
fn count_of(found: &[Expected], format: Format) -> usize {
    match format {
        Format::Html => found.iter().map(|item| &item.story).collect::<BTreeSet<_>>().len(),
        _ => found.len(),
    }
}

/// How a document is read back.
#[derive(Debug, Clone, Copy)]
struct Form {
    format: Format,
    holds: Holds,
}

impl Form {
    fn of(rendered: &Rendered) -> Self {
        Self { format: rendered.format, holds: rendered.holds }
    }
}

/// The items of a document that we wrote, or what is wrong with it.
fn read_back(form: Form, bytes: &[u8]) -> Result<Vec<Expected>, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    if without_illegal_xml(text).len() != text.len() {
        return Err("a character that XML forbids".to_owned());
    }
    match (form.format, form.holds) {
        (Format::Rss | Format::Atom | Format::Opml, _) => read_xml(form.format, text),
        (Format::Json, _) => read_json(text),
        (Format::Html, Holds::Items) => read_page(text),
        (Format::Html, Holds::List) | (Format::About, _) => read_list(text),
    }
}

fn story_of(id: &str) -> String {
    id.rsplit('/').next().unwrap_or_default().to_owned()
}

fn read_json(text: &str) -> Result<Vec<Expected>, String> {
    let document: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let items = document.get("items").and_then(serde_json::Value::as_array).ok_or("no list of items")?;
    let field = |item: &serde_json::Value, name: &str| item.get(name)?.as_str().map(str::to_owned);
    items
        .iter()
        .map(|item| Some(Expected { story: story_of(&field(item, "id")?), link: field(item, "url")? }))
        .collect::<Option<_>>()
        .ok_or_else(|| "an item without id or url".to_owned())
}

/// A page is read by its marks, `id="s-STORY"` and the links behind each: HTML needs no strict parser, and
/// nothing active may be in it. One [`Expected`] for each link of each item.
fn read_page(text: &str) -> Result<Vec<Expected>, String> {
    check_html(text)?;
    marked(text)
}

/// A page that is a list has a mark `id="of-NAME"` for each of its lines.
fn read_list(text: &str) -> Result<Vec<Expected>, String> {
    check_html(text)?;
    let marks = text.split(" id=\"of-").skip(1).map(|part| part.split('"').next().unwrap_or_default());
    Ok(marks.map(|name| Expected { story: name.to_owned(), link: String::new() }).collect())
}

/// A page that is whole and has nothing active in it.
fn check_html(text: &str) -> Result<(), String> {
    if !text.starts_with("<!doctype html>") || !text.trim_end().ends_with("</html>") {
        return Err("a page that was cut".to_owned());
    }
    if let Some(tag) = ["<script", "<iframe", "<object", "<embed", "<form"].iter().find(|tag| text.contains(**tag)) {
        return Err(format!("{tag} in a page"));
    }
    Ok(())
}

fn marked(text: &str) -> Result<Vec<Expected>, String> {
    let mut found = Vec::new();
    for part in text.split(" id=\"s-").skip(1) {
        let (story, rest) = part.split_once('"').ok_or("an id that does not end")?;
        for address in rest.split(" href=\"").skip(1) {
            let link = address.split('"').next().unwrap_or_default();
            let link = quick_xml::escape::unescape(link).map_err(|error| error.to_string())?.into_owned();
            found.push(Expected { story: story.to_owned(), link });
        }
        if found.last().is_none_or(|last| last.story != story) {
            return Err(format!("the item {story} without a link"));
        }
    }
    if text.matches("<article").count() != text.matches("</article>").count() {
        return Err("articles that do not end".to_owned());
    }
    Ok(found)
}

fn read_xml(format: Format, text: &str) -> Result<Vec<Expected>, String> {
    let mut reading =
        Reading { format, path: Vec::new(), prefixes: BTreeSet::new(), id: None, link: None, found: Vec::new() };
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = true;
    config.check_comments = true;
    let mut roots = 0;
    loop {
        let at = reader.buffer_position();
        let wrong = |what: String| format!("{what} at byte {at}");
        match reader.read_event().map_err(|error| wrong(error.to_string()))? {
            Event::Start(tag) => {
                roots += usize::from(reading.path.is_empty());
                reading.open(&tag).map_err(wrong)?;
            }
            Event::Empty(tag) => {
                roots += usize::from(reading.path.is_empty());
                reading.open(&tag).map_err(wrong)?;
                reading.close();
            }
            Event::End(_) => reading.close(),
            Event::Text(text) => reading.text(&text.xml10_content()).map_err(wrong)?,
            Event::CData(text) => reading.text(&text.xml10_content()).map_err(wrong)?,
            Event::GeneralRef(name) => {
                let whole = format!("&{};", &*name.xml10_content());
                let value = quick_xml::escape::unescape(&whole).map_err(|error| wrong(error.to_string()))?;
                if without_illegal_xml(&value).len() != value.len() {
                    return Err(wrong("a reference to a character that XML forbids".to_owned()));
                }
                reading.text(&value).map_err(wrong)?;
            }
            Event::Eof => break,
            Event::Decl(_) if at == 0 => {}
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {
                return Err(wrong("something that we never write".to_owned()));
            }
        }
    }
    if roots != 1 || !reading.path.is_empty() {
        return Err("a document that does not end".to_owned());
    }
    Ok(reading.found)
}

/// What has been read of an XML document.
struct Reading {
    format: Format,
    path: Vec<String>,
    prefixes: BTreeSet<String>,
    id: Option<String>,
    link: Option<String>,
    found: Vec<Expected>,
}

impl Reading {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        let name = tag.name().as_ref().to_owned();
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .map_err(|error| error.to_string())?
                .into_owned();
            attributes.push((attribute.key.as_ref().to_owned(), value));
        }
        let declared = attributes.iter().filter_map(|(name, _)| name.strip_prefix("xmlns:")).map(str::to_owned);
        self.prefixes.extend(declared);
        let names = std::iter::once(&name).chain(attributes.iter().map(|(name, _)| name));
        for prefix in names.filter_map(|name| name.split_once(':')).map(|(prefix, _)| prefix) {
            if !matches!(prefix, "xml" | "xmlns") && !self.prefixes.contains(prefix) {
                return Err(format!("the undeclared prefix {prefix}"));
            }
        }
        self.path.push(name);
        let value = |name: &str| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        match (self.format, self.here().as_str()) {
            (Format::Opml, "opml/body/outline") => {
                self.found.push(Expected { story: String::new(), link: value("xmlUrl").unwrap_or_default() });
            }
            (Format::Atom, "feed/entry/link") if value("rel").as_deref() == Some("alternate") => {
                self.link = value("href");
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        match (self.format, self.here().as_str()) {
            (_, "") if !text.trim().is_empty() => return Err("text outside of the document".to_owned()),
            (Format::Rss, "rss/channel/item/guid") | (Format::Atom, "feed/entry/id") => {
                self.id.get_or_insert_default().push_str(text);
            }
            (Format::Rss, "rss/channel/item/link") => self.link.get_or_insert_default().push_str(text),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self) {
        if matches!(self.here().as_str(), "rss/channel/item" | "feed/entry") {
            let story = story_of(&self.id.take().unwrap_or_default());
            self.found.push(Expected { story, link: self.link.take().unwrap_or_default() });
        }
        self.path.pop();
    }

    fn here(&self) -> String {
        self.path.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items_of(format: Format) -> Form {
        Form { format, holds: Holds::Items }
    }

    const RSS: &str = "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:dc=\"d\"><channel><title>t</title><item><link>https://e.org/</link>\
        <guid>tag:e.org,2026:s/abc</guid><dc:creator a=\"1\">x &amp; y</dc:creator></item></channel></rss>";
    const ATOM: &str = "<feed><id>tag:e.org,2026:f</id><entry><id>tag:e.org,2026:s/abc</id>\
        <link rel=\"related\" href=\"https://o.org/\"/><link rel=\"alternate\" href=\"https://e.org/?a=1&amp;b\"/></entry></feed>";

    fn found(story: &str, link: &str) -> Vec<Expected> {
        vec![Expected { story: story.to_owned(), link: link.to_owned() }]
    }

    #[test]
    fn ids_and_links_are_read_back() {
        assert_eq!(read_back(items_of(Format::Rss), RSS.as_bytes()), Ok(found("abc", "https://e.org/")));
        assert_eq!(read_back(items_of(Format::Atom), ATOM.as_bytes()), Ok(found("abc", "https://e.org/?a=1&b")));
        let json = br#"{"items": [{"id": "tag:e.org,2026:s/abc", "url": "https://e.org/"}]}"#;
        assert_eq!(read_back(items_of(Format::Json), json), Ok(found("abc", "https://e.org/")));
        let page =
            "<!doctype html><article id=\"s-abc\"><h2><a href=\"https://e.org/?a=1&#38;b\">t</a></h2></article></html>";
        assert_eq!(read_back(items_of(Format::Html), page.as_bytes()), Ok(found("abc", "https://e.org/?a=1&b")));
        let opml = "<opml><body><outline xmlUrl=\"https://e.org/\"/><outline text=\"x\"/></body></opml>";
        assert_eq!(read_back(Form { format: Format::Opml, holds: Holds::List }, opml.as_bytes()).unwrap().len(), 2);
    }

    #[test]
    fn what_a_strict_parser_refuses_is_refused() {
        for (from, to) in [
            ("</item>", "</itemx>"),
            ("</rss>", ""),
            ("</rss>", "</rss><rss></rss>"),
            ("</rss>", "</rss>text"),
            ("&amp;", "&nbsp;"),
            ("&amp;", "&#1;"),
            ("&amp;", "&#xFFFE;"),
            ("&amp;", "\u{FFFE}"),
            ("&amp;", "\u{8}"),
            ("a=\"1\"", "a=\"1\" a=\"2\""),
            ("a=\"1\"", "a=\"&x;\""),
            ("xmlns:dc", "xmlns:dx"),
            ("<title>", "<!DOCTYPE x><title>"),
            ("<title>", "<?php x?><title>"),
        ] {
            let broken = RSS.replacen(from, to, 1);
            assert_ne!(broken, RSS);
            assert!(read_back(items_of(Format::Rss), broken.as_bytes()).is_err(), "{broken}");
        }
        assert!(read_back(items_of(Format::Rss), b"<rss>\xff</rss>").is_err());
        assert!(read_back(items_of(Format::Json), b"{\"items\": [{}]}").is_err());
        assert!(read_back(items_of(Format::Json), b"{\"items\": []").is_err());
        assert!(read_back(items_of(Format::Html), b"<!doctype html><article id=\"s-x\">").is_err());
        assert!(read_back(items_of(Format::Html), b"<!doctype html><script>x</script></html>").is_err());
    }

    #[test]
    fn any_cut_of_a_document_is_noticed() {
        for document in [RSS, ATOM] {
            for end in 1..document.len() {
                let cut = document.get(..end).unwrap_or_default();
                assert!(read_back(items_of(Format::Rss), cut.as_bytes()).is_err(), "{cut}");
            }
        }
    }

    #[test]
    fn a_missing_item_or_another_link_is_noticed() {
        let mut rendered = Rendered {
            holds: Holds::Items,
            file: "feed.xml".to_owned(),
            format: Format::Rss,
            bytes: RSS.into(),
            items: 1,
            expected: found("abc", "https://e.org/"),
            failed: None,
            left_out: std::collections::BTreeMap::new(),
            taken_down: BTreeSet::new(),
            max_shrink: 0.5,
        };
        assert_eq!(check_document(&rendered), Ok(()));
        rendered.expected = found("abc", "https://other.org/");
        assert!(matches!(check_document(&rendered), Err(GateError::Missing { .. })));
        rendered.items = 2;
        assert!(matches!(check_document(&rendered), Err(GateError::Unreadable(_))));
    }
}
