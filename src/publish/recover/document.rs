//! A JSON Feed of ours → its items as they were published.

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::model::{
    Enclosure, Entry, EntryKey, GivenCredits, Markup, NamedOutlet, Origin, Person, Signal, SignalKind, SourceId,
    StoryId,
};
use crate::store::TagBase;

/// Larger than any document that we write: `max_bytes` has at most 64 MiB.
const MOST_BYTES: usize = 80 * 1024 * 1024;

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

/// Reads a document; `None` if it is not one that we wrote.
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
    comments: Option<Url>,
    /// Title and text of the item are a machine's.
    #[serde(default)]
    rewritten: bool,
    #[serde(default)]
    coverage: JsonCoverage,
}

#[derive(Debug, Default, Deserialize)]
struct JsonCoverage {
    #[serde(default)]
    entries: Vec<JsonCounted>,
}

#[derive(Debug, Deserialize)]
struct JsonCounted {
    id: String,
    guid: String,
}

#[derive(Debug, Deserialize)]
struct JsonSource {
    id: String,
    name: String,
    host: Option<String>,
    via: Option<String>,
    feed_url: Option<Url>,
    home_page_url: Option<Url>,
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
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

impl JsonItem {
    fn published(self, id: StoryId) -> Option<PublishedItem> {
        let JsonCredits { sources, comments, rewritten, coverage } = self.feedloom;
        let mut of_entry: Vec<Vec<JsonSource>> = Vec::new();
        for credit in sources {
            match of_entry.iter_mut().find(|known| known[0].id == credit.id && known[0].guid == credit.guid) {
                Some(known) => known.push(credit),
                None => of_entry.push(vec![credit]),
            }
        }
        let with_names = |credits: Vec<JsonSource>| {
            let names: Vec<String> = credits.iter().map(JsonSource::shown).collect();
            Some((names, entry(credits)?))
        };
        let (names, mut entries): (Vec<_>, Vec<_>) = of_entry.into_iter().filter_map(with_names).unzip();
        // What a machine wrote is nobody's.
        let excerpt = self.summary.filter(|_| !rewritten);
        let (by, words) = excerpt.as_deref().map_or((0, ""), |excerpt| author_of(excerpt, &names));
        if let Some(entry) = entries.get_mut(by).filter(|_| !words.is_empty()) {
            entry.text = words.to_owned();
            entry.summary = Some(Markup::Text(words.to_owned()));
        }
        let lead = entries.first_mut()?;
        let edited: Option<Timestamp> = self.date_modified.and_then(|time| time.parse().ok());
        lead.updated = edited.filter(|edited| *edited > self.date_published);
        lead.categories = self.tags;
        lead.image = self.image;
        lead.language = self.language;
        lead.enclosures = self.attachments.into_iter().map(JsonAttachment::enclosure).collect();
        lead.comments = comments;
        let lead = lead.clone();
        for JsonCounted { id, guid } in coverage.entries {
            let Ok(source) = SourceId::new(&id) else { continue };
            let key = EntryKey { source, guid };
            if !key.guid.is_empty() && !entries.iter().any(|entry| entry.key == key) {
                // Not credited: with the lead's address it is not, until its own version comes.
                entries.push(Entry::new(key, lead.url.clone(), lead.title.clone()));
            }
        }
        Some(PublishedItem { id, date: self.date_published, entries })
    }
}

impl JsonAttachment {
    fn enclosure(self) -> Enclosure {
        Enclosure { url: self.url, media_type: self.mime_type, length_bytes: self.size_in_bytes }
    }
}

/// The place of the entry that `excerpt` is taken from, and its words: the lead's, or another outlet's that is named after
/// them (see `borrowed.rs`). `names`: how each entry's outlets are called.
fn author_of<'e>(excerpt: &'e str, names: &[Vec<String>]) -> (usize, &'e str) {
    let after = |name: &String| excerpt.strip_suffix(')')?.strip_suffix(name.as_str())?.strip_suffix(" (");
    let borrowed = |(by, names): (usize, &Vec<String>)| Some((by, names.iter().find_map(after)?));
    names.iter().enumerate().skip(1).find_map(borrowed).unwrap_or((0, excerpt))
}

/// The entry that brought `credits`, as far as these show.
fn entry(credits: Vec<JsonSource>) -> Option<Entry> {
    let outlets: Vec<NamedOutlet> = credits.iter().map(JsonSource::outlet).collect();
    let first = credits.into_iter().next()?;
    let source = SourceId::new(&first.id).ok().filter(|_| !first.guid.is_empty())?;
    let signals = [
        (SignalKind::License, first.licenses),
        (SignalKind::Rsl, first.rsl),
        (SignalKind::RslDocument, first.rsl_documents),
    ];
    let signals = signals
        .into_iter()
        .flat_map(|(kind, values)| values.into_iter().map(move |value| Signal::new(kind, Origin::Entry, value)));
    // What its own feed brought speaks for itself.
    let names_others = outlets.len() > 1 || first.via.is_some();
    Some(Entry {
        published: Some(first.date_published),
        authors: first.author.map(Person::named).into_iter().collect(),
        rights: first.rights,
        signals: signals.collect(),
        // Of a text, an excerpt at most.
        is_cut: true,
        credits: names_others.then(|| Box::new(GivenCredits { outlets, discussions: Vec::new() })),
        ..Entry::new(EntryKey { source, guid: first.guid }, first.url, first.title)
    })
}

impl JsonSource {
    /// As the model's source is shown.
    fn shown(&self) -> String {
        let host = self.host.as_ref().filter(|host| **host != self.name);
        host.map_or_else(|| self.name.clone(), |host| format!("{} ({host})", self.name))
    }

    fn outlet(&self) -> NamedOutlet {
        NamedOutlet {
            name: Some(self.name.clone()),
            feed: self.feed_url.clone(),
            site: self.home_page_url.clone(),
            host: self.host.clone(),
            url: self.url.clone(),
            title: Some(self.title.clone()),
            author: self.author.clone(),
            published: Some(self.date_published),
            via: self.via.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_its_outlets_own() {
        let names = [vec!["The Post".to_owned()], vec!["Blog (host.example)".to_owned(), "Wire".to_owned()]];
        for (excerpt, want) in [
            ("Words.", (0, "Words.")),
            ("Words. (Wire)", (1, "Words.")),
            ("Words. (Blog (host.example))", (1, "Words.")),
            ("Words. (The Post)", (0, "Words. (The Post)")),
            ("Words (Blog)", (0, "Words (Blog)")),
            ("Words(Wire)", (0, "Words(Wire)")),
            ("(Wire)", (0, "(Wire)")),
            ("", (0, "")),
        ] {
            assert_eq!(author_of(excerpt, &names), want, "{excerpt}");
        }
    }
}
