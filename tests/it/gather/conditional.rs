//! Conditional requests, and what stands in a request at all.

use feedloom::SourceOutcome;

use super::harness::{Bench, failure, feed, feed_body, new_entries, not_modified, only, start};
use crate::publisher::Response;

/// T01: an ETag and a Last-Modified that are no such thing by the book go back as they came.
#[tokio::test(flavor = "multi_thread")]
async fn validators_go_back_byte_for_byte_over_the_wire() {
    let (publisher, urls) =
        start("/f", [feed(2, &[("ETag", b"\"a\"b-\xE9\""), ("Last-Modified", b"garbage-Not A Date")])]);
    let mut bench = Bench::new(&urls);
    assert_eq!(new_entries(&bench.run("03T12:00").await), 2);
    bench.run("03T14:00").await;
    let asked = publisher.asked();
    assert_eq!(asked[0].header("if-none-match"), None);
    assert_eq!(asked[1].header("if-none-match").unwrap(), b"\"a\"b-\xE9\"");
    assert_eq!(asked[1].header("if-modified-since").unwrap(), b"garbage-Not A Date");
}

/// T02, T05: one unconditional request in all; a new ETag on a 304 is the one that is sent next.
#[tokio::test(flavor = "multi_thread")]
async fn a_304_is_a_success_and_renews_what_it_names() {
    let (publisher, urls) = start(
        "/f",
        [feed(2, &[("ETag", b"\"1\"")]), not_modified(&[]), not_modified(&[("ETag", b"\"2\"")]), not_modified(&[])],
    );
    let mut bench = Bench::new(&urls);
    for now in ["03T12:00", "03T14:00", "03T16:00", "03T18:00"] {
        bench.run(now).await;
    }
    let sent: Vec<_> = publisher.asked().iter().map(|asked| asked.header("if-none-match")).collect();
    let tag = |text: &str| Some(text.as_bytes().to_vec());
    assert_eq!(sent, [None, tag("\"1\""), tag("\"1\""), tag("\"2\"")]);
    assert_eq!(bench.state("s0").failures, 0);
}

/// WebSub §4: a hub that an unchanged feed names for the first time, and one that takes its place.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_a_new_body_may_name_a_hub() {
    let named = |of: &'static [u8]| [("ETag", &b"\"1\""[..]), ("Link", of)];
    let (_publisher, urls) = start(
        "/f",
        [
            feed(2, &[("ETag", b"\"1\"")]),
            not_modified(&named(b"<https://hub.example/>; rel=hub, </own>; rel=\"self\"")),
            not_modified(&[]),
            feed(2, &named(b"<https://other.example/>; rel=hub")),
        ],
    );
    let mut bench = Bench::new(&urls);
    let mut hubs = Vec::new();
    for now in ["03T12:00", "03T14:00", "03T16:00", "03T18:00"] {
        bench.run(now).await;
        let feed = bench.store().feeds().unwrap().into_values().next().unwrap();
        hubs.push(feed.hubs.iter().map(url::Url::to_string).collect::<Vec<_>>().join(" "));
        let own = feed.self_url.map(|own| own.path().to_owned());
        assert_eq!(own.as_deref(), (hubs.len() > 1).then_some("/own"));
    }
    assert_eq!(hubs, ["", "https://hub.example/", "https://hub.example/", "https://other.example/"]);
}

/// T03, T04, T06: a touch, an edit within the same second, and a 200 that names no validators.
#[tokio::test(flavor = "multi_thread")]
async fn every_200_replaces_the_validators_even_by_none() {
    let (publisher, urls) = start(
        "/f",
        [
            feed(2, &[("ETag", b"\"1\""), ("Last-Modified", b"then")]),
            feed(2, &[("ETag", b"\"2\""), ("Last-Modified", b"later")]), // touched, same body
            feed(3, &[("ETag", b"\"3\""), ("Last-Modified", b"later")]),
            feed(3, &[]),
            feed(3, &[]),
        ],
    );
    let mut bench = Bench::new(&urls);
    bench.run("03T12:00").await;
    assert!(matches!(only(&bench.run("03T14:00").await).outcome, SourceOutcome::SameBody));
    assert_eq!(new_entries(&bench.run("03T16:00").await), 1);
    bench.run("03T18:00").await;
    bench.run("03T20:00").await;
    let asked = publisher.asked();
    assert_eq!(asked[2].header("if-none-match").unwrap(), b"\"2\"");
    assert_eq!(asked[2].header("if-modified-since").unwrap(), b"later");
    assert_eq!(asked[3].header("if-none-match").unwrap(), b"\"3\"");
    assert_eq!(asked[4].header("if-none-match"), None);
    assert_eq!(asked[4].header("if-modified-since"), None);
}

/// T07.
#[tokio::test(flavor = "multi_thread")]
async fn validators_of_a_body_that_did_not_parse_are_never_sent() {
    let broken = Response::new(200, &[("ETag", b"\"bad\"")], b"<html>maintenance</html>");
    let (publisher, urls) = start("/f", [feed(1, &[("ETag", b"\"1\"")]), broken, feed(2, &[("ETag", b"\"2\"")])]);
    let mut bench = Bench::new(&urls);
    bench.run("03T12:00").await;
    assert_eq!(failure(&bench.run("03T14:00").await), "not a feed");
    assert_eq!(new_entries(&bench.run("03T18:00").await), 1);
    assert_eq!(publisher.asked()[2].header("if-none-match").unwrap(), b"\"1\"");
}

/// T32.
#[tokio::test(flavor = "multi_thread")]
async fn a_304_that_nobody_asked_for_is_an_error() {
    let (_publisher, urls) = start("/f", [not_modified(&[])]);
    let mut bench = Bench::new(&urls);
    assert_eq!(
        failure(&bench.run("03T12:00").await),
        "the server answered 304 (not modified) to a request without validators"
    );
}

/// T31.
#[tokio::test(flavor = "multi_thread")]
async fn some_new_entries_226_take_nothing_away() {
    let partial = Response::new(226, &[("ETag", b"\"2\"")], b"feed\nguid-9 Title 9\n");
    let (_publisher, urls) = start("/f", [feed(3, &[]), partial]);
    let mut bench = Bench::new(&urls);
    bench.run("03T12:00").await;
    assert_eq!(new_entries(&bench.run("03T14:00").await), 1);
    assert_eq!(bench.store().entry_count().unwrap(), 4);
}

/// T10.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_has_the_headers_we_promise_and_no_other() {
    let (publisher, urls) =
        start("/f?x=1", [feed(1, &[("ETag", b"\"1\""), ("Last-Modified", b"then"), ("Set-Cookie", b"a=b")])]);
    let mut bench = Bench::new(&urls);
    bench.run("03T12:00").await;
    bench.run("03T14:00").await;
    let asked = publisher.asked();
    assert_eq!(asked.len(), 2);
    let mut names = asked[1].header_names();
    names.retain(|name| !name.is_empty());
    names.sort();
    assert_eq!(names, ["accept", "accept-encoding", "host", "if-modified-since", "if-none-match", "user-agent"]);
    let agent = String::from_utf8(asked[1].header("user-agent").unwrap()).unwrap();
    assert_eq!(agent, format!("feedloom/{} (+https://me.example/about)", env!("CARGO_PKG_VERSION")));
    let encodings = String::from_utf8(asked[1].header("accept-encoding").unwrap()).unwrap();
    for encoding in ["gzip", "br", "zstd", "deflate"] {
        assert!(encodings.split(',').any(|offered| offered.trim() == encoding), "{encodings}");
    }
    assert!(asked.iter().all(|asked| asked.path == "/f?x=1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_read_in_another_way_is_asked_anew() {
    let (publisher, urls) = start("/f", [feed(1, &[("ETag", b"\"1\"")])]);
    let mut bench = Bench::new(&urls);
    bench.run("03T12:00").await;
    bench.config.sources[0].identity = feedloom::Identity::Link;
    bench.run("03T14:00").await;
    assert_eq!(publisher.asked()[1].header("if-none-match"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn local_files_are_read_on_every_run_and_only_once_unless_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.xml");
    std::fs::write(&path, feed_body(2)).unwrap();
    let mut bench = Bench::new(&[format!("file:{}", path.display())]);
    assert_eq!(new_entries(&bench.run("03T12:00").await), 2);
    assert!(matches!(only(&bench.run("03T12:01").await).outcome, SourceOutcome::SameBody));
    std::fs::write(&path, feed_body(3)).unwrap();
    assert_eq!(new_entries(&bench.run("03T12:02").await), 1);
    std::fs::remove_file(&path).unwrap();
    assert!(failure(&bench.run("03T12:03").await).starts_with("cannot read /"));
}
