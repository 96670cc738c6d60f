//! The page for publishers: who runs this, what is taken from whom and how often, how to be removed.

use jiff::SignedDuration;

use super::allowance::allowance;
use super::channel::{alternates, channel};
use super::input::Input;
use super::render::{self, Nav, RenderError};
use super::rendered::Rendered;
use super::scope::qualifies;
use crate::config::{Config, Format, Images, OutputConfig, SourceAddress, SourceConfig};
use crate::model::{Signal, SignalKind, Source};

/// Sources on one page, by name; a page with more would be slow to read anyway.
const MOST_SOURCES: usize = 3_000;
/// Number of signals named per source.
const MOST_SIGNALS: usize = 8;

/// The page `output`. It says nothing about stories, so it changes with feeds.toml and the sources alone.
pub(super) fn about(input: &Input<'_>, output: &OutputConfig) -> Result<Rendered, RenderError> {
    let shown = beside(input.config, output);
    let is_shown = |source: &&Source| {
        qualifies(output, source) && (shown.is_empty() || shown.iter().any(|other| qualifies(other, source)))
    };
    let mut sources: Vec<render::AboutSource<'_>> =
        input.sources.values().filter(is_shown).map(|source| about_source(source, input.config)).collect();
    sources.sort_by(|a, b| {
        let name = |line: &render::AboutSource<'_>| line.source.name.to_lowercase();
        name(a).cmp(&name(b)).then_with(|| a.source.id.cmp(&b.source.id))
    });
    let more = sources.len().saturating_sub(MOST_SOURCES);
    sources.truncate(MOST_SOURCES);
    let page = render::About {
        channel: &channel(input, output),
        file: &output.file,
        feeds: &alternates(input.config, output, &Nav::default()),
        home: home(input.config, output),
        contact: input.config.contact.as_deref(),
        user_agent: &input.config.fetch.agent(input.config.contact.as_deref()),
        floor: &in_words(input.config.fetch.floor),
        copies: shown.iter().any(|output| output.images == Images::Copy),
        sources: &sources,
        more_sources: more,
    };
    let items = sources.len();
    Ok(Rendered::list(output, render::about(&page)?, items))
}

/// The outputs that it speaks of: those in its folder; where there are none, all. Who reads them learns of no source that
/// none of them is for.
fn beside<'a>(config: &'a Config, about: &OutputConfig) -> Vec<&'a OutputConfig> {
    let others = || config.outputs.iter().filter(|output| output.format != Format::About);
    let beside: Vec<&OutputConfig> =
        others().filter(|other| folder_of(&other.file) == folder_of(&about.file)).collect();
    if beside.is_empty() { others().collect() } else { beside }
}

/// The page for readers that it belongs to: the first one.
fn home<'a>(config: &'a Config, about: &OutputConfig) -> Option<&'a str> {
    let pages = || config.outputs.iter().filter(|output| output.format == Format::Html);
    let beside = pages().find(|page| folder_of(&page.file) == folder_of(&about.file));
    beside.or_else(|| pages().next()).map(|page| page.file.as_str())
}

fn folder_of(file: &str) -> Option<&str> {
    file.rsplit_once('/').map(|(folder, _)| folder)
}

fn about_source<'a>(source: &'a Source, config: &Config) -> render::AboutSource<'a> {
    let in_toml = config.sources.iter().find(|known| known.id == source.id);
    let mut signals: Vec<String> = Vec::new();
    for clause in source.signals.iter().filter(|signal| is_of_interest(signal)).map(Signal::clause) {
        if signals.len() < MOST_SIGNALS && !signals.contains(&clause) {
            signals.push(clause);
        }
    }
    let allowed = allowance(config, None, source, &[]);
    render::AboutSource { source, asked: asked(source, in_toml), policy: allowed.sentence(), signals }
}

/// Names of licences that mean nothing to us are included; media are named if they are withheld.
fn is_of_interest(signal: &Signal) -> bool {
    signal.kind != SignalKind::MediaRights
}

/// How often it is asked, in words.
fn asked(source: &Source, in_toml: Option<&SourceConfig>) -> String {
    match in_toml {
        Some(known) if known.disabled => "not asked any more".to_owned(),
        Some(SourceConfig { address: SourceAddress::File(_), .. }) => "read from a file".to_owned(),
        _ => match source.asked_every {
            Some(every) => format!("asked about every {}", in_words(every)),
            None => "not asked yet".to_owned(),
        },
    }
}

/// `30 minutes`, `an hour`, `2 hours`, `a day`: to the half hour, so that it does not change all the time.
fn in_words(duration: SignedDuration) -> String {
    const HOUR: i64 = 3_600;
    let seconds = duration.as_secs().max(0);
    let some = |count: i64, one: &str, many: &str| match count {
        1 => one.to_owned(),
        count => format!("{count} {many}"),
    };
    match seconds {
        0..60 => some(seconds, "second", "seconds"),
        60..HOUR => some((seconds + 30) / 60, "minute", "minutes"),
        HOUR..90_000 if (seconds + HOUR / 2) / HOUR < 24 => some((seconds + HOUR / 2) / HOUR, "hour", "hours"),
        _ => some((seconds + 12 * HOUR) / (24 * HOUR), "day", "days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_rounded() {
        let check = |seconds, want: &str| assert_eq!(in_words(SignedDuration::from_secs(seconds)), want);
        check(0, "0 seconds");
        check(1, "second");
        check(1_800, "30 minutes");
        check(3_600, "hour");
        check(5_500, "2 hours");
        check(8 * 3_600 + 900, "8 hours");
        check(86_400, "day");
        check(7 * 86_400, "7 days");
    }
}
