//! When a source is asked. The clock is the test's.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use feedloom::SourceOutcome;
use jiff::SignedDuration;

use super::harness::{Bench, at, failure, feed, new_entries, not_modified, only, start};
use crate::publisher::{Publisher, Response};

/// T11.
#[tokio::test(flavor = "multi_thread")]
async fn a_cron_job_of_every_minute_asks_at_most_once_an_hour() {
    let (publisher, urls) = start("/f", [feed(1, &[("ETag", b"\"1\"")]), not_modified(&[])]);
    let mut bench = Bench::new(&urls);
    let mut times = Vec::new();
    for minute in 0..180 {
        let now = at("03T12:00").checked_add(SignedDuration::from_mins(minute)).unwrap();
        bench.pass(now, false).await;
        if !publisher.take_asked().is_empty() {
            times.push(minute);
        }
    }
    assert!(times.len() >= 2, "{times:?}");
    assert!(times.windows(2).all(|two| two[1] - two[0] >= 60), "{times:?}");
}

/// T12.
#[tokio::test(flavor = "multi_thread")]
async fn freshness_counts_on_200_and_on_304() {
    let fresh: (&str, &[u8]) = ("Cache-Control", b"max-age=21600");
    let (_publisher, urls) =
        start("/f", [feed(1, &[("ETag", b"\"1\"")]), not_modified(&[fresh]), feed(2, &[("ETag", b"\"2\""), fresh])]);
    let mut bench = Bench::new(&urls);
    bench.run("03T12:00").await;
    assert!(bench.due_in("03T12:00").0 < 1.2);
    for (now, until) in [("03T14:00", "03T19:59"), ("03T21:00", "04T02:59")] {
        bench.run(now).await;
        let (hours, rule) = bench.due_in(now);
        assert!((6.0..=6.7).contains(&hours), "{hours}");
        assert_eq!(rule, "max-age");
        assert!(matches!(only(&bench.run(until).await).outcome, SourceOutcome::NotDue { .. }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feeds_own_hints_count() {
    let with = |line: &str| Response::new(200, &[], format!("feed\n{line}\n").as_bytes());
    let (_publisher, urls) = start("/f", [with("ttl 180"), with("ttl -5"), with("skiphours 15 16 17")]);
    let mut bench = Bench::new(&urls);
    bench.run("03T08:00").await;
    let (hours, rule) = bench.due_in("03T08:00");
    assert!((3.0..=3.4).contains(&hours) && rule == "feed-hint", "{hours} {rule}");
    bench.run("03T12:00").await;
    assert!(bench.due_in("03T12:00").0 < 1.2);
    bench.run("03T14:30").await;
    assert_eq!(bench.due_in("03T14:30"), (3.5, "skip-hours"));
    assert!(matches!(only(&bench.run("03T17:59").await).outcome, SourceOutcome::NotDue { .. }));
}

/// T18: `Retry-After` in seconds; as a date in `hints.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_holds_the_whole_host_over_restarts() {
    let (publisher, mut urls) = start("/f", [Response::new(429, &[("Retry-After", b"7200")], b"")]);
    publisher.script("/g", [feed(1, &[])]);
    urls.push(publisher.url("/g"));
    let mut bench = Bench::new(&urls);
    let report = bench.run("03T12:00").await;
    assert!(matches!(report.sources[1].outcome, SourceOutcome::NotDue { .. }), "{report:?}");
    assert_eq!(report.sources[1].due.rule.code(), "host-hold");
    for now in ["03T12:30", "03T13:59"] {
        bench.restart();
        bench.run(now).await;
        bench.run_all(now).await;
    }
    assert_eq!(publisher.take_asked().len(), 1);
    bench.run_all("03T14:01").await;
    assert_eq!(publisher.asked().len(), 2, "then both are asked again");
}

/// T19.
#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_without_a_time_waits_four_hours_then_eight() {
    let (publisher, urls) = start("/f", [Response::new(429, &[], b"")]);
    let mut bench = Bench::new(&urls);
    bench.run("03T00:00").await;
    assert_eq!(bench.due_in("03T00:00"), (4.0, "too-many-requests"));
    bench.run_all("03T03:59").await;
    assert_eq!(publisher.take_asked().len(), 1);
    bench.run_all("03T04:01").await;
    assert_eq!(publisher.take_asked().len(), 1);
    bench.run_all("03T12:00").await;
    assert_eq!(publisher.take_asked().len(), 0);
    bench.run_all("03T12:02").await;
    assert_eq!(publisher.take_asked().len(), 1);
}

/// T20.
#[tokio::test(flavor = "multi_thread")]
async fn overload_of_one_source_holds_that_source_only() {
    let (publisher, mut urls) = start("/f", [Response::new(503, &[("Retry-After", b"86400")], b"")]);
    publisher.script("/g", [feed(1, &[])]);
    urls.push(publisher.url("/g"));
    let mut bench = Bench::new(&urls);
    bench.run("03T12:00").await;
    bench.run_all("04T11:00").await;
    let paths: Vec<_> = publisher.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/f", "/g", "/g"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn overload_of_two_sources_holds_their_host() {
    let publisher = Publisher::start();
    let urls: Vec<_> = (0..3).map(|n| publisher.url(&format!("/{n}"))).collect();
    for n in 0..3 {
        publisher.script(&format!("/{n}"), [Response::new(503, &[("Retry-After", b"3600")], b"")]);
    }
    let mut bench = Bench::new(&urls);
    bench.run("03T12:00").await;
    assert_eq!(publisher.asked().len(), 2);
    bench.run_all("03T12:59").await;
    assert_eq!(publisher.asked().len(), 2);
}

/// T22.
#[tokio::test(flavor = "multi_thread")]
async fn waits_double_with_each_failure_and_recovery_resets_them() {
    let mut answers = vec![Response::new(500, &[], b""); 6];
    answers.push(feed(1, &[]));
    let (publisher, urls) = start("/f", answers);
    let mut bench = Bench::new(&urls);
    let mut now = at("03T00:00");
    let mut waits = Vec::new();
    for _ in 0..6 {
        bench.pass(now, false).await;
        let next = bench.state("s0").due.unwrap().at.unwrap();
        waits.push(next.duration_since(now).as_secs_f64() / 3600.0);
        now = next;
    }
    for (wait, least) in waits.iter().zip([2.0, 4.0, 8.0, 16.0, 24.0, 24.0]) {
        assert!((least..=least * 1.11).contains(wait) && *wait <= 24.01, "{waits:?}");
    }
    assert_eq!(bench.state("s0").failures, 6);
    assert_eq!(bench.state("s0").last_error.as_deref(), Some("the server answered 500"));
    bench.pass(now, false).await;
    assert_eq!(publisher.asked().len(), 7);
    assert_eq!((bench.state("s0").failures, bench.state("s0").last_error), (0, None));
}

/// T23.
#[tokio::test(flavor = "multi_thread")]
async fn an_accident_gets_one_more_try_and_no_third() {
    let short = || Response::raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nfeed\n");
    for accident in [Response::hang_up(), short(), Response::new(502, &[], b""), Response::new(504, &[], b"")] {
        let (publisher, urls) = start("/f", [accident.clone(), feed(1, &[])]);
        let mut bench = Bench::new(&urls);
        assert_eq!(new_entries(&bench.run("03T12:00").await), 1);
        assert_eq!(publisher.take_asked().len(), 2);
        publisher.script("/f", [accident]);
        failure(&bench.run("03T14:00").await);
        assert_eq!(publisher.take_asked().len(), 2);
    }
}

/// T24: one request each; that items stay published is held in `answers.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_asked_once_and_left_alone() {
    for (status, hours, rule) in
        [(404, 2.0, "backoff"), (401, 4.0, "forbidden"), (403, 4.0, "forbidden"), (410, 24.0, "gone")]
    {
        let (publisher, urls) = start("/f", [Response::new(status, &[], b"")]);
        let mut bench = Bench::new(&urls);
        failure(&bench.run("03T00:00").await);
        assert_eq!(publisher.asked().len(), 1);
        let (wait, why) = bench.due_in("03T00:00");
        assert!((hours..=hours * 1.11).contains(&wait) && why == rule, "{status}: {wait} {why}");
    }
    let challenge = Response::new(403, &[("cf-mitigated", b"challenge")], b"");
    let (_publisher, urls) = start("/f", [challenge]);
    let mut bench = Bench::new(&urls);
    assert!(failure(&bench.run("03T00:00").await).starts_with("blocked"));
    assert_eq!(bench.due_in("03T00:00"), (24.0, "challenge"));
}

/// T24: the second 410.
#[tokio::test(flavor = "multi_thread")]
async fn gone_a_day_apart_is_never_asked_again_until_feeds_toml_changes() {
    let (publisher, urls) = start("/f", [Response::new(410, &[], b"")]);
    publisher.script("/new", [feed(1, &[])]);
    let mut bench = Bench::new(&urls);
    for now in ["03T12:00", "04T12:01", "06T12:00", "09T12:00"] {
        bench.run_all(now).await;
    }
    assert_eq!(publisher.asked().len(), 2);
    assert_eq!(bench.state("s0").due.unwrap().at, None);
    // One more request for each change of feeds.toml, and another 410 is enough.
    bench.config.fingerprint += 1;
    for now in ["10T12:00", "11T12:01", "13T12:00"] {
        bench.run(now).await;
    }
    assert_eq!(publisher.asked().len(), 3);
    assert_eq!(bench.state("s0").due.unwrap().at, None);
    let mut moved = Bench::new(&[publisher.url("/new")]);
    std::mem::swap(&mut moved.config, &mut bench.config);
    assert_eq!(new_entries(&bench.run("14T12:00").await), 1);
}

/// T28: twenty feeds of one host. The spacing here is 300 ms instead of the second that is the default, which
/// `tests/e2e/limits.py` holds at its full length.
#[tokio::test(flavor = "multi_thread")]
async fn one_host_gets_one_request_at_a_time_with_a_pause_between() {
    let publisher = Publisher::start();
    let urls: Vec<_> = (0..20).map(|n| publisher.url(&format!("/{n}"))).collect();
    for n in 0..20 {
        publisher.script(&format!("/{n}"), [feed(1, &[]).after(Duration::from_millis(10))]);
    }
    let mut bench = Bench::with("spacing = \"1s\"", &urls);
    assert_eq!(bench.config.fetch.spacing, Duration::from_secs(1));
    bench.config.fetch.spacing = Duration::from_millis(300);
    bench.run("03T12:00").await;
    assert_eq!(publisher.most_in_flight(), 1);
    assert_eq!(publisher.connections(), 1, "kept alive between them");
    let asked = publisher.asked();
    assert_eq!(asked.len(), 20);
    for two in asked.windows(2) {
        // A busy machine lets the server see a request later than it was sent, never sooner.
        assert!(two[1].at.duration_since(two[0].at) >= Duration::from_millis(150));
    }
    assert!(asked[19].at.duration_since(asked[0].at) >= Duration::from_millis(19 * 300 - 150));
}

/// T29 in small, beside a crowded host; two hundred hosts in `answers.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowded_host_and_a_hanging_one_do_not_hold_up_the_others() {
    let crowded = Publisher::start();
    let hanging = Publisher::start();
    hanging.script("/", [Response::raw("").after(Duration::from_secs(3))]);
    let others: Vec<_> = (0..30).map(|_| Publisher::start()).collect();
    let mut urls = vec![hanging.url("/")];
    for n in 0..20 {
        crowded.script(&format!("/{n}"), [feed(1, &[])]);
        urls.push(crowded.url(&format!("/{n}")));
    }
    for other in &others {
        other.script("/", [feed(1, &[]).after(Duration::from_millis(10))]);
        urls.push(other.url("/"));
    }
    let mut bench = Bench::with("parallelism = 4\ntimeout = \"1s\"", &urls);
    bench.config.fetch.spacing = Duration::from_millis(10);
    let began = Instant::now();
    let report = bench.run("03T12:00").await;
    assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
    assert_eq!(report.count(|outcome| matches!(outcome, SourceOutcome::Fetched(_))), 50);
    assert!(
        matches!(&report.sources[0].outcome, SourceOutcome::Failed(f) if f.error.to_string() == "no complete answer within 1 s")
    );
    let last_of_others = others.iter().map(|other| other.asked()[0].at).max().unwrap();
    let last_of_crowd = crowded.asked().last().unwrap().at;
    assert!(last_of_others < last_of_crowd, "hosts that need not wait go first");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_of_a_run_ends_it_and_what_came_is_kept() {
    let (_quick, mut urls) = start("/f", [feed(1, &[])]);
    let (_slow, more) = start("/f", [Response::raw("").after(Duration::from_secs(5))]);
    urls.extend(more);
    let mut bench = Bench::with("deadline = \"1s\"", &urls);
    bench.config.fetch.deadline = Duration::from_millis(300);
    let began = Instant::now();
    let report = bench.run("03T12:00").await;
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(matches!(report.sources[0].outcome, SourceOutcome::Fetched(_)));
    assert!(matches!(report.sources[1].outcome, SourceOutcome::OutOfTime), "{report:?}");
    assert_eq!(bench.state("s1").failures, 0);
}

/// The clock at these days from noon of the third, then hourly passes by the right clock: how often each of them
/// asked the one source.
async fn hourly_after_a_clock_of(days: i64, answer: Response) -> BTreeMap<i64, usize> {
    let (publisher, urls) = start("/f", [answer, feed(1, &[])]);
    let mut bench = Bench::new(&urls);
    let hours = |h: i64| at("03T12:00").checked_add(SignedDuration::from_hours(h)).unwrap();
    bench.pass(hours(days * 24), false).await;
    let mut asked = BTreeMap::new();
    for hour in 0..30 {
        publisher.take_asked();
        bench.restart();
        bench.pass(hours(hour), false).await;
        asked.insert(hour, publisher.take_asked().len());
    }
    asked
}

/// T76: the clock 400 days or one day ahead and back again, and one that was a day behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_leaves_nobody_waiting_and_makes_no_burst() {
    for (days, at_once) in [(400, 0), (1, 0), (-1, 1)] {
        let held = |status: u16| Response::new(status, &[("Retry-After", b"86400")], b"");
        for answer in [feed(1, &[]), held(503), held(429)] {
            let asked = hourly_after_a_clock_of(days, answer).await;
            assert!(asked[&0] <= at_once, "no burst: {days} {asked:?}");
            assert!((0..=24).map(|hour| asked[&hour]).sum::<usize>() >= 1, "stuck: {days} {asked:?}");
            assert!(asked.values().all(|count| *count <= 1), "{days} {asked:?}");
        }
    }
}
