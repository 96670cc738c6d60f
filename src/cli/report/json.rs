//! What a pass did, for a program.

use serde_json::json;

use super::posts::posts_json;
use super::rewrites::rewrites_json;
use crate::config::Config;
use crate::gather::{Network, PingReport, SourceOutcome, SourceReport};
use crate::pass::PassReport;
use crate::publish::Written;

/// What was done, for a program.
pub(in crate::cli) fn json(done: &PassReport, config: &Config) -> serde_json::Value {
    let sources: Vec<serde_json::Value> = done.gather.sources.iter().map(source_json).collect();
    let outputs: Vec<serde_json::Value> = done
        .publish
        .outputs
        .iter()
        .map(|output| {
            let (result, error) = match &output.result {
                Ok(Written::Written) => ("written", None),
                Ok(Written::Unchanged) => ("unchanged", None),
                Ok(Written::NothingYet) => ("nothing yet", None),
                Err(error) => ("failed", Some(error.to_string())),
            };
            let file = config.output_dir.join(&output.file);
            json!({"file": file, "items": output.items, "crowded_out": output.crowded_out, "result": result, "error": error})
        })
        .collect();
    let weave = &done.weave;
    json!({
        "took_ms": u64::try_from(done.gather.took.as_millis()).unwrap_or(u64::MAX),
        "requests": done.gather.requests,
        "bytes": done.gather.bytes,
        "pictures": {"kept": done.gather.pictures.kept, "failed": done.gather.pictures.failed, "waiting": done.gather.pictures.waiting},
        "pages": {"kept": done.gather.pages.kept, "failed": done.gather.pages.failed, "waiting": done.gather.pages.waiting},
        "network": network_json(done.gather.network, done.gather.in_between.as_deref()),
        "sources": sources,
        "weave": {"woven": weave.woven, "opened": weave.opened, "joined": weave.joined, "edited": weave.edited, "stopped": weave.stopped},
        "outputs": outputs,
        "flood": done.publish.flood.as_ref().map_or(0, |flood| flood.stories),
        "flood_usual": done.publish.flood.as_ref().map(|flood| flood.usual),
        "rewrites": rewrites_json(&done.rewrites),
        "posts": posts_json(&done.posts),
        "hubs": done.hubs.iter().map(hub_json).collect::<Vec<_>>(),
    })
}

/// Whether this machine reaches anything.
fn network_json(network: Network, in_between: Option<&str>) -> serde_json::Value {
    let (state, since) = match network {
        Network::Usual => ("usual", None),
        Network::Lost => ("lost", None),
        Network::StillLost { since } => ("lost", Some(since)),
        Network::Back { since } => ("back", Some(since)),
    };
    json!({"state": state, "since": since.map(|at| at.to_string()), "in_between": in_between})
}

fn hub_json(report: &PingReport) -> serde_json::Value {
    json!({
        "hub": report.ping.hub.as_str(), "topic": report.ping.topic,
        "error": report.result.as_ref().err().map(ToString::to_string),
    })
}

fn source_json(source: &SourceReport) -> serde_json::Value {
    let (outcome, counts, error) = match &source.outcome {
        SourceOutcome::Fetched(counts) => ("read", Some(counts), None),
        SourceOutcome::SameBody => ("same body", None, None),
        SourceOutcome::NotModified => ("not modified", None, None),
        SourceOutcome::NotDue { .. } => ("not due", None, None),
        SourceOutcome::OutOfTime => ("out of time", None, None),
        SourceOutcome::Failed(failure) => ("failed", None, Some(failure)),
        SourceOutcome::Unreached(failure) => ("unreached", None, Some(failure)),
    };
    json!({
        "id": source.id.as_str(),
        "outcome": outcome,
        "new": counts.map(|counts| counts.new),
        "updated": counts.map(|counts| counts.updated),
        "held_back": counts.map(|counts| counts.held_back),
        "dropped": counts.map(|counts| counts.dropped),
        "stage": error.map(|failure| failure.error.stage()),
        "error": error.map(|failure| failure.error.sentence()),
        "hint": error.and_then(|failure| failure.hint.clone()),
        "bytes": source.bytes,
        "failures": source.failures,
        "next_due": source.due.at.map(|at| at.to_string()),
        "rule": source.due.rule.code(),
    })
}
