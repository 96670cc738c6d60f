//! Whether a run that reached (nearly) nothing indicates trouble with the sources or with this machine. Pure.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::fetch::{FetchError, Unreached};
use super::report::SourceError;

/// This many sources have to be asked before failing connections count as ours: one server may be down.
const ENOUGH: usize = 3;
/// The part of the hosts, and of the sources, that may still be reached while it is ours: one in this many.
const NEARLY: usize = 10;

/// How a source did before this run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    /// Failures in a row.
    pub(super) failures: u32,
    /// It gave a good answer once.
    pub(super) has_answered: bool,
}

/// What the sources that were asked in a run answered. Files and sources without a turn do not count.
#[derive(Debug, Default)]
pub(super) struct Tally {
    good_hosts: BTreeSet<String>,
    good: usize,
    unreached: usize,
    /// Of these, sources whose name was not found or to which no route leads, or which our own limits held up.
    unasked: usize,
    /// Of these, sources that did not fail before: those that have long been failing prove nothing.
    fresh: usize,
    /// Of these, sources that have answered before, and their hosts: a list of hosts that never existed proves nothing
    /// while others answer.
    lost: usize,
    lost_hosts: BTreeSet<String>,
    /// Sources that were cut off while nothing at all came from them.
    cut_off: usize,
}

impl Tally {
    /// The source at this host answered in any way.
    pub(super) fn answered(&mut self, host: String) {
        self.good += 1;
        self.good_hosts.insert(host);
    }

    /// The source at this host was not reached.
    pub(super) fn unreached(&mut self, host: String, how: Unreached, before: Before) {
        self.unreached += 1;
        if before.has_answered {
            self.lost += 1;
            self.lost_hosts.insert(host);
        }
        self.unasked += usize::from(how != Unreached::Connection);
        self.fresh += usize::from(before.failures == 0);
    }

    /// A source was cut off to make room for others.
    pub(super) fn cut_off(&mut self) {
        self.cut_off += 1;
    }

    /// Whether anything answered.
    pub(super) fn has_answers(&self) -> bool {
        self.good > 0
    }

    /// Whether it is our outage; `before`: since when the last runs found one.
    pub(super) fn is_outage(&self, before: Option<Timestamp>) -> bool {
        let is_nearly_all = |good: usize, bad: usize| good * NEARLY <= good + bad;
        let is_enough = self.unreached >= ENOUGH || self.unasked == self.unreached;
        let is_news = self.fresh > 0 || before.is_some();
        if self.unreached == 0 || !is_enough || !is_news {
            return false;
        }
        // One dead server with many sources is not our outage while others answer.
        self.good == 0
            || (self.lost_hosts.len() >= ENOUGH
                && is_nearly_all(self.good, self.lost)
                && is_nearly_all(self.good_hosts.len(), self.lost_hosts.len()))
    }
}

/// How a source was not reached; `None`: it was, or it is its own fault.
pub(super) fn unreached(error: &SourceError) -> Option<Unreached> {
    match error {
        SourceError::Fetch(error) => error.unreached(),
        SourceError::Read(_) => None,
    }
}

/// Whether a source was cut off before it had the full time limit.
pub(super) fn is_cut_off(error: &SourceError) -> bool {
    matches!(error, SourceError::Fetch(FetchError::CutOff { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row: sources that answered, a letter for each host; sources that were not reached, each a letter for its
    /// host and how (`n`ame, `r`oute, `c`onnection, `o`wn limit), in capitals if it failed before as well.
    #[track_caller]
    fn check(good: &str, bad: &str, want: bool) {
        let mut tally = Tally::default();
        good.chars().for_each(|host| tally.answered(host.to_string()));
        for word in bad.split_whitespace() {
            let (host, how) = word.split_at(1);
            let kind = match how.to_ascii_lowercase().as_str() {
                "n" => Unreached::Lookup,
                "r" => Unreached::Route,
                "o" => Unreached::OwnLimit,
                _ => Unreached::Connection,
            };
            let failures = u32::from(how != how.to_ascii_lowercase());
            tally.unreached(host.to_owned(), kind, Before { failures, has_answered: true });
        }
        assert_eq!(tally.is_outage(None), want, "{good:?} {bad:?}");
    }

    #[test]
    fn an_outage_is_ours_where_nearly_nobody_is_reached() {
        check("", "", false);
        check("ab", "", false);
        // with fewer than three, only names, routes and our own limits
        check("", "an", true);
        check("", "ar", true);
        check("", "ao bn", true);
        check("", "ac", false);
        check("", "ac bc", false);
        check("", "an bc", false);
        // from three on connections too, also on one host
        check("", "ac bc cc", true);
        check("", "ac ac ac", true);
        check("", "an bc cr do", true);
        // nearly all
        check("a", "bn cn dn en fn gn hn in jn", true);
        check("a", "bn cn dn en fn gn hn in", false);
        check("aab", "bn cn dn en fn gn hn in jn", false);
        // one dead server with many sources
        check("a", "bc bc bc bc bc bc bc bc bc bc bc bc bc bc", false);
        check("a", "bc cc bc bc bc bc bc bc bc bc bc bc bc bc", false);
        // those that have long been failing prove nothing
        check("", "aN", false);
        check("", "aC bC cC", false);
        check("", "aC bC cC dc", true);
    }

    #[test]
    fn hosts_that_never_answered_prove_nothing_while_others_do() {
        let mut tally = Tally::default();
        tally.answered("good".to_owned());
        for number in 0..100 {
            tally.unreached(
                format!("made-up-{number}"),
                Unreached::Lookup,
                Before { failures: 0, has_answered: false },
            );
        }
        assert!(!tally.is_outage(None));
    }

    #[test]
    fn an_outage_that_goes_on_is_one_for_those_who_failed_too() {
        let mut tally = Tally::default();
        tally.unreached("a".to_owned(), Unreached::Lookup, Before { failures: 4, has_answered: true });
        assert!(!tally.is_outage(None) && tally.is_outage(Some(Timestamp::UNIX_EPOCH)));
    }
}
