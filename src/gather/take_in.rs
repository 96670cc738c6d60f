//! A document that is at hand → the store, as if its source had just answered with it: no request is made.

use std::sync::Arc;

use jiff::Timestamp;

use super::commit_feed::{Fault, FeedCommit};
use super::fetch::{Extent, Fetched, Freshness};
use super::hubs::HubLinks;
use super::known_state::known_state;
use super::outcome::{FeedAnswer, FeedBody, Unfinished};
use super::reader::read_document;
use super::report::{SourceError, SourceReport};
use super::request::{FeedTarget, Target};
use super::task::Task;
use crate::config::{Config, SourceConfig};
use crate::store::{Store, StoreError};
use crate::text::content_hash;

/// Takes `bytes` for what `source` answered at `now` with a Content-Type of XML.
///
/// # Errors
/// Where the store cannot be read or written.
pub fn take_in(
    store: &mut Store,
    config: &Config,
    source: &SourceConfig,
    bytes: &[u8],
    now: Timestamp,
) -> Result<SourceReport, StoreError> {
    let state = Arc::new(known_state(store.source_states()?.remove(&source.id), source));
    let (url, source) = (source.address.to_url(), Arc::new(source.clone()));
    let headers = vec![("content-type".to_owned(), b"application/xml".to_vec())];
    let fetched = Fetched { url: url.clone(), bytes: bytes.to_vec(), headers };
    let hash = content_hash(bytes);
    let body = if state.body_hash == Some(hash) {
        Ok(FeedBody::Same(HubLinks::default()))
    } else {
        let read = read_document(&fetched, &source, now);
        read.map(|out| FeedBody::Read { hash, extent: Extent::Whole, out: Box::new(out) })
    };
    let answer = match body {
        Ok(body) => Ok(FeedAnswer { validators: None, freshness: Freshness::Unsaid, body }),
        Err(failure) => Err(Unfinished::Failed(SourceError::Read(failure))),
    };
    let feed = FeedTarget::new(0, source, state);
    let attempt = Task::new(Target::Feed(feed.clone()), url, config.fetch.timeout).attempt;
    let mut batch = store.batch()?;
    let commit = FeedCommit { batch: &mut batch, config, attempt, at: now, host_hold: None, fault: Fault::Theirs };
    let report = commit.apply(feed, answer)?;
    batch.commit()?;
    Ok(report)
}
