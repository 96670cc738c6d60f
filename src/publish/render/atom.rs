//! Atom 1.0 (RFC 4287), written with quick-xml's writer and its escaping.
//!
//! Not through `atom_syndication`: it puts `source` in front of `content`, where readers that stop at
//! the first `title` or `link` they meet (and those that know no `source`) take the outlet's for ours;
//! and it writes 1970 for a date that is not set. Here the entry's own elements come first and
//! `source` comes last, without an author in it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::error::RenderError;
use super::forms::{
    address_of, author_of, escape_html, full_date, home_of, item_id, link_title, public_address, public_feed, uri,
};
use super::language::{language_tag, own_language};
use super::page::Page;
use super::plain::{ambiguous, looks_like_html};
use crate::model::{Attribution, Channel, Item};
use crate::rights::{Rsl, rsl};
use crate::text::without_illegal_xml;

type Xml = Writer<Vec<u8>>;

pub(super) fn render(page: &Page<'_>) -> Result<Vec<u8>, RenderError> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    write_feed(&mut xml, page).map_err(RenderError::Xml)?;
    Ok(xml.into_inner())
}

fn write_feed(xml: &mut Xml, page: &Page<'_>) -> std::io::Result<()> {
    let channel = page.channel;
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let mut feed = BytesStart::new("feed");
    feed.push_attribute(("xmlns", "http://www.w3.org/2005/Atom"));
    if page.items.iter().any(|item| item.thumbnail.is_some()) {
        feed.push_attribute(("xmlns:media", "http://search.yahoo.com/mrss/"));
    }
    if page.items.iter().any(|item| !item.lead().rsl.is_empty()) {
        feed.push_attribute(("xmlns:rsl", rsl::NAMESPACE));
    }
    if let Some(language) = language_tag(&channel.language) {
        feed.push_attribute(("xml:lang", language.as_str()));
    }
    xml.write_event(Event::Start(feed))?;
    prose(xml, "title", &channel.title)?;
    if !channel.description.is_empty() {
        prose(xml, "subtitle", &channel.description)?;
    }
    text(xml, "id", &feed_id(page))?;
    let times = unique_times(page.items);
    text(xml, "updated", &times.iter().max().map_or_else(|| no_items_date(channel), |time| exact_date(*time)))?;
    if let Some(own) = address_of(channel, page.file) {
        link(xml, &[("rel", "self"), ("type", "application/atom+xml"), ("href", &uri(&own))])?;
    }
    if let Some(hub) = &channel.hub {
        link(xml, &[("rel", "hub"), ("href", &uri(hub))])?;
    }
    link(xml, &[("rel", "alternate"), ("type", "text/html"), ("href", &home_of(channel))])?;
    text(xml, "generator", "feedloom")?;
    for (item, updated) in page.items.iter().zip(times) {
        write_entry(xml, channel, item, updated)?;
    }
    xml.write_event(Event::End(BytesEnd::new("feed")))
}

fn write_entry(xml: &mut Xml, channel: &Channel, item: &Item, updated: Timestamp) -> std::io::Result<()> {
    let lead = item.lead();
    let mut entry = BytesStart::new("entry");
    let language = own_language(channel, item);
    if let Some(language) = &language {
        entry.push_attribute(("xml:lang", language.as_str()));
    }
    xml.write_event(Event::Start(entry))?;
    prose(xml, "title", &item.title)?;
    text(xml, "id", &item_id(&channel.tag_base, item))?;
    text(xml, "updated", &exact_date(updated))?;
    xml.create_element("author").write_inner_content(|xml| text(xml, "name", &plain_only(&author_of(item))))?;
    write_links(xml, item)?;
    text(xml, "published", &full_date(item.published))?;
    typed(xml, "content", "html", &item.body_html)?;
    if !item.excerpt.is_empty() {
        prose(xml, "summary", &item.excerpt)?;
    }
    for category in &item.categories {
        let term = without_illegal_xml(category);
        xml.create_element("category").with_attribute(("term", &*term)).write_empty()?;
    }
    if let Some(image) = &item.thumbnail {
        xml.create_element("media:thumbnail").with_attribute(("url", uri(image).as_str())).write_empty()?;
    }
    if let Some(rights) = &lead.rights {
        prose(xml, "rights", rights)?;
    }
    for rsl in lead.rsl.iter().filter_map(|xml| Rsl::parse(xml)) {
        write_rsl(xml, rsl.root())?;
    }
    write_source(xml, lead)?;
    xml.write_event(Event::End(BytesEnd::new("entry")))
}

fn write_links(xml: &mut Xml, item: &Item) -> std::io::Result<()> {
    let lead = item.lead();
    link(xml, &[("rel", "alternate"), ("type", "text/html"), ("href", &uri(&lead.url))])?;
    for other in &item.attributions()[1..] {
        link(
            xml,
            &[
                ("rel", "related"),
                ("type", "text/html"),
                ("href", &uri(&other.url)),
                ("title", &plain_only(&link_title(other))),
            ],
        )?;
    }
    write_licenses(xml, lead)?;
    for page in &item.discussions {
        let (href, title) = (uri(&page.url), plain_only(&page.name));
        link(xml, &[("rel", "replies"), ("type", "text/html"), ("href", &href), ("title", &title)])?;
    }
    if let Some(media) = &item.enclosure
        && let Some(media_type) = &media.media_type
    {
        let href = uri(&media.url);
        let length = media.length_bytes.map(|bytes| bytes.to_string());
        let mut attributes = vec![("rel", "enclosure"), ("type", media_type.as_str()), ("href", &href)];
        attributes.extend(length.as_deref().map(|bytes| ("length", bytes)));
        link(xml, &attributes)?;
    }
    Ok(())
}

/// RFC 4287 §4.2.11: the feed that the entry was copied from. Its id is the feed's address.
fn write_source(xml: &mut Xml, lead: &Attribution) -> std::io::Result<()> {
    let address = uri(&public_address(&lead.source, &lead.url));
    xml.create_element("source").write_inner_content(|xml| {
        text(xml, "id", &address)?;
        prose(xml, "title", &lead.source.shown())?;
        text(xml, "updated", &full_date(lead.published))?;
        if let Some(feed) = lead.source.feed_url.as_ref().and_then(public_feed) {
            link(xml, &[("rel", "self"), ("href", &uri(&feed))])?;
        }
        if let Some(site) = &lead.source.site {
            link(xml, &[("rel", "alternate"), ("type", "text/html"), ("href", &uri(site))])?;
        }
        write_licenses(xml, lead)?;
        if let Some(rights) = &lead.rights {
            prose(xml, "rights", rights)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// RFC 4946, and the link by which RSL documents are found.
fn write_licenses(xml: &mut Xml, lead: &Attribution) -> std::io::Result<()> {
    for license in &lead.licenses {
        link(xml, &[("rel", "license"), ("href", &uri(license))])?;
    }
    for document in &lead.rsl_documents {
        link(xml, &[("rel", "license"), ("type", "application/rsl+xml"), ("href", &uri(document))])?;
    }
    Ok(())
}

/// An element of RSL with everything in it.
fn write_rsl(xml: &mut Xml, element: &rsl::Element) -> std::io::Result<()> {
    let name = format!("rsl:{}", element.name);
    let attributes = element.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let start = xml.create_element(name).with_attributes(attributes);
    if element.children.is_empty() {
        start.write_text_content(BytesText::new(&element.text))?;
    } else {
        start.write_inner_content(|xml| {
            if !element.text.is_empty() {
                xml.write_event(Event::Text(BytesText::new(&element.text)))?;
            }
            element.children.iter().try_for_each(|child| write_rsl(xml, child))
        })?;
    }
    Ok(())
}

/// The `updated` of each item, no two alike: the validator warns of twins. The fraction of a second
/// comes from the item's own id, so that it stays the same whatever is beside it.
fn unique_times(items: &[Item]) -> Vec<Timestamp> {
    let mut taken = BTreeSet::new();
    items
        .iter()
        .map(|item| {
            let whole = Timestamp::from_second(item.updated.as_second()).unwrap_or(item.updated);
            let digest = crate::text::content_hash(item.story.as_str().as_bytes());
            let spread = u32::from_le_bytes([digest[0], digest[1], digest[2], 0]) % 1_000_000;
            let mut time = whole + SignedDuration::from_micros(i64::from(spread));
            while !taken.insert(time) {
                time += SignedDuration::from_micros(1);
            }
            time
        })
        .collect()
}

/// RFC 3339 with microseconds.
fn exact_date(time: Timestamp) -> String {
    format!("{time:.6}")
}

/// Atom requires a date for a feed without items: the first day of the year in its ids.
fn no_items_date(channel: &Channel) -> String {
    let year = channel.tag_base.trim_end_matches(':').rsplit(',').next().and_then(|year| year.get(..4));
    format!("{}-01-01T00:00:00Z", year.unwrap_or("2026"))
}

/// `tag:HOST,YEAR:f/FILE`, with percent-encoding for what a file name may hold and a tag URI may not.
fn feed_id(page: &Page<'_>) -> String {
    let mut address = url::Url::parse("https://feed.invalid/").expect("a constant address");
    if let Ok(mut path) = address.path_segments_mut() {
        path.extend(page.file.split('/'));
    }
    format!("{}f{}", page.channel.tag_base, &uri(&address)[address.origin().ascii_serialization().len()..])
}

/// A text construct (RFC 4287 §3.1): plain, unless readers would take the text for HTML all the same;
/// then HTML that shows it.
fn prose(xml: &mut Xml, name: &str, value: &str) -> std::io::Result<()> {
    if looks_like_html(value) { typed(xml, name, "html", &escape_html(value)) } else { text(xml, name, value) }
}

/// A text where HTML cannot be declared to be HTML: a name, a link's title.
fn plain_only(value: &str) -> Cow<'_, str> {
    if looks_like_html(value) { ambiguous(value) } else { Cow::Borrowed(value) }
}

fn text(xml: &mut Xml, name: &str, value: &str) -> std::io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(&without_illegal_xml(value)))?;
    Ok(())
}

fn typed(xml: &mut Xml, name: &str, kind: &str, value: &str) -> std::io::Result<()> {
    let value = without_illegal_xml(value);
    xml.create_element(name).with_attribute(("type", kind)).write_text_content(BytesText::new(&value))?;
    Ok(())
}

fn link(xml: &mut Xml, attributes: &[(&str, &str)]) -> std::io::Result<()> {
    let clean: Vec<_> = attributes.iter().map(|(name, value)| (*name, without_illegal_xml(value))).collect();
    let attributes = clean.iter().map(|(name, value)| (*name, &**value));
    xml.create_element("link").with_attributes(attributes).write_empty()?;
    Ok(())
}
