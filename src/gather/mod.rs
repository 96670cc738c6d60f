//! feeds.toml's sources → entries in the store.
//!
//! [`gather()`] finds what is due (`plan.rs`), fetches it side by side (`scheduler.rs`), and commits what comes back:
//! many whole sources per transaction (`commit.rs`), each one's validators with the entries they vouch for. Then the
//! same is done for the pages behind new entries, if a source asks for them (`pages.rs`).

mod run;
mod options;
mod progress;
mod clock;
mod plan;
mod known_state;
mod schedule;
mod standing;
mod order;
mod request;
mod task;
mod foreign_pages;
mod patience;
mod in_flight;
mod kept_open;
mod hosts;
mod scheduler;
mod host_key;
mod host_queues;
mod host_policy;
mod attempt;
mod outcome;
mod network;
mod first_clock;
mod alike;
mod page_mark;
mod outage;
mod pages;
mod pictures;
mod fetch;
mod reader;
mod hubs;
mod panics;
mod log;
mod commit;
mod commit_feed;
mod commit_page;
mod take_in;
mod take_pushed;
mod source_state;
mod save;
mod text_budget;
mod guid_change;
mod reused_guid;
mod other_news;
mod report;
mod probe;
mod websub;
mod courier;

pub(crate) use courier::{Courier, Letter};
pub use fetch::Fetched;
pub(crate) use fetch::is_public;
pub(crate) use host_key::host_key;
pub use network::Network;
pub use options::{ClockTrust, GatherOptions};
pub(crate) use pictures::fetch_pictures;
pub(crate) use probe::{KnownState, ProbeError, Probed, Prober};
pub(crate) use progress::Progress;
pub use progress::Silent;
pub use reader::{ReadFailure, ReadOut};
pub(crate) use reader::{read_source, remedy};
pub(crate) use report::{Counts, Failure, Pages};
pub use report::{GatherReport, SourceOutcome, SourceReport};
pub(crate) use request::ProbeKind;
pub use run::gather;
pub(crate) use run::{GatherError, Gathering, Step};
pub(crate) use save::would_be_held_back;
pub(crate) use schedule::asked_every;
pub use take_in::take_in;
pub(crate) use take_pushed::take_pushed;
pub(crate) use websub::{Ping, PingError, PingReport, ping};
