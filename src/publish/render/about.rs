//! The page for publishers, in the style of the page for readers.

use serde::Serialize;

use super::engine;
use super::error::RenderError;
use super::feed_links::{Alternate, FeedLink, feed_link};
use super::finish::finished;
use super::forms::{address_of, public_site, uri};
use super::page_parts::{clean, public_address_of, relative};
use crate::config::Format;
use crate::model::{Channel, Source};
use crate::publish::plain_line::short_line;

const ABOUT: &str = include_str!("about.html");

/// What the page for publishers says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    /// The channel.
    pub(crate) channel: &'a Channel,
    /// Its own file name.
    pub(crate) file: &'a str,
    /// The files beside it.
    pub(crate) feeds: &'a [Alternate<'a>],
    /// File name of the page for readers.
    pub(crate) home: Option<&'a str>,
    /// `contact` of feeds.toml.
    pub(crate) contact: Option<&'a str>,
    /// The name it uses for itself on the wire.
    pub(crate) user_agent: &'a str,
    /// The minimum time between two requests for one feed, in words.
    pub(crate) floor: &'a str,
    /// Whether small copies of pictures are shown.
    pub(crate) copies: bool,
    /// The sources, by name.
    pub(crate) sources: &'a [AboutSource<'a>],
    /// How many more there are.
    pub(crate) more_sources: usize,
}

/// What is shown of one source.
#[derive(Debug, Clone)]
pub(crate) struct AboutSource<'a> {
    /// The source.
    pub(crate) source: &'a Source,
    /// How often it is asked.
    pub(crate) asked: String,
    /// How much of it may be published, and why.
    pub(crate) policy: String,
    /// What was read of its rights, each as a clause.
    pub(crate) signals: Vec<String>,
}

/// The page; UTF-8, ending in a line break.
///
/// # Errors
/// [`RenderError`], which only a bug in our template could cause.
pub(crate) fn about(page: &About<'_>) -> Result<Vec<u8>, RenderError> {
    let lists = page.feeds.iter().filter(|feed| feed.format == Format::Opml);
    let view = View {
        title: clean(&page.channel.title),
        noindex: page.channel.noindex,
        address: address_of(page.channel, page.file).as_ref().map(uri),
        home: page.home.map(|home| relative(page.file, home)),
        contact: contact(page.contact),
        user_agent: clean(page.user_agent),
        floor: page.floor,
        copies: page.copies,
        lists: lists.filter_map(|list| feed_link(page.file, list)).collect(),
        sources: page.sources.iter().map(source_view).collect(),
        more_sources: page.more_sources,
    };
    Ok(finished(engine::fill("about.html", ABOUT, &view)?))
}

#[derive(Serialize)]
struct View<'a> {
    title: String,
    /// Small copies of pictures are shown.
    copies: bool,
    noindex: bool,
    address: Option<String>,
    home: Option<String>,
    contact: Contact,
    user_agent: String,
    floor: &'a str,
    lists: Vec<FeedLink>,
    sources: Vec<SourceView>,
    more_sources: usize,
}

#[derive(Serialize)]
struct Contact {
    text: String,
    href: Option<String>,
}

#[derive(Serialize)]
struct SourceView {
    id: String,
    name: String,
    site: Option<String>,
    feed: Option<String>,
    asked: String,
    policy: String,
    signals: Vec<String>,
}

/// The contact as people read it, and where it leads if it is an address.
fn contact(contact: Option<&str>) -> Contact {
    let text = clean(contact.unwrap_or_default());
    let url = url::Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https" | "mailto"));
    let mail = || text.contains('@').then(|| format!("mailto:{text}"));
    let href = url.as_ref().map(uri).or_else(mail);
    Contact { text: text.strip_prefix("mailto:").unwrap_or(&text).to_owned(), href }
}

fn source_view(listed: &AboutSource<'_>) -> SourceView {
    let source = listed.source;
    SourceView {
        id: source.id.to_string(),
        name: short_line(&source.name).unwrap_or_else(|| source.id.to_string()),
        site: public_site(source).map(uri),
        feed: public_address_of(&source.feed_url),
        asked: listed.asked.clone(),
        policy: clean(&listed.policy),
        signals: listed.signals.iter().filter_map(|signal| short_line(signal)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_leads_where_it_can() {
        let check = |text, shown: &str, href: Option<&str>| {
            let made = contact(text);
            assert_eq!((made.text.as_str(), made.href.as_deref()), (shown, href));
        };
        check(Some("https://me.example/about"), "https://me.example/about", Some("https://me.example/about"));
        check(Some("mailto:me@me.example"), "me@me.example", Some("mailto:me@me.example"));
        check(Some("me@me.example"), "me@me.example", Some("mailto:me@me.example"));
        check(Some("javascript:alert"), "javascript:alert", None);
        check(None, "", None);
    }
}
