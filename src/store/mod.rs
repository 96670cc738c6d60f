//! The SQLite store: all SQL of the program, behind one method per question asked, in our own types.

mod error;
mod open;
mod check;
mod columns;
mod extra;
mod given_credits;
mod credited;
mod entry_row;
mod reason;
mod page_rights;
mod due;
mod sources;
mod feeds;
mod entries;
mod guids;
mod robots;
mod articles;
mod pictures;
mod lone_pictures;
mod tdm;
mod stories;
mod publishable;
mod signatures;
mod weave_members;
mod weave_window;
mod weave_changes;
mod join_log;
mod line_file;
mod sealed_file;
mod long_texts;
mod corrections;
mod published;
mod publishing;
mod takedown;
mod entered;
mod filtered;
mod rewrites;
mod archive;
mod story_pages;
mod facet_pages;
mod recover;
mod refusals;
mod subscriptions;
mod pushed;
mod petitions;
mod subscribers;
mod retention;
mod backup;
mod search;
mod search_index;
mod search_text;
mod meta;
mod moment;
#[cfg(test)]
mod frozen;

use std::cell::Cell;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub(crate) use archive::{ArchivedDay, DaySpan, StoryDay};
pub use articles::ArticleCount;
pub(crate) use articles::ArticleNumber;
pub(crate) use articles::{ArticleEnd, WantedArticle};
pub(crate) use corrections::{Correction, CorrectionKind, CorrectionNumber, CorrectionPair};
pub(crate) use due::{Due, DueRule};
pub(crate) use entered::Entered;
pub use entries::{Arrival, EntryNumber};
pub(crate) use entries::{Headline, HeldBack, Known, Sighting, SourceCount};
pub use error::StoreError;
pub(crate) use facet_pages::{FacetFolder, FacetPage, FacetPageChanges, FacetPageKind};
pub(crate) use guids::Held;
pub(crate) use join_log::{Logged, NearMiss, Stopped};
pub(crate) use line_file::LineFile;
pub use meta::TagBase;
pub(crate) use meta::{MOST_BETWEEN_RUNS, Outage};
pub(crate) use open::make_folder;
pub(crate) use petitions::{HubPetition, HubWish};
pub(crate) use pictures::{
    KeptPicture, OfferedPicture, PictureChanges, PictureCount, PictureEnd, PictureNumber, PictureState, WantedPicture,
};
pub use publishable::StoriesAsked;
pub(crate) use published::PublishedOutput;
pub use publishing::{FilterAnswers, PublishChanges};
pub(crate) use publishing::{Publication, PublishRecord};
pub(crate) use pushed::{Pushed, Room};
pub(crate) use recover::{RecoveredStory, Recovery};
pub(crate) use refusals::GateRefusal;
pub(crate) use retention::ForgetProgress;
pub(crate) use rewrites::{LeftState, RewriteAnswer, RewriteLeft, RewriteProgram};
pub(crate) use robots::RobotsState;
pub(crate) use sealed_file::{Missing, SealedFile};
pub(crate) use search::{Hit, SearchQuery, find_entries, find_indexed, keep_index, match_of};
pub use sources::SourceState;
pub(crate) use sources::{DocumentKind, Hold, HostState, Moving, Rhythm, Validators};
pub use stories::StoryNumber;
pub(crate) use story_pages::{PageKind, StoryFolder, StoryPage, StoryPageChanges};
pub(crate) use subscribers::HubSubscriber;
pub(crate) use subscriptions::{PushSecret, Subscription, SubscriptionState};
pub(crate) use takedown::{Takedown, TakedownNumber, Taken};
pub(crate) use tdm::Reserved;
pub use weave_changes::{Arrivals, IdOf, StoryChange, WeaveChanges};
pub(crate) use weave_changes::{NearPair, SignatureChanges};
pub(crate) use weave_members::{MemberRow, StoryHead};
pub(crate) use weave_window::{BeforeEdit, ComparedEntry, ReadLimits, Woven};

/// Every question that can be asked of an open database; [`Store`] and [`Batch`] both answer them.
#[derive(Debug)]
pub struct Reader {
    conn: Connection,
}

/// An open database. One that may write is held by this process alone.
#[derive(Debug)]
pub struct Store {
    reader: Reader,
    path: PathBuf,
    /// Held for as long as the store may write; the file is never unlinked.
    _lock: Option<std::fs::File>,
}

/// One transaction: everything in it is committed together, or nothing. What is read through it includes its own
/// writes.
#[derive(Debug)]
pub struct Batch<'a> {
    reader: &'a Reader,
    tx: Transaction<'a>,
    /// Something was written that a reader of the outputs could see.
    shows: Cell<bool>,
}

impl Store {
    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Starts a transaction that takes the write lock immediately.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn batch(&mut self) -> Result<Batch<'_>, StoreError> {
        let reader = &self.reader;
        // "Unchecked" means that rusqlite does not ensure that there is one at a time: `&mut self` does.
        let tx = Transaction::new_unchecked(&reader.conn, TransactionBehavior::Immediate)?;
        Ok(Batch { reader, tx, shows: Cell::new(false) })
    }
}

impl Batch<'_> {
    /// Makes it durable (`synchronous=FULL`).
    ///
    /// # Errors
    /// If the disk is full or cannot be written; nothing of the batch is kept then.
    pub fn commit(self) -> Result<(), StoreError> {
        if self.shows.get() {
            self.bump_generation()?;
        }
        Ok(self.tx.commit()?)
    }
}

impl Deref for Store {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Deref for Batch<'_> {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        self.reader
    }
}
