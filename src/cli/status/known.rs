//! All that is known about one source, and what is wrong with it.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::pushes;
use super::rough::rough;
use crate::cli::findings::alike_name;
use crate::cli::plural::count;
use crate::cli::rights;
use crate::config::{Config, SourceConfig};
use crate::model::{Health as Standing, Republish, Signal, SourceId};
use crate::pass;
use crate::publish;
use crate::rights::{Allowance, Cause};
use crate::store::{ArticleCount, DueRule, PictureCount, SourceCount, SourceState, Store, Subscription};

/// Entries a day are counted over this many days.
const RECENT_DAYS: i64 = 30;
/// A source that has failed for this long is called dead.
const DEAD_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);

/// All that is known about a source.
pub(super) struct Known<'a> {
    pub(super) source: &'a SourceConfig,
    pub(super) state: Option<SourceState>,
    pub(super) count: SourceCount,
    pages: ArticleCount,
    pictures: PictureCount,
    pub(super) now: Timestamp,
    /// What it states about its rights.
    signals: Vec<Signal>,
    /// How much of it may be published.
    pub(super) allowed: Allowance,
    /// What its name is taken for.
    alike: Option<String>,
    /// At the hubs that push its entries.
    pub(super) subscriptions: Vec<Subscription>,
}

pub(super) fn known<'a>(store: &Store, config: &'a Config, now: Timestamp) -> Result<Vec<Known<'a>>> {
    let mut states = store.source_states()?;
    let resolved = pass::sources(store, config)?;
    let mut counts = store.source_counts(recent(now))?;
    let mut pages = store.article_counts()?;
    let mut pictures = store.picture_counts()?;
    let mut pushed: BTreeMap<SourceId, Vec<Subscription>> = BTreeMap::new();
    for subscription in store.subscriptions()? {
        pushed.entry(subscription.source.clone()).or_default().push(subscription);
    }
    Ok(config
        .sources
        .iter()
        .map(|source| {
            let (state, count) = (states.remove(&source.id), counts.remove(&source.id).unwrap_or_default());
            let resolved = &resolved[&source.id];
            let allowed = publish::allowance(config, None, resolved, &[]);
            let pages = pages.remove(&source.id).unwrap_or_default();
            let pictures = pictures.remove(&source.id).unwrap_or_default();
            let alike = alike_name(resolved);
            let subscriptions = pushed.remove(&source.id).unwrap_or_default();
            Known {
                source,
                state,
                count,
                pages,
                pictures,
                now,
                signals: resolved.signals.clone(),
                allowed,
                alike,
                subscriptions,
            }
        })
        .collect())
}

/// The time from which things count as recent.
pub(super) fn recent(now: Timestamp) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(24 * RECENT_DAYS)).unwrap_or(Timestamp::MIN)
}

impl Known<'_> {
    pub(super) fn row(&self) -> [String; 5] {
        let state = self.state.as_ref();
        let last = state.and_then(|state| state.last_success).map_or_else(|| "never".to_owned(), |at| self.ago(at));
        let due = match (self.source.disabled, state.and_then(|state| state.due)) {
            (true, _) => "-".to_owned(),
            (_, None) => "now".to_owned(),
            (_, Some(due)) => due.at.map_or_else(|| self.never_due(), |at| self.until(at)),
        };
        let a_day = self.a_day().map_or_else(|| "-".to_owned(), |rate| format!("{rate:.1}"));
        [self.source.id.to_string(), self.health().word().to_owned(), last, due, a_day]
    }

    pub(super) fn health(&self) -> Health {
        let Some(state) = self.state.as_ref().filter(|_| !self.source.disabled) else {
            return if self.source.disabled { Health::Disabled } else { Health::New };
        };
        if state.gone_for_good {
            Health::Gone
        } else if state.failures > 0 {
            let challenged = state.hold.is_some_and(|hold| hold.rule == DueRule::Challenge);
            if self.is_dead(state) {
                Health::Dead
            } else if challenged {
                Health::Blocked
            } else {
                Health::Failing
            }
        } else if state.moved_to.is_some() {
            Health::Moved
        } else if state.last_success.is_none() {
            Health::New
        } else {
            Health::Ok
        }
    }

    fn is_dead(&self, state: &SourceState) -> bool {
        state.failing_since.is_some_and(|since| self.now.duration_since(since) >= DEAD_AFTER)
    }

    /// A source without a next time is a local file, or gone permanently.
    fn never_due(&self) -> String {
        if self.state.as_ref().is_some_and(|state| state.gone_for_good) {
            "never".to_owned()
        } else {
            "every run".to_owned()
        }
    }

    /// Entries a day in the last days, or in the time since its first one.
    pub(super) fn a_day(&self) -> Option<f64> {
        let days = self.now.duration_since(self.count.since?).as_secs_f64() / 86_400.0;
        #[expect(clippy::cast_precision_loss, reason = "a rate, shown with one decimal")]
        let recent = (self.count.recent - self.count.held_back.min(self.count.recent)) as f64;
        #[expect(clippy::cast_precision_loss, reason = "thirty")]
        Some(recent / days.clamp(1.0, RECENT_DAYS as f64))
    }

    /// What is wrong, or worth knowing.
    pub(super) fn wrong(&self) -> Option<String> {
        let parts: Vec<String> = self.trouble().into_iter().chain(self.remarks()).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// What keeps it from being read properly.
    pub(super) fn trouble(&self) -> Option<String> {
        let (cause, times) = (self.cause()?, self.times());
        Some(if times.is_empty() { cause } else { format!("{cause}; {times}") })
    }

    /// What the problem is, worded so that sources with the same trouble share it.
    pub(super) fn cause(&self) -> Option<String> {
        let state = self.state.as_ref()?;
        if self.source.disabled {
            return None;
        }
        if state.gone_for_good {
            return Some("gone for good (410 twice): remove it from feeds.toml, or change its address".to_owned());
        }
        if let Some(error) = &state.last_error {
            let dead = if self.is_dead(state) { "dead: " } else { "" };
            return Some(format!("{dead}{error}"));
        }
        if let Some(moved) = &state.moved_to {
            return Some(format!("moved for good to {moved}: change feeds.toml"));
        }
        match (self.allowed.extent, &self.allowed.cause) {
            (Republish::Off, Cause::Signal(signal)) => {
                Some(format!("nothing from it is published: {}", signal.clause()))
            }
            _ => None,
        }
    }

    /// How often it failed in a row, and since when; empty if it did not.
    pub(super) fn times(&self) -> String {
        let Some(state) = self.state.as_ref().filter(|state| state.failures > 0 && !state.gone_for_good) else {
            return String::new();
        };
        let since = state.failing_since.map(|at| format!(", first {}", self.ago(at))).unwrap_or_default();
        match state.failures {
            1 => format!("failed once{since}"),
            more => format!("failed {more} times in a row{since}"),
        }
    }

    /// Whether it needs attention: what failed once or twice is tried again by itself.
    pub(super) fn needs_a_person(&self) -> bool {
        let is_young = self.state.as_ref().is_some_and(|state| {
            (1..Standing::MISSES).contains(&state.failures) && !state.gone_for_good && !self.is_dead(state)
        });
        self.cause().is_some() && (!is_young || self.health() == Health::Blocked)
    }

    fn remarks(&self) -> Vec<String> {
        let mut parts = Vec::new();
        let state = self.state.as_ref();
        if let Some(moved) = state.filter(|state| state.last_error.is_some()).and_then(|state| state.moved_to.as_ref())
        {
            parts.push(format!("moved for good to {moved}: change feeds.toml"));
        }
        let cause = self.cause();
        if let (Republish::Off, Cause::Signal(signal)) = (self.allowed.extent, &self.allowed.cause) {
            let what = format!("nothing from it is published: {}", signal.clause());
            parts.extend(Some(what).filter(|what| cause.as_ref() != Some(what)));
        }
        parts.extend(self.note());
        parts.extend(self.alike());
        if self.count.held_back > 0 {
            parts.push(format!("{} recorded, not published", count(self.count.held_back, "older entry")));
        }
        if let Some(reason) = self.pages.last_reason.as_ref().filter(|_| self.pages.failed > 0) {
            let ArticleCount { kept, failed, .. } = self.pages;
            parts.push(format!("{failed} of {} failed, the last: {reason}", count(kept + failed, "article page")));
        }
        if let PictureCount { kept, failed, last_reason: Some(reason) } = &self.pictures {
            parts.push(format!("{failed} of {} left out, the last: {reason}", count(kept + failed, "picture")));
        }
        parts
    }

    /// How its last document had to be understood.
    pub(super) fn note(&self) -> Option<String> {
        self.state.as_ref().filter(|_| !self.source.disabled)?.notes.clone()
    }

    /// What its name is taken for.
    pub(super) fn alike(&self) -> Option<String> {
        self.alike.clone().filter(|_| !self.source.disabled)
    }

    pub(super) fn json(&self) -> serde_json::Value {
        let state = self.state.as_ref();
        json!({
            "id": self.source.id.as_str(),
            "url": self.source.shown_address(),
            "disabled": self.source.disabled,
            "state": self.health().word(),
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
            "pictures": {"kept": self.pictures.kept, "failed": self.pictures.failed},
            "subscriptions": pushes::json(&self.subscriptions),
            "wrong": self.wrong(),
        })
    }

    pub(super) fn ago(&self, at: Timestamp) -> String {
        format!("{} ago", rough(self.now.duration_since(at)))
    }

    fn until(&self, at: Timestamp) -> String {
        if at <= self.now { "now".to_owned() } else { format!("in {}", rough(at.duration_since(self.now))) }
    }
}

/// How a source is doing, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Health {
    Ok,
    Failing,
    Blocked,
    Dead,
    Gone,
    Moved,
    New,
    Disabled,
}

impl Health {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failing => "failing",
            Self::Blocked => "blocked",
            Self::Dead => "dead",
            Self::Gone => "gone",
            Self::Moved => "moved",
            Self::New => "new",
            Self::Disabled => "disabled",
        }
    }
}
