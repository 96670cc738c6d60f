use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::add::tag;
use super::sorted::sorted;
use super::write;
use super::write::print_lines;
use crate::cli::exit::Exit;
use crate::cli::findings::private_address;
use crate::cli::one_document;
use crate::cli::session::Session;
use crate::config::FeedsFile;
use crate::gather::ProbeKind;
use crate::parse::read_opml;
use crate::text::web_url;

/// Largest list that is read: 50,000 feeds are a quarter of it.
const LARGEST_LIST_BYTES: u64 = 64 * 1024 * 1024;

/// Add all feeds of an OPML file, as other readers export it, to feeds.toml
///
/// Folders become tags. What is there already stays as it is; what cannot be a source is named. Only the list is
/// fetched: `feedloom check --fetch` tries each feed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The list: a file, an address, or - for stdin
    #[arg(value_name = "FILE|URL")]
    list: String,

    /// Give each of them this tag too; may be repeated
    #[arg(long = "tag", value_name = "TAG", value_parser = tag)]
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
    let private = found.iter().map(|feed| &feed.address).filter(|url| private_address(url, &config.fetch).is_some());
    report.private = private.filter_map(|url| Some(url.host_str()?.to_owned())).collect();
    if args.dry_run {
        let sources = write::named(&config, &found);
        report.added = sources.len();
        print_lines(&FeedsFile::lines_of(&sources));
    } else {
        report.added = write::append(session, &file, &found)?.len();
    }
    report.print(session, &args.list, args.dry_run.then_some("would be added"));
    Ok(if report.added == 0 && report.known.is_empty() { Exit::Nothing } else { Exit::Current })
}

/// The bytes of a list, and its `Content-Type` if a server sent one.
fn read_list(session: &Session, list: &str) -> Result<(Vec<u8>, Option<String>)> {
    if let Some(url) = web_url(list, None) {
        let fetched = one_document::fetch(session, url.as_str(), ProbeKind::Feed)?.fetched;
        let kind = one_document::content_type(&fetched);
        return Ok((fetched.bytes, kind));
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
