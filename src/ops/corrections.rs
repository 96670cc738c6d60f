//! Splitting and joining stories by hand, and undoing it.

use super::context::Context;
use super::error::OpError;
use super::find;
use crate::model::StoryId;
use crate::pass;
use crate::store::CorrectionNumber;
use crate::weave;

/// A correction that was undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undone {
    /// The story that was split, or that the other one was joined to.
    pub(crate) story: StoryId,
    /// The story that was split off, or that was joined.
    pub(crate) other: StoryId,
}

/// A story that was split off from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Split {
    pub(crate) number: CorrectionNumber,
    /// The story that the entry opened.
    pub(crate) new: StoryId,
    /// The story that it was in.
    pub(crate) from: StoryId,
}

/// Two stories that became one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Joined {
    pub(crate) number: CorrectionNumber,
    /// The id that stays.
    pub(crate) story: StoryId,
    /// The id that is now an alias of it.
    pub(crate) alias: StoryId,
}

/// Takes an entry (by its address or guid) out of a story (by its id, an address or words of a title).
pub(crate) fn split(context: &mut Context<'_>, story: &str, entry: &str) -> Result<Split, OpError> {
    let Context { store, config, now } = context;
    let number = find::story(store, story)?;
    let story = store.story(number)?;
    let entry = find::entry(&story, entry)?;
    let sources = pass::sources(store, config)?;
    let done = weave::split(store, number, &entry, &sources, *now)?.ok_or(OpError::OnlyEntry { story: story.id })?;
    Ok(Split { number: done.correction, new: done.story, from: done.other })
}

/// Merges two stories, each given by its id, an article's address or words of a title.
pub(crate) fn join(context: &mut Context<'_>, one: &str, other: &str) -> Result<Joined, OpError> {
    let Context { store, config, now } = context;
    let (one, other) = (find::story(store, one)?, find::story(store, other)?);
    let sources = pass::sources(store, config)?;
    match weave::join(store, one, other, &sources, *now)? {
        Some(done) => Ok(Joined { number: done.correction, story: done.story, alias: done.other }),
        None => Err(OpError::OneStory { story: store.story(one)?.id }),
    }
}

/// Undoes a split or a join: what was split off returns, what was joined has its old id again.
pub(crate) fn undo_correction(context: &mut Context<'_>, number: CorrectionNumber) -> Result<Undone, OpError> {
    let Context { store, config, now } = context;
    let sources = pass::sources(store, config)?;
    let undone = weave::undo(store, number, &sources, *now)?.ok_or(OpError::NoCorrection { number })?;
    Ok(Undone { story: undone.story, other: undone.other })
}
