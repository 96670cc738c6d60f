//! A whole entry in a row.

use rusqlite::Row;

use super::{columns, extra};
use crate::model::{Entry, EntryKey, Origin, Signal, SignalKind};

/// The columns of `entry` that [`entry`] reads.
pub(super) const ENTRY_COLUMNS: &str = "entry.source_id, entry.guid, entry.first_seen_at, entry.published_at, \
     entry.updated_at, entry.url, entry.title, entry.text, entry.extra, entry.summary_kind, entry.summary, \
     entry.content_kind, entry.content, entry.signals";

/// An entry from a row with [`ENTRY_COLUMNS`].
pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let mut entry = Entry {
        summary: columns::markup(row, "summary_kind", "summary")?,
        content: columns::markup(row, "content_kind", "content")?,
        text: row.get("text")?,
        published: columns::optional_time(row, "published_at")?,
        updated: columns::optional_time(row, "updated_at")?,
        signals: columns::signals(row, "signals")?,
        ..Entry::new(
            EntryKey { source: columns::source_id(row, "source_id")?, guid: row.get("guid")? },
            columns::url(row, "url")?,
            row.get::<_, String>("title")?,
        )
    };
    extra::read_into(row, &mut entry)?;
    // Rows from before signals were kept name one licence only.
    if let (Some(license), false) = (&entry.license, entry.signals.iter().any(|s| s.kind == SignalKind::License)) {
        entry.signals.push(Signal::new(SignalKind::License, Origin::Entry, license.as_str()));
    }
    Ok(entry)
}
