//! What a takedown means: a story, an article, and everything by which they would be recognised again.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use crate::model::{EntryKey, StoredEntry, Story, StoryId};
use crate::publish::sketches;
use crate::store::{Reader, StoreError, StoriesAsked, StoryNumber, Taken};
use crate::text::{TextSketch, article_keys, key_hash};

/// Stories with an equal title that are looked at.
const SAME_TITLE: usize = 20;
/// The newest stories of a source, among which a text has to stand out.
const OF_SOURCE: usize = 100;
/// Up to this many entries of one source with the same text are copies; more are a template.
const MOST_COPIES: usize = 2;

/// What was found for a takedown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// What it excludes.
    pub(crate) taken: BTreeSet<Taken>,
    /// Title of what was found; `None`: nothing in the store matches yet.
    pub(crate) title: Option<String>,
}

/// Everything that `request` refers to in `store`: a story by its id, or the article at an address, which may be any
/// that an output shows; `None` if it is neither. Without a store: only what the request itself says.
pub(crate) fn resolve(store: Option<&Reader>, request: &str) -> Result<Option<Resolved>, StoreError> {
    if let (Some(store), Some(id)) = (store, story_id(request))
        && let Some(number) = store.story_by_id(&id)?
    {
        return Ok(Some(of_story(store, &store.story(number)?)?));
    }
    let Some(url) = web_address(request) else { return Ok(None) };
    let mut resolved = Resolved { taken: BTreeSet::from([Taken::Article(url.clone())]), title: None };
    if let Some(store) = store {
        resolved.add_entries_at(store, &url)?;
    }
    Ok(Some(resolved))
}

/// An absolute http(s) address with a host.
pub(crate) fn web_address(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// An id alone, at the end of `tag:…:s/ID`, as the anchor of an item on a page (`…/#s-ID`) or as the page of the story
/// (`…/s/ID.html`).
fn story_id(request: &str) -> Option<StoryId> {
    let Some(url) = web_address(request) else { return request.rsplit('/').next().and_then(StoryId::parse) };
    let anchor = url.fragment().and_then(|place| place.strip_prefix("s-"));
    let page = || url.path().rsplit_once("/s/").map(|(_, page)| page.strip_suffix(".html").unwrap_or(page));
    anchor.and_then(StoryId::parse).or_else(|| page().and_then(StoryId::parse))
}

fn of_story(store: &Reader, story: &Story) -> Result<Resolved, StoreError> {
    let mut resolved = Resolved {
        taken: BTreeSet::from([Taken::Story(story.id.clone())]),
        title: story.members.get(story.lead).map(|member| member.entry.title.clone()),
    };
    for member in &story.members {
        resolved.add(&member.entry);
        resolved.add_texts(store, &member.entry)?;
    }
    Ok(resolved)
}

impl Resolved {
    /// Adds an entry with its addresses.
    fn add(&mut self, stored: &StoredEntry) {
        self.taken.insert(Taken::Entry(stored.key.clone()));
        let canonical = stored.article.as_ref().and_then(|article| article.canonical.as_ref());
        let addresses = std::iter::once(&stored.url).chain(canonical).chain(&stored.page_url);
        self.taken.extend(addresses.cloned().map(Taken::Article));
    }

    /// Adds the texts of an entry that stand out among those of its source, and copies of them.
    fn add_texts(&mut self, store: &Reader, stored: &StoredEntry) -> Result<(), StoreError> {
        let mut others = BTreeMap::new();
        for number in store.publishable_stories(&[&stored.key.source], &StoriesAsked::newest(OF_SOURCE))? {
            let members = store.story(number)?.members.into_iter().map(|member| member.entry);
            let of_source = members.filter(|entry| entry.key.source == stored.key.source && entry.key != stored.key);
            others.extend(of_source.map(|entry| (entry.key.clone(), entry)));
        }
        for text in sketches(&stored.entry, None) {
            let is_near = |entry: &&StoredEntry| sketches(&entry.entry, None).iter().any(|other| other.is_near(&text));
            let copies: Vec<&StoredEntry> = others.values().filter(is_near).collect();
            if copies.len() <= MOST_COPIES {
                copies.into_iter().for_each(|copy| self.add(copy));
                self.taken.insert(Taken::Text(text));
            }
        }
        // Pages that are all alike show a notice rather than the article.
        if let Some(text) = page_text(stored)
            && !others.values().filter_map(page_text).any(|other| other.is_near(&text))
        {
            self.taken.insert(Taken::Text(text));
        }
        self.taken.extend(store.newest_first_seen()?.map(Taken::After));
        Ok(())
    }

    fn add_entries_at(&mut self, store: &Reader, url: &Url) -> Result<(), StoreError> {
        let keys = article_keys(url);
        let mut around = BTreeMap::new();
        for story in stories_at(store, &keys)? {
            for member in store.story(story)?.members {
                around.insert(member.entry.key.clone(), member.entry);
            }
        }
        let (found, others): (Vec<StoredEntry>, Vec<StoredEntry>) =
            around.into_values().partition(|entry| entry_keys(entry).iter().any(|key| keys.contains(key)));
        let mut discussed = Vec::new();
        for entry in found {
            self.title.get_or_insert_with(|| entry.title.clone());
            if article_keys(&entry.url).is_disjoint(&keys) && page_keys(&entry).is_disjoint(&keys) {
                // Its discussion is meant, not the article that it links to.
                discussed.push(entry.key.clone());
            } else {
                self.add(&entry);
                self.add_texts(store, &entry)?;
            }
        }
        self.taken.extend(discussed.into_iter().map(Taken::Entry));
        self.spare(store, &others)
    }

    /// Entries that have the same text today but are not meant remain: an agency's text at other outlets.
    fn spare(&mut self, store: &Reader, others: &[StoredEntry]) -> Result<(), StoreError> {
        let mut spared: BTreeSet<EntryKey> = others.iter().map(|entry| entry.key.clone()).collect();
        for story in
            self.title.iter().map(|title| store.stories_by_title(title, SAME_TITLE)).collect::<Result<Vec<_>, _>>()?
        {
            for number in story {
                spared.extend(store.story(number)?.members.into_iter().map(|member| member.entry.entry.key));
            }
        }
        spared.retain(|key| !self.taken.contains(&Taken::Entry(key.clone())));
        self.taken.extend(spared.into_iter().map(Taken::Spared));
        Ok(())
    }
}

/// Stories with an entry that may have one of the addresses.
fn stories_at(store: &Reader, keys: &BTreeSet<String>) -> Result<BTreeSet<StoryNumber>, StoreError> {
    let mut stories = BTreeSet::new();
    for key in keys {
        stories.extend(store.stories_at(key_hash(key))?);
        // The host is written in many ways, the path in few.
        let path = key.split_once('/').map_or("", |(_, rest)| rest);
        let path = path.split(['?', '#']).next().unwrap_or_default();
        if !path.is_empty() {
            stories.extend(store.stories_naming(&format!("/{path}"))?);
        }
    }
    Ok(stories)
}

fn entry_keys(stored: &StoredEntry) -> BTreeSet<String> {
    let own = std::iter::once(&stored.url).chain(&stored.comments).flat_map(article_keys);
    own.chain(page_keys(stored)).collect()
}

fn page_keys(stored: &StoredEntry) -> BTreeSet<String> {
    let canonical = stored.article.as_ref().and_then(|article| article.canonical.as_ref());
    canonical.into_iter().chain(&stored.page_url).flat_map(article_keys).collect()
}

fn page_text(stored: &StoredEntry) -> Option<TextSketch> {
    stored.article.as_ref().and_then(|article| TextSketch::of(&article.text))
}
