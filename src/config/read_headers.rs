//! `headers` of a source, and values that come from the environment.

use super::source::Secret;
use super::table::{At, Table};

/// Headers that only feedloom may set.
const OURS: [&str; 8] =
    ["host", "user-agent", "accept", "accept-encoding", "if-none-match", "if-modified-since", "cookie", "referer"];

/// Reads the request headers of a source.
pub(super) fn read_headers(table: &Table<'_>) -> Vec<(String, Secret)> {
    let Some(headers) = table.table("headers") else { return Vec::new() };
    let pairs = headers.text_pairs().into_iter();
    pairs.filter_map(|(name, value)| Some((read_name(table, name)?, read_value(table, value)?))).collect()
}

fn read_name(table: &Table<'_>, name: At<&str>) -> Option<String> {
    let is_token = name.value.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    if !is_token || name.value.is_empty() {
        table.wrong(name.at, "this is no header name", "use letters, digits and -");
        return None;
    }
    if OURS.contains(&name.value.to_ascii_lowercase().as_str()) {
        table.wrong(name.at, format!("`{}` is not yours to set", name.value), "delete the line");
        return None;
    }
    Some(name.value.to_owned())
}

fn read_value(table: &Table<'_>, value: At<&str>) -> Option<Secret> {
    let secret = match value.value.strip_prefix("env:") {
        Some(variable) => Secret::of_environment(from_environment(table, &value, variable)?),
        None => Secret::literal(value.value.to_owned()),
    };
    if !secret.expose().bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        table.wrong(value.at, "this value cannot stand in a header", "use visible ASCII");
        return None;
    }
    Some(secret)
}

/// The content of `variable`, which `value` names.
pub(super) fn from_environment(table: &Table<'_>, value: &At<&str>, variable: &str) -> Option<String> {
    if !is_variable(variable) {
        let what = format!("{variable:?} is no name of an environment variable");
        table.wrong(value.at.clone(), what, "write \"env:NAME\", with letters, digits and _");
        return None;
    }
    let found = std::env::var(variable).ok().filter(|text| !text.is_empty());
    if found.is_none() {
        let what = format!("the environment variable {variable} is not set");
        table.wrong(value.at.clone(), what, format!("set it: export {variable}=…"));
    }
    found
}

/// Whether a shell can set it.
fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
