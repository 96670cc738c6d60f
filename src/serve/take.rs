//! From the folder of outputs to what is served.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::site::{Page, Site};
use super::watch::stamp;
use crate::config::{Config, Format};
use crate::publish::{PublicFile, public_files};
use crate::store::{Store, StoreError};

/// Why the outputs cannot be served as they are.
#[derive(Debug, thiserror::Error)]
pub(super) enum TakeError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file.
    #[error("cannot read {}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A file is not as the last publish recorded it: that ended before it was complete, or somebody changed the file.
    #[error("{file} is not as it was published; the next publish writes it anew")]
    Unfinished {
        /// Its name.
        file: String,
    },
}

/// Reads everything that `config` owns in the folder of outputs, as `store` says it was published last. What is the same
/// as `before` is shared with it.
///
/// The caller makes sure that nobody publishes meanwhile.
///
/// # Errors
/// [`TakeError`]; then what was served before stays.
pub(super) fn take(store: &Store, config: &Config, before: &Site) -> Result<Site, TakeError> {
    let mut files = BTreeMap::new();
    for PublicFile { file, hash } in public_files(store, config)? {
        let path = config.output_dir.join(&file);
        // It was published once, and somebody removed it.
        let Some(stamp) = stamp(&path) else { continue };
        let page = match before.page(&file).filter(|page| page.stamp == Some(stamp)) {
            Some(page) => Arc::clone(page),
            None => {
                let bytes = fs::read(&path).map_err(|source| TakeError::Io { path, source })?;
                Arc::new(Page::new(&file, format_of(config, &file), bytes, stamp))
            }
        };
        if hash.is_some_and(|hash| hash != page.hash) {
            return Err(TakeError::Unfinished { file });
        }
        files.insert(file, page);
    }
    Ok(Site::new(files))
}

fn format_of(config: &Config, file: &str) -> Option<Format> {
    config.outputs.iter().find(|output| output.file == file).map(|output| output.format)
}
