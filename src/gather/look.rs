//! One source looked at by itself: what a person sees before it is in feeds.toml, or when it fails.

use jiff::Timestamp;

use super::fetch::{Answer, Ask, Chain, ClientError, FetchError, Fetched, Fetcher, Wanted, read_file};
use super::read;
use crate::config::{Config, SourceAddress, SourceConfig};

/// Why a source could not be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookError {
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The network, the server, or a local file.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

/// Fetches the feed of `source` once, guarded and limited as in a pass by `config`, without validators.
/// Nothing is kept.
///
/// # Errors
/// [`LookError`].
pub async fn look(config: &Config, source: &SourceConfig, now: Timestamp) -> Result<Fetched, LookError> {
    let mut url = match &source.address {
        SourceAddress::File(path) => return Ok(read_file(path, config.fetch.max_body_bytes)?),
        SourceAddress::Http(url) => url.clone(),
    };
    let fetcher = Fetcher::new(config)?;
    let mut chain = Chain::default();
    loop {
        let ask =
            Ask { wanted: Wanted::Feed { source, validators: None }, url: &url, limit: config.fetch.timeout, now };
        match fetcher.ask(ask).await? {
            Answer::Document(document) => return Ok(document.fetched),
            Answer::Redirect { status, headers } => url = chain.follow(&url, status, &headers)?,
            Answer::NotModified { .. } => return Err(FetchError::NotModifiedUnasked.into()),
        }
    }
}

/// What the reader is given of `fetched`.
#[must_use]
pub fn to_be_read<'a>(fetched: &'a Fetched, source: &'a SourceConfig) -> read::Input<'a> {
    let header = |name: &str| {
        let value = fetched.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice());
        value.and_then(|value| std::str::from_utf8(value).ok())
    };
    read::Input {
        bytes: &fetched.bytes,
        // A file's own address is no base for the links in it: what the feed says of itself is.
        url: Some(&fetched.url).filter(|url| matches!(url.scheme(), "http" | "https")),
        headers: read::Headers {
            content_type: header("content-type"),
            content_location: header("content-location"),
            content_language: header("content-language"),
        },
        encoding: source.encoding,
        base_url: source.base_url.as_ref(),
    }
}
