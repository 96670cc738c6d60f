//! A folder of many pages: looked through only when it is not as it was left, and synced once however many are written.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use jiff::Timestamp;

use super::file_stamp::file_stamp;
use super::gate::check_document;
use super::rendered::Rendered;
use super::write::{PublishError, USUAL_MODE, failed, make_folder, path_under, put, remove_leftovers, set_mode};
use crate::files::sync_folder;

/// A folder under the output folder, whose name ends with a slash.
#[derive(Debug)]
pub(super) struct PageFolder<'a> {
    dir: &'a Path,
    name: &'a str,
    mode: u32,
    is_made: bool,
    is_changed: bool,
}

impl<'a> PageFolder<'a> {
    pub(super) fn new(dir: &'a Path, name: &'a str, mode: Option<u32>) -> Self {
        Self { dir, name, mode: mode.unwrap_or(USUAL_MODE), is_made: false, is_changed: false }
    }

    /// By what it is known to be as it was left; `None`: there is none.
    pub(super) fn stamp(&self) -> Option<String> {
        file_stamp(&self.dir.join(self.name))
    }

    /// The names of the pages in it, without their ending; what a killed run left aside goes.
    ///
    /// # Errors
    /// Where the system refuses.
    pub(super) fn names(&self) -> Result<BTreeSet<String>, PublishError> {
        let path = self.dir.join(self.name);
        let entries = match std::fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
            entries => entries.map_err(failed("read the folder", &path))?,
        };
        remove_leftovers(&path)?;
        let mut names = BTreeSet::new();
        for entry in entries {
            let name = entry.map_err(failed("read the folder", &path))?.file_name();
            names.extend(name.to_str().and_then(|name| Some(name.strip_suffix(".html")?.to_owned())));
        }
        Ok(names)
    }

    /// When the page `file` was last changed.
    pub(super) fn changed(&self, file: &str) -> Option<Timestamp> {
        let changed = std::fs::metadata(self.dir.join(file)).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Timestamp::from_second(i64::try_from(changed.as_secs()).ok()?).ok()
    }

    /// The page `file` as it is; `None` if there is none that can be read.
    pub(super) fn read(&self, file: &str) -> Option<Vec<u8>> {
        std::fs::read(self.dir.join(file)).ok()
    }

    /// Puts a page into it, unless it is there already.
    ///
    /// # Errors
    /// Where the gate or the system refuses; then what was there is as it was.
    pub(super) fn write(&mut self, rendered: &Rendered) -> Result<(), PublishError> {
        let path = path_under(self.dir, &rendered.file)?;
        if self.read(&rendered.file).is_some_and(|bytes| bytes == rendered.bytes) {
            if rendered.mode.is_some() {
                set_mode(&path, self.mode).map_err(failed("change the permissions of", &path))?;
            }
            return Ok(());
        }
        check_document(rendered).map_err(|reason| PublishError::Refused { file: rendered.file.clone(), reason })?;
        if !self.is_made {
            let folder = self.dir.join(self.name);
            make_folder(&folder, self.mode).map_err(failed("create the folder", &folder))?;
            self.is_made = true;
        }
        self.is_changed = true;
        put(&path, rendered)
    }

    /// Removes a page; if it is already missing, that is fine too.
    ///
    /// # Errors
    /// Where the system refuses.
    pub(super) fn remove(&mut self, file: &str) -> Result<(), PublishError> {
        let path = path_under(self.dir, file)?;
        self.is_changed = true;
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", &path)(error)),
            _ => Ok(()),
        }
    }

    /// Makes everything that was written survive a power cut.
    ///
    /// # Errors
    /// Where the system refuses.
    pub(super) fn sync(&self) -> Result<(), PublishError> {
        let path = self.dir.join(self.name);
        if self.is_changed && path.is_dir() {
            return sync_folder(&path).map_err(failed("sync the folder", &path));
        }
        Ok(())
    }
}
