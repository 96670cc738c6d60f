use std::collections::BTreeMap;
use std::io::Write as _;

use anyhow::{Context as _, Result};

use super::console;
use super::exit::Exit;
use super::plural::count;
use super::session::Session;
use crate::config::Config;
use crate::model::{Source, SourceId};
use crate::pass;
use crate::publish::{ListedSource, write_opml};
use crate::store::{Store, StoreError};

/// Print the sources of feeds.toml as OPML, for other readers
///
/// The first tag of a source becomes its folder. Disabled sources and local files are left out.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(session: &Session, _args: &Args) -> Result<Exit> {
    let config = session.load()?;
    let known = known(&config)?;
    let mut secrets = 0_usize;
    let mut listed = Vec::new();
    for source in config.sources.iter().filter(|source| !source.disabled) {
        let url = source.address.to_url();
        if !matches!(url.scheme(), "http" | "https") {
            continue;
        }
        secrets += usize::from(source.secret_in_address().is_some() || source.address_variable.is_some());
        let resolved = known.get(&source.id);
        let name = source.name.clone().or_else(|| resolved.map(|source| source.name.clone()));
        let site = source.site.clone().or_else(|| resolved.and_then(|source| source.site.clone()));
        listed.push(ListedSource {
            url,
            name: name.unwrap_or_else(|| source.id.to_string()),
            site,
            tags: source.tags.clone(),
        });
    }
    let bytes = write_opml(&config.title, &listed)?;
    std::io::stdout().lock().write_all(&bytes).context("cannot write the list")?;
    if secrets > 0 && !session.quiet {
        let addresses = count(secrets, "address");
        console::warn(&format!("{addresses} of this list may hold a secret: keep it to yourself"));
    }
    Ok(Exit::Current)
}

/// What their feeds state about the sources, if there is a database.
fn known(config: &Config) -> Result<BTreeMap<SourceId, Source>> {
    match Store::open_to_read(&config.database) {
        Err(StoreError::Missing { .. }) => Ok(BTreeMap::new()),
        opened => Ok(pass::sources(&opened?, config)?),
    }
}
