//! RSS 2.0 (rssboard.org/rss-specification), with the elements of other namespaces that readers know.
//!
//! No namespace of our own: the W3C validator warns about each it does not know. It does not know RSL either,
//! whose terms have to survive all the same: they are passed on if an item carries some.

use std::collections::BTreeMap;

use rss::extension::{Extension, ExtensionMap, dublincore::DublinCoreExtension};
use url::Url;

use super::error::RenderError;
use super::forms::{address_of, author_of, escape_html, home_of, item_id, link_title, public_address, rfc822, uri};
use super::language::language_tag;
use super::page::Page;
use super::plain::ambiguous;
use crate::model::{Channel, Item};
use crate::rights::{Rsl, rsl};
use crate::text::without_illegal_xml;

const ATOM: &str = "http://www.w3.org/2005/Atom";
const CREATIVE_COMMONS: &str = "http://backend.userland.com/creativeCommonsRssModule";
const MEDIA: &str = "http://search.yahoo.com/mrss/";

pub(super) fn render(page: &Page<'_>) -> Result<Vec<u8>, RenderError> {
    let channel = page.channel;
    let mut namespaces = BTreeMap::new();
    let mut extensions = ExtensionMap::new();
    if let Some(own) = address_of(channel, page.file) {
        let attrs = [("href", uri(&own)), ("rel", "self".into()), ("type", "application/rss+xml".into())];
        add(&mut extensions, element("atom", "link", None, attrs));
        namespaces.insert("atom".to_owned(), ATOM.to_owned());
        if let Some(hub) = &channel.hub {
            add(&mut extensions, element("atom", "link", None, [("href", uri(hub)), ("rel", "hub".into())]));
        }
    }
    if page.items.iter().any(|item| item.attributions().len() > 1 || !item.discussions.is_empty()) {
        namespaces.insert("atom".to_owned(), ATOM.to_owned());
    }
    if page.items.iter().any(|item| item.thumbnail.is_some()) {
        namespaces.insert("media".to_owned(), MEDIA.to_owned());
    }
    if page.items.iter().any(|item| !item.lead().licenses.is_empty()) {
        namespaces.insert("creativeCommons".to_owned(), CREATIVE_COMMONS.to_owned());
    }
    if page.items.iter().any(|item| !item.lead().rsl.is_empty()) {
        namespaces.insert("rsl".to_owned(), rsl::NAMESPACE.to_owned());
    }
    // An empty one causes a complaint; the specification wants one.
    let description = Some(channel.description.trim()).filter(|text| !text.is_empty()).unwrap_or(&channel.title);
    let document = rss::Channel {
        title: ambiguous(&channel.title).into_owned(),
        link: home_of(channel),
        description: ambiguous(description).into_owned(),
        language: language_tag(&channel.language),
        last_build_date: channel.updated.map(rfc822),
        generator: Some("feedloom".to_owned()),
        items: page.items.iter().map(|item| rss_item(channel, item)).collect(),
        namespaces,
        extensions,
        ..rss::Channel::default()
    };
    document.pretty_write_to(Vec::new(), b' ', 1).map_err(RenderError::Rss)
}

fn rss_item(channel: &Channel, item: &Item) -> rss::Item {
    let lead = item.lead();
    let rights = lead.rights.iter().map(|rights| ambiguous(rights).into_owned()).collect();
    rss::Item {
        title: Some(ambiguous(&item.title).into_owned()),
        link: Some(uri(&lead.url)),
        // A description is HTML to most readers: plain text is escaped once more, so that it stays text.
        description: Some(escape_html(description(item))),
        categories: item.categories.iter().map(|name| category(name)).collect(),
        comments: item.discussions.first().map(|page| uri(&page.url)),
        enclosure: item.enclosure.as_ref().and_then(|media| {
            let mime_type = without_illegal_xml(media.media_type.as_deref()?).into_owned();
            // 0 is what the specification's readers take for "not known"; the attribute is required.
            let length = media.length_bytes.unwrap_or(0).to_string();
            Some(rss::Enclosure { url: uri(&media.url), length, mime_type })
        }),
        guid: Some(rss::Guid { value: item_id(&channel.tag_base, item), permalink: false }),
        pub_date: Some(rfc822(item.published)),
        source: Some(rss::Source {
            url: uri(&public_address(&lead.source, &lead.url)),
            title: Some(ambiguous(&lead.source.shown()).into_owned()),
        }),
        content: Some(without_illegal_xml(&item.body_html).into_owned()),
        extensions: item_extensions(item),
        dublin_core_ext: Some(DublinCoreExtension {
            creators: vec![ambiguous(&author_of(item)).into_owned()],
            rights,
            ..DublinCoreExtension::default()
        }),
        ..rss::Item::default()
    }
}

/// The excerpt; if there is none, the credit: validators want a description before every
/// `content:encoded`, and readers that show nothing else have something to show.
fn description(item: &Item) -> &str {
    if item.excerpt.is_empty() { &item.credit.text } else { &item.excerpt }
}

fn category(name: &str) -> rss::Category {
    rss::Category { name: ambiguous(name).into_owned(), domain: None }
}

fn item_extensions(item: &Item) -> ExtensionMap {
    let mut extensions = ExtensionMap::new();
    if let Some(image) = &item.thumbnail {
        add(&mut extensions, element("media", "thumbnail", None, [("url", uri(image))]));
        // What sites that import feeds take for the picture of a post.
        let attrs = [("url", uri(image)), ("medium", "image".to_owned())];
        add(&mut extensions, element("media", "content", None, attrs));
    }
    for other in &item.attributions()[1..] {
        add(&mut extensions, atom_link("related", &other.url, &link_title(other)));
    }
    for page in &item.discussions {
        add(&mut extensions, atom_link("replies", &page.url, &page.name));
    }
    for license in &item.lead().licenses {
        add(&mut extensions, element("creativeCommons", "license", Some(uri(license)), []));
    }
    for rsl in item.lead().rsl.iter().filter_map(|xml| Rsl::parse(xml)) {
        add(&mut extensions, ("rsl", "content", rsl_element(rsl.root())));
    }
    extensions
}

/// A link that RSS has no element for.
fn atom_link(rel: &str, url: &Url, title: &str) -> (&'static str, &'static str, Extension) {
    let attrs = [
        ("rel", rel.to_owned()),
        ("type", "text/html".to_owned()),
        ("href", uri(url)),
        ("title", ambiguous(title).into_owned()),
    ];
    element("atom", "link", None, attrs)
}

fn rsl_element(element: &rsl::Element) -> Extension {
    let mut children: BTreeMap<String, Vec<Extension>> = BTreeMap::new();
    for child in &element.children {
        children.entry(child.name.clone()).or_default().push(rsl_element(child));
    }
    Extension {
        name: format!("rsl:{}", element.name),
        value: Some(element.text.clone()),
        attrs: element.attributes.iter().cloned().collect(),
        children,
    }
}

/// An element of another namespace, by its prefix and local name.
fn element<const N: usize>(
    prefix: &'static str,
    local: &'static str,
    value: Option<String>,
    attrs: [(&str, String); N],
) -> (&'static str, &'static str, Extension) {
    let attrs = attrs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    // Without any text, the writer would put a line break into it.
    let value = Some(value.unwrap_or_default());
    (prefix, local, Extension { name: format!("{prefix}:{local}"), value, attrs, children: BTreeMap::new() })
}

fn add(extensions: &mut ExtensionMap, (prefix, local, element): (&str, &str, Extension)) {
    extensions.entry(prefix.to_owned()).or_default().entry(local.to_owned()).or_default().push(element);
}
