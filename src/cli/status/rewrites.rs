//! How the programs that rewrite stand.

use serde_json::json;

use crate::cli::console;
use crate::cli::plural::count;
use crate::publish::RewriteStanding;
use crate::text::for_terminal;

/// Most titles named per program and reason.
const MOST_NAMED: usize = 10;

pub(super) fn print_rewrites(rewrites: &[RewriteStanding]) {
    for rewrite in rewrites {
        let RewriteStanding { program, answered, failing, waiting, failed, forbidden } = rewrite;
        let waiting = if *waiting > 0 { format!("; {waiting} waiting") } else { String::new() };
        let answered = count(usize::try_from(*answered).unwrap_or(usize::MAX), "story");
        console::print(&format!("rewrite {}: {answered} rewritten{waiting}", for_terminal(program)));
        if let Some((times, why)) = failing {
            let times = if *times == 1 { "once".to_owned() } else { format!("{times} times in a row") };
            console::print_prose(&format!("  failed {times}: {}", for_terminal(why)));
        }
        print_titles("failed on", failed);
        print_titles("not rewritten", forbidden);
    }
}

fn print_titles(what: &str, titles: &[(String, String)]) {
    for (title, why) in titles.iter().take(MOST_NAMED) {
        console::print_prose(&format!("  {what} {:?}: {}", for_terminal(title), for_terminal(why)));
    }
    if titles.len() > MOST_NAMED {
        console::print(&format!("  {what}: {} more", titles.len() - MOST_NAMED));
    }
}

pub(super) fn json(rewrites: &[RewriteStanding]) -> serde_json::Value {
    let told = |all: &[(String, String)]| -> Vec<serde_json::Value> {
        all.iter().map(|(title, why)| json!({"title": title, "why": why})).collect()
    };
    let one = |rewrite: &RewriteStanding| {
        let failing = rewrite.failing.as_ref().map(|(times, why)| json!({"times": times, "why": why}));
        json!({
            "program": rewrite.program, "answered": rewrite.answered, "waiting": rewrite.waiting, "failing": failing,
            "failed": told(&rewrite.failed), "forbidden": told(&rewrite.forbidden),
        })
    };
    rewrites.iter().map(one).collect()
}
