//! The page for people: one document without JavaScript and without anything loaded from elsewhere.
//!
//! What a template is given is documented in docs/template.md; the structs here are its reference.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::engine::{self, Html};
use super::error::RenderError;
use super::feed_links::{FeedLink, feed_link};
use super::forms::{address_of, author_of, uri};
use super::language::{language_tag, own_language};
use super::nav::{self, NavView};
use super::page::Page;
use super::page_body::for_page;
use super::page_parts::{Moment, clean, moment, relative};
use super::sources;
use crate::config::Phrases;
use crate::model::{Attribution, Item, StoryId};
use crate::rights::Rsl;
use crate::text::{plain_text, without_illegal_xml};

/// The page that is made if feeds.toml names no other template.
const PAGE: &str = include_str!("page.html");
/// The newest stories are included whole, if permitted, up to this many bytes in all; the others with
/// their excerpt: a page is for choosing what to read.
const WHOLE_TEXTS_BYTES: usize = 48 * 1024;
/// A page has at most this many top stories, …
const MOST_TOP: usize = 8;
/// … and none if there would be fewer than this.
const LEAST_TOP: usize = 3;
/// Top stories are at most this much older than the newest story.
const TOP_SPAN: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn render(page: &Page<'_>) -> Result<Vec<u8>, RenderError> {
    let channel = page.channel;
    let links = page.feeds.iter().filter_map(|feed| feed_link(page.file, feed));
    let (lists, feeds) = links.partition(|link: &FeedLink| link.name == "OPML");
    let top = top_of(page);
    let days = days(page, &top);
    let top = top.iter().filter_map(|id| days.iter().flat_map(|day| &day.items).find(|item| item.id == id.as_str()));
    let top = top.cloned().collect();
    let view = PageView {
        language: language_tag(&channel.language).unwrap_or_else(|| "en".to_owned()),
        phrases: PhrasesView::of(page.phrases),
        title: clean(&channel.title),
        description: clean(&channel.description),
        address: address_of(channel, page.file).as_ref().map(uri),
        updated: channel.updated.map(moment),
        feeds,
        lists,
        top,
        days,
        sources: sources::views(page),
        more_sources: sources::left_out(page),
        archive: page.nav.view(page.file),
        about: page.about.map(|about| relative(page.file, about)),
    };
    match page.template {
        Some(own) => engine::fill(&own.path.to_string_lossy(), &own.text, &view),
        None => engine::fill("page.html", PAGE, &view),
    }
}

#[derive(Serialize)]
struct PageView {
    language: String,
    /// Our phrases in the language of the page.
    phrases: PhrasesView,
    title: String,
    description: String,
    /// The address at which the page itself is public.
    address: Option<String>,
    updated: Option<Moment>,
    feeds: Vec<FeedLink>,
    lists: Vec<FeedLink>,
    /// The stories of most outlets in the last 24 hours, which are among those of the days, too.
    top: Vec<ItemView>,
    days: Vec<DayView>,
    sources: Vec<sources::SourceView>,
    more_sources: usize,
    archive: NavView,
    /// The page for publishers.
    about: Option<String>,
}

#[derive(Serialize)]
struct PhrasesView {
    again: String,
    also: String,
    discussed: String,
    via: String,
}

impl PhrasesView {
    fn of(phrases: &Phrases) -> Self {
        Self {
            again: clean(&phrases.again),
            also: clean(&phrases.also),
            discussed: clean(&phrases.discussed),
            via: clean(&phrases.via),
        }
    }
}

/// A link with a name.
#[derive(Clone, Serialize)]
struct PageLink {
    name: String,
    href: String,
}

#[derive(Serialize)]
struct DayView {
    /// `2026-11-23`
    date: String,
    /// `Monday, 23 November 2026`
    name: String,
    /// `Monday`
    weekday: String,
    /// `23 November 2026`
    short: String,
    items: Vec<ItemView>,
}

#[derive(Clone, Serialize)]
struct ItemView {
    id: String,
    /// Whether it is one of the top stories.
    is_top: bool,
    /// If it is not the page's.
    language: Option<String>,
    title: String,
    url: String,
    source: String,
    /// What led to it: a link list.
    via: Option<String>,
    site: Option<String>,
    author: Option<String>,
    published: Moment,
    disclosure: Option<String>,
    excerpt: String,
    /// The whole text, if it may be given and there is room for it.
    text: Option<Html>,
    credit: CreditLine,
    /// Where it is discussed first.
    comments: Option<String>,
    discussions: Vec<PageLink>,
    /// Independent outlets, and articles.
    outlets: usize,
    articles: usize,
    categories: Vec<String>,
    also: Vec<CreditView>,
    /// All of them, the leading one first.
    credits: Vec<CreditView>,
}

/// The attribution line of the output.
#[derive(Clone, Serialize)]
struct CreditLine {
    html: Html,
    /// It says no more than headline and byline.
    is_usual: bool,
    is_last: bool,
}

#[derive(Clone, Serialize)]
struct CreditView {
    source: String,
    /// What led to it.
    via: Option<String>,
    title: String,
    url: String,
    author: Option<String>,
    published: Moment,
    /// The source's own id for it, if that is not its address.
    guid: Option<String>,
    rights: Option<String>,
    licenses: Vec<String>,
    rsl: Vec<String>,
    rsl_documents: Vec<String>,
    /// A further article of that outlet.
    again: Option<PageLink>,
}

/// The top stories of the page of the newest: those that several outlets cover, of the day before the newest, the highest
/// first; none if there are too few to tell.
fn top_of(page: &Page<'_>) -> Vec<StoryId> {
    let newest = page.items.iter().map(|item| item.published).max().filter(|_| page.nav.day.is_none());
    let Some(since) = newest.and_then(|newest| newest.checked_sub(TOP_SPAN).ok()) else { return Vec::new() };
    let ranked = page.items.iter().filter(|item| item.published >= since && item.coverage.outlets > 1);
    let mut ranked: Vec<(&Item, f64)> = ranked.filter_map(|item| Some((item, item.rank.as_ref()?.height()))).collect();
    ranked.sort_by(|(one, of_one), (other, of_other)| {
        of_other.total_cmp(of_one).then_with(|| one.story.cmp(&other.story))
    });
    ranked.truncate(MOST_TOP);
    if ranked.len() < LEAST_TOP { Vec::new() } else { ranked.into_iter().map(|(item, _)| item.story.clone()).collect() }
}

/// The items by the day of their date (UTC), the newest day first, within each day in the order given.
fn days(page: &Page<'_>, top: &[StoryId]) -> Vec<DayView> {
    let mut by_day: BTreeMap<Date, Vec<ItemView>> = BTreeMap::new();
    let mut room = WHOLE_TEXTS_BYTES;
    for item in page.items {
        by_day
            .entry(day_of(item.published))
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

fn day_of(time: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(time).date()
}

fn item_view(page: &Page<'_>, item: &Item, room: &mut usize) -> ItemView {
    let lead = item.lead();
    let (_, others) = item.attributions().split_first().unwrap_or((lead, &[]));
    // What the excerpt already says is not repeated.
    let plain = plain_text(&item.text_html);
    let is_more = plain.chars().count() > item.excerpt.chars().count() && plain != item.title;
    let text = Some(for_page(&without_illegal_xml(&item.text_html))).filter(|text| is_more && text.len() <= *room);
    *room -= text.as_ref().map_or(0, String::len);
    ItemView {
        id: item.story.to_string(),
        is_top: false,
        language: own_language(page.channel, item),
        title: clean(&item.title),
        url: uri(&lead.url),
        source: clean(&lead.source.shown()),
        via: lead.source.via.as_deref().map(clean),
        site: lead.source.site.as_ref().map(uri),
        author: if item.rewritten.is_some() {
            Some(clean(&author_of(item)))
        } else {
            lead.author.as_deref().map(clean)
        },
        published: moment(item.published),
        disclosure: item.disclosure.as_deref().map(clean),
        excerpt: clean(&item.excerpt),
        text: text.map(Html),
        credit: CreditLine {
            html: Html(without_illegal_xml(&item.credit.html).into_owned()),
            is_usual: item.credit.is_usual,
            is_last: item.credit.is_last,
        },
        comments: item.discussions.first().map(|page| uri(&page.url)),
        discussions: item
            .discussions
            .iter()
            .map(|page| PageLink { name: clean(&page.name), href: uri(&page.url) })
            .collect(),
        outlets: item.coverage.outlets,
        articles: item.coverage.articles,
        categories: item.categories.iter().map(|category| clean(category)).collect(),
        also: others.iter().map(credit_view).collect(),
        credits: item.attributions().iter().map(credit_view).collect(),
    }
}

fn credit_view(credit: &Attribution) -> CreditView {
    let guid = clean(&credit.guid);
    CreditView {
        source: clean(&credit.source.shown()),
        via: credit.source.via.as_deref().map(clean),
        title: clean(&credit.title),
        url: uri(&credit.url),
        author: credit.author.as_deref().map(clean),
        published: moment(credit.published),
        guid: Some(guid).filter(|guid| *guid != credit.url.as_str()),
        rights: credit.rights.as_deref().map(clean),
        licenses: credit.licenses.iter().map(uri).collect(),
        rsl: credit.rsl.iter().filter_map(|xml| Some(clean(&Rsl::parse(xml)?.words()))).collect(),
        rsl_documents: credit.rsl_documents.iter().map(uri).collect(),
        again: credit.again.as_ref().map(|again| PageLink { name: clean(&again.title), href: uri(&again.url) }),
    }
}
