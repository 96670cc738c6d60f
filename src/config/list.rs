use std::path::PathBuf;

use jiff::SignedDuration;
use url::Url;

use crate::model::SourceId;

/// One `[[list]]`, checked: an OPML list elsewhere, whose feeds are sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListConfig {
    /// Short stable key; derived from the address if feeds.toml has none.
    pub id: SourceId,
    /// Line in feeds.toml where it starts, from 1: for messages.
    pub line: usize,
    /// Where the list is.
    pub url: Url,
    /// How often it is looked at. Default one day.
    pub refresh: SignedDuration,
    /// The sources that the last look at it found: tables `[[source]]`, written by the program.
    pub sources_file: PathBuf,
}
