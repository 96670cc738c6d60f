//! `[defaults]` and all `[[source]]` tables together: what one source cannot know about the others.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use super::list::ListConfig;
use super::problem::{Lines, Problem};
use super::problems::Problems;
use super::read_lists::{Around, read_lists, sources_of_lists};
use super::read_source::{Missing, Placed, SourceFile, read_source};
use super::source::SourceConfig;
use super::source_id::same_address;
use super::table::Table;

/// Where feeds.toml and its data are.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) folder: &'a Path,
    /// The folder of the database.
    pub(super) data: &'a Path,
    pub(super) lines: &'a Lines,
    pub(super) problems: &'a Problems,
}

/// All sources, and where some of them come from.
pub(super) struct Sources {
    pub(super) sources: Vec<SourceConfig>,
    pub(super) lists: Vec<ListConfig>,
    /// The stored text of each list.
    pub(super) kept: Vec<String>,
}

/// Reads every `[[source]]`, falling back on `[defaults]`.
pub(super) fn read_sources<'a>(top: &Table<'a>, place: &'a Place<'a>) -> Sources {
    let Place { folder, data, lines, problems } = *place;
    let file = SourceFile { folder, lines };
    let defaults = top.table("defaults").map(|defaults| (defaults.raw(), defaults.at.clone()));
    if let Some((raw, at)) = &defaults {
        // Read once as a source of its own, so that a wrong default is reported where it is.
        let table = Table::new(raw, at.clone(), problems);
        for key in ["url", "id", "name", "site"] {
            if let Some((name, _)) = raw.get_key_value(key) {
                problems.add(name.span(), format!("`{key}` is no default: each source has its own"), "delete it");
            }
        }
        read_source(table, &file, Missing::Fine);
    }
    let behind = defaults.map(|(raw, _)| raw);
    let tables = top.tables("source").into_iter();
    let sources: Vec<Placed> =
        tables.filter_map(|table| read_source(table.with_defaults(behind), &file, Missing::Wrong)).collect();
    refuse_duplicates(&sources, problems);
    let mut sources: Vec<SourceConfig> = sources.into_iter().map(|placed| placed.source).collect();
    let around = Around { file, defaults: behind, data, problems };
    let lists = read_lists(top, &around);
    sources.extend(sources_of_lists(&lists, &sources, &around));
    let kept = lists.iter().map(|(.., text)| text.clone()).collect();
    Sources { sources, lists: lists.into_iter().map(|(list, ..)| list).collect(), kept }
}

fn refuse_duplicates(sources: &[Placed], problems: &Problems) {
    let mut addresses: BTreeMap<String, Range<usize>> = BTreeMap::new();
    let mut ids: BTreeMap<&str, Range<usize>> = BTreeMap::new();
    for Placed { source, id_at, url_at } in sources {
        let address = same_address(&source.address);
        if let Some(first) = addresses.get(&address) {
            problems.push(Problem {
                at: url_at.clone(),
                what: format!("two sources share the address {}", source.shown_address()),
                instead: "delete one of the two".to_owned(),
                other: Some((first.clone(), "first used here".to_owned())),
            });
        } else if let Some(first) = ids.get(source.id.as_str()) {
            problems.push(Problem {
                at: id_at.clone(),
                what: format!("two sources share the id `{}`", source.id),
                instead: "give one of the two another id = \"…\"".to_owned(),
                other: Some((first.clone(), "first used here".to_owned())),
            });
        }
        addresses.entry(address).or_insert_with(|| url_at.clone());
        ids.entry(source.id.as_str()).or_insert_with(|| id_at.clone());
    }
}
