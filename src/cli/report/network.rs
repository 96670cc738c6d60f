//! What is reported about an outage of this machine's own.

use super::tone::Tone;
use crate::cli::console;
use crate::cli::plural::count;
use crate::gather::{Failure, GatherReport, Network, SourceOutcome, SourceReport};
use crate::text::for_terminal;

/// Reports once that this machine reaches nothing, with one cause, and once that it does again.
pub(super) fn note_network(gather: &GatherReport, tone: Tone) {
    let unreached = gather.sources.iter().filter_map(|source| match &source.outcome {
        SourceOutcome::Unreached(failure) => Some((source, failure)),
        _ => None,
    });
    let unreached: Vec<_> = unreached.collect();
    let Some((_, failure)) = unreached.first() else {
        if matches!(gather.network, Network::Back { .. }) && tone != Tone::Quiet {
            note_back(gather);
        }
        return;
    };
    let (count, why) = (count(unreached.len(), "source"), failure.error.sentence());
    let why = match &gather.in_between {
        Some(what) => format!("{what}; {LOG_IN}"),
        None => format!("{count} not reached, the first because: {why}"),
    };
    let why = for_terminal(&why);
    match gather.network {
        Network::Lost if tone != Tone::Quiet => {
            console::note(&format!("offline {why}"));
            console::note(&format!("        {}", listed_ids(&unreached)));
            console::note("        this counts against none of them: they are tried again at the next run");
        }
        Network::StillLost { since } if tone == Tone::Person => {
            let since = since.strftime("%Y-%m-%d %H:%M UTC");
            console::note(&format!("offline since {since}: {why}"));
        }
        Network::Usual | Network::Back { .. } if tone == Tone::Person => {
            let why = failure.error.sentence();
            console::note(&format!("skipped {count}, tried again at the next run: {}", for_terminal(&why)));
        }
        _ => {}
    }
    if matches!(gather.network, Network::Back { .. }) && tone != Tone::Quiet {
        note_back(gather);
    }
}

/// What to do where something answers instead of the sources.
pub(in crate::cli) const LOG_IN: &str = "open any page in a browser on this network, and check the proxy";

fn note_back(gather: &GatherReport) {
    if let Network::Back { since } = gather.network {
        console::note(&format!("back    online: offline since {}", since.strftime("%Y-%m-%d %H:%M UTC")));
    }
}

/// Some of these sources by name, and how many more.
fn listed_ids(sources: &[(&SourceReport, &Failure)]) -> String {
    const NAMED: usize = 5;
    let named: Vec<&str> = sources.iter().take(NAMED).map(|(source, _)| source.id.as_str()).collect();
    match sources.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
