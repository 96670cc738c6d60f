//! What was published last.

use rusqlite::{OptionalExtension, named_params};

use super::{Batch, Reader, StoreError};
use jiff::Timestamp;

/// The last publish of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublishedOutput {
    /// SHA-256 of the bytes.
    pub(crate) hash: [u8; 32],
    /// How many items it had.
    pub(crate) items: usize,
    /// Size and time of the file when it was recorded; `None`: not known. A file that still has them is as it was.
    pub(crate) stamp: Option<String>,
    /// Ids of the stories in these bytes; `None`: not known.
    pub(crate) stories: Option<Vec<String>>,
}

impl Reader {
    /// The last publish of output `file`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn published_output(&self, file: &str) -> Result<Option<PublishedOutput>, StoreError> {
        let mut stmt =
            self.conn.prepare_cached("SELECT hash, items, stamp, stories FROM published_output WHERE file = :file")?;
        Ok(stmt
            .query_row(named_params! { ":file": file }, |row| {
                let stories: Option<String> = row.get("stories")?;
                Ok(PublishedOutput {
                    hash: row.get("hash")?,
                    items: row.get("items")?,
                    stamp: row.get("stamp")?,
                    stories: stories.map(|stories| stories.split_whitespace().map(str::to_owned).collect()),
                })
            })
            .optional()?)
    }

    /// Whether the bytes of output `file`, as they were published last, are news to its hub.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn is_news_to_hub(&self, file: &str) -> Result<bool, StoreError> {
        let mut stmt = self
            .conn
            .prepare_cached("SELECT 1 FROM published_output WHERE file = :file AND hash IS NOT pinged_hash")?;
        Ok(stmt.exists(named_params! { ":file": file })?)
    }
}

impl Batch<'_> {
    /// Remembers a publish of output `file`.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn save_published_output(
        &mut self,
        file: &str,
        output: &PublishedOutput,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.tx
            .prepare_cached(
                "INSERT INTO published_output (file, hash, items, at, stamp, stories)
                 VALUES (:file, :hash, :items, :at, :stamp, :stories)
                 ON CONFLICT (file) DO UPDATE
                    SET hash = :hash, items = :items, at = :at, stamp = :stamp, stories = :stories",
            )?
            .execute(named_params! {
                ":file": file, ":hash": output.hash, ":items": output.items, ":at": now.as_second(), ":stamp": output.stamp,
                ":stories": output.stories.as_ref().map(|stories| stories.join(" ")),
            })?;
        Ok(())
    }

    /// Remembers that the hub of output `file` was notified of what was published last.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(crate) fn set_told_hub(&mut self, file: &str) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("UPDATE published_output SET pinged_hash = hash WHERE file = :file")?
            .execute(named_params! { ":file": file })?;
        Ok(())
    }
}
