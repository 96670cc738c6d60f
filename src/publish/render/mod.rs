//! Items → bytes, one file per format. Nothing here decides what is published, only how it is written.

mod formats;
mod page;
mod error;
mod finish;

mod rss;
mod atom;
mod json;
mod opml;
mod html;
mod story;
mod signposts;
mod about;

mod sources;
mod nav;
mod facet;
mod facet_view;
mod feed_links;
mod page_parts;
mod page_body;
mod page_view;
mod engine;

mod forms;
mod language;
mod page_pictures;
mod picture;
mod plain;

pub(crate) use about::{About, AboutSource, about};
pub(crate) use error::RenderError;
pub(crate) use facet::{FacetHead, FacetKind, FacetLink, FacetLinks};
pub(crate) use feed_links::Alternate;
pub(crate) use formats::render;
pub(super) use forms::address_under;
pub(crate) use forms::{escape_html, full_date, is_same_page, item_id, short_date, uri};
pub(crate) use html::top_stories;
pub(crate) use nav::{DayFile, Nav, StoryLinks, list_of_days, story_file};
pub(crate) use opml::{ListedSource, write_opml};
pub(crate) use page::Page;
pub(crate) use page_pictures::PagePictures;
pub(crate) use signposts::{Closing, closed_page, facet_signpost, moved_page};
pub(crate) use story::{Correction, StoryTemplate, StoryView, Telling};
