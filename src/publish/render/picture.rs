//! The pictures that a page shows from the servers of publishers.

use url::{Host, Url};

use super::forms::uri;
use super::page::Page;
use crate::model::Item;
use crate::text::is_local_name;

/// The address of the picture of `item`, if `page` shows pictures and a reader's browser may be sent there.
pub(super) fn picture(page: &Page<'_>, item: &Item) -> Option<String> {
    item.thumbnail.as_ref().filter(|picture| page.images && is_public(picture)).map(uri)
}

/// Whether an address is at a name of the public internet, in the usual way: a feed names what it likes, also the reader's
/// own router.
fn is_public(picture: &Url) -> bool {
    let is_name = matches!(picture.host(), Some(Host::Domain(name)) if !is_local_name(name));
    is_name && picture.scheme() == "https" && picture.port().is_none()
}
