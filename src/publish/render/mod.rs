//! Items → bytes, one file per format. Nothing here decides what is published, only how it is written.

mod about;
mod atom;
mod engine;
mod forms;
mod html;
mod json;
mod language;
mod nav;
mod opml;
mod page_body;
mod plain;
mod rss;
mod sources;

use memchr::memmem;
use url::Url;

use crate::config::{Format, PageTemplate};
use crate::model::{Channel, Item, Source};

pub(crate) use about::{About, AboutSource, about};
pub(crate) use forms::{coverage_address, escape_html, full_date, is_same_page, item_id, short_date, uri};
pub(crate) use nav::{DayFile, Nav, list_of_days};

/// Everything that one output shows, in the order in which it shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page<'a> {
    /// The channel's title, description and addresses; the title is the output's own where it has one.
    pub(crate) channel: &'a Channel,
    /// File name under the output folder: with [`Channel::link`] the address of this very document.
    pub(crate) file: &'a str,
    /// The items, first to last.
    pub(crate) items: &'a [Item],
    /// The sources it is chosen from, for the list of sources.
    pub(crate) sources: &'a [&'a Source],
    /// The feeds that lie beside it: what a page announces.
    pub(crate) feeds: &'a [Alternate<'a>],
    /// What a page is made with, in place of the built-in one.
    pub(crate) template: Option<&'a PageTemplate>,
    /// Where a page stands among those of single days.
    pub(crate) nav: &'a Nav,
    /// File name of the page for publishers.
    pub(crate) about: Option<&'a str>,
}

/// A feed that a page announces (`<link rel="alternate">`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alternate<'a> {
    /// RSS, Atom or JSON.
    pub(crate) format: Format,
    /// File name under the output folder.
    pub(crate) file: &'a str,
}

/// Why a document could not be put together. Only a template of the operator's own is expected to fail: all
/// writing is to memory.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The `rss` crate.
    #[error("cannot write the RSS document")]
    Rss(#[source] ::rss::Error),
    /// quick-xml's writer.
    #[error("cannot write the XML document")]
    Xml(#[source] std::io::Error),
    /// serde_json.
    #[error("cannot write the JSON document")]
    Json(#[source] serde_json::Error),
    /// The filter program of an output.
    #[error("the filter {program} cannot be used: {reason}")]
    Filter {
        /// Program and arguments.
        program: String,
        /// What went wrong.
        reason: String,
    },
    /// The page for publishers is [`about()`]'s.
    #[error("this page is not made of items")]
    NotOfItems,
    /// The template of a page.
    #[error("the template {template} cannot be used: {reason}")]
    Template {
        /// Its file.
        template: String,
        /// The line, and what is wrong there.
        reason: String,
    },
}

impl RenderError {
    /// A filter that cannot be used.
    pub(super) fn filter(program: &str, reason: &str) -> Self {
        Self::Filter { program: program.to_owned(), reason: reason.to_owned() }
    }
}

/// The document of one output: UTF-8, ending in a line break, the same bytes for the same `page`.
///
/// # Errors
/// [`RenderError`], which only a bug in a writer could cause.
pub(crate) fn render(format: Format, page: &Page<'_>) -> Result<Vec<u8>, RenderError> {
    let mut bytes = match format {
        Format::Rss => rss::render(page),
        Format::Atom => atom::render(page),
        Format::Json => json::render(page),
        Format::Html => html::render(page),
        Format::About => Err(RenderError::NotOfItems),
        Format::Opml => opml::render(page),
    }?;
    if bytes.last() != Some(&b'\n') {
        bytes.push(b'\n');
    }
    Ok(without_suspects(bytes))
}

/// The document without two characters that XML allows and that validators take for a wrong encoding: U+0085 (a
/// C1 control) goes, and U+FFFD, where somebody lost a letter, becomes a question mark.
fn without_suspects(bytes: Vec<u8>) -> Vec<u8> {
    const NEXT_LINE: &[u8] = "\u{85}".as_bytes();
    const LOST: &[u8] = "\u{FFFD}".as_bytes();
    if memmem::find(&bytes, NEXT_LINE).is_none() && memmem::find(&bytes, LOST).is_none() {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = &bytes[..];
    while let Some((&first, after)) = rest.split_first() {
        rest = if let Some(after) = rest.strip_prefix(NEXT_LINE) {
            after
        } else if let Some(after) = rest.strip_prefix(LOST) {
            out.push(b'?');
            after
        } else {
            out.push(first);
            after
        };
    }
    out
}

/// The address of `file` once it is public; `None` where the channel has no address.
fn address_of(channel: &Channel, file: &str) -> Option<Url> {
    address_under(channel.link.as_ref()?, file)
}

/// The address of `file` where the outputs are public under `link`.
pub(super) fn address_under(link: &Url, file: &str) -> Option<Url> {
    let mut address = link.clone();
    // Not `Url::join`: a file called `a:b.xml` would be taken for an address with a scheme.
    address.path_segments_mut().ok()?.pop_if_empty().extend(file.split('/'));
    Some(address)
}

/// The home page that the channel names. RSS demands one, so a channel without a public address names
/// the authority of its ids.
fn home_of(channel: &Channel) -> String {
    match &channel.link {
        Some(link) => uri(link),
        None => {
            let authority = channel.tag_base.strip_prefix("tag:").and_then(|rest| rest.split(',').next());
            format!("https://{}/", authority.unwrap_or("localhost"))
        }
    }
}
