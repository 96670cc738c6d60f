//! What is in a file that is public: known from when it was written, else read back.

use super::gate::{Form, stories_in};
use crate::config::OutputConfig;
use crate::store::PublishedOutput;
use crate::text::content_hash;

/// The stories of a document, as it was when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PublicDocument {
    /// SHA-256 of its bytes.
    hash: [u8; 32],
    is_as_left: bool,
    stories: Vec<String>,
}

impl PublicDocument {
    /// The file of `output`, which has these bytes. What the last publish wrote was through the gate, which found in it what
    /// it noted; whatever else is there is read.
    pub(super) fn of(output: &OutputConfig, bytes: &[u8], published: Option<PublishedOutput>) -> Self {
        let hash = content_hash(bytes);
        let is_as_left = published.as_ref().is_none_or(|published| published.hash == hash);
        let noted = published.filter(|published| published.hash == hash).and_then(|published| published.stories);
        Self { hash, is_as_left, stories: noted.unwrap_or_else(|| stories_in(Form::of_items(output), bytes)) }
    }

    /// Whether it is as the last publish left it, if that wrote it.
    pub(super) fn is_as_left(&self) -> bool {
        self.is_as_left
    }

    /// Ids of its stories.
    pub(super) fn stories(&self) -> &[String] {
        &self.stories
    }

    /// The same, if it has these bytes.
    pub(super) fn stories_of(&self, bytes: &[u8]) -> Option<&[String]> {
        (self.hash == content_hash(bytes)).then_some(&self.stories)
    }
}
