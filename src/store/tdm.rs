//! Whose texts may not be compared with others' by their words: text and data mining is reserved (TDMRep), by the
//! answers of a feed, or by an article page and its answer.

use std::collections::HashSet;
use std::hash::Hash;

use rusqlite::Row;

use super::{EntryNumber, Reader, StoreError, columns, page_rights};
use crate::model::Signal;
use crate::rights;
use crate::text::Fingerprint;

/// Everything that is reserved, for reading many entries at a time.
#[derive(Debug)]
pub struct Reserved {
    sources: HashSet<String>,
    entries: HashSet<i64>,
}

/// What is declared about the mining of one text, as stored in a row.
pub(super) struct Claims {
    of_feed: Vec<Signal>,
    of_page: Vec<Signal>,
}

impl Claims {
    /// From the columns `feed_signals`, `page_signals` and `page_rights` (of an article).
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut of_page = columns::signals(row, "page_signals")?;
        of_page.extend(rights::of_page(&page_rights::rights(row, "page_rights")?));
        Ok(Self { of_feed: columns::signals(row, "feed_signals")?, of_page })
    }

    /// Whether they reserve it.
    pub(super) fn reserve(&self) -> bool {
        !rights::may_be_mined(&self.of_feed, &self.of_page)
    }
}

impl Reserved {
    pub(super) fn of(reader: &Reader) -> Result<Self, StoreError> {
        // The name of the signal finds the few rows that are worth reading.
        let mut feeds = reader.conn.prepare_cached(
            "SELECT source_id, signals AS feed_signals, '' AS page_signals, NULL AS page_rights
               FROM feed
              WHERE instr(signals, 'tdm_reservation') > 0",
        )?;
        let sources = feeds.query_map([], |row| Ok((row.get("source_id")?, Claims::from_row(row)?)))?;
        let mut pages = reader.conn.prepare_cached(
            "SELECT entry_id, '' AS feed_signals, signals AS page_signals, page_rights
               FROM article JOIN article_of ON article_of.article_id = article.id
              WHERE instr(signals, 'tdm_reservation') > 0 OR instr(page_rights, 'tdm_reservation') > 0",
        )?;
        let entries = pages.query_map([], |row| Ok((row.get("entry_id")?, Claims::from_row(row)?)))?;
        Ok(Self { sources: those_reserved(sources)?, entries: those_reserved(entries)? })
    }

    /// Changes with the sources all of whose texts are reserved.
    pub(super) fn sources_fingerprint(&self) -> i64 {
        let mut sources: Vec<&String> = self.sources.iter().collect();
        sources.sort_unstable();
        let mut print = Fingerprint::new();
        sources.iter().for_each(|source| print.add(source));
        print.finish()
    }

    /// The numbers of the entries whose pages reserve their texts.
    pub(super) fn entries(&self) -> &HashSet<i64> {
        &self.entries
    }

    /// Whether the text of an entry of `source` is reserved.
    #[must_use]
    pub fn has(&self, source: &str, entry: i64) -> bool {
        self.entries.contains(&entry) || self.sources.contains(source)
    }

    /// The sources all of whose texts are reserved, in any order.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().map(String::as_str)
    }

    /// Whether the page behind an entry reserves its text, whatever its source declares.
    #[must_use]
    pub(crate) fn has_entry(&self, entry: EntryNumber) -> bool {
        self.entries.contains(&entry.0)
    }
}

fn those_reserved<T: Hash + Eq>(
    rows: impl Iterator<Item = rusqlite::Result<(T, Claims)>>,
) -> rusqlite::Result<HashSet<T>> {
    let mut reserved = HashSet::new();
    for row in rows {
        let (what, claims) = row?;
        if claims.reserve() {
            reserved.insert(what);
        }
    }
    Ok(reserved)
}
