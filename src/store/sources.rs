//! What gather knows about each source and host between runs.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, named_params};
use url::Url;

use super::columns::{address, lenient_time, wait};
use super::{Batch, Due, DueRule, Reader, StoreError};
use crate::model::{Health, SourceId};

/// Everything that is remembered of one source: enough to ask it politely after a restart.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceState {
    /// The source.
    pub id: SourceId,
    /// Its address in feeds.toml when this was written; a different one there makes a new state.
    pub address: String,
    /// The settings that its entries were read with, as one text.
    pub(crate) read_as: String,
    /// Start of the last request; `None`: never asked.
    pub(crate) last_request: Option<Timestamp>,
    /// The last answer that could be read, 304 included.
    pub last_success: Option<Timestamp>,
    /// The last of these answers that was whole: what it did not have, was not told by then.
    pub(crate) vouched: Option<Timestamp>,
    /// Failed answers in a row.
    pub failures: u32,
    /// The first of them.
    pub(crate) failing_since: Option<Timestamp>,
    /// What was wrong with the last one, as a sentence.
    pub last_error: Option<String>,
    /// How its last document had to be understood, in words for the operator; `None`: as it is written.
    pub(crate) notes: Option<String>,
    /// What its last document was.
    pub(crate) document: DocumentKind,
    /// The validators from the last good 200 (or a 304 since) to ask with.
    pub validators: Option<Validators>,
    /// SHA-256 of the last body that was read.
    pub body_hash: Option<[u8; 32]>,
    /// How long the last answer is fresh, and the header that states it.
    pub(crate) http_hint: Option<(SignedDuration, DueRule)>,
    /// How long the feed itself asks to wait (`ttl`, `sy:*`).
    pub(crate) feed_hint: Option<SignedDuration>,
    /// RSS `skipHours` as in [`Feed::skip_hours`](crate::model::Feed::skip_hours).
    pub skip_hours: u32,
    /// RSS `skipDays` as in [`Feed::skip_days`](crate::model::Feed::skip_days).
    pub skip_days: u8,
    /// Not before this time.
    pub hold: Option<Hold>,
    /// The first 410 in a row.
    pub(crate) gone_since: Option<Timestamp>,
    /// It answered 410 twice, a day apart: not asked again until feeds.toml changes.
    pub(crate) gone_for_good: bool,
    /// The fingerprint of feeds.toml under which it was gone permanently.
    pub(crate) gone_under: Option<i64>,
    /// Where it is asked since it moved permanently; `None`: at its own address.
    pub moved_to: Option<Url>,
    /// A move that is being watched.
    pub(crate) moving: Option<Moving>,
    /// How often it posts.
    pub rhythm: Option<Rhythm>,
    /// Until when a hub has promised to push what is new, where it did so lately; `None`: nothing is pushed. It is kept with
    /// the subscription.
    pub(crate) pushed_until: Option<Timestamp>,
    /// When it is due next; `None`: not computed yet.
    pub due: Option<Due>,
}

/// What a source is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DocumentKind {
    /// A feed.
    #[default]
    Feed,
    /// A page that lists articles: robots.txt is asked before it.
    Page,
}

impl SourceState {
    /// What is known of a source that was never asked.
    #[must_use]
    pub fn new(id: SourceId, address: String, read_as: String) -> Self {
        Self {
            id,
            address,
            read_as,
            last_request: None,
            last_success: None,
            vouched: None,
            failures: 0,
            failing_since: None,
            last_error: None,
            notes: None,
            document: DocumentKind::Feed,
            validators: None,
            body_hash: None,
            http_hint: None,
            feed_hint: None,
            skip_hours: 0,
            skip_days: 0,
            hold: None,
            gone_since: None,
            gone_for_good: false,
            gone_under: None,
            moved_to: None,
            moving: None,
            rhythm: None,
            pushed_until: None,
            due: None,
        }
    }
}

impl SourceState {
    /// How the source fares.
    #[must_use]
    pub fn health(&self) -> Health {
        if self.gone_for_good {
            Health::Gone { since: self.gone_since }
        } else if self.failures >= Health::MISSES {
            Health::Failing { since: self.failing_since }
        } else if self.last_success.is_some() {
            Health::Good { newest: self.rhythm.map(|rhythm| rhythm.newest) }
        } else {
            Health::New
        }
    }
}

/// `ETag` and `Last-Modified` as received, byte for byte, and the address that they belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    /// The final address of the answer that carried them.
    pub url: String,
    /// `ETag`.
    pub etag: Option<Vec<u8>>,
    /// `Last-Modified`.
    pub(crate) last_modified: Option<Vec<u8>>,
}

/// A time before which a source is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Not before.
    pub until: Timestamp,
    /// Why.
    pub rule: DueRule,
}

/// Permanent redirects that have not been believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moving {
    /// Where they lead.
    pub(crate) to: Url,
    /// The first good answer from there.
    pub(crate) since: Timestamp,
    /// Good answers from there so far.
    pub(crate) times: u32,
}

/// How often a source posts, by its last posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// Median time between two of them.
    pub(crate) median_gap: SignedDuration,
    /// The newest.
    pub newest: Timestamp,
}

/// What is remembered of a host: scheme, name or address, and port.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct HostState {
    /// No request before this time.
    pub(crate) hold_until: Option<Timestamp>,
    /// No request before this time by those that a redirect or a link of another host led there.
    pub(crate) guests_until: Option<Timestamp>,
    /// Answers 429 in a row.
    pub(crate) strikes: u32,
    /// It is asked over HTTP/1.1 until then, having failed over HTTP/2; `None`: over what it prefers.
    pub(crate) http1_until: Option<Timestamp>,
}

impl Reader {
    /// Everything that is remembered of every source, by id.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn source_states(&self) -> Result<BTreeMap<SourceId, SourceState>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT id, address, read_as, last_request, last_success, vouched_at, failures, failing_since, last_error, notes, is_page,
                    validators_url, etag, last_modified, body_hash, http_hint_s, http_hint_rule, feed_hint_s,
                    skip_hours, skip_days, hold_until, hold_rule, gone_since, gone_for_good, gone_under,
                    moved_to, moving_to, moving_since, moving_times, median_gap_s, newest_post, due, due_rule
               FROM source
              ORDER BY id",
        )?;
        let rows = stmt.query_map([], state_from_row)?;
        let mut states = BTreeMap::new();
        for state in rows {
            if let Some(state) = state? {
                states.insert(state.id.clone(), state);
            }
        }
        Ok(states)
    }

    /// What is remembered of every host, by its key (`https://example.com:443`).
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn host_states(&self) -> Result<BTreeMap<String, HostState>, StoreError> {
        let mut stmt = self
            .conn
            .prepare_cached("SELECT key, hold_until, guests_until, strikes, http1_until FROM host ORDER BY key")?;
        let rows = stmt.query_map([], |row| {
            let state = HostState {
                hold_until: lenient_time(row, "hold_until")?,
                guests_until: lenient_time(row, "guests_until")?,
                strikes: row.get("strikes")?,
                http1_until: lenient_time(row, "http1_until")?,
            };
            Ok((row.get("key")?, state))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Reader {
    fn health_of(&self, source: &SourceId) -> Result<Health, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT gone_for_good, gone_since, failures, failing_since, last_success FROM source WHERE id = :source",
        )?;
        let found = stmt.query_row(named_params! { ":source": source.as_str() }, |row| {
            let known = SourceState {
                gone_for_good: row.get("gone_for_good")?,
                gone_since: lenient_time(row, "gone_since")?,
                failures: row.get("failures")?,
                failing_since: lenient_time(row, "failing_since")?,
                last_success: lenient_time(row, "last_success")?,
                ..SourceState::new(source.clone(), String::new(), String::new())
            };
            Ok(known.health())
        });
        Ok(found.optional()?.unwrap_or_default())
    }
}

impl Batch<'_> {
    /// Remembers `state` in place of what was known of that source. Outputs show how a source fares.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn save_source_state(&mut self, state: &SourceState) -> Result<(), StoreError> {
        let before = self.health_of(&state.id)?;
        let mut stmt = self.tx.prepare_cached(
            "INSERT OR REPLACE INTO source (
                 id, address, read_as, last_request, last_success, vouched_at, failures, failing_since, last_error, notes, is_page,
                 validators_url, etag, last_modified, body_hash, http_hint_s, http_hint_rule, feed_hint_s,
                 skip_hours, skip_days, hold_until, hold_rule, gone_since, gone_for_good, gone_under,
                 moved_to, moving_to, moving_since, moving_times, median_gap_s, newest_post, due, due_rule)
             VALUES (
                 :id, :address, :read_as, :last_request, :last_success, :vouched, :failures, :failing_since, :last_error, :notes, :is_page,
                 :validators_url, :etag, :last_modified, :body_hash, :http_hint_s, :http_hint_rule, :feed_hint_s,
                 :skip_hours, :skip_days, :hold_until, :hold_rule, :gone_since, :gone_for_good, :gone_under,
                 :moved_to, :moving_to, :moving_since, :moving_times, :median_gap_s, :newest_post, :due, :due_rule)",
        )?;
        let validators = state.validators.as_ref();
        let moving = state.moving.as_ref();
        stmt.execute(named_params! {
            ":id": state.id.as_str(),
            ":address": state.address,
            ":read_as": state.read_as,
            ":last_request": state.last_request.map(Timestamp::as_second),
            ":last_success": state.last_success.map(Timestamp::as_second),
            ":vouched": state.vouched.map(Timestamp::as_second),
            ":failures": state.failures,
            ":failing_since": state.failing_since.map(Timestamp::as_second),
            ":last_error": state.last_error,
            ":notes": state.notes,
            ":is_page": state.document == DocumentKind::Page,
            ":validators_url": validators.map(|v| &v.url),
            ":etag": validators.and_then(|v| v.etag.as_ref()),
            ":last_modified": validators.and_then(|v| v.last_modified.as_ref()),
            ":body_hash": state.body_hash,
            ":http_hint_s": state.http_hint.map(|(wait, _)| wait.as_secs()),
            ":http_hint_rule": state.http_hint.map(|(_, rule)| rule.code()),
            ":feed_hint_s": state.feed_hint.map(|wait| wait.as_secs()),
            ":skip_hours": state.skip_hours,
            ":skip_days": state.skip_days,
            ":hold_until": state.hold.map(|hold| hold.until.as_second()),
            ":hold_rule": state.hold.map(|hold| hold.rule.code()),
            ":gone_since": state.gone_since.map(Timestamp::as_second),
            ":gone_for_good": state.gone_for_good,
            ":gone_under": state.gone_under,
            ":moved_to": state.moved_to.as_ref().map(Url::as_str),
            ":moving_to": moving.map(|m| m.to.as_str()),
            ":moving_since": moving.map(|m| m.since.as_second()),
            ":moving_times": moving.map(|m| m.times),
            ":median_gap_s": state.rhythm.map(|r| r.median_gap.as_secs()),
            ":newest_post": state.rhythm.map(|r| r.newest.as_second()),
            ":due": state.due.and_then(|due| due.at).map(Timestamp::as_second),
            ":due_rule": state.due.map(|due| due.rule.code()),
        })?;
        if state.health().differs_from(before) {
            self.shows();
        }
        Ok(())
    }

    /// Remembers `state` of the host with this key.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn save_host_state(&mut self, key: &str, state: &HostState) -> Result<(), StoreError> {
        let mut stmt = self.tx.prepare_cached(
            "INSERT OR REPLACE INTO host (key, hold_until, guests_until, strikes, http1_until)
             VALUES (:key, :hold_until, :guests_until, :strikes, :http1_until)",
        )?;
        stmt.execute(named_params! {
            ":key": key,
            ":hold_until": state.hold_until.map(Timestamp::as_second),
            ":guests_until": state.guests_until.map(Timestamp::as_second),
            ":strikes": state.strikes,
            ":http1_until": state.http1_until.map(Timestamp::as_second),
        })?;
        Ok(())
    }
}

/// `None` if the row's id is not one of ours: it cannot belong to any source of feeds.toml.
fn state_from_row(row: &Row<'_>) -> rusqlite::Result<Option<SourceState>> {
    let Ok(id) = SourceId::new(row.get::<_, String>("id")?) else { return Ok(None) };
    let validators = match row.get("validators_url")? {
        None => None,
        Some(url) => Some(Validators { url, etag: row.get("etag")?, last_modified: row.get("last_modified")? }),
    };
    let moving = match (address(row, "moving_to")?, lenient_time(row, "moving_since")?) {
        (Some(to), Some(since)) => Some(Moving { to, since, times: row.get("moving_times")? }),
        _ => None,
    };
    let rhythm = match (wait(row, "median_gap_s")?, lenient_time(row, "newest_post")?) {
        (Some(median_gap), Some(newest)) => Some(Rhythm { median_gap, newest }),
        _ => None,
    };
    let hold = lenient_time(row, "hold_until")?.zip(rule(row, "hold_rule")?);
    Ok(Some(SourceState {
        id,
        address: row.get("address")?,
        read_as: row.get("read_as")?,
        last_request: lenient_time(row, "last_request")?,
        last_success: lenient_time(row, "last_success")?,
        vouched: lenient_time(row, "vouched_at")?,
        failures: row.get("failures")?,
        failing_since: lenient_time(row, "failing_since")?,
        last_error: row.get("last_error")?,
        notes: row.get("notes")?,
        document: if row.get("is_page")? { DocumentKind::Page } else { DocumentKind::Feed },
        validators,
        body_hash: row.get("body_hash")?,
        http_hint: wait(row, "http_hint_s")?.zip(rule(row, "http_hint_rule")?),
        feed_hint: wait(row, "feed_hint_s")?,
        skip_hours: row.get("skip_hours")?,
        skip_days: row.get("skip_days")?,
        hold: hold.map(|(until, rule)| Hold { until, rule }),
        gone_since: lenient_time(row, "gone_since")?,
        gone_for_good: row.get("gone_for_good")?,
        gone_under: row.get("gone_under")?,
        moved_to: address(row, "moved_to")?,
        moving,
        rhythm,
        pushed_until: None,
        due: match rule(row, "due_rule")? {
            Some(rule) => Some(Due { at: lenient_time(row, "due")?, rule }),
            None => None,
        },
    }))
}

fn rule(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<DueRule>> {
    let code = row.get_ref(column)?.as_str_or_null()?;
    Ok(code.and_then(DueRule::from_code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn id(text: &str) -> SourceId {
        SourceId::new(text).unwrap()
    }

    /// A state in which every field differs from a new one.
    fn full_state() -> SourceState {
        SourceState {
            last_request: Some(at(10)),
            last_success: Some(at(11)),
            vouched: Some(at(9)),
            failures: 3,
            failing_since: Some(at(12)),
            last_error: Some("the server answered 500".to_owned()),
            notes: Some("dates".to_owned()),
            document: DocumentKind::Page,
            validators: Some(Validators {
                url: "https://a.example/f".to_owned(),
                etag: Some(b"\"b-\xE9\"".to_vec()),
                last_modified: Some(b"garbage".to_vec()),
            }),
            body_hash: Some([7; 32]),
            http_hint: Some((SignedDuration::from_secs(60), DueRule::MaxAge)),
            feed_hint: Some(SignedDuration::from_secs(61)),
            skip_hours: 5,
            skip_days: 6,
            hold: Some(Hold { until: at(13), rule: DueRule::RetryAfter }),
            gone_since: Some(at(14)),
            gone_for_good: true,
            gone_under: Some(7),
            moved_to: Some(Url::parse("https://b.example/f").unwrap()),
            moving: Some(Moving { to: Url::parse("https://c.example/f").unwrap(), since: at(15), times: 2 }),
            rhythm: Some(Rhythm { median_gap: SignedDuration::from_secs(62), newest: at(16) }),
            due: Some(Due { at: Some(at(17)), rule: DueRule::RetryAfter }),
            ..SourceState::new(id("full"), "https://a.example/f".to_owned(), "1".to_owned())
        }
    }

    #[test]
    fn a_state_comes_back_as_it_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let fresh = SourceState::new(id("fresh"), "file:///f.xml".to_owned(), String::new());
        let never = SourceState {
            due: Some(Due { at: None, rule: DueRule::GoneForGood }),
            ..SourceState::new(id("never"), "file:///f.xml".to_owned(), String::new())
        };
        let hold =
            HostState { hold_until: Some(at(9)), guests_until: Some(at(8)), strikes: 2, http1_until: Some(at(7)) };
        let mut store = Store::open(&path).unwrap();
        let mut batch = store.batch().unwrap();
        for state in [&full_state(), &fresh, &never] {
            batch.save_source_state(state).unwrap();
        }
        batch.save_host_state("https://a.example:443", &hold).unwrap();
        batch.commit().unwrap();
        drop(store);
        let store = Store::open(&path).unwrap();
        let states = store.source_states().unwrap();
        assert_eq!(states[&id("full")], full_state());
        assert_eq!(states[&id("fresh")], fresh);
        assert_eq!(states[&id("never")], never);
        assert_eq!(store.host_states().unwrap()["https://a.example:443"], hold);
    }
}
