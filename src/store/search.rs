//! Entries by words of their titles and excerpts. An index that is damaged is made anew; where it cannot be written, words
//! are indexed in memory.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params};
use url::Url;

use super::search_index::{Extent, Go, SearchIndex};
use super::search_text::with_signs_apart;
use super::{Reader, StoreError, columns};
use crate::model::SourceId;

/// What is searched for.
#[derive(Debug, Clone, Default)]
pub(crate) struct SearchQuery<'a> {
    /// Words and phrases, all of which have to be in an entry, in FTS5 syntax; see [`match_of`].
    pub(crate) words: &'a str,
    /// Only entries first seen since then; `None`: any.
    pub(crate) since: Option<Timestamp>,
    /// Only entries of this source; `None`: of any.
    pub(crate) source: Option<&'a SourceId>,
    /// At most this many, the newest first.
    pub(crate) limit: usize,
}

/// An entry that was found.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) title: String,
    pub(crate) source: SourceId,
    pub(crate) url: Url,
    /// Published, otherwise first seen.
    pub(crate) time: Timestamp,
    /// The beginning of its text; empty if that is reserved.
    pub(crate) text: String,
    /// The id of its story; `None`: it has none yet.
    pub(crate) story: Option<String>,
}

/// The index of the database at `database`.
fn search_file(database: &Path) -> PathBuf {
    database.with_extension("search")
}

/// The newest entries of `store`, the database at `database`, with these words.
///
/// # Errors
/// If the store cannot be read: whatever is wrong with the index, words are found.
pub(crate) fn find_entries(database: &Path, store: &Reader, query: &SearchQuery<'_>) -> Result<Vec<Hit>, StoreError> {
    find_indexed(database, store, query).or_else(|error| {
        tracing::debug!(%error, "the index cannot be used");
        let mut index = SearchIndex::in_memory()?;
        index.update(store, Extent::Everything)?;
        hits(&index, store, query)
    })
}

/// The same for strangers, who must not have all of it indexed for each of their questions.
///
/// # Errors
/// If the index cannot be written, or the store cannot be read.
pub(crate) fn find_indexed(database: &Path, store: &Reader, query: &SearchQuery<'_>) -> Result<Vec<Hit>, StoreError> {
    let file = search_file(database);
    let on_disk = || {
        let mut index = SearchIndex::open(&file)?;
        index.update(store, Extent::Everything)?;
        hits(&index, store, query)
    };
    on_disk().or_else(|error| if delete_if_damaged(&file, &error) { on_disk() } else { Err(error) })
}

fn hits(index: &SearchIndex, store: &Reader, query: &SearchQuery<'_>) -> Result<Vec<Hit>, StoreError> {
    let (reserved, mut hits) = (store.reserved()?, Vec::new());
    index.find(query.words, query.source.map(SourceId::as_str), |number| {
        let Some((mut hit, first_seen)) = store.hit(number)? else { return Ok(Go::On) };
        if reserved.has(hit.source.as_str(), number) {
            hit.text.clear();
        }
        // Numbers increase with the time of first sight.
        if query.since.is_some_and(|since| first_seen < since) {
            return Ok(Go::Enough);
        }
        if query.source.is_none_or(|source| hit.source == *source) {
            hits.push(hit);
        }
        Ok(if hits.len() >= query.limit { Go::Enough } else { Go::On })
    })?;
    Ok(hits)
}

/// Indexes some of what is new in `store`, the database at `database`, while there is nothing else to do, so that nobody
/// who searches has to wait for it. What fails is left to the next search.
pub(crate) fn keep_index(database: &Path, store: &Reader) {
    let file = search_file(database);
    let done = SearchIndex::open(&file).and_then(|mut index| {
        index.update(store, Extent::WhenIdle)?;
        index.leave_forgotten(store)
    });
    if let Err(error) = done {
        delete_if_damaged(&file, &error);
        tracing::debug!(file = %file.display(), %error, "the index stays as it is");
    }
}

/// A damaged index goes: it holds nothing that is not in the database.
fn delete_if_damaged(file: &Path, error: &StoreError) -> bool {
    if !matches!(error, StoreError::Damaged { .. }) {
        return false;
    }
    for end in ["-wal", "-shm"] {
        let mut beside = file.as_os_str().to_owned();
        beside.push(end);
        // There need not be one.
        let _ = fs::remove_file(beside);
    }
    fs::remove_file(file).is_ok()
}

/// `typed` in FTS5 syntax: each word, each phrase in quotes; a `*` at the end of a word stands for any ending. `None`:
/// it contains no word.
pub(crate) fn match_of(typed: &str) -> Option<String> {
    let mut parts = Vec::new();
    let has_word = |text: &str| text.chars().any(char::is_alphanumeric);
    for (place, part) in typed.split('"').enumerate() {
        if place % 2 == 1 {
            parts.extend(Some(format!("\"{}\"", with_signs_apart(part).trim())).filter(|_| has_word(part)));
            continue;
        }
        for word in part.split_whitespace().filter(|word| has_word(word)) {
            let bare = word.trim_end_matches('*');
            let any_ending = if bare.len() < word.len() { "*" } else { "" };
            parts.push(format!("\"{}\"{any_ending}", with_signs_apart(bare).trim()));
        }
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

impl Reader {
    /// `None`: the entry was forgotten since.
    fn hit(&self, number: i64) -> Result<Option<(Hit, Timestamp)>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT entry.title, entry.source_id, entry.url, entry.first_seen_at, substr(entry.text, 1, 300) AS text,
                    coalesce(entry.published_at, entry.first_seen_at) AS time_at, story.key
               FROM entry
               LEFT JOIN member ON member.entry_id = entry.id
               LEFT JOIN story ON story.id = member.story_id
              WHERE entry.id = :number",
        )?;
        let hit = stmt.query_row(named_params! { ":number": number }, |row| {
            let hit = Hit {
                title: row.get("title")?,
                source: columns::source_id(row, "source_id")?,
                url: columns::url(row, "url")?,
                time: columns::time(row, "time_at")?,
                text: row.get("text")?,
                story: row.get("key")?,
            };
            Ok((hit, columns::time(row, "first_seen_at")?))
        });
        Ok(hit.optional()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_words_and_phrases() {
        for (typed, want) in [
            ("rust lang", Some("\"rust\" \"lang\"")),
            ("\"big news\" C++", Some("\"big news\" \"C++\"")),
            ("compil*", Some("\"compil\"*")),
            ("a AND b OR (c:d) NOT -e", Some("\"a\" \"AND\" \"b\" \"OR\" \"(c:d)\" \"NOT\" \"-e\"")),
            ("東京 ＮＨＫ*", Some("\"東  京\" \"NHK\"*")),
            ("\"unclosed phrase", Some("\"unclosed phrase\"")),
            ("\"\" * -", None),
            ("", None),
        ] {
            assert_eq!(match_of(typed).as_deref(), want, "{typed}");
        }
    }
}
