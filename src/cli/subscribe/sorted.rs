//! The feeds of a list: which can be sources, and what to report about the others.

use std::collections::HashMap;

use url::Url;

use super::import_report::ImportReport;
use super::look::FoundFeed;
use crate::config::{Config, NO_ADDRESS, NewSource, SourceAddress, full_address, same_address};
use crate::parse::{Opml, OpmlFeed};

/// Most tags of a feed that is listed several times.
const MOST_TAGS: usize = 16;

/// The feeds of a list that can be added, and what to report about the others.
pub(super) fn sorted(list: &Opml, config: &Config, tags: &[String]) -> (Vec<FoundFeed>, ImportReport) {
    let mut report = ImportReport::of(list);
    let known: HashMap<String, String> =
        config.sources.iter().map(|source| (same_address(&source.address), source.id.to_string())).collect();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut found: Vec<FoundFeed> = Vec::new();
    for feed in &list.feeds {
        let mut source = new_source(feed, tags);
        let address = match address_of(&source) {
            Ok(address) => address,
            Err(why) => {
                report.wrong.push(format!("{} ({why})", feed.url));
                continue;
            }
        };
        let key = same_address(&SourceAddress::Http(address.clone()));
        if let Some(id) = known.get(&key) {
            report.known.push(format!("{} as `{id}`", feed.url));
        } else if let Some(place) = places.get(&key) {
            report.twice.push(feed.url.clone());
            let first = &mut found[*place].source;
            source.tags.retain(|tag| !first.tags.contains(tag));
            source.tags.truncate(MOST_TAGS.saturating_sub(first.tags.len()));
            first.tags.append(&mut source.tags);
        } else {
            places.insert(key, found.len());
            found.push(FoundFeed { source, address, entries: 0 });
        }
    }
    (found, report)
}

fn new_source(feed: &OpmlFeed, more_tags: &[String]) -> NewSource {
    let mut tags = feed.tags.clone();
    tags.extend(more_tags.iter().filter(|tag| !feed.tags.contains(tag)).cloned());
    NewSource {
        url: full_address(&feed.url),
        id: None,
        name: feed.name.clone().filter(|name| *name != feed.url),
        tags,
        kind: None,
    }
}

/// The address of a source in a stranger's list: it never makes us read anything on this machine.
fn address_of(source: &NewSource) -> Result<Url, String> {
    if ["file:", "env:"].iter().any(|scheme| source.url.starts_with(scheme)) {
        return Err("only http and https are imported".to_owned());
    }
    match source.fault() {
        Some(fault) => {
            let why = fault.strip_prefix(NO_ADDRESS).and_then(|rest| rest.strip_prefix(": "));
            Err(why.map_or_else(|| fault.clone(), str::to_owned))
        }
        None => Url::parse(&source.url).map_err(|error| error.to_string()),
    }
}
