//! Who has to ask robots.txt first, and tdmrep.json before a page, and what these files of the hosts say.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::errand::{Errand, HostFile, Job, RobotsErrand};
use super::fetch::robots::Robots;
use super::fetch::{FetchError, hosts};
use super::report::SourceError;
use crate::config::RobotsFor;
use crate::store::RobotsState;

/// A copy is good for so long (RFC 9309 §2.4).
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);
/// A file that could not be had is asked for again after so long.
const TRIED_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// What is known of the hosts' robots.txt, and the jobs that wait for one.
#[derive(Debug)]
pub(crate) struct Permits {
    needed_for: RobotsFor,
    tokens: Vec<String>,
    known: HashMap<String, Known>,
    waiting: HashMap<String, Vec<Job>>,
}

#[derive(Debug)]
struct Known {
    state: RobotsState,
    /// Read when it is first asked about.
    robots: Option<Robots>,
    /// So too; the addresses that it does not allow are those whose mining is reserved.
    mining: Option<Robots>,
    /// What tdmrep.json said before robots.txt was asked for anew.
    mining_before: Option<String>,
}

impl Known {
    fn new(state: RobotsState) -> Self {
        Self { state, robots: None, mining: None, mining_before: None }
    }
}

/// Whether a job may start.
#[derive(Debug)]
pub(crate) enum Permit {
    Granted {
        /// Least time between two requests there, by robots.txt.
        spacing: Option<Duration>,
    },
    /// Its host's robots.txt has to be fetched first.
    NotYet,
    Refused(FetchError),
}

impl Permits {
    pub(crate) fn new(needed_for: RobotsFor, tokens: Vec<String>) -> Self {
        Self { needed_for, tokens, known: HashMap::new(), waiting: HashMap::new() }
    }

    /// Adds what earlier runs learned.
    pub(crate) fn remember(&mut self, kept: HashMap<String, RobotsState>) {
        for (host, state) in kept {
            self.known.entry(host).or_insert(Known::new(state));
        }
    }

    /// Whether `job` may be sent where it is going, at `now`.
    pub(crate) fn of(&mut self, job: &Job, now: Timestamp) -> Permit {
        if let Errand::Robots(RobotsErrand { file: HostFile::Tdmrep, .. }) = &job.errand {
            let Permit::Granted { spacing } = self.at(&job.trip.url, now) else {
                return Permit::Granted { spacing: None };
            };
            return Permit::Granted { spacing };
        }
        let needs = match &job.errand {
            Errand::Feed(feed) => self.needed_for == RobotsFor::All && !feed.is_local(),
            Errand::Page(_) => true,
            Errand::Robots(_) => false,
        };
        if !needs {
            return Permit::Granted { spacing: None };
        }
        match self.at(&job.trip.url, now) {
            Permit::Granted { .. }
                if matches!(job.errand, Errand::Page(_)) && self.is_to_ask_for_mining(&job.trip.url) =>
            {
                Permit::NotYet
            }
            permit => permit,
        }
    }

    /// Whether tdmrep.json of the host, whose robots.txt is known, is to be asked for and may be.
    fn is_to_ask_for_mining(&self, url: &Url) -> bool {
        self.known.get(&hosts::key(url)).is_some_and(|known| {
            let is_allowed = |robots: &Robots| robots.allows(&HostFile::Tdmrep.address(url));
            known.state.mining.is_none() && known.robots.as_ref().is_none_or(is_allowed)
        })
    }

    /// Whether tdmrep.json of its host reserves text and data mining of `url`.
    pub(crate) fn is_mining_reserved(&mut self, url: &Url) -> bool {
        let Some(Known { state, mining, .. }) = self.known.get_mut(&hosts::key(url)) else { return false };
        let Some(lines) = state.mining.as_ref().filter(|lines| !lines.is_empty()) else { return false };
        !mining.get_or_insert_with(|| Robots::parse(lines.as_bytes(), &[])).allows(url)
    }

    /// Whether robots.txt lets us fetch `url` at `now`.
    pub(crate) fn at(&mut self, url: &Url, now: Timestamp) -> Permit {
        let Some(known) = self.known.get_mut(&hosts::key(url)).filter(|known| is_current(&known.state, now)) else {
            return Permit::NotYet;
        };
        let host = || url.host_str().unwrap_or_default().to_owned();
        match (&known.state.lines, &known.state.trouble) {
            (None, trouble) => {
                let why = trouble.clone().unwrap_or_default();
                Permit::Refused(FetchError::NoRobots { host: host(), why })
            }
            (Some(lines), _) => {
                let robots = known.robots.get_or_insert_with(|| Robots::parse(lines.as_bytes(), &self.tokens));
                if robots.allows(url) {
                    Permit::Granted { spacing: robots.crawl_delay() }
                } else {
                    Permit::Refused(FetchError::Robots { host: host() })
                }
            }
        }
    }

    /// Lets `job`, which may not start at `now`, wait for a file of its host: robots.txt, or where that is known
    /// tdmrep.json; the job that fetches it, where none does yet.
    pub(crate) fn wait(&mut self, job: Job, limit: Duration, now: Timestamp) -> Option<Box<Job>> {
        let host = hosts::key(&job.trip.url);
        let is_known = self.known.get(&host).is_some_and(|known| is_current(&known.state, now));
        let file = if is_known { HostFile::Tdmrep } else { HostFile::Robots };
        let place = file.address(&job.trip.url);
        let line = self.waiting.entry(host.clone()).or_default();
        line.push(job);
        let errand = || Errand::Robots(RobotsErrand { host, file });
        (line.len() == 1).then(|| Box::new(Job::new(errand(), place, limit)))
    }

    /// Takes note of what came back for a file of a host at `now`: what is to be kept.
    pub(crate) fn learn(
        &mut self,
        of: &RobotsErrand,
        brought: Result<Robots, SourceError>,
        now: Timestamp,
    ) -> RobotsState {
        match of.file {
            HostFile::Robots => self.learn_robots(&of.host, brought, now),
            HostFile::Tdmrep => self.learn_mining(&of.host, brought, now),
        }
    }

    /// It is asked for again with robots.txt. Where it cannot be had, a good copy from before stands in; without one
    /// this run goes on as if nothing were reserved but what pages say for themselves, and the next one asks again.
    fn learn_mining(&mut self, host: &str, brought: Result<Robots, SourceError>, now: Timestamp) -> RobotsState {
        let known = self
            .known
            .entry(host.to_owned())
            .or_insert_with(|| Known::new(RobotsState { asked: now, lines: None, trouble: None, mining: None }));
        let lines = match brought {
            Ok(rules) => Some(rules.lines()),
            Err(SourceError::Fetch(error)) if says_there_is_none(&error) => Some(String::new()),
            Err(_) => known.mining_before.take(),
        };
        known.state.mining = Some(lines.clone().unwrap_or_default());
        known.mining = None;
        RobotsState { mining: lines, ..known.state.clone() }
    }

    fn learn_robots(&mut self, host: &str, brought: Result<Robots, SourceError>, now: Timestamp) -> RobotsState {
        let (lines, trouble) = match brought {
            Ok(robots) => (Some(robots.lines()), None),
            Err(SourceError::Fetch(error)) if says_there_is_none(&error) => (Some(String::new()), None),
            // A good copy from before stands in.
            Err(error) => (self.known.get(host).and_then(|known| known.state.lines.clone()), Some(error.sentence())),
        };
        let state = RobotsState { asked: now, lines, trouble, mining: None };
        let before = self.known.remove(host).and_then(|known| known.state.mining.or(known.mining_before));
        self.known.insert(host.to_owned(), Known { mining_before: before, ..Known::new(state.clone()) });
        state
    }

    /// The jobs that waited for a file of the host, in their order.
    pub(crate) fn released(&mut self, host: &str) -> Vec<Job> {
        self.waiting.remove(host).unwrap_or_default()
    }

    /// All jobs that wait.
    pub(crate) fn drain(&mut self) -> Vec<Job> {
        self.waiting.drain().flat_map(|(_, jobs)| jobs).collect()
    }
}

fn is_current(state: &RobotsState, now: Timestamp) -> bool {
    let good_for = if state.trouble.is_some() { TRIED_AGAIN_AFTER } else { GOOD_FOR };
    // From the future: the clock was set back since.
    state.asked <= now && now.duration_since(state.asked) < good_for
}

/// RFC 9309 §2.3.1.3: 4xx lets everything be fetched; 429 is a server that is busy.
fn says_there_is_none(error: &FetchError) -> bool {
    matches!(error, FetchError::Status { status: 400..=499, .. } | FetchError::Forbidden { .. } | FetchError::Gone)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::errand::PageErrand;
    use super::*;
    use crate::config::Config;
    use crate::store::{ArticleNumber, WantedArticle};

    fn permits() -> Permits {
        Permits::new(RobotsFor::Articles, vec!["feedloom".to_owned()])
    }

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(hours * 3600).unwrap()
    }

    fn page(url: &str) -> Job {
        let text = "title = \"T\"\n[[source]]\nurl = \"https://a.example/f\"\n";
        let source = Config::parse(std::path::Path::new("/f.toml"), text).unwrap().sources.remove(0);
        let address = Url::parse(url).unwrap();
        let (number, id) = (ArticleNumber::from_raw(1), source.id.clone());
        let wanted = WantedArticle { number, source: id, address: address.clone(), since: at(0), tries: 0 };
        let errand = PageErrand { wanted: Arc::new(wanted), source: Arc::new(source), signals: Vec::new() };
        Job::new(Errand::Page(errand), address, Duration::from_secs(1))
    }

    const HOST: &str = "https://a.example:443";

    fn of(file: HostFile) -> RobotsErrand {
        RobotsErrand { host: HOST.to_owned(), file }
    }

    /// The host has no tdmrep.json.
    fn reserves_nothing(permits: &mut Permits) {
        permits.learn(&of(HostFile::Tdmrep), status(404), at(0));
    }

    fn status(status: u16) -> Result<Robots, SourceError> {
        Err(FetchError::Status { status, retry_after: None }.into())
    }

    fn robots(text: &str) -> Result<Robots, SourceError> {
        Ok(Robots::parse(text.as_bytes(), &["feedloom".to_owned()]))
    }

    #[test]
    fn one_request_for_robots_serves_all_who_wait() {
        let mut permits = permits();
        let job = page("https://a.example/x?q");
        assert!(matches!(permits.of(&job, at(0)), Permit::NotYet));
        let asking = permits.wait(job, Duration::from_secs(1), at(0)).unwrap();
        assert_eq!(asking.trip.url.as_str(), "https://a.example/robots.txt");
        assert!(matches!(permits.of(&asking, at(0)), Permit::Granted { .. }));
        assert!(permits.wait(page("https://a.example/y"), Duration::from_secs(1), at(0)).is_none());
        permits.learn(&of(HostFile::Robots), robots("User-agent: *\nDisallow: /y\nCrawl-delay: 3"), at(0));
        let released = permits.released(HOST);
        reserves_nothing(&mut permits);
        let three = Duration::from_secs(3);
        assert!(matches!(permits.of(&released[0], at(1)), Permit::Granted { spacing: Some(s) } if s == three));
        assert!(matches!(permits.of(&released[1], at(1)), Permit::Refused(FetchError::Robots { .. })));
        assert!(matches!(permits.of(&released[0], at(24)), Permit::NotYet), "a day later it is asked again");
    }

    #[test]
    fn what_a_missing_file_and_a_failing_server_mean() {
        for (answer, granted) in [(404, true), (410, true), (403, true), (500, false), (503, false)] {
            let mut permits = permits();
            permits.learn(&of(HostFile::Robots), status(answer), at(0));
            reserves_nothing(&mut permits);
            let got = permits.of(&page("https://a.example/x"), at(0));
            assert_eq!(matches!(got, Permit::Granted { .. }), granted, "{answer}");
        }
        let mut permits = permits();
        permits.learn(&of(HostFile::Robots), Err(FetchError::TooManyRequests { retry_after: None }.into()), at(0));
        assert!(matches!(
            permits.of(&page("https://a.example/x"), at(0)),
            Permit::Refused(FetchError::NoRobots { .. })
        ));
        assert!(matches!(permits.of(&page("https://a.example/x"), at(1)), Permit::NotYet), "asked again in an hour");
    }

    #[test]
    fn a_good_copy_stands_in_for_a_server_that_fails() {
        let mut permits = permits();
        permits.learn(&of(HostFile::Robots), robots("User-agent: *\nDisallow: /y"), at(0));
        let state = permits.learn(&of(HostFile::Robots), status(500), at(30));
        assert!(state.trouble.is_some());
        reserves_nothing(&mut permits);
        assert!(matches!(permits.of(&page("https://a.example/x"), at(30)), Permit::Granted { .. }));
        assert!(matches!(permits.of(&page("https://a.example/y"), at(30)), Permit::Refused(FetchError::Robots { .. })));
        let mut later = self::permits();
        let state = RobotsState { mining: Some(String::new()), ..state };
        later.remember(HashMap::from([(HOST.to_owned(), state)]));
        assert!(matches!(later.of(&page("https://a.example/x"), at(30)), Permit::Granted { .. }));
        assert!(matches!(later.of(&page("https://a.example/x"), at(2)), Permit::NotYet), "the clock was set back");
    }

    #[test]
    fn a_page_waits_for_tdmrep_json_once_robots_txt_is_known() {
        let url = Url::parse("https://a.example/news/1").unwrap();
        let mut permits = permits();
        permits.learn(&of(HostFile::Robots), robots(""), at(0));
        assert!(matches!(permits.at(&url, at(0)), Permit::Granted { .. }), "a feed does not");
        assert!(matches!(permits.of(&page(url.as_str()), at(0)), Permit::NotYet));
        let asking = permits.wait(page(url.as_str()), Duration::from_secs(1), at(0)).unwrap();
        assert_eq!(asking.trip.url.as_str(), "https://a.example/.well-known/tdmrep.json");
        let news = Robots::parse(b"user-agent: *\ndisallow: /news/", &[]);
        let state = permits.learn(&of(HostFile::Tdmrep), Ok(news), at(0));
        assert!(matches!(permits.of(&page(url.as_str()), at(1)), Permit::Granted { .. }));
        assert!(permits.is_mining_reserved(&url));
        assert!(!permits.is_mining_reserved(&Url::parse("https://a.example/about").unwrap()));
        let mut later = self::permits();
        later.remember(HashMap::from([(HOST.to_owned(), state)]));
        assert!(later.is_mining_reserved(&url), "and is kept");

        later.learn(&of(HostFile::Robots), robots(""), at(24));
        let state = later.learn(&of(HostFile::Tdmrep), status(503), at(24));
        assert!(later.is_mining_reserved(&url) && state.mining.is_some(), "a good copy stands in");
        let mut failing = self::permits();
        failing.learn(&of(HostFile::Robots), robots(""), at(0));
        let state = failing.learn(&of(HostFile::Tdmrep), status(503), at(0));
        assert!(matches!(failing.of(&page(url.as_str()), at(0)), Permit::Granted { .. }), "not twice in one run");
        assert_eq!(state.mining, None, "but by the next one");

        let mut forbidden = self::permits();
        forbidden.learn(&of(HostFile::Robots), robots("User-agent: *\nDisallow: /.well-known/"), at(0));
        assert!(matches!(forbidden.of(&page(url.as_str()), at(0)), Permit::Granted { .. }), "it may not be asked for");
    }
}
