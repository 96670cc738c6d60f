//! What became of the outputs, for the operator.

use std::error::Error;

use super::tone::Tone;
use crate::cli::plural::count;
use crate::cli::{console, explain};
use crate::config::Config;
use crate::gather::PingReport;
use crate::publish::{Flood, OutputReport, PublishReport, Written};
use crate::text::for_terminal;

pub(super) fn note_outputs(publish: &PublishReport, config: &Config, tone: Tone) {
    for failure in &publish.filter_failures {
        let (title, reason) = (for_terminal(&failure.title), for_terminal(&failure.reason));
        console::warn(&format!(
            "{}: the filter {} failed on {title:?}, which is left out: {reason}",
            failure.file, failure.program
        ));
    }
    if let Some(error) = &publish.unmade {
        console::warn(&format!(
            "no issue of a digest could be made, the next run tries again: {}",
            for_terminal(error)
        ));
    }
    for refused in &publish.refused {
        let (title, reason) = (for_terminal(&refused.title), for_terminal(&refused.reason));
        console::warn(&format!("{}: {title:?} is left out, the gate refuses it: {reason}", refused.file));
    }
    let dir = config.output_dir.display();
    let unchanged = publish.outputs.iter().filter(|output| matches!(output.result, Ok(Written::Unchanged))).count();
    if unchanged == publish.outputs.len() && unchanged > 1 {
        if tone == Tone::Person {
            console::note(&format!("kept    {dir} ({unchanged} outputs, unchanged)"));
        }
        return;
    }
    for output in &publish.outputs {
        match &output.result {
            Ok(written) if tone == Tone::Person => {
                let file = format!("{dir}/{}", output.file);
                console::note(&match written {
                    Written::Written => format!("wrote   {file} ({})", contents(output)),
                    Written::Unchanged => format!("kept    {file} (unchanged, {})", contents(output)),
                    Written::NothingYet => format!("waits   {file} (nothing to publish yet)"),
                });
            }
            Ok(_) | Err(_) => {}
        }
    }
    note_unwritten(publish);
}

/// Each cause once, with the outputs that have it.
fn note_unwritten(publish: &PublishReport) {
    let mut by_cause: Vec<Unwritten<'_>> = Vec::new();
    for output in &publish.outputs {
        let Err(error) = &output.result else { continue };
        let cause = root_cause(error);
        match by_cause.iter_mut().find(|known| known.cause == cause) {
            Some(known) => known.others.push(&output.file),
            None => by_cause.push(Unwritten { cause, first: error, others: Vec::new() }),
        }
    }
    for Unwritten { first, others, .. } in by_cause {
        explain::explain_briefly(first);
        if !others.is_empty() {
            console::note(&format!("  and so {} more: {}", others.len(), for_terminal(&others.join(", "))));
        }
    }
}

/// Outputs that could not be written for one cause.
struct Unwritten<'a> {
    cause: String,
    first: &'a (dyn Error + 'static),
    /// The files after the first.
    others: Vec<&'a str>,
}

/// What is at the bottom of `error`.
fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

pub(super) fn note_hub(ping: &PingReport) {
    let (hub, topic) = (&ping.ping.hub, &ping.ping.topic);
    console::note(&match &ping.result {
        Ok(()) => format!("pinged  {hub}: {topic} changed"),
        Err(error) => {
            format!("failed  {hub} could not be pinged that {topic} changed: {error}; nothing else is affected")
        }
    });
}

/// The warning about a flood; empty if there is none.
pub(in crate::cli) fn flood(flood: Option<&Flood>) -> Vec<String> {
    let Some(Flood { file, stories, usual }) = flood else { return Vec::new() };
    vec![
        format!("flood   {stories} stories were published within a day in {file}; usually it is {usual}"),
        "  hint: take fewer sources, set max_items or exclude for the busiest (feedloom status shows them), or \
         [weave] same_story = \"eager\""
            .to_owned(),
    ]
}

/// What does not fit, with its figure.
pub(super) fn note_crowded(publish: &PublishReport) {
    for output in publish.outputs.iter().filter(|output| output.crowded_out > 0) {
        let (all, out) = (output.items + output.crowded_out, output.crowded_out);
        console::note(&format!(
            "full    {} holds {} of {}; {} within its span found no room (items, max_bytes, span)",
            output.file,
            output.items,
            count(all, "story"),
            count(out, "story"),
        ));
    }
}

/// How many items are in it, or sources in a list of sources.
pub(super) fn contents(output: &OutputReport) -> String {
    count(output.items, if output.is_of_sources { "source" } else { "item" })
}
