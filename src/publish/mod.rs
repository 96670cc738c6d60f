//! Stories → files: read → plan → freeze → gate → write.
//!
//! [`draft`] and `Draft::finish` do everything that needs no disk; the stage stores what they fix permanently (ids,
//! dates and what has been shown) and then hands each [`Rendered`] to [`write`](fn@write). In that order, a crash
//! between the two changes nothing that a subscriber could see.

mod stage;
mod report;
mod flood;

mod read;
mod fingerprint;
mod plan;
mod shared_print;
mod archive;
mod story_pages;
mod facets;
mod page_folder;
mod copied_pictures;
mod picture_files;
mod public_files;
mod public_document;

mod input;
mod derived;
mod verdict;
mod choice;
mod rule;
mod scope;
mod lead;
mod chosen;
mod select;
mod rules;
mod top;
mod top_items;
mod item_set;

mod allowance;
mod taken_down;
mod file_stamp;
mod program;
mod filter;
mod rewrite;
mod coverage;

mod page_fallback;
mod item;
mod outlet;
mod tally;
mod text_sketch;
mod credit;
mod addresses;

mod attribution;
mod body;
mod borrowed;
mod excerpt;
mod pieces;
mod appendix;
mod boilerplate;
mod calls;
mod nesting;
mod table_grid;
mod verify;
mod about;
mod plain_line;

mod channel;
mod document;
mod rendered;
pub(crate) mod render;

mod gate;
mod isolate;
mod remainder;
mod write;
mod digest;
mod post;

mod recover;

pub(crate) use allowance::{EntryAllowance, allowance, entry_allowance};
pub(crate) use channel::own_address;
pub use channel::tag_base;
#[cfg(unix)]
pub(crate) use channel::{FeedAddress, feed_addresses};
pub(crate) use choice::{Choice, OutputChoices, choices};
pub use copied_pictures::CopiedPictures;
pub(crate) use copied_pictures::picture_of;
pub use derived::Derived;
pub use digest::Issues;
pub(crate) use digest::issues_with;
pub(crate) use excerpt::excerpt_of_article;
pub use facets::FacetPages;
pub use filter::Filters;
pub(crate) use flood::{Flood, flood};
pub use gate::GateError;
pub(crate) use gate::{ShownItem, shown_items};
pub use input::Input;
pub use plan::{Plan, draft};
pub(crate) use post::{PostReport, PostStanding, post, posts_of, standings};
pub(crate) use public_files::{PublicFile, public_files};
pub(crate) use read::stories_at_hand;
pub(crate) use recover::recovery;
pub(crate) use render::{ListedSource, write_opml};
pub use rendered::{MAX_DOCUMENT_BYTES, Rendered};
pub(crate) use report::OutputReport;
pub use report::{PublishReport, PublishStageError};
pub(crate) use rewrite::{RewriteReport, RewriteStanding, rewrite, rewrite_standings, rewrites_of};
pub(crate) use rule::Rule;
pub(crate) use stage::{is_current, next_change, publish};
pub use story_pages::StoryPages;
pub use taken_down::TakenDown;
pub(crate) use taken_down::sketches;
pub(crate) use tally::coverage_of;
pub(crate) use top::rank_of;
pub use top_items::TopItems;
pub(crate) use verdict::{OutputVerdicts, Verdict};
pub use write::{Mode, PublishError, Shrink, Written, write};
