use std::collections::BTreeMap;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::exit::Exit;
use super::plural::count;
use super::session::{Session, clock};
use super::{console, report, rights};
use crate::config::{Config, SourceConfig};
use crate::model::{Republish, Signal};
use crate::pass;
use crate::publish;
use crate::rights::{Allowance, Cause};
use crate::store::{ArticleCount, DueRule, SourceCount, SourceState, Stopped, Store};
use crate::text::for_terminal;

/// Entries a day are counted over so many days.
const RECENT_DAYS: i64 = 30;
/// A source that has failed for so long is called dead.
const DEAD_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Show each source: last good answer, next due and why, entries a day, what is wrong
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print it as JSON
    #[arg(long)]
    json: bool,

    /// Exit with 1 if no source gave a good answer for so long, such as 2h
    #[arg(long, value_name = "DURATION", value_parser = crate::config::parse_duration)]
    fail_if_older: Option<SignedDuration>,

    /// The clock of this run (RFC 3339)
    #[arg(long, value_name = "TIME", hide = true)]
    now: Option<Timestamp>,
}

/// All that is known about a source.
struct Known<'a> {
    source: &'a SourceConfig,
    state: Option<SourceState>,
    count: SourceCount,
    pages: ArticleCount,
    now: Timestamp,
    /// What it says about its rights.
    signals: Vec<Signal>,
    /// How much of it may be published.
    allowed: Allowance,
}

pub(super) fn run(session: &Session, args: &Args) -> Result<Exit> {
    let config = session.load()?;
    let now = clock(args.now);
    let store = session.look_into(&config)?;
    let known = known(&store, &config, now)?;
    let stopped = store.stopped_stories(recent(now))?;
    if args.json {
        let sources: Vec<serde_json::Value> = known.iter().map(Known::json).collect();
        let stopped: Vec<serde_json::Value> = stopped.iter().map(stopped_json).collect();
        let (stories, entries) = (store.story_count()?, store.entry_count()?);
        let flood = publish::flood(&store, now)?;
        let all = json!({
            "stories": stories, "entries": entries, "flood": flood, "stopped": stopped, "sources": sources,
        });
        console::print_json(&all);
    } else {
        print_table(&known);
        print_wrong(&known, &config);
        print_reasons(&known);
        print_rights(&known);
        let (stories, entries) = (store.story_count()?, store.entry_count()?);
        console::print(&format!(
            "\n{}, {}, {}",
            count(known.len(), "source"),
            count(entries, "entry"),
            count(stories, "story")
        ));
        stopped.iter().for_each(print_stopped);
        report::flood(publish::flood(&store, now)?).iter().for_each(|line| console::print(line));
    }
    let newest = known.iter().filter_map(|known| known.state.as_ref()?.last_success).max();
    let stale = args.fail_if_older.is_some_and(|limit| newest.is_none_or(|newest| now.duration_since(newest) > limit));
    Ok(if stale { Exit::Nothing } else { Exit::Current })
}

fn known<'a>(store: &Store, config: &'a Config, now: Timestamp) -> Result<Vec<Known<'a>>> {
    let mut states = store.source_states()?;
    let resolved = pass::sources(store, config)?;
    let mut counts = store.source_counts(recent(now))?;
    let mut pages = store.article_counts()?;
    Ok(config
        .sources
        .iter()
        .map(|source| {
            let (state, count) = (states.remove(&source.id), counts.remove(&source.id).unwrap_or_default());
            let resolved = &resolved[&source.id];
            let allowed = publish::allowance(config, None, resolved, &[]);
            let pages = pages.remove(&source.id).unwrap_or_default();
            Known { source, state, count, pages, now, signals: resolved.signals.clone(), allowed }
        })
        .collect())
}

/// Since when things count as recent.
fn recent(now: Timestamp) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(24 * RECENT_DAYS)).unwrap_or(Timestamp::MIN)
}

fn print_stopped(story: &Stopped) {
    let (title, id) = (for_terminal(&story.title), &story.story);
    let more = count(story.entries, "more entry");
    console::print(&format!("stopped: {title:?} grew too large, {more} did not join it; to see it: feedloom why {id}"));
}

fn stopped_json(story: &Stopped) -> serde_json::Value {
    json!({
        "story": story.story.as_str(), "title": story.title, "entries": story.entries, "last": story.at.to_string(),
    })
}

fn print_table(known: &[Known<'_>]) {
    let rows: Vec<[String; 5]> = known.iter().map(Known::row).collect();
    let head = ["source", "state", "last good", "next due", "a day"].map(str::to_owned);
    let width = |column: usize| rows.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), width(3), width(4)];
    for row in std::iter::once(&head).chain(&rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.chars().count() + 2));
        }
        console::print(line.trim_end());
    }
}

/// What is wrong with which source, each on a line of its own: it may be long.
fn print_wrong(known: &[Known<'_>], config: &Config) {
    let wrong: Vec<_> = known.iter().filter_map(|known| Some((known, known.wrong()?))).collect();
    if wrong.is_empty() {
        return;
    }
    console::print("\nneeds attention");
    for (known, what) in wrong {
        let place = format!("{}:{}", config.path.display(), known.source.line);
        console::print_prose(&format!("  {}: {} ({place})", known.source.id, for_terminal(&what)));
    }
}

/// Why sources are due when they are, rule by rule.
fn print_reasons(known: &[Known<'_>]) {
    let mut rules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for known in known.iter().filter(|known| !known.source.disabled) {
        if let Some(due) = known.state.as_ref().and_then(|state| state.due) {
            rules.entry(due.rule.sentence()).or_default().push(known.source.id.as_str());
        }
    }
    if rules.is_empty() {
        return;
    }
    console::print("\nreasons for the next due time");
    for (rule, ids) in rules {
        console::print_prose(&format!("  {rule}: {}", ids.join(", ")));
    }
}

/// How much of which sources may be published, reason by reason.
fn print_rights(known: &[Known<'_>]) {
    let mut reasons: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for known in known {
        reasons.entry(known.allowed.sentence()).or_default().push(known.source.id.as_str());
    }
    console::print("\nwhat may be published");
    for (sentence, ids) in reasons {
        console::print_prose(&format!("  {}: {}", for_terminal(&sentence), ids.join(", ")));
    }
}

impl Known<'_> {
    fn row(&self) -> [String; 5] {
        let state = self.state.as_ref();
        let last = state.and_then(|state| state.last_success).map_or_else(|| "never".to_owned(), |at| self.ago(at));
        let due = match (self.source.disabled, state.and_then(|state| state.due)) {
            (true, _) => "-".to_owned(),
            (_, None) => "now".to_owned(),
            (_, Some(due)) => due.at.map_or_else(|| self.never_due(), |at| self.until(at)),
        };
        let a_day = self.a_day().map_or_else(|| "-".to_owned(), |rate| format!("{rate:.1}"));
        [self.source.id.to_string(), self.health().to_owned(), last, due, a_day]
    }

    /// In one word.
    fn health(&self) -> &'static str {
        let Some(state) = self.state.as_ref().filter(|_| !self.source.disabled) else {
            return if self.source.disabled { "disabled" } else { "new" };
        };
        if state.gone_for_good {
            "gone"
        } else if state.failures > 0 {
            let challenged = state.hold.is_some_and(|hold| hold.rule == DueRule::Challenge);
            if self.is_dead(state) {
                "dead"
            } else if challenged {
                "blocked"
            } else {
                "failing"
            }
        } else if state.moved_to.is_some() {
            "moved"
        } else {
            "ok"
        }
    }

    fn is_dead(&self, state: &SourceState) -> bool {
        state.failing_since.is_some_and(|since| self.now.duration_since(since) >= DEAD_AFTER)
    }

    /// A source without a next time is a local file, or gone for good.
    fn never_due(&self) -> String {
        if self.state.as_ref().is_some_and(|state| state.gone_for_good) {
            "never".to_owned()
        } else {
            "every run".to_owned()
        }
    }

    /// Entries a day in the last days, over the time since its first one.
    fn a_day(&self) -> Option<f64> {
        let days = self.now.duration_since(self.count.since?).as_secs_f64() / 86_400.0;
        #[expect(clippy::cast_precision_loss, reason = "a rate, shown with one decimal")]
        let recent = (self.count.recent - self.count.held_back.min(self.count.recent)) as f64;
        #[expect(clippy::cast_precision_loss, reason = "thirty")]
        Some(recent / days.clamp(1.0, RECENT_DAYS as f64))
    }

    fn wrong(&self) -> Option<String> {
        let state = self.state.as_ref()?;
        let mut parts = Vec::new();
        if state.gone_for_good {
            parts.push("gone for good (410 twice): remove it from feeds.toml, or change its address".to_owned());
        } else if state.failures > 0 {
            let error = state.last_error.clone().unwrap_or_default();
            let since = state.failing_since.map(|at| format!(", first {}", self.ago(at))).unwrap_or_default();
            let times = match state.failures {
                1 => "once".to_owned(),
                more => format!("{more} times in a row"),
            };
            let dead = if self.is_dead(state) { "dead: " } else { "" };
            parts.push(format!("{dead}{error}; failed {times}{since}"));
        } else if let Some(what) = &state.last_error {
            parts.push(what.clone());
        }
        if let Some(moved) = &state.moved_to {
            parts.push(format!("moved for good to {moved}: change feeds.toml"));
        }
        if let (Republish::Off, Cause::Signal(signal)) = (self.allowed.extent, &self.allowed.cause) {
            parts.push(format!("nothing of it is published: {}", signal.clause()));
        }
        if self.count.held_back > 0 {
            parts.push(format!("{} recorded, not published", count(self.count.held_back, "older entry")));
        }
        if let Some(reason) = self.pages.last_reason.as_ref().filter(|_| self.pages.failed > 0) {
            let ArticleCount { kept, failed, .. } = self.pages;
            parts.push(format!("{failed} of {} failed, the last: {reason}", count(kept + failed, "article page")));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    fn json(&self) -> serde_json::Value {
        let state = self.state.as_ref();
        json!({
            "id": self.source.id.as_str(),
            "url": self.source.shown_address(),
            "disabled": self.source.disabled,
            "state": self.health(),
            "last_ok": state.and_then(|state| state.last_success).map(|at| at.to_string()),
            "last_request": state.and_then(|state| state.last_request).map(|at| at.to_string()),
            "next_due": state.and_then(|state| state.due?.at).map(|at| at.to_string()),
            "rule": state.and_then(|state| Some(state.due?.rule.code())),
            "failures": state.map_or(0, |state| state.failures),
            "moved_to": state.and_then(|state| state.moved_to.as_ref()).map(url::Url::as_str),
            "entries": self.count.entries,
            "entries_a_day": self.a_day(),
            "held_back": self.count.held_back,
            "rights": rights::json(&self.allowed, self.signals.iter()),
            "pages": {"kept": self.pages.kept, "failed": self.pages.failed, "waiting": self.pages.waiting},
            "wrong": self.wrong(),
        })
    }

    fn ago(&self, at: Timestamp) -> String {
        format!("{} ago", rough(self.now.duration_since(at)))
    }

    fn until(&self, at: Timestamp) -> String {
        if at <= self.now { "now".to_owned() } else { format!("in {}", rough(at.duration_since(self.now))) }
    }
}

/// A duration in its largest unit, roughly.
fn rough(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}
