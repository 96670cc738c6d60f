//! A document → the items in it, as a strict reader finds them.

use std::collections::BTreeSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::active::active_part;
use super::pictures::strange_picture;
use crate::config::{Format, OutputConfig};
use crate::publish::rendered::{Expected, Holds, Pictures, Rendered};
use crate::text::{PageElement, page_elements, without_illegal_xml};

/// The stories of the items that were found, each once: on a page each is found once for each of its links.
fn stories_of(found: Vec<Expected>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    found.into_iter().map(|item| item.story).filter(|story| seen.insert(story.clone())).collect()
}

/// The stories in a document that we wrote; none if it cannot be read.
pub(in crate::publish) fn stories_in(form: Form, bytes: &[u8]) -> Vec<String> {
    stories_of(read_back(form, bytes).unwrap_or_default())
}

/// How a document is read back.
#[derive(Debug, Clone, Copy)]
pub(in crate::publish) struct Form {
    format: Format,
    holds: Holds,
    pictures: Pictures,
}

impl Form {
    pub(in crate::publish) fn of(rendered: &Rendered) -> Self {
        Self { format: rendered.format, holds: rendered.holds, pictures: rendered.pictures }
    }

    /// For an output made of items.
    pub(in crate::publish) fn of_items(output: &OutputConfig) -> Self {
        Self::of_feed(output.format)
    }

    pub(super) fn of_feed(format: Format) -> Self {
        Self { format, holds: Holds::Items, pictures: Pictures::Any }
    }

    pub(super) fn format(self) -> Format {
        self.format
    }
}

/// The items of a document that we wrote, or what is wrong with it.
pub(in crate::publish) fn read_back(form: Form, bytes: &[u8]) -> Result<Vec<Expected>, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    if without_illegal_xml(text).len() != text.len() {
        return Err("a character that XML forbids".to_owned());
    }
    match (form.format, form.holds) {
        (Format::Rss | Format::Atom | Format::Opml, _) => read_xml(form.format, text),
        (Format::Json, _) => read_json(text),
        (Format::Html, Holds::Items) => read_page(text, form.pictures),
        (Format::Html, Holds::Signpost) => read_signpost(text),
        (Format::Html, Holds::List) | (Format::About, _) => read_list(text),
    }
}

pub(super) fn story_of(id: &str) -> String {
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

/// A page is read by its marks, `id="s-STORY"` and the links after each; nothing active may be in it. Returns one
/// [`Expected`] for each link of each item.
fn read_page(text: &str, pictures: Pictures) -> Result<Vec<Expected>, String> {
    let mut found: Vec<Expected> = Vec::new();
    let mut story: Option<String> = None;
    for element in &whole_page(text)? {
        if let Some(what) = strange_picture(element, pictures) {
            return Err(format!("{what} in a page of copies"));
        }
        if let Some(id) = element.attribute("id").and_then(|id| id.strip_prefix("s-")) {
            check_linked(story.as_deref(), &found)?;
            story = Some(id.to_owned());
        }
        if let (Some(story), "a", Some(link)) = (&story, element.name.as_str(), element.attribute("href")) {
            found.push(Expected { story: story.clone(), link: link.to_owned() });
        }
    }
    check_linked(story.as_deref(), &found)?;
    Ok(found)
}

/// Whether the item that ends here has a link.
fn check_linked(story: Option<&str>, found: &[Expected]) -> Result<(), String> {
    match story {
        Some(story) if found.last().is_none_or(|last| last.story != story) => {
            Err(format!("the item {story} without a link"))
        }
        _ => Ok(()),
    }
}

/// A page that is a list has a mark `id="of-NAME"` for each of its lines.
fn read_list(text: &str) -> Result<Vec<Expected>, String> {
    let elements = whole_page(text)?;
    let marks = elements.iter().filter_map(|element| element.attribute("id")?.strip_prefix("of-"));
    Ok(marks.map(|name| Expected { story: name.to_owned(), link: String::new() }).collect())
}

/// The elements of a page that is complete and has nothing active in it.
fn whole_page(text: &str) -> Result<Vec<PageElement>, String> {
    check_whole(text)?;
    let elements = page_elements(text);
    passive(&elements)?;
    Ok(elements)
}

/// A page that leads to another page beside it: its one refresh goes where its link goes, never to another site. Nothing
/// else is in it.
fn read_signpost(text: &str) -> Result<Vec<Expected>, String> {
    check_whole(text)?;
    let mut elements = page_elements(text);
    let links: Vec<String> = elements
        .iter()
        .filter(|element| element.name == "a")
        .filter_map(|a| a.attribute("href"))
        .map(str::to_owned)
        .collect();
    let is_way = |element: &PageElement| {
        let to = element.attribute("content").and_then(|content| content.strip_prefix("0; url="));
        element.name == "meta"
            && element.attribute("http-equiv") == Some("refresh")
            && to.is_some_and(|to| is_beside(to) && links.iter().any(|link| link == to))
    };
    let before = elements.len();
    elements.retain(|element| !is_way(element));
    if before - elements.len() != 1 {
        return Err("a signpost with none or many ways".to_owned());
    }
    passive(&elements)?;
    Ok(Vec::new())
}

/// Whether an address is that of a page beside: its folders and name, with nothing that would lead to another site, or
/// that is not a part of a path.
fn is_beside(address: &str) -> bool {
    let is_other = |byte: u8| matches!(byte, b':' | b'\\' | b'?' | b'#' | b'"' | b'<' | b'>');
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !is_other(byte);
    !address.starts_with('/') && address.ends_with(".html") && address.bytes().all(is_plain)
}

fn passive(elements: &[PageElement]) -> Result<(), String> {
    match elements.iter().find_map(active_part) {
        Some(part) => Err(format!("{part} in a page")),
        None => Ok(()),
    }
}

fn check_whole(text: &str) -> Result<(), String> {
    let is_whole = text.starts_with("<!doctype html>") && text.trim_end().ends_with("</html>");
    if is_whole { Ok(()) } else { Err("a page that was cut".to_owned()) }
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
        Form { format, holds: Holds::Items, pictures: Pictures::Any }
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
        assert_eq!(
            read_back(Form { format: Format::Opml, holds: Holds::List, pictures: Pictures::Any }, opml.as_bytes())
                .unwrap()
                .len(),
            2
        );
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
        assert!(read_back(items_of(Format::Html), b"<!doctype html><p id=s-x>no link</p></html>").is_err());
        assert!(read_back(items_of(Format::Html), b"<!doctype html><script>x</script></html>").is_err());
    }

    #[test]
    fn a_signpost_leads_to_a_page_beside_it_and_nowhere_else() {
        let form = Form { format: Format::Html, holds: Holds::Signpost, pictures: Pictures::Any };
        let page = |refresh: &str, link: &str| {
            format!(
                "<!doctype html><meta http-equiv=\"refresh\" content=\"{refresh}\"><a href=\"index.html\">h</a>\
                 <a href=\"{link}\">x</a></html>"
            )
        };
        let (there, up) = ("abcdefghijklmnop.html", "../s/abcdefghijklmnop.html");
        for to in [there, up, "../a+b,c's-s/abcdefghijklmnop.html"] {
            assert_eq!(read_back(form, page(&format!("0; url={to}"), to).as_bytes()), Ok(Vec::new()));
            assert!(read_back(items_of(Format::Html), page(&format!("0; url={to}"), to).as_bytes()).is_err());
        }
        for (refresh, link) in [
            (format!("0; url={there}"), up),
            (format!("0;url={there}"), there),
            ("0; url=//a.example/x.html".to_owned(), "//a.example/x.html"),
            ("0; url=/x.html".to_owned(), "/x.html"),
            ("0; url=https://a.example/x.html".to_owned(), "https://a.example/x.html"),
            ("0; url=javascript:x.html".to_owned(), "javascript:x.html"),
            ("5".to_owned(), there),
        ] {
            assert!(read_back(form, page(&refresh, link).as_bytes()).is_err(), "{refresh}");
        }
        let twice = page(&format!("0; url={there}"), there).replace(
            "<a href=\"index",
            "<meta http-equiv=\"refresh\" content=\"0; url=https://a.example/\"><a href=\"index",
        );
        assert!(read_back(form, twice.as_bytes()).is_err());
        let script =
            page(&format!("0; url={there}"), there).replace("<a href=\"index", "<script>x</script><a href=\"index");
        assert!(read_back(form, script.as_bytes()).is_err());
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
}
