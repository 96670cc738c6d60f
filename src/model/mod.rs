//! The program's domain terms as plain data; constructors validate.
//!
//! Entries come in, items go out. A **source** is one subscription, a **feed** the document it
//! serves, an **entry** one post in it; a **story** is the entries that tell the same news, and an
//! **item** is a story in our own **channel**.

mod source;
mod person;
mod markup;
mod feed;
mod signal;
mod entry;
mod article;
mod health;
mod grounds;
mod story;
mod date;
mod lead;
mod outlets;
mod names;
mod rank;
mod sites;
mod item;

pub use article::{Article, PageRights};
pub(crate) use date::story_date;
pub(crate) use entry::told;
pub use entry::{Enclosure, Entry, EntryKey, GivenCredits, NamedOutlet, NamedPage, StoredEntry, TitleOrigin, Via};
pub use feed::Feed;
pub use grounds::{Ground, Grounds};
pub use health::Health;
pub(crate) use item::{
    Again, Attribution, Channel, CountedEntry, Coverage, CreditLine, Discussion, Item, Rewritten, SourceRef,
};
pub(crate) use lead::{Claim, LeadInput, follows, gives_way, lead};
pub use markup::Markup;
pub(crate) use names::judge_names;
pub(crate) use outlets::{OUR_CLASS, OutletKey, Outlets, TITLE_JOINT};
pub use person::Person;
pub(crate) use rank::Rank;
pub use signal::{Origin, Signal, SignalKind};
pub(crate) use sites::{Sites, is_own_article};
#[cfg(test)]
pub(crate) use source::test_source;
pub use source::{NameClaim, Republish, SiteClaim, Source, SourceId, SourceKind};
pub(crate) use story::RULES;
pub use story::{Member, Reason, Story, StoryId};
