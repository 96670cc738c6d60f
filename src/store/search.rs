//! The words of titles and excerpts, in a separate file beside the database: no pass ever waits for it, and it can be
//! deleted at any time.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, named_params};
use url::Url;

use super::{Reader, StoreError, columns};
use crate::model::SourceId;

/// The format of the index: one with a different format is made anew.
const FORM: i64 = 3;
/// Entries per transaction of the index.
const ENTRIES_A_STEP: usize = 5_000;
/// Characters of a text that are indexed: what an excerpt is cut from.
const INDEXED_CHARS: u32 = 600;

/// An open index.
#[derive(Debug)]
pub(crate) struct SearchIndex {
    conn: Connection,
}

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
pub(crate) fn search_file(database: &Path) -> PathBuf {
    database.with_extension("search")
}

/// `typed` in FTS5 syntax: each word, each phrase in quotes; a `*` at the end of a word stands for any ending. `None`:
/// it contains no word.
pub(crate) fn match_of(typed: &str) -> Option<String> {
    let mut parts = Vec::new();
    let has_word = |text: &str| text.chars().any(char::is_alphanumeric);
    for (place, part) in typed.split('"').enumerate() {
        if place % 2 == 1 {
            parts.extend(Some(format!("\"{}\"", part.trim())).filter(|_| has_word(part)));
            continue;
        }
        for word in part.split_whitespace().filter(|word| has_word(word)) {
            let bare = word.trim_end_matches('*');
            let any_ending = if bare.len() < word.len() { "*" } else { "" };
            parts.push(format!("\"{bare}\"{any_ending}"));
        }
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

impl SearchIndex {
    /// Opens the index at `path`; one that is missing or of a different format is made anew.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let mut opened = Self::open_as_it_is(path)?;
        if form_of(&opened.conn)? != FORM {
            let tx = opened.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Another program may have made it meanwhile.
            if form_of(&tx)? != FORM {
                tx.execute_batch(&format!(
                    "DROP TABLE IF EXISTS word;
                     DROP TABLE IF EXISTS reached;
                     DROP TABLE IF EXISTS left_out;
                     CREATE VIRTUAL TABLE word USING fts5 (title, text, content = '', contentless_delete = 1,
                                                           tokenize = 'unicode61 remove_diacritics 2');
                     CREATE TABLE reached (id INTEGER PRIMARY KEY CHECK (id = 1), entry INTEGER NOT NULL,
                                           edit INTEGER NOT NULL, store TEXT NOT NULL, sources INTEGER NOT NULL) STRICT;
                     CREATE TABLE left_out (entry INTEGER PRIMARY KEY) STRICT;
                     INSERT INTO reached (id, entry, edit, store, sources) VALUES (1, 0, 0, '', 0);
                     PRAGMA user_version = {FORM};",
                ))?;
            }
            tx.commit()?;
        }
        Ok(opened)
    }

    fn open_as_it_is(path: &Path) -> Result<Self, StoreError> {
        let conn = Connection::open(path)?;
        conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8192;")?;
        Ok(Self { conn })
    }

    /// Brings it up to date with `store`. Returns how many entries were read. Texts whose mining is reserved are left
    /// out.
    ///
    /// # Errors
    /// If the store cannot be read or the index cannot be written.
    pub(crate) fn update(&mut self, store: &Reader) -> Result<usize, StoreError> {
        let newest = store.newest_entry_number()?;
        let newest_edit = store.newest_edit()?;
        let (id, reserved) = (store.database_id()?, store.reserved()?);
        // What is of another database, or was indexed before a source reserved its texts, is of no use.
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = tx.execute(
            "UPDATE reached SET entry = 0, edit = :edit, store = :store, sources = :sources
              WHERE store <> :store OR sources <> :sources OR entry > :newest",
            named_params! {
                ":edit": newest_edit, ":store": id, ":sources": reserved.sources_fingerprint(), ":newest": newest,
            },
        )?;
        if changed > 0 {
            tx.execute("DELETE FROM word", [])?;
            tx.execute("DELETE FROM left_out", [])?;
        }
        tx.commit()?;
        let (mut entry, edit): (i64, i64) = self
            .conn
            .query_row("SELECT entry, edit FROM reached", [], |row| Ok((row.get("entry")?, row.get("edit")?)))?;
        let oldest = store.oldest_entry_number()?;
        self.conn.execute("DELETE FROM word WHERE rowid < :oldest", named_params! { ":oldest": oldest })?;
        let mut read = self.leave_out(store, reserved.entries(), entry)?;
        if newest <= entry && newest_edit <= edit {
            return Ok(read);
        }
        let edited = if entry == 0 { Vec::new() } else { store.edited_since(edit, entry)? };
        read += self.take(&store.indexable(&edited)?, None)?;
        while entry < newest {
            let numbers = store.entries_after(entry, ENTRIES_A_STEP)?;
            let Some(last) = numbers.last().copied() else { break };
            read += self.take(&store.indexable(&numbers)?, Some(last))?;
            entry = last;
        }
        self.conn.execute("UPDATE reached SET edit = :edit", named_params! { ":edit": newest_edit })?;
        Ok(read)
    }

    /// Takes the indexed entries again whose pages reserve their texts since, or no longer do: those up to `indexed`.
    fn leave_out(&mut self, store: &Reader, reserved: &HashSet<i64>, indexed: i64) -> Result<usize, StoreError> {
        let before: HashSet<i64> = {
            let mut stmt = self.conn.prepare("SELECT entry FROM left_out")?;
            stmt.query_map([], |row| row.get("entry"))?.collect::<Result<_, _>>()?
        };
        let changed: Vec<i64> = reserved.symmetric_difference(&before).copied().collect();
        if changed.is_empty() {
            return Ok(0);
        }
        let indexed: Vec<i64> = changed.iter().copied().filter(|entry| *entry <= indexed).collect();
        let read = self.take(&store.indexable(&indexed)?, None)?;
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for entry in changed {
            let change = if reserved.contains(&entry) {
                "INSERT INTO left_out (entry) VALUES (:entry)"
            } else {
                "DELETE FROM left_out WHERE entry = :entry"
            };
            tx.prepare_cached(change)?.execute(named_params! { ":entry": entry })?;
        }
        tx.commit()?;
        Ok(read)
    }

    fn take(&mut self, rows: &[(i64, String, String)], reached: Option<i64>) -> Result<usize, StoreError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (number, title, text) in rows {
            tx.prepare_cached("DELETE FROM word WHERE rowid = :number")?
                .execute(named_params! { ":number": number })?;
            tx.prepare_cached("INSERT INTO word (rowid, title, text) VALUES (:number, :title, :text)")?
                .execute(named_params! { ":number": number, ":title": title, ":text": text })?;
        }
        if let Some(reached) = reached {
            tx.execute("UPDATE reached SET entry = :entry", named_params! { ":entry": reached })?;
        }
        tx.commit()?;
        Ok(rows.len())
    }

    /// The newest entries of `store` with these words.
    ///
    /// # Errors
    /// Where the index or the store cannot be read.
    pub(crate) fn search(&self, store: &Reader, query: &SearchQuery<'_>) -> Result<Vec<Hit>, StoreError> {
        let mut stmt = self.conn.prepare("SELECT rowid FROM word WHERE word MATCH :words ORDER BY rowid DESC")?;
        let mut rows = stmt.query(named_params! { ":words": query.words })?;
        let (reserved, mut hits) = (store.reserved()?, Vec::new());
        while let Some(row) = rows.next()? {
            let number = row.get("rowid")?;
            let Some((mut hit, first_seen)) = store.hit(number)? else { continue };
            if reserved.has(hit.source.as_str(), number) {
                hit.text.clear();
            }
            // Numbers increase with the time of first sight.
            if query.since.is_some_and(|since| first_seen < since) {
                break;
            }
            if query.source.is_none_or(|source| hit.source == *source) {
                hits.push(hit);
            }
            if hits.len() >= query.limit {
                break;
            }
        }
        Ok(hits)
    }
}

fn form_of(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

impl Reader {
    fn newest_entry_number(&self) -> Result<i64, StoreError> {
        Ok(self.conn.query_row("SELECT coalesce(max(id), 0) AS id FROM entry", [], |row| row.get("id"))?)
    }

    fn oldest_entry_number(&self) -> Result<i64, StoreError> {
        Ok(self.conn.query_row("SELECT coalesce(min(id), 0) AS id FROM entry", [], |row| row.get("id"))?)
    }

    fn newest_edit(&self) -> Result<i64, StoreError> {
        Ok(self.conn.query_row("SELECT coalesce(max(id), 0) AS id FROM entry_edit", [], |row| row.get("id"))?)
    }

    fn edited_since(&self, edit: i64, up_to_entry: i64) -> Result<Vec<i64>, StoreError> {
        let mut stmt = self.conn.prepare_cached(
            "SELECT DISTINCT entry_id FROM entry_edit WHERE id > :edit AND entry_id <= :up_to ORDER BY entry_id",
        )?;
        let rows = stmt.query_map(named_params! { ":edit": edit, ":up_to": up_to_entry }, |row| row.get("entry_id"))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn entries_after(&self, after: i64, limit: usize) -> Result<Vec<i64>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT id FROM entry WHERE id > :after ORDER BY id LIMIT :limit")?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = stmt.query_map(named_params! { ":after": after, ":limit": limit }, |row| row.get("id"))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Number, title and the beginning of the text of each; no text if its mining is reserved.
    fn indexable(&self, numbers: &[i64]) -> Result<Vec<(i64, String, String)>, StoreError> {
        let reserved = self.reserved()?;
        let mut stmt = self
            .conn
            .prepare_cached("SELECT source_id, title, substr(text, 1, :most) AS text FROM entry WHERE id = :number")?;
        let mut found = Vec::new();
        for number in numbers {
            let row = stmt
                .query_row(named_params! { ":number": number, ":most": INDEXED_CHARS }, |row| {
                    Ok((row.get::<_, String>("source_id")?, row.get("title")?, row.get("text")?))
                })
                .optional()?;
            if let Some((source, title, text)) = row {
                let text = if reserved.has(&source, *number) { String::new() } else { text };
                found.push((*number, title, text));
            }
        }
        Ok(found)
    }

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
            ("\"unclosed phrase", Some("\"unclosed phrase\"")),
            ("\"\" * -", None),
            ("", None),
        ] {
            assert_eq!(match_of(typed).as_deref(), want, "{typed}");
        }
    }
}
