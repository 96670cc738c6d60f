//! When stories first came through the filters of outputs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::named_params;

use super::{Batch, Reader, StoreError, columns};
use crate::model::StoryId;

/// By output file: when each story first came through its filter.
pub(crate) type Entered = BTreeMap<String, BTreeMap<StoryId, Timestamp>>;

impl Reader {
    /// When each story first came through the filter of each output that has one.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn entered(&self) -> Result<Entered, StoreError> {
        let mut stmt =
            self.conn.prepare_cached("SELECT file, story_key, at FROM entered_output ORDER BY file, story_key")?;
        let rows = stmt.query_map([], |row| {
            let (file, story): (String, String) = (row.get("file")?, row.get("story_key")?);
            Ok((file, story, columns::time(row, "at")?))
        })?;
        let mut entered = Entered::new();
        for row in rows {
            let (file, story, at) = row?;
            if let Some(story) = StoryId::parse(&story) {
                entered.entry(file).or_default().insert(story, at);
            }
        }
        Ok(entered)
    }
}

impl Batch<'_> {
    /// Records stories that came through the filter of an output for the first time.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub(super) fn save_entered(&mut self, entered: &Entered) -> Result<(), StoreError> {
        let mut stmt = self.tx.prepare_cached(
            "INSERT INTO entered_output (file, story_key, at) VALUES (:file, :story, :at) ON CONFLICT DO NOTHING",
        )?;
        for (file, stories) in entered {
            for (story, at) in stories {
                stmt.execute(named_params! { ":file": file, ":story": story.as_str(), ":at": at.as_second() })?;
            }
        }
        Ok(())
    }
}
