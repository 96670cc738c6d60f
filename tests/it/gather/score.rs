//! An origin that scores its client as the well-known feed reader score does, over a hundred polls of the
//! binary, each in a process of its own.

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;

use super::harness::at;
use crate::publisher::{Publisher, Response};

/// Polls that are scored.
const POLLS: usize = 100;
/// Cron starts the program so often, in minutes …
const CRON: i64 = 30;
/// … and never more often than this, whatever the client does.
const MOST_RUNS: i64 = 3_000;
/// Closer requests than this are too close, in minutes.
const LEAST_SPACING: i64 = 30;

/// What the client did, counted as the score counts it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Score {
    unconditional: usize,
    bogus_since: usize,
    since_out_of_sequence: usize,
    bogus_match: usize,
    match_out_of_sequence: usize,
    cookies: usize,
    referrers: usize,
    query_strings: usize,
    too_close: usize,
    within_retry_after: usize,
    other_agents: usize,
}

/// The validators of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Pair {
    etag: String,
    modified: String,
}

/// The origin's memory. Minutes count from the first run.
#[derive(Debug, Default)]
struct Assessor {
    now: i64,
    asked: usize,
    last_asked: Option<i64>,
    closed_until: i64,
    /// Every pair that was ever sent, and the one that a client has to send now.
    sent: Vec<Pair>,
    current: Option<Pair>,
    version: usize,
    answers_of: std::collections::BTreeMap<u16, usize>,
    score: Score,
}

impl Assessor {
    /// Scores the request with this head and answers it.
    fn answer(&mut self, head: &str) -> String {
        self.asked += 1;
        let header = |name: &str| {
            head.lines().skip(1).find_map(|line| {
                let (own, value) = line.split_once(':')?;
                own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let (tag, since) = (header("if-none-match"), header("if-modified-since"));
        self.weigh(head, tag.as_deref(), since.as_deref());
        let score = &mut self.score;
        score.cookies += usize::from(header("cookie").is_some());
        score.referrers += usize::from(header("referer").is_some());
        let agent = format!("feedloom/{} (+https://me.example/about)", env!("CARGO_PKG_VERSION"));
        score.other_agents += usize::from(header("user-agent") != Some(agent));
        let knows = self.current.as_ref().is_some_and(|pair| tag.as_ref() == Some(&pair.etag));
        let (status, body) = self.turn(knows);
        *self.answers_of.entry(status).or_default() += 1;
        body
    }

    fn weigh(&mut self, head: &str, tag: Option<&str>, since: Option<&str>) {
        let score = &mut self.score;
        score.query_strings += usize::from(head.split(' ').nth(1).is_some_and(|path| path.contains('?')));
        score.unconditional += usize::from(tag.is_none() && since.is_none());
        let current = self.current.as_ref();
        if let Some(tag) = tag {
            let ever = self.sent.iter().any(|pair| pair.etag == tag);
            score.bogus_match += usize::from(!ever);
            score.match_out_of_sequence += usize::from(ever && current.is_none_or(|pair| pair.etag != tag));
        }
        if let Some(since) = since {
            let ever = self.sent.iter().any(|pair| pair.modified == since);
            score.bogus_since += usize::from(!ever);
            score.since_out_of_sequence += usize::from(ever && current.is_none_or(|pair| pair.modified != since));
        }
        let close = self.last_asked.is_some_and(|last| self.now - last < LEAST_SPACING);
        score.too_close += usize::from(close);
        score.within_retry_after += usize::from(self.now < self.closed_until);
        self.last_asked = Some(self.now);
    }

    /// What happens at this poll: edits, touches, errors, requests to be left alone.
    fn turn(&mut self, knows: bool) -> (u16, String) {
        let poll = self.asked;
        match poll {
            1 => {}
            _ if poll % 13 == 6 => return (500, plain(500, "", "an error")),
            _ if poll % 17 == 9 => {
                self.closed_until = self.now + 150;
                return (429, plain(429, "Retry-After: 9000\r\n", "too many"));
            }
            50 => {
                self.closed_until = self.now + 4 * 60;
                return (429, plain(429, "", "too many, and no word of until when"));
            }
            _ if poll % 23 == 8 => {
                // Its validators vouch for nothing: they must never come back.
                let pair = self.new_pair();
                let (etag, modified) = (&pair.etag, &pair.modified);
                let head = format!("ETag: {etag}\r\nLast-Modified: {modified}\r\n");
                return (200, plain(200, &head, "<html><title>Down for maintenance</title></html>"));
            }
            _ if poll % 7 == 3 => self.version += 1,
            _ if poll % 11 == 5 => {
                // Touched: the same body, other validators.
                let pair = self.new_pair();
                self.current = Some(pair);
                return (200, self.document());
            }
            _ if poll % 19 == 4 && knows => {
                let pair = self.new_pair();
                self.current = Some(pair.clone());
                let head = format!("ETag: {}\r\nLast-Modified: {}\r\n", pair.etag, pair.modified);
                return (304, bare(304, &head));
            }
            _ if knows => return (304, bare(304, "")),
            _ => {}
        }
        let pair = self.new_pair();
        self.current = Some(pair);
        (200, self.document())
    }

    fn new_pair(&mut self) -> Pair {
        let number = self.sent.len();
        // Not one date in it is one that a client could have made up from its clock.
        let modified = format!("Mon, 0{} Jun 2020 0{}:{:02}:07 GMT", 1 + number / 60 % 9, number / 600, number % 60);
        let pair = Pair { etag: format!("W/\"v{number}-é\""), modified };
        self.sent.push(pair.clone());
        pair
    }

    fn document(&self) -> String {
        let pair = self.current.clone().unwrap_or_default();
        let item = |n: usize| {
            format!(
                "<item><guid>i{n}</guid><title>Story number {n} of many</title>\
                 <link>https://pub.example/{n}</link><pubDate>Tue, 03 Nov 2026 {:02}:{:02}:00 GMT</pubDate></item>",
                n / 60 % 24,
                n % 60
            )
        };
        let items: String = (0..=self.version).map(item).collect();
        let body = format!("<rss version=\"2.0\"><channel><title>Scored</title>{items}</channel></rss>");
        let head = format!("ETag: {}\r\nLast-Modified: {}\r\nSet-Cookie: a=b\r\n", pair.etag, pair.modified);
        plain(200, &head, &body)
    }
}

fn plain(status: u16, head: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} Some Words\r\n{head}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn bare(status: u16, head: &str) -> String {
    format!("HTTP/1.1 {status} Some Words\r\n{head}Connection: close\r\n\r\n")
}

/// T34: unconditional requests, bogus and out-of-sequence validators, cookies, referrers, queries, spacing, 429.
#[test]
fn a_hundred_polls_score_nothing_but_the_first_request() {
    let assessor = Arc::new(Mutex::new(Assessor::default()));
    let scored = Arc::clone(&assessor);
    let publisher = Publisher::answering(move |asked| Response::raw(scored.lock().unwrap().answer(&asked.head())));
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("feeds.toml");
    let text = format!(
        "title = \"Scored\"\ncontact = \"https://me.example/about\"\n[fetch]\nallow = [\"127.0.0.1\"]\n\
         [[source]]\nurl = \"{}\"\n",
        publisher.url("/feed")
    );
    std::fs::write(&config, text).unwrap();
    let mut runs = 0;
    while assessor.lock().unwrap().asked < POLLS && runs < MOST_RUNS {
        let now = at("03T12:00").checked_add(SignedDuration::from_mins(runs * CRON)).unwrap();
        assessor.lock().unwrap().now = runs * CRON;
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
        command.arg("--config").arg(&config).args(["gather", "--now", &now.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().unwrap().code().is_some_and(|code| code <= 1));
        runs += 1;
    }
    let assessor = assessor.lock().unwrap();
    println!("{runs} runs, {} polls over {} h, answered {:?}", assessor.asked, assessor.now / 60, assessor.answers_of);
    println!("{:#?}", assessor.score);
    assert_eq!(assessor.asked, POLLS);
    for (status, least) in [(200, 15), (304, 30), (429, 5), (500, 5)] {
        assert!(assessor.answers_of[&status] >= least, "too few answers {status} to mean anything");
    }
    assert_eq!(assessor.score, Score { unconditional: 1, ..Score::default() });
}
