//! How what a page says of its rights lies in a column.

use rusqlite::Row;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::model::PageRights;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Raw {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    robots: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_free: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rsl: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tdm_reservation: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rights: Option<String>,
}

/// As JSON; NULL where the page says nothing.
pub(super) fn rights_column(says: &PageRights) -> Option<String> {
    if *says == PageRights::default() {
        return None;
    }
    let PageRights { robots, is_free, licenses, rsl, tdm_reservation, rights } = says.clone();
    let texts = |urls: Vec<Url>| urls.into_iter().map(String::from).collect();
    let raw = Raw { robots, is_free, licenses: texts(licenses), rsl: texts(rsl), tdm_reservation, rights };
    Some(serde_json::to_string(&raw).expect("strings and flags"))
}

/// What [`rights_column`] wrote; an address that no longer parses is left out.
pub(super) fn rights(row: &Row<'_>, column: &str) -> rusqlite::Result<PageRights> {
    let text: Option<String> = row.get(column)?;
    let raw: Raw = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let urls = |texts: Vec<String>| texts.iter().filter_map(|text| Url::parse(text).ok()).collect();
    Ok(PageRights {
        robots: raw.robots,
        is_free: raw.is_free,
        licenses: urls(raw.licenses),
        rsl: urls(raw.rsl),
        tdm_reservation: raw.tdm_reservation,
        rights: raw.rights,
    })
}
