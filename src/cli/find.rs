//! Which story a person means.

use anyhow::{Result, bail};
use url::Url;

use crate::model::StoryId;
use crate::store::{Store, StoryNumber};
use crate::text::{address_hash, for_terminal};

/// Stories found by words of a title, where several fit.
const MOST: usize = 5;

/// Stories by their id (alone, or at the end of `tag:…:s/ID`), an article's address or words of a title.
pub(super) fn stories(store: &Store, what: &str) -> Result<Vec<StoryNumber>> {
    let id = what.rsplit('/').next().and_then(StoryId::parse);
    if let Some(number) = id.map(|id| store.story_by_id(&id)).transpose()?.flatten() {
        return Ok(vec![number]);
    }
    let url = Url::parse(what).ok().filter(Url::has_host);
    if let Some(url) = url {
        return Ok(store.stories_at(address_hash(&url))?);
    }
    Ok(store.stories_by_title(what, MOST)?)
}

/// The one story that is meant.
pub(super) fn story(store: &Store, what: &str) -> Result<StoryNumber> {
    match stories(store, what)?[..] {
        [one] => Ok(one),
        [] => bail!("no story has the id, the address or the title {what:?}; feedloom why {what:?} tells more"),
        ref several => {
            let mut lines = Vec::new();
            for number in several {
                let story = store.story(*number)?;
                lines.push(format!("{} {}", story.id, for_terminal(&story.members[story.lead].entry.title)));
            }
            bail!("{what:?} means several stories; name one by its id:\n{}", lines.join("\n"))
        }
    }
}
