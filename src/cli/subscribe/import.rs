use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use url::Url;

use super::import_report::ImportReport;
use super::look::FoundFeed;
use super::{typed, write};
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::cli::{console, one_document};
use crate::config::{Config, FeedsFile, NewSource, SourceAddress, same_address};
use crate::gather::ProbeKind;
use crate::model::SourceKind;
use crate::parse::{Opml, OpmlFeed, read_opml};
use crate::text::web_url;

/// Largest list that is read: 50,000 feeds are a quarter of it.
const LARGEST_LIST_BYTES: u64 = 64 * 1024 * 1024;

/// Add all feeds of an OPML file, as other readers export it, to feeds.toml
///
/// Folders become tags. What is there already stays as it is; what cannot be a source is named. Nothing is fetched but the
/// list: `feedloom check --fetch` tries each.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The list: a file, an address, or - for stdin
    #[arg(value_name = "FILE|URL")]
    list: String,

    /// Give each of them this tag too; may be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,

    /// Show what would be written, change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let (file, config) = FeedsFile::read(&session.config_path())?;
    let (bytes, content_type) = read_list(session, &args.list)?;
    let list = read_opml(&bytes, content_type.as_deref()).with_context(|| format!("cannot import {}", args.list))?;
    let (found, mut report) = sorted(&list, &config, &args.tags);
    if args.dry_run {
        let sources = write::named(&config, &found);
        report.added = sources.len();
        console::print(FeedsFile::lines_of(&sources).trim_matches('\n'));
    } else {
        report.added = write::append(session, &file, &found)?.len();
    }
    report.print(session, &args.list, args.dry_run.then_some("would be added"));
    Ok(if report.added == 0 && report.known.is_empty() { Exit::Nothing } else { Exit::Current })
}

/// The bytes of a list, and its `Content-Type` where a server gave one.
fn read_list(session: &Session, list: &str) -> Result<(Vec<u8>, Option<String>)> {
    if let Some(url) = web_url(list, None) {
        let fetched = one_document::fetch(session, url.as_str(), ProbeKind::Feed)?.fetched;
        let kind = fetched.headers.iter().find(|(name, _)| name == "content-type");
        return Ok((fetched.bytes, kind.map(|(_, value)| String::from_utf8_lossy(value).into_owned())));
    }
    let reader: Box<dyn std::io::Read> = if list == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(Path::new(list)).with_context(|| format!("cannot read {list}"))?)
    };
    let mut bytes = Vec::new();
    reader.take(LARGEST_LIST_BYTES + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {list}"))?;
    if bytes.len() as u64 > LARGEST_LIST_BYTES {
        bail!("{list} is larger than {} MiB", LARGEST_LIST_BYTES / (1024 * 1024));
    }
    Ok((bytes, None))
}

/// The feeds of a list that can be added, and what is to be said of the others.
fn sorted(list: &Opml, config: &Config, tags: &[String]) -> (Vec<FoundFeed>, ImportReport) {
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
        url: typed::address(&feed.url),
        id: None,
        name: feed.name.clone().filter(|name| *name != feed.url),
        tags,
        kind: SourceKind::Original,
    }
}

/// The address of a source of a stranger's list: nothing of this machine is read because of it.
fn address_of(source: &NewSource) -> Result<Url, String> {
    if ["file:", "env:"].iter().any(|scheme| source.url.starts_with(scheme)) {
        return Err("only http and https are imported".to_owned());
    }
    match source.fault() {
        Some(fault) => Err(fault.trim_start_matches("this is no address of a feed: ").to_owned()),
        None => Url::parse(&source.url).map_err(|error| error.to_string()),
    }
}
