//! A document as read → the entries of a source: checked, tidied, filtered, with a guid each.

use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use jiff::Timestamp;
use url::Url;

use super::authors::authors;
use super::bases;
use super::credits::{self, Lead, Woven};
use super::document::{Document, Fields, Media, Post};
use super::guid::{Guids, Occurrence};
use super::language::language;
use super::plain::{text_of, text_within};
use super::private::Private;
use super::rights;
use super::title::title;
use crate::config::{FutureDates, Refusal, SourceConfig};
use crate::model::{Enclosure, Entry, EntryKey, Markup, Signal, SignalKind};
use crate::text::{HtmlLimits, is_ornament_address, plain_text, plain_text_within, short_hash, web_url};

/// Entries kept from one document, the newest.
const MOST_ENTRIES: usize = 500;
/// Longest plain text in bytes.
const LONGEST_TEXT_BYTES: usize = 4_000;
/// 1990-01-01: no feed is older, and 1970 is what a broken clock reports.
const OLDEST: i64 = 631_152_000;

/// What was made from a document.
#[derive(Debug, Default)]
pub struct Entries {
    /// The entries, newest first, at most 500.
    pub entries: Vec<Entry>,
    /// What was left out, and why; `what` is the title, link or id, whatever there was.
    pub dropped: Vec<(String, Why)>,
    /// Entries whose own ids are of no use, because others have the same.
    pub(crate) useless_ids: usize,
}

/// Why an entry was left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// It has no http(s) address with a host and without user info.
    NoAddress,
    /// The document ends inside it; the next poll brings it whole.
    CutShort,
    /// It repeats another entry of the document.
    Repeated,
    /// It is dated in the future, and feeds.toml says to drop such entries.
    Future,
    /// `include` or `exclude` of feeds.toml.
    Filtered(Refusal),
    /// It is not among the newest 500.
    TooMany,
}

impl Why {
    /// Its name for programs; never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoAddress => "no_address",
            Self::CutShort => "cut_short",
            Self::Repeated => "repeated",
            Self::Future => "future",
            Self::Filtered(Refusal::Excluded { .. }) => "exclude",
            Self::Filtered(Refusal::NotIncluded { .. }) => "include",
            Self::TooMany => "too_many",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Filtered(refusal) => return refusal.fmt(f),
            Self::NoAddress => "no usable web address",
            Self::CutShort => "the document ends inside it",
            Self::Repeated => "repeated in the document",
            Self::Future => "dated in the future",
            Self::TooMany => "older than the newest 500",
        })
    }
}

/// Makes entries from `document` for `source`, read at `now`.
#[must_use]
pub fn entries(document: Document, source: &SourceConfig, now: Timestamp) -> Entries {
    let site = document.head.link.as_deref();
    let mut guids = Guids::new(source.identity, &document.posts, site);
    let maker =
        Maker { source, now, head: &document.head, base: fall_back_base(&document), private: Private::of(source) };
    let mut made = Entries { useless_ids: guids.useless(&document.posts), ..Entries::default() };
    // Hashes of guids, and where their entries are.
    let hasher = FixedState::default();
    let mut places: HashMap<u64, usize, FixedState> =
        HashMap::with_capacity_and_hasher(document.posts.len(), hasher.clone());
    for mut post in document.posts {
        match maker.entry(&mut post, &mut guids) {
            Ok((entry, Occurrence::First)) => {
                places.insert(hasher.hash_one(&entry.key.guid), made.entries.len());
                made.entries.push(entry);
            }
            Ok((entry, Occurrence::Repetition)) => {
                let place = places.get(&hasher.hash_one(&entry.key.guid));
                let known = place.and_then(|at| made.entries.get_mut(*at)).filter(|known| known.key == entry.key);
                let older = match known {
                    // For one guid, the newer version counts.
                    Some(known) if last_change(&entry) > last_change(known) => std::mem::replace(known, entry),
                    _ => entry,
                };
                made.dropped.push((older.title, Why::Repeated));
            }
            Err(why) => made.dropped.push((name_of(&post.fields), why)),
        }
    }
    // Stable: entries with the same time stay in document order.
    made.entries.sort_by_key(|entry| std::cmp::Reverse(entry.time_or(now)));
    for entry in made.entries.drain(MOST_ENTRIES.min(made.entries.len())..) {
        made.dropped.push((entry.title, Why::TooMany));
    }
    made
}

/// What relative addresses of entries are resolved against if the document's own address is not on the web:
/// the address the document gives for itself, else its home page.
fn fall_back_base(document: &Document) -> Option<Url> {
    let own = document.base.as_deref().filter(|base| matches!(base.scheme(), "http" | "https"));
    let stated = || {
        let by_itself =
            document.head.links.iter().filter(|link| link.rel == "self").filter_map(|link| link.href.as_deref());
        by_itself.chain(document.head.link.as_deref()).find_map(|link| web_url(link, None))
    };
    own.cloned().or_else(stated)
}

/// When an entry was published or edited, by its own account.
fn last_change(entry: &Entry) -> Option<Timestamp> {
    entry.published.max(entry.updated)
}

fn name_of(fields: &Fields) -> String {
    let title = fields.title.as_ref().map(|title| plain_text_within(title.raw(), 200));
    title
        .filter(|title| !title.is_empty())
        .or_else(|| fields.link.clone())
        .or_else(|| fields.id.clone())
        .unwrap_or_default()
}

#[derive(Debug)]
struct Maker<'a> {
    source: &'a SourceConfig,
    now: Timestamp,
    head: &'a Fields,
    base: Option<Url>,
    private: Private,
}

impl Maker<'_> {
    /// The entry that `post` is; takes its texts only on success, except for filters.
    fn entry(&self, post: &mut Post, guids: &mut Guids) -> Result<(Entry, Occurrence), Why> {
        if post.cut_short {
            return Err(Why::CutShort);
        }
        let woven = self.woven(post);
        let text = post.text();
        let url = self.address(&post.fields, &text).ok_or(Why::NoAddress)?;
        let (title, title_origin) = title(&post.fields, &text, &url);
        let link = post.fields.link.as_deref().unwrap_or(url.as_str());
        let (guid, occurrence) = guids.guid(post, link, &title, &text);
        let published = self.published(&post.fields)?;
        let signals = rights::signals(post);
        let held = |signals: &[Signal]| rights::keeps_pictures_back(signals);
        let image = (!held(&signals) && !held(&self.head.signals)).then(|| post.image()).flatten();
        let image = image.and_then(|image| {
            let page = || bases::page_of(&post.fields, self.head, self.base.as_ref());
            web_url(&image, if image.contains("://") { None } else { page() }.as_ref())
        });
        let via = post.source.as_deref().and_then(credits::via);
        let authors = authors(&post.fields, post.source.as_deref(), self.head, self.base.as_ref());
        let credits = woven.map(|woven| woven.credits(post, &Lead { url: &url, title: &title, published }));
        let fields = &mut post.fields;
        let label = fields.language.take().or_else(|| self.head.language.clone());
        let language = language(label, &title, &text);
        let mut entry = Entry {
            key: EntryKey { source: self.source.id.clone(), guid: self.private.guid(guid) },
            url,
            title,
            title_origin,
            is_cut: false,
            text,
            published,
            updated: fields.updated.and_then(|at| self.plausible(at)),
            authors,
            categories: categories(fields),
            enclosures: self.enclosures(fields, &signals),
            image,
            language,
            rights: fields.rights.as_ref().map(text_of).filter(|rights| !rights.is_empty()),
            license: license(&signals),
            signals,
            comments: fields.comments.as_deref().and_then(|comments| web_url(comments, self.base.as_ref())),
            via,
            credits,
            summary: fields.summary.take().map(tamed),
            content: std::mem::take(&mut fields.contents)
                .into_iter()
                .map(|content| content.value)
                .find(|value| !value.is_blank())
                .map(tamed),
        };
        self.private.hide(&mut entry);
        match self.source.refuses(&entry) {
            Some(refusal) => Err(Why::Filtered(refusal)),
            None => Ok((entry, occurrence)),
        }
    }

    /// What an item of another feedloom instance says besides the outlet's own words, which alone are left in it.
    fn woven(&self, post: &mut Post) -> Option<Woven> {
        let is_ours = post.credits.is_some() || self.head.generator.as_deref().is_some_and(credits::is_ours);
        is_ours.then(|| Woven::take(post))
    }

    /// Where it is; of an entry that leads into a private feed, the place of one without an address.
    fn address(&self, fields: &Fields, text: &str) -> Option<Url> {
        match self.url(fields) {
            Some(url) if self.private.is_in(url.as_str()) => self.place_at_home(fields, text),
            Some(url) => Some(url),
            None => self.home(fields, text),
        }
    }

    /// The page behind a redirector, else the page, else any link to the web.
    fn url(&self, fields: &Fields) -> Option<Url> {
        let link = fields.original_link.as_deref().or(fields.link.as_deref());
        let from_link = link.and_then(|link| web_url(link, self.base.as_ref()));
        let others = || {
            let alternate =
                fields.links.iter().filter(|link| link.rel == "alternate").filter_map(|link| link.href.as_deref());
            let id = fields.id.as_deref().filter(|id| id.starts_with("http://") || id.starts_with("https://"));
            let media = fields.enclosures.iter().map(|media| media.url.as_str());
            alternate.chain(id).chain(media).find_map(|href| web_url(href, self.base.as_ref()))
        };
        from_link.or_else(others)
    }

    /// If no address at all was written: a place on the home page of the feed.
    fn home(&self, fields: &Fields, text: &str) -> Option<Url> {
        let written = fields.original_link.is_some()
            || fields.link.is_some()
            || fields.links.iter().any(|link| link.href.is_some())
            || !fields.enclosures.is_empty();
        if written { None } else { self.place_at_home(fields, text) }
    }

    /// The home page of the feed, with a fragment made from the entry's own words, so that it stays the same at each poll
    /// and differs from the others'.
    fn place_at_home(&self, fields: &Fields, text: &str) -> Option<Url> {
        let title = fields.title.as_ref().map(text_of).unwrap_or_default();
        if title.is_empty() && text.is_empty() {
            return None;
        }
        let mut home = web_url(self.head.link.as_deref()?, self.base.as_ref())?;
        if self.private.is_in(home.as_str()) {
            home = home.join("/").ok().filter(|root| !self.private.is_in(root.as_str()))?;
        }
        home.set_fragment(Some(&short_hash(&[&title, text])));
        Some(home)
    }

    /// `None` if it is undated, absurd or, by `future_dates`, in the future.
    fn published(&self, fields: &Fields) -> Result<Option<Timestamp>, Why> {
        let dated =
            [fields.published, fields.created, fields.updated].into_iter().flatten().find_map(|at| self.plausible(at));
        match (dated, self.source.future_dates) {
            (Some(at), FutureDates::Clamp) if at > self.now => Ok(Some(self.now)),
            (Some(at), FutureDates::Drop) if at > self.now => Err(Why::Future),
            (dated, _) => Ok(dated),
        }
    }

    fn plausible(&self, at: Timestamp) -> Option<Timestamp> {
        let at = at.checked_add(self.source.date_offset).ok()?;
        (at.as_second() >= OLDEST).then_some(at)
    }

    /// The media files, without those that a restriction withholds.
    fn enclosures(&self, fields: &Fields, signals: &[Signal]) -> Vec<Enclosure> {
        let made = fields.enclosures.iter().filter_map(enclosure);
        made.filter(|media| !rights::keeps_back(signals, media) && !rights::keeps_back(&self.head.signals, media))
            .collect()
    }
}

impl Post {
    /// Plain text of the summary, else of the contents, at most 4,000 bytes.
    fn text(&self) -> String {
        let texts = self.fields.summary.iter().chain(self.fields.contents.iter().map(|content| &content.value));
        texts.map(|value| text_within(value, LONGEST_TEXT_BYTES)).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// The best picture: one the entry names, a picture enclosed, the first in its text.
    #[must_use]
    pub fn image(&self) -> Option<String> {
        let fields = &self.fields;
        let enclosed = || {
            let is_picture = |media: &&super::document::Media| {
                let by_name = || {
                    let path = media.url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
                    [".jpg", ".jpeg", ".png", ".webp", ".avif"].iter().any(|end| path.ends_with(end))
                };
                match media.media_type.as_deref().and_then(|given| given.split_once('/')) {
                    Some(("image", _)) => true,
                    // Says nothing, as `jpg` and `image` do, which are no types.
                    Some(("application", "octet-stream")) | None => by_name(),
                    Some(_) => false,
                }
            };
            let mut pictures = fields.enclosures.iter().filter(is_picture).map(|media| &media.url);
            pictures.find(|url| !is_ornament_address(url)).cloned()
        };
        let inside = || {
            let texts = fields.contents.iter().map(|content| &content.value).chain(&fields.summary);
            texts
                .filter_map(|value| match value {
                    Markup::Html(html) => crate::text::resolve::first_image(html),
                    Markup::Text(_) => None,
                })
                .next()
        };
        let named = fields.images.iter().find(|url| !is_ornament_address(url)).cloned();
        let small = || fields.small_images.iter().find(|url| !is_ornament_address(url)).cloned();
        named.or_else(enclosed).or_else(inside).or_else(small)
    }
}

/// HTML of more than 256 KiB becomes its text.
fn tamed(value: Markup) -> Markup {
    match value {
        Markup::Html(html) if html.len() > HtmlLimits::ITEM.bytes => {
            Markup::Text(plain_text_within(&html, HtmlLimits::ITEM.bytes))
        }
        Markup::Text(text) if text.len() > HtmlLimits::ITEM.bytes => {
            Markup::Text(text_within(&Markup::Text(text), HtmlLimits::ITEM.bytes))
        }
        value => value,
    }
}

fn categories(fields: &Fields) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for category in &fields.categories {
        let Some(text) = category.label.as_deref().or(category.term.as_deref()) else { continue };
        let text = plain_text(text);
        if !text.is_empty() && text.len() <= 200 && !seen.iter().any(|known| known.eq_ignore_ascii_case(&text)) {
            seen.push(text);
        }
    }
    seen
}

/// The first licence that has an address.
fn license(signals: &[Signal]) -> Option<Url> {
    let licenses = signals.iter().filter(|signal| signal.kind == SignalKind::License);
    licenses.filter_map(|signal| web_url(&signal.value, None)).next()
}

fn enclosure(media: &Media) -> Option<Enclosure> {
    let length_bytes =
        media.length.as_deref().and_then(|length| length.trim().parse().ok()).filter(|length| *length > 0);
    Some(Enclosure { url: web_url(&media.url, None)?, media_type: media.media_type.clone(), length_bytes })
}
