//! Whether a run that reached (nearly) nothing, or in which (nearly) all got the same instead of their feeds, indicates
//! trouble with the sources or with this machine. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::alike::Alike;
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

/// A source for which something came that others may have got as well.
#[derive(Debug)]
pub(super) struct Instead {
    /// Who owns it.
    pub(super) owner: String,
    pub(super) host: String,
    /// How it was not reached, if it was not.
    pub(super) unreached: Option<Unreached>,
    pub(super) before: Before,
    /// What was said of it.
    pub(super) said: String,
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
    /// Sources for which no feed came but something that others may have got as well; judged by [`Tally::settle`].
    instead: BTreeMap<Alike, Vec<Instead>>,
    /// What so many of them got that it is nobody's answer.
    in_between: BTreeMap<Alike, String>,
    /// What came instead of robots.txt, by host.
    host_files: BTreeMap<String, Alike>,
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

    /// For a source, this came instead of its feed.
    pub(super) fn instead(&mut self, what: Alike, of: Instead) {
        self.instead.entry(what).or_default().push(of);
    }

    /// This came instead of robots.txt of the host.
    pub(super) fn instead_of_robots(&mut self, host: String, what: Alike) {
        self.host_files.insert(host, what);
    }

    /// What came instead of robots.txt of the host, without which nothing is asked there.
    pub(super) fn at_host(&self, host: &str) -> Option<Alike> {
        self.host_files.get(host).cloned()
    }

    /// All were asked. What sources of several owners got alike was answered by none of them; the rest is the answer of
    /// its source.
    pub(super) fn settle(&mut self) {
        for (what, sources) in std::mem::take(&mut self.instead) {
            let owners: BTreeSet<&str> = sources.iter().map(|source| source.owner.as_str()).collect();
            let is_in_between = owners.len() >= ENOUGH;
            if is_in_between {
                let said = sources.first().map(|source| source.said.clone()).unwrap_or_default();
                self.in_between.insert(what, said);
            }
            for Instead { host, unreached, before, .. } in sources {
                match unreached {
                    _ if is_in_between => self.unreached(host, Unreached::Connection, before),
                    Some(how) => self.unreached(host, how, before),
                    None => self.answered(host),
                }
            }
        }
    }

    /// Whether this is what came instead of several sources.
    pub(super) fn is_in_between(&self, what: &Alike) -> bool {
        self.in_between.contains_key(what)
    }

    /// What came instead of several sources, in words.
    pub(super) fn in_between(&self) -> Option<String> {
        let (what, said) = self.in_between.first_key_value()?;
        Some(what.sentence(said))
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

    /// One row: sources that answered, sources that were not reached, each a letter for its host, and sources that got
    /// something instead, each as `OWNER:WHAT`; who never answered before is in capitals.
    #[track_caller]
    fn in_between(good: &str, lost: &str, instead: &str, want: Option<&str>) {
        let mut tally = Tally::default();
        good.chars().for_each(|host| tally.answered(host.to_string()));
        let before = |name: &str| Before { failures: 0, has_answered: name == name.to_lowercase() };
        for host in lost.chars().map(String::from) {
            tally.unreached(host.clone(), Unreached::Connection, before(&host));
        }
        for (owner, what) in instead.split_whitespace().map(|word| word.split_once(':').unwrap()) {
            let (host, owner) = (format!("www.{owner}"), owner.to_owned());
            let of = Instead { before: before(&owner), owner, host, unreached: None, said: String::new() };
            tally.instead(Alike::Redirect(what.to_owned()), of);
        }
        tally.settle();
        let found = tally.in_between().filter(|_| tally.is_outage(None));
        let found = found.as_deref().map(|text| text.rsplit(' ').next().unwrap());
        assert_eq!(found, want, "{good:?} {lost:?} {instead:?}");
    }

    #[test]
    fn what_nearly_all_owners_get_alike_is_nobodys_answer() {
        in_between("", "", "a:x b:x c:x", Some("x"));
        // fewer owners prove nothing, however many sources and hosts they have
        in_between("", "", "a:x b:x", None);
        in_between("", "", "a:x a:x a:x b:x b:x", None);
        // nor do several places
        in_between("", "", "a:x b:y c:z d:x e:y f:z", None);
        in_between("", "", "a:x b:x c:x d:y", None);
        in_between("", "", "a:x b:x c:x d:x e:x f:x g:x h:x i:x j:y", Some("x"));
        // nearly all of those that were asked
        in_between("a", "", "b:x c:x d:x", None);
        in_between("a", "", "b:x c:x d:x e:x f:x g:x h:x i:x j:x", Some("x"));
        in_between("a", "bcdef", "g:x h:x i:x j:x", Some("x"));
        // those that never answered prove nothing while others do
        in_between("a", "", "B:x C:x D:x E:x F:x G:x H:x I:x J:x K:x", None);
        in_between("", "", "B:x C:x D:x", Some("x"));
    }

    #[test]
    fn an_outage_that_goes_on_is_one_for_those_who_failed_too() {
        let mut tally = Tally::default();
        tally.unreached("a".to_owned(), Unreached::Lookup, Before { failures: 4, has_answered: true });
        assert!(!tally.is_outage(None) && tally.is_outage(Some(Timestamp::UNIX_EPOCH)));
    }
}
