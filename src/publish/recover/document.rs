//! A JSON Feed of ours → its items as they were published.

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::model::{
    Enclosure, Entry, EntryKey, Markup, Origin, Person, Signal, SignalKind, SourceId, StoryId, TitleOrigin,
};
use crate::store::TagBase;

/// Larger than any document that we write.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// A published document.
#[derive(Debug)]
pub(super) struct Published {
    /// The base of the ids in it.
    pub(super) base: TagBase,
    /// Host of the home page that it names.
    pub(super) home: Option<String>,
    /// Its items, first to last.
    pub(super) items: Vec<PublishedItem>,
}

/// A published item.
#[derive(Debug)]
pub(super) struct PublishedItem {
    pub(super) id: StoryId,
    pub(super) date: Timestamp,
    /// What it credits, the leading entry first; at least one.
    pub(super) entries: Vec<Entry>,
}

/// Reads a document; `None` where it is none that we wrote.
pub(super) fn read(bytes: &[u8]) -> Option<Published> {
    if bytes.len() > MOST_BYTES {
        return None;
    }
    let feed: JsonFeed = serde_json::from_slice(bytes).ok()?;
    let (base, _) = feed.items.iter().find_map(|item| split_id(&item.id))?;
    let of_it = |item: JsonItem| {
        let (own, id) = split_id(&item.id)?;
        if own == base { item.published(id) } else { None }
    };
    let items = feed.items.into_iter().filter_map(of_it).collect();
    let home = feed.home_page_url.as_deref().and_then(|home| Some(Url::parse(home).ok()?.host_str()?.to_owned()));
    Some(Published { base, home, items })
}

/// `tag:HOST,YEAR:s/ID` → its parts.
fn split_id(id: &str) -> Option<(TagBase, StoryId)> {
    let (authority, story) = id.strip_prefix("tag:")?.split_once(":s/")?;
    let (host, year) = authority.split_once(',')?;
    let base = TagBase { host: host.to_owned(), year: year.parse().ok()? };
    Some((base, StoryId::parse(story)?))
}

#[derive(Debug, Deserialize)]
struct JsonFeed {
    home_page_url: Option<String>,
    items: Vec<JsonItem>,
}

#[derive(Debug, Deserialize)]
struct JsonItem {
    id: String,
    summary: Option<String>,
    image: Option<Url>,
    #[serde(deserialize_with = "time")]
    date_published: Timestamp,
    date_modified: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    language: Option<String>,
    #[serde(default)]
    attachments: Vec<JsonAttachment>,
    #[serde(rename = "_feedloom")]
    feedloom: JsonCredits,
}

#[derive(Debug, Deserialize)]
struct JsonAttachment {
    url: Url,
    mime_type: Option<String>,
    size_in_bytes: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct JsonCredits {
    sources: Vec<JsonSource>,
}

#[derive(Debug, Deserialize)]
struct JsonSource {
    id: String,
    title: String,
    url: Url,
    author: Option<String>,
    #[serde(deserialize_with = "time")]
    date_published: Timestamp,
    guid: String,
    rights: Option<String>,
    #[serde(default)]
    licenses: Vec<String>,
    #[serde(default)]
    rsl: Vec<String>,
    #[serde(default)]
    rsl_documents: Vec<String>,
    comments: Option<Url>,
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

impl JsonItem {
    fn published(self, id: StoryId) -> Option<PublishedItem> {
        let mut entries: Vec<Entry> = self.feedloom.sources.into_iter().filter_map(JsonSource::entry).collect();
        let lead = entries.first_mut()?;
        lead.text = self.summary.clone().unwrap_or_default();
        lead.summary = self.summary.map(Markup::Text);
        lead.updated =
            self.date_modified.and_then(|time| time.parse().ok()).filter(|edited| *edited > self.date_published);
        lead.categories = self.tags;
        lead.image = self.image;
        lead.language = self.language;
        lead.enclosures = self.attachments.into_iter().map(JsonAttachment::enclosure).collect();
        Some(PublishedItem { id, date: self.date_published, entries })
    }
}

impl JsonAttachment {
    fn enclosure(self) -> Enclosure {
        Enclosure { url: self.url, media_type: self.mime_type, length_bytes: self.size_in_bytes }
    }
}

impl JsonSource {
    /// The entry that is credited, as far as the credit tells.
    fn entry(self) -> Option<Entry> {
        let source = SourceId::new(&self.id).ok().filter(|_| !self.guid.is_empty())?;
        let signals = [
            (SignalKind::License, self.licenses),
            (SignalKind::Rsl, self.rsl),
            (SignalKind::RslDocument, self.rsl_documents),
        ];
        let signals = signals
            .into_iter()
            .flat_map(|(kind, values)| values.into_iter().map(move |value| Signal::new(kind, Origin::Entry, value)));
        Some(Entry {
            key: EntryKey { source, guid: self.guid },
            url: self.url,
            title: self.title,
            title_origin: TitleOrigin::Given,
            summary: None,
            content: None,
            text: String::new(),
            published: Some(self.date_published),
            updated: None,
            first_seen: self.date_published,
            authors: self.author.map(|name| Person::named(name)).into_iter().collect(),
            categories: Vec::new(),
            enclosures: Vec::new(),
            image: None,
            language: None,
            rights: self.rights,
            license: None,
            signals: signals.collect(),
            comments: self.comments,
            via: None,
        })
    }
}
