//! How our types are stored in columns.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Row;
use url::Url;

use crate::model::{Markup, Origin, Signal, SignalKind, SourceId, StoryId};

/// A row that does not hold what we write: somebody else changed the database.
#[derive(Debug, thiserror::Error)]
#[error("column {column} holds {found:?}")]
struct Unreadable {
    column: &'static str,
    found: String,
}

pub(super) fn unreadable(column: &'static str, found: impl Into<String>) -> rusqlite::Error {
    let reason = Unreadable { column, found: found.into() };
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(reason))
}

/// Seconds of a column as a time.
pub(super) fn time(row: &Row<'_>, column: &'static str) -> rusqlite::Result<Timestamp> {
    let seconds: i64 = row.get(column)?;
    Timestamp::from_second(seconds).map_err(|_| unreadable(column, seconds.to_string()))
}

/// Seconds of a column as a time, NULL as `None`.
pub(super) fn optional_time(row: &Row<'_>, column: &'static str) -> rusqlite::Result<Option<Timestamp>> {
    match row.get::<_, Option<i64>>(column)? {
        None => Ok(None),
        Some(seconds) => Timestamp::from_second(seconds).map(Some).map_err(|_| unreadable(column, seconds.to_string())),
    }
}

/// A time; outside jiff's range it counts as unknown.
pub(super) fn lenient_time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    let seconds: Option<i64> = row.get(column)?;
    Ok(seconds.and_then(|s| Timestamp::from_second(s).ok()))
}

/// Seconds of a column as a duration, NULL as `None`.
pub(super) fn wait(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<SignedDuration>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(SignedDuration::from_secs))
}

/// An address; one that does not parse counts as unknown.
pub(super) fn address(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Url>> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    Ok(text.and_then(|text| Url::parse(text).ok()))
}

pub(super) fn url(row: &Row<'_>, column: &'static str) -> rusqlite::Result<Url> {
    let text: String = row.get(column)?;
    Url::parse(&text).map_err(|_| unreadable(column, text))
}

pub(super) fn source_id(row: &Row<'_>, column: &'static str) -> rusqlite::Result<SourceId> {
    let text: String = row.get(column)?;
    SourceId::new(text.clone()).map_err(|_| unreadable(column, text))
}

/// The id of a story.
pub(super) fn story_id(row: &Row<'_>, column: &'static str) -> rusqlite::Result<StoryId> {
    story_id_of(column, row.get(column)?)
}

/// The same from what was read of `column`.
pub(super) fn story_id_of(column: &'static str, key: String) -> rusqlite::Result<StoryId> {
    StoryId::parse(&key).ok_or_else(|| unreadable(column, key))
}

/// A text column and the number that says what it is.
pub(super) fn markup_columns(markup: Option<&Markup>) -> (i64, Option<&str>) {
    match markup {
        None => (0, None),
        Some(Markup::Text(text)) => (1, Some(text)),
        Some(Markup::Html(html)) => (2, Some(html)),
    }
}

pub(super) fn markup(row: &Row<'_>, kind: &'static str, column: &'static str) -> rusqlite::Result<Option<Markup>> {
    Ok(match row.get::<_, i64>(kind)? {
        0 => None,
        1 => Some(Markup::Text(row.get(column)?)),
        2 => Some(Markup::Html(row.get(column)?)),
        other => return Err(unreadable(kind, other.to_string())),
    })
}

/// Signals as JSON; an empty string if there are none.
pub(super) fn signals_column(signals: &[Signal]) -> String {
    if signals.is_empty() {
        return String::new();
    }
    let raw: Vec<_> = signals.iter().map(|s| (s.kind.code(), s.origin.code(), s.value.as_str())).collect();
    serde_json::to_string(&raw).expect("strings")
}

/// The signals in `column`; one of a kind that this version does not know is left out.
pub(super) fn signals(row: &Row<'_>, column: &'static str) -> rusqlite::Result<Vec<Signal>> {
    let text = row.get_ref(column)?.as_str()?;
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let raw: Vec<(String, String, String)> = serde_json::from_str(text).map_err(|_| unreadable(column, text))?;
    let known = raw.into_iter().filter_map(|(kind, origin, value)| {
        Some(Signal::new(SignalKind::from_code(&kind)?, Origin::from_code(&origin)?, value))
    });
    Ok(known.collect())
}
