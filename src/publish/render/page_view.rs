//! What a template is given: documented in docs/template.md; the structs here are its reference.

use serde::Serialize;

use super::engine::Html;
use super::facet_view::{FacetView, TagView, facet_view, own_credit, tag_views};
use super::feed_links::{FeedLink, feed_link};
use super::forms::{address_of, author_of, uri};
use super::language::{language_tag, own_language};
use super::nav::NavView;
use super::page::Page;
use super::page_body::for_page;
use super::page_parts::{Moment, PageLink, clean, moment, name_of, relative};
use super::page_pictures::PagePictures;
use super::picture::picture;
use super::sources;
use crate::config::Phrases;
use crate::model::{Attribution, Item};
use crate::rights::Rsl;
use crate::text::{plain_text, without_illegal_xml};

/// The newest stories are included whole, if permitted, up to this many bytes in all; the others with
/// their excerpt: a page is for choosing what to read.
pub(super) const WHOLE_TEXTS_BYTES: usize = 48 * 1024;

/// What a template is given.
#[derive(Serialize)]
pub(super) struct PageView {
    pub(super) language: String,
    /// Our phrases in the language of the page.
    pub(super) phrases: PhrasesView,
    pub(super) title: String,
    pub(super) description: String,
    /// The address at which the page itself is public.
    pub(super) address: Option<String>,
    pub(super) updated: Option<Moment>,
    /// Whose clocks the times are read from.
    pub(super) zone: String,
    /// It asks search engines to leave it out.
    pub(super) noindex: bool,
    /// It shows pictures from the servers of publishers.
    pub(super) images: bool,
    /// It shows small copies of pictures, which are beside it.
    pub(super) copies: bool,
    pub(super) feeds: Vec<FeedLink>,
    pub(super) lists: Vec<FeedLink>,
    /// The stories of most outlets in the last 24 hours, which are among those of the days, too.
    pub(super) top: Vec<ItemView>,
    pub(super) days: Vec<DayView>,
    /// The one story, on the page of a story.
    pub(super) story: Option<StoryPart>,
    /// The tag or source that the page is for.
    pub(super) facet: Option<FacetView>,
    /// The tags that have a page.
    pub(super) tags: Vec<TagView>,
    pub(super) more_tags: usize,
    pub(super) sources: Vec<sources::SourceView>,
    pub(super) more_sources: usize,
    pub(super) archive: NavView,
    /// The page for publishers.
    pub(super) about: Option<String>,
}

#[derive(Serialize)]
pub(super) struct PhrasesView {
    pub(super) again: String,
    pub(super) also: String,
    pub(super) discussed: String,
    pub(super) via: String,
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

#[derive(Serialize)]
pub(super) struct DayView {
    /// `2026-11-23`
    pub(super) date: String,
    /// `Monday, 23 November 2026`
    pub(super) name: String,
    /// `Monday`
    pub(super) weekday: String,
    /// `23 November 2026`
    pub(super) short: String,
    pub(super) items: Vec<ItemView>,
}

#[derive(Clone, Serialize)]
pub(super) struct ItemView {
    pub(super) id: String,
    /// The page of the story alone.
    pub(super) page: Option<String>,
    /// Whether it is one of the top stories.
    pub(super) is_top: bool,
    /// If it is not the page's.
    pub(super) language: Option<String>,
    pub(super) title: String,
    pub(super) url: String,
    pub(super) source: String,
    /// What led to it: a link list.
    pub(super) via: Option<String>,
    pub(super) site: Option<String>,
    /// The page of its source.
    pub(super) source_page: Option<String>,
    pub(super) author: Option<String>,
    pub(super) published: Moment,
    pub(super) disclosure: Option<String>,
    /// Its picture, on the server of its publisher or a small copy beside the page, if the page shows pictures.
    pub(super) image: Option<String>,
    pub(super) excerpt: String,
    /// The whole text, if it may be given and there is room for it.
    pub(super) text: Option<Html>,
    pub(super) credit: CreditLine,
    /// Where it is discussed first.
    pub(super) comments: Option<String>,
    pub(super) discussions: Vec<PageLink>,
    /// Independent outlets, and articles.
    pub(super) outlets: usize,
    pub(super) articles: usize,
    pub(super) categories: Vec<String>,
    pub(super) also: Vec<CreditView>,
    /// On the page of a source: what that tells, if it does not lead the story.
    pub(super) own: Option<CreditView>,
    /// All of them, the leading one first.
    pub(super) credits: Vec<CreditView>,
}

/// The attribution line of the output.
#[derive(Clone, Serialize)]
pub(super) struct CreditLine {
    pub(super) html: Html,
    /// It says no more than headline and byline.
    pub(super) is_usual: bool,
    pub(super) is_last: bool,
}

#[derive(Clone, Serialize)]
pub(super) struct CreditView {
    pub(super) source: String,
    /// The page of its source.
    pub(super) source_page: Option<String>,
    /// What led to it.
    pub(super) via: Option<String>,
    pub(super) title: String,
    pub(super) url: String,
    pub(super) author: Option<String>,
    pub(super) published: Moment,
    /// The source's own id for it, if that is not its address.
    pub(super) guid: Option<String>,
    pub(super) rights: Option<String>,
    pub(super) licenses: Vec<String>,
    pub(super) rsl: Vec<String>,
    pub(super) rsl_documents: Vec<String>,
    /// A further article of that outlet.
    pub(super) again: Option<PageLink>,
}

/// The one story of a page.
#[derive(Serialize)]
pub(super) struct StoryPart {
    pub(super) item: ItemView,
    pub(super) updated: Moment,
    /// The tags of its sources.
    pub(super) tags: Vec<PageLink>,
    pub(super) tellings: Vec<TellingView>,
    pub(super) corrections: Vec<CorrectionView>,
}

#[derive(Serialize)]
pub(super) struct TellingView {
    pub(super) credit: CreditView,
    pub(super) is_lead: bool,
    pub(super) site: Option<String>,
    pub(super) excerpt: String,
    pub(super) language: Option<String>,
    pub(super) disclosure: Option<String>,
    pub(super) edited: Option<Moment>,
}

#[derive(Serialize)]
pub(super) struct CorrectionView {
    pub(super) kind: &'static str,
    pub(super) at: Moment,
    pub(super) other: Option<String>,
}

/// What every page has around what it shows.
pub(super) fn frame(page: &Page<'_>) -> PageView {
    let channel = page.channel;
    let links = page.feeds.iter().filter_map(|feed| feed_link(page.file, feed));
    let (facet, (tags, more_tags)) = (facet_view(page), tag_views(page));
    // A template that does not know these pages is still to say what each is.
    let of_facet = facet.as_ref().filter(|_| page.template.is_some_and(|own| !own.has_facet));
    let title = clean(&channel.title);
    let title = of_facet.map_or_else(|| title.clone(), |facet| format!("{} · {title}", facet.name));
    let (lists, feeds) = links.partition(|link: &FeedLink| link.name == "OPML");
    PageView {
        language: language_tag(&channel.language).unwrap_or_else(|| "en".to_owned()),
        phrases: PhrasesView::of(page.phrases),
        title,
        description: clean(&channel.description),
        address: address_of(channel, page.file).as_ref().map(uri),
        updated: channel.updated.map(|time| moment(&channel.zone, time)),
        zone: name_of(&channel.zone),
        noindex: channel.noindex,
        images: matches!(page.pictures, PagePictures::Linked),
        copies: matches!(page.pictures, PagePictures::Copied(_)),
        feeds,
        lists,
        top: Vec::new(),
        days: Vec::new(),
        story: None,
        facet,
        tags,
        more_tags,
        sources: Vec::new(),
        more_sources: 0,
        archive: page.nav.view(page.file),
        about: page.about.map(|about| relative(page.file, about)),
    }
}

/// Whole texts that a page still has room for.
pub(super) struct TextRoom {
    pub(super) bytes: usize,
    /// Of the headline above each.
    pub(super) level: usize,
}

pub(super) fn item_view(page: &Page<'_>, item: &Item, room: &mut TextRoom) -> ItemView {
    let lead = item.lead();
    let (_, others) = item.attributions().split_first().unwrap_or((lead, &[]));
    // What the excerpt already says is not repeated.
    let plain = plain_text(&item.text_html);
    let is_more = plain.chars().count() > item.excerpt.chars().count() && plain != item.title;
    let text = Some(for_page(&without_illegal_xml(&item.text_html), room.level));
    let text = text.filter(|text| is_more && text.len() <= room.bytes);
    room.bytes -= text.as_ref().map_or(0, String::len);
    ItemView {
        id: item.story.to_string(),
        page: page.nav.stories.file(&item.story).map(|file| relative(page.file, &file)),
        is_top: false,
        language: own_language(page.channel, item),
        title: clean(&item.title),
        url: uri(&lead.url),
        source: clean(&lead.source.shown()),
        via: lead.source.via.as_deref().map(clean),
        site: lead.source.site.as_ref().map(uri),
        source_page: page.nav.facets.of_credit(lead, page.file),
        author: if item.rewritten.is_some() {
            Some(clean(&author_of(item)))
        } else {
            lead.author.as_deref().map(clean)
        },
        published: moment(&page.channel.zone, item.published),
        disclosure: item.disclosure.as_deref().map(clean),
        image: picture(page, item),
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
        also: others.iter().map(|credit| credit_view(page, credit)).collect(),
        own: own_credit(page, item).map(|credit| credit_view(page, credit)),
        credits: item.attributions().iter().map(|credit| credit_view(page, credit)).collect(),
    }
}

pub(super) fn credit_view(page: &Page<'_>, credit: &Attribution) -> CreditView {
    let guid = clean(&credit.guid);
    CreditView {
        source: clean(&credit.source.shown()),
        source_page: page.nav.facets.of_credit(credit, page.file),
        via: credit.source.via.as_deref().map(clean),
        title: clean(&credit.title),
        url: uri(&credit.url),
        author: credit.author.as_deref().map(clean),
        published: moment(&page.channel.zone, credit.published),
        guid: Some(guid).filter(|guid| *guid != credit.url.as_str()),
        rights: credit.rights.as_deref().map(clean),
        licenses: credit.licenses.iter().map(uri).collect(),
        rsl: credit.rsl.iter().filter_map(|xml| Some(clean(&Rsl::parse(xml)?.words()))).collect(),
        rsl_documents: credit.rsl_documents.iter().map(uri).collect(),
        again: credit.again.as_ref().map(|again| PageLink { name: clean(&again.title), href: uri(&again.url) }),
    }
}
