//! What publishing did, and why it could not.

use super::flood::Flood;
use super::isolate::RefusedItem;
use super::item_set::FilterFailure;
use super::render::RenderError;
use super::rendered::Rendered;
use super::rule::Rule;
use super::verdict::OutputVerdicts;
use super::write::{PublishError, Written};
use crate::store::StoreError;
use crate::text::content_hash;

/// What publishing did.
#[derive(Debug, Default)]
pub struct PublishReport {
    /// One line per output, in the order of feeds.toml.
    pub(crate) outputs: Vec<OutputReport>,
    /// An output that brings far more than it usually does.
    pub(crate) flood: Option<Flood>,
    /// Items that filters failed on.
    pub(crate) filter_failures: Vec<FilterFailure>,
    /// Items that the gate refuses: each output is published without those that it is refused for.
    pub(crate) refused: Vec<RefusedItem>,
    /// What each output does with each story at hand; only in a dry run.
    pub(crate) verdicts: Vec<OutputVerdicts>,
    /// How many calls each post would make, by name; only in a dry run.
    pub(crate) would_post: Vec<(String, usize)>,
    /// About how many stories each program that rewrites has still to be asked; only in a dry run.
    pub(crate) would_rewrite: Vec<(String, usize)>,
    /// Why the issue of a digest could not be made: it is made by the next publish that can.
    pub(crate) unmade: Option<String>,
    /// Why what is to be posted could not be noted: it will not be posted.
    pub(crate) unnoted: Option<String>,
}

impl PublishReport {
    /// What `earlier` and then this did, in one pass: what was written stays written if nothing changed since.
    pub(crate) fn after(mut self, earlier: Self) -> Self {
        let is_unchanged =
            |output: &OutputReport| matches!(output.result, Ok(Written::Unchanged | Written::NothingYet));
        if self.outputs.iter().all(is_unchanged) {
            // What was not made again was not refused again; a page of a story or of a day may be all that was.
            if self.filter_failures.is_empty() {
                self.filter_failures = earlier.filter_failures;
            }
            if self.refused.is_empty() {
                self.refused = earlier.refused;
            }
        }
        for output in self.outputs.iter_mut().filter(|output| matches!(output.result, Ok(Written::Unchanged))) {
            let was_written =
                |before: &OutputReport| before.file == output.file && matches!(before.result, Ok(Written::Written));
            if earlier.outputs.iter().any(was_written) {
                output.result = Ok(Written::Written);
            }
        }
        self.flood = self.flood.or(earlier.flood);
        self
    }
}

/// What became of an output.
#[derive(Debug)]
pub(crate) struct OutputReport {
    /// File name under the output folder.
    pub(crate) file: String,
    /// Items in it (of a list of sources: sources).
    pub(crate) items: usize,
    /// It lists the sources.
    pub(crate) is_of_sources: bool,
    /// New stories that found no room in it, by number or size.
    pub(crate) crowded_out: usize,
    /// Written, unchanged, or why not.
    pub(crate) result: Result<Written, PublishError>,
    /// SHA-256 of the document; `None`: there is none.
    pub(crate) hash: Option<[u8; 32]>,
    /// Ids of the stories in it.
    pub(crate) stories: Vec<String>,
}

impl OutputReport {
    pub(super) fn of(rendered: &Rendered, result: Result<Written, PublishError>) -> Self {
        let hash = Some(content_hash(&rendered.bytes));
        // A page is for choosing what to read: its days have pages of their own.
        let has_no_room = |rule: &&Rule| rendered.format.is_feed() && rule.is_lack_of_room();
        let crowded_out = rendered.left_out.values().filter(has_no_room).count();
        let stories = rendered.expected.iter().map(|expected| expected.story.clone()).collect();
        let is_of_sources = rendered.format.is_of_sources();
        Self { file: rendered.file.clone(), items: rendered.items, is_of_sources, crowded_out, result, hash, stories }
    }

    pub(super) fn failed(file: String, error: PublishError) -> Self {
        Self {
            file,
            items: 0,
            is_of_sources: false,
            crowded_out: 0,
            result: Err(error),
            hash: None,
            stories: Vec::new(),
        }
    }
}

/// Why nothing at all was published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishStageError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A writer failed: a fault in feedloom.
    #[error("an output cannot be rendered")]
    Render(#[from] RenderError),
}

impl PublishReport {
    /// Whether some output could not be written.
    #[must_use]
    pub(crate) fn failed(&self) -> bool {
        self.outputs.iter().any(|output| output.result.is_err())
    }
}
