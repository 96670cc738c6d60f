//! `Retry-After`: when an answer asks to come back. Pure.

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::freshness::{delta_seconds, server_time};
use crate::text::parse_date;

/// Longest `Retry-After` that is honoured.
const MAX_RETRY_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// No server means a moment further from now than this.
const NEAR: SignedDuration = SignedDuration::from_hours(366 * 24);
/// What may stand around a value and says nothing of the wait.
const OF_NO_WAIT: [char; 10] = [' ', '\t', '"', '\'', ';', '=', '<', '>', '[', ']'];

/// `Retry-After` (RFC 9110 §10.2.3) as a wait from now, at most 7 days; `None`: not given, past,
/// negative or unreadable. A date counts from the server's own `Date`. However it is spelled, it is never taken for
/// less than it states: of several values the longest counts.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let from = server_time(headers, now);
    let lines = headers.get_all(RETRY_AFTER).iter().filter_map(|value| value.to_str().ok());
    let wait = lines.filter_map(|line| waits(line, from)).max()?;
    wait.is_positive().then(|| wait.min(MAX_RETRY_AFTER))
}

/// One value, however it is spelled.
fn waits(value: &str, from: Timestamp) -> Option<SignedDuration> {
    let value = without_remarks(value);
    let value = value.trim_matches(OF_NO_WAIT);
    if let Some(wait) = wait(value, from).or_else(|| grouped(value)) {
        return Some(wait);
    }
    // Several values that a proxy joined, or one with a remark; a date has a comma of its own.
    let parts: Vec<&str> = value.split([',', ';', '\t', '(']).map(|part| part.trim_matches(OF_NO_WAIT)).collect();
    let dates = parts.windows(2).filter_map(|two| until(&two.join(", "), from));
    let waits = parts.iter().filter_map(|part| wait(part, from).or_else(|| wait(behind_words(part)?, from)));
    waits.chain(dates).max()
}

/// The value without what stands in brackets: `172800 (2 days)`.
fn without_remarks(value: &str) -> String {
    let mut said = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, (_, after))) =
        rest.split_once('(').and_then(|(before, remark)| Some((before, remark.split_once(')')?)))
    {
        said.push_str(before);
        rest = after;
    }
    said + rest
}

/// A period, or a date as the period until then.
fn wait(value: &str, from: Timestamp) -> Option<SignedDuration> {
    let until = || until(value, from);
    let Some(period) = period(value) else { return until() };
    // A number longer than any wait that counts, and a moment of our time: it is meant as that.
    let is_moment = |wait: &SignedDuration| period > MAX_RETRY_AFTER && wait.abs() < NEAR;
    Some(until().filter(is_moment).unwrap_or(period))
}

fn until(value: &str, from: Timestamp) -> Option<SignedDuration> {
    Some(parse_date(value)?.duration_since(from))
}

/// `delta-seconds=60`, `Retry-After: 60`, `after 60 seconds`: from the first number that begins a word.
fn behind_words(text: &str) -> Option<&str> {
    let first = text.find(|c: char| c.is_ascii_digit())?;
    text[..first].ends_with([' ', '=', ':', '[', '<']).then(|| text[first..].trim_matches(OF_NO_WAIT))
}

/// `86,400` or `86 400`: digits in groups.
fn grouped(text: &str) -> Option<SignedDuration> {
    [',', ' ', '_', '\''].into_iter().find_map(|between| {
        let mut groups = text.split(between);
        let is_first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()));
        (is_first && groups.all(|group| group.len() == 3)).then(|| delta_seconds(&text.replace(between, ""))).flatten()
    })
}

/// Seconds, or a number of another unit, or a period as ISO 8601 or a person writes it.
fn period(text: &str) -> Option<SignedDuration> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit_ms = match text[number.len()..].trim().to_ascii_lowercase().as_str() {
        "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1,
        "" | "s" | "sec" | "secs" | "second" | "seconds" => 1_000,
        "m" | "min" | "mins" | "minute" | "minutes" => 60 * 1_000,
        "h" | "hr" | "hrs" | "hour" | "hours" => 60 * 60 * 1_000,
        "d" | "day" | "days" => 24 * 60 * 60 * 1_000,
        "w" | "week" | "weeks" => 7 * 24 * 60 * 60 * 1_000,
        _ => return span(text),
    };
    let Some(number) = whole_seconds(number) else { return span(text) };
    Some(number.saturating_mul(unit_ms) / 1_000)
}

/// `PT2H`, `1d 24h`, `48:00:00`.
fn span(text: &str) -> Option<SignedDuration> {
    let span: jiff::Span = text.to_ascii_uppercase().parse().or_else(|_| text.to_ascii_lowercase().parse()).ok()?;
    span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()
}

/// Digits, also with a sign, an exponent, or a fraction, which counts as a whole second.
fn whole_seconds(number: &str) -> Option<SignedDuration> {
    let number = number.strip_prefix('+').unwrap_or(number);
    if let Some((number, exponent)) = number.split_once(['e', 'E']) {
        return scaled(number, exponent);
    }
    let Some((whole, fraction)) = number.split_once('.') else { return delta_seconds(number) };
    let has_fraction = fraction.bytes().any(|digit| digit != b'0');
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let wait = delta_seconds(if whole.is_empty() { "0" } else { whole })?;
    Some(if has_fraction { wait.saturating_add(SignedDuration::from_secs(1)) } else { wait })
}

/// `8.64e4`, as programs write what they counted: the number with its point moved.
fn scaled(number: &str, exponent: &str) -> Option<SignedDuration> {
    let places: usize = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    // More than this is longer than what counts.
    let places = places.min(20);
    let moved: String = fraction.chars().chain("0".repeat(20).chars()).take(places).collect();
    let rest = fraction.get(places..).unwrap_or_default();
    whole_seconds(&format!("{whole}{moved}.{rest}"))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[track_caller]
    fn comes_back(lines: &[(&'static str, &str)], want_s: Option<i64>) {
        let now = "2026-11-03T12:00:00Z".parse().unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        assert_eq!(retry_after(&headers, now), want_s.map(SignedDuration::from_secs), "{lines:?}");
    }

    #[test]
    fn it_is_seconds_or_a_date_and_never_more_than_a_week() {
        comes_back(&[("retry-after", "7200")], Some(7200));
        comes_back(&[("retry-after", "Tue, 03 Nov 2026 14:00:00 GMT")], Some(7200));
        comes_back(
            &[("retry-after", "Tue, 03 Nov 2026 14:00:00 GMT"), ("date", "Tue, 03 Nov 2026 13:00:00 GMT")],
            Some(3600),
        );
        comes_back(&[("retry-after", "1000000000000")], Some(7 * 24 * 3600));
        for (value, seconds) in [
            ("\"7200\"", 7200),
            ("7200.0", 7200),
            ("7199.4", 7200),
            (" 7200 ", 7200),
            ("+7200.0", 7200),
            ("7.2e3", 7200),
            ("7.2E+03", 7200),
            ("72e2", 7200),
            ("7.19999e3", 7200),
            ("8.64e4", 86_400),
            ("8.64e4;", 86_400),
            ("1e400", 7 * 24 * 3600),
            ("0e9", 0),
            ("7200;x", 7200),
            ("7200 ; comment=\"1\"", 7200),
            ("7200; 60", 7200),
            ("60; 7200", 7200),
            ("Tue, 03 Nov 2026 14:00:00 GMT; x", 7200),
            ("60, 7.2e3", 7200),
            ("Tuesday, 03-Nov-26 14:00:00 GMT", 7200),
            ("Tue Nov  3 14:00:00 2026", 7200),
            ("Tue, 3 Nov 2026 14:00:00 GMT", 7200),
            ("7200 seconds", 7200),
            ("120 minutes", 7200),
            ("2 hours", 7200),
            ("2h", 7200),
            ("PT2H", 7200),
            ("P1D", 86_400),
            ("+7200", 7200),
            ("7200;", 7200),
            ("7,200", 7200),
            ("172,800", 172_800),
            ("60, 7200", 7200),
            ("7200,60", 7200),
            ("2026-11-03T14:00:00Z", 7200),
            ("2026-11-03T15:00:00+01:00", 7200),
            ("2026-11-03 14:00:00", 7200),
            ("\"Tue, 03 Nov 2026 14:00:00 GMT\"", 7200),
            ("60, Tue, 03 Nov 2026 14:00:00 GMT", 7200),
            ("Tue, 03 Nov 2026 14:00:00 GMT, 60", 7200),
        ] {
            comes_back(&[("retry-after", value)], Some(seconds).filter(|seconds| *seconds > 0));
        }
        comes_back(&[("retry-after", "60"), ("retry-after", "7200")], Some(7200));
        for none in [
            "-5",
            "xyz",
            "",
            "0",
            "Tue, 03 Nov 2020 14:00:00 GMT",
            "e3",
            "7.2e",
            "7.2e-3",
            "7.2e3e3",
            ".e3",
            "0x1c20",
            "12e3x",
            "x;y",
            ";",
            "--5",
            "++5",
        ] {
            comes_back(&[("retry-after", none)], None);
        }
        comes_back(&[], None);
    }

    #[test]
    fn no_spelling_shortens_it() {
        for value in [
            "172800",
            "172800s",
            "48 hrs",
            "2 days",
            "1d 24h",
            "48:00:00",
            "pt48h",
            "p2d",
            "172800000ms",
            "172800000 milliseconds",
            "172800 (2 days)",
            "172800\tx",
            "172 800",
            "172_800",
            "[172800]",
            "<172800>",
            "=172800",
            "delta-seconds=172800",
            "Retry-After: 172800",
            "after 172800 seconds",
            "120m, 172800",
            "60 (1 minute), 172800",
            "60 (1 minute), 172800 (2 days)",
            "60 (172800",
            "(2 days) 172800",
            "1793880000",
            "1793880000.0",
            "1793880000000",
            "20261105T120000Z",
            "Thursday, 05-Nov-26 12:00:00 GMT",
            "Thursday, 05-Nov-2026 12:00:00 GMT",
            "Thu, 05-Nov-2026 12:00:00 GMT",
            "60, Thursday, 05-Nov-2026 12:00:00 GMT",
            "Thu, 05 Nov 2026 12:00:00",
            "Thu 05 Nov 2026 12:00:00 GMT",
            "Nov 5, 2026 12:00:00 GMT",
            "2026-11-05 12:00:00 UTC",
            "2026-11-05 12:00:00 +0000 UTC",
            "Thu Nov 05 2026 12:00:00 GMT+0000 (Coordinated Universal Time)",
        ] {
            comes_back(&[("retry-after", value)], Some(172_800));
        }
        comes_back(&[("retry-after", "2026-11-05")], Some(36 * 3600));
    }

    #[test]
    fn a_moment_that_is_over_is_no_wait() {
        for none in ["1793660000", "1793660000000", "Monday, 02-Nov-2026 12:00:00 GMT", "2 days ago"] {
            comes_back(&[("retry-after", none)], None);
        }
        // No moment of our time.
        comes_back(&[("retry-after", "9999999999")], Some(7 * 24 * 3600));
    }
}
