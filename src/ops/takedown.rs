//! Taking an article or a story out of the outputs for good, and undoing it.

use url::Url;

use super::context::Context;
use super::error::OpError;
use crate::model::StoryId;
use crate::store::{Store, TakedownNumber, Taken};
use crate::text::{address_hash, canonical};

/// What to take down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TakeDown<'a> {
    /// An article by its address, or a story by its id.
    One(&'a str),
    /// Everything whose address starts like this one.
    Prefix(&'a str),
}

/// What a takedown did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TakedownOutcome {
    /// It counts from now on.
    Taken {
        number: TakedownNumber,
        /// Title of what it takes out; `None`: nothing in the store fits yet, or everything under a prefix is meant.
        title: Option<String>,
    },
    /// An older takedown covers it.
    AlreadyTaken,
}

/// Remembers a takedown. The outputs follow with the next publish.
pub(crate) fn take_down(context: &mut Context<'_>, what: TakeDown<'_>) -> Result<TakedownOutcome, OpError> {
    let Context { store, now, .. } = context;
    let (asked, found) = match what {
        TakeDown::One(asked) => (asked, found(store, asked)?),
        TakeDown::Prefix(asked) => (asked, Found { taken: vec![Taken::Prefix(web_address(asked)?)], title: None }),
    };
    if store.takedowns()?.iter().any(|known| found.taken.iter().all(|one| known.taken.contains(one))) {
        return Ok(TakedownOutcome::AlreadyTaken);
    }
    let batch = store.batch()?;
    let number = batch.add_takedown(asked, found.title.as_deref().unwrap_or_default(), &found.taken, *now)?;
    batch.commit()?;
    Ok(TakedownOutcome::Taken { number, title: found.title })
}

/// Undoes a takedown: what it kept out may be published again.
pub(crate) fn undo_takedown(context: &mut Context<'_>, number: TakedownNumber) -> Result<(), OpError> {
    let batch = context.store.batch()?;
    if !batch.forget_takedown(number)? {
        return Err(OpError::NoTakedown { number });
    }
    batch.commit()?;
    Ok(())
}

struct Found {
    taken: Vec<Taken>,
    title: Option<String>,
}

/// A story by its id, with the articles in it, or an article by its address.
fn found(store: &Store, what: &str) -> Result<Found, OpError> {
    if let Some(number) = story_id(what).map(|id| store.story_by_id(&id)).transpose()?.flatten() {
        let story = store.story(number)?;
        let articles = story.members.iter().map(|member| Taken::Article(member.entry.url.clone()));
        let title = story.members.get(story.lead).map(|member| member.entry.title.clone());
        return Ok(Found { taken: std::iter::once(Taken::Story(story.id.clone())).chain(articles).collect(), title });
    }
    let url = web_address(what)?;
    let key = canonical(&url);
    let mut title = None;
    for number in store.stories_at(address_hash(&url))? {
        let story = store.story(number)?;
        let found = story.members.iter().find(|member| canonical(&member.entry.url) == key);
        title = found.map(|member| member.entry.title.clone()).or(title);
    }
    Ok(Found { taken: vec![Taken::Article(url)], title })
}

/// Alone, or at the end of `tag:…:s/ID`.
fn story_id(what: &str) -> Option<StoryId> {
    what.rsplit('/').next().and_then(StoryId::parse).filter(|_| Url::parse(what).ok().is_none_or(|url| !url.has_host()))
}

fn web_address(what: &str) -> Result<Url, OpError> {
    match Url::parse(what) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err(OpError::NotAnAddress { what: what.to_owned() }),
    }
}
