//! One document from the web, fetched as a pass would fetch it.

use std::path::Path;

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use super::session::{Session, clock, known_state, runtime};
use crate::config::{Config, ConfigError, FeedsFile};
use crate::gather::{Fetched, ProbeKind, Probed, Prober};

/// Fetches `url` by the `[fetch]` of feeds.toml if there is one.
pub(super) fn fetch(session: &Session, url: &str, kind: ProbeKind) -> Result<Probed> {
    let alone = || Ok::<_, anyhow::Error>(alone(url)?);
    let config = FeedsFile::read(&session.config_path()).map(|(_, config)| config).or_else(|_| alone())?;
    fetch_by(&config, url, kind, clock(None))
}

/// Fetches `url` by the `[fetch]` of `config`.
pub(super) fn fetch_by(config: &Config, url: &str, kind: ProbeKind, now: Timestamp) -> Result<Probed> {
    let sources = alone(url).with_context(|| format!("{url} cannot be fetched"))?.sources;
    let config = Config { sources, ..config.clone() };
    let mut prober = Prober::new(&config, known_state(&config), now)?;
    let probed = runtime()?.block_on(prober.probe(&config.sources[0], kind));
    probed.with_context(|| format!("{url} cannot be fetched"))
}

/// A feeds.toml with this one source.
fn alone(url: &str) -> Result<Config, ConfigError> {
    Config::parse(Path::new("feeds.toml"), &format!("[[source]]\nurl = {url:?}\n"))
}

/// What its server says that a document is.
pub(super) fn content_type(fetched: &Fetched) -> Option<String> {
    let kind = fetched.headers.iter().find(|(name, _)| name == "content-type");
    kind.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
}
