//! What filter programs answered for items: an unchanged item is not filtered again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params};

use super::{Batch, Reader, StoreError};

/// What has not been asked for in this many seconds is forgotten.
const FORGOTTEN_AFTER_S: i64 = 60 * 86_400;
/// That it was asked for is recorded once in this many seconds.
const NOTED_EVERY_S: i64 = 86_400;

impl Reader {
    /// What was answered for the item and program with this hash; within, `None`: it was dropped.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn filtered(&self, key: &[u8; 32]) -> Result<Option<Option<String>>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT answer FROM filter_answer WHERE key = :key")?;
        Ok(stmt.query_row(named_params! { ":key": key }, |row| row.get("answer")).optional()?)
    }
}

impl Batch<'_> {
    /// Remembers what was answered or asked for now, and forgets what is long out of use.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn save_filtered(
        &mut self,
        said: &BTreeMap<[u8; 32], Option<String>>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let now = now.as_second();
        let mut stmt = self.tx.prepare_cached(
            "INSERT INTO filter_answer (key, answer, used_at) VALUES (:key, :answer, :now)
             ON CONFLICT (key) DO UPDATE SET used_at = :now WHERE used_at < :noted",
        )?;
        for (key, said) in said {
            stmt.execute(named_params! { ":key": key, ":answer": said, ":now": now, ":noted": now - NOTED_EVERY_S })?;
        }
        self.tx
            .prepare_cached("DELETE FROM filter_answer WHERE used_at < :old")?
            .execute(named_params! { ":old": now - FORGOTTEN_AFTER_S })?;
        Ok(())
    }
}
