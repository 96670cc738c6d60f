//! The list of sources on a page, and how each of them fares.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::Serialize;

use super::forms::{public_site, uri};
use super::page::Page;
use super::page_parts::{Moment, clean, moment, public_address_of};
use crate::model::{Health, Item, Source};
use crate::publish::plain_line::short_line;
use crate::rights;
use crate::text::web_url;

/// A page names at most this many sources: those of its own stories first. All are in the OPML list.
const MOST_SOURCES: usize = 60;
/// A source without a new entry for this long before the page's last change is called silent.
const SILENT_AFTER: SignedDuration = SignedDuration::from_hours(24 * 45);

/// A source as a page lists it.
#[derive(Serialize)]
pub(super) struct SourceView {
    name: String,
    /// The page of its stories.
    page: Option<String>,
    site: Option<String>,
    feed: Option<String>,
    tags: Vec<String>,
    /// `ok`, `failing`, `gone`, `silent`, `new` or `paused`.
    state: &'static str,
    /// Since when it fails, is gone or is silent.
    since: Option<Moment>,
    rights: Option<String>,
    license: Option<String>,
}

/// The sources of `page` by name.
pub(super) fn views(page: &Page<'_>) -> Vec<SourceView> {
    let mut listed = page.sources.to_vec();
    if listed.len() > MOST_SOURCES {
        let credits = page.items.iter().flat_map(Item::attributions);
        let credited: BTreeSet<&str> = credits.map(|credit| credit.source.id.as_str()).collect();
        listed.sort_by_key(|source| !credited.contains(source.id.as_str()));
        listed.truncate(MOST_SOURCES);
    }
    listed.sort_by_cached_key(|source| (source.name.to_lowercase(), &source.id));
    listed.into_iter().map(|source| view(source, page)).collect()
}

/// How many sources [`views`] leaves out.
pub(super) fn left_out(page: &Page<'_>) -> usize {
    page.sources.len().saturating_sub(MOST_SOURCES)
}

fn view(source: &Source, page: &Page<'_>) -> SourceView {
    // Measured by the page's own last change, not by the clock: what is unchanged has unchanged bytes.
    let silent_before = page.channel.updated.and_then(|updated| updated.checked_sub(SILENT_AFTER).ok());
    let (state, since) = match source.health {
        Health::New => ("new", None),
        Health::Paused => ("paused", None),
        Health::Good { newest: Some(newest) } if silent_before.is_some_and(|before| newest < before) => {
            ("silent", Some(newest))
        }
        Health::Good { .. } => ("ok", None),
        Health::Failing { since } => ("failing", since),
        Health::Gone { since } => ("gone", since),
    };
    SourceView {
        name: short_line(&source.name).unwrap_or_else(|| source.id.to_string()),
        page: page.nav.facets.of_source(source.id.as_str(), page.file),
        site: public_site(source).map(uri),
        feed: public_address_of(&source.feed_url),
        tags: source.tags.iter().map(|tag| clean(tag)).collect(),
        state,
        since: since.map(|time| moment(&page.channel.zone, time)),
        rights: source.rights.as_deref().and_then(short_line),
        license: rights::licenses(&source.signals, &[])
            .iter()
            .find_map(|signal| web_url(&signal.value, None))
            .as_ref()
            .map(uri),
    }
}
