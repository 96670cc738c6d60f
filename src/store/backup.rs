//! A copy of the whole database made during a run (<https://www.sqlite.org/backup.html>).

use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use super::{Store, StoreError};

/// Pages per step: another process waits no longer than it takes to copy them.
const PAGES_A_STEP: i32 = 2_000;
const PAUSE: Duration = Duration::from_millis(1);

impl Store {
    /// Copies the database into a new file at `to`, which is whole when this returns.
    ///
    /// # Errors
    /// If `to` already exists, or cannot be written.
    pub(crate) fn back_up(&self, to: &Path) -> Result<(), StoreError> {
        let io = |source| StoreError::Io { path: to.to_owned(), source };
        let mut name = to.file_name().unwrap_or_default().to_owned();
        name.push(".feedloom-tmp");
        let aside = to.with_file_name(name);
        // Nothing else makes files of this name: a leftover of a copy that was killed.
        let _ = std::fs::remove_file(&aside);
        if to.exists() {
            return Err(io(std::io::Error::from(std::io::ErrorKind::AlreadyExists)));
        }
        let copied = self.copy(&aside).and_then(|()| {
            let file = std::fs::File::open(&aside).map_err(io)?;
            file.sync_all().map_err(io)?;
            // A link fails if somebody made the file meanwhile; a rename would replace it.
            std::fs::hard_link(&aside, to).or_else(|_| std::fs::rename(&aside, to)).map_err(io)
        });
        // The copy has its own name by now, or is of no use.
        let _ = std::fs::remove_file(&aside);
        copied
    }

    fn copy(&self, to: &Path) -> Result<(), StoreError> {
        let mode = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut copy = Connection::open_with_flags(to, mode)
            .map_err(|error| StoreError::Io { path: to.to_owned(), source: std::io::Error::other(error) })?;
        {
            let backup = Backup::new(&self.conn, &mut copy)?;
            backup.run_to_completion(PAGES_A_STEP, PAUSE, None)?;
        }
        // All in one file: no log beside it.
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        let verdict: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            // It is as the database is.
            return Err(StoreError::Damaged { path: None, what: verdict });
        }
        Ok(copy.close().map_err(|(_, error)| error)?)
    }
}
