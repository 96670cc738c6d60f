//! The folder that a demo writes into.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::origin;

/// A folder that the operator chose: created if missing, refused if it holds a feeds.toml of theirs.
pub(super) fn chosen_folder(folder: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let folder = std::path::absolute(folder).with_context(|| format!("cannot find {}", folder.display()))?;
    let path = folder.join("feeds.toml");
    match std::fs::read(&path) {
        Ok(bytes) if !bytes.starts_with(origin::MARK.as_bytes()) => {
            bail!("{} is not from a demo and stays as it is; choose another folder with --dir", path.display())
        }
        Ok(_) => Ok(folder),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(folder),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// A new folder in `parent`: `create_dir` never takes one that exists, nor a link.
pub(super) fn fresh_folder(parent: &Path) -> Result<PathBuf> {
    let parent = std::path::absolute(parent).with_context(|| format!("cannot find {}", parent.display()))?;
    for number in 1..10_000 {
        let folder = parent.join(format!("feedloom-demo-{number}"));
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot make {}; name a folder: --dir demo", folder.display()));
            }
        }
    }
    bail!("{} is full of demos; delete feedloom-demo-* there, or name a folder: --dir demo", parent.display())
}
