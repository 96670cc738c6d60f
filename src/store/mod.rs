//! The SQLite store: all SQL of the program, behind one method per question asked, in our own types.

mod error;
mod open;
mod sources;

use std::path::PathBuf;

use rusqlite::Connection;

pub use error::StoreError;
pub use sources::{Due, DueRule, Hold, HostState, Moving, Rhythm, SourceState, Validators};

/// An open database, held by this process alone.
#[derive(Debug)]
pub struct Store {
    conn: Connection,
    path: PathBuf,
    /// Held for as long as the store is open; the file is never unlinked.
    _lock: std::fs::File,
}

/// One transaction over whole sources: everything in it is committed together, or nothing.
#[derive(Debug)]
pub struct Batch<'a> {
    tx: rusqlite::Transaction<'a>,
}

impl Store {
    /// Starts a transaction that takes the write lock at once.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub fn batch(&mut self) -> Result<Batch<'_>, StoreError> {
        let tx = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        Ok(Batch { tx })
    }
}

impl Batch<'_> {
    /// Makes it durable (`synchronous=FULL`).
    ///
    /// # Errors
    /// Where the disk is full or cannot be written; nothing of the batch is kept then.
    pub fn commit(self) -> Result<(), StoreError> {
        Ok(self.tx.commit()?)
    }
}
