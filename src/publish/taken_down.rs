//! What may never be published: takedowns by the operator, in the store and in feeds.toml.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;
use url::Url;

use super::fingerprint;
use crate::config::Config;
use crate::model::{Entry, EntryKey, Markup, SourceId, StoredEntry, Story, StoryId};
use crate::store::{Reader, StoreError, Taken};
use crate::text::{Fingerprint, TextSketch, article_keys, plain_text_within, wrapped_addresses};

/// Longer contents are compared by their beginnings.
const LONGEST_TEXT_BYTES: usize = 256 * 1024;

/// Everything that was taken down.
#[derive(Debug, Clone, Default)]
pub struct TakenDown {
    stories: BTreeSet<StoryId>,
    entries: BTreeSet<EntryKey>,
    /// Keys of addresses.
    articles: BTreeSet<String>,
    prefixes: Vec<String>,
    sources: BTreeSet<SourceId>,
    texts: Vec<TakenText>,
}

/// Texts that one takedown keeps out, and the entries that have such a text and stay all the same.
#[derive(Debug, Clone, Default)]
struct TakenText {
    sketches: BTreeSet<TextSketch>,
    spared: BTreeSet<EntryKey>,
    /// Only entries that were first seen later have to be compared.
    after: Option<Timestamp>,
}

impl TakenDown {
    /// What `store` remembers and `config` states.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn load(store: &Reader, config: &Config) -> Result<Self, StoreError> {
        let mut down = Self::default();
        for takedown in store.takedowns()? {
            let mut text = TakenText::default();
            for taken in takedown.taken {
                match taken {
                    Taken::Story(id) => drop(down.stories.insert(id)),
                    Taken::Article(url) => down.articles.extend(article_keys(&url)),
                    Taken::Prefix(url) => down.prefixes.push(without_scheme(&url)),
                    Taken::Entry(key) => drop(down.entries.insert(key)),
                    Taken::Text(sketch) => drop(text.sketches.insert(sketch)),
                    Taken::After(time) => text.after = Some(time),
                    Taken::Spared(key) => drop(text.spared.insert(key)),
                }
            }
            down.texts.extend(Some(text).filter(|text| !text.sketches.is_empty()));
        }
        for prefix in &config.takedown {
            let feed_of = |address: &Url| without_scheme(address) == without_scheme(prefix);
            let ids = config.sources.iter().filter(|source| feed_of(&source.address.to_url()));
            down.sources.extend(ids.map(|source| source.id.clone()));
            down.prefixes.push(without_scheme(prefix));
        }
        Ok(down)
    }

    /// Adds all of it to `print`.
    pub(super) fn add_to(&self, print: &mut Fingerprint) {
        fingerprint::add_list(print, self.stories.iter().map(StoryId::as_str).collect::<Vec<_>>());
        fingerprint::add_list(print, self.articles.iter().collect::<Vec<_>>());
        fingerprint::add_list(print, &self.prefixes);
        fingerprint::add_list(print, self.sources.iter().map(SourceId::as_str).collect::<Vec<_>>());
        let sketches = self.texts.iter().flat_map(|text| &text.sketches);
        fingerprint::add_list(print, sketches.map(TextSketch::to_text).collect::<Vec<_>>());
        let spared = self.texts.iter().flat_map(|text| &text.spared);
        for keys in [self.entries.iter().collect::<Vec<_>>(), spared.collect()] {
            let parts = keys.into_iter().flat_map(|key| [key.source.as_str(), &key.guid]);
            fingerprint::add_list(print, parts.collect::<Vec<_>>());
        }
    }

    /// Whether nothing of `story` may be published, whoever else covers it.
    #[must_use]
    pub(crate) fn has_story(&self, story: &Story) -> bool {
        self.stories.contains(&story.id)
    }

    /// Whether the story of this id, or its leading article at `address`, was taken down.
    pub(super) fn names(&self, story: &StoryId, address: &str) -> bool {
        self.stories.contains(story) || Url::parse(address).is_ok_and(|url| self.has_address(&url))
    }

    /// Whether everything of the source of this id was taken down.
    pub(super) fn has_source(&self, id: &str) -> bool {
        self.sources.iter().any(|source| source.as_str() == id)
    }

    /// Whether `entry`, first seen `now`, may not be published, judging by the entry itself.
    #[must_use]
    pub fn has(&self, entry: &Entry, now: Timestamp) -> bool {
        self.has_stored(&StoredEntry::without_page(entry.clone(), now))
    }

    /// Whether `entry` may not be published, its page included.
    #[must_use]
    pub fn has_stored(&self, stored: &StoredEntry) -> bool {
        let canonical = stored.article.as_ref().and_then(|article| article.canonical.as_ref());
        let of_page: Vec<&Url> = canonical.into_iter().chain(&stored.page_url).collect();
        if self.sources.contains(&stored.key.source) || self.entries.contains(&stored.key) {
            return true;
        }
        // A guid that is an address names the article; a link list's discussion may have been intended, too.
        let guid = Url::parse(stored.key.guid.trim()).ok().filter(|guid| matches!(guid.scheme(), "http" | "https"));
        let enclosures = stored.enclosures.iter().map(|enclosure| &enclosure.url);
        let addresses = std::iter::once(&stored.url).chain(&guid).chain(&stored.comments).chain(enclosures);
        addresses.chain(of_page).any(|url| self.has_address(url)) || self.has_text(stored)
    }

    /// Whether the article at `url` was taken down.
    pub(super) fn has_address(&self, url: &Url) -> bool {
        if self.articles.is_empty() && self.prefixes.is_empty() {
            return false;
        }
        let keys = article_keys(url);
        let written = std::iter::once(url).chain(&wrapped_addresses(url)).map(without_scheme).collect::<Vec<_>>();
        !keys.is_disjoint(&self.articles)
            || self
                .prefixes
                .iter()
                .any(|prefix| written.iter().chain(&keys).any(|address| address.starts_with(prefix.as_str())))
    }

    fn has_text(&self, stored: &StoredEntry) -> bool {
        let is_later = |text: &TakenText| text.after.is_none_or(|after| stored.first_seen > after);
        let texts = || self.texts.iter().filter(|text| is_later(text) && !text.spared.contains(&stored.key));
        if texts().next().is_none() {
            return false;
        }
        let page_text = stored.article.as_ref().map(|article| &*article.text);
        let mut sketches = sketches(&stored.entry, page_text);
        sketches.extend(sketches_as_before(&stored.entry, page_text));
        texts().any(|text| text.sketches.iter().any(|taken| sketches.iter().any(|sketch| sketch.is_remade(taken))))
    }
}

/// Sketches of what an entry says, and its page. A text of its own is also recognised under another title.
pub(crate) fn sketches(entry: &Entry, page_text: Option<&str>) -> Vec<TextSketch> {
    let content = content_of(entry);
    let of_texts = std::iter::once(entry.text.as_str()).chain(content.as_deref()).filter_map(TextSketch::of_a_text);
    let own = TextSketch::of(&with_title(entry));
    own.into_iter().chain(of_texts).chain(page_text.and_then(TextSketch::of)).collect()
}

/// The same as they were made before, and may be stored.
fn sketches_as_before(entry: &Entry, page_text: Option<&str>) -> Vec<TextSketch> {
    let content = content_of(entry);
    let own = with_title(entry);
    [Some(own.as_str()), Some(&entry.text), content.as_deref(), page_text]
        .into_iter()
        .flatten()
        .filter_map(TextSketch::as_before)
        .collect()
}

fn with_title(entry: &Entry) -> String {
    format!("{}\n{}", entry.title, entry.text)
}

/// The whole text of an entry, where it says more than its text.
fn content_of(entry: &Entry) -> Option<Cow<'_, str>> {
    let content = entry.content.as_ref().map(|content| match content {
        Markup::Text(text) => Cow::from(text),
        Markup::Html(html) => Cow::from(plain_text_within(html, LONGEST_TEXT_BYTES)),
    });
    content.filter(|content| **content != entry.text)
}

/// An address in the form in which prefixes are compared: http or https, with or without `www.`, is all the same.
fn without_scheme(url: &Url) -> String {
    let text = url.as_str();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    text.strip_prefix("www.").unwrap_or(text).to_owned()
}
