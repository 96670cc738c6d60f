//! How much of an entry may leave: what was read of its rights, combined with feeds.toml.

use std::ops::Deref;

use crate::config::{Config, OutputConfig};
use crate::model::{Origin, Republish, Signal, SignalKind, Source, StoredEntry};
use crate::rights::{self, Allowance, Cause, House};
use crate::text::owner_of;

/// How much of an entry of `source` that declares `of_entry` may go into `output`; `None`: into one that is not
/// stricter than its source.
#[must_use]
pub(crate) fn allowance(
    config: &Config,
    output: Option<&OutputConfig>,
    source: &Source,
    of_entry: &[Signal],
) -> Allowance {
    let house = House {
        source: source.republish,
        output: output.map_or(Republish::Full, |output| output.republish),
        excerpt_chars: source.excerpt_length,
        is_commercial: output.and_then(|output| output.commercial).unwrap_or(config.commercial),
        obeys_drafts: config.obey_drafts,
    };
    rights::allowance(&house, &source.signals, of_entry)
}

/// How much of `entry` may go into `output`; `None`: as of [`allowance`].
///
/// A licence that a feed names covers what that feed carries, not what it took from another feed by its own account. It
/// covers the page behind an entry only if both belong to one owner, or if the page names a licence too.
pub(crate) fn entry_allowance(
    config: &Config,
    output: Option<&OutputConfig>,
    source: &Source,
    entry: &StoredEntry,
) -> EntryAllowance {
    let allowed = of_text(config, output, source, entry);
    let covers_page = match &allowed.cause {
        Cause::Licensed(license) if license.origin != Origin::Config => {
            is_at_home(entry, source) || licenses(&source.signals, source, entry).into_iter().any(is_of_page)
        }
        _ => true,
    };
    let has_page = covers_page && !allowed.only_from_feed && has_longer_page(entry);
    let allowed = if entry.is_cut && !has_page { allowed.of_beginning() } else { allowed };
    EntryAllowance { allowed, covers_page }
}

fn of_text(config: &Config, output: Option<&OutputConfig>, source: &Source, entry: &StoredEntry) -> Allowance {
    let allowed = allowance(config, output, source, &entry.signals);
    match &allowed.cause {
        Cause::Licensed(license) if !covers(license, source, entry) => {
            let rest = |signals: &[Signal]| -> Vec<Signal> {
                signals.iter().filter(|signal| covers(signal, source, entry)).cloned().collect()
            };
            let stripped = Source { signals: rest(&source.signals), ..source.clone() };
            allowance(config, output, &stripped, &rest(&entry.signals))
        }
        _ => allowed,
    }
}

/// The licences of `entry`: its own, else `of_source`, as far as they say something of it; and those of its page.
pub(super) fn licenses<'a>(of_source: &'a [Signal], source: &Source, entry: &'a StoredEntry) -> Vec<&'a Signal> {
    let licenses = rights::licenses(of_source, &entry.signals);
    licenses.into_iter().filter(|license| covers(license, source, entry)).collect()
}

/// Whether a signal says something of `entry`: a licence that a feed names says nothing of what it took from another.
fn covers(signal: &Signal, source: &Source, entry: &StoredEntry) -> bool {
    let is_license_of_feed =
        signal.kind == SignalKind::License && signal.origin != Origin::Config && !is_of_page(signal);
    !is_license_of_feed || !is_taken_from_another(entry, source)
}

fn is_of_page(signal: &Signal) -> bool {
    matches!(signal.origin, Origin::Page | Origin::PageHeader)
}

/// Whether an entry names another feed as the one that it was taken from.
fn is_taken_from_another(entry: &StoredEntry, source: &Source) -> bool {
    let named = entry.via.iter().flat_map(|via| via.url.iter().chain(&via.site));
    named.into_iter().any(|url| !source.is_at_home(url))
}

/// Whether the page behind `entry` belongs to whom the feed of `source` belongs to: by its address and where that leads.
pub(super) fn is_at_home(entry: &StoredEntry, source: &Source) -> bool {
    let owner = owner_of(&source.feed_url);
    std::iter::once(&entry.url).chain(&entry.page_url).all(|url| owner_of(url) == owner)
}

fn has_longer_page(entry: &StoredEntry) -> bool {
    entry.article.as_ref().is_some_and(|article| article.text.len() > entry.text.len())
}

/// How much of an entry may leave, and whether that holds for the text of its page too.
#[derive(Debug, Clone)]
pub(crate) struct EntryAllowance {
    allowed: Allowance,
    /// Whether the whole text of the page may leave if the whole text of the entry may.
    pub(super) covers_page: bool,
}

impl Deref for EntryAllowance {
    type Target = Allowance;

    fn deref(&self) -> &Allowance {
        &self.allowed
    }
}

/// Whether anything at all of `source` may be published.
pub(super) fn is_published(source: &Source, config: &Config) -> bool {
    allowance(config, None, source, &[]).extent < Republish::Off
}
