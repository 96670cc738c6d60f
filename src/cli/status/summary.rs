//! The first lines of `status`: how everything is doing, and what needs attention.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::known::{Health, Known};
use super::paint::painted;
use super::rough::rough;
use crate::cli::plural::count;
use crate::cli::session::Session;
use crate::cli::{console, report};
use crate::config::Config;
use crate::store::{GateRefusal, Outage};
use crate::text::for_terminal;

/// If a source is overdue by this much, nothing is running the program.
const OVERDUE: SignedDuration = SignedDuration::from_hours(3);
/// At most this many sources are named per cause.
const MAX_NAMED: usize = 12;

/// "35 sources: 33 ok, 2 failing; last run 23 days ago: is cron running?" An outage of this machine's own is
/// no fault of cron and of no source.
pub(super) fn print_first_line(
    session: &Session,
    known: &[Known<'_>],
    (outage, refusals): (Option<&Outage>, &[GateRefusal]),
    now: Timestamp,
) {
    let mut states: BTreeMap<Health, usize> = BTreeMap::new();
    for known in known {
        *states.entry(known.health()).or_default() += 1;
    }
    let states: Vec<String> =
        states.iter().map(|(health, number)| format!("{number} {}", painted(health.word()))).collect();
    let is_idle = is_idle(known, now);
    let run = match (outage, last_run(known)) {
        // What was tried since reached nobody, and left no trace at the sources.
        (Some(Outage { since, in_between }), _) if !is_idle => {
            let ago = rough(now.duration_since(*since));
            let what = match in_between {
                Some(what) => for_terminal(what),
                None => "no run has reached anybody".into(),
            };
            format!("offline since {} ({ago}): {what}", since.strftime("%Y-%m-%d %H:%M UTC"))
        }
        (_, Some(at)) => format!("last run {} ago", rough(now.duration_since(at))),
        (_, None) => "never run".to_owned(),
    };
    let idle = if is_idle { ": is cron running?" } else { "" };
    let files = refusals.iter().filter(|refusal| refusal.title.is_none()).count();
    let stays = if files > 0 { format!("; {} not published", count(files, "file")) } else { String::new() };
    console::print(&format!("{}: {}; {run}{idle}{stays}", count(known.len(), "source"), states.join(", ")));
    if let Some(outage) = outage.filter(|_| !is_idle && !session.quiet) {
        let what = if outage.in_between.is_some() { report::LOG_IN } else { "check the network and the proxy" };
        console::print(&format!("  hint: {what}, then: {}", session.command("run --all")));
    }
}

/// The newest request, or the newest good answer: a file is read without one.
pub(super) fn last_run(known: &[Known<'_>]) -> Option<Timestamp> {
    let states = known.iter().filter_map(|known| known.state.as_ref());
    states.filter_map(|state| state.last_request.max(state.last_success)).max()
}

fn is_idle(known: &[Known<'_>], now: Timestamp) -> bool {
    let due =
        known.iter().filter(|known| !known.source.disabled).filter_map(|known| known.state.as_ref()?.due?.at).min();
    let is_overdue = due.is_some_and(|due| now.duration_since(due) > OVERDUE);
    is_overdue && last_run(known).is_some_and(|last| now.duration_since(last) > OVERDUE)
}

/// One line per cause, with its sources; those that need no attention yet come last.
pub(super) fn print_causes(session: &Session, known: &[Known<'_>], config: &Config) {
    let (now, later): (Vec<&Known<'_>>, Vec<&Known<'_>>) =
        known.iter().filter(|known| known.cause().is_some()).partition(|known| known.needs_a_person());
    let noted: Vec<&Known<'_>> = known.iter().filter(|known| known.note().is_some()).collect();
    print_group("needs attention", &now, config, Known::cause);
    print_group("failed recently, will be retried automatically", &later, config, Known::cause);
    print_group("read with care", &noted, config, Known::note);
    let alike: Vec<&Known<'_>> = known.iter().filter(|known| known.alike().is_some()).collect();
    print_group("names that look like those of others", &alike, config, Known::alike);
    let has_causes = !now.is_empty() || !later.is_empty();
    if has_causes && !session.verbose {
        let (all, one) = (session.command("status -v"), session.command("status NAME"));
        console::print(&format!("\n  hint: all sources: {all}; one: {one}"));
    }
}

fn print_group<'k>(title: &str, group: &[&Known<'k>], config: &Config, what: impl Fn(&Known<'k>) -> Option<String>) {
    let mut causes: BTreeMap<String, Vec<&Known<'k>>> = BTreeMap::new();
    for known in group {
        causes.entry(what(known).unwrap_or_default()).or_default().push(known);
    }
    if causes.is_empty() {
        return;
    }
    let mut causes: Vec<(String, Vec<&Known<'k>>)> = causes.into_iter().collect();
    causes.sort_by_key(|(cause, sources)| (usize::MAX - sources.len(), cause.clone()));
    console::print(&format!("\n{title}"));
    for (cause, sources) in causes {
        let line = match &sources[..] {
            [one] => {
                let times = Some(one.times()).filter(|times| !times.is_empty());
                let place = format!("{}:{}", config.path.display(), one.source.line);
                let details: Vec<String> = times.into_iter().chain([place]).collect();
                format!("  {}: {cause} ({})", one.source.id, details.join("; "))
            }
            many => {
                let named: Vec<&str> = many.iter().take(MAX_NAMED).map(|known| known.source.id.as_str()).collect();
                let more = many.len() - named.len();
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!("  {}: {cause}: {}{more}", count(many.len(), "source"), named.join(", "))
            }
        };
        console::print_prose(&for_terminal(&line));
    }
}

/// What was not published, one line per item and reason, with the outputs.
pub(super) fn print_refusals(refusals: &[GateRefusal]) {
    let mut lines: BTreeMap<(Option<&str>, &str), Vec<&str>> = BTreeMap::new();
    for GateRefusal { file, title, reason } in refusals {
        lines.entry((title.as_deref(), reason)).or_default().push(file);
    }
    if lines.is_empty() {
        return;
    }
    console::print("\nnot published");
    let more = lines.len().saturating_sub(MAX_NAMED);
    for ((title, reason), files) in lines.into_iter().take(MAX_NAMED) {
        let files = files.join(", ");
        console::print_prose(&for_terminal(&match title {
            Some(title) => format!("  {title:?} is left out of {files}: {reason}"),
            None => format!("  {files} stays as it was: {reason}"),
        }));
    }
    if more > 0 {
        console::print(&format!("  and {more} more"));
    }
}
