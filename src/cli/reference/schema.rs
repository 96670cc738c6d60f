use anyhow::Result;
use serde_json::{Map, Value, json};

use super::text::{Key, Section, sections};
use crate::cli::console;
use crate::cli::exit::Exit;

/// Print a JSON schema of feeds.toml, for editors
///
/// Save it beside feeds.toml as feeds.schema.json; the first line that `init` writes, `#:schema feeds.schema.json`,
/// names it.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {}

pub(in crate::cli) fn run(_args: &Args) -> Result<Exit> {
    console::print(&serde_json::to_string_pretty(&schema())?);
    Ok(Exit::Current)
}

/// What a duration looks like, with the words that take the place of one.
const DURATION: &str = "^([+-]?([0-9]+[smhdw])+|none|forever)$";
/// What a size looks like.
const SIZE: &str = "^[0-9]+ *(B|K|KiB|M|MiB|G|GiB)?$";

fn schema() -> Value {
    let sections = sections();
    let of = |table: &str| sections.iter().find(|section| section.table == table);
    let source = of("[[source]]").map(properties).unwrap_or_default();
    let mut top = of("").map(properties).unwrap_or_default();
    for section in sections.iter().filter(|section| !section.table.is_empty()) {
        let mut keys = properties(section);
        if matches!(section.table, "[defaults]" | "[[list]]") {
            for (key, value) in &source {
                if !["url", "id", "name", "site"].contains(&key.as_str()) {
                    keys.entry(key.clone()).or_insert_with(|| value.clone());
                }
            }
        }
        let mut table = json!({
            "type": "object", "additionalProperties": false, "description": section.intro, "properties": keys,
        });
        let required: Vec<&str> = section.keys.iter().filter(|key| key.is_required()).map(|key| key.name).collect();
        if !required.is_empty() {
            table["required"] = json!(required);
        }
        let name = section.table.trim_matches(['[', ']']).to_owned();
        let is_list = section.table.starts_with("[[");
        top.insert(name, if is_list { json!({"type": "array", "items": table}) } else { table });
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "feeds.toml of feedloom",
        "type": "object",
        "additionalProperties": false,
        "properties": top,
    })
}

fn properties(section: &Section<'_>) -> Map<String, Value> {
    section.keys.iter().map(|key| (key.name.to_owned(), key.schema())).collect()
}

impl Key<'_> {
    fn is_required(&self) -> bool {
        self.default.starts_with("none: it has to be there")
    }

    fn schema(&self) -> Value {
        let mut schema = kind(self.kind);
        schema["description"] = json!(format!("{} Default: {}.", self.text, self.default));
        if let Some((least, most)) = self.range.and_then(|range| range.split_once(" to "))
            && let (Ok(least), Ok(most)) = (least.parse::<i64>(), most.parse::<i64>())
        {
            schema["minimum"] = json!(least);
            schema["maximum"] = json!(most);
        }
        schema
    }
}

fn kind(kind: &str) -> Value {
    let one_or_many = |item: Value| json!({"anyOf": [item, {"type": "array", "items": item}]});
    match kind {
        "true or false" => json!({"type": "boolean"}),
        "whole number" => json!({"type": "integer"}),
        "share" => json!({"type": "number"}),
        "table of texts" => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        "list of texts" => one_or_many(json!({"type": "string"})),
        "list of web addresses" => one_or_many(json!({"type": "string", "format": "uri"})),
        "list of filters" | "list of rules" => json!({"type": "array", "items": {"type": "object"}}),
        "list of pairs of web addresses" => {
            let pair = json!({"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2});
            json!({"type": "array", "items": pair})
        }
        "duration" => json!({"type": "string", "pattern": DURATION}),
        "size" => json!({"type": "string", "pattern": SIZE}),
        "web address" => json!({"type": "string", "format": "uri"}),
        kind => match kind.strip_prefix("one of ") {
            Some(words) => {
                let words: Vec<&str> = words.split(", ").map(|word| word.trim_matches('"')).collect();
                json!({"enum": words})
            }
            None => json!({"type": "string"}),
        },
    }
}
