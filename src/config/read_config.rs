//! The whole document from its tables to a checked [`Config`].

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use toml::de::DeTable;

use super::digest::read_zone;
use super::folder_address::with_slash;
use super::language::language_of;
use super::output::OutputConfig;
use super::outputs::read_outputs;
use super::phrases::Phrases;
use super::places::data_folder;
use super::problem::Lines;
use super::problems::Problems;
use super::read_fetch::read_fetch;
use super::read_output::{OutputContext, Speech};
use super::read_post::read_posts;
use super::read_publish::read_publish;
use super::read_serve::read_serve;
use super::read_sources::{Place, Sources, read_sources};
use super::read_store::{Spans, read_store};
use super::read_weave::read_weave;
use super::settings::Config;
use super::table::{At, Table};
use super::warnings::warnings;
use crate::text::Fingerprint;

/// Longest that a story may wait for other outlets: after that it is no longer news.
const LONGEST_SETTLE: SignedDuration = SignedDuration::from_hours(24);

/// The file being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
    pub(super) problems: &'a Problems,
}

/// What the combined feed is, unless feeds.toml says it.
const DESCRIPTION: &str = "Each story once, with a link to every original article";

/// Reads the whole document.
pub(super) fn read_config<'a>(file: &File<'a>, document: &'a DeTable<'a>) -> Config {
    let top = Table::new(document, 0..0, file.problems);
    let folder = absolute_folder(file.path);
    let in_folder = |text: Option<At<&str>>, default: &str| match text {
        Some(text) => folder.join(text.value),
        None => data_folder(file.path, &folder).join(default),
    };
    let title = top.words("title").map_or("Combined feed", |text| text.value).trim().to_owned();
    let description = top.words("description").map_or(DESCRIPTION, |text| text.value).trim().to_owned();
    let link = top.web_address("link").map(|link| with_slash(link.value));
    let contact = top.words("contact").and_then(|text| contact_of(&text, file.problems));
    let language = top.words("language").map_or_else(|| "en".to_owned(), |text| language_of(&text, file.problems));
    let (database, output_dir) =
        (in_folder(top.words("database"), "feedloom.db"), in_folder(top.words("output_dir"), "public"));
    top.not_yet("public_url");
    let settle = top.duration("settle", SignedDuration::ZERO..=LONGEST_SETTLE).unwrap_or_default();
    let (fetch, weave) = (read_fetch(top.table("fetch")), read_weave(top.table("weave")));
    let (takedown, lines) = (top.web_addresses("takedown"), Lines::of(file.text));
    let place =
        Place { folder: &folder, data: database.parent().unwrap_or(&folder), lines: &lines, problems: file.problems };
    let Sources { sources, lists, kept } = read_sources(&top, &place);
    let [commercial, obey_drafts] = ["commercial", "obey_drafts"].map(|key| top.flag(key).unwrap_or_default());
    let (noindex, zone) = (top.flag("noindex").unwrap_or(true), read_zone(&top).unwrap_or(TimeZone::UTC));
    let phrases = Phrases::of(&language).overridden(&top);
    let speech = Speech { language: &language, phrases: &phrases, top: &top };
    let context = OutputContext { folder: &folder, sources: &sources, link: link.as_ref(), speech, lines: &lines };
    let outputs = outputs_with_mode(&top, &context, file.problems);
    let posts = read_posts(&top, &context, file.problems);
    let store = read_store(top.table("store"), &Spans { weave: &weave, outputs: &outputs, posts: &posts });
    let serve = read_serve(top.table("serve"), &folder, link.as_ref());
    top.finish();
    let mut config = Config {
        fingerprint: fingerprint(file.text, &kept, &outputs),
        path: file.path.to_owned(),
        database,
        output_dir,
        title,
        description,
        link,
        contact,
        language,
        commercial,
        obey_drafts,
        noindex,
        zone,
        settle,
        fetch,
        weave,
        store,
        takedown,
        sources,
        lists,
        outputs,
        posts,
        serve,
        warnings: Vec::new(),
    };
    config.warnings = warnings(&config);
    config
}

fn outputs_with_mode(top: &Table<'_>, context: &OutputContext<'_>, problems: &Problems) -> Vec<OutputConfig> {
    let mut outputs = read_outputs(top, context, problems);
    let mode = read_publish(top.table("publish"));
    outputs.iter_mut().for_each(|output| output.mode = mode);
    outputs
}

/// It goes into a request header: visible ASCII only.
fn contact_of(text: &At<&str>, problems: &Problems) -> Option<String> {
    let contact = text.value.trim();
    let fits = contact.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'(' | b')'));
    if !fits {
        problems.add(
            text.at.clone(),
            "`contact` goes into the User-Agent and cannot hold this",
            "write an address of yours: \"https://example.org/about\" or \"mailto:me@example.org\"",
        );
    }
    fits.then(|| contact.to_owned())
}

fn fingerprint(text: &str, kept: &[String], outputs: &[OutputConfig]) -> i64 {
    let mut print = Fingerprint::new();
    print.add(text);
    kept.iter().for_each(|text| print.add(text));
    for template in outputs.iter().filter_map(|output| output.template.as_ref()) {
        print.add(&template.text);
    }
    for filter in outputs.iter().filter_map(|output| output.filter.as_ref()) {
        print.add(&filter.print.to_string());
    }
    print.finish()
}

fn absolute_folder(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.parent().map_or_else(|| PathBuf::from("/"), Path::to_owned)
}
