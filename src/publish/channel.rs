//! What is shown above the items of an output: its names, addresses and the feeds beside it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::input::Input;
use super::render::{self, Nav};
use crate::config::{Config, Format, OutputConfig};
use crate::model::Channel;
use crate::store::TagBase;

/// The base of every id, for a first publish at `now`: the host of `link`. Without a public address, a
/// name under `.invalid` (RFC 2606) made from `seed`.
#[must_use]
pub fn tag_base(link: Option<&url::Url>, seed: &str, now: Timestamp) -> TagBase {
    let host = link.and_then(url::Url::domain).map(str::to_owned);
    let host = host.unwrap_or_else(|| format!("{}.feedloom.invalid", crate::text::short_hash(&[seed])));
    TagBase { host, year: TimeZone::UTC.to_datetime(now).year() }
}

pub(super) fn channel(input: &Input<'_>, output: &OutputConfig) -> Channel {
    Channel {
        title: output.title.clone().unwrap_or_else(|| input.config.title.clone()),
        description: input.config.description.clone(),
        link: input.config.link.clone(),
        tag_base: input.tag_base.to_owned(),
        language: output.language.clone(),
        updated: None,
        hub: hub_of(input.config, output),
        noindex: output.noindex.unwrap_or(input.config.noindex),
        zone: input.config.zone.clone(),
    }
}

/// A feed as readers reach it, and who tells them of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FeedAddress {
    /// File name under the output folder.
    pub(crate) file: String,
    /// As it names itself in it.
    pub(crate) own: String,
    pub(crate) hub: Option<url::Url>,
}

/// The feeds of `config` that have a public address.
pub(crate) fn feed_addresses(config: &Config) -> Vec<FeedAddress> {
    let address = |output: &OutputConfig| {
        let own = own_address(config, output).filter(|_| output.format.is_feed())?;
        Some(FeedAddress { file: output.file.clone(), own, hub: hub_of(config, output) })
    };
    config.outputs.iter().filter_map(address).collect()
}

/// The hub of an output: its own, else the service, if that is one.
fn hub_of(config: &Config, output: &OutputConfig) -> Option<url::Url> {
    let ours = || config.serve.hub_address().filter(|_| output.format.is_feed() && config.link.is_some());
    output.hub.clone().or_else(ours)
}

/// The public address of an output, as it names itself in it; `None` without a `link` in feeds.toml.
#[must_use]
pub(crate) fn own_address(config: &Config, output: &OutputConfig) -> Option<String> {
    Some(render::uri(&render::address_under(config.link.as_ref()?, &output.file)?))
}

/// The feeds that a page at `nav` represents: those of the same choice of sources, otherwise all. The page of a tag or
/// source shows a part of what is in them: it announces none.
pub(super) fn alternates<'a>(config: &'a Config, page: &OutputConfig, nav: &Nav) -> Vec<render::Alternate<'a>> {
    if nav.facet.is_some() {
        return Vec::new();
    }
    let all = || config.outputs.iter().filter(|output| !matches!(output.format, Format::Html | Format::About));
    let same = |output: &&OutputConfig| output.tags == page.tags && output.sources == page.sources;
    let of = |output: &'a OutputConfig| render::Alternate { format: output.format, file: &output.file };
    let twins: Vec<_> = all().filter(same).map(of).collect();
    if twins.is_empty() { all().map(of).collect() } else { twins }
}
