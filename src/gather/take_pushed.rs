//! What hubs pushed → the store: read and kept as if its source had been asked and had answered with some new entries.
//!
//! A push says nothing of what is missing in it, of how the source fares, or of its schedule: hubs send what is new, or
//! all of it. What the feed says of its hubs and its own address is taken from its own server alone.

use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use super::commit_feed::{Fault, FeedCommit};
use super::fetch::{Extent, FetchError, Fetched, unpacked};
use super::known_state::{known_state, without_user_info};
use super::log::log;
use super::panics;
use super::reader::{ReadFailure, ReadOut, Reader};
use super::report::{SourceError, SourceOutcome, SourceReport};
use super::request::{FeedTarget, Target};
use super::save::Polls;
use super::schedule::{Terms, due};
use super::source_state;
use super::task::Task;
use crate::config::{Config, SourceConfig};
use crate::model::{Feed, Origin};
use crate::store::{Due, DueRule, Pushed, SourceState, Store, StoreError};

/// Reads every push that waits, in the order in which they came.
///
/// # Errors
/// If the store cannot be read or written.
pub(crate) fn take_pushed(
    store: &mut Store,
    config: &Config,
    reader: Reader,
    now: Timestamp,
) -> Result<Vec<SourceReport>, StoreError> {
    let mut reports = Vec::new();
    for id in store.pushed_waiting()? {
        let Some(pushed) = store.pushed(id)? else { continue };
        let source = pushed.of.as_ref().and_then(|(id, address)| {
            let known = config.sources.iter().find(|source| source.id == *id && !source.disabled)?;
            (String::from(without_user_info(known.address.to_url())) == *address).then_some(known)
        });
        match source {
            Some(source) => reports.push(take(store, config, Waiting { id, pushed, source, reader }, now)?),
            None => {
                let mut batch = store.batch()?;
                batch.remove_pushed(id)?;
                batch.commit()?;
            }
        }
    }
    Ok(reports)
}

/// A push of a source that is still there.
struct Waiting<'a> {
    id: i64,
    pushed: Pushed,
    source: &'a SourceConfig,
    reader: Reader,
}

fn take(store: &mut Store, config: &Config, waiting: Waiting<'_>, now: Timestamp) -> Result<SourceReport, StoreError> {
    let Waiting { id, pushed, source, reader } = waiting;
    let mut state = known_state(store.source_states()?.remove(&source.id), source);
    let feed_before = store.feeds()?.remove(&source.id).unwrap_or_default();
    let read = read(&pushed, source, &state, reader, now, config.fetch.max_body_bytes);
    let mut batch = store.batch()?;
    batch.remove_pushed(id)?;
    let outcome = match read {
        Ok(mut out) => {
            out.feed = merged(out.feed, feed_before);
            batch.note_push(&pushed.path, now)?;
            state.pushed_until = batch.pushed_until()?.remove(&source.id);
            let posts: Vec<Timestamp> = out.entries.iter().map(|entry| entry.time_or(now)).collect();
            let target = FeedTarget::new(0, Arc::new(source.clone()), Arc::new(state.clone()));
            let attempt = Task::new(Target::Feed(target), source.address.to_url(), config.fetch.timeout).attempt;
            let mut commit =
                FeedCommit { batch: &mut batch, config, attempt, at: now, host_hold: None, fault: Fault::Theirs };
            // Its server's last whole answer vouches for what was not there by then; a push vouches for nothing.
            let polls = Polls { now, vouched: state.vouched };
            let counts = commit.save(source, &mut state, out, polls)?;
            if counts.new > 0 {
                state.rhythm = source_state::rhythm(state.rhythm, &posts, Extent::SomeNew);
            }
            SourceOutcome::Fetched(counts)
        }
        Err(error) => SourceOutcome::Failed(super::report::Failure { error, hint: None }),
    };
    let due = due(&state, None, Terms::of(source, &config.fetch), now);
    if matches!(outcome, SourceOutcome::Fetched(_)) {
        state.due = Some(due);
        batch.save_source_state(&state)?;
    }
    batch.commit()?;
    let report = report(state, outcome, due, pushed.body.len() as u64);
    log(&report);
    Ok(report)
}

fn report(state: SourceState, outcome: SourceOutcome, due: Due, bytes: u64) -> SourceReport {
    SourceReport {
        id: state.id,
        outcome,
        bytes,
        took: std::time::Duration::ZERO,
        requests: 0,
        due: Due { rule: if due.at.is_some() { due.rule } else { DueRule::Pushed }, ..due },
        failures: state.failures,
        failures_before: state.failures,
        was_good: state.last_success,
        moved_to: None,
    }
}

/// The document, read as one from where the source was read from last: relative addresses and ids stay the same.
fn read(
    pushed: &Pushed,
    source: &SourceConfig,
    state: &SourceState,
    reader: Reader,
    now: Timestamp,
    limit_bytes: u64,
) -> Result<ReadOut, SourceError> {
    let header = |name: &str| pushed.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let bytes = unpacked(&pushed.body, header("content-encoding"), limit_bytes).map_err(SourceError::Fetch)?;
    let last = state.validators.as_ref().and_then(|validators| Url::parse(&validators.url).ok());
    let url = last.or_else(|| state.moved_to.clone()).unwrap_or_else(|| without_user_info(source.address.to_url()));
    let headers = pushed.headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect();
    let fetched = Fetched { url, bytes, headers };
    if fetched.bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(FetchError::Fault { what: "what was pushed is empty".to_owned() }.into());
    }
    let out = panics::quietly(|| reader(&fetched, source, now));
    out.unwrap_or_else(|what| Err(ReadFailure::panicked(&what))).map_err(SourceError::Read)
}

/// What the feed says of itself after a push: what the push leaves out stays, and so does what only its own server can
/// say.
fn merged(pushed: Feed, before: Feed) -> Feed {
    let mut signals = pushed.signals;
    let of_server = |origin: Origin| matches!(origin, Origin::FeedHeader | Origin::Site | Origin::RobotsTxt);
    for signal in before.signals.into_iter().filter(|signal| of_server(signal.origin)) {
        if !signals.contains(&signal) {
            signals.push(signal);
        }
    }
    Feed {
        title: pushed.title.or(before.title),
        link: pushed.link.or(before.link),
        description: pushed.description.or(before.description),
        language: pushed.language.or(before.language),
        image: pushed.image.or(before.image),
        self_url: before.self_url,
        hubs: before.hubs,
        refresh_hint: before.refresh_hint,
        skip_hours: before.skip_hours,
        skip_days: before.skip_days,
        // Some entries do not tell.
        lists: None,
        title_tail: None,
        signals,
        ..pushed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Signal, SignalKind};

    #[test]
    fn a_push_takes_nothing_from_the_feed_but_its_permissions() {
        let url = |text: &str| Url::parse(text).unwrap();
        let of_server = Signal::new(SignalKind::TdmReservation, Origin::Site, "1");
        let of_feed = Signal::new(SignalKind::Block, Origin::Feed, "itunes:block");
        let before = Feed {
            title: Some("A".to_owned()),
            self_url: Some(url("https://a.example/f")),
            hubs: vec![url("https://hub.example/")],
            licenses: vec!["CC BY 4.0".to_owned()],
            signals: vec![of_server.clone(), of_feed],
            skip_hours: 3,
            ..Feed::default()
        };
        let elsewhere = Feed { hubs: vec![url("https://evil.example/")], self_url: None, ..Feed::default() };
        let after = merged(elsewhere, before.clone());
        assert_eq!((after.title, after.hubs, after.self_url), (before.title, before.hubs, before.self_url));
        assert_eq!((after.skip_hours, after.signals), (3, vec![of_server]));
        assert!(after.licenses.is_empty(), "what a document does not permit is not permitted");
    }
}
