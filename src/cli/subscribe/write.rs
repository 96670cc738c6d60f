//! New sources → feeds.toml, also if someone else writes it in the meantime.

use std::collections::HashSet;

use anyhow::Result;

use super::look::FoundFeed;
use crate::cli::console;
use crate::cli::session::Session;
use crate::config::{Config, EditError, FeedsFile, NewSource, SourceAddress, good_id, same_address};
use crate::text::for_terminal;

/// How often feeds.toml is read again because someone else wrote it.
const TRIES: usize = 5;

/// Writes `found` at the end of feeds.toml; returns the sources as they are there now. What was added meanwhile stays,
/// and is not added twice.
pub(super) fn append(session: &Session, read: &FeedsFile, found: &[FoundFeed]) -> Result<Vec<NewSource>> {
    let mut changed = None;
    for _ in 0..TRIES {
        let (file, config) = FeedsFile::read(&session.config_path())?;
        if file != *read {
            changed = Some(EditError::ChangedMeanwhile { path: session.config_path() });
        }
        let sources = named(&config, found);
        if !sources.is_empty() {
            let (text, _) = file.with(&sources)?;
            match file.replace(&text) {
                Err(error @ EditError::ChangedMeanwhile { .. }) => {
                    changed = Some(error);
                    continue;
                }
                Err(error) => {
                    // What was found is not lost: the operator can write it.
                    console::note("add these lines at its end:");
                    print_lines(&FeedsFile::lines_of(&sources));
                    return Err(error.into());
                }
                Ok(()) => {}
            }
        }
        if changed.is_some() {
            let path = session.config_path();
            console::warn(&format!(
                "{} was changed by someone else in the meantime: that was kept, and the new sources were added below it",
                path.display()
            ));
        }
        return Ok(sources);
    }
    Err(changed.map_or_else(|| anyhow::anyhow!("feeds.toml keeps changing"), Into::into))
}

/// Those of `found` that are not in `config`, each with an id of its own.
pub(super) fn named(config: &Config, found: &[FoundFeed]) -> Vec<NewSource> {
    let mut ids: HashSet<String> = config.sources.iter().map(|source| source.id.to_string()).collect();
    let mut addresses: HashSet<String> = config.sources.iter().map(|source| same_address(&source.address)).collect();
    let mut sources = Vec::new();
    for feed in found {
        if addresses.insert(same_address(&SourceAddress::Http(feed.address.clone()))) {
            let id = good_id(feed.source.name.as_deref(), &feed.address, |id| ids.contains(id));
            ids.insert(id.to_string());
            sources.push(NewSource { id: Some(id), ..feed.source.clone() });
        }
    }
    sources
}

/// Prints lines of a feeds.toml: what strangers wrote in them cannot dress up as something else.
pub(super) fn print_lines(text: &str) {
    let lines: Vec<_> = text.trim_matches('\n').lines().map(for_terminal).collect();
    console::print(lines.join("\n").trim_end());
}
