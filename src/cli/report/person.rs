//! What a pass did, for the operator.

use std::fmt::Display;

use super::failures::{next_attempt, note_failures};
use super::judge::none_reached;
use super::network::note_network;
use super::outputs::{flood, note_crowded, note_hub, note_outputs};
use super::posts::note_posts;
use super::rewrites::note_rewrites;
use super::tone::Tone;
use super::units::{seconds, size};
use crate::cli::console;
use crate::cli::plural::count;
use crate::config::Config;
use crate::gather::{Counts, GatherReport, Pages, SourceOutcome, SourceReport};
use crate::model::Health;
use crate::pass::PassReport;
use crate::weave::WeaveReport;

/// Prints what was done, as much of it as `tone` calls for.
pub(in crate::cli) fn note_pass(done: &PassReport, config: &Config, tone: Tone) {
    if tone == Tone::Person && !done.gather.sources.is_empty() {
        console::note(&gathered(&done.gather));
    }
    for source in &done.gather.sources {
        note_source(source, tone);
    }
    note_failures(&done.gather, config, tone);
    note_network(&done.gather, tone);
    if tone == Tone::Person && done.weave != WeaveReport::default() {
        console::note(&woven(&done.weave));
    }
    note_outputs(&done.publish, config, tone);
    note_rewrites(&done.rewrites, tone);
    note_posts(&done.posts, done.publish.unnoted.as_deref(), tone);
    if tone == Tone::Person {
        done.hubs.iter().for_each(note_hub);
        note_crowded(&done.publish);
        flood(done.publish.flood.as_ref()).iter().for_each(|line| console::note(line));
    }
    if none_reached(&done.gather) && tone == Tone::Person {
        console::note("  hint: no source could be reached; check the network and the proxy, then: feedloom run --all");
        console::note("  hint: to see the program at work without a network: feedloom demo --serve");
    }
}

fn gathered(gather: &GatherReport) -> String {
    let of = |test: fn(&SourceOutcome) -> bool| gather.count(test);
    let outcomes = listed(&[
        (of(|o| matches!(o, SourceOutcome::Fetched(_))), "read"),
        (of(|o| matches!(o, SourceOutcome::NotModified | SourceOutcome::SameBody)), "unchanged"),
        (of(|o| matches!(o, SourceOutcome::NotDue { .. })), "not due"),
        (of(|o| matches!(o, SourceOutcome::Failed(_))), "failed"),
        (of(|o| matches!(o, SourceOutcome::Unreached(_))), "not reached"),
        (of(|o| matches!(o, SourceOutcome::OutOfTime)), "out of time"),
    ]);
    let mut line = format!("{}: {outcomes}", count(gather.sources.len(), "source"));
    let mut entries = Counts::default();
    for source in &gather.sources {
        if let SourceOutcome::Fetched(of) = &source.outcome {
            entries.new += of.new;
            entries.updated += of.updated;
            entries.held_back += of.held_back;
        }
    }
    if entries.new + entries.updated > 0 {
        line.push_str(&format!(" · {}, {} edited", count(entries.new, "new entry"), entries.updated));
    }
    if entries.held_back > 0 {
        line.push_str(&format!(", {} recorded but not published", count(entries.held_back, "older one")));
    }
    if gather.pages.all() > 0 {
        line.push_str(&format!(" · {}", pages(&gather.pages)));
    }
    if gather.pictures.all() > 0 {
        line.push_str(&format!(" · {}", pictures(&gather.pictures)));
    }
    line.push_str(&format!(" · {} in {}", size(gather.bytes), seconds(gather.took)));
    line
}

fn pictures(pictures: &Pages) -> String {
    let outcomes = [(pictures.kept, "copied"), (pictures.failed, "left out"), (pictures.waiting, "later")];
    format!("{}: {}", count(pictures.all(), "picture"), listed(&outcomes))
}

fn pages(pages: &Pages) -> String {
    let outcomes = listed(&[(pages.kept, "read"), (pages.failed, "failed"), (pages.waiting, "later")]);
    format!("{}: {outcomes}", count(pages.all(), "article page"))
}

/// The numbers that are not zero: "3 read, 1 failed".
fn listed<N: Display + PartialEq + From<u8> + Copy>(parts: &[(N, &str)]) -> String {
    let parts = parts.iter().filter(|(number, _)| *number != N::from(0));
    parts.map(|(number, what)| format!("{number} {what}")).collect::<Vec<_>>().join(", ")
}

fn note_source(source: &SourceReport, tone: Tone) {
    if source.failures_before >= Health::MISSES && source.failures == 0 && tone != Tone::Quiet {
        console::note(&format!("back    {}", source.id));
    }
    if let Some(to) = source.moved_to.as_ref().filter(|_| tone != Tone::Quiet) {
        console::note(&format!("moved   {}: it is fetched from {to} from now on; change feeds.toml", source.id));
    }
    match &source.outcome {
        SourceOutcome::OutOfTime if tone == Tone::Person => {
            let next = next_attempt(&source.due);
            console::note(&format!("late    {}: the run ended before its turn; {next}", source.id));
        }
        _ => {}
    }
}

fn woven(weave: &WeaveReport) -> String {
    let (woven, opened) = (count(weave.woven, "entry"), count(weave.opened, "new story"));
    let mut line = format!("{woven} woven: {opened}, {} joined one", weave.joined);
    if weave.edited > 0 {
        line.push_str(&format!(" · {} edited", count(weave.edited, "story")));
    }
    if weave.by_hand > 0 {
        line.push_str(&format!(" · {} split or joined as feeds.toml says", weave.by_hand));
    }
    if weave.stopped > 0 {
        line.push_str(&format!(" · {} kept out of stories that grew too large", weave.stopped));
    }
    line
}
