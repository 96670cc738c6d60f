//! What is served: the files of one publish. The outputs themselves are in memory, pages beside them may be on the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use hyper::header::HeaderValue;

use super::on_disk::OnDisk;
use super::page::Page;
use super::watch::FileStamp;
use crate::publish::ShownItem;

/// The files of one publish. It never changes: the next publish makes another.
#[derive(Debug, Default)]
pub(super) struct Site {
    /// By path, without a leading slash.
    files: BTreeMap<String, Place>,
    /// The folder of outputs.
    folder: PathBuf,
    /// Folders with an `index.html`, without a trailing slash.
    folders: BTreeSet<String>,
    /// `Link`, of feeds that have an address.
    links: BTreeMap<String, HeaderValue>,
    /// What the feeds among them show, once somebody searches.
    shown: OnceLock<Shown>,
}

/// Items by their stories, as the feeds show them.
pub(super) type Shown = BTreeMap<String, ShownItem>;

/// Where a file is.
#[derive(Debug, Clone)]
pub(super) enum Place {
    Memory(Arc<Page>),
    /// In the folder of outputs, as it was when its set was taken over.
    Disk(FileStamp),
}

/// What a path leads to.
#[derive(Debug, Clone)]
pub(super) enum Found {
    /// A file.
    Page(Arc<Page>),
    /// A file that is still to be read.
    OnDisk(OnDisk),
    /// A folder, asked for without its slash; its last part.
    Folder(String),
}

impl Site {
    /// The `files` of the outputs, which are in `folder`.
    pub(super) fn new(folder: PathBuf, files: BTreeMap<String, Place>) -> Self {
        let folders = files.keys().filter_map(|path| path.strip_suffix("/index.html").map(str::to_owned)).collect();
        Self { files, folder, folders, links: BTreeMap::new(), shown: OnceLock::new() }
    }

    /// The same with these `Link` headers, by their files.
    pub(super) fn linking(self, links: BTreeMap<String, HeaderValue>) -> Self {
        Self { links, ..self }
    }

    /// `Link` of the file at `path`; `None`: it has none.
    pub(super) fn link(&self, path: &str) -> Option<&HeaderValue> {
        self.links.get(path)
    }

    /// What is at `path`, which is decoded and has no leading slash; an empty one is the front page.
    pub(super) fn find(&self, path: &str) -> Option<Found> {
        if path.is_empty() || path.ends_with('/') {
            return self.file(format!("{path}index.html"));
        }
        if let Some(found) = self.file(path.to_owned()) {
            return Some(found);
        }
        let last = path.rsplit('/').next().unwrap_or(path);
        self.folders.contains(path).then(|| Found::Folder(last.to_owned()))
    }

    fn file(&self, file: String) -> Option<Found> {
        Some(match self.files.get(&file)? {
            Place::Memory(page) => Found::Page(Arc::clone(page)),
            Place::Disk(stamp) => Found::OnDisk(OnDisk { path: self.folder.join(&file), file, stamp: *stamp }),
        })
    }

    /// What its feeds show; `read` finds it out, once.
    pub(super) fn shown(&self, read: impl FnOnce() -> Shown) -> &Shown {
        self.shown.get_or_init(read)
    }

    /// The output at `path`.
    pub(super) fn output(&self, path: &str) -> Option<&Arc<Page>> {
        match self.files.get(path)? {
            Place::Memory(page) => Some(page),
            Place::Disk(_) => None,
        }
    }

    /// Number of files, and bytes of those that are in memory, in all their encodings together.
    pub(super) fn size(&self) -> (usize, usize) {
        let in_memory = self.files.values().filter_map(|place| match place {
            Place::Memory(page) => Some(page.bytes()),
            Place::Disk(_) => None,
        });
        (self.files.len(), in_memory.sum())
    }
}
