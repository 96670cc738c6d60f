//! One `[[output]]` from its table to a checked [`OutputConfig`].

use std::ops::Range;
use std::path::Path;

use jiff::SignedDuration;
use url::Url;

use super::attribution::attribution;
use super::digest::read_digest;
use super::duration::INTERVAL;
use super::filter_limits::{FilterLimits, read_filter_limits};
use super::language::language_of;
use super::limits::Limit;
use super::mentions::{known_sources, known_tags};
use super::output::{AttributionPlace, Format, Images, Order, OutputConfig};
use super::output_rule::OutputRules;
use super::phrases::Phrases;
use super::problem::Lines;
use super::program::{Program, read_program};
use super::read_output_rule::read_output_rules;
use super::read_rewrite::read_rewrite;
use super::source::SourceConfig;
use super::table::{REPUBLISH, Table};
use super::template::{PageTemplate, read_template};
use crate::model::Republish;

/// Most items in an output, unless it says otherwise.
const ITEMS: usize = 500;
/// Most items that an output may be set to have; readers cut longer feeds anyway.
const MOST_ITEMS: i64 = 1_000;
/// How long new items stay in an output: whoever reads once a day, or not on Sundays, misses nothing.
const SPAN: SignedDuration = SignedDuration::from_hours(48);
/// The largest document: many readers stop at a few megabytes, and each of them fetches it all at every change.
const MAX_BYTES: usize = 1024 * 1024;
/// The upper limit of that setting.
const SIZES: std::ops::RangeInclusive<u64> = 16 * 1024..=64 * 1024 * 1024;
/// Days back from the newest story that have a page of their own: a month to look something up in.
const ARCHIVE_DAYS: usize = 30;
/// How long until a story of a top output counts half as much, unless the output sets it.
const HALF_LIFE: SignedDuration = SignedDuration::from_hours(12);
/// Share of the items that an output may lose in one go.
const MAX_SHRINK: f64 = 0.5;

const FORMATS: [(&str, Format); 6] = [
    ("rss", Format::Rss),
    ("atom", Format::Atom),
    ("json", Format::Json),
    ("html", Format::Html),
    ("opml", Format::Opml),
    ("about", Format::About),
];

const IMAGES: [(&str, Images); 3] = [("none", Images::None), ("link", Images::Link), ("copy", Images::Copy)];

/// An output that feeds.toml does not mention.
pub(super) fn usual(file: String, format: Format, speech: &Speech<'_>) -> OutputConfig {
    OutputConfig {
        file,
        mode: None,
        format,
        template: None,
        tags: Vec::new(),
        sources: Vec::new(),
        rules: OutputRules::default(),
        language: speech.language.to_owned(),
        phrases: speech.phrases.clone(),
        title: None,
        items: ITEMS,
        span: SPAN,
        max_bytes: MAX_BYTES,
        max_age: None,
        order: Order::default(),
        half_life: HALF_LIFE,
        digest: None,
        attribution: speech.phrases.attribution(),
        attribution_place: AttributionPlace::default(),
        disclosure: None,
        republish: Republish::Full,
        commercial: None,
        archive: ARCHIVE_DAYS,
        story_pages: true,
        tag_pages: true,
        source_pages: true,
        images: Images::default(),
        noindex: None,
        filter: None,
        filter_limits: FilterLimits::default(),
        rewrite: None,
        max_shrink: MAX_SHRINK,
        hub: None,
    }
}

/// The language of the outputs, and their phrases.
#[derive(Clone, Copy)]
pub(super) struct Speech<'a> {
    pub(super) language: &'a str,
    pub(super) phrases: &'a Phrases,
    /// `phrases` at the top of the file, which apply in every language.
    pub(super) top: &'a Table<'a>,
}

/// What an output refers to elsewhere in feeds.toml.
#[derive(Clone, Copy)]
pub(super) struct OutputContext<'a> {
    pub(super) folder: &'a Path,
    pub(super) sources: &'a [SourceConfig],
    pub(super) link: Option<&'a Url>,
    pub(super) speech: Speech<'a>,
    pub(super) lines: &'a Lines,
}

/// Reads `table`; returns it with the place of its file name.
pub(super) fn read_output(table: Table<'_>, context: &OutputContext<'_>) -> Option<(OutputConfig, Range<usize>)> {
    let OutputContext { folder, link, .. } = *context;
    let file = table.words("file");
    if file.is_none() {
        table.wrong(table.at.clone(), "this output has no file", "add file = \"security.xml\"");
    }
    if let Some(file) = &file
        && !is_plain_path(file.value)
    {
        let instead = "write a name that stays there, such as \"security.xml\" or \"tags/security.xml\"";
        table.wrong(file.at.clone(), "an output stays under the output folder", instead);
    }
    let format = table.choice("format", &FORMATS).or_else(|| file.as_ref().and_then(|file| format_of(file.value)));
    if let (None, Some(file)) = (format, &file)
        && table.raw().get("format").is_none()
    {
        table.wrong(file.at.clone(), "its name does not say the format", "add format = \"rss\"");
    }
    let words = |key| table.words(key).map(|text| text.value.trim().to_owned());
    let items = table.whole("items", 1..=MOST_ITEMS).and_then(|items| usize::try_from(items).ok());
    let file_name = file.as_ref().map(|file| file.value.to_owned()).unwrap_or_default();
    let chosen = read_choice(&table, context, usual(file_name, format.unwrap_or(Format::Rss), &context.speech));
    let output = OutputConfig {
        template: template(&table, folder, format),
        title: words("title"),
        items: items.unwrap_or(ITEMS),
        max_bytes: table.size("max_bytes", SIZES).and_then(|size| usize::try_from(size).ok()).unwrap_or(MAX_BYTES),
        order: table
            .choice("order", &[("first_seen", Order::FirstSeen), ("published", Order::Published), ("top", Order::Top)])
            .unwrap_or_default(),
        half_life: table.duration("half_life", INTERVAL).unwrap_or(HALF_LIFE),
        archive: archive(&table, format),
        story_pages: of_page(&table, format, "story_pages", "only a page has pages of single stories").unwrap_or(true),
        tag_pages: of_page(&table, format, "tag_pages", "only a page has pages of tags").unwrap_or(true),
        source_pages: of_page(&table, format, "source_pages", "only a page has pages of sources").unwrap_or(true),
        images: images(&table, format),
        noindex: of_page(&table, format, "noindex", "only a page says this to search engines"),
        filter: filter(&table, folder, format),
        filter_limits: read_filter_limits(&table),
        rewrite: read_rewrite(&table, folder, format),
        max_shrink: table.share("max_shrink").unwrap_or(MAX_SHRINK),
        hub: hub(&table, link, format),
        ..chosen
    };
    refuse_digest(&table, &output);
    table.finish();
    file.map(|file| (output, file.at))
}

/// A digest is a feed of issues: it has no page, and its order is its own.
fn refuse_digest(table: &Table<'_>, output: &OutputConfig) {
    let of_digest = |key: &str| table.raw().get_key_value(key).filter(|_| output.digest.is_some());
    if let Some((name, _)) = of_digest("digest").filter(|_| !output.format.is_feed()) {
        table.wrong(name.span(), "a digest is a feed", "write format = \"rss\", \"atom\" or \"json\"");
    }
    for key in ["filter", "rewrite", "order"] {
        if let Some((name, _)) = of_digest(key) {
            table.wrong(name.span(), format!("a digest has no `{key}`: its stories come by rank"), "delete the line");
        }
    }
}

/// `usual` with what `table` says of the stories that are chosen, and of how each is shown.
pub(super) fn read_choice(table: &Table<'_>, context: &OutputContext<'_>, usual: OutputConfig) -> OutputConfig {
    let OutputContext { sources, speech, lines, .. } = *context;
    let language = table.words("language").map(|text| language_of(&text, table.problems()));
    let phrases = language.as_deref().map(|own| Phrases::of(own).overridden(speech.top));
    let phrases = phrases.unwrap_or_else(|| speech.phrases.clone()).overridden(table);
    OutputConfig {
        tags: known_tags(table, table.texts("tags"), sources),
        sources: known_sources(table, table.texts("sources"), sources),
        rules: read_output_rules(table, lines),
        language: language.unwrap_or_else(|| speech.language.to_owned()),
        span: table.duration("span", INTERVAL).unwrap_or(SPAN),
        max_age: table.limit("max_age", INTERVAL).and_then(Limit::duration),
        attribution: table
            .words("attribution")
            .and_then(|line| attribution(table, &line))
            .unwrap_or_else(|| phrases.attribution()),
        attribution_place: table
            .choice("attribution_place", &[("start", AttributionPlace::Start), ("end", AttributionPlace::End)])
            .unwrap_or_default(),
        phrases,
        digest: read_digest(table, speech.top, sources),
        disclosure: table.words("disclosure").map(|text| text.value.trim().to_owned()),
        republish: table.choice("republish", &REPUBLISH).unwrap_or(Republish::Full),
        commercial: table.flag("commercial"),
        ..usual
    }
}

fn template(table: &Table<'_>, folder: &Path, format: Option<Format>) -> Option<PageTemplate> {
    let template = read_template(table, folder);
    if let (Some(_), Some(Format::Rss | Format::Atom | Format::Json | Format::Opml | Format::About)) =
        (&template, format)
        && let Some(name) = table.words("template")
    {
        table.wrong(name.at, "only a page has a template", "delete the line, or write format = \"html\"");
    }
    template
}

/// A hub is sent the public address of what changed: only a feed with one can have a hub.
fn hub(table: &Table<'_>, link: Option<&Url>, format: Option<Format>) -> Option<Url> {
    let hub = table.web_address("hub")?;
    if format.is_some_and(|format| !format.is_feed()) {
        table.wrong(
            hub.at,
            "only a feed has a hub",
            "delete the line, or write format = \"rss\", \"atom\" or \"json\"",
        );
    } else if link.is_none() {
        table.wrong(hub.at, "a hub needs the address of the feed", "add link = \"https://…/\" at the top of the file");
    }
    Some(hub.value)
}

fn archive(table: &Table<'_>, format: Option<Format>) -> usize {
    let days = table.whole("archive", 0..=366);
    if let (Some(Format::Rss | Format::Atom | Format::Json | Format::Opml | Format::About), Some((name, _))) =
        (format, table.raw().get_key_value("archive"))
    {
        table.wrong(name.span(), "only a page has pages of single days", "delete the line");
    }
    days.and_then(|days| usize::try_from(days).ok()).unwrap_or(ARCHIVE_DAYS)
}

/// What only a page can have; `why` it cannot be elsewhere.
fn of_page(table: &Table<'_>, format: Option<Format>, key: &'static str, why: &str) -> Option<bool> {
    refuse_without_page(table, format, key, why);
    table.flag(key)
}

fn refuse_without_page(table: &Table<'_>, format: Option<Format>, key: &str, why: &str) {
    if let (Some(format), Some((name, _))) = (format, table.raw().get_key_value(key))
        && format != Format::Html
    {
        table.wrong(name.span(), why, "delete the line");
    }
}

fn images(table: &Table<'_>, format: Option<Format>) -> Images {
    refuse_without_page(table, format, "images", "only a page shows pictures; feeds name them anyway");
    table.choice("images", &IMAGES).unwrap_or_default()
}

fn filter(table: &Table<'_>, folder: &Path, format: Option<Format>) -> Option<Program> {
    if let (Some(Format::Opml | Format::About), Some((name, _))) = (format, table.raw().get_key_value("filter")) {
        table.wrong(name.span(), "it has no items to filter", "delete the line");
    }
    read_program(table, "filter", folder)
}

/// A relative path of plain names: nothing hidden, nothing that climbs.
fn is_plain_path(file: &str) -> bool {
    file.len() <= 200
        && file.split('/').all(|part| {
            !part.is_empty()
                && !part.starts_with('.')
                && !part.chars().any(|c| c.is_control() || matches!(c, '\\' | ':'))
        })
}

fn format_of(file: &str) -> Option<Format> {
    let name = file.rsplit('/').next().unwrap_or(file).to_ascii_lowercase();
    let (stem, extension) = name.rsplit_once('.')?;
    match extension {
        "xml" if stem.contains("atom") => Some(Format::Atom),
        "xml" | "rss" => Some(Format::Rss),
        "atom" => Some(Format::Atom),
        "json" => Some(Format::Json),
        "html" | "htm" => Some(Format::Html),
        "opml" => Some(Format::Opml),
        _ => None,
    }
}
