//! How a task ranks among the others of a run: which places it may take, and whose host it asks.

use url::Url;

use super::host_key::host_key;
use crate::config::SourceConfig;

/// Which of the places in flight a task may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    /// Any: a feed that answered last time, or was never asked.
    Any,
    /// At most half, while others wait: a feed that failed last time, or a page.
    Half,
}

/// Whose host is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visit {
    /// The host that the source has in feeds.toml: its answers count for the host.
    Own,
    /// A different one, where a redirect or a link led: its answers count for such visits only.
    Guest,
}

/// Both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) share: Share,
    pub(crate) visit: Visit,
}

impl Visit {
    /// For a request to `url` on behalf of `source`.
    pub(crate) fn of(source: &SourceConfig, url: &Url) -> Self {
        if host_key(url) == host_key(&source.address.to_url()) { Self::Own } else { Self::Guest }
    }
}
