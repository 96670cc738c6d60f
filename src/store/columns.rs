//! How our types lie in columns: the JSON of an entry's rarer fields and of a reason.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Row;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::model::{
    Enclosure, Entry, EntryKey, Markup, Origin, Person, Reason, Signal, SignalKind, SourceId, TitleOrigin, Via,
};

/// A row that does not hold what we write: somebody else changed the database.
#[derive(Debug, thiserror::Error)]
#[error("column {column} holds {found:?}")]
struct Unreadable {
    column: &'static str,
    found: String,
}

fn unreadable(column: &'static str, found: impl Into<String>) -> rusqlite::Error {
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

/// A time; out of jiff's range counts as not known.
pub(super) fn lenient_time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    let seconds: Option<i64> = row.get(column)?;
    Ok(seconds.and_then(|s| Timestamp::from_second(s).ok()))
}

/// Seconds of a column as a duration, NULL as `None`.
pub(super) fn wait(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<SignedDuration>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(SignedDuration::from_secs))
}

/// An address; one that does not parse counts as not known.
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

/// The columns of `entry` that [`entry`] reads.
pub(super) const ENTRY_COLUMNS: &str = "entry.source_id, entry.guid, entry.first_seen_at, entry.published_at, \
     entry.updated_at, entry.url, entry.title, entry.text, entry.extra, entry.summary_kind, entry.summary, \
     entry.content_kind, entry.content, entry.signals";

/// An entry from a row with [`ENTRY_COLUMNS`].
pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let extra: String = row.get("extra")?;
    let extra: Extra = if extra.is_empty() {
        Extra::default()
    } else {
        serde_json::from_str(&extra).map_err(|_| unreadable("extra", extra))?
    };
    let mut entry = Entry {
        key: EntryKey { source: source_id(row, "source_id")?, guid: row.get("guid")? },
        url: url(row, "url")?,
        title: row.get("title")?,
        title_origin: TitleOrigin::Given,
        summary: markup(row, "summary_kind", "summary")?,
        content: markup(row, "content_kind", "content")?,
        text: row.get("text")?,
        published: optional_time(row, "published_at")?,
        updated: optional_time(row, "updated_at")?,
        first_seen: time(row, "first_seen_at")?,
        authors: Vec::new(),
        categories: Vec::new(),
        enclosures: Vec::new(),
        image: None,
        language: None,
        rights: None,
        license: None,
        comments: None,
        via: None,
        signals: signals(row, "signals")?,
        article: None,
    };
    extra.put_into(&mut entry);
    // Rows of before signals were kept name one licence only.
    if let (Some(license), false) = (&entry.license, entry.signals.iter().any(|s| s.kind == SignalKind::License)) {
        entry.signals.push(Signal::new(SignalKind::License, Origin::Entry, license.as_str()));
    }
    Ok(entry)
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

/// Signals as JSON; an empty string where there are none.
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

/// An entry's fields that few entries have, as JSON; an empty string where it has none of them.
pub(super) fn extra_column(entry: &Entry) -> String {
    let extra = Extra::of(entry);
    if extra.is_empty() { String::new() } else { serde_json::to_string(&extra).expect("strings and numbers") }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Extra {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    authors: Vec<RawPerson>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    categories: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    enclosures: Vec<RawEnclosure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rights: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    license: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comments: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    via: Option<RawVia>,
    /// The source gave no title.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    title_made: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct RawPerson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RawEnclosure {
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length_bytes: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RawVia {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl Extra {
    fn of(entry: &Entry) -> Self {
        let text = |url: &Option<Url>| url.as_ref().map(ToString::to_string);
        Self {
            authors: entry
                .authors
                .iter()
                .map(|p| RawPerson { name: p.name.clone(), email: p.email.clone(), uri: p.uri.clone() })
                .collect(),
            categories: entry.categories.clone(),
            enclosures: entry
                .enclosures
                .iter()
                .map(|e| RawEnclosure {
                    url: e.url.to_string(),
                    media_type: e.media_type.clone(),
                    length_bytes: e.length_bytes,
                })
                .collect(),
            image: text(&entry.image),
            language: entry.language.clone(),
            rights: entry.rights.clone(),
            license: text(&entry.license),
            comments: text(&entry.comments),
            via: entry.via.as_ref().map(|via| RawVia { title: via.title.clone(), url: text(&via.url) }),
            title_made: entry.title_origin == TitleOrigin::Made,
        }
    }

    fn is_empty(&self) -> bool {
        self.authors.is_empty()
            && self.categories.is_empty()
            && self.enclosures.is_empty()
            && self.image.is_none()
            && self.language.is_none()
            && self.rights.is_none()
            && self.license.is_none()
            && self.comments.is_none()
            && self.via.is_none()
            && !self.title_made
    }

    /// Addresses were checked before they were written; one that no longer parses is left out.
    fn put_into(self, entry: &mut Entry) {
        let parse = |text: Option<String>| text.and_then(|text| Url::parse(&text).ok());
        entry.authors = self.authors.into_iter().map(|p| Person { name: p.name, email: p.email, uri: p.uri }).collect();
        entry.categories = self.categories;
        entry.enclosures = self
            .enclosures
            .into_iter()
            .filter_map(|e| {
                let url = Url::parse(&e.url).ok()?;
                Some(Enclosure { url, media_type: e.media_type, length_bytes: e.length_bytes })
            })
            .collect();
        entry.image = parse(self.image);
        entry.language = self.language;
        entry.rights = self.rights;
        entry.license = parse(self.license);
        entry.comments = parse(self.comments);
        if self.title_made {
            entry.title_origin = TitleOrigin::Made;
        }
        entry.via = self.via.map(|via| Via { title: via.title, url: parse(via.url) });
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
enum RawReason {
    SameAddress { address: String },
    LinksTo { address: String },
    SameTitle { title: String, hours_apart: f64 },
    Similar { score: f64, nearest: (String, String), shared: Vec<String>, hours_apart: f64 },
    Bridged { by: (String, String) },
    ByHand,
    SplitByHand { from: String },
}

/// A reason as JSON; NULL for the entry that opened the story.
pub(super) fn reason_column(reason: &Reason) -> Option<String> {
    let raw = match reason.clone() {
        Reason::Opened => return None,
        Reason::SameAddress { address } => RawReason::SameAddress { address },
        Reason::LinksTo { address } => RawReason::LinksTo { address },
        Reason::SameTitle { title, hours_apart } => RawReason::SameTitle { title, hours_apart },
        Reason::Similar { score, nearest, shared, hours_apart } => RawReason::Similar {
            score,
            nearest: (nearest.source.as_str().to_owned(), nearest.guid),
            shared,
            hours_apart,
        },
        Reason::Bridged { by } => RawReason::Bridged { by: (by.source.as_str().to_owned(), by.guid) },
        Reason::ByHand => RawReason::ByHand,
        Reason::SplitByHand { from } => RawReason::SplitByHand { from },
    };
    Some(serde_json::to_string(&raw).expect("strings and finite numbers"))
}

/// The reason in column `reason`.
pub(super) fn reason(row: &Row<'_>) -> rusqlite::Result<Reason> {
    let Some(text) = row.get::<_, Option<String>>("reason")? else {
        return Ok(Reason::Opened);
    };
    let raw: RawReason = serde_json::from_str(&text).map_err(|_| unreadable("reason", text.clone()))?;
    let key = |(source, guid): (String, String)| {
        let source = SourceId::new(source).map_err(|_| unreadable("reason", text.clone()))?;
        Ok::<_, rusqlite::Error>(EntryKey { source, guid })
    };
    Ok(match raw {
        RawReason::SameAddress { address } => Reason::SameAddress { address },
        RawReason::LinksTo { address } => Reason::LinksTo { address },
        RawReason::SameTitle { title, hours_apart } => Reason::SameTitle { title, hours_apart },
        RawReason::Similar { score, nearest, shared, hours_apart } => {
            Reason::Similar { score, nearest: key(nearest)?, shared, hours_apart }
        }
        RawReason::Bridged { by } => Reason::Bridged { by: key(by)? },
        RawReason::ByHand => Reason::ByHand,
        RawReason::SplitByHand { from } => Reason::SplitByHand { from },
    })
}
