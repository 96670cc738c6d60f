//! What a writer is given.

use super::feed_links::Alternate;
use super::nav::Nav;
use super::page_pictures::PagePictures;
use crate::config::{PageTemplate, Phrases};
use crate::model::{Channel, Item, Source};

/// Everything that one output shows, in the order in which it shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page<'a> {
    /// The channel's title, description and addresses; the title is the output's own if it has one.
    pub(crate) channel: &'a Channel,
    /// File name under the output folder: with [`Channel::link`] the address of this very document.
    pub(crate) file: &'a str,
    /// The items, first to last.
    pub(crate) items: &'a [Item],
    /// The sources it is chosen from, for the list of sources.
    pub(crate) sources: &'a [&'a Source],
    /// The feeds beside it: what a page announces.
    pub(crate) feeds: &'a [Alternate<'a>],
    /// Our phrases in its language.
    pub(crate) phrases: &'a Phrases,
    /// The template of a page, in place of the built-in one.
    pub(crate) template: Option<&'a PageTemplate>,
    /// The place of a page among those of single days.
    pub(crate) nav: &'a Nav,
    /// Which pictures its stories have.
    pub(crate) pictures: PagePictures<'a>,
    /// File name of the page for publishers.
    pub(crate) about: Option<&'a str>,
}
