//! One `[[source]]` from its table to a checked [`SourceConfig`].

use std::ops::Range;
use std::path::Path;

use jiff::SignedDuration;
use regex::RegexBuilder;
use url::Url;

use super::load::INTERVAL;
use super::problem::Lines;
use super::table::{At, Table, web_url};
use super::{
    ArticleWanted, Filter, FilterField, FilterTest, FutureDates, Identity, Secret, SourceAddress, SourceConfig,
};
use crate::model::{Republish, SourceId, SourceKind};
use crate::text::{Selector, short_hash};

/// Longest excerpt unless a source says otherwise: what news agencies and courts call short.
const EXCERPT_CHARS: usize = 280;
/// Largest compiled size of a filter's regular expression in bytes.
const REGEX_BYTES: usize = 1024 * 1024;

pub(super) const REPUBLISH: [(&str, Republish); 4] = [
    ("full", Republish::Full),
    ("excerpt", Republish::Excerpt),
    ("headline", Republish::Headline),
    ("off", Republish::Off),
];

/// Reads `table`; with the places of its id and of its address. `None` where it has no usable address
/// or id, which then stands among the problems. `lines`: of feeds.toml. `missing_at`: where to point at if `url` is missing;
/// `None` for `[defaults]`, which has none.
pub(super) fn read_source(
    table: Table<'_>,
    folder: &Path,
    lines: &Lines,
    missing_at: Option<&Range<usize>>,
) -> Option<(SourceConfig, Range<usize>, Range<usize>)> {
    let url = table.words("url");
    let address = url.as_ref().and_then(|url| address(&table, url, folder));
    let id_text = table.words("id");
    let id = match &id_text {
        Some(text) => SourceId::new(text.value)
            .map_err(|error| table.wrong(text.at.clone(), "this is no id", error.to_string()))
            .ok(),
        None => address.as_ref().map(derived_id),
    };
    if let (None, Some(at)) = (&url, missing_at) {
        table.wrong(at.clone(), "this source has no address", "add url = \"https://…\", or delete the source");
    }
    let (headers, has_literal_headers) = headers(&table);
    let text = |key| table.words(key).map(|text| text.value.trim().to_owned());
    let at_most = |key, most| table.whole(key, 1..=most).and_then(|number| usize::try_from(number).ok());
    let source = SourceConfig {
        id: id.clone().unwrap_or_else(|| SourceId::new("defaults").expect("a good id")),
        line: lines.at(table.at.start),
        address: address.clone().unwrap_or_else(|| SourceAddress::File(folder.to_owned())),
        name: text("name"),
        site: table.web_address("site").map(|site| site.value),
        tags: table.texts("tags").into_iter().map(|tag| tag.value.to_owned()).collect(),
        every: table.duration("every", INTERVAL),
        floor: table.duration("floor", SignedDuration::ZERO..=*INTERVAL.end()),
        weight: table.whole("weight", 0..=100).and_then(|weight| u32::try_from(weight).ok()).unwrap_or(1),
        kind: table
            .choice("kind", &[("original", SourceKind::Original), ("aggregator", SourceKind::Aggregator)])
            .unwrap_or_default(),
        max_items: at_most("max_items", 300),
        max_age: table.duration("max_age", INTERVAL),
        include: filters(&table, "include", lines),
        exclude: filters(&table, "exclude", lines),
        republish: table.choice("republish", &REPUBLISH),
        excerpt_length: at_most("excerpt_length", 5_000).unwrap_or(EXCERPT_CHARS),
        article: table
            .choice(
                "article",
                &[
                    ("never", ArticleWanted::Never),
                    ("when-short", ArticleWanted::WhenShort),
                    ("always", ArticleWanted::Always),
                ],
            )
            .unwrap_or_default(),
        select: table.words("select").and_then(|css| selector(&table, &css)),
        remove: table.texts("remove").iter().filter_map(|css| selector(&table, css)).collect(),
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
        encoding: table.words("encoding").and_then(|label| encoding(&table, &label)),
        base_url: table.web_address("base_url").map(|base| base.value),
        ignore_updates: table.flag("ignore_updates").unwrap_or_default(),
        allow_duplicates: table.flag("allow_duplicates").unwrap_or_default(),
        attribution: table.words("attribution").and_then(|line| attribution(&table, &line)),
        disclosure: text("disclosure"),
        rights: text("rights"),
        headers,
        has_literal_headers,
        disabled: table.flag("disabled").unwrap_or_default(),
    };
    let id_at = id_text.as_ref().or(url.as_ref()).map_or(0..0, |text| text.at.clone());
    table.finish();
    id.filter(|_| address.is_some()).map(|_| (source, id_at, url.map_or(0..0, |url| url.at)))
}

/// A CSS selector.
fn selector(table: &Table<'_>, css: &At<&str>) -> Option<Selector> {
    let checked = Selector::new(css.value);
    checked
        .map_err(|error| {
            let what = format!("this is no CSS selector: {error}");
            table.wrong(css.at.clone(), what, "write one such as \"article .body\"");
        })
        .ok()
}

fn address(table: &Table<'_>, url: &At<&str>, folder: &Path) -> Option<SourceAddress> {
    if let Some(path) = url.value.strip_prefix("file:") {
        let absolute =
            Url::parse(url.value).ok().filter(|_| path.starts_with("//")).and_then(|url| url.to_file_path().ok());
        return Some(SourceAddress::File(absolute.unwrap_or_else(|| folder.join(path))));
    }
    match web_url(url.value) {
        Ok(address) => Some(SourceAddress::Http(address)),
        Err(why) => {
            let instead = "write \"https://…\", or \"file:feed.xml\" for a file beside feeds.toml";
            table.wrong(url.at.clone(), format!("this is no address of a feed: {why}"), instead);
            None
        }
    }
}

/// An id from the address alone, so that other sources come and go without changing it: the host
/// without `www.`, then the path, in the characters of an id, with a hash where it is too long or has
/// a query.
fn derived_id(address: &SourceAddress) -> SourceId {
    let url = address.to_url();
    let host = url.host_str().unwrap_or("file");
    let shown = match address {
        SourceAddress::File(path) => {
            path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
        }
        SourceAddress::Http(_) => format!("{}{}", host.strip_prefix("www.").unwrap_or(host), url.path()),
    };
    let mut id = String::new();
    for c in shown.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' | '.' | '_' => id.push(c),
            _ if id.ends_with('-') => {}
            _ => id.push('-'),
        }
    }
    let id = id.trim_matches(|c| matches!(c, '-' | '.')).to_owned();
    let ambiguous = url.query().is_some() || url.port().is_some() || matches!(address, SourceAddress::File(_));
    let id = if id.is_empty() || id.len() > 64 || ambiguous {
        let hash = short_hash(&[url.as_str()]);
        format!("{}-{}", &id[..id.len().min(50)], &hash[..8])
    } else {
        id
    };
    SourceId::new(id.trim_start_matches('-')).expect("made of the characters of an id")
}

fn headers(table: &Table<'_>) -> (Vec<(String, Secret)>, bool) {
    let Some(headers) = table.table("headers") else { return (Vec::new(), false) };
    let mut literal = false;
    let pairs = headers.text_pairs();
    let read = pairs
        .into_iter()
        .filter_map(|(name, value)| {
            let is_token = name.value.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
            if !is_token || name.value.is_empty() {
                table.wrong(name.at, "this is no header name", "use letters, digits and -");
                return None;
            }
            const OURS: [&str; 8] = [
                "host",
                "user-agent",
                "accept",
                "accept-encoding",
                "if-none-match",
                "if-modified-since",
                "cookie",
                "referer",
            ];
            if OURS.contains(&name.value.to_ascii_lowercase().as_str()) {
                table.wrong(name.at, format!("`{}` is not yours to set", name.value), "delete the line");
                return None;
            }
            let text = match value.value.strip_prefix("env:") {
                Some(variable) => match std::env::var(variable) {
                    Ok(text) => text,
                    Err(_) => {
                        let what = format!("the environment variable {variable} is not set");
                        table.wrong(value.at, what, format!("set it: export {variable}=…"));
                        return None;
                    }
                },
                None => {
                    literal = true;
                    value.value.to_owned()
                }
            };
            if !text.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
                table.wrong(value.at, "this value cannot stand in a header", "use visible ASCII");
                return None;
            }
            Some((name.value.to_owned(), Secret::new(text)))
        })
        .collect();
    (read, literal)
}

fn filters(table: &Table<'_>, key: &'static str, lines: &Lines) -> Vec<Filter> {
    let fields = [
        ("title", FilterField::Title),
        ("url", FilterField::Url),
        ("author", FilterField::Author),
        ("tag", FilterField::Tag),
        ("content", FilterField::Content),
    ];
    table
        .tables(key)
        .into_iter()
        .filter_map(|filter| {
            let field = filter.choice("field", &fields);
            let test = filter_test(&filter);
            if field.is_none() && filter.raw().get("field").is_none() {
                filter.wrong(filter.at.clone(), "this filter names no field", "add field = \"title\"");
            }
            let line = lines.at(filter.at.start);
            filter.finish();
            Some(Filter { field: field?, test: test?, line })
        })
        .collect()
}

fn filter_test(filter: &Table<'_>) -> Option<FilterTest> {
    match (filter.words("contains"), filter.words("matches")) {
        (Some(text), None) => Some(FilterTest::Contains(text.value.to_lowercase())),
        (None, Some(pattern)) => match RegexBuilder::new(pattern.value).size_limit(REGEX_BYTES).build() {
            Ok(regex) => Some(FilterTest::Matches(regex)),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                filter.wrong(pattern.at, format!("this is no regular expression: {reason}"), "mend it here");
                None
            }
        },
        _ => {
            filter.wrong(filter.at.clone(), "a filter has one test", "write contains = \"…\" or matches = \"…\"");
            None
        }
    }
}

fn encoding(table: &Table<'_>, label: &At<&str>) -> Option<&'static encoding_rs::Encoding> {
    let found = encoding_rs::Encoding::for_label(label.value.as_bytes());
    if found.is_none() {
        let what = format!("{:?} is no known encoding", label.value);
        table.wrong(label.at.clone(), what, "write one such as \"euc-jp\" or \"windows-1251\"");
    }
    found
}

/// An attribution line; it must link to the original.
pub(super) fn attribution(table: &Table<'_>, line: &At<&str>) -> Option<String> {
    const PLACEHOLDERS: [&str; 7] = ["link", "title", "url", "source", "site", "author", "date"];
    let mut rest = line.value;
    while let Some((_, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        if !PLACEHOLDERS.contains(&name) {
            let known = PLACEHOLDERS.map(|name| format!("{{{name}}}")).join(" ");
            table.wrong(line.at.clone(), format!("unknown placeholder {{{name}}}"), format!("known here: {known}"));
            return None;
        }
        rest = behind;
    }
    if !line.value.contains("{link}") && !line.value.contains("{url}") {
        table.wrong(line.at.clone(), "the attribution does not link to the original", "put {link} or {url} into it");
        return None;
    }
    Some(line.value.trim().to_owned())
}
