//! When a source is due, and by which rule.

use jiff::Timestamp;

/// When a source is due, and the rule that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Not before this; `None`: never.
    pub at: Option<Timestamp>,
    /// The rule that prevailed.
    pub rule: DueRule,
}

impl Due {
    /// The time as text, for a log: RFC 3339 to the second, `every run`, or `never`.
    #[must_use]
    pub fn next(&self) -> String {
        match (self.at, self.rule) {
            (Some(at), _) => format!("{at:.0}"),
            (None, DueRule::EveryRun) => "every run".to_owned(),
            (None, _) => "never".to_owned(),
        }
    }
}

/// The rule that determines when a source is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DueRule {
    /// Never asked so far.
    FirstTime,
    /// `every` in feeds.toml.
    Every,
    /// Half the usual time between its posts.
    Rhythm,
    /// It has been silent for a week or more.
    Silent,
    /// `Cache-Control: max-age` of the last answer.
    MaxAge,
    /// `Expires` of the last answer.
    Expires,
    /// `ttl` or `sy:*` in the feed.
    FeedHint,
    /// Failures in a row.
    Backoff,
    /// Failing for 30 days: asked weekly.
    Dead,
    /// The minimum time between two requests.
    Floor,
    /// `Retry-After` of the last answer.
    RetryAfter,
    /// The server answered 429 without a time.
    TooManyRequests,
    /// Its host asked to be left alone.
    HostHold,
    /// The server answered 401 or 403.
    Forbidden,
    /// The server put a bot challenge before the feed.
    Challenge,
    /// Its robots.txt forbids it.
    Robots,
    /// The server answered 410.
    Gone,
    /// It answered 410 twice, a day apart.
    GoneForGood,
    /// `skipHours` of the feed.
    SkipHours,
    /// `skipDays` of the feed.
    SkipDays,
    /// A time stored under a different setting of the clock was cut short.
    ClockGuard,
    /// Its entries are pushed: asked once a day.
    Pushed,
    /// A local file: read on every run.
    EveryRun,
}

/// Every rule, its name in the database, and its sentence.
const RULES: [(DueRule, &str, &str); 23] = [
    (DueRule::FirstTime, "first-time", "it was never asked"),
    (DueRule::Every, "every", "`every` in feeds.toml"),
    (DueRule::Rhythm, "rhythm", "half the usual time between its posts"),
    (DueRule::Silent, "silent", "it has been silent for a week or more"),
    (DueRule::MaxAge, "max-age", "the server says how long its answer is fresh (Cache-Control)"),
    (DueRule::Expires, "expires", "the server says how long its answer is fresh (Expires)"),
    (DueRule::FeedHint, "feed-hint", "the feed says how often to come (ttl, sy:updatePeriod)"),
    (DueRule::Backoff, "backoff", "it failed; the wait doubles with each failure"),
    (DueRule::Dead, "dead", "it has failed for 30 days and is tried once a week"),
    (DueRule::Floor, "floor", "the least time between two requests (`floor`)"),
    (DueRule::RetryAfter, "retry-after", "the server asked to be left alone until then (Retry-After)"),
    (DueRule::TooManyRequests, "too-many-requests", "the server said that there were too many requests"),
    (DueRule::HostHold, "host-hold", "its host asked to be left alone until then"),
    (DueRule::Forbidden, "forbidden", "the server refused access"),
    (DueRule::Challenge, "challenge", "the server puts a bot challenge before the feed"),
    (DueRule::Robots, "robots", "its robots.txt forbids it; looked at again after a day"),
    (DueRule::Gone, "gone", "the server says that it is gone; asked once more after a day"),
    (DueRule::GoneForGood, "gone-for-good", "the server says that it is gone for good"),
    (DueRule::SkipHours, "skip-hours", "the feed asks not to come in these hours (skipHours)"),
    (DueRule::SkipDays, "skip-days", "the feed asks not to come on these days (skipDays)"),
    (DueRule::ClockGuard, "clock-guard", "the clock was set back since"),
    (DueRule::Pushed, "pushed", "its hub pushes what is new (WebSub); it is asked once a day"),
    (DueRule::EveryRun, "every-run", "a local file is read on every run"),
];

impl DueRule {
    /// A sentence for people, lower case, without a full stop.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        self.row().2
    }

    /// The short name, as kept in the database and printed for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().1
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        RULES.iter().find(|row| row.1 == code).map(|row| row.0)
    }

    fn row(self) -> &'static (Self, &'static str, &'static str) {
        RULES.iter().find(|row| row.0 == self).expect("the table has every rule; tested")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        for (rule, code, sentence) in RULES {
            assert_eq!(DueRule::from_code(code), Some(rule));
            assert_eq!(rule.code(), code);
            assert!(!sentence.ends_with('.') && !sentence.is_empty());
        }
    }
}
