//! What is found at an address: a feed, a page that announces feeds, or why not.

use anyhow::Result;
use url::Url;

use crate::config::{Config, NewSource, SourceAddress, SourceConfig, same_address, source_name};
use crate::gather::{ProbeError, ProbeKind, Prober, read_source, remedy};
use crate::parse::{AnnouncedFeed, ReadError};

/// A feed that can be added; its id is given when it is written.
#[derive(Debug)]
pub(super) struct FoundFeed {
    pub(super) source: NewSource,
    /// Where it was reached.
    pub(super) address: Url,
    pub(super) entries: usize,
}

/// What is found at an address.
#[derive(Debug)]
pub(super) enum Found {
    Feed(FoundFeed),
    /// A web page that announces these feeds.
    Page(Vec<AnnouncedFeed>),
}

/// Why there is nothing to add.
#[derive(Debug)]
pub(super) struct NotFound {
    /// In one sentence.
    pub(super) why: String,
    pub(super) hint: Option<String>,
}

/// Fetches `source` once and reads it. `draft` is what is to be written so far.
pub(super) async fn look(prober: &mut Prober<'_>, source: &SourceConfig, draft: &NewSource) -> Result<Found, NotFound> {
    let probed = prober.probe(source, ProbeKind::Feed).await.map_err(|error| NotFound::of(&error, source))?;
    let fetched = probed.fetched;
    let document = match read_source(&fetched, source) {
        Ok(document) => document,
        Err(ReadError::Page { announced, .. }) if !announced.0.is_empty() => return Ok(Found::Page(announced.0)),
        Err(error) => {
            return Err(NotFound { why: error.to_string(), hint: remedy(&error) });
        }
    };
    let is_respelled = same_address(&SourceAddress::Http(fetched.url.clone())) == same_address(&source.address);
    let url = match &source.address {
        SourceAddress::Http(_) if source.address_variable.is_none() && is_respelled => fetched.url.to_string(),
        _ => draft.url.clone(),
    };
    let name = document.feed().title.as_deref().and_then(source_name);
    let entries = document.posts.len();
    Ok(Found::Feed(FoundFeed { source: NewSource { url, name, ..draft.clone() }, address: fetched.url, entries }))
}

/// The source of `config` that is at `address`, in any spelling.
pub(super) fn already_there<'a>(config: &'a Config, address: &SourceAddress) -> Option<&'a SourceConfig> {
    let wanted = same_address(address);
    config.sources.iter().find(|source| same_address(&source.address) == wanted)
}

impl NotFound {
    fn of(error: &ProbeError, source: &SourceConfig) -> Self {
        let mut why = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            why.push_str(&format!(": {error}"));
            cause = error.source();
        }
        let hint = match error {
            ProbeError::Fetch(error) => error.hint(source),
            _ => None,
        };
        Self { why, hint }
    }
}
