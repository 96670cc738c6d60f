//! What servers and feeds say about when to come again, over the wire and by the program's own reader.

use super::harness::{Bench, feed, start};
use crate::publisher::Response;

const NOON: &str = "03T12:00";

fn rss(head: &str) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\">\
         <channel><title>T</title><link>https://t.example/</link>{head}<item><title>One</title>\
         <link>https://t.example/1</link><pubDate>Tue, 03 Nov 2026 11:00:00 GMT</pubDate></item></channel></rss>"
    )
    .into_bytes()
}

/// Hours until a source is due again that answered so on Tuesday the third at noon, and the rule.
async fn after(answer: Response) -> (f64, &'static str) {
    let (publisher, urls) = start("/f", [answer]);
    let mut bench = Bench::new(&urls);
    bench.read_really(NOON).await;
    assert_eq!(publisher.asked().len(), 1);
    bench.due_in(NOON)
}

async fn after_headers(headers: &[(&str, &[u8])]) -> (f64, &'static str) {
    after(Response::new(200, headers, &rss(""))).await
}

async fn after_head(head: &str) -> (f64, &'static str) {
    after(Response::new(200, &[], &rss(head))).await
}

/// By its rhythm, as if nothing had been said.
#[track_caller]
fn is_ignored((hours, rule): (f64, &str)) {
    assert!((1.0..=1.1).contains(&hours) && rule == "rhythm", "{hours} by {rule}");
}

#[track_caller]
fn is_due((hours, rule): (f64, &str), want_hours: f64, want_rule: &str) {
    assert!((want_hours..=(want_hours * 1.1).min(24.0)).contains(&hours) && rule == want_rule, "{hours} by {rule}");
}

/// T13: `max-age` counts less `Age`, never more than a day, and not beside `no-cache`.
#[tokio::test(flavor = "multi_thread")]
async fn max_age_counts_less_the_age_and_for_a_day_at_most() {
    is_ignored(after_headers(&[("Age", b"3600"), ("Cache-Control", b"max-age=7200")]).await);
    is_due(after_headers(&[("Age", b"3600"), ("Cache-Control", b"max-age=18000")]).await, 4.0, "max-age");
    is_ignored(after_headers(&[("Cache-Control", b"no-cache, max-age=86400")]).await);
    is_ignored(after_headers(&[("Cache-Control", b"max-age=86400"), ("Cache-Control", b"no-store")]).await);
    is_due(after_headers(&[("Cache-Control", b"max-age=99999999999999")]).await, 24.0, "max-age");
    is_due(after_headers(&[("Cache-Control", b"max-age=99999999999999999999999")]).await, 24.0, "max-age");
}

/// T14: `Expires` counts from the server's own `Date`, however wrong its clock is.
#[tokio::test(flavor = "multi_thread")]
async fn expires_counts_from_the_date_of_a_server_with_a_slow_clock() {
    let at = |date: &'static [u8], expires: &'static [u8]| [("Date", date), ("Expires", expires)];
    let slow = at(b"Tue, 03 Nov 2026 11:00:00 GMT", b"Tue, 03 Nov 2026 14:00:00 GMT");
    is_due(after_headers(&slow).await, 3.0, "expires");
    let years_behind = at(b"Thu, 01 Jan 2015 00:00:00 GMT", b"Thu, 01 Jan 2015 05:00:00 GMT");
    is_due(after_headers(&years_behind).await, 5.0, "expires");
    is_ignored(after_headers(&at(b"Tue, 03 Nov 2026 11:00:00 GMT", b"Tue, 03 Nov 2026 10:00:00 GMT")).await);
}

/// T15: `ttl` is in minutes; what is negative or absurd is none.
#[tokio::test(flavor = "multi_thread")]
async fn a_ttl_counts_unless_it_is_absurd() {
    is_due(after_head("<ttl>180</ttl>").await, 3.0, "feed-hint");
    for absurd in ["-5", "99999999999", "99999999999999999999999", "soon", ""] {
        is_ignored(after_head(&format!("<ttl>{absurd}</ttl>")).await);
    }
}

/// T17: `sy:updatePeriod` parted by `sy:updateFrequency`.
#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_made_twice_a_day_is_asked_twice_a_day() {
    let period = |period: &str, frequency: &str| {
        format!("<sy:updatePeriod>{period}</sy:updatePeriod><sy:updateFrequency>{frequency}</sy:updateFrequency>")
    };
    is_due(after_head(&period("daily", "2")).await, 12.0, "feed-hint");
    is_due(after_head(&period("daily", "1")).await, 24.0, "feed-hint");
    is_due(after_head(&period("weekly", "1")).await, 24.0, "feed-hint");
    for absurd in [period("hourly", "1"), period("daily", "0"), period("daily", "-1"), period("sometimes", "1")] {
        let (hours, rule) = after_head(&absurd).await;
        assert!(hours <= 24.0 && ["rhythm", "feed-hint"].contains(&rule), "{absurd}: {hours} by {rule}");
    }
}

/// T16: no request in the hours and days (GMT) that the feed wants to be left alone in.
#[tokio::test(flavor = "multi_thread")]
async fn hours_and_days_to_skip_are_skipped() {
    let hours = "<skipHours><hour>12</hour><hour>13</hour><hour>14</hour></skipHours>";
    let days = "<skipDays><day>Tuesday</day></skipDays>";
    for (head, last_skipped, first_asked, rule) in
        [(hours, "03T14:59", "03T15:00", "skip-hours"), (days, "03T23:59", "04T00:00", "skip-days")]
    {
        let (publisher, urls) = start("/f", [Response::new(200, &[], &rss(head))]);
        let mut bench = Bench::new(&urls);
        bench.read_really(NOON).await;
        assert_eq!(bench.due_in(NOON).1, rule);
        for now in ["03T13:30", "03T14:30", last_skipped] {
            bench.restart();
            bench.read_really(now).await;
        }
        assert_eq!(publisher.take_asked().len(), 1, "{rule}");
        bench.read_really(first_asked).await;
        assert_eq!(publisher.take_asked().len(), 1, "{rule}");
    }
}

/// T18: `Retry-After` as a date, from the server's own `Date`, holds both feeds of the host over restarts.
#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_with_a_date_holds_the_whole_host() {
    let date = (&b"Tue, 03 Nov 2026 11:00:00 GMT"[..], &b"Tue, 03 Nov 2026 14:00:00 GMT"[..]);
    let answer = Response::new(429, &[("Date", date.0), ("Retry-After", date.1)], b"");
    let (publisher, mut urls) = start("/f", [answer]);
    publisher.script("/g", [feed(1, &[])]);
    urls.push(publisher.url("/g"));
    let mut bench = Bench::new(&urls);
    bench.run(NOON).await;
    assert_eq!(bench.due_in(NOON), (3.0, "retry-after"));
    for now in ["03T12:31", "03T14:59"] {
        bench.restart();
        bench.run(now).await;
        bench.run_all(now).await;
    }
    assert_eq!(publisher.asked().len(), 1);
    bench.run_all("03T15:01").await;
    assert!(publisher.asked().len() > 1);
}

/// T21: a `Retry-After` that means nothing is none, an absurd one is a week, and on a 200 it is not asked for.
#[tokio::test(flavor = "multi_thread")]
async fn a_retry_after_that_means_nothing_is_none() {
    let says = |status: u16, value: &[u8]| Response::new(status, &[("Retry-After", value)], &rss(""));
    for nonsense in [&b"-5"[..], b"xyz", b"Tue, 03 Nov 2020 14:00:00 GMT", b"", b"1e"] {
        is_due(after(says(503, nonsense)).await, 2.0, "backoff");
        assert_eq!(after(says(429, nonsense)).await, (4.0, "too-many-requests"));
    }
    assert_eq!(after(says(503, b"1000000000000")).await, (168.0, "retry-after"));
    assert_eq!(after(says(503, b"1e9")).await, (168.0, "retry-after"));
    assert_eq!(after(says(503, b"8.64e4")).await, (24.0, "retry-after"));
    assert_eq!(after(says(429, b"1000000000000")).await, (168.0, "retry-after"));
    is_ignored(after(says(200, b"86400")).await);
}
