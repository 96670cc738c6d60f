//! One document of the web, fetched as a pass would fetch it.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::session::{Session, clock, known_state, runtime};
use crate::config::{Config, FeedsFile};
use crate::gather::{ProbeKind, Probed, Prober};

/// Fetches `url` by the `[fetch]` of feeds.toml where there is one.
pub(super) fn fetch(session: &Session, url: &str, kind: ProbeKind) -> Result<Probed> {
    let alone = format!("[[source]]\nurl = {url:?}\n");
    let alone = Config::parse(Path::new("feeds.toml"), &alone).with_context(|| format!("{url} cannot be fetched"))?;
    let mut config = FeedsFile::read(&session.config_path()).map_or_else(|_| alone.clone(), |(_, config)| config);
    config.sources = alone.sources;
    let mut prober = Prober::new(&config, known_state(&config), clock(None))?;
    let probed = runtime()?.block_on(prober.probe(&config.sources[0], kind));
    probed.with_context(|| format!("{url} cannot be fetched"))
}
