//! What servers say of the time, while it counts: on a first run, when there is no earlier one to compare with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap};
use url::Url;

use super::http_date::http_date;
use crate::gather::host_key::owner_key;

/// The `Date` headers of all answers so far, by who answered, so that nobody with many sources, or with many hosts that
/// redirects lead to, outvotes the others.
#[derive(Debug)]
pub(crate) struct ServerClocks {
    /// Further away than this counts as wrong.
    tolerance: SignedDuration,
    /// Those that were asked: only they vote.
    voters: BTreeSet<String>,
    hosts: Mutex<BTreeMap<String, Answers>>,
}

/// The answers of one host.
#[derive(Debug, Default)]
struct Answers {
    /// With a date near ours, or with none that can be read.
    others: usize,
    far: usize,
    /// The first that was far from ours.
    first_far: Option<Timestamp>,
}

/// What the hosts say, each by most of its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Votes {
    /// Hosts that say nothing else than our clock, or nothing at all.
    pub(crate) others: usize,
    pub(crate) far: usize,
    /// What the hosts say whose clocks are far away: the middle one.
    pub(crate) far_time: Option<Timestamp>,
}

impl ServerClocks {
    /// For the feeds at these addresses.
    pub(crate) fn new<'a>(tolerance: SignedDuration, asked: impl Iterator<Item = &'a Url>) -> Self {
        Self { tolerance, voters: asked.map(owner_key).collect(), hosts: Mutex::default() }
    }

    /// How many vote.
    pub(crate) fn voters(&self) -> usize {
        self.voters.len()
    }

    /// Takes note of an answer from `url` with these headers, at `now` of our clock.
    pub(super) fn note(&self, url: &Url, headers: &HeaderMap, now: Timestamp) {
        let voter = owner_key(url);
        if !self.voters.contains(&voter) {
            return;
        }
        let date = headers.get(DATE).and_then(|date| http_date(date.to_str().ok()?.trim()));
        let far = date.filter(|date| now.duration_since(*date).abs() > self.tolerance);
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let answers = hosts.entry(voter).or_default();
        match far {
            Some(date) => {
                answers.far += 1;
                answers.first_far.get_or_insert(date);
            }
            None => answers.others += 1,
        }
    }

    pub(crate) fn votes(&self) -> Votes {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let is_far = |answers: &&Answers| answers.far > answers.others;
        let mut far: Vec<Timestamp> = hosts.values().filter(is_far).filter_map(|answers| answers.first_far).collect();
        far.sort_unstable();
        Votes { others: hosts.len() - far.len(), far: far.len(), far_time: far.get(far.len() / 2).copied() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row: answers as `HOST:DATE`, the date a year or nothing; how many hosts are far from 2026, and the year they
    /// say.
    #[track_caller]
    fn check(answers: &str, others: usize, far: usize, year: Option<&str>) {
        let asked = ["a", "b", "c"].map(|host| Url::parse(&format!("https://{host}.example/feed")).unwrap());
        let clocks = ServerClocks::new(SignedDuration::from_hours(5 * 366 * 24), asked.iter());
        assert_eq!(clocks.voters(), 3);
        for answer in answers.split_whitespace() {
            let (host, year) = answer.split_once(':').unwrap();
            let mut headers = HeaderMap::new();
            if !year.is_empty() {
                let date = if year == "?" { "yesterday".to_owned() } else { format!("01 Jun {year} 12:00:00 GMT") };
                headers.insert(DATE, date.parse().unwrap());
            }
            let url = Url::parse(&format!("https://{host}.example/feed")).unwrap();
            clocks.note(&url, &headers, "2026-06-01T12:00:00Z".parse().unwrap());
        }
        let votes = clocks.votes();
        assert_eq!((votes.others, votes.far), (others, far), "{answers}");
        assert_eq!(votes.far_time.map(|time| time.strftime("%Y").to_string()).as_deref(), year, "{answers}");
    }

    #[test]
    fn each_host_counts_once_by_most_of_its_answers() {
        check("", 0, 0, None);
        check("a:2026 b:2025 c:2027", 3, 0, None);
        check("a:2022 b:2030", 2, 0, None);
        check("a:2019 b:2034", 0, 2, Some("2034"));
        check("a:2019 a:2026 a:2019", 0, 1, Some("2019"));
        check("a:2019 a:2026", 1, 0, None);
        check("a:1990 a:1990 a:1990 b:2026 c:2026", 2, 1, Some("1990"));
        check("a: b:? c:2040", 2, 1, Some("2040"));
        check("a:2010 b:2015 c:1970", 0, 3, Some("2010"));
        // Neither subdomains nor hosts that nobody asked vote.
        check("e1.a:1990 e2.a:1990 e3.a:1990 a:1990 b:2026 c:2026", 2, 1, Some("1990"));
        check("d:1990 e:1990 f:1990 a:2026", 1, 0, None);
    }
}
