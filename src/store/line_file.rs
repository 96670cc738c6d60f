//! A file of JSON lines beside the database, which outlives it: appended to, read as a whole, and made shorter now and then.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use crate::files::{NewVersion, append_lines, sync_folder};

/// The file.
#[derive(Debug, Clone)]
pub(crate) struct LineFile {
    path: PathBuf,
    most_bytes: u64,
}

impl LineFile {
    /// The one of the database at `path` whose name ends with `suffix`. With more than `most_bytes` it cannot be read.
    pub(crate) fn beside(database: &Path, suffix: &str, most_bytes: u64) -> Self {
        Self { path: with_suffix(database, suffix), most_bytes }
    }

    /// Another file of lines beside this one, whose name ends with `suffix`.
    pub(super) fn companion(&self, suffix: &str) -> Self {
        Self { path: self.beside_it(suffix), most_bytes: self.most_bytes }
    }

    /// A file beside this one, whose name ends with `suffix`.
    pub(crate) fn beside_it(&self, suffix: &str) -> PathBuf {
        with_suffix(&self.path, suffix)
    }

    /// Its lines, first to last; none if there is no file. A line that cannot be read is skipped: the program was killed
    /// while writing it.
    ///
    /// # Errors
    /// If it cannot be read, or is too large: what it says in part may be wrong.
    pub(crate) fn read<L: DeserializeOwned>(&self) -> Result<Vec<L>, StoreError> {
        Ok(self.lines(&self.bytes()?))
    }

    /// All that it holds; nothing if there is no file.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(super) fn bytes(&self) -> Result<Vec<u8>, StoreError> {
        let mut text = Vec::new();
        match File::open(&self.path) {
            Ok(file) => {
                file.take(self.most_bytes + 1).read_to_end(&mut text).map_err(|error| self.failed(error))?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(self.failed(error)),
        }
        if text.len() as u64 > self.most_bytes {
            let most = self.most_bytes / (1024 * 1024);
            return Err(self.failed(io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {most} MiB"))));
        }
        Ok(text)
    }

    /// The lines in `text`, which it held.
    pub(super) fn lines<L: DeserializeOwned>(&self, text: &[u8]) -> Vec<L> {
        let mut lines = Vec::new();
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line) {
                Ok(line) => lines.push(line),
                Err(error) => tracing::warn!(path = %self.path.display(), %error, "line not understood"),
            }
        }
        lines
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds lines in one write, which is on the disk before this returns.
    ///
    /// # Errors
    /// If it cannot be written; then a part of them may be there.
    pub(crate) fn append<L: Serialize>(&self, lines: &[L]) -> Result<(), StoreError> {
        append_lines(&self.path, &bytes(lines)).map_err(|error| self.failed(error))
    }

    /// Puts these lines in the place of all that it holds.
    ///
    /// # Errors
    /// If it cannot be written; then it is as it was.
    pub(crate) fn replace<L: Serialize>(&self, lines: &[L]) -> Result<(), StoreError> {
        let permissions = fs::metadata(&self.path).map(|meta| meta.permissions()).ok();
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        NewVersion::write(self.beside_it(".new"), &bytes(lines), permissions)
            .and_then(|new| new.replace(&self.path))
            .and_then(|()| sync_folder(folder))
            .map_err(|error| self.failed(error))
    }

    /// Removes it; if there is none, that is fine too.
    ///
    /// # Errors
    /// Where the system refuses.
    pub(super) fn remove(&self) -> Result<(), StoreError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failed(error)),
            _ => Ok(()),
        }
    }

    fn failed(&self, source: io::Error) -> StoreError {
        StoreError::Io { path: self.path.clone(), source }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

fn bytes<L: Serialize>(lines: &[L]) -> Vec<u8> {
    let mut text = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut text, line).expect("strings and numbers");
        text.push(b'\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_but_for_what_was_not_written_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = LineFile::beside(&folder.path().join("data/feedloom.db"), ".lines", 64);
        assert_eq!(file.read::<u64>().unwrap(), [0; 0], "there is none");
        file.append(&["one".to_owned(), "two\nlines".to_owned()]).unwrap();
        let path = folder.path().join("data/feedloom.db.lines");
        let whole = fs::read(&path).unwrap();
        fs::write(&path, [&whole[..], b"\"thr"].concat()).unwrap();
        file.append(&["four".to_owned()]).unwrap();
        assert_eq!(file.read::<String>().unwrap(), ["one", "two\nlines", "four"]);
        file.replace(&["five".to_owned()]).unwrap();
        assert_eq!(file.read::<String>().unwrap(), ["five"]);
        assert!(!file.beside_it(".new").exists());
    }

    #[test]
    fn what_is_too_large_is_not_read_in_part() {
        let folder = tempfile::tempdir().unwrap();
        let file = LineFile::beside(&folder.path().join("feedloom.db"), ".lines", 64);
        file.append(&["x".repeat(61)]).unwrap();
        assert_eq!(file.read::<String>().unwrap().len(), 1);
        file.append(&["y"]).unwrap();
        assert!(matches!(file.read::<String>(), Err(StoreError::Io { .. })));
    }
}
