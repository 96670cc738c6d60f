use std::path::PathBuf;

/// Why the store cannot be opened or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process holds the lock.
    #[error("another feedloom is at work on {}", .path.display())]
    Locked {
        /// The database.
        path: PathBuf,
    },
    /// The file is a database of another program, or no database.
    #[error("{} is not a feedloom database: {what}", .path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: String,
    },
    /// The database was written by a newer feedloom.
    #[error("{} was written by a newer feedloom (schema {found}, this one knows {known})", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest schema version of this program.
        known: i64,
    },
    /// The database is damaged.
    #[error("{} is damaged: {what}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the check said first.
        what: String,
    },
    /// A file or folder could not be made, read or written.
    #[error("cannot use {}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// SQLite refused a statement.
    #[error("the database refused")]
    Sqlite(#[from] rusqlite::Error),
}
