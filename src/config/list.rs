use std::path::PathBuf;

use jiff::SignedDuration;
use url::Url;

use crate::model::SourceId;

/// One `[[list]]`, checked: an OPML list somewhere else, whose feeds are sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListConfig {
    /// Short stable key; derived from the address where feeds.toml gives none.
    pub id: SourceId,
    /// Line in feeds.toml where it starts, from 1: for messages.
    pub line: usize,
    /// Where the list is.
    pub url: Url,
    /// How often it is looked at. Default a day.
    pub refresh: SignedDuration,
    /// The sources that the last look at it gave: tables `[[source]]`, written by the program.
    pub sources_file: PathBuf,
}
