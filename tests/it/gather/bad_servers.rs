//! Servers that mean no good.

use std::time::{Duration, Instant};

use feedloom::SourceOutcome;

use super::harness::{Bench, failure, feed, only, start};
use crate::publisher::{Publisher, Response};

const LIMIT: &str = "max_body = \"256KiB\"\ntimeout = \"1s\"";

/// What one answer, once and again, leads to; it must not take long.
async fn outcome_of(answer: Response) -> String {
    let (_publisher, urls) = start("/f", [answer]);
    let mut bench = Bench::with(LIMIT, &urls);
    let began = Instant::now();
    let report = bench.run("03T12:00").await;
    assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
    match &only(&report).outcome {
        SourceOutcome::Failed(failure) => failure.error.sentence(),
        SourceOutcome::Fetched(counts) => format!("{} new", counts.new),
        other => format!("{other:?}"),
    }
}

#[track_caller]
fn says(outcome: &str, want: &str) {
    assert!(outcome.contains(want), "{outcome:?} does not say {want:?}");
}

fn encoded(encoding: &str, body: &[u8]) -> Response {
    Response::new(200, &[("Content-Encoding", encoding.as_bytes())], body)
}

/// A zlib stream without its wrapping: what some servers send as `deflate`.
fn bare(zlib: &[u8]) -> &[u8] {
    &zlib[2..zlib.len() - 4]
}

/// T30: `deflate` in both of its forms.
#[tokio::test(flavor = "multi_thread")]
async fn all_four_encodings_are_read() {
    for (encoding, body) in [
        ("gzip", &include_bytes!("../../fixtures/fetch/feed.gz")[..]),
        ("br", include_bytes!("../../fixtures/fetch/feed.br")),
        ("zstd", include_bytes!("../../fixtures/fetch/feed.zst")),
        ("deflate", include_bytes!("../../fixtures/fetch/feed.deflate")),
        ("deflate", bare(include_bytes!("../../fixtures/fetch/feed.deflate"))),
        ("X-GZip, ", include_bytes!("../../fixtures/fetch/feed.gz")),
        ("aws-chunked", include_bytes!("../../fixtures/fetch/feed.gz")),
        ("BR", include_bytes!("../../fixtures/fetch/feed.br")),
        ("gzip", include_bytes!("../../fixtures/fetch/feed.zst")),
    ] {
        assert_eq!(outcome_of(encoded(encoding, body)).await, "2 new", "{encoding}");
    }
}

/// T42: in small; a GiB each in `tests/e2e/limits.py`.
#[tokio::test(flavor = "multi_thread")]
async fn bombs_stop_at_the_limit() {
    // each holds 4 MiB of zeros
    for (encoding, body) in [
        ("gzip", &include_bytes!("../../fixtures/fetch/zeros.gz")[..]),
        ("br", include_bytes!("../../fixtures/fetch/zeros.br")),
        ("zstd", include_bytes!("../../fixtures/fetch/zeros.zst")),
        ("deflate", include_bytes!("../../fixtures/fetch/zeros.deflate")),
        ("deflate", bare(include_bytes!("../../fixtures/fetch/zeros.deflate"))),
    ] {
        says(&outcome_of(encoded(encoding, body)).await, "too_large: the body is larger than 262144 bytes");
    }
}

/// T43: too large.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_the_limit_is_an_error_with_or_without_a_length() {
    let large = vec![b'x'; 300 * 1024];
    says(&outcome_of(Response::new(200, &[], &large)).await, "too_large");
    let mut bare = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    bare.extend_from_slice(&large);
    says(&outcome_of(Response::raw(bare)).await, "too_large");
    let announced = Response::raw("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nfeed\n");
    says(&outcome_of(announced).await, "too_large");
}

/// T43: cut short on the way.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_ends_early_is_incomplete_and_never_read() {
    let broke_off = "the connection broke off before the answer was complete";
    says(&outcome_of(Response::raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nfeed\na A\n")).await, broke_off);
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nfeed\na A\n\r\n";
    says(&outcome_of(Response::raw(chunked)).await, broke_off);
    let mut half = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n".to_vec();
    half.extend_from_slice(&include_bytes!("../../fixtures/fetch/feed.gz")[..30]);
    says(&outcome_of(Response::raw(half)).await, "the compressed body is damaged");
}

/// T44.
#[tokio::test(flavor = "multi_thread")]
async fn encodings_that_were_not_asked_for_are_errors() {
    says(&outcome_of(encoded("foo", b"feed\n")).await, "the encoding \"foo\", which was not asked for");
    says(&outcome_of(encoded("gzip, gzip", b"feed\n")).await, "the compressed body is damaged");
    says(&outcome_of(encoded("gzip, br", b"feed\n")).await, "the compressed body is damaged");
    says(&outcome_of(encoded("gzip", b"feed\na A\n")).await, "the compressed body is damaged");
    says(&outcome_of(encoded("deflate", b"feed\na A\n")).await, "the compressed body is damaged");
    let half = &include_bytes!("../../fixtures/fetch/feed.deflate")[..20];
    says(&outcome_of(encoded("deflate", half)).await, "the compressed body is damaged");
    assert_eq!(outcome_of(encoded("identity", b"feed\na A\n")).await, "1 new");
}

/// T45: in small; with TLS and whole passes in `tests/e2e/limits.py`.
#[tokio::test(flavor = "multi_thread")]
async fn slowness_ends_at_the_time_limit() {
    let tick = Duration::from_millis(20);
    let in_time = "no complete answer within 1 s";
    let body = Response::raw("HTTP/1.1 200 OK\r\n\r\n").then_drip(b"x", tick);
    says(&outcome_of(body).await, in_time);
    let head = Response::raw("HTTP/1.1 200 OK\r\nX-Slow: ").then_drip(b"x", tick);
    says(&outcome_of(head).await, in_time);
    says(&outcome_of(Response::raw("").after(Duration::from_secs(3))).await, in_time);
    let informing = Response::raw("").then_drip(b"HTTP/1.1 103 Early Hints\r\n\r\n", Duration::from_millis(1));
    says(&outcome_of(informing).await, in_time);
}

/// A large body has one of few places; one that stands still does not keep it from others.
#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_that_stand_still_make_room_for_others() {
    let mut large = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    large.resize(600 * 1024, b'x');
    let stuck: Vec<_> =
        (0..4).map(|_| start("/f", [Response::raw(large.clone()).then_drip(b"", Duration::from_secs(60))])).collect();
    let (_publisher, fine) = start("/f", [feed(40_000, &[]).after(Duration::from_secs(1))]);
    let urls: Vec<_> = stuck.iter().flat_map(|(_, urls)| urls.clone()).chain(fine).collect();
    let mut bench = Bench::with("timeout = \"8s\"", &urls);
    let report = bench.run("03T12:00").await;
    let outcomes: Vec<_> = report.sources.iter().map(|source| &source.outcome).collect();
    assert!(matches!(outcomes[4], SourceOutcome::Fetched(counts) if counts.new == 40_000), "{outcomes:?}");
    let stalled = outcomes[..4].iter().filter(|outcome| match outcome {
        SourceOutcome::Failed(failed) => {
            failed.error.sentence().contains("nothing more of a large answer came for 5 s")
        }
        _ => false,
    });
    assert!(stalled.count() >= 1, "{outcomes:?}");
}

/// T46: in small; at full size in `tests/e2e/limits.py`.
#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_no_http_are_errors() {
    let not_understood = "the server's answer cannot be understood";
    let mut many = String::from("HTTP/1.1 200 OK\r\n");
    for n in 0..5000 {
        many.push_str(&format!("X-{n}: y\r\n"));
    }
    many.push_str("\r\nfeed\n");
    says(&outcome_of(Response::raw(many)).await, not_understood);
    says(&outcome_of(Response::raw("<feed>HTTP 0.9 has no head</feed>\r\n\r\n")).await, not_understood);
    let long = format!("HTTP/1.1 200 {}\r\n\r\n", "x".repeat(2_000_000));
    says(&outcome_of(Response::raw(long)).await, not_understood);
}

/// T47: no TLS at all; wrong certificates in `tests/e2e/secrets.py`.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_on_an_https_address_is_an_error() {
    let (_publisher, urls) = start("/f", [feed(1, &[])]);
    let mut bench = Bench::with(LIMIT, &[urls[0].replace("http:", "https:")]);
    let said = failure(&bench.run("03T12:00").await);
    assert!(said.starts_with("no secure connection with 127.0.0.1") || said.contains("no CA certificates"), "{said}");
}

/// T58: what is kept; what it is called in `read.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_feed_leaves_everything_as_it_was() {
    for body in [&b"<html>sorry</html>"[..], b"", b"\x89PNG\r\n\x1a\n\xFF\xFE", b"{\"error\": 1}", b"feed\npanic\n"] {
        let (_publisher, urls) = start("/f", [feed(2, &[("ETag", b"\"1\"")]), Response::new(200, &[], body)]);
        let mut bench = Bench::new(&urls);
        bench.run("03T12:00").await;
        let before = bench.state("s0");
        failure(&bench.run("03T14:00").await);
        let after = bench.state("s0");
        assert_eq!((after.validators, after.body_hash), (before.validators, before.body_hash));
        assert_eq!(after.failures, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_fails_alone() {
    let (publisher, mut urls) = start("/f", [feed(1, &[])]);
    let gone = Publisher::start();
    urls.insert(0, gone.url("/f"));
    urls.push("http://no-such-name.invalid/f".to_owned());
    drop(gone);
    let mut bench = Bench::new(&urls);
    let report = bench.run("03T12:00").await;
    let said = |n: usize| match &report.sources[n].outcome {
        SourceOutcome::Failed(failure) => failure.error.sentence(),
        other => panic!("{other:?}"),
    };
    says(&said(0), "cannot connect to 127.0.0.1");
    says(&said(2), "cannot find the server no-such-name.invalid");
    assert!(matches!(report.sources[1].outcome, SourceOutcome::Fetched(_)));
    assert_eq!(publisher.asked().len(), 1);
}
