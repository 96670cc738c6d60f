//! The tags and sources that a page may be divided by, and the file of each.

use std::collections::BTreeMap;

use crate::config::{Config, Format, OutputConfig};
use crate::model::Source;
use crate::publish::allowance::is_published;
use crate::publish::input::Input;
use crate::publish::plain_line::short_line;
use crate::publish::render::FacetKind;
use crate::publish::scope::qualifies;
use crate::text::short_hash;

/// Bytes of a name that is made from something else.
const LONGEST_BASE: usize = 40;
/// Bytes of a name that is taken as it is: the longest id of a source.
const LONGEST_NAME: usize = 64;
/// Files cannot be called so on some systems, whatever follows after a dot; `index` is what a server shows for a folder.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "clock$", "index"];

/// A tag or a source of a page.
#[derive(Debug, Clone)]
pub(super) struct Facet<'a> {
    pub(super) kind: FacetKind,
    /// The tag as written, or the id.
    pub(super) key: String,
    /// As readers see it.
    pub(super) name: String,
    /// Under the output folder.
    pub(super) file: String,
    /// The source; those that have the tag.
    pub(super) sources: Vec<&'a Source>,
}

/// The folder of the pages of `kind`; `None`: `output` is no page.
pub(super) fn folder_of(output: &OutputConfig, kind: FacetKind) -> Option<String> {
    match kind {
        FacetKind::Tag => output.tag_folder(),
        FacetKind::Source => output.source_folder(),
    }
}

/// The facets of `kind` that `output` has: of the sources of feeds.toml that it is for and that may be published.
pub(super) fn facets<'a>(input: &Input<'a>, output: &OutputConfig, kind: FacetKind) -> Vec<Facet<'a>> {
    let is_wanted = match kind {
        FacetKind::Tag => output.tag_pages,
        FacetKind::Source => output.source_pages,
    };
    let Some(folder) = folder_of(output, kind).filter(|_| is_wanted) else { return Vec::new() };
    let of_it = |source: &&Source| qualifies(output, source) && is_published(source, input.config);
    let sources = input.sources.values().filter(of_it);
    let file = |key: &str| format!("{folder}{}.html", file_name(key));
    match kind {
        FacetKind::Source => sources
            .map(|source| Facet {
                kind,
                key: source.id.to_string(),
                name: short_line(&source.name).unwrap_or_else(|| source.id.to_string()),
                file: file(source.id.as_str()),
                sources: vec![source],
            })
            .collect(),
        FacetKind::Tag => {
            let mut tags: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
            for source in sources {
                source.tags.iter().for_each(|tag| tags.entry(tag).or_default().push(source));
            }
            let facet = |(tag, sources): (&str, _)| {
                Some(Facet { kind, key: tag.to_owned(), name: short_line(tag)?, file: file(tag), sources })
            };
            tags.into_iter().filter_map(facet).collect()
        }
    }
}

/// The page that the facet at `file` belongs to; else the first page.
pub(super) fn home_of<'c>(config: &'c Config, file: &str) -> Option<&'c str> {
    let pages = || config.outputs.iter().filter(|output| output.format == Format::Html);
    let has_it = |output: &&OutputConfig| {
        FacetKind::ALL.iter().filter_map(|kind| folder_of(output, *kind)).any(|folder| file.starts_with(&folder))
    };
    pages().find(has_it).or_else(|| pages().next()).map(|page| page.file.as_str())
}

/// The name of the file for a tag or an id, without its ending: the same for ever, legal on every disk, and that of no
/// other, also where case is ignored. What is plain stays as it is; else `~` and a hash tell it from what is.
fn file_name(key: &str) -> String {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let stem = key.split('.').next().unwrap_or_default();
    let is_port = |stem: &str| stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt"));
    let is_taken_as_it_is = key.len() <= LONGEST_NAME
        && key.chars().all(is_plain)
        && key.starts_with(is_end)
        && key.ends_with(is_end)
        && !RESERVED.contains(&stem)
        && !is_port(stem);
    if is_taken_as_it_is {
        return key.to_owned();
    }
    let mut base = String::new();
    for c in key.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => base.push(c),
            _ if base.is_empty() || base.ends_with('-') => {}
            _ => base.push('-'),
        }
    }
    base.truncate(LONGEST_BASE);
    format!("{}~{}", base.trim_end_matches('-'), short_hash(&["facet", key]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_plain_name_stays_and_any_other_becomes_legal() {
        for plain in ["security", "open-source", "lwn.net-headlines", "a", "0", "x_1", "console", "v1.2"] {
            assert_eq!(file_name(plain), plain);
        }
        let odd = [
            "",
            " ",
            ".",
            "..",
            "...",
            "-",
            "C++",
            "c",
            "C",
            "Security",
            "SECURITY",
            "../../etc/passwd",
            "a/b",
            "a\\b",
            "a:b",
            "con",
            "CON",
            "aux.example",
            "com1",
            "lpt9.x",
            "index",
            "nul",
            "Ä",
            "ä",
            "künstliche Intelligenz",
            "人工智能",
            "a\u{0}b",
            "\u{202E}x",
            "x.",
            "x-",
            ".x",
            "a b",
            "a  b",
            "a-b ",
            "%2e%2e",
            "x~y",
            "<b>",
            "security\n",
        ];
        let long = "x".repeat(500);
        let mut seen: BTreeSet<String> = ["a", "b", "security", "x"].map(str::to_owned).into();
        for key in odd.into_iter().chain([long.as_str()]) {
            let name = file_name(key);
            let is_legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '~');
            assert!(
                name.chars().all(is_legal) && name.len() <= LONGEST_NAME && !name.starts_with('.'),
                "{key:?}: {name}"
            );
            assert!(!RESERVED.contains(&name.split('.').next().unwrap()), "{key:?}: {name}");
            if key != "c" {
                assert!(name.contains('~'), "{key:?}: {name}");
            }
            assert!(seen.insert(name.clone()), "{key:?}: {name} twice");
        }
    }

    #[test]
    fn an_address_that_was_public_stays() {
        assert_eq!(file_name("C++"), "c~a5zmnv6eh5slpfdq");
    }
}
