//! What was not published when the outputs were last made, for `status`: refused by the gate, or not written.

use rusqlite::named_params;

use super::{Batch, Reader, StoreError};

/// An item, or a whole document, that the gate refused or that could not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GateRefusal {
    /// The output, or the page of a day, under the output folder.
    pub(crate) file: String,
    /// The title of the item that was left out; `None`: nothing was published, the last version stays.
    pub(crate) title: Option<String>,
    /// Why, as a clause.
    pub(crate) reason: String,
}

impl Reader {
    /// All of them, in the order in which they were met.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn refusals(&self) -> Result<Vec<GateRefusal>, StoreError> {
        let mut stmt = self.conn.prepare_cached("SELECT file, title, reason FROM refusal ORDER BY id")?;
        let rows = stmt.query_map([], |row| {
            Ok(GateRefusal { file: row.get("file")?, title: row.get("title")?, reason: row.get("reason")? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Batch<'_> {
    /// Remembers `refusals` in place of those before. What was refused for the page of a day stands until that page is
    /// among `days`, those that were made again or are gone.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn save_refusals<'d>(
        &mut self,
        refusals: &[GateRefusal],
        days: impl Iterator<Item = &'d String>,
    ) -> Result<(), StoreError> {
        if self.refusals()?.is_empty() && refusals.is_empty() {
            return Ok(());
        }
        let mut again = self.tx.prepare_cached("DELETE FROM refusal WHERE file = :file")?;
        for file in days {
            again.execute(named_params! { ":file": file })?;
        }
        self.tx.execute("DELETE FROM refusal WHERE file NOT IN (SELECT file FROM archived_day)", [])?;
        let mut new =
            self.tx.prepare_cached("INSERT INTO refusal (file, title, reason) VALUES (:file, :title, :reason)")?;
        for GateRefusal { file, title, reason } in refusals {
            new.execute(named_params! { ":file": file, ":title": title, ":reason": reason })?;
        }
        Ok(())
    }
}
