//! OPML 2.0 (opml.org/spec2.opml): the sources, for another reader to subscribe to.

use std::collections::BTreeMap;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use url::Url;

use super::error::RenderError;
use super::forms::{public_feed, public_site, uri};
use super::page::Page;
use super::plain;
use crate::model::Source;
use crate::publish::plain_line::short_line;
use crate::text::without_illegal_xml;

pub(super) fn render(page: &Page<'_>) -> Result<Vec<u8>, RenderError> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    write_list(&mut xml, page).map_err(RenderError::Xml)?;
    Ok(xml.into_inner())
}

fn write_list(xml: &mut Writer<Vec<u8>>, page: &Page<'_>) -> std::io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let mut opml = BytesStart::new("opml");
    opml.push_attribute(("version", "2.0"));
    xml.write_event(Event::Start(opml))?;
    let title = plain::outline(&format!("{}: sources", page.channel.title));
    xml.create_element("head").write_inner_content(|xml| {
        xml.create_element("title").write_text_content(BytesText::new(&title))?;
        Ok(())
    })?;
    let mut sources = page.sources.to_vec();
    sources.sort_by(|a, b| a.name.to_lowercase().cmp(&b.name.to_lowercase()).then_with(|| a.id.cmp(&b.id)));
    xml.create_element("body").write_inner_content(|xml| sources.iter().try_for_each(|source| outline(xml, source)))?;
    xml.write_event(Event::End(BytesEnd::new("opml")))
}

/// One source. `version` is left out: OPML has no value for Atom. A source that is read from a local
/// file has no address that others could use: only its home page is named.
fn outline(xml: &mut Writer<Vec<u8>>, source: &Source) -> std::io::Result<()> {
    let name = short_line(&source.name).unwrap_or_else(|| source.id.to_string());
    let name = plain::outline(&name);
    let mut outline = xml.create_element("outline").with_attribute(("text", &*name));
    match (public_feed(&source.feed_url), public_site(source)) {
        (Some(feed), site) => {
            outline = outline.with_attributes([("title", &*name), ("type", "rss"), ("xmlUrl", uri(&feed).as_str())]);
            if let Some(site) = site {
                outline = outline.with_attribute(("htmlUrl", uri(site).as_str()));
            }
            if !source.tags.is_empty() {
                outline = outline.with_attribute(("category", &*without_illegal_xml(&source.tags.join(","))));
            }
        }
        (None, Some(site)) => outline = outline.with_attributes([("type", "link"), ("url", uri(site).as_str())]),
        (None, None) => {}
    }
    outline.write_empty()?;
    Ok(())
}

/// One source of a list that is moved to another reader.
#[derive(Debug, Clone)]
pub(crate) struct ListedSource {
    pub(crate) url: Url,
    pub(crate) name: String,
    pub(crate) site: Option<Url>,
    /// The first one is its folder.
    pub(crate) tags: Vec<String>,
}

/// A list of `sources` with their addresses as they are, in folders.
///
/// # Errors
/// [`RenderError::Xml`].
pub(crate) fn write_opml(title: &str, sources: &[ListedSource]) -> Result<Vec<u8>, RenderError> {
    let mut folders: BTreeMap<&str, Vec<&ListedSource>> = BTreeMap::new();
    for source in sources {
        folders.entry(source.tags.first().map_or("", String::as_str)).or_default().push(source);
    }
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    write_folders(&mut xml, title, &folders).map_err(RenderError::Xml)?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

fn write_folders(
    xml: &mut Writer<Vec<u8>>,
    title: &str,
    folders: &BTreeMap<&str, Vec<&ListedSource>>,
) -> std::io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let mut opml = BytesStart::new("opml");
    opml.push_attribute(("version", "2.0"));
    xml.write_event(Event::Start(opml))?;
    let title = without_illegal_xml(title);
    xml.create_element("head").write_inner_content(|xml| {
        xml.create_element("title").write_text_content(BytesText::new(&title))?;
        Ok(())
    })?;
    xml.create_element("body").write_inner_content(|xml| {
        for (folder, sources) in folders {
            if folder.is_empty() {
                sources.iter().try_for_each(|source| listed(xml, source))?;
                continue;
            }
            let name = without_illegal_xml(folder);
            let outline = xml.create_element("outline").with_attributes([("text", &*name), ("title", &*name)]);
            outline.write_inner_content(|xml| sources.iter().try_for_each(|source| listed(xml, source)))?;
        }
        Ok(())
    })?;
    xml.write_event(Event::End(BytesEnd::new("opml")))
}

fn listed(xml: &mut Writer<Vec<u8>>, source: &ListedSource) -> std::io::Result<()> {
    let name = without_illegal_xml(&source.name);
    let outline = xml.create_element("outline").with_attributes([
        ("text", &*name),
        ("title", &*name),
        ("type", "rss"),
        ("xmlUrl", uri(&source.url).as_str()),
    ]);
    let outline = match &source.site {
        Some(site) => outline.with_attribute(("htmlUrl", uri(site).as_str())),
        None => outline,
    };
    let categories = without_illegal_xml(&source.tags.join(",")).into_owned();
    let outline =
        if source.tags.len() > 1 { outline.with_attribute(("category", categories.as_str())) } else { outline };
    outline.write_empty()?;
    Ok(())
}
