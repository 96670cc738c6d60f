//! What a page declares about its rights, as JSON in one column. Every key is written out: renaming a field does not
//! change any stored byte.

use rusqlite::Row;
use serde::{Deserialize, Serialize};
use url::Url;

use super::columns::unreadable;
use crate::model::PageRights;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Raw {
    #[serde(rename = "robots", default, skip_serializing_if = "Vec::is_empty")]
    robots: Vec<String>,
    #[serde(rename = "is_free", default, skip_serializing_if = "Option::is_none")]
    is_free: Option<bool>,
    #[serde(rename = "licenses", default, skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<String>,
    #[serde(rename = "rsl", default, skip_serializing_if = "Vec::is_empty")]
    rsl: Vec<String>,
    #[serde(rename = "tdm_reservation", default, skip_serializing_if = "Option::is_none")]
    tdm_reservation: Option<bool>,
    #[serde(rename = "rights", default, skip_serializing_if = "Option::is_none")]
    rights: Option<String>,
}

/// As JSON; NULL if the page declares nothing.
pub(super) fn rights_column(stated: &PageRights) -> Option<String> {
    if *stated == PageRights::default() {
        return None;
    }
    let PageRights { robots, is_free, licenses, rsl, tdm_reservation, statement } = stated.clone();
    let texts = |urls: Vec<Url>| urls.into_iter().map(String::from).collect();
    let raw = Raw { robots, is_free, licenses: texts(licenses), rsl: texts(rsl), tdm_reservation, rights: statement };
    Some(serde_json::to_string(&raw).expect("strings and flags"))
}

/// What [`rights_column`] wrote; an address that no longer parses is left out.
pub(super) fn rights(row: &Row<'_>, column: &'static str) -> rusqlite::Result<PageRights> {
    let text: Option<String> = row.get(column)?;
    let raw: Raw = match text {
        None => Raw::default(),
        Some(text) => serde_json::from_str(&text).map_err(|_| unreadable(column, text))?,
    };
    let urls = |texts: Vec<String>| texts.iter().filter_map(|text| Url::parse(text).ok()).collect();
    Ok(PageRights {
        robots: raw.robots,
        is_free: raw.is_free,
        licenses: urls(raw.licenses),
        rsl: urls(raw.rsl),
        tdm_reservation: raw.tdm_reservation,
        statement: raw.rights,
    })
}
