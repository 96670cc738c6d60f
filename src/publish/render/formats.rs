//! The writer of each format.

use super::error::RenderError;
use super::finish::finished;
use super::page::Page;
use super::{atom, html, json, opml, rss};
use crate::config::Format;

/// The document of one output: UTF-8, ending in a line break, the same bytes for the same `page`.
///
/// # Errors
/// [`RenderError`], which only a bug in a writer could cause.
pub(crate) fn render(format: Format, page: &Page<'_>) -> Result<Vec<u8>, RenderError> {
    let bytes = match format {
        Format::Rss => rss::render(page),
        Format::Atom => atom::render(page),
        Format::Json => json::render(page),
        Format::Html => html::render(page),
        Format::About => Err(RenderError::NotOfItems),
        Format::Opml => opml::render(page),
    }?;
    Ok(finished(bytes))
}
