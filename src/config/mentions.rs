//! Ids and tags of sources that other parts of feeds.toml mention.

use std::collections::BTreeSet;

use super::source::SourceConfig;
use super::table::{At, Table, meant};
use crate::model::SourceId;

/// So many names are listed in a message.
const LISTED: usize = 12;

/// The tags in `texts`, each of which some source must have.
pub(super) fn known_tags(table: &Table<'_>, texts: Vec<At<&str>>, sources: &[SourceConfig]) -> Vec<String> {
    let known: BTreeSet<&str> = sources.iter().flat_map(|source| &source.tags).map(String::as_str).collect();
    let mut tags = Vec::new();
    for tag in texts {
        if !known.contains(tag.value) {
            let what = format!("no source has the tag {:?}", tag.value);
            table.wrong(tag.at, what, instead("a tag", tag.value, &known));
        }
        tags.push(tag.value.to_owned());
    }
    tags
}

/// The sources whose ids are in `texts`.
pub(super) fn known_sources(table: &Table<'_>, texts: Vec<At<&str>>, sources: &[SourceConfig]) -> Vec<SourceId> {
    let known: BTreeSet<&str> = sources.iter().map(|source| source.id.as_str()).collect();
    let mut ids = Vec::new();
    for id in texts {
        match sources.iter().find(|source| source.id.as_str() == id.value) {
            Some(source) => ids.push(source.id.clone()),
            None => {
                let what = format!("no source has the id {:?}", id.value);
                table.wrong(id.at, what, instead("an id", id.value, &known));
            }
        }
    }
    ids
}

/// What to write instead of `written`: the name that was meant, or one of those that there are.
fn instead(kind: &str, written: &str, known: &BTreeSet<&str>) -> String {
    let names: Vec<&str> = known.iter().copied().collect();
    if let Some(name) = meant(written, &names) {
        return format!("did you mean {name:?}?");
    }
    match names.len() {
        0 => format!("write {kind} that a source has; none has any yet"),
        1..=LISTED => format!("write {kind} that a source has: {}", names.join(", ")),
        more => format!("write {kind} that a source has: {}, … ({more})", names[..LISTED].join(", ")),
    }
}
