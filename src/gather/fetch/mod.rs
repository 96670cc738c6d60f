//! One request, guarded: conditional GET, headers exactly as wanted, a time and a size limit.

mod client;
mod answer;
mod body;
mod unpack;
mod codec;
mod coding;
mod whole;
mod challenge;
mod error;
mod file;
mod freshness;
mod guard;
mod large_bodies;
mod path_pattern;
mod redirect;
mod room;
pub(crate) mod robots;
mod server_clocks;
mod shown;
pub(crate) mod tdmrep;
mod validators;

pub use answer::Fetched;
pub(crate) use answer::{Answer, Ask, Document, Extent, Keep, Protocol, Wanted};
pub(crate) use client::ClientError;
pub(crate) use client::{Fetcher, kept_for, robots_tokens};
pub(crate) use error::{FetchError, Unreached};
pub(crate) use file::read_file;
pub(crate) use freshness::Freshness;
pub(crate) use guard::is_public;
pub(crate) use large_bodies::Waited;
pub(crate) use redirect::{Chain, Watched, watch};
pub(crate) use room::room_for_connections;
pub(crate) use server_clocks::{ServerClocks, Votes};
