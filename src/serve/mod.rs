//! The service: it keeps the outputs fresh, and hands them out over HTTP.
//!
//! Serving never waits for a pass: it answers on threads of its own what the last publish made, the outputs from memory.

mod service;
mod stop;

mod rounds;
mod operator;
mod due;
mod watch;
mod notify;
mod shower;
mod shared;
mod facts;
mod token;

mod handler;
mod endpoint;
mod metrics;
mod status_page;
mod search;
mod html;
mod door;
mod client;
mod admit;
mod mailbox;
mod mail;
mod incoming;
mod target;
mod outputs;
mod precondition;
mod entity_tag;
mod encoding;
mod reply;

mod server;
mod listener;
mod connection;
mod stream;
mod activity;

mod site;
mod page;
mod on_disk;
mod take;

mod access_log;
mod counters;

pub(crate) use due::{next_due, sources_by_state};
pub(crate) use operator::{Operator, PassDone, PassEnd, PassKind};
pub(crate) use service::{ServeError, run};
pub(crate) use stop::Stop;
