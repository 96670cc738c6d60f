//! The page for people: one document without JavaScript and without anything loaded from elsewhere.
//!
//! What a template is given is documented in docs/template.md; the structs of page_view.rs are its reference.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::SignedDuration;
use jiff::civil::Date;

use super::engine::{self, Engine};
use super::error::RenderError;
use super::nav::{self, Nav};
use super::page::Page;
use super::page_view::{DayView, ItemView, PageView, TextRoom, WHOLE_TEXTS_BYTES, frame, item_view};
use super::sources;
use crate::model::{Item, StoryId};

/// The page that is made if feeds.toml names no other template.
const PAGE: &str = include_str!("page.html");
/// The same, read once for all pages.
static BUILT_IN: LazyLock<Option<Engine<'static>>> = LazyLock::new(|| Engine::new("page.html", PAGE).ok());
/// A page has at most this many top stories, …
const MOST_TOP: usize = 8;
/// … and none if there would be fewer than this.
const LEAST_TOP: usize = 3;
/// Top stories are at most this much older than the newest story.
const TOP_SPAN: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn render(page: &Page<'_>) -> Result<Vec<u8>, RenderError> {
    let view = view(page);
    match page.template {
        Some(own) => engine::fill(&own.path.to_string_lossy(), &own.text, &view),
        None => match &*BUILT_IN {
            Some(built_in) => built_in.fill(&view),
            None => engine::fill("page.html", PAGE, &view),
        },
    }
}

fn view(page: &Page<'_>) -> PageView {
    let top = top_stories(page.items, page.nav);
    let days = days(page, &top);
    let top = top.iter().filter_map(|id| days.iter().flat_map(|day| &day.items).find(|item| item.id == id.as_str()));
    let top = top.cloned().collect();
    PageView { top, days, sources: sources::views(page), more_sources: sources::left_out(page), ..frame(page) }
}

/// The top stories among `items` for the page of the newest: those that several outlets cover, of the day before the newest,
/// the highest first; none if there are too few to tell, or if it is another page.
pub(crate) fn top_stories(items: &[Item], nav: &Nav) -> Vec<StoryId> {
    let newest = items.iter().map(|item| item.published).max().filter(|_| nav.day.is_none() && nav.facet.is_none());
    let Some(since) = newest.and_then(|newest| newest.checked_sub(TOP_SPAN).ok()) else { return Vec::new() };
    let ranked = items.iter().filter(|item| item.published >= since && item.coverage.outlets > 1);
    let mut ranked: Vec<(&Item, f64)> = ranked.filter_map(|item| Some((item, item.rank.as_ref()?.height()))).collect();
    ranked.sort_by(|(one, of_one), (other, of_other)| {
        of_other.total_cmp(of_one).then_with(|| one.story.cmp(&other.story))
    });
    ranked.truncate(MOST_TOP);
    if ranked.len() < LEAST_TOP { Vec::new() } else { ranked.into_iter().map(|(item, _)| item.story.clone()).collect() }
}

/// The items by the day of their date, as the zone has it, the newest day first, within each day in the order given.
fn days(page: &Page<'_>, top: &[StoryId]) -> Vec<DayView> {
    let mut by_day: BTreeMap<Date, Vec<ItemView>> = BTreeMap::new();
    let mut room = TextRoom { bytes: WHOLE_TEXTS_BYTES, level: 3 };
    for item in page.items {
        by_day
            .entry(page.channel.zone.to_datetime(item.published).date())
            .or_default()
            .push(ItemView { is_top: top.contains(&item.story), ..item_view(page, item, &mut room) });
    }
    let day = |(date, items): (Date, Vec<ItemView>)| DayView {
        date: date.to_string(),
        name: nav::name(date),
        weekday: date.strftime("%A").to_string(),
        short: date.strftime("%-d %B %Y").to_string(),
        items,
    };
    by_day.into_iter().rev().map(day).collect()
}
