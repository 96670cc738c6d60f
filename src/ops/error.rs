use crate::model::StoryId;
use crate::store::{CorrectionNumber, StoreError, TakedownNumber};

/// Why an operation changed nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpError {
    #[error("no story has the id, the address or the title {what:?}")]
    NoStory { what: String },
    /// The newest of them are `found`.
    #[error("{what:?} fits {count} stories")]
    SeveralStories { what: String, count: usize, found: Vec<FoundStory> },
    #[error("story {story} has no entry {what:?}")]
    NoEntry { story: StoryId, what: String },
    #[error("{what:?} fits {} entries of story {story}", .guids.len())]
    SeveralEntries { story: StoryId, what: String, guids: Vec<String> },
    #[error("story {story} has only this entry: there is nothing to split")]
    OnlyEntry { story: StoryId },
    #[error("both are story {story} already")]
    OneStory { story: StoryId },
    #[error("there is no correction {number}")]
    NoCorrection { number: CorrectionNumber },
    #[error("there is no takedown {number}")]
    NoTakedown { number: TakedownNumber },
    #[error("{what:?} is neither an article's address nor a story's id")]
    NotAnAddress { what: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A story that matches what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundStory {
    pub(crate) id: StoryId,
    pub(crate) title: String,
}
