//! The words of titles and excerpts, in a separate file beside the database: no pass ever waits for it, and it can be
//! deleted at any time.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, named_params};

use super::search_text::with_signs_apart;
use super::{Reader, StoreError};
use crate::text::Fingerprint;

/// The format of the index: one with a different format is made anew.
const FORM: i64 = 6;
/// Entries per transaction of the index.
const ENTRIES_A_STEP: usize = 5_000;
/// Entries that are indexed after a run that had nothing else to do: about a hundredth of a second.
const ENTRIES_WHEN_IDLE: usize = 500;
/// Characters of a text that are indexed: what an excerpt is cut from.
const INDEXED_CHARS: u32 = 600;

/// One at a time brings it up to date; the first time takes a while.
static UPDATING: Mutex<()> = Mutex::new(());

/// An open index.
#[derive(Debug)]
pub(super) struct SearchIndex {
    conn: Connection,
}

/// How much is indexed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Everything,
    /// [`ENTRIES_WHEN_IDLE`].
    WhenIdle,
}

/// Whether more entries are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Go {
    On,
    Enough,
}

/// What is indexed of an entry.
struct Indexable {
    number: i64,
    source: String,
    title: String,
    /// The beginning of it.
    text: String,
}

impl SearchIndex {
    /// Opens the index at `path`; one that is missing or of a different format is made anew.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let conn = Connection::open(path)?;
        conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8192;")?;
        Self::made(conn)
    }

    /// An empty one that lives as long as this.
    pub(super) fn in_memory() -> Result<Self, StoreError> {
        Self::made(Connection::open_in_memory()?)
    }

    fn made(conn: Connection) -> Result<Self, StoreError> {
        let mut opened = Self { conn };
        if form_of(&opened.conn)? != FORM {
            let tx = opened.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Another program may have made it meanwhile.
            if form_of(&tx)? != FORM {
                tx.execute_batch(&format!(
                    "DROP TABLE IF EXISTS word;
                     DROP TABLE IF EXISTS reached;
                     DROP TABLE IF EXISTS left_out;
                     CREATE VIRTUAL TABLE word USING fts5 (title, text, source, content = '', contentless_delete = 1,
                                                           tokenize = 'unicode61 remove_diacritics 2');
                     CREATE TABLE reached (id INTEGER PRIMARY KEY CHECK (id = 1), entry INTEGER NOT NULL,
                                           edit INTEGER NOT NULL, store TEXT NOT NULL, sources INTEGER NOT NULL,
                                           swept INTEGER NOT NULL) STRICT;
                     CREATE TABLE left_out (entry INTEGER PRIMARY KEY) STRICT;
                     INSERT INTO reached (id, entry, edit, store, sources, swept) VALUES (1, 0, 0, '', 0, 0);
                     PRAGMA user_version = {FORM};",
                ))?;
            }
            tx.commit()?;
        }
        Ok(opened)
    }

    /// Brings it up to date with `store`, or that much nearer. Texts whose mining is reserved are left out.
    pub(super) fn update(&mut self, store: &Reader, extent: Extent) -> Result<(), StoreError> {
        let _one = UPDATING.lock().unwrap_or_else(PoisonError::into_inner);
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
        self.leave_out(store, reserved.entries(), entry)?;
        if newest <= entry && newest_edit <= edit {
            return Ok(());
        }
        let edited = if entry == 0 { Vec::new() } else { store.edited_since(edit, entry)? };
        self.take(&store.indexable(&edited)?, None)?;
        let mut most = if extent == Extent::WhenIdle { ENTRIES_WHEN_IDLE } else { usize::MAX };
        while entry < newest && most > 0 {
            let numbers = store.entries_after(entry, most.min(ENTRIES_A_STEP))?;
            let Some(last) = numbers.last().copied() else { break };
            self.take(&store.indexable(&numbers)?, Some(last))?;
            entry = last;
            most -= numbers.len();
        }
        self.conn.execute("UPDATE reached SET edit = :edit", named_params! { ":edit": newest_edit })?;
        Ok(())
    }

    /// Once the store has gone through what is old, the words of what it has forgotten go, too. Those from before its
    /// first entry went with the update.
    pub(super) fn leave_forgotten(&mut self, store: &Reader) -> Result<(), StoreError> {
        let Some(gone_through) = store.forget_progress()?.filter(|scan| scan.reached.is_none()) else { return Ok(()) };
        let scan = gone_through.began.as_second();
        let swept: i64 = self.conn.query_row("SELECT swept FROM reached", [], |row| row.get("swept"))?;
        if swept == scan {
            return Ok(());
        }
        let held = store.entry_numbers()?;
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let indexed: Vec<i64> = {
            let mut stmt = tx.prepare("SELECT id FROM word_docsize")?;
            stmt.query_map([], |row| row.get("id"))?.collect::<Result<_, _>>()?
        };
        let mut delete = tx.prepare("DELETE FROM word WHERE rowid = :number")?;
        for number in indexed.into_iter().filter(|number| held.binary_search(number).is_err()) {
            delete.execute(named_params! { ":number": number })?;
        }
        drop(delete);
        tx.execute("UPDATE reached SET swept = :scan", named_params! { ":scan": scan })?;
        tx.commit()?;
        Ok(())
    }

    /// Takes the indexed entries again whose pages reserve their texts since, or no longer do: those up to `indexed`.
    fn leave_out(&mut self, store: &Reader, reserved: &HashSet<i64>, indexed: i64) -> Result<(), StoreError> {
        let before: HashSet<i64> = {
            let mut stmt = self.conn.prepare("SELECT entry FROM left_out")?;
            stmt.query_map([], |row| row.get("entry"))?.collect::<Result<_, _>>()?
        };
        let changed: Vec<i64> = reserved.symmetric_difference(&before).copied().collect();
        if changed.is_empty() {
            return Ok(());
        }
        let indexed: Vec<i64> = changed.iter().copied().filter(|entry| *entry <= indexed).collect();
        self.take(&store.indexable(&indexed)?, None)?;
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
        Ok(())
    }

    fn take(&mut self, rows: &[Indexable], reached: Option<i64>) -> Result<(), StoreError> {
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for Indexable { number, source, title, text } in rows {
            tx.prepare_cached("DELETE FROM word WHERE rowid = :number")?
                .execute(named_params! { ":number": number })?;
            let (source, title, text) = (source_word(source), with_signs_apart(title), with_signs_apart(text));
            tx.prepare_cached(
                "INSERT INTO word (rowid, title, text, source) VALUES (:number, :title, :text, :source)",
            )?
            .execute(named_params! { ":number": number, ":title": title, ":text": text, ":source": source })?;
        }
        if let Some(reached) = reached {
            tx.execute("UPDATE reached SET entry = :entry", named_params! { ":entry": reached })?;
        }
        tx.commit()?;
        Ok(())
    }
    /// Hands the numbers of the entries with these words to `take`, the newest first, until it wants no more.
    pub(super) fn find(
        &self,
        words: &str,
        source: Option<&str>,
        mut take: impl FnMut(i64) -> Result<Go, StoreError>,
    ) -> Result<(), StoreError> {
        let mut words = format!("{{title text}} : ({words})");
        if let Some(source) = source {
            words.push_str(&format!(" AND source : {}", source_word(source)));
        }
        let mut stmt = self.conn.prepare("SELECT rowid FROM word WHERE word MATCH :words ORDER BY rowid DESC")?;
        let mut rows = stmt.query(named_params! { ":words": words })?;
        while let Some(row) = rows.next()? {
            if take(row.get("rowid")?)? == Go::Enough {
                break;
            }
        }
        Ok(())
    }
}

fn form_of(conn: &Connection) -> Result<i64, StoreError> {
    Ok(conn.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// The one word by which the entries of `source` are found.
fn source_word(source: &str) -> String {
    let mut print = Fingerprint::new();
    print.add(source);
    format!("s{:016x}", print.finish())
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

    fn entry_numbers(&self) -> Result<Vec<i64>, StoreError> {
        let mut stmt = self.conn.prepare("SELECT id FROM entry ORDER BY id")?;
        Ok(stmt.query_map([], |row| row.get("id"))?.collect::<Result<_, _>>()?)
    }

    /// What is indexed of each; no text if its mining is reserved.
    fn indexable(&self, numbers: &[i64]) -> Result<Vec<Indexable>, StoreError> {
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
                found.push(Indexable { number: *number, source, title, text });
            }
        }
        Ok(found)
    }
}
