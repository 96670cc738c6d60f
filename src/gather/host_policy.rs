//! What robots.txt and tdmrep.json of the hosts let us fetch, and which requests have to wait for one of these files.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::fetch::robots::Robots;
use super::fetch::tdmrep::TdmPolicy;
use super::fetch::{FetchError, Unreached};
use super::host_key::host_key;
use super::outcome::{HostRules, Unfinished};
use super::report::SourceError;
use super::request::{HostFile, HostFileTarget, ProbeKind, Target};
use super::task::Task;
use crate::config::RobotsFor;
use crate::store::RobotsState;

/// A copy is good for this long (RFC 9309 §2.4).
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);
/// A file that was unavailable is asked for again after this long.
const TRIED_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// What is known about these files, and the tasks that wait for one.
#[derive(Debug)]
pub(crate) struct HostPolicies {
    needed_for: RobotsFor,
    tokens: Vec<String>,
    known: HashMap<String, Known>,
    waiting: HashMap<String, Vec<Task>>,
}

#[derive(Debug)]
struct Known {
    state: RobotsState,
    /// Parsed when first needed.
    robots: Option<Robots>,
    /// The same.
    tdm: Option<TdmPolicy>,
    /// What tdmrep.json stated before robots.txt was requested again.
    mining_before: Option<String>,
    /// How the host was not reached when it was last asked.
    unreached: Option<Unreached>,
}

impl Known {
    fn new(state: RobotsState) -> Self {
        Self { state, robots: None, tdm: None, mining_before: None, unreached: None }
    }
}

/// Whether a task may start.
#[derive(Debug)]
pub(crate) enum Decision {
    Allow {
        /// Least time between two requests there, according to robots.txt.
        spacing: Option<Duration>,
    },
    /// Its host's robots.txt has to be fetched first.
    Wait,
    Deny(FetchError),
}

impl HostPolicies {
    pub(crate) fn new(needed_for: RobotsFor, tokens: Vec<String>) -> Self {
        Self { needed_for, tokens, known: HashMap::new(), waiting: HashMap::new() }
    }

    /// Adds what earlier runs learned.
    pub(crate) fn remember(&mut self, kept: HashMap<String, RobotsState>) {
        for (host, state) in kept {
            self.known.entry(host).or_insert(Known::new(state));
        }
    }

    /// Whether `target` is fetched only if robots.txt allows it.
    pub(crate) fn are_needed_for(&self, target: &Target) -> bool {
        match Rules::of(target) {
            Rules::None => false,
            Rules::Feed => self.needed_for == RobotsFor::All,
            Rules::Page | Rules::Picture => true,
        }
    }

    /// Whether `task` may be sent where it is going, at `now`.
    pub(crate) fn of(&mut self, task: &Task, now: Timestamp) -> Decision {
        if let Target::HostFile(HostFileTarget { file: HostFile::Tdmrep, .. }) = &task.target {
            let Decision::Allow { spacing } = self.at(&task.attempt.url, now) else {
                return Decision::Allow { spacing: None };
            };
            return Decision::Allow { spacing };
        }
        if !self.are_needed_for(&task.target) {
            return Decision::Allow { spacing: None };
        }
        let is_page = Rules::of(&task.target) == Rules::Page;
        match self.at(&task.attempt.url, now) {
            Decision::Allow { .. } if is_page && self.needs_tdmrep(&task.attempt.url) => Decision::Wait,
            decision => decision,
        }
    }

    /// Whether tdmrep.json of the host, whose robots.txt is known, is to be fetched and may be.
    fn needs_tdmrep(&self, url: &Url) -> bool {
        self.known.get(&host_key(url)).is_some_and(|known| {
            let is_allowed = |robots: &Robots| robots.allows(&HostFile::Tdmrep.address(url));
            known.state.mining.is_none() && known.robots.as_ref().is_none_or(is_allowed)
        })
    }

    /// Whether tdmrep.json of its host reserves text and data mining of `url`.
    pub(crate) fn is_mining_reserved(&mut self, url: &Url) -> bool {
        let Some(Known { state, tdm, .. }) = self.known.get_mut(&host_key(url)) else { return false };
        let Some(lines) = state.mining.as_ref().filter(|lines| !lines.is_empty()) else { return false };
        tdm.get_or_insert_with(|| TdmPolicy::from_lines(lines)).reserves(url)
    }

    /// Whether robots.txt lets us fetch `url` at `now`.
    pub(crate) fn at(&mut self, url: &Url, now: Timestamp) -> Decision {
        let Some(known) = self.known.get_mut(&host_key(url)).filter(|known| is_current(&known.state, now)) else {
            return Decision::Wait;
        };
        let host = || url.host_str().unwrap_or_default().to_owned();
        match (&known.state.lines, &known.state.trouble) {
            (None, trouble) => {
                let why = trouble.clone().unwrap_or_default();
                Decision::Deny(FetchError::NoRobots { host: host(), why, unreached: known.unreached })
            }
            (Some(lines), _) => {
                let robots = known.robots.get_or_insert_with(|| Robots::parse(lines.as_bytes(), &self.tokens));
                if robots.allows(url) {
                    Decision::Allow { spacing: robots.crawl_delay() }
                } else {
                    Decision::Deny(FetchError::Robots { host: host() })
                }
            }
        }
    }

    /// Makes `task`, which may not start at `now`, wait for a file of its host: robots.txt, or if that is known
    /// tdmrep.json; returns the task that fetches it, unless one does already.
    pub(crate) fn wait(&mut self, task: Task, limit: Duration, now: Timestamp) -> Option<Box<Task>> {
        let host = host_key(&task.attempt.url);
        let standing = task.standing();
        let is_known = self.known.get(&host).is_some_and(|known| is_current(&known.state, now));
        let file = if is_known { HostFile::Tdmrep } else { HostFile::Robots };
        let place = file.address(&task.attempt.url);
        let waiting = self.waiting.entry(host.clone()).or_default();
        waiting.push(task);
        let target = || Target::HostFile(HostFileTarget { host, file, standing });
        (waiting.len() == 1).then(|| Box::new(Task::new(target(), place, limit)))
    }

    /// Takes note of what came back for a file of a host at `now`; returns what is to be kept.
    pub(crate) fn learn(
        &mut self,
        of: &HostFileTarget,
        answer: &Result<HostRules, Unfinished>,
        now: Timestamp,
    ) -> RobotsState {
        let lines = match answer {
            Ok(HostRules::Robots(robots)) => Ok(robots.lines()),
            Ok(HostRules::Tdm(policy)) => Ok(policy.lines()),
            Err(Unfinished::Failed(SourceError::Fetch(error))) if says_there_is_none(error) => Ok(String::new()),
            Err(Unfinished::Failed(error)) => Err(error.sentence()),
            Err(Unfinished::Held | Unfinished::OutOfTime) => Err("it was not asked for in time".to_owned()),
        };
        match of.file {
            HostFile::Robots => {
                let state = self.learn_robots(&of.host, lines, now);
                if let (Err(Unfinished::Failed(SourceError::Fetch(error))), Some(known)) =
                    (answer, self.known.get_mut(&of.host))
                {
                    known.unreached = error.unreached();
                }
                state
            }
            HostFile::Tdmrep => self.learn_tdmrep(&of.host, lines.ok(), now),
        }
    }

    /// It is requested again with robots.txt. If it is unavailable, a good earlier copy stands in; without one
    /// this run continues as if nothing were reserved but what pages themselves declare, and the next one asks again.
    fn learn_tdmrep(&mut self, host: &str, lines: Option<String>, now: Timestamp) -> RobotsState {
        let known = self
            .known
            .entry(host.to_owned())
            .or_insert_with(|| Known::new(RobotsState { asked: now, lines: None, trouble: None, mining: None }));
        let lines = lines.or_else(|| known.mining_before.take());
        known.state.mining = Some(lines.clone().unwrap_or_default());
        known.tdm = None;
        RobotsState { mining: lines, ..known.state.clone() }
    }

    /// If it is unavailable, a good earlier copy stands in.
    fn learn_robots(&mut self, host: &str, lines: Result<String, String>, now: Timestamp) -> RobotsState {
        let before = self.known.remove(host);
        let (lines_before, mining_before) =
            before.map(|known| (known.state.lines, known.state.mining.or(known.mining_before))).unwrap_or_default();
        let (lines, trouble) = match lines {
            Ok(lines) => (Some(lines), None),
            Err(trouble) => (lines_before, Some(trouble)),
        };
        let state = RobotsState { asked: now, lines, trouble, mining: None };
        self.known.insert(host.to_owned(), Known { mining_before, ..Known::new(state.clone()) });
        state
    }

    /// The tasks that waited for a file of the host, in order.
    pub(crate) fn released(&mut self, host: &str) -> Vec<Task> {
        self.waiting.remove(host).unwrap_or_default()
    }

    /// All tasks that wait.
    pub(crate) fn drain(&mut self) -> Vec<Task> {
        self.waiting.drain().flat_map(|(_, tasks)| tasks).collect()
    }
}

/// Which of its host's rules a target falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    None,
    Feed,
    Page,
    /// robots.txt as for a page; tdmrep.json is about what is mined.
    Picture,
}

impl Rules {
    fn of(target: &Target) -> Self {
        if target.local_file().is_some() {
            return Self::None;
        }
        match target {
            Target::HostFile(_) => Self::None,
            // A page as a list is a page.
            Target::Feed(feed) if feed.is_page() => Self::Page,
            Target::Feed(_) => Self::Feed,
            Target::Page(_) => Self::Page,
            Target::Picture(_) => Self::Picture,
            Target::Probe(probe) => match probe.kind {
                ProbeKind::Feed if probe.source.listing.is_some() => Self::Page,
                ProbeKind::Feed => Self::Feed,
                ProbeKind::Page => Self::Page,
            },
        }
    }
}

fn is_current(state: &RobotsState, now: Timestamp) -> bool {
    let good_for = if state.trouble.is_some() { TRIED_AGAIN_AFTER } else { GOOD_FOR };
    // From the future: the clock has been set back since.
    state.asked <= now && now.duration_since(state.asked) < good_for
}

/// RFC 9309 §2.3.1.3: 4xx allows everything to be fetched; 429 is a busy server.
fn says_there_is_none(error: &FetchError) -> bool {
    matches!(
        error,
        FetchError::Status { status: 400..=499, .. } | FetchError::Forbidden { .. } | FetchError::Gone { .. }
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::request::PageTarget;
    use super::super::standing::{Share, Standing, Visit};
    use super::*;
    use crate::config::Config;
    use crate::store::{ArticleNumber, WantedArticle};

    fn policies() -> HostPolicies {
        HostPolicies::new(RobotsFor::Articles, vec!["feedloom".to_owned()])
    }

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(hours * 3600).unwrap()
    }

    fn page(url: &str) -> Task {
        let text = "title = \"T\"\n[[source]]\nurl = \"https://a.example/f\"\n";
        let source = Config::parse(std::path::Path::new("/f.toml"), text).unwrap().sources.remove(0);
        let address = Url::parse(url).unwrap();
        let (number, id) = (ArticleNumber::from_raw(1), source.id.clone());
        let wanted = WantedArticle { number, source: id, address: address.clone(), since: at(0), tries: 0 };
        let target = PageTarget { wanted: Arc::new(wanted), source: Arc::new(source) };
        Task::new(Target::Page(target), address, Duration::from_secs(1))
    }

    const HOST: &str = "https://a.example:443";

    fn of(file: HostFile) -> HostFileTarget {
        let standing = Standing { share: Share::Half, visit: Visit::Own };
        HostFileTarget { host: HOST.to_owned(), file, standing }
    }

    /// The host has no tdmrep.json.
    fn reserves_nothing(policies: &mut HostPolicies) {
        policies.learn(&of(HostFile::Tdmrep), &status(404), at(0));
    }

    fn status(status: u16) -> Result<HostRules, Unfinished> {
        Err(FetchError::Status { status, retry_after: None }.into())
    }

    fn robots(text: &str) -> Result<HostRules, Unfinished> {
        Ok(HostRules::Robots(Robots::parse(text.as_bytes(), &["feedloom".to_owned()])))
    }

    #[test]
    fn one_request_for_robots_serves_all_who_wait() {
        let mut policies = policies();
        let task = page("https://a.example/x?q");
        assert!(matches!(policies.of(&task, at(0)), Decision::Wait));
        let asking = policies.wait(task, Duration::from_secs(1), at(0)).unwrap();
        assert_eq!(asking.attempt.url.as_str(), "https://a.example/robots.txt");
        assert!(matches!(policies.of(&asking, at(0)), Decision::Allow { .. }));
        assert!(policies.wait(page("https://a.example/y"), Duration::from_secs(1), at(0)).is_none());
        policies.learn(&of(HostFile::Robots), &robots("User-agent: *\nDisallow: /y\nCrawl-delay: 3"), at(0));
        let released = policies.released(HOST);
        reserves_nothing(&mut policies);
        let three = Duration::from_secs(3);
        assert!(matches!(policies.of(&released[0], at(1)), Decision::Allow { spacing: Some(s) } if s == three));
        assert!(matches!(policies.of(&released[1], at(1)), Decision::Deny(FetchError::Robots { .. })));
        assert!(matches!(policies.of(&released[0], at(24)), Decision::Wait), "a day later it is asked again");
    }

    #[test]
    fn what_a_missing_file_and_a_failing_server_mean() {
        for (answer, granted) in [(404, true), (410, true), (403, true), (500, false), (503, false)] {
            let mut policies = policies();
            policies.learn(&of(HostFile::Robots), &status(answer), at(0));
            reserves_nothing(&mut policies);
            let got = policies.of(&page("https://a.example/x"), at(0));
            assert_eq!(matches!(got, Decision::Allow { .. }), granted, "{answer}");
        }
        let mut policies = policies();
        policies.learn(&of(HostFile::Robots), &Err(FetchError::TooManyRequests { retry_after: None }.into()), at(0));
        assert!(matches!(
            policies.of(&page("https://a.example/x"), at(0)),
            Decision::Deny(FetchError::NoRobots { .. })
        ));
        assert!(matches!(policies.of(&page("https://a.example/x"), at(1)), Decision::Wait), "asked again in an hour");
    }

    #[test]
    fn a_good_copy_stands_in_for_a_server_that_fails() {
        let mut policies = policies();
        policies.learn(&of(HostFile::Robots), &robots("User-agent: *\nDisallow: /y"), at(0));
        let state = policies.learn(&of(HostFile::Robots), &status(500), at(30));
        assert!(state.trouble.is_some());
        reserves_nothing(&mut policies);
        assert!(matches!(policies.of(&page("https://a.example/x"), at(30)), Decision::Allow { .. }));
        assert!(matches!(policies.of(&page("https://a.example/y"), at(30)), Decision::Deny(FetchError::Robots { .. })));
        let mut later = self::policies();
        let state = RobotsState { mining: Some(String::new()), ..state };
        later.remember(HashMap::from([(HOST.to_owned(), state)]));
        assert!(matches!(later.of(&page("https://a.example/x"), at(30)), Decision::Allow { .. }));
        assert!(matches!(later.of(&page("https://a.example/x"), at(2)), Decision::Wait), "the clock was set back");
    }

    #[test]
    fn a_page_waits_for_tdmrep_json_once_robots_txt_is_known() {
        let url = Url::parse("https://a.example/news/1").unwrap();
        let mut policies = policies();
        policies.learn(&of(HostFile::Robots), &robots(""), at(0));
        assert!(matches!(policies.at(&url, at(0)), Decision::Allow { .. }), "a feed does not");
        assert!(matches!(policies.of(&page(url.as_str()), at(0)), Decision::Wait));
        let asking = policies.wait(page(url.as_str()), Duration::from_secs(1), at(0)).unwrap();
        assert_eq!(asking.attempt.url.as_str(), "https://a.example/.well-known/tdmrep.json");
        let news = TdmPolicy::parse(br#"[{"location": "/news/", "tdm-reservation": 1}]"#);
        let state = policies.learn(&of(HostFile::Tdmrep), &Ok(HostRules::Tdm(news)), at(0));
        assert!(matches!(policies.of(&page(url.as_str()), at(1)), Decision::Allow { .. }));
        assert!(policies.is_mining_reserved(&url));
        assert!(!policies.is_mining_reserved(&Url::parse("https://a.example/about").unwrap()));
        let mut later = self::policies();
        later.remember(HashMap::from([(HOST.to_owned(), state)]));
        assert!(later.is_mining_reserved(&url), "and is kept");

        later.learn(&of(HostFile::Robots), &robots(""), at(24));
        let state = later.learn(&of(HostFile::Tdmrep), &status(503), at(24));
        assert!(later.is_mining_reserved(&url) && state.mining.is_some(), "a good copy stands in");
        let mut failing = self::policies();
        failing.learn(&of(HostFile::Robots), &robots(""), at(0));
        let state = failing.learn(&of(HostFile::Tdmrep), &status(503), at(0));
        assert!(matches!(failing.of(&page(url.as_str()), at(0)), Decision::Allow { .. }), "not twice in one run");
        assert_eq!(state.mining, None, "but by the next one");

        let mut forbidden = self::policies();
        forbidden.learn(&of(HostFile::Robots), &robots("User-agent: *\nDisallow: /.well-known/"), at(0));
        assert!(matches!(forbidden.of(&page(url.as_str()), at(0)), Decision::Allow { .. }), "it may not be asked for");
    }
}
