//! Whether a database is intact, at a cost that does not grow with its age: a small one is checked as a whole; in a
//! large one, what the log of a run that was killed may have written. Damage elsewhere is found when it is read.

use rusqlite::Connection;

use super::StoreError;

/// A database up to this size is checked as a whole each time it is opened: some 10 ms.
const SMALL_BYTES: u64 = 4 * 1024 * 1024;
/// Bytes before each page in a write-ahead log (<https://www.sqlite.org/fileformat.html>, section 4.1).
const FRAME_HEAD_BYTES: u64 = 24;

/// Tables whose size depends on the number of sources and on what the operator did, not on age.
const SMALL_TABLES: [&str; 18] = [
    "meta",
    "source",
    "host",
    "robots",
    "feed",
    "unwoven",
    "edited",
    "correction",
    "correction_pair",
    "takedown",
    "takedown_key",
    "published_output",
    "refusal",
    "archived_day",
    "story_folder",
    "facet_page",
    "facet_folder",
    "recovered",
];

/// The newest rows of each large table that an index has lost, after reading them in full. A run adds rows; each takes
/// at least one page of the log.
const NEWEST_ROWS: [&str; 5] = [
    "SELECT count(*) AS lost, total(octets) AS octets
       FROM (SELECT id, source_id, guid,
                    length(title) + length(text) + length(extra) + length(CAST(summary AS BLOB))
                    + length(CAST(content AS BLOB)) AS octets
               FROM entry ORDER BY id DESC LIMIT :rows) AS new
      WHERE NOT EXISTS (SELECT 1 FROM entry
                         WHERE source_id = new.source_id AND guid = new.guid AND +id = new.id)",
    "SELECT count(*) AS lost, 0 AS octets
       FROM (SELECT * FROM member ORDER BY entry_id DESC LIMIT :rows) AS new
      WHERE NOT EXISTS (SELECT 1 FROM member INDEXED BY member_story
                         WHERE story_id = new.story_id AND joined_at = new.joined_at AND +entry_id = new.entry_id)
         OR NOT EXISTS (SELECT 1 FROM member INDEXED BY member_address
                         WHERE address = new.address AND +entry_id = new.entry_id)
         OR NOT EXISTS (SELECT 1 FROM story WHERE id = new.story_id)
         OR NOT EXISTS (SELECT 1 FROM entry WHERE id = new.entry_id)",
    "SELECT count(*) AS lost, 0 AS octets
       FROM (SELECT id, key, lead_entry_id FROM story ORDER BY id DESC LIMIT :rows) AS new
      WHERE NOT EXISTS (SELECT 1 FROM story WHERE key = new.key AND +id = new.id)
         OR NOT EXISTS (SELECT 1 FROM entry WHERE id = new.lead_entry_id)",
    "SELECT count(*) AS lost, total(length(bytes)) AS octets
       FROM (SELECT * FROM signature ORDER BY id DESC LIMIT :rows)
      WHERE length(bytes) = 0",
    "SELECT count(*) AS lost, total(octets) AS octets
       FROM (SELECT article.*, length(body.text) + length(body.html) AS octets
               FROM article LEFT JOIN article_body AS body ON body.article_id = article.id
              ORDER BY article.id DESC LIMIT :rows) AS new
      WHERE NOT EXISTS (SELECT 1 FROM article
                         WHERE address = new.address AND choice = new.choice AND +id = new.id)",
];

/// Checks the database of `conn`, whose log had `log_bytes` when it was opened.
///
/// # Errors
/// [`StoreError::Damaged`] without a path.
pub(super) fn check(conn: &Connection, log_bytes: u64) -> Result<(), StoreError> {
    let page_bytes: u64 = conn.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    let pages: u64 = conn.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    if pages.saturating_mul(page_bytes) <= SMALL_BYTES {
        return integrity(conn, "PRAGMA integrity_check(1)");
    }
    if log_bytes == 0 {
        return Ok(());
    }
    for table in SMALL_TABLES {
        integrity(conn, &format!("PRAGMA integrity_check({table})"))?;
    }
    let rows = log_bytes / (page_bytes + FRAME_HEAD_BYTES) + 1;
    for newest in NEWEST_ROWS {
        let lost: u64 = conn.query_row(newest, [rows], |row| row.get("lost"))?;
        if lost > 0 {
            return Err(damaged(format!("{lost} rows are missing from an index")));
        }
    }
    Ok(())
}

fn integrity(conn: &Connection, pragma: &str) -> Result<(), StoreError> {
    let verdict: String = conn.query_row(pragma, [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(damaged(verdict)) }
}

fn damaged(what: String) -> StoreError {
    StoreError::Damaged { path: None, what }
}
