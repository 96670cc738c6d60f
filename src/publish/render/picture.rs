//! The pictures that a page shows: those of publishers from their servers, or small copies from beside the page.

use url::{Host, Url};

use super::forms::uri;
use super::page::Page;
use super::page_parts::relative;
use super::page_pictures::PagePictures;
use crate::model::Item;
use crate::text::is_local_name;

/// The address of the picture of `item` for the readers of `page`, if it shows one.
pub(super) fn picture(page: &Page<'_>, item: &Item) -> Option<String> {
    match page.pictures {
        PagePictures::None => None,
        PagePictures::Linked => item.thumbnail.as_ref().filter(|picture| is_public(picture)).map(uri),
        PagePictures::Copied(copies) => {
            let file = copies.file(item.picture.as_ref()?)?;
            Some(relative(page.file, &file))
        }
    }
}

/// Whether an address is at a name of the public internet, in the usual way: a feed names what it likes, also the reader's
/// own router.
fn is_public(picture: &Url) -> bool {
    let is_name = matches!(picture.host(), Some(Host::Domain(name)) if !is_local_name(name));
    is_name && picture.scheme() == "https" && picture.port().is_none()
}
