//! From the folder of outputs to what is served.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use hyper::header::HeaderValue;

use super::page::Page;
use super::site::{Place, Site};
use super::watch::{FileStamp, stamp};
use crate::config::{Config, Format};
use crate::publish::{FeedAddress, PublicFile, feed_addresses, public_files};
use crate::store::{Store, StoreError};
use crate::websub::Content;

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

/// Looks at everything that `config` owns in the folder of outputs, as `store` says it was published last, and reads the
/// outputs themselves. What is the same as `before` is shared with it.
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
        let place = match hash {
            Some(hash) => Place::Memory(output(config, &file, path, stamp, hash, before)?),
            None => Place::Disk(stamp),
        };
        files.insert(file, place);
    }
    Ok(Site::new(config.output_dir.clone(), files).linking(links(config)))
}

/// The output `file`, shared with `before` if it is the same; `hash` is what was published.
fn output(
    config: &Config,
    file: &str,
    path: PathBuf,
    stamp: FileStamp,
    hash: [u8; 32],
    before: &Site,
) -> Result<Arc<Page>, TakeError> {
    let page = match before.output(file).filter(|page| page.stamp == Some(stamp)) {
        Some(page) => Arc::clone(page),
        None => {
            let bytes = fs::read(&path).map_err(|source| TakeError::Io { path, source })?;
            Arc::new(Page::new(file, format_of(config, file), bytes, stamp))
        }
    };
    if page.hash == hash { Ok(page) } else { Err(TakeError::Unfinished { file: file.to_owned() }) }
}

/// The `Link` header of each feed: its own address, and who tells of its changes (WebSub §4).
fn links(config: &Config) -> BTreeMap<String, HeaderValue> {
    let link = |feed: FeedAddress| {
        let hub = feed.hub.map(|hub| format!("<{hub}>; rel=\"hub\", ")).unwrap_or_default();
        Some((feed.file, HeaderValue::try_from(format!("{hub}<{}>; rel=\"self\"", feed.own)).ok()?))
    };
    feed_addresses(config).into_iter().filter_map(link).collect()
}

/// What our own hub delivers of `site`.
pub(super) fn contents(site: &Site, config: &Config) -> Vec<Content> {
    let ours = config.serve.hub_address();
    let of_ours = feed_addresses(config).into_iter().filter(|feed| feed.hub.is_some() && feed.hub == ours);
    let content = |feed: FeedAddress| {
        let page = site.output(&feed.file)?;
        let media_type = page.media_type.to_str().unwrap_or_default().to_owned();
        Some(Content { topic: feed.own, media_type, hash: page.hash, bytes: page.identity.bytes.as_ref().into() })
    };
    of_ours.filter_map(content).collect()
}

/// What can be subscribed to at our own hub.
pub(super) fn topics(config: &Config) -> BTreeSet<String> {
    let ours = config.serve.hub_address();
    let of_ours = feed_addresses(config).into_iter().filter(|feed| feed.hub.is_some() && feed.hub == ours);
    of_ours.map(|feed| feed.own).collect()
}

fn format_of(config: &Config, file: &str) -> Option<Format> {
    config.outputs.iter().find(|output| output.file == file).map(|output| output.format)
}
