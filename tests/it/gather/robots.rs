//! robots.txt: for article pages and, where feeds.toml asks for it, for feeds.

use std::io::Write as _;
use std::time::Duration;

use super::article_pages::{Site, TDMREP, page, paths};
use super::harness::{Bench, failure, feed, new_entries, start};
use crate::publisher::{Publisher, Response};

fn robots(text: &str) -> Response {
    Response::new(200, &[("Content-Type", b"text/plain")], text.as_bytes())
}

/// T33: a page that is disallowed.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_robots_txt_forbids_is_never_fetched() {
    let site = Site::start(2);
    site.publisher.script("/robots.txt", [robots("User-agent: *\nDisallow: /guid-0\n")]);
    let mut bench = site.bench("");
    let report = bench.run("03T12:00").await;
    assert_eq!(paths(&site.publisher), ["/f", "/robots.txt", TDMREP, "/guid-1"]);
    assert_eq!((report.pages.kept, report.pages.failed), (1, 1));
    let count = bench.article_count();
    assert_eq!(count.last_reason.as_deref(), Some("robots.txt of 127.0.0.1 forbids it"));
    site.publisher.take_asked();
    bench.run("05T12:00").await;
    assert_eq!(paths(&site.publisher), ["/f"], "it is not chased");
}

/// T33: 500 and 404.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_say_forbids_and_one_without_a_file_allows() {
    let around: Vec<_> = (0..6).map(|n| redirect_to(&format!("/r{}", n + 1))).collect();
    for (answer, fetched) in [
        (Response::new(500, &[], b""), false),
        (Response::new(503, &[], b""), false),
        (Response::new(429, &[], b""), false),
        (around[0].clone(), false),
        (Response::hang_up(), false),
        (Response::new(404, &[], b""), true),
        (Response::new(403, &[], b""), true),
        (Response::new(410, &[], b""), true),
        (robots(""), true),
        (Response::new(202, &[], b""), true),
        (Response::new(204, &[], b""), true),
        (Response::new(205, &[], b""), true),
    ] {
        let site = Site::start(1);
        for (n, answer) in around.iter().enumerate() {
            site.publisher.script(&format!("/r{n}"), [answer.clone()]);
        }
        site.publisher.script("/robots.txt", [answer.clone()]);
        let mut bench = site.bench("");
        let report = bench.run("03T12:00").await;
        assert_eq!(site.publisher.asked().iter().any(|asked| asked.path == "/guid-0"), fetched, "{answer:?}");
        assert_eq!((report.pages.kept, report.pages.waiting), (u64::from(fetched), u64::from(!fetched)), "{answer:?}");
        assert!(site.publisher.asked().iter().filter(|asked| asked.path.starts_with("/r")).count() <= 6);
    }
}

/// Half of the rules are not all of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_breaks_off_forbids_until_it_is_whole() {
    let half = gzip(b"User-agent: *\nAllow: /\n");
    let long = format!("Content-Length: {}\r\n\r\n", half.len() + 100);
    let chunk = format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", half.len());
    for framing in [long, chunk] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n{framing}");
        let site = Site::start(1);
        site.publisher.script("/robots.txt", [Response::raw([head.as_bytes(), &half, b"\r\n"].concat())]);
        let mut bench = site.bench("");
        let report = bench.run("03T12:00").await;
        assert_eq!((report.pages.kept, report.pages.waiting), (0, 1), "{framing}");
        assert!(site.publisher.asked().iter().all(|asked| asked.path != "/guid-0"));
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn redirect_to(path: &str) -> Response {
    Response::new(302, &[("Location", path.as_bytes())], b"")
}

/// T33: 600 KiB.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_half_megabyte_of_robots_txt_counts() {
    let filler = "# nothing to see here\n".repeat(600 * 1024 / 22);
    let site = Site::start(2);
    let text = format!("User-agent: *\nDisallow: /guid-0\n{filler}Disallow: /guid-1\n");
    assert!(text.len() > 600 * 1024);
    site.publisher.script("/robots.txt", [robots(&text)]);
    let mut bench = site.bench("");
    bench.run("03T12:00").await;
    assert_eq!(paths(&site.publisher), ["/f", "/robots.txt", TDMREP, "/guid-1"]);
}

/// T33: six redirects.
#[tokio::test(flavor = "multi_thread")]
async fn redirects_of_robots_txt_are_followed_and_bind_the_host_that_was_asked() {
    let other = Publisher::start();
    other.script("/moved", [robots("User-agent: feedloom\nDisallow: /guid-1\n")]);
    let site = Site::start(2);
    site.publisher.script("/robots.txt", [redirect_to(&other.url("/moved"))]);
    let mut bench = site.bench("");
    bench.run("03T12:00").await;
    assert_eq!(paths(&site.publisher), ["/f", "/robots.txt", TDMREP, "/guid-0"]);
    assert_eq!(paths(&other), ["/moved"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_txt_is_asked_for_once_a_day_also_over_restarts_and_a_good_copy_outlives_trouble() {
    let site = Site::start(1);
    site.publisher.script("/f", (1..9).map(|n| feed(n, &[])));
    site.publisher.script("/robots.txt", [robots("User-agent: *\nDisallow: /guid-2\n"), Response::new(500, &[], b"")]);
    let mut bench = site.bench("");
    for (now, asked) in [("03T12:00", 1), ("03T18:00", 0), ("04T10:00", 0), ("04T13:00", 1)] {
        bench.restart();
        site.publisher.take_asked();
        bench.run(now).await;
        assert_eq!(paths(&site.publisher).iter().filter(|path| *path == "/robots.txt").count(), asked, "{now}");
        assert!(!paths(&site.publisher).contains(&"/guid-2".to_owned()));
    }
    assert!(paths(&site.publisher).contains(&"/guid-3".to_owned()), "the good copy still lets it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawl_delay_spaces_the_requests_of_its_host() {
    let site = Site::start(2);
    site.publisher.script("/robots.txt", [robots("User-agent: *\nCrawl-delay: 0.3\n")]);
    let mut bench = site.bench("");
    bench.run("03T12:00").await;
    let asked = site.publisher.asked();
    assert_eq!(paths(&site.publisher), ["/f", "/robots.txt", TDMREP, "/guid-0", "/guid-1"]);
    for two in asked[1..].windows(2) {
        assert!(two[1].at.duration_since(two[0].at) >= Duration::from_millis(200), "{asked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_asked_about_at_every_host_that_it_is_redirected_to() {
    let other = Publisher::start();
    other.script("/robots.txt", [robots("User-agent: *\nDisallow: /secret\n")]);
    other.script("/secret", [page("S", "text")]);
    let site = Site::start(1);
    site.publisher.script("/guid-0", [redirect_to(&other.url("/secret"))]);
    let mut bench = site.bench("");
    let report = bench.run("03T12:00").await;
    assert_eq!(paths(&other), ["/robots.txt"]);
    assert_eq!(report.pages.failed, 1);
}

/// T33: a feed, with `robots = "all"`.
#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_asked_about_only_where_feeds_toml_says_so() {
    let (publisher, urls) = start("/f", [feed(1, &[])]);
    publisher.script("/robots.txt", [robots("User-agent: *\nDisallow: /\n")]);
    let mut bench = Bench::new(&urls);
    assert_eq!(new_entries(&bench.run("03T12:00").await), 1);
    assert_eq!(paths(&publisher), ["/f"]);
    publisher.take_asked();
    let mut bench = Bench::with("robots = \"all\"", &urls);
    assert_eq!(failure(&bench.run("03T12:00").await), "robots.txt of 127.0.0.1 forbids it");
    assert_eq!(bench.due_in("03T12:00"), (24.0, "robots"));
    assert_eq!(paths(&publisher), ["/robots.txt"]);
    publisher.script("/robots.txt", [robots("User-agent: *\nDisallow: /g\n")]);
    assert_eq!(new_entries(&bench.run("04T12:01").await), 1);
}
