//! What a feed leaves out and the page behind the entry supplies: headline, byline, lead picture. The feed comes first.

use url::Url;

use super::allowance::EntryAllowance;
use crate::model::{Article, Republish, StoredEntry, TitleOrigin};
use crate::rights;

/// The page behind an entry, if words of it may be shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageFallback<'a> {
    entry: &'a StoredEntry,
    page: Option<&'a Article>,
    extent: Republish,
    covers_page: bool,
}

impl<'a> PageFallback<'a> {
    /// That of `entry`, of which `allowed` may leave.
    pub(super) fn of(entry: &'a StoredEntry, allowed: &EntryAllowance) -> Self {
        // What the publisher keeps on the page stays there.
        let page = entry.article.as_deref().filter(|_| !allowed.only_from_feed);
        Self { entry, page, extent: allowed.extent, covers_page: allowed.covers_page }
    }

    /// The entry's title; the page's, if the feed gave none.
    pub(super) fn title(&self) -> &'a str {
        let of_page = self.page.and_then(|page| page.title.as_deref());
        of_page.filter(|_| self.entry.title_origin == TitleOrigin::Made).unwrap_or(&self.entry.title)
    }

    /// Who wrote it according to the page; used if the feed names nobody.
    pub(super) fn byline(&self) -> Option<&'a str> {
        self.page?.byline.as_deref()
    }

    /// The lead picture of the page: a part of the article as its text is, so only if all of that may leave.
    pub(super) fn image(&self) -> Option<&'a Url> {
        let may_be_shown =
            self.extent == Republish::Full && self.covers_page && rights::may_show_picture(&self.entry.signals);
        self.page?.image.as_ref().filter(|_| may_be_shown)
    }
}
