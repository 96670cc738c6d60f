//! Signatures of woven entries, and what is read of the window through them: single entries instead of all.

use jiff::Timestamp;
use rusqlite::named_params;

use super::tdm::Reserved;
use super::{Batch, Reader, StoreError};
use crate::model::RULES;

impl Reader {
    /// Calls `each` with all signatures that may be of entries of `since` or later, in the order in which they
    /// were added.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn each_signatures_since(
        &self,
        since: Timestamp,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), StoreError> {
        let mut stmt = self
            .conn
            .prepare_cached("SELECT bytes FROM signature WHERE newest_at >= :since AND rules = :rules ORDER BY id")?;
        let mut rows = stmt.query(named_params! { ":since": since.as_second(), ":rules": RULES })?;
        while let Some(row) = rows.next()? {
            each(row.get_ref("bytes")?.as_blob().map_err(rusqlite::Error::from)?);
        }
        Ok(())
    }

    /// How many entries with a story have a time of `since` or later.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn count_woven_since(&self, since: Timestamp) -> Result<usize, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT count(*) AS n FROM member WHERE time_at >= :since")?;
        Ok(stmt.query_row(named_params! { ":since": since.as_second() }, |row| row.get("n"))?)
    }

    /// The sources and entries whose texts may not be compared.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn reserved(&self) -> Result<Reserved, StoreError> {
        Reserved::of(self)
    }
}

impl Batch<'_> {
    /// Adds signatures of entries, the latest of which is from `newest`.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn add_signatures(&self, bytes: &[u8], newest: Timestamp) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("INSERT INTO signature (newest_at, rules, bytes) VALUES (:newest, :rules, :bytes)")?
            .execute(named_params! { ":newest": newest.as_second(), ":rules": RULES, ":bytes": bytes })?;
        Ok(())
    }

    /// Forgets the signatures of entries that are all older than `before`.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn forget_signatures_before(&self, before: Timestamp) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("DELETE FROM signature WHERE newest_at < :before")?
            .execute(named_params! { ":before": before.as_second() })?;
        Ok(())
    }

    /// Forgets all signatures.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn forget_signatures(&self) -> Result<(), StoreError> {
        self.tx.execute("DELETE FROM signature", [])?;
        Ok(())
    }
}
