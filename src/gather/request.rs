//! What is requested in a run: a feed, a page behind an entry, a file of a host that states what may be done there, or
//! a document that the operator wants to see.

use std::sync::Arc;

use url::Url;

use super::standing::Standing;
use crate::config::{SourceAddress, SourceConfig};
use crate::store::{DocumentKind, SourceState, WantedArticle, WantedPicture};

/// What is to be fetched.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    Feed(FeedTarget),
    Page(PageTarget),
    Picture(PictureTarget),
    HostFile(HostFileTarget),
    Probe(ProbeTarget),
}

/// The feed of a source.
#[derive(Debug, Clone)]
pub(crate) struct FeedTarget {
    /// The source's place in feeds.toml.
    pub(crate) place: usize,
    pub(crate) source: Arc<SourceConfig>,
    /// As it was before this run.
    pub(crate) state: Arc<SourceState>,
    pub(crate) route: Route,
}

impl FeedTarget {
    /// By the usual route.
    pub(crate) fn new(place: usize, source: Arc<SourceConfig>, state: Arc<SourceState>) -> Self {
        Self { place, source, state, route: Route::Usual }
    }

    /// Whether it is a page that lists articles, by feeds.toml or as far as is known.
    pub(crate) fn is_page(&self) -> bool {
        self.source.listing.is_some() || self.state.document == DocumentKind::Page
    }

    /// The same, where it turned out to be a page.
    pub(crate) fn to_page(&self) -> Self {
        let state = SourceState { document: DocumentKind::Page, ..SourceState::clone(&self.state) };
        Self { state: Arc::new(state), ..self.clone() }
    }
}

/// Where a source that moved permanently is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// Where it moved to; its own address if it did not move.
    Usual,
    /// At its address in feeds.toml, as now and then: the move may have been a mistake, or somebody else's.
    Revisit,
    /// Where it moved to, after its address in feeds.toml yielded nothing.
    Back,
}

/// The page behind an entry.
#[derive(Debug, Clone)]
pub(crate) struct PageTarget {
    pub(crate) wanted: Arc<WantedArticle>,
    pub(crate) source: Arc<SourceConfig>,
}

/// The picture of a story.
#[derive(Debug, Clone)]
pub(crate) struct PictureTarget {
    pub(crate) wanted: Arc<WantedPicture>,
    pub(crate) source: Arc<SourceConfig>,
}

/// A file of a host that states what may be done there, by the host's key.
#[derive(Debug, Clone)]
pub(crate) struct HostFileTarget {
    pub(crate) host: String,
    pub(crate) file: HostFile,
    /// That of the first task that waits for it.
    pub(crate) standing: Standing,
}

/// The document at the address of a source, as it comes: nothing is made from it.
#[derive(Debug, Clone)]
pub(crate) struct ProbeTarget {
    pub(crate) source: Arc<SourceConfig>,
    pub(crate) kind: ProbeKind,
}

/// Under whose rules a document is probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProbeKind {
    /// Those for feeds.
    Feed,
    /// Those for pages behind entries.
    Page,
}

/// Which file of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostFile {
    /// robots.txt (RFC 9309).
    Robots,
    /// What is reserved from text and data mining (TDMRep, w3.org/community/reports/tdmrep, §6.1).
    Tdmrep,
}

impl HostFile {
    /// Where the one that applies to `url` is.
    pub(crate) fn address(self, url: &Url) -> Url {
        let mut place = url.clone();
        place.set_path(match self {
            Self::Robots => "/robots.txt",
            Self::Tdmrep => "/.well-known/tdmrep.json",
        });
        place.set_query(None);
        place.set_fragment(None);
        place
    }
}

impl Target {
    /// The source whose address is a local file; `None`: it is fetched from a server.
    pub(crate) fn local_file(&self) -> Option<&std::path::Path> {
        let source = match self {
            Self::Feed(feed) => &feed.source,
            Self::Probe(probe) => &probe.source,
            Self::Page(_) | Self::Picture(_) | Self::HostFile(_) => return None,
        };
        match &source.address {
            SourceAddress::File(path) => Some(path),
            SourceAddress::Http(_) => None,
        }
    }

    /// Whether a page is requested, be it as a list.
    pub(crate) fn is_of_page(&self) -> bool {
        match self {
            Self::Feed(feed) => feed.is_page(),
            Self::Probe(probe) => probe.kind == ProbeKind::Page || probe.source.listing.is_some(),
            Self::Page(_) => true,
            Self::Picture(_) | Self::HostFile(_) => false,
        }
    }

    /// The address of the page, if it is one.
    pub(crate) fn page_address(&self) -> Option<Url> {
        match self {
            Self::Page(page) => Some(page.wanted.address.clone()),
            Self::Probe(ProbeTarget { source, kind: ProbeKind::Page }) => Some(source.address.to_url()),
            Self::Feed(_) | Self::Picture(_) | Self::Probe(_) | Self::HostFile(_) => None,
        }
    }
}
