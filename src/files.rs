//! Files that are replaced as a whole: whoever reads one finds the old version or the new one, complete.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// A new version of a file, complete and on the disk, beside the one that it will replace. Unused, it is removed.
#[derive(Debug)]
pub(crate) struct NewVersion {
    aside: Option<PathBuf>,
}

impl NewVersion {
    /// Writes `bytes` to `aside`, which has to be in the folder of the file that is to be replaced; what a killed process
    /// left there goes. Without `permissions` the system's default applies.
    ///
    /// # Errors
    /// Where the system refuses; then nothing is left at `aside`.
    pub(crate) fn write(aside: PathBuf, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<Self> {
        match fs::remove_file(&aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(&aside)?;
        // From here on it is removed if anything fails.
        let new = Self { aside: Some(aside) };
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(new)
    }

    /// Puts it in the place of the file at `path`.
    ///
    /// # Errors
    /// Where the system refuses; then the file at `path` is as it was.
    pub(crate) fn replace(mut self, path: &Path) -> io::Result<()> {
        let Some(aside) = self.aside.as_ref() else { return Ok(()) };
        fs::rename(aside, path)?;
        self.aside = None;
        Ok(())
    }
}

impl Drop for NewVersion {
    fn drop(&mut self) {
        if let Some(aside) = &self.aside {
            // Best effort: on a full disk this frees the space; the next new version takes its place.
            let _ = fs::remove_file(aside);
        }
    }
}

/// Adds whole lines to the file at `path`, in one write that is on the disk before this returns. What is left of a line that
/// was not written whole is ended first.
///
/// # Errors
/// Where the system refuses; then a part of them may be there.
pub(crate) fn append_lines(path: &Path, lines: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        fs::create_dir_all(folder)?;
    }
    let is_new = !path.exists();
    let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
    let mut whole = Vec::new();
    if file.seek(SeekFrom::End(0))? > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            whole.push(b'\n');
        }
    }
    whole.extend_from_slice(lines);
    file.write_all(&whole)?;
    file.sync_all()?;
    if is_new { sync_folder(folder.unwrap_or(Path::new("."))) } else { Ok(()) }
}

/// Makes renames and new files in `folder` survive a power cut.
///
/// # Errors
/// Where the system refuses.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_version_stays_until_the_new_one_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let (path, aside) = (folder.path().join("file"), folder.path().join(".file.tmp"));
        fs::write(&path, "old").unwrap();
        fs::write(&aside, "what a killed process left, and longer").unwrap();
        let new = NewVersion::write(aside.clone(), b"new", None).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        new.replace(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert!(!aside.exists());
    }

    #[test]
    fn a_version_that_is_not_used_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (path, aside) = (folder.path().join("file"), folder.path().join(".file.tmp"));
        fs::write(&path, "old").unwrap();
        drop(NewVersion::write(aside.clone(), b"new", None).unwrap());
        assert!(!aside.exists());
        // A folder cannot be replaced by a file.
        let new = NewVersion::write(aside.clone(), b"new", None).unwrap();
        assert!(new.replace(folder.path()).is_err());
        assert!(!aside.exists());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert!(NewVersion::write(folder.path().join("gone/.x"), b"new", None).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_at_the_place_aside_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (other, aside) = (folder.path().join("other"), folder.path().join(".file.tmp"));
        fs::write(&other, "theirs").unwrap();
        std::os::unix::fs::symlink(&other, &aside).unwrap();
        NewVersion::write(aside, b"new", None).unwrap().replace(&folder.path().join("file")).unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "theirs");
    }
}
