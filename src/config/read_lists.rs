//! `[[list]]`: where lists of sources are, and the sources that the last look at each found.

use std::collections::HashSet;
use std::path::Path;

use jiff::SignedDuration;
use toml::de::DeTable;

use super::duration::LONGEST;
use super::list::ListConfig;
use super::problems::Problems;
use super::read_source::{Missing, SourceFile, read_source};
use super::source::{SourceAddress, SourceConfig};
use super::source_id::{bare_address, derived_id, same_address};
use super::table::Table;
use super::text_file::LARGEST_FILE_BYTES;
use crate::model::SourceId;
use crate::text::short_hash;

/// How often a list is looked at: people change theirs only now and then.
const REFRESH: SignedDuration = SignedDuration::from_hours(24);
/// No list is asked for more often than a feed.
const SHORTEST_REFRESH: SignedDuration = SignedDuration::from_mins(30);

/// feeds.toml around the lists.
pub(super) struct Around<'a> {
    pub(super) file: SourceFile<'a>,
    pub(super) defaults: Option<&'a DeTable<'a>>,
    /// Where the sources of lists are kept.
    pub(super) data: &'a Path,
    pub(super) problems: &'a Problems,
}

/// The lists of feeds.toml and the stored text of each.
pub(super) fn read_lists<'a>(top: &Table<'a>, around: &Around<'a>) -> Vec<(ListConfig, &'a DeTable<'a>, String)> {
    let mut lists: Vec<(ListConfig, &'a DeTable<'a>, String)> = Vec::new();
    for table in top.tables("list") {
        let (raw, at) = (table.raw(), table.at.clone());
        let Some(list) = read_list(&table, around) else { continue };
        // Its other keys are those of its sources: wrong ones are reported where they are.
        let keys = Table::new(raw, at.clone(), around.problems).of_list();
        read_source(keys, &around.file, Missing::Fine);
        if lists.iter().any(|(known, ..)| known.id == list.id || known.url == list.url) {
            around.problems.add(at, "two lists share an id or an address", "delete one of the two");
            continue;
        }
        let kept = kept_text(&list.sources_file);
        lists.push((list, raw, kept));
    }
    lists
}

fn read_list(table: &Table<'_>, around: &Around<'_>) -> Option<ListConfig> {
    for key in ["name", "site"] {
        if let Some((name, _)) = table.raw().get_key_value(key) {
            let what = format!("`{key}` is nothing of a list: its feeds have their own");
            around.problems.add(name.span(), what, "delete it");
        }
    }
    let id = table.words("id").and_then(|text| match SourceId::new(text.value) {
        Ok(id) => Some(id),
        Err(error) => {
            table.wrong(text.at, "this is no id", error.to_string());
            None
        }
    });
    let range = SHORTEST_REFRESH..=LONGEST;
    let refresh = table.duration("refresh", range).unwrap_or(REFRESH);
    let Some(url) = table.web_address("url") else {
        if !table.raw().contains_key("url") {
            table.wrong(table.at.clone(), "this list has no address", "add url = \"https://…/list.opml\"");
        }
        return None;
    };
    let id = id.unwrap_or_else(|| derived_id(&SourceAddress::Http(url.value.clone())));
    let sources_file = around.data.join(format!("lists/{id}.toml"));
    Some(ListConfig { id, line: around.file.lines.at(table.at.start), url: url.value, refresh, sources_file })
}

/// Nothing if it was never looked at, or if what was kept cannot be read: the next look brings it again.
fn kept_text(path: &Path) -> String {
    let fits = std::fs::metadata(path).is_ok_and(|meta| meta.len() <= LARGEST_FILE_BYTES);
    if fits { std::fs::read_to_string(path).unwrap_or_default() } else { String::new() }
}

/// The sources of `lists`, after those that feeds.toml names itself, which win.
pub(super) fn sources_of_lists<'a>(
    lists: &'a [(ListConfig, &'a DeTable<'a>, String)],
    own: &[SourceConfig],
    around: &Around<'a>,
) -> Vec<SourceConfig> {
    let mut addresses: HashSet<String> = own.iter().map(|source| same_address(&source.address)).collect();
    let mut ids: HashSet<SourceId> = own.iter().map(|source| source.id.clone()).collect();
    let mut sources = Vec::new();
    for (list, raw, text) in lists {
        for mut source in kept_sources(text, raw, around) {
            if !addresses.insert(same_address(&source.address)) {
                continue;
            }
            if ids.contains(&source.id) {
                source.id = longer_id(&source, &list.id);
            }
            if !ids.insert(source.id.clone()) {
                continue;
            }
            (source.line, source.list) = (list.line, Some(list.id.clone()));
            sources.push(source);
        }
    }
    sources
}

fn kept_sources<'a>(text: &'a str, list: &'a DeTable<'a>, around: &Around<'a>) -> Vec<SourceConfig> {
    // What the program wrote is right; if someone or the disk changed it, what is wrong is omitted until the next look.
    let problems = Problems::default();
    let (document, broken) = DeTable::parse_recoverable(text);
    if !broken.is_empty() {
        return Vec::new();
    }
    let more_tags = Table::new(list, 0..0, &problems).texts("tags");
    let top = Table::new(document.get_ref(), 0..0, &problems);
    let tables = top.tables("source").into_iter();
    let mut sources: Vec<SourceConfig> = tables
        .filter_map(|table| {
            let table = table.with_defaults(Some(list)).with_farther_defaults(around.defaults);
            read_source(table, &around.file, Missing::Wrong).map(|placed| placed.source)
        })
        .filter(|source| matches!(source.address, SourceAddress::Http(_)))
        .collect();
    for source in &mut sources {
        let missing = more_tags.iter().filter(|tag| !source.tags.iter().any(|known| known == tag.value));
        let missing: Vec<String> = missing.map(|tag| tag.value.to_owned()).collect();
        source.tags.extend(missing);
    }
    sources
}

/// The id of a source of a list where the shorter one is taken: made of its address, so that it stays the same whatever
/// else the list holds.
fn longer_id(source: &SourceConfig, list: &SourceId) -> SourceId {
    let list: String = list.as_str().chars().take(40).collect();
    let text = format!("{list}-{}", short_hash(&[&bare_address(&source.address)]));
    SourceId::new(text).expect("made of the characters of an id")
}
