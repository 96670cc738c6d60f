//! What a pass knows besides the store: settings, sources, the time.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::input::Settings;
use crate::config::WeaveConfig;
use crate::model::{Sites, Source, SourceId, SourceKind};

/// The same for a whole pass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) config: &'a WeaveConfig,
    pub(super) settings: Settings,
    pub(super) sources: &'a BTreeMap<SourceId, Source>,
    pub(super) sites: &'a Sites<'a>,
    pub(super) now: Timestamp,
}

impl<'a> Context<'a> {
    pub(super) fn new(config: &'a WeaveConfig, sites: &'a Sites<'a>, now: Timestamp) -> Self {
        Self { config, settings: Settings::from(config), sources: sites.sources(), sites, now }
    }

    /// The time of the oldest entries that are compared.
    pub(super) fn horizon(&self) -> Timestamp {
        self.now.saturating_sub(self.settings.lookback).unwrap_or(Timestamp::MIN)
    }

    pub(super) fn kind(&self, source: &SourceId) -> SourceKind {
        self.sources.get(source).map(|source| source.kind).unwrap_or_default()
    }

    /// Whether the entries of a source share their stories with no others.
    pub(super) fn stands_alone(&self, source: &SourceId) -> bool {
        self.sources.get(source).is_some_and(|source| source.allow_duplicates)
    }
}
