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
    /// There is no database yet.
    #[error("there is no database at {}", .path.display())]
    Missing {
        /// Where it was looked for.
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
    /// The database was written in the days before the first release.
    #[error(
        "{} was written by a development version of feedloom (schema {found}), which this one (schema {known}) cannot read",
        .path.display()
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The schema version of this program.
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
    /// The file may not be written.
    #[error("{} is read-only", .path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// No space is left for it.
    #[error("no space is left for the database")]
    Full,
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
    Sqlite(#[source] rusqlite::Error),
}

impl StoreError {
    /// What a person can do about it, as a sentence; `None` where nothing general helps.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let aside = |path: &PathBuf| {
            let path = path.display();
            format!("nothing was changed; to start afresh move it aside: mv {path} {path}.aside")
        };
        match self {
            Self::Locked { .. } => Some("wait until it is done; the lock goes with the process".to_owned()),
            Self::Missing { .. } => Some("make a first pass: feedloom run".to_owned()),
            Self::NotOurs { path, .. } => Some(aside(path)),
            Self::Newer { path, .. } => Some(format!("use the newer feedloom; {}", aside(path))),
            Self::Older { path, .. } => Some(format!(
                "{}; the next run then makes a new one. Stories that are published already get new ids there, so that \
                 readers may show them once more",
                aside(path)
            )),
            Self::Damaged { path, .. } => {
                Some(format!("{}; what it still holds: sqlite3 {} .recover", aside(path), path.display()))
            }
            Self::ReadOnly { path } => Some(format!("chmod u+w {}", path.display())),
            Self::Full => Some("make room and run again; nothing already stored is lost".to_owned()),
            Self::Io { path, .. } => Some(format!("look at the permissions of {} and of its folder", path.display())),
            Self::Sqlite(_) => None,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let no_room_for_the_index_of_the_log =
            error.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE);
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ if no_room_for_the_index_of_the_log => Self::Full,
            _ => Self::Sqlite(error),
        }
    }
}
