//! The page for people: one document without JavaScript and without anything loaded from elsewhere.

use askama::Template;

use super::forms::{full_date, language_tag, own_language, short_date, uri};
use super::{Alternate, Page, RenderError, address_of};
use crate::config::Format;
use crate::model::{Attribution, Item};
use crate::text::without_illegal_xml;

pub(super) fn render(page: &Page<'_>) -> Result<Vec<u8>, RenderError> {
    let channel = page.channel;
    let links = page.feeds.iter().filter_map(|feed| feed_link(page.file, feed));
    let (lists, feeds) = links.partition(|link: &FeedLink| link.name == "OPML");
    let view = PageView {
        language: language_tag(&channel.language).unwrap_or_else(|| "en".to_owned()),
        title: clean(&channel.title),
        description: clean(&channel.description),
        canonical: address_of(channel, page.file).as_ref().map(uri),
        updated: channel.updated.map(|time| Date { full: full_date(time), short: short_date(time) }),
        feeds,
        lists,
        items: page.items.iter().map(|item| item_view(page, item)).collect(),
    };
    view.render().map(String::into_bytes).map_err(RenderError::Page)
}

#[derive(Template)]
#[template(path = "page.html", config = "src/publish/render/askama.toml")]
struct PageView {
    language: String,
    title: String,
    description: String,
    canonical: Option<String>,
    updated: Option<Date>,
    feeds: Vec<FeedLink>,
    lists: Vec<FeedLink>,
    items: Vec<ItemView>,
}

struct Date {
    full: String,
    short: String,
}

struct FeedLink {
    name: &'static str,
    media_type: &'static str,
    href: String,
}

struct ItemView {
    story: String,
    language: Option<String>,
    title: String,
    url: String,
    source: String,
    site: Option<String>,
    author: Option<String>,
    published: Date,
    others: usize,
    credit_first: bool,
    body: String,
    comments: Option<String>,
    credits: Vec<CreditView>,
}

struct CreditView {
    source: String,
    title: String,
    url: String,
    guid: String,
    rights: Option<String>,
    license: Option<String>,
}

fn item_view(page: &Page<'_>, item: &Item) -> ItemView {
    let lead = item.lead();
    ItemView {
        story: item.story.to_string(),
        language: own_language(page.channel, item),
        title: clean(&item.title),
        url: uri(&lead.url),
        source: clean(&lead.source.name),
        site: lead.source.site.as_ref().map(uri),
        author: lead.author.as_deref().map(clean),
        published: Date { full: full_date(item.published), short: short_date(item.published) },
        others: item.attributions().len() - 1,
        credit_first: opens_with_credit(item),
        body: without_images(&clean(&item.body_html)),
        comments: item.comments.as_ref().map(uri),
        credits: item.attributions().iter().map(credit_view).collect(),
    }
}

/// Whether the attribution line opens the body: it is set smaller, as the headline says the same.
fn opens_with_credit(item: &Item) -> bool {
    let first = item.body_html.split("</p>").next().unwrap_or_default();
    first.contains(&format!("<a href=\"{}\">", super::escape_html(&uri(&item.lead().url))))
}

fn credit_view(credit: &Attribution) -> CreditView {
    CreditView {
        source: clean(&credit.source.name),
        title: clean(&credit.title),
        url: uri(&credit.url),
        guid: clean(&credit.guid),
        rights: credit.rights.as_deref().map(clean),
        license: credit.license.as_ref().map(uri),
    }
}

/// A feed beside the page, by an address relative to the page: it works on a disk as on a server.
fn feed_link(page_file: &str, feed: &Alternate<'_>) -> Option<FeedLink> {
    let (name, media_type) = match feed.format {
        Format::Rss => ("RSS", "application/rss+xml"),
        Format::Atom => ("Atom", "application/atom+xml"),
        Format::Json => ("JSON Feed", "application/feed+json"),
        Format::Opml => ("OPML", "text/x-opml"),
        Format::Html => return None,
    };
    let mut base = url::Url::parse("https://page.invalid/").ok()?;
    base.path_segments_mut().ok()?.extend(feed.file.split('/'));
    let up = "../".repeat(page_file.matches('/').count());
    Some(FeedLink { name, media_type, href: format!("{up}{}", base.path().trim_start_matches('/')) })
}

/// `html` (serialised by our sanitiser) with each picture replaced by its description: the page loads
/// nothing from other hosts, which would tell them who reads it.
fn without_images(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<img") {
        out.push_str(&rest[..at]);
        let tag = &rest[at..at + tag_length(&rest[at..])];
        if let Some(alt) = attribute(tag, "alt").filter(|alt| !alt.trim().is_empty()) {
            // Still escaped as it was in the attribute; `<` may stand bare in one.
            out.push_str(&format!("[{}]", alt.replace('<', "&lt;").replace('>', "&gt;")));
        }
        rest = &rest[at + tag.len()..];
    }
    out.push_str(rest);
    out
}

/// Length in bytes of the tag at the start of `html`; a `>` inside quotes does not end it.
fn tag_length(html: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in html.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    html.len()
}

/// The value, as written, of an attribute that a serialiser wrote: always in double quotes.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next()
}

fn clean(text: &str) -> String {
    without_illegal_xml(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_become_their_description() {
        let check = |html, want: &str| assert_eq!(without_images(html), want);
        check("<p>a<img src=\"https://e.org/x.png\" alt=\"a > b &amp; <c\">z</p>", "<p>a[a &gt; b &amp; &lt;c]z</p>");
        check("<img src=\"https://e.org/x.png\">", "");
        check("<img alt=\"\" src=\"x\"><img alt=\"two\" src=\"y\">", "[two]");
        check("<p>no picture</p>", "<p>no picture</p>");
        check("cut <img alt=\"x", "cut [x]");
    }

    #[test]
    fn a_page_in_a_folder_finds_the_feeds_beside_it() {
        let link = |page, file| feed_link(page, &Alternate { format: Format::Rss, file }).unwrap().href;
        assert_eq!(link("index.html", "feed.xml"), "feed.xml");
        assert_eq!(link("a/b/index.html", "a/my feed.xml"), "../../a/my%20feed.xml");
        assert_eq!(link("index.html", "a?b#c:d.xml"), "a%3Fb%23c:d.xml");
    }
}
