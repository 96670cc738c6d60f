//! One `[[source]]` from its table to a checked [`SourceConfig`].

use std::ops::Range;
use std::path::Path;

use jiff::SignedDuration;
use url::Url;

use super::attribution::attribution;
use super::duration::INTERVAL;
use super::limits::Limit;
use super::problem::Lines;
use super::read_filter::read_filters;
use super::read_headers::{from_environment, read_headers};
use super::read_listing::{read_listing, selector};
use super::source::{ArticleWanted, FutureDates, Identity, SourceAddress, SourceConfig};
use super::source_id::{derived_id, id_of_variable};
use super::strict_address::{NO_ADDRESS, full_address, strict_address};
use super::table::{At, REPUBLISH, Table};
use crate::model::{SourceId, SourceKind};

/// Longest excerpt unless a source says otherwise: what news agencies and courts call short.
const EXCERPT_CHARS: usize = 280;

/// What is older when first seen is not news.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// An example of a selector.
const BODY: &str = "article .body";

const ARTICLE: [(&str, ArticleWanted); 3] =
    [("never", ArticleWanted::Never), ("when-short", ArticleWanted::WhenShort), ("always", ArticleWanted::Always)];

/// feeds.toml around a source.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceFile<'a> {
    pub(super) folder: &'a Path,
    pub(super) lines: &'a Lines,
}

/// Whether a table without an address is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Wrong,
    /// In `[defaults]`.
    Fine,
}

/// A source, and where its id and its address are in feeds.toml.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) source: SourceConfig,
    pub(super) id_at: Range<usize>,
    pub(super) url_at: Range<usize>,
}

/// Reads `table`. `None` if it has no usable address or id, which is then among the problems.
pub(super) fn read_source(table: Table<'_>, file: &SourceFile<'_>, missing: Missing) -> Option<Placed> {
    let url = table.words("url");
    let found = url.as_ref().and_then(|url| read_address(&table, url, file.folder));
    if url.is_none() && missing == Missing::Wrong {
        let instead = "add url = \"https://…\", or delete the source";
        table.wrong(table.at.clone(), "this source has no address", instead);
    }
    let id_text = table.words("id");
    let id = match &id_text {
        Some(text) => SourceId::new(text.value)
            .map_err(|error| table.wrong(text.at.clone(), "this is no id", error.to_string()))
            .ok(),
        None => found.as_ref().map(|found| match &found.variable {
            Some(variable) => id_of_variable(variable),
            None => derived_id(&found.address),
        }),
    };
    let named = Named {
        id: id.clone().unwrap_or_else(|| SourceId::new("defaults").expect("a good id")),
        address: found.clone().unwrap_or_else(|| Address::literal(SourceAddress::File(file.folder.to_owned()))),
    };
    let source = settings(&table, file, named);
    let id_at = id_text.as_ref().or(url.as_ref()).map_or(0..0, |text| text.at.clone());
    table.finish();
    id.filter(|_| found.is_some()).map(|_| Placed { source, id_at, url_at: url.map_or(0..0, |url| url.at) })
}

/// What a source is, before its settings.
struct Named {
    id: SourceId,
    address: Address,
}

/// An address, and the environment variable that holds it, if any.
#[derive(Debug, Clone)]
struct Address {
    address: SourceAddress,
    variable: Option<String>,
}

impl Address {
    fn literal(address: SourceAddress) -> Self {
        Self { address, variable: None }
    }
}

/// Every key but `id` and `url`. Longer than 60 lines: one line or two for each key.
fn settings(table: &Table<'_>, file: &SourceFile<'_>, named: Named) -> SourceConfig {
    let Named { id, address } = named;
    let text = |key| table.words(key).map(|text| text.value.trim().to_owned());
    let at_most = |key, most| table.whole(key, 1..=most).and_then(|number| usize::try_from(number).ok());
    SourceConfig {
        id,
        line: file.lines.at(table.at.start),
        list: None,
        address: address.address,
        address_variable: address.variable,
        name: text("name"),
        site: table.web_address("site").map(|site| site.value),
        owner: text("owner"),
        trusted: table.flag("trusted").unwrap_or_default(),
        tags: table.texts("tags").into_iter().map(|tag| tag.value.to_owned()).collect(),
        every: table.duration("every", INTERVAL),
        floor: table.duration("floor", SignedDuration::ZERO..=*INTERVAL.end()),
        weight: table.whole("weight", 0..=100).and_then(|weight| u32::try_from(weight).ok()).unwrap_or(1),
        kind: table.choice("kind", &[("original", SourceKind::Original), ("aggregator", SourceKind::Aggregator)]),
        max_items: at_most("max_items", 300),
        max_age: table.limit("max_age", INTERVAL).map_or(Some(MAX_AGE), Limit::duration),
        include: read_filters(table, "include", file.lines),
        exclude: read_filters(table, "exclude", file.lines),
        republish: table.choice("republish", &REPUBLISH),
        excerpt_length: at_most("excerpt_length", 5_000).unwrap_or(EXCERPT_CHARS),
        article: table.choice("article", &ARTICLE).unwrap_or_default(),
        select: table.words("select").and_then(|css| selector(table, &css, BODY)),
        remove: table.texts("remove").iter().filter_map(|css| selector(table, css, BODY)).collect(),
        listing: read_listing(table),
        identity: table
            .choice("identity", &[("guid", Identity::Guid), ("link", Identity::Link), ("title", Identity::Title)])
            .unwrap_or_default(),
        future_dates: table
            .choice(
                "future_dates",
                &[("clamp", FutureDates::Clamp), ("keep", FutureDates::Keep), ("drop", FutureDates::Drop)],
            )
            .unwrap_or_default(),
        date_offset: table
            .duration("date_offset", SignedDuration::from_hours(-48)..=SignedDuration::from_hours(48))
            .unwrap_or_default(),
        encoding: table.words("encoding").and_then(|label| encoding(table, &label)),
        base_url: table.web_address("base_url").map(|base| base.value),
        ignore_updates: table.flag("ignore_updates").unwrap_or_default(),
        allow_duplicates: table.flag("allow_duplicates").unwrap_or_default(),
        attribution: table.words("attribution").and_then(|line| attribution(table, &line)),
        disclosure: text("disclosure"),
        rights: text("rights"),
        headers: read_headers(table),
        disabled: table.flag("disabled").unwrap_or_default(),
    }
}

fn read_address(table: &Table<'_>, url: &At<&str>, folder: &Path) -> Option<Address> {
    if let Some(variable) = url.value.trim().strip_prefix("env:") {
        let text = from_environment(table, url, variable)?;
        return match strict_address(&text) {
            Ok(address) => Some(Address { address: SourceAddress::Http(address), variable: Some(variable.to_owned()) }),
            Err(why) => {
                let what = format!("{variable} holds no address of a feed: {why}");
                table.wrong(url.at.clone(), what, format!("set it in full: export {variable}=https://…"));
                None
            }
        };
    }
    if let Some(path) = url.value.strip_prefix("file:") {
        let absolute =
            Url::parse(url.value).ok().filter(|_| path.starts_with("//")).and_then(|url| url.to_file_path().ok());
        return Some(Address::literal(SourceAddress::File(absolute.unwrap_or_else(|| folder.join(path)))));
    }
    match strict_address(url.value) {
        Ok(address) => Some(Address::literal(SourceAddress::Http(address))),
        Err(why) => {
            let instead = match completed(url.value) {
                Some(whole) => format!("write \"{whole}\""),
                None => "write \"https://…\", or \"file:feed.xml\" for a file beside feeds.toml".to_owned(),
            };
            table.wrong(url.at.clone(), format!("{NO_ADDRESS}: {why}"), instead);
            None
        }
    }
}

/// The address that was most likely meant.
fn completed(text: &str) -> Option<String> {
    let whole = full_address(text);
    (whole != text && strict_address(&whole).is_ok()).then_some(whole)
}

fn encoding(table: &Table<'_>, label: &At<&str>) -> Option<&'static encoding_rs::Encoding> {
    let found = encoding_rs::Encoding::for_label(label.value.as_bytes());
    if found.is_none() {
        let what = format!("{:?} is no known encoding", label.value);
        table.wrong(label.at.clone(), what, "write one such as \"euc-jp\" or \"windows-1251\"");
    }
    found
}
