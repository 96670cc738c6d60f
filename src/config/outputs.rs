//! All outputs together: the default ones, and what two of them may not share.

use std::ops::Range;

use super::output::{Format, OutputConfig};
use super::problem::Problem;
use super::problems::Problems;
use super::read_output::{OutputContext, Speech, read_output, usual};
use super::table::Table;

/// The page for publishers, next to every other page.
const ABOUT: &str = "about.html";

/// Reads every `[[output]]`, or the default ones if there is none.
pub(super) fn read_outputs(top: &Table<'_>, context: &OutputContext<'_>, problems: &Problems) -> Vec<OutputConfig> {
    let mut outputs: Vec<OutputConfig> = Vec::new();
    let mut places: Vec<Range<usize>> = Vec::new();
    for table in top.tables("output") {
        let Some((output, file_at)) = read_output(table, context) else { continue };
        match outputs.iter().position(|other| in_each_others_way(&other.file, &output.file)) {
            Some(first) => problems.push(Problem {
                at: file_at,
                what: format!("two outputs write to {}", outputs[first].file),
                instead: "give one of the two another name".to_owned(),
                other: Some((places[first].clone(), "first used here".to_owned())),
            }),
            None => {
                outputs.push(output);
                places.push(file_at);
            }
        }
    }
    refuse_among_pages(&outputs, &places, problems);
    let mut outputs = if outputs.is_empty() { default_outputs(&context.speech) } else { outputs };
    if top.flag("about").unwrap_or(true) {
        add_about(&mut outputs, &context.speech);
    }
    outputs
}

/// The five files that are written if feeds.toml names no output.
fn default_outputs(speech: &Speech<'_>) -> Vec<OutputConfig> {
    [
        ("feed.xml", Format::Rss),
        ("atom.xml", Format::Atom),
        ("feed.json", Format::Json),
        ("index.html", Format::Html),
        ("sources.opml", Format::Opml),
    ]
    .into_iter()
    .map(|(file, format)| usual(file.to_owned(), format, speech))
    .collect()
}

/// Adds the page for publishers if there is a page for readers, and no output of that name or kind.
fn add_about(outputs: &mut Vec<OutputConfig>, speech: &Speech<'_>) {
    let Some(page) = outputs.iter().find(|output| output.format == Format::Html) else { return };
    let file = page.file.rsplit_once('/').map_or_else(|| ABOUT.to_owned(), |(folder, _)| format!("{folder}/{ABOUT}"));
    if !outputs.iter().any(|other| other.format == Format::About || other.file.eq_ignore_ascii_case(&file)) {
        outputs.push(usual(file, Format::About, speech));
    }
}

/// The pages of single days, stories, tags and sources have folders of their own, which no other output may be in.
fn refuse_among_pages(outputs: &[OutputConfig], places: &[Range<usize>], problems: &Problems) {
    let days = outputs.iter().filter_map(OutputConfig::archive_folder);
    let days = days.map(|folder| (folder, "days", "write archive = 0"));
    let tags = outputs.iter().filter(|output| output.tag_pages).filter_map(OutputConfig::tag_folder);
    let tags = tags.map(|folder| (folder, "tags", "write tag_pages = false"));
    let sources = outputs.iter().filter(|output| output.source_pages).filter_map(OutputConfig::source_folder);
    let sources = sources.map(|folder| (folder, "sources", "write source_pages = false"));
    let with_stories = outputs.iter().filter(|output| output.story_pages).filter_map(OutputConfig::story_folder);
    let stories = with_stories.map(|folder| (folder, "stories", "write story_pages = false"));
    for (at, output) in outputs.iter().enumerate() {
        let Some(folder) = output.story_folder() else { continue };
        let is_same = |other: &OutputConfig| other.story_folder().is_some_and(|of| of.eq_ignore_ascii_case(&folder));
        if outputs[..at].iter().any(is_same) {
            let what = format!("the pages of single stories of two outputs would be in {folder}");
            problems.add(places[at].clone(), what, "give one of them another name".to_owned());
        }
    }
    for (folder, of, instead) in days.chain(stories).chain(tags).chain(sources) {
        for (output, at) in outputs.iter().zip(places).filter(|(output, _)| lies_in(&output.file, &folder)) {
            let what = format!("{} lies among the pages of single {of} in {folder}", output.file);
            problems.add(at.clone(), what, format!("give it another folder, or {instead} at the page"));
        }
    }
}

/// Whether `file` is in `folder`, also on a disk that ignores case.
fn lies_in(file: &str, folder: &str) -> bool {
    file.to_lowercase().starts_with(&folder.to_lowercase())
}

/// Whether two outputs would be one file (also on a disk that ignores case), or
/// one of them would be a folder of the other.
fn in_each_others_way(a: &str, b: &str) -> bool {
    let (a, b) = (format!("{}/", a.to_lowercase()), format!("{}/", b.to_lowercase()));
    a.starts_with(&b) || b.starts_with(&a)
}
