use std::path::{Path, PathBuf};

use jiff::Timestamp;

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
    /// The file is a database of a different program, or not a database.
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
    /// The database was written before the first release.
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
    /// The database is damaged: detected by a check, or by a statement at any time.
    #[error("{} is damaged: {what}", named(.path.as_deref()))]
    Damaged {
        /// The file; `None` if it was found in the middle of work.
        path: Option<PathBuf>,
        /// What was found first.
        what: String,
    },
    /// Takedowns that were noted beside the database are no longer there.
    #[error("{} is damaged or older than it was: takedowns that were noted in it are missing", .path.display())]
    LostTakedowns {
        /// The file that holds them.
        path: PathBuf,
        /// The file that says how much it held.
        seal: PathBuf,
    },
    /// Posts that were noted beside the database are no longer there.
    #[error("{} is damaged or older than it was: posts that were noted in it are missing", .path.display())]
    LostPosts {
        /// The file that holds them.
        path: PathBuf,
        /// The file that says how much it held.
        seal: PathBuf,
    },
    /// The file may not be written.
    #[error("{} is read-only", .path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The clock is years away from that of the last run: one of the two is wrong.
    #[error("the clock says {now:.0}, but the last run was at {last:.0}: they are more than five years apart")]
    Clock {
        /// What the clock says.
        now: Timestamp,
        /// The last run.
        last: Timestamp,
    },
    /// No space is left for it.
    #[error("no space is left for the database")]
    Full,
    /// A file or folder could not be made, read or written.
    #[error("cannot use {}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system reported.
        #[source]
        source: std::io::Error,
    },
    /// SQLite refused a statement.
    #[error("the database refused")]
    Sqlite(#[source] rusqlite::Error),
}

impl StoreError {
    /// What the operator can do about a clock that is years away from others.
    pub(crate) const HINT_ON_CLOCK: &str =
        "nothing was recorded or published; set the clock, or, where it is right, run once with --allow-clock";

    /// What the operator can do about it, as a sentence; `None` if nothing general helps.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Locked { .. } => Some("wait until it is done; the lock goes with the process".to_owned()),
            Self::Missing { .. } => Some("make a first pass: feedloom run".to_owned()),
            Self::NotOurs { path, .. } => Some(aside(path)),
            Self::Newer { path, .. } => Some(format!("use the newer feedloom; {}", aside(path))),
            Self::Older { path, .. } => Some(format!(
                "{}; the next run then makes a new one, and takes ids, dates and order over from the JSON feeds among the \
                 outputs: leave these where they are, so that nothing is announced again",
                aside(path)
            )),
            Self::Damaged { path, .. } => path.as_deref().map(Self::hint_on_damage),
            Self::LostTakedowns { path, seal } => Some(format!(
                "nothing was published, so that nothing comes back. Put a whole copy of {} in its place. Without one, \
                 move the other file aside: mv {seal} {seal}.aside, look at what is still known: feedloom takedown --list, and \
                 take down again what is missing before the next run",
                path.display(),
                seal = seal.display()
            )),
            Self::LostPosts { path, seal } => Some(format!(
                "nothing was posted, so that nothing is posted twice. Put whole copies of {path} and {seal} in their places. \
                 Without them, move it aside: mv {path} {path}.aside, and what stands in the outputs by then counts as posted",
                path = path.display(),
                seal = seal.display()
            )),
            Self::Clock { .. } => Some(Self::HINT_ON_CLOCK.to_owned()),
            Self::ReadOnly { path } => Some(format!("chmod u+w {}", path.display())),
            Self::Full => Some("make room and run again; nothing already stored is lost".to_owned()),
            Self::Io { path, .. } => Some(format!("look at the permissions of {} and of its folder", path.display())),
            Self::Sqlite(_) => None,
        }
    }

    /// What the operator can do about a damaged database at `path`, as a sentence.
    #[must_use]
    pub(crate) fn hint_on_damage(path: &Path) -> String {
        let path = path.display();
        format!(
            "nothing more is written to it. Move it aside with what lies beside it: \
             for f in {path} {path}-wal {path}-shm; do test ! -e $f || mv $f $f.aside; done. Then put a backup in its \
             place, or what it still holds: sqlite3 {path}.aside .recover | sqlite3 {path}. With neither, the next run \
             makes a new one"
        )
    }
}

fn aside(path: &Path) -> String {
    let path = path.display();
    format!("nothing was changed; to start afresh move it aside: mv {path} {path}.aside")
}

fn named(path: Option<&Path>) -> String {
    path.map_or_else(|| "the database".to_owned(), |path| path.display().to_string())
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        use rusqlite::ErrorCode as Code;
        use rusqlite::ffi::{SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_SHORT_READ};

        let damaged = |what: String| Self::Damaged { path: None, what };
        match &error {
            E::SqliteFailure(failure, _) => match (failure.code, failure.extended_code) {
                (Code::DiskFull, _) => Self::Full,
                // No room for the index of the log.
                (_, SQLITE_IOERR_SHMSIZE) => Self::Full,
                (Code::DatabaseCorrupt | Code::NotADatabase, _) | (_, SQLITE_IOERR_SHORT_READ) => {
                    damaged(error.to_string())
                }
                // Nothing that this program writes into an intact database breaks a constraint.
                (Code::ConstraintViolation, _) => damaged(format!("its tables contradict each other ({error})")),
                _ if error.to_string().contains("malformed JSON") => damaged("a row holds malformed JSON".to_owned()),
                _ => Self::Sqlite(error),
            },
            // A table or a column is gone.
            E::SqlInputError { msg, .. } => damaged(msg.clone()),
            // A row that another one points to is gone.
            E::QueryReturnedNoRows => damaged("a row is missing".to_owned()),
            // A row that holds what this program never writes.
            E::FromSqlConversionFailure(_, _, reason) => damaged(reason.to_string()),
            E::IntegralValueOutOfRange(..) | E::Utf8Error(..) | E::InvalidColumnType(..) => {
                damaged(format!("a row cannot be read ({error})"))
            }
            _ => Self::Sqlite(error),
        }
    }
}
