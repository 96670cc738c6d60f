//! The addresses of pictures, also of those that load late.

use std::borrow::Cow;

use ego_tree::NodeRef;
use scraper::{Html, Node};
use url::Url;

use super::tags::is_named;
use super::tree::Picture;
use crate::text::{
    FoundPicture as Found, is_ornament, largest_in_set, largest_picture_source, picture_source, web_url,
};

/// In which size a picture is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// As the page shows it.
    AsShown,
    /// The largest that there is.
    Largest,
}

/// The address of a picture, also for those that load late and those of `picture`; `None` for placeholders and tracking
/// pixels.
pub(super) fn address_of(node: NodeRef<'_, Node>, size: Size, base: &Url) -> Option<Url> {
    let element = node.value().as_element()?;
    let is_tiny = |name: &str| element.attr(name).is_some_and(|size| matches!(size.trim_end_matches("px"), "0" | "1"));
    if is_tiny("width") || is_tiny("height") {
        return None;
    }
    let attr = |name: &str| element.attr(name).map(Cow::Borrowed);
    let all = || element.attrs().map(|(name, value)| (name, Cow::Borrowed(value)));
    let own = match size {
        Size::AsShown => picture_source(attr, all).map(Found::into_address),
        Size::Largest => largest_picture_source(attr, all),
    };
    let found = own.or_else(|| {
        let picture = node.parent().filter(|parent| is_named(*parent, "picture"))?;
        let sets = picture.children().filter(|node| is_named(*node, "source"));
        sets.filter_map(|node| node.value().as_element()).find_map(|source| {
            let set = ["srcset", "data-srcset", "data-lazy-srcset"].iter().find_map(|name| source.attr(name))?;
            largest_in_set(set)
        })
    })?;
    web_url(&found, Some(base))
}

/// The address of a picture that shows something of the story: not a portrait, icon, emoji or formula.
pub(super) fn photograph(page: &Html, picture: &Picture, base: &Url) -> Option<Url> {
    let node = page.tree.get(picture.node)?;
    let element = node.value().as_element()?;
    let address = address_of(node, Size::Largest, base)?;
    (!is_ornament(|name| element.attr(name).map(Cow::Borrowed), address.as_str())).then_some(address)
}
