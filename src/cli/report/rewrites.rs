//! What the programs that rewrite did, for the operator.

use serde_json::json;

use super::tone::Tone;
use crate::cli::console;
use crate::cli::plural::count;
use crate::publish::RewriteReport;
use crate::text::for_terminal;

/// Most stories named of one kind.
const MOST_NAMED: usize = 3;

pub(super) fn note_rewrites(rewrites: &[RewriteReport], tone: Tone) {
    for report in rewrites {
        let RewriteReport { program, answered, waiting, failed, given_up, forbidden, paused } = report;
        if tone == Tone::Person && (*answered > 0 || *waiting > 0) {
            let waiting = if *waiting > 0 { format!(", {waiting} waiting") } else { String::new() };
            console::note(&format!("rewrote {program}: {}{waiting}", count(*answered, "story")));
        }
        for (title, why) in failed.iter().take(MOST_NAMED) {
            let (title, why) = (for_terminal(title), for_terminal(why));
            console::warn(&format!("{program} did not rewrite {title:?}: {why}"));
        }
        if failed.len() > MOST_NAMED {
            console::warn(&format!("{program} did not rewrite {}", count(failed.len() - MOST_NAMED, "more story")));
        }
        for title in given_up {
            console::warn(&format!("{program} is not asked about {:?} any more", for_terminal(title)));
        }
        if let Some((until, why)) = paused {
            let until = until.strftime("%Y-%m-%d %H:%M UTC");
            console::warn(&format!(
                "{program} is left alone until {until}, it failed again and again: {}",
                for_terminal(why)
            ));
        }
        if tone == Tone::Person {
            note_forbidden(program, forbidden);
        }
    }
}

/// Stories whose publishers do not let them be rewritten.
fn note_forbidden(program: &str, forbidden: &[(String, String)]) {
    for (title, why) in forbidden.iter().take(MOST_NAMED) {
        console::note(&format!(
            "kept    {:?} is not rewritten by {program}: {}",
            for_terminal(title),
            for_terminal(why)
        ));
    }
    if forbidden.len() > MOST_NAMED {
        let more = count(forbidden.len() - MOST_NAMED, "more story");
        console::note(&format!("kept    {more} as published; to see why: feedloom status"));
    }
}

pub(super) fn rewrites_json(rewrites: &[RewriteReport]) -> serde_json::Value {
    let one = |report: &RewriteReport| {
        let told = |all: &[(String, String)]| -> Vec<serde_json::Value> {
            all.iter().map(|(title, why)| json!({"title": title, "why": why})).collect()
        };
        json!({
            "program": report.program, "answered": report.answered, "waiting": report.waiting,
            "failed": told(&report.failed), "given_up": report.given_up, "forbidden": told(&report.forbidden),
            "paused_until": report.paused.as_ref().map(|(until, _)| until.to_string()),
        })
    };
    rewrites.iter().map(one).collect()
}
