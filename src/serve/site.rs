//! What is served: the files of one publish, in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use hyper::body::Bytes;
use hyper::header::HeaderValue;

use super::encoding::Encoding;
use super::watch::Stamp;
use crate::publish::ShownItem;

/// The files of one publish. It never changes: the next publish makes another.
#[derive(Debug, Default)]
pub(super) struct Site {
    /// By path, without a leading slash.
    files: BTreeMap<String, Arc<Page>>,
    /// Folders with an `index.html`, without a trailing slash.
    folders: BTreeSet<String>,
    /// `Link`, of feeds that have an address.
    links: BTreeMap<String, HeaderValue>,
    /// What the feeds among them show, once somebody searches.
    shown: OnceLock<Shown>,
}

/// Items by their stories, as the feeds show them.
pub(super) type Shown = BTreeMap<String, ShownItem>;

/// What a path leads to.
#[derive(Debug, Clone)]
pub(super) enum Found {
    /// A file.
    Page(Arc<Page>),
    /// A folder, asked for without its slash; its last part.
    Folder(String),
}

/// One file, in every encoding that makes it smaller.
#[derive(Debug)]
pub(super) struct Page {
    /// `Content-Type`.
    pub(super) media_type: HeaderValue,
    /// What it is to a browser.
    pub(super) kind: Kind,
    /// `Last-Modified`, …
    pub(super) last_modified: HeaderValue,
    /// … and the same in seconds since 1970.
    pub(super) changed_s: u64,
    /// What tells the file from its next version.
    pub(super) stamp: Stamp,
    /// SHA-256 of the file.
    pub(super) hash: [u8; 32],
    pub(super) identity: Variant,
    pub(super) gzip: Option<Variant>,
    pub(super) brotli: Option<Variant>,
}

/// What a file is to a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any page of any site may read it: a feed, a list of sources.
    Feed,
    /// It is shown, under this `Content-Security-Policy`.
    Page(HeaderValue),
    /// Anything else, such as a picture.
    Other,
}

/// A file in one encoding.
#[derive(Debug, Clone)]
pub(super) struct Variant {
    /// `ETag`: strong, and different in each encoding.
    pub(super) tag: HeaderValue,
    pub(super) bytes: Bytes,
}

impl Site {
    pub(super) fn new(files: BTreeMap<String, Arc<Page>>) -> Self {
        let folders = files.keys().filter_map(|path| path.strip_suffix("/index.html").map(str::to_owned)).collect();
        Self { files, folders, links: BTreeMap::new(), shown: OnceLock::new() }
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
            return self.files.get(&format!("{path}index.html")).cloned().map(Found::Page);
        }
        if let Some(page) = self.files.get(path) {
            return Some(Found::Page(Arc::clone(page)));
        }
        let last = path.rsplit('/').next().unwrap_or(path);
        self.folders.contains(path).then(|| Found::Folder(last.to_owned()))
    }

    /// What its feeds show; `read` finds it out, once.
    pub(super) fn shown(&self, read: impl FnOnce() -> Shown) -> &Shown {
        self.shown.get_or_init(read)
    }

    pub(super) fn page(&self, path: &str) -> Option<&Arc<Page>> {
        self.files.get(path)
    }

    /// Number of files, and bytes of all their encodings together.
    pub(super) fn size(&self) -> (usize, usize) {
        let bytes = self.files.values().map(|page| page.len()).sum();
        (self.files.len(), bytes)
    }
}

impl Page {
    /// The encoding that is given to who prefers them in this order.
    pub(super) fn variant(&self, preferred: [Encoding; 3]) -> (Encoding, &Variant) {
        let available = |encoding| match encoding {
            Encoding::Identity => Some(&self.identity),
            Encoding::Gzip => self.gzip.as_ref(),
            Encoding::Brotli => self.brotli.as_ref(),
        };
        let found = preferred.into_iter().find_map(|encoding| Some((encoding, available(encoding)?)));
        found.unwrap_or((Encoding::Identity, &self.identity))
    }

    /// Whether there is more than one encoding of it.
    pub(super) fn varies(&self) -> bool {
        self.gzip.is_some() || self.brotli.is_some()
    }

    fn len(&self) -> usize {
        let of = |variant: &Option<Variant>| variant.as_ref().map_or(0, |variant| variant.bytes.len());
        self.identity.bytes.len() + of(&self.gzip) + of(&self.brotli)
    }
}
