//! What a pass did, for a person on stderr and for a program as JSON.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use serde_json::json;

use super::session::Session;
use super::talk;
use crate::config::Config;
use crate::gather::{Counts, GatherReport, Outcome, Pages, PingReport, Progress, SourceReport};
use crate::model::{Health, SourceId};
use crate::pass::PassReport;
use crate::publish::{OutputReport, PublishReport, Written};
use crate::store::{Due, DueRule, SourceState};
use crate::text::for_terminal;
use crate::weave::WeaveReport;

/// Misses in a row after which a source counts as failing for good, which cron is told once.
const MISSES_BEFORE_MAIL: u32 = Health::MISSES;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Only what someone has to act on: a source that starts to fail for good or is back, a failed output.
    Cron,
    /// What was done, and every failure.
    Person,
    /// Only what failed altogether.
    Quiet,
}

/// How much to tell: a person is watching, or nobody; a pass that gives nothing is told in full.
pub(super) fn tone(session: &Session, nothing: bool) -> Tone {
    if nothing || session.verbose || talk::is_terminal() && !session.quiet {
        Tone::Person
    } else if session.quiet {
        Tone::Quiet
    } else {
        Tone::Cron
    }
}

/// Whether sources failed and none gave anything.
pub(super) fn all_failed(gather: &GatherReport) -> bool {
    any_failed(gather)
        && gather.count(|outcome| {
            matches!(outcome, Outcome::Fetched(_) | Outcome::NotModified | Outcome::SameBody | Outcome::NotDue { .. })
        }) == 0
}

pub(super) fn any_failed(gather: &GatherReport) -> bool {
    gather.sources.iter().any(|source| matches!(source.outcome, Outcome::Failed(_) | Outcome::OutOfTime))
}

/// Whether some source gave a good answer.
pub(super) fn any_good(gather: &GatherReport) -> bool {
    gather
        .sources
        .iter()
        .any(|source| matches!(source.outcome, Outcome::Fetched(_) | Outcome::NotModified | Outcome::SameBody))
}

/// A progress bar on stderr, drawn only on a terminal.
#[derive(Debug)]
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(hidden: bool) -> Self {
        let bar = ProgressBar::with_draw_target(
            None,
            if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() },
        );
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} sources  {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn started(&self, sources: usize) {
        self.0.set_length(sources as u64);
    }

    fn finished(&self, source: &SourceReport) {
        if !matches!(source.outcome, Outcome::NotDue { .. }) {
            self.0.set_message(source.id.to_string());
            self.0.inc(1);
        }
    }

    fn pages_started(&self, pages: usize) {
        self.0.inc_length(pages as u64);
        self.0.set_message("pages");
    }

    fn page_finished(&self) {
        self.0.inc(1);
    }
}

/// Tells what was done.
pub(super) fn tell(done: &PassReport, config: &Config, tone: Tone) {
    if tone == Tone::Person && !done.gather.sources.is_empty() {
        talk::say(&gathered(&done.gather));
    }
    for source in &done.gather.sources {
        tell_source(source, config, tone);
    }
    if tone == Tone::Person && done.weave != WeaveReport::default() {
        talk::say(&woven(&done.weave));
    }
    tell_outputs(&done.publish, config, tone);
    if tone == Tone::Person {
        done.hubs.iter().for_each(tell_hub);
        flood(done.publish.flood).iter().for_each(|line| talk::say(line));
    }
    if all_failed(&done.gather) && tone == Tone::Person {
        talk::say("  hint: no source could be reached; look at the network and the proxy, then: feedloom run --all");
        talk::say("  hint: the program at work without a network: feedloom demo --serve");
    }
}

fn gathered(gather: &GatherReport) -> String {
    let count = |test: fn(&Outcome) -> bool| gather.count(test);
    let mut counts = Counts::default();
    for source in &gather.sources {
        if let Outcome::Fetched(of) = &source.outcome {
            counts.new += of.new;
            counts.updated += of.updated;
            counts.held_back += of.held_back;
        }
    }
    let parts = [
        (count(|o| matches!(o, Outcome::Fetched(_))), "read"),
        (count(|o| matches!(o, Outcome::NotModified | Outcome::SameBody)), "unchanged"),
        (count(|o| matches!(o, Outcome::NotDue { .. })), "not due"),
        (count(|o| matches!(o, Outcome::Failed(_))), "failed"),
        (count(|o| matches!(o, Outcome::OutOfTime)), "out of time"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    let mut line = format!("{} sources: {}", gather.sources.len(), parts.join(", "));
    if counts.new + counts.updated > 0 {
        line.push_str(&format!(" · {} new entries, {} edited", counts.new, counts.updated));
    }
    if counts.held_back > 0 {
        line.push_str(&format!(", {} older ones recorded but not published", counts.held_back));
    }
    if gather.pages.all() > 0 {
        line.push_str(&format!(" · {}", pages(&gather.pages)));
    }
    line.push_str(&format!(" · {} in {}", size(gather.bytes), seconds(gather.took)));
    line
}

fn pages(pages: &Pages) -> String {
    let parts = [(pages.kept, "read"), (pages.failed, "failed"), (pages.waiting, "later")];
    let parts: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    format!("{} article pages: {}", pages.all(), parts.join(", "))
}

fn tell_source(source: &SourceReport, config: &Config, tone: Tone) {
    if source.failures_before >= MISSES_BEFORE_MAIL && source.failures == 0 && tone != Tone::Quiet {
        talk::say(&format!("back    {}", source.id));
    }
    if let Some(to) = source.moved_to.as_ref().filter(|_| tone != Tone::Quiet) {
        talk::say(&format!("moved   {}: it is fetched from {to} from now on; change feeds.toml", source.id));
    }
    let told = match tone {
        Tone::Person => true,
        Tone::Cron => source.failures == MISSES_BEFORE_MAIL,
        Tone::Quiet => false,
    };
    match &source.outcome {
        Outcome::Failed(failure) if told => {
            let sentence = failure.error.sentence();
            let (stage, next) = (failure.error.stage(), next_try(&source.due));
            talk::say(&format!("failed  {}: {stage}: {}; {next}", source.id, for_terminal(&sentence)));
            let line = config.sources.iter().find(|known| known.id == source.id).map_or(0, |known| known.line);
            let place = format!("{}:{line}", config.path.display());
            match &failure.hint {
                Some(hint) => talk::say(&format!("        hint: {}; it stands at {place}", for_terminal(hint))),
                None => talk::say(&format!("        hint: it stands at {place}; feedloom status tells more")),
            }
        }
        Outcome::OutOfTime if tone == Tone::Person => {
            let next = next_try(&source.due);
            talk::say(&format!("late    {}: the time of this run was up before its turn; {next}", source.id));
        }
        _ => {}
    }
}

/// What is done next about a source that gave nothing, and when.
fn next_try(due: &Due) -> String {
    let why = due.rule.sentence();
    match due.at {
        _ if due.rule == DueRule::EveryRun => "it is read again at the next run".to_owned(),
        Some(at) => format!("it is asked again from {} on ({why})", at.strftime("%Y-%m-%d %H:%M UTC")),
        None => format!("it is not asked again until feeds.toml gives it another address ({why})"),
    }
}

fn woven(weave: &WeaveReport) -> String {
    let mut line = format!("{} entries woven: {} new stories, {} joined one", weave.woven, weave.opened, weave.joined);
    if weave.edited > 0 {
        line.push_str(&format!(" · {} stories edited", weave.edited));
    }
    if weave.by_hand > 0 {
        line.push_str(&format!(" · {} split or joined because feeds.toml says so", weave.by_hand));
    }
    if weave.stopped > 0 {
        line.push_str(&format!(" · {} kept out of stories that grew too large", weave.stopped));
    }
    line
}

fn tell_outputs(publish: &PublishReport, config: &Config, tone: Tone) {
    for failure in &publish.filter_failures {
        let (title, reason) = (for_terminal(&failure.title), for_terminal(&failure.reason));
        talk::warn(&format!(
            "{}: the filter {} failed on {title:?}, which is left out: {reason}",
            failure.file, failure.program
        ));
    }
    let dir = config.output_dir.display();
    let unchanged = publish.outputs.iter().filter(|output| matches!(output.result, Ok(Written::Unchanged))).count();
    if unchanged == publish.outputs.len() && unchanged > 1 {
        if tone == Tone::Person {
            talk::say(&format!("kept    {dir} ({unchanged} outputs, unchanged)"));
        }
        return;
    }
    for output in &publish.outputs {
        match &output.result {
            Ok(written) if tone == Tone::Person => {
                let file = format!("{dir}/{}", output.file);
                talk::say(&match written {
                    Written::Written => format!("wrote   {file} ({})", items(output)),
                    Written::Unchanged => format!("kept    {file} (unchanged, {})", items(output)),
                    Written::NothingYet => format!("waits   {file} (nothing to publish yet)"),
                });
            }
            Ok(_) => {}
            Err(error) => talk::explain_briefly(error),
        }
    }
}

fn tell_hub(told: &PingReport) {
    let (hub, topic) = (&told.ping.hub, &told.ping.topic);
    talk::say(&match &told.result {
        Ok(()) => format!("told    {hub} that {topic} changed"),
        Err(error) => format!("failed  {hub} was not told that {topic} changed: {error}; the run is fine without"),
    });
}

/// What a person is told of a flood of `stories` in a day: nothing where there is none.
pub(super) fn flood(stories: u64) -> Vec<String> {
    if stories == 0 {
        return Vec::new();
    }
    vec![
        format!("flood   {stories} stories were published within a day; readers stop feeds that bring more than 150"),
        "  hint: fewer sources, max_items or exclude for the busiest, or [weave] same_story = \"eager\"; see which: \
         feedloom status"
            .to_owned(),
    ]
}

fn items(output: &OutputReport) -> String {
    let what = if Path::new(&output.file).extension().is_some_and(|e| e == "opml") { "sources" } else { "items" };
    format!("{} {what}", output.items)
}

/// What a dry run says of an output.
pub(super) fn would_write(output: &OutputReport, config: &Config) -> String {
    let file = format!("{}/{}", config.output_dir.display(), output.file);
    match &output.result {
        Ok(Written::Written) => format!("would write {file} ({})", items(output)),
        Ok(Written::Unchanged) => format!("would keep {file} (unchanged)"),
        Ok(Written::NothingYet) => format!("would not make {file} (nothing to publish yet)"),
        Err(error) => format!("would fail: {error}"),
    }
}

/// Which sources a run would ask now.
pub(super) fn tell_due(states: &BTreeMap<SourceId, SourceState>, config: &Config, all: bool, now: Timestamp) {
    for source in config.sources.iter().filter(|source| !source.disabled) {
        let due = states.get(&source.id).and_then(|state| state.due);
        let is_due = all || due.is_none_or(|due| due.rule == DueRule::EveryRun || due.at.is_some_and(|at| at <= now));
        let url = source.address.to_url();
        talk::tell(&match due {
            _ if is_due => format!("would fetch {}: {url}", source.id),
            Some(due) => format!("would leave {}: {}", source.id, due.rule.sentence()),
            None => format!("would fetch {}: {url}", source.id),
        });
    }
}

/// What was done, for a program.
pub(super) fn json(done: &PassReport, config: &Config) -> String {
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
            json!({"file": file, "items": output.items, "result": result, "error": error})
        })
        .collect();
    let weave = &done.weave;
    json!({
        "took_ms": u64::try_from(done.gather.took.as_millis()).unwrap_or(u64::MAX),
        "requests": done.gather.requests,
        "bytes": done.gather.bytes,
        "pages": {"kept": done.gather.pages.kept, "failed": done.gather.pages.failed, "waiting": done.gather.pages.waiting},
        "sources": sources,
        "weave": {"woven": weave.woven, "opened": weave.opened, "joined": weave.joined, "edited": weave.edited, "stopped": weave.stopped},
        "outputs": outputs,
        "flood": done.publish.flood,
        "hubs": done.hubs.iter().map(hub_json).collect::<Vec<_>>(),
    })
    .to_string()
}

fn hub_json(told: &PingReport) -> serde_json::Value {
    json!({
        "hub": told.ping.hub.as_str(), "topic": told.ping.topic,
        "error": told.result.as_ref().err().map(ToString::to_string),
    })
}

fn source_json(source: &SourceReport) -> serde_json::Value {
    let (outcome, counts, error) = match &source.outcome {
        Outcome::Fetched(counts) => ("read", Some(counts), None),
        Outcome::SameBody => ("same body", None, None),
        Outcome::NotModified => ("not modified", None, None),
        Outcome::NotDue { .. } => ("not due", None, None),
        Outcome::OutOfTime => ("out of time", None, None),
        Outcome::Failed(failure) => ("failed", None, Some(failure)),
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

/// Bytes as a person reads them.
pub(super) fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let number = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.0} kB", number / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", number / 1e6),
        _ => format!("{:.2} GB", number / 1e9),
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
