//! Pages behind entries: when they are fetched, how, and what is kept of them.

use std::time::Duration;

use feedloom::{ArticleCount, ArticleWanted, SourceId, StoredEntry, StoryNumber};

use super::harness::{Bench, at, feed};
use crate::publisher::{Publisher, Response};

/// What is asked of each host before its first page, after robots.txt.
pub(super) const TDMREP: &str = "/.well-known/tdmrep.json";

/// A publisher with a feed at `/f` whose entries have pages of their own at `/guid-0` and so on.
pub(super) struct Site {
    pub(super) publisher: Publisher,
}

impl Site {
    pub(super) fn start(entries: usize) -> Self {
        let publisher = Publisher::start();
        publisher.script("/f", [feed(entries, &[])]);
        for n in 0..9 {
            publisher.script(&format!("/guid-{n}"), [page(&format!("Page {n}"), "The whole text of it.")]);
        }
        Self { publisher }
    }

    /// Its feed as the one source, every page wanted.
    pub(super) fn bench(&self, fetch: &str) -> Bench {
        let mut bench = Bench::with(fetch, &[self.publisher.url("/f")]);
        bench.config.sources[0].article = ArticleWanted::Always;
        bench
    }
}

impl Bench {
    pub(super) fn article_count(&self) -> ArticleCount {
        self.store().article_counts().unwrap().remove(&SourceId::new("s0").unwrap()).unwrap_or_default()
    }

    /// Weaves what was gathered, and the entries as a publish loads them.
    fn woven(&mut self, now: &str) -> Vec<StoredEntry> {
        let store = self.store.as_mut().unwrap();
        feedloom::weave_pending(store, &self.config, at(now)).unwrap();
        let stories = i64::try_from(store.story_count().unwrap()).unwrap();
        (1..=stories)
            .flat_map(|number| store.story(StoryNumber::from_raw(number)).unwrap().members)
            .map(|member| member.entry)
            .collect()
    }
}

pub(super) fn page(title: &str, text: &str) -> Response {
    html(format!("<article>{title}|{text}").as_bytes())
}

fn html(body: &[u8]) -> Response {
    Response::new(200, &[("Content-Type", b"text/html; charset=utf-8")], body)
}

pub(super) fn paths(publisher: &Publisher) -> Vec<String> {
    publisher.asked().into_iter().map(|asked| asked.path).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn new_entries_get_their_pages_in_the_same_pass_and_once_only() {
    let site = Site::start(2);
    let mut bench = site.bench("");
    let report = bench.run("03T12:00").await;
    assert_eq!(paths(&site.publisher), ["/f", "/robots.txt", TDMREP, "/guid-0", "/guid-1"]);
    assert_eq!((report.pages.kept, report.pages.requests, report.requests), (2, 4, 5));
    let entries = bench.woven("03T12:00");
    let article = entries[0].article.as_ref().unwrap();
    assert_eq!(article.text, "The whole text of it.");
    assert_eq!(article.html, "<p>The whole text of it.</p>");
    assert_eq!(article.rights.robots, ["noarchive"]);
    site.publisher.script("/f", [Response::new(200, &[], b"feed\nguid-0 Title 0 edited\nguid-1 Title 1\n")]);
    site.publisher.take_asked();
    let report = bench.run("03T14:00").await;
    assert_eq!(paths(&site.publisher), ["/f"], "an edit is not chased");
    assert_eq!(report.pages.all(), 0);
    assert_eq!(bench.article_count(), ArticleCount { kept: 2, ..ArticleCount::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_asked_for_as_a_page_and_without_what_is_the_feeds() {
    let site = Site::start(1);
    site.publisher.script("/f", [feed(1, &[("ETag", b"\"1\""), ("Set-Cookie", b"a=b")])]);
    let mut bench = Bench::from_text(&format!(
        "title = \"T\"\n[fetch]\nallow = [\"127.0.0.1\"]\nspacing = \"0s\"\n\
         [[source]]\nid = \"s0\"\nurl = \"{}\"\nheaders = {{ \"X-Token\" = \"hush-hush\" }}\n",
        site.publisher.url("/f"),
    ));
    bench.config.sources[0].article = ArticleWanted::Always;
    bench.run("03T12:00").await;
    let asked = site.publisher.asked();
    assert_eq!(asked[0].header("x-token").unwrap(), b"hush-hush");
    for asked in &asked[1..] {
        let mut names = asked.header_names();
        names.retain(|name| !name.is_empty());
        names.sort();
        assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"], "{}", asked.path);
    }
    assert!(asked[3].header("accept").unwrap().starts_with(b"text/html,"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_teasers_get_a_page_where_feeds_toml_says_when_short() {
    let site = Site::start(2);
    let mut bench = site.bench("");
    bench.config.sources[0].article = ArticleWanted::Never;
    bench.run("03T12:00").await;
    assert_eq!(paths(&site.publisher), ["/f"]);
    site.publisher.script("/f", [feed(3, &[])]);
    bench.config.sources[0].article = ArticleWanted::WhenShort;
    site.publisher.take_asked();
    bench.run("03T14:00").await;
    assert_eq!(paths(&site.publisher), ["/f", "/robots.txt", TDMREP, "/guid-2"], "only what is new");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_page_leaves_the_feeds_own_text_and_is_counted_with_its_reason() {
    let large = format!("<article>T|{}", "x".repeat(4 * 1024 * 1024));
    let to = |place: &str| Response::new(302, &[("Location", place.as_bytes())], b"");
    for (answer, reason) in [
        (Response::new(404, &[], b"not here"), "the server answered 404"),
        (Response::new(403, &[], b"go away"), "the server refuses access (403)"),
        (Response::new(410, &[], b""), "the server says that it is gone (410)"),
        (
            Response::new(200, &[("Content-Type", b"application/pdf")], b"%PDF"),
            "it is not a web page but application/pdf",
        ),
        (html(large.as_bytes()), "too_large: the body is larger than 3145728 bytes"),
        (html(b"please enable JavaScript"), "no article is in it"),
        (html(b"<article>panic|x"), "the document made the reader fail: the reader's own panic"),
        (to("/login?next=/guid-0"), "it redirects to a login page"),
        (to("/"), "it redirects to the site's front page"),
        (to("http://10.0.0.1/"), "it redirects to the site's front page"),
        (to("http://10.0.0.1/a"), "the address guard refuses 10.0.0.1: 10.0.0.1 is not a public address"),
        (to("/guid-0"), "redirected 1 times without end"),
    ] {
        let site = Site::start(1);
        site.publisher.script("/guid-0", [answer]);
        let mut bench = site.bench("");
        let report = bench.run("03T12:00").await;
        assert_eq!(report.pages.failed, 1, "{reason}: {:?}", bench.article_count());
        assert_eq!(bench.article_count().last_reason.as_deref(), Some(reason));
        let entries = bench.woven("03T12:00");
        assert_eq!((entries.len(), &entries[0].article), (1, &None));
        site.publisher.take_asked();
        bench.run("06T12:00").await;
        assert_eq!(paths(&site.publisher), ["/f"], "{reason}: it is not chased");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_that_may_pass_is_tried_three_times_in_all() {
    let site = Site::start(1);
    site.publisher.script("/guid-0", [Response::new(500, &[], b"")]);
    let mut bench = site.bench("");
    let mut tries = Vec::new();
    for hour in 12..24 {
        site.publisher.take_asked();
        bench.restart();
        bench.run(&format!("03T{hour}:05")).await;
        if paths(&site.publisher).contains(&"/guid-0".to_owned()) {
            tries.push(hour);
        }
    }
    assert_eq!(tries, [12, 13, 17]);
    assert_eq!(bench.article_count().failed, 1);
    let site = Site::start(1);
    site.publisher.script("/guid-0", [Response::hang_up(), page("T", "at last")]);
    let mut bench = site.bench("");
    assert_eq!(bench.run("03T12:00").await.pages.kept, 1, "an accident gets a second try at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_late_is_published_with_the_entry_that_is_out_already() {
    let site = Site::start(1);
    site.publisher.script("/guid-0", [Response::new(503, &[], b""), page("T", "late")]);
    let mut bench = site.bench("");
    bench.run("03T12:00").await;
    assert_eq!(bench.woven("03T12:00")[0].article, None);
    let before = bench.store().generation().unwrap();
    bench.run("03T13:01").await;
    assert!(bench.store().generation().unwrap() > before);
    assert_eq!(bench.woven("03T13:01")[0].article.as_ref().unwrap().text, "late");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sources_with_one_article_fetch_its_page_once() {
    let site = Site::start(1);
    site.publisher.script("/g", [feed(1, &[])]);
    let mut bench = Bench::new(&[site.publisher.url("/f"), site.publisher.url("/g")]);
    for source in &mut bench.config.sources {
        source.article = ArticleWanted::Always;
    }
    let report = bench.run("03T12:00").await;
    assert_eq!(report.pages.kept, 1);
    let entries = bench.woven("03T12:00");
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().all(|entry| entry.article.is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_answers_429_holds_its_host_and_is_fetched_when_that_is_over() {
    let site = Site::start(2);
    site.publisher.script("/guid-0", [Response::new(429, &[("Retry-After", b"7200")], b""), page("T", "later")]);
    let mut bench = site.bench("");
    let report = bench.run("03T12:00").await;
    assert_eq!(report.pages.waiting, 2);
    assert_eq!(paths(&site.publisher), ["/f", "/robots.txt", TDMREP, "/guid-0"]);
    bench.restart();
    bench.run_all("03T13:59").await;
    assert_eq!(site.publisher.asked().len(), 4, "nothing at all is asked of it");
    let report = bench.run_all("03T14:01").await;
    assert_eq!(report.pages.kept, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_keep_the_spacing_of_the_feeds_and_the_deadline_of_the_run() {
    let site = Site::start(4);
    let mut bench = site.bench("spacing = \"1s\"");
    bench.config.fetch.spacing = Duration::from_millis(400);
    bench.config.fetch.deadline = Duration::from_millis(1_500);
    let report = bench.run("03T12:00").await;
    assert!(report.pages.kept < 4 && report.pages.waiting >= 1, "{:?}", report.pages);
    let asked = site.publisher.asked();
    assert_eq!(site.publisher.most_in_flight(), 1);
    for two in asked.windows(2) {
        assert!(two[1].at.duration_since(two[0].at) >= Duration::from_millis(200), "{asked:?}");
    }
    bench.config.fetch.deadline = Duration::from_secs(60);
    let report = bench.run("03T12:10").await;
    assert_eq!(report.pages.waiting, 0);
    assert_eq!(bench.article_count().kept, 4);
}
