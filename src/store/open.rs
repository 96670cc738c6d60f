use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{Store, StoreError};

/// `application_id` of our databases: "fdlm".
const APPLICATION_ID: i64 = 0x6664_6C6D;

/// Every schema change so far, oldest first; `user_version` counts how many are in. Append-only once
/// released.
const MIGRATIONS: [&str; 1] = [include_str!("migrations/0001_first.sql")];

impl Store {
    /// Opens the database at `path`, made new where there is none, and holds it for this process.
    ///
    /// # Errors
    /// Every variant of [`StoreError`]; a file that is not ours, newer or damaged is left as it is.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| StoreError::Io { path: folder.to_owned(), source })?;
        }
        let lock = lock(path)?;
        let conn = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        conn.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA trusted_schema = OFF;",
        )?;
        let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        for (number, migration) in (1..).zip(MIGRATIONS).skip(usize::try_from(version).unwrap_or_default()) {
            conn.execute_batch(&format!(
                "BEGIN IMMEDIATE; {migration}; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number}; COMMIT;"
            ))?;
        }
        let _ = io;
        Ok(Self { conn, path: path.to_owned(), _lock: lock })
    }
}

fn lock(database: &Path) -> Result<File, StoreError> {
    let path = database.with_extension("lock");
    let io = |source| StoreError::Io { path: path.clone(), source };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: database.to_owned() }),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}
