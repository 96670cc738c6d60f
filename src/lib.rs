//! Many tech-news feeds in, one good feed out: each story once, every outlet credited.
//!
//! One pass is `gather → weave → publish`; `ARCHITECTURE.md` is the map. To read the code, start at
//! `pass.rs` and follow one `Entry`.

mod ops;
mod retention;
mod pass;
mod takedown;
mod files;
mod model;
mod text;
mod rights;
mod config;
mod store;
mod parse;
mod extract;
mod gather;
mod weave;
mod publish;
#[cfg(unix)]
mod websub;
#[cfg(unix)]
mod serve;
mod cli;

pub use cli::main;
pub use config::{
    AccessLog, ArticleWanted, AttributionPlace, Config, ConfigError, DEFAULT_ATTRIBUTION, Digest, FetchConfig, Filter,
    FilterField, FilterLimits, FilterTest, Format as OutputFormat, FutureDates, Identity, Images, ListConfig, Listen,
    Order, OutputConfig, OutputRule, OutputRules, OutputTest, Phrases, PostConfig, RewriteConfig, RobotsFor, SameStory,
    ServeConfig, SourceAddress, SourceConfig, StoreConfig, TokenPlace, WeaveConfig,
};
pub use extract::{ArticleError, Choice, Look, Page, Way, feature_names, look, read as read_page};
pub use gather::{
    ClockTrust, Fetched, GatherOptions, GatherReport, Network, ReadFailure, ReadOut, Silent, SourceOutcome,
    SourceReport, gather, take_in,
};
pub use model::{
    Article, Enclosure, Entry, EntryKey, Feed, GivenCredits, Ground, Grounds, Health, Markup, Member, NameClaim,
    NamedOutlet, NamedPage, Origin, PageRights, Person, Reason, Republish, Signal, SignalKind, SiteClaim, Source,
    SourceId, SourceKind, StoredEntry, Story, StoryId, TitleOrigin, Via,
};
pub use parse::{
    Document, Entries, Format as FeedFormat, Headers, Input as Bytes, ReadError, Why, entries, read as read_feed,
};
pub use pass::{publish_stories, sources, weave_pending};
pub use publish::{
    CopiedPictures, Derived as PublishDerived, FacetPages, Filters, GateError, Input as PublishInput, Issues,
    MAX_DOCUMENT_BYTES, Mode, Plan, PublishError, PublishReport, PublishStageError, Rendered, Shrink, StoryPages,
    TakenDown, TopItems, Written, draft, tag_base, write,
};
pub use store::{
    Arrival, Arrivals, ArticleCount, Batch, EntryNumber, FilterAnswers, IdOf, PublishChanges, SourceState, Store,
    StoreError, StoriesAsked, StoryChange, StoryNumber, TagBase, WeaveChanges,
};
pub use text::{Selector, plain_text, sanitize, sanitize_to_inspect, without_illegal_xml};
pub use weave::{Clusterer, Constraints, Settings, WeaveInput, weave};
