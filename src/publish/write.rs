//! A document → its file: through the gate, aside, synced, renamed. Readers see the old file or the
//! new one, whole.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::gate::{self, GateError};
use super::rendered::{Holds, Rendered};
use crate::files::{NewVersion, sync_folder};

/// Everybody may read an output, whatever the umask: a web server has to.
pub(super) const USUAL_MODE: u32 = 0o644;

/// The suffix of files that we write aside: `.NAME.feedloom-tmp`. Whatever ends so is ours, left
/// by a run that was killed.
pub(super) const ASIDE: &str = ".feedloom-tmp";

/// Whether files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They are.
    Write,
    /// Everything is done except that (`--dry-run`).
    DryRun,
}

/// Whether a document may have lost more items than `max_shrink`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shrink {
    /// It may not.
    Refuse,
    /// It may, this once (`--allow-shrink`).
    Allow,
}

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The file has these bytes already and was not touched.
    Unchanged,
    /// The file is new or has new bytes (with [`Mode::DryRun`]: would have).
    Written,
    /// There is nothing to publish and never was: no file is made.
    NothingYet,
}

/// Why a document was not written. What was public before still is.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The gate refused it.
    #[error("{} was not published, the last version stays", .file)]
    Refused {
        /// File name under the output folder.
        file: String,
        /// Why.
        #[source]
        reason: GateError,
    },
    /// Its template or its filter cannot be used.
    #[error("{} was not published, the last version stays: {reason}", .file)]
    NotMade {
        /// File name under the output folder.
        file: String,
        /// The template with its line, or the filter, and what is wrong with it.
        reason: String,
    },
    /// It cannot be published, and there was something in the last version that may not be public any more.
    #[error("{} was not published, the last version stays without what may no longer be in it: {reason}", .file)]
    Reduced {
        /// File name under the output folder.
        file: String,
        /// Why there is no new version.
        reason: String,
    },
    /// The name would leave the output folder.
    #[error("the output {file:?} would lie outside of the output folder")]
    Outside {
        /// The name.
        file: String,
    },
    /// The disk refused.
    #[error("cannot {doing} {}", .path.display())]
    Io {
        /// What was tried: `write`, `read`, `create the folder`, …
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system reported.
        #[source]
        source: io::Error,
    },
}

impl PublishError {
    /// Whether it concerns what was to be published, not the place for it.
    pub(super) fn is_of_the_document(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::NotMade { .. })
    }

    /// This error where what may no longer be public has left the last version.
    fn reduced(self) -> Self {
        let because =
            |error: &dyn std::error::Error| error.source().map_or_else(|| error.to_string(), ToString::to_string);
        match self {
            Self::NotMade { file, reason } => Self::Reduced { file, reason },
            Self::Refused { ref file, .. } => Self::Reduced { file: file.clone(), reason: because(&self) },
            other => other,
        }
    }
}

/// Replaces the last version of a document that failed with `rest`, what is left of it.
pub(super) fn reduce(dir: &Path, rest: &Rendered, failed: PublishError, mode: Mode) -> PublishError {
    match write(dir, rest, Shrink::Allow, mode) {
        Ok(_) => failed.reduced(),
        Err(error) => error,
    }
}

/// Publishes `rendered` as a file under `dir`, which is created if missing.
///
/// Only one process at a time may publish into a folder (the store's lock sees to it): leftovers of
/// a killed one are removed here.
///
/// # Errors
/// [`PublishError`]; the file that was public before is untouched, and nothing is left aside.
pub fn write(dir: &Path, rendered: &Rendered, shrink: Shrink, mode: Mode) -> Result<Written, PublishError> {
    let path = path_under(dir, &rendered.file)?;
    if let Some(error) = &rendered.failed {
        return Err(PublishError::NotMade { file: rendered.file.clone(), reason: error.to_string() });
    }
    let refused = |reason| PublishError::Refused { file: rendered.file.clone(), reason };
    let previous = match fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(source) => return Err(PublishError::Io { doing: "read", path, source }),
    };
    // What is already public was through the gate.
    let is_public = previous.as_ref().is_some_and(|bytes| *bytes == rendered.bytes);
    if !is_public {
        gate::check_document(rendered).map_err(refused)?;
    }
    if mode == Mode::Write {
        let folder = path.parent().unwrap_or(dir);
        make_folder(folder, rendered.mode.unwrap_or(USUAL_MODE)).map_err(failed("create the folder", folder))?;
        remove_leftovers(folder)?;
    }
    match previous {
        Some(_) if is_public => {
            if let (Mode::Write, Some(file_mode)) = (mode, rendered.mode) {
                set_mode(&path, file_mode).map_err(failed("change the permissions of", &path))?;
            }
            return Ok(Written::Unchanged);
        }
        Some(bytes) if shrink == Shrink::Refuse => {
            let old = rendered.public_stories(&bytes);
            // What may no longer be public leaves immediately, whatever else is lost with it.
            if !gate::shows_denied(rendered, &old) {
                gate::check_shrink(rendered, &old).map_err(refused)?;
                if rendered.items == 0 && rendered.holds == Holds::Items && !gate::shows_refused(rendered, &old) {
                    // All that was in it is too old by a rule: the last version shows so by its dates.
                    return Ok(Written::Unchanged);
                }
            }
        }
        // An output that chooses none of the stories at hand is a valid empty file, which can be subscribed to.
        None if rendered.items == 0
            && !rendered.may_be_empty
            && rendered.holds == Holds::Items
            && rendered.left_out.is_empty() =>
        {
            return Ok(Written::NothingYet);
        }
        _ => {}
    }
    if mode == Mode::Write {
        replace(&path, rendered)?;
    }
    Ok(Written::Written)
}

/// The path of `file` under `dir`. feeds.toml has been checked already; this is the last check before
/// a path is used.
pub(super) fn path_under(dir: &Path, file: &str) -> Result<PathBuf, PublishError> {
    let inside = !file.is_empty()
        && !file.contains(['\0', '\\'])
        && !file.ends_with(['/', '.'])
        && Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
    if inside { Ok(dir.join(file)) } else { Err(PublishError::Outside { file: file.to_owned() }) }
}

/// Creates `folder` and its parents, each readable for whoever may read files of `file_mode`, whatever the umask. What
/// already exists stays as it is.
pub(super) fn make_folder(folder: &Path, file_mode: u32) -> io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
    fs::create_dir_all(folder)?;
    let readable = file_mode & 0o444;
    for folder in missing.into_iter().filter(|folder| !folder.as_os_str().is_empty()) {
        set_mode(folder, 0o700 | readable | readable >> 2)?;
    }
    Ok(())
}

fn replace(path: &Path, rendered: &Rendered) -> Result<(), PublishError> {
    put(path, rendered)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    sync_folder(folder).map_err(failed("sync the folder", folder))
}

/// Puts the document in the place of the file at `path`; its folder is not synced yet.
pub(super) fn put(path: &Path, rendered: &Rendered) -> Result<(), PublishError> {
    put_bytes(path, &rendered.bytes, rendered.mode.unwrap_or(USUAL_MODE))
}

/// The same with what is no document, such as a picture.
pub(super) fn put_bytes(path: &Path, bytes: &[u8], mode: u32) -> Result<(), PublishError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = folder.join(format!(".{name}{ASIDE}"));
    let new = NewVersion::write(aside.clone(), bytes, permissions(mode)).map_err(failed("write", &aside))?;
    new.replace(path).map_err(failed("replace", path))
}

/// Changes the permissions of a file or folder, if they are others.
pub(super) fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    match permissions(mode) {
        Some(wanted) if !has_mode(path, mode)? => fs::set_permissions(path, wanted),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn has_mode(path: &Path, mode: u32) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::metadata(path)?.permissions().mode() & 0o7777 == mode)
}

#[cfg(not(unix))]
fn has_mode(_: &Path, _: u32) -> io::Result<bool> {
    Ok(true)
}

#[cfg(unix)]
fn permissions(mode: u32) -> Option<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn permissions(_: u32) -> Option<fs::Permissions> {
    None
}

pub(super) fn remove_leftovers(folder: &Path) -> Result<(), PublishError> {
    for entry in fs::read_dir(folder).map_err(failed("read the folder", folder))? {
        let entry = entry.map_err(failed("read the folder", folder))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.ends_with(ASIDE) {
            fs::remove_file(entry.path()).map_err(failed("remove", &entry.path()))?;
        }
    }
    Ok(())
}

pub(super) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PublishError {
    let path = path.to_owned();
    move |source| PublishError::Io { doing, path, source }
}
