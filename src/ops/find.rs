//! Which story and which entry the operator has in mind.

use url::Url;

use super::error::{FoundStory, OpError};
use crate::model::{Entry, EntryKey, Story, StoryId};
use crate::store::{Store, StoreError, StoryNumber};
use crate::text::{address_hash, canonical};

/// Most stories that are named, if several match.
pub(crate) const MOST_NAMED: usize = 5;
/// Most stories that are counted.
const MOST_COUNTED: usize = 1_000;

/// Stories by their id (alone, at the end of `tag:…:s/ID`, or in the address of their page), an article's address or words
/// of a title; the newest first.
pub(crate) fn stories(store: &Store, what: &str) -> Result<Vec<StoryNumber>, StoreError> {
    let last = what.rsplit('/').next().map(|last| last.strip_suffix(".html").unwrap_or(last));
    let id = last.and_then(StoryId::parse);
    if let Some(number) = id.map(|id| store.story_by_id(&id)).transpose()?.flatten() {
        return Ok(vec![number]);
    }
    match Url::parse(what).ok().filter(Url::has_host) {
        Some(url) => store.stories_at(address_hash(&url)),
        None => store.stories_by_title(what, MOST_COUNTED),
    }
}

/// The one story that matches `what`.
pub(super) fn story(store: &Store, what: &str) -> Result<StoryNumber, OpError> {
    match stories(store, what)?[..] {
        [one] => Ok(one),
        [] => Err(OpError::NoStory { what: what.to_owned() }),
        ref several => {
            let mut found = Vec::new();
            for number in several.iter().take(MOST_NAMED) {
                let story = store.story(*number)?;
                found.push(FoundStory { title: story.members[story.lead].entry.title.clone(), id: story.id });
            }
            Err(OpError::SeveralStories { what: what.to_owned(), count: several.len(), found })
        }
    }
}

/// The one entry of `story` whose guid or address is `what`; if both match several, a guid takes precedence.
pub(super) fn entry(story: &Story, what: &str) -> Result<EntryKey, OpError> {
    let address = Url::parse(what).ok().filter(Url::has_host).map(|url| canonical(&url));
    let fits = |entry: &Entry| {
        entry.key.guid == what || address.as_ref().is_some_and(|address| canonical(&entry.url) == *address)
    };
    let entries = story.members.iter().map(|member| &member.entry);
    let found: Vec<&EntryKey> = entries.filter(|entry| fits(entry)).map(|entry| &entry.key).collect();
    if let [one] = found[..] {
        return Ok(one.clone());
    }
    if let [one] = found.iter().filter(|key| key.guid == what).collect::<Vec<_>>()[..] {
        return Ok((*one).clone());
    }
    let (story, what) = (story.id.clone(), what.to_owned());
    Err(if found.is_empty() {
        OpError::NoEntry { story, what }
    } else {
        OpError::SeveralEntries { story, what, guids: found.iter().map(|key| key.guid.clone()).collect() }
    })
}
