//! Opening: the lock, what the file is, the schema.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions, TryLockError};
use std::hash::{BuildHasher as _, RandomState};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{Reader, Store, StoreError, check};
use crate::files::sync_folder;

/// `application_id` of our databases: "fdlm".
const APPLICATION_ID: u32 = 0x6664_6C6D;

/// `user_version` of a database with this schema. It increases with every change of the schema; the days before the
/// first release ended with 13.
const SCHEMA_VERSION: i64 = 119;
const SCHEMA: &str = include_str!("schema.sql");

/// SQLite's page cache in KiB: the inner pages of the indexes of a million entries.
const CACHE_KIB: u32 = 8 * 1024;
/// Pages in the write-ahead log before they are moved into the database: index pages that many
/// transactions touch are moved only once.
const WAL_PAGES: u32 = 8 * 1024;
/// A program that a holder of the lock starts (a filter) holds it too until it is running itself: for this long the
/// lock may outlive the process that released it.
const LOCK_PATIENCE: Duration = Duration::from_millis(300);
const LOCK_PAUSE: Duration = Duration::from_millis(10);
/// How long a reader waits for a writer's short exclusive moments.
const BUSY_LIMIT: Duration = Duration::from_secs(5);

impl Store {
    /// Opens the database at `path` for writing, creating it if there is none, and holds it for this
    /// process.
    ///
    /// # Errors
    /// Every variant of [`StoreError`]; a file that is not ours, newer or damaged is left as it is.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        // Before the lock file is made: nothing is left beside a file that is not ours.
        look_at(path)?;
        let folder = folder_of(path);
        make_folder(folder).map_err(|source| StoreError::Io { path: folder.to_owned(), source })?;
        let lock = lock(path)?;
        if let Found::Nothing = look_at(path)? {
            set_orphans_aside(path)?;
            create(path)?;
        }
        if is_read_only(path) {
            return Err(StoreError::ReadOnly { path: path.to_owned() });
        }
        let log_bytes = log_bytes(path);
        let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // What is refused is left with its log as it is; an empty log is not left at all.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, log_bytes > 0)?;
        check_version(&conn, path)?;
        check::check(&conn, log_bytes).map_err(|error| at(path, error))?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        Ok(Self { reader: Reader { conn }, path: path.to_owned(), _lock: Some(lock) })
    }

    /// Opens the database at `path` for moments, beside whoever holds it: for what the service writes down of pushes, which
    /// no pass writes at the same time. SQLite makes writers wait for one another.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is none; otherwise as [`Store::open`].
    pub(crate) fn open_beside(path: &Path) -> Result<Self, StoreError> {
        if let Found::Nothing = look_at(path)? {
            return Err(StoreError::Missing { path: path.to_owned() });
        }
        if is_read_only(path) {
            return Err(StoreError::ReadOnly { path: path.to_owned() });
        }
        // The log of an unclean stop stays: the next pass looks at what it wrote.
        let is_left_over = log_bytes(path) > 0;
        let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, is_left_over)?;
        check_version(&conn, path)?;
        Ok(Self { reader: Reader { conn }, path: path.to_owned(), _lock: None })
    }

    /// Opens the database at `path` read-only, even while another process writes.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is none; otherwise as [`Store::open`].
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        if let Found::Nothing = look_at(path)? {
            return Err(StoreError::Missing { path: path.to_owned() });
        }
        // A read-only connection leaves its `-wal` and `-shm` behind; the last one that may write removes
        // them. If they exist, they are a writer's, or from one that was killed, and stay.
        let mode = match has_files_beside(path) {
            true => OpenFlags::SQLITE_OPEN_READ_ONLY,
            false => OpenFlags::SQLITE_OPEN_READ_WRITE,
        };
        let conn = match connect(path, mode) {
            // On a disk, or in a folder, that nobody here may write to.
            Err(StoreError::Io { .. } | StoreError::ReadOnly { .. }) if !has_files_beside(path) && is_still(path) => {
                connect_to_unchanging(path)?
            }
            connected => connected?,
        };
        conn.pragma_update(None, "query_only", true)?;
        check_version(&conn, path)?;
        Ok(Self { reader: Reader { conn }, path: path.to_owned(), _lock: None })
    }
}

impl Store {
    /// Whether no process writes the database at `path` at this moment.
    ///
    /// # Errors
    /// If its lock cannot be asked.
    pub(crate) fn is_free(path: &Path) -> Result<bool, StoreError> {
        Ok(Self::hold_still(path)?.is_some())
    }

    /// Keeps every other process from writing the database at `path`, and with it the outputs, for as long as the result
    /// lives: moments, which others wait for. `None`: one is writing.
    ///
    /// # Errors
    /// If its lock cannot be asked.
    pub(crate) fn hold_still(path: &Path) -> Result<Option<HeldStill>, StoreError> {
        match lock_within(path, Duration::ZERO) {
            Ok(file) => Ok(Some(HeldStill { _lock: file })),
            Err(StoreError::Locked { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A database that nobody writes.
#[derive(Debug)]
pub(crate) struct HeldStill {
    _lock: File,
}

enum Found {
    Nothing,
    Ours,
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the folder of a database. The outputs are below it by default: others may traverse it, whatever the umask.
pub(crate) fn make_folder(folder: &Path) -> std::io::Result<()> {
    if folder.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mut permissions = std::fs::metadata(folder)?.permissions();
        permissions.set_mode(permissions.mode() | 0o011);
        std::fs::set_permissions(folder, permissions)?;
    }
    Ok(())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn lock(database: &Path) -> Result<File, StoreError> {
    lock_within(database, LOCK_PATIENCE)
}

fn lock_within(database: &Path, patience: Duration) -> Result<File, StoreError> {
    let path = beside(database, ".lock");
    let io = |source| StoreError::Io { path: path.clone(), source };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if began.elapsed() < patience => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::WouldBlock) => return Err(StoreError::Locked { path: database.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
    }
}

/// What is at `path`, determined from the file's header alone so that nothing is changed
/// (<https://www.sqlite.org/fileformat.html>, section 1.3).
fn look_at(path: &Path) -> Result<Found, StoreError> {
    let io = |source| StoreError::Io { path: path.to_owned(), source };
    let not_ours = |what: &str| StoreError::NotOurs { path: path.to_owned(), what: what.to_owned() };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(io(error)),
    };
    let meta = file.metadata().map_err(io)?;
    if !meta.is_file() {
        return Err(not_ours("it is not a file"));
    }
    let mut header = [0_u8; 100];
    match file.read_exact(&mut header) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            let what = if meta.len() == 0 { "it is empty" } else { "it is shorter than a database's header" };
            return Err(not_ours(what));
        }
        Err(error) => return Err(io(error)),
    }
    if &header[..16] != b"SQLite format 3\0" {
        return Err(not_ours("it is not an SQLite file"));
    }
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    if number(68) != APPLICATION_ID {
        return Err(not_ours("it belongs to another program"));
    }
    let page_bytes = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        bytes => u64::from(bytes),
    };
    let want_bytes = page_bytes * u64::from(number(28));
    if log_bytes(path) == 0 && meta.len() < want_bytes {
        let what = format!("it ends after {} of {want_bytes} bytes", meta.len());
        return Err(StoreError::Damaged { path: Some(path.to_owned()), what });
    }
    Ok(Found::Ours)
}

/// Length of the write-ahead log. A leftover log means that the last writer did not close: it was killed, or
/// the machine went down. (SQLite removes the log when the last connection closes.)
fn log_bytes(path: &Path) -> u64 {
    std::fs::metadata(beside(path, "-wal")).map_or(0, |meta| meta.len())
}

fn has_files_beside(path: &Path) -> bool {
    ["-wal", "-shm"].iter().any(|suffix| beside(path, suffix).exists())
}

/// Whether nobody writes the database now, as far as its lock can be asked without being written.
fn is_still(path: &Path) -> bool {
    match File::open(beside(path, ".lock")) {
        Ok(lock) => lock.try_lock_shared().is_ok(),
        Err(error) => error.kind() == ErrorKind::NotFound,
    }
}

fn is_read_only(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| meta.permissions().readonly())
}

/// A log whose database was removed would be applied to the new one: it is set aside.
fn set_orphans_aside(path: &Path) -> Result<(), StoreError> {
    for suffix in ["-wal", "-shm"] {
        let (orphan, aside) = (beside(path, suffix), beside(path, &format!("{suffix}.aside")));
        match std::fs::rename(&orphan, &aside) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(StoreError::Io { path: orphan, source: error });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes a new database aside and moves it into place, so that a half-made one is never found.
fn create(path: &Path) -> Result<(), StoreError> {
    let aside = beside(path, ".new");
    let io = |source| StoreError::Io { path: aside.clone(), source };
    for leftover in [aside.clone(), beside(&aside, "-journal"), beside(&aside, "-wal"), beside(&aside, "-shm")] {
        match std::fs::remove_file(&leftover) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(StoreError::Io { path: leftover, source: error });
            }
            _ => {}
        }
    }
    let made = (|| {
        let conn =
            Connection::open_with_flags(&aside, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
                .map_err(|error| explain(&aside, error))?;
        // Space that is released leaves the file in small steps, never by a long VACUUM. Before the first table.
        conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        conn.pragma_update(None, "application_id", APPLICATION_ID)?;
        let id = RandomState::new().hash_one(SCHEMA_VERSION);
        conn.execute_batch(&format!(
            "BEGIN;\n{SCHEMA}\nINSERT INTO meta (key, value) VALUES ('database_id', '{id:016x}');\n             PRAGMA user_version = {SCHEMA_VERSION};\nCOMMIT;"
        ))?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.close().map_err(|(_, error)| error)?;
        File::open(&aside).and_then(|file| file.sync_all()).map_err(io)?;
        std::fs::rename(&aside, path).map_err(io)?;
        sync_folder(folder_of(path)).map_err(io)
    })();
    if made.is_err() {
        // The error that is reported is the first one; a leftover is removed at the next start too.
        let _ = std::fs::remove_file(&aside);
    }
    made
}

fn connect(path: &Path, mode: OpenFlags) -> Result<Connection, StoreError> {
    connect_by(path, path, mode)
}

/// A connection that writes nothing, also not beside the database; nobody writes that meanwhile
/// (<https://www.sqlite.org/uri.html#uriimmutable>).
fn connect_to_unchanging(path: &Path) -> Result<Connection, StoreError> {
    let mut address = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => address.push(char::from(*byte)),
            other => write!(address, "%{other:02X}").expect("writing to a string"),
        }
    }
    address.push_str("?immutable=1");
    connect_by(path, Path::new(&address), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
}

/// Connects to the database at `path`, which SQLite knows by `name`.
fn connect_by(path: &Path, name: &Path, mode: OpenFlags) -> Result<Connection, StoreError> {
    let opened = Connection::open_with_flags(name, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX).and_then(|conn| {
        conn.busy_timeout(BUSY_LIMIT)?;
        conn.set_prepared_statement_cache_capacity(64);
        // Without it SQLite plans a statement anew whenever certain parameters change: a quarter of a pass.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        conn.execute_batch(&format!(
            "PRAGMA foreign_keys = ON;
             PRAGMA trusted_schema = OFF;
             PRAGMA cell_size_check = ON;
             PRAGMA synchronous = FULL;
             PRAGMA temp_store = FILE;
             PRAGMA cache_size = -{CACHE_KIB};
             PRAGMA wal_autocheckpoint = {WAL_PAGES};",
        ))?;
        // The first look at the file itself: fails here if it is damaged.
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(conn)
    });
    opened.map_err(|error| explain(path, error))
}

fn explain(path: &Path, error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { path: path.to_owned() },
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            StoreError::Io { path: path.to_owned(), source: std::io::Error::other(error) }
        }
        _ => at(path, error.into()),
    }
}

/// Names the database in an error that was found in it.
fn at(path: &Path, error: StoreError) -> StoreError {
    match error {
        StoreError::Damaged { path: None, what } => StoreError::Damaged { path: Some(path.to_owned()), what },
        other => other,
    }
}

fn check_version(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let found: i64 =
        conn.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(|error| explain(path, error))?;
    let path = path.to_owned();
    match found.cmp(&SCHEMA_VERSION) {
        Ordering::Less => Err(StoreError::Older { path, found, known: SCHEMA_VERSION }),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(StoreError::Newer { path, found, known: SCHEMA_VERSION }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_nobody_may_write_is_read_whatever_its_name_is() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["feedloom.db", "a ?b=#c%64.db", "größe&x.db"] {
            let path = folder.path().join(name);
            drop(Store::open(&path).unwrap());
            let conn = connect_to_unchanging(&path).unwrap();
            check_version(&conn, &path).unwrap();
            assert!(conn.execute("DELETE FROM entry", []).is_err(), "{name}");
            assert!(is_still(&path) && !has_files_beside(&path), "{name}: reading left something behind");
        }
    }
}
