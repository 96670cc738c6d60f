//! No source keeps the others from being asked, nor their news from being published.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use feedloom::{ArticleWanted, SourceOutcome};

use super::article_pages::page;
use super::harness::{Bench, feed};
use crate::publisher::{Publisher, Response};
use crate::scene::{Page, Scene, exit_code};

/// Publishers that never answer, each on a host of its own.
fn hanging(count: usize) -> (Vec<Publisher>, Vec<String>) {
    let hanging = |_| Publisher::answering(|_| Response::hang_up().after(Duration::from_secs(60)));
    let publishers: Vec<Publisher> = (0..count).map(hanging).collect();
    let urls = publishers.iter().map(|publisher| publisher.url("/f")).collect();
    (publishers, urls)
}

fn good(count: usize) -> (Vec<Publisher>, Vec<String>) {
    let good = |_| {
        let publisher = Publisher::start();
        publisher.script("/f", [feed(1, &[])]);
        publisher
    };
    let publishers: Vec<Publisher> = (0..count).map(good).collect();
    let urls = publishers.iter().map(|publisher| publisher.url("/f")).collect();
    (publishers, urls)
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_hang_leave_time_for_those_behind_them() {
    let (_hanging, mut urls) = hanging(24);
    let (_good, good_urls) = good(6);
    urls.extend(good_urls);
    let mut bench = Bench::with("timeout = \"4s\"\ndeadline = \"8s\"\nparallelism = 4\n", &urls);
    let report = bench.run("03T12:00").await;
    let read = report.count(|outcome| matches!(outcome, SourceOutcome::Fetched(_)));
    assert_eq!(read, 6, "24 × 4 s at 4 places are three times the run's time");
    let said = report.sources.iter().find_map(|source| match &source.outcome {
        SourceOutcome::Failed(failure) => Some(failure.error.sentence()),
        _ => None,
    });
    assert!(said.as_deref().is_some_and(|said| said.ends_with("it made room for sources that waited")), "{said:?}");

    let again = bench.run_all("03T13:00").await;
    assert!(again.took < Duration::from_secs(9), "{:?}", again.took);
    let first: Vec<usize> = (24..30).filter(|at| again.sources[*at].took < Duration::from_secs(2)).collect();
    assert_eq!(first.len(), 6, "what failed has half of the places, the others are asked at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_had_no_turn_is_first_in_the_next_run() {
    let publisher = Publisher::start();
    let urls: Vec<String> = (0..12).map(|n| publisher.url(&format!("/f{n}"))).collect();
    (0..12).for_each(|n| publisher.script(&format!("/f{n}"), [feed(1, &[])]));
    let mut bench = Bench::with("spacing = \"1s\"\ndeadline = \"4s\"\n", &urls);
    bench.run("03T12:00").await;
    let first: Vec<String> = publisher.take_asked().into_iter().map(|asked| asked.path).collect();
    assert!((2..=5).contains(&first.len()), "{first:?}");
    bench.run_all("03T13:00").await;
    let next: Vec<String> = publisher.take_asked().into_iter().map(|asked| asked.path).collect();
    assert!(next.iter().all(|path| !first.contains(path)), "{first:?} then {next:?}");
}

/// A stranger's redirects to a busy host.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_host_answers_to_guests_holds_no_source_of_its_own() {
    for status in [429, 503] {
        let host = Publisher::start();
        host.script("/f", [feed(1, &[])]);
        host.script("/busy", [Response::new(status, &[("Retry-After", b"604800")], b"")]);
        let stranger = Publisher::start();
        for n in 0..3 {
            let to = host.url("/busy");
            stranger.script(&format!("/{n}"), [Response::new(302, &[("Location", to.as_bytes())], b"")]);
        }
        let urls = [stranger.url("/0"), stranger.url("/1"), stranger.url("/2"), host.url("/f")];
        let mut bench = Bench::new(&urls);
        let report = bench.run("03T12:00").await;
        assert!(matches!(report.sources[3].outcome, SourceOutcome::Fetched(_)), "{status}: {report:?}");
        let report = bench.run_all("03T15:00").await;
        assert!(matches!(report.sources[3].outcome, SourceOutcome::Fetched(_) | SourceOutcome::SameBody));
        if status == 429 {
            let asked = host.asked().iter().filter(|asked| asked.path == "/busy").count();
            assert_eq!(asked, 1, "but guests leave it alone");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_stranger_are_few_also_behind_redirects() {
    let foreign = Publisher::answering(|_| page("Theirs", "Some words of theirs."));
    let (target, is_first) = (foreign.url(""), AtomicBool::new(true));
    let own = Publisher::answering(move |asked| match asked.path.as_str() {
        "/f" => feed(if is_first.swap(false, Ordering::Relaxed) { 1 } else { 120 }, &[]),
        path if path.starts_with("/guid-") => {
            Response::new(302, &[("Location", format!("{target}{path}").as_bytes())], b"")
        }
        _ => Response::new(404, &[], b""),
    });
    let mut bench = Bench::new(&[own.url("/f")]);
    bench.config.sources[0].article = ArticleWanted::Always;
    bench.run("01T12:00").await;
    let report = bench.run("03T12:00").await;
    // Those that had no turn are still wanted.
    assert_eq!((report.pages.kept, report.pages.failed), (25, 0), "{:?}", report.pages);
}

/// T…: a move is believed after a day; once a week the address of feeds.toml is asked.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_moved_is_asked_at_its_address_once_a_week() {
    let there = Publisher::start();
    there.script("/g", [feed(1, &[])]);
    let here = Publisher::start();
    let moved = Response::new(301, &[("Location", there.url("/g").as_bytes())], b"");
    here.script("/f", [moved.clone()]);
    let mut bench = Bench::new(&[here.url("/f")]);
    for now in ["01T12:00", "02T00:00", "02T13:00"] {
        bench.run_all(now).await;
    }
    assert!(bench.state("s0").moved_to.is_some());
    here.take_asked();
    for day in 3..=8 {
        bench.run_all(&format!("{day:02}T12:00")).await;
    }
    assert_eq!(here.take_asked().len(), 0, "not in the first week");
    bench.run_all("09T14:00").await;
    bench.run_all("10T14:00").await;
    assert_eq!(here.take_asked().len(), 1, "then once");
    assert!(bench.state("s0").moved_to.is_some(), "the move stands");

    here.script("/f", [Response::new(404, &[], b"")]);
    let report = bench.run_all("16T15:00").await;
    assert!(!matches!(report.sources[0].outcome, SourceOutcome::Failed(_)), "where it moved, it answers");
    assert_eq!((here.take_asked().len(), bench.state("s0").failures), (1, 0));
    bench.run_all("17T15:00").await;
    assert_eq!(here.take_asked().len(), 0);

    here.script("/f", [feed(2, &[])]);
    bench.run_all("23T16:00").await;
    assert_eq!(bench.state("s0").moved_to, None, "it is back: the redirect was a mistake");
    there.take_asked();
    bench.run_all("24T16:00").await;
    assert_eq!((there.take_asked().len(), here.take_asked().len()), (0, 2));
}

fn news(outlet: &str, title: &str, link: &str) -> Page {
    Page::xml(format!(
        "<rss version=\"2.0\"><channel><title>{outlet}</title><link>https://{outlet}.example/</link><item>\
         <title>{title}</title><link>{link}</link>\
         <pubDate>Mon, 02 Nov 2026 20:00:00 GMT</pubDate></item></channel></rss>"
    ))
}

/// A page that never comes, through the binary.
#[test]
fn feeds_are_published_while_pages_are_still_awaited() {
    let scene = Scene::new(&["quick"], "");
    scene.configure(&format!("[[source]]\nid = \"slow\"\nurl = \"{}\"\narticle = \"always\"\n", scene.url("slow")));
    scene.serve("quick", news("kettle", "Kettle makers open a harbour", "https://kettle.example/1"));
    scene.serve("slow", news("violin", "Glaciers of the north lose more ice", &scene.url("page")));
    scene.serve("page", Page { kind: "text/html", body: article().into_bytes(), etag: None });
    scene.hold_path("page");
    let mut child = scene.start("2026-11-03T00:00:00Z");
    scene.wait_for_path("page");
    let feed = scene.outputs().join("feed.json");
    let began = Instant::now();
    while !feed.exists() {
        assert!(began.elapsed() < Duration::from_secs(30), "nothing was published while the page was awaited");
        std::thread::sleep(Duration::from_millis(5));
    }
    let text = std::fs::read_to_string(&feed).unwrap();
    assert!(text.contains("Kettle makers") && text.contains("Glaciers of"), "{text}");
    assert!(!text.contains("whole text of the page"));
    scene.release();
    assert_eq!(exit_code(&mut child), Some(0));
    let text = std::fs::read_to_string(&feed).unwrap();
    assert!(text.contains("whole text of the page"), "the page follows in the same run: {text}");
}

fn article() -> String {
    let paragraph = "<p>The whole text of the page, which the feed does not carry, in long and honest sentences.</p>";
    format!("<!doctype html><title>T</title><article><h1>T</h1>{}</article>", paragraph.repeat(12))
}

/// `/proc/kmsg` looks like a plain file and blocks; only root may open it.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_blocks_keeps_to_the_time_limit() {
    if std::fs::File::open("/proc/kmsg").is_err() {
        return;
    }
    let (_publishers, urls) = good(1);
    let text = format!(
        "title = \"T\"\n[fetch]\nallow = [\"127.0.0.1\"]\ntimeout = \"1s\"\n[[source]]\nid = \"k\"\nurl = \"file:///proc/kmsg\"\n\
         [[source]]\nid = \"g\"\nurl = \"{}\"\n",
        urls[0]
    );
    let mut bench = Bench::from_text(&text);
    let report = bench.run("03T12:00").await;
    assert!(report.took < Duration::from_secs(20), "{:?}", report.took);
    assert!(matches!(report.sources[1].outcome, SourceOutcome::Fetched(_)), "{report:?}");
    assert!(matches!(report.sources[0].outcome, SourceOutcome::Failed(_)), "{report:?}");
}
