//! What an answer's headers state about time: how long it is fresh, and when to come back.

use jiff::{SignedDuration, Timestamp, civil, fmt::rfc2822, tz::TimeZone};
use reqwest::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderMap, HeaderName, RETRY_AFTER};

use crate::store::DueRule;

/// Longest `Retry-After` that is honoured.
const MAX_RETRY_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What the headers state about freshness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// Nothing.
    Unsaid,
    /// No hint (`no-cache`, `no-store`, already stale).
    NoHint,
    /// Fresh for this long, according to that header.
    For(SignedDuration, DueRule),
}

impl Freshness {
    /// `max-age` less `Age`, else `Expires` less `Date` (RFC 9111 §4.2; the server's clock may be
    /// wrong, so its own `Date` is what counts, and `now` only if it sent none).
    pub(crate) fn of(headers: &HeaderMap, now: Timestamp) -> Self {
        let mut max_age = None;
        for directive in headers.get_all(CACHE_CONTROL).iter().filter_map(|v| v.to_str().ok()).flat_map(members) {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let name = name.trim();
            // With a value it refers to those header fields only (RFC 9111 §5.2.2.4).
            let is_qualified = !value.trim().is_empty();
            if name.eq_ignore_ascii_case("no-store") || (name.eq_ignore_ascii_case("no-cache") && !is_qualified) {
                return Self::NoHint;
            }
            if name.eq_ignore_ascii_case("max-age") {
                max_age = max_age.or_else(|| delta_seconds(value.trim().trim_matches('"')));
            }
        }
        if let Some(max_age) = max_age {
            let age = text(headers, AGE).and_then(delta_seconds).unwrap_or(SignedDuration::ZERO);
            return Self::lasting(max_age.saturating_sub(age), DueRule::MaxAge);
        }
        let Some(expires) = text(headers, EXPIRES) else { return Self::Unsaid };
        match http_date(expires) {
            Some(expires) => Self::lasting(expires.duration_since(server_time(headers, now)), DueRule::Expires),
            None => Self::NoHint,
        }
    }

    fn lasting(time: SignedDuration, rule: DueRule) -> Self {
        if time.is_positive() { Self::For(time, rule) } else { Self::NoHint }
    }
}

/// The members of a list, separated by commas (or, wrongly, semicolons) outside quotes.
fn members(list: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    list.split(move |c| {
        is_quoted ^= c == '"';
        matches!(c, ',' | ';') && !is_quoted
    })
}

/// `Retry-After` (RFC 9110 §10.2.3) as a wait from now, at most 7 days; `None`: not given, past,
/// negative or unreadable. A date counts from the server's own `Date`. However it is spelled, it is never taken for
/// less than it states: of several values the longest counts.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let from = server_time(headers, now);
    let lines = headers.get_all(RETRY_AFTER).iter().filter_map(|value| value.to_str().ok());
    let wait = lines.filter_map(|line| waits(line, from)).max()?;
    wait.is_positive().then(|| wait.min(MAX_RETRY_AFTER))
}

fn waits(value: &str, from: Timestamp) -> Option<SignedDuration> {
    let value = value.trim().trim_matches(['"', '\'', ';']).trim();
    if let Some(wait) = period(value) {
        return Some(wait);
    }
    if let Some(date) = http_date(value).or_else(|| iso_date(value)) {
        return Some(date.duration_since(from));
    }
    // Several values that a proxy joined, or one with a remark; a date has a comma of its own.
    let parts: Vec<&str> = value.split([',', ';']).map(|part| part.trim().trim_matches('"')).collect();
    let dates = parts.windows(2).filter_map(|two| http_date(&two.join(", ")));
    let dates = dates.map(|date| date.duration_since(from));
    parts.iter().filter_map(|part| period(part)).chain(grouped(value)).chain(dates).max()
}

/// `86,400`: digits in groups.
fn grouped(text: &str) -> Option<SignedDuration> {
    let mut groups = text.split(',');
    let is_first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()));
    (is_first && groups.all(|group| group.len() == 3)).then(|| delta_seconds(&text.replace(',', ""))).flatten()
}

/// Seconds, or a number of another unit, or a period as ISO 8601 writes it.
fn period(text: &str) -> Option<SignedDuration> {
    if text.starts_with('P') {
        let span: jiff::Span = text.parse().ok()?;
        return span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok();
    }
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit_seconds = match text[number.len()..].trim().to_ascii_lowercase().as_str() {
        "" | "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 60 * 60,
        "d" | "day" | "days" => 24 * 60 * 60,
        _ => return None,
    };
    Some(whole_seconds(number)?.saturating_mul(unit_seconds))
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

/// `2026-11-03T14:00:00Z`, also without its zone, which is then UTC.
fn iso_date(text: &str) -> Option<Timestamp> {
    let without_zone =
        || Some(text.parse::<civil::DateTime>().ok()?.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp());
    text.parse().ok().or_else(without_zone)
}

fn server_time(headers: &HeaderMap, now: Timestamp) -> Timestamp {
    text(headers, DATE).and_then(http_date).unwrap_or(now)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

/// Digits only (RFC 9111 §1.2.2); what is too large to count becomes the largest value that counts.
fn delta_seconds(text: &str) -> Option<SignedDuration> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    const MOST: i64 = 10 * 365 * 24 * 3600;
    Some(SignedDuration::from_secs(text.parse::<i64>().unwrap_or(MOST).min(MOST)))
}

/// An HTTP date (RFC 9110 §5.6.7), including its two obsolete forms.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    static PARSER: rfc2822::DateTimeParser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    if let Ok(time) = PARSER.parse_timestamp(text) {
        return Some(time);
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"].iter().find_map(|form| {
        let time = civil::DateTime::strptime(form, text).ok()?;
        Some(time.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn now() -> Timestamp {
        "2026-11-03T12:00:00Z".parse().unwrap()
    }

    #[track_caller]
    fn fresh(lines: &[(&'static str, &str)], want: Freshness) {
        assert_eq!(Freshness::of(&headers(lines), now()), want);
    }

    #[track_caller]
    fn comes_back(lines: &[(&'static str, &str)], want_s: Option<i64>) {
        assert_eq!(retry_after(&headers(lines), now()), want_s.map(SignedDuration::from_secs));
    }

    fn seconds(s: i64, rule: DueRule) -> Freshness {
        Freshness::For(SignedDuration::from_secs(s), rule)
    }

    #[test]
    fn max_age_counts_less_the_age() {
        fresh(&[("cache-control", "public, max-age=21600")], seconds(21600, DueRule::MaxAge));
        fresh(&[("cache-control", "max-age=7200"), ("age", "3600")], seconds(3600, DueRule::MaxAge));
        fresh(&[("cache-control", "max-age=60"), ("age", "61")], Freshness::NoHint);
        fresh(&[("cache-control", "Max-Age=\"60\"")], seconds(60, DueRule::MaxAge));
        fresh(&[("cache-control", "public"), ("cache-control", "max-age=60")], seconds(60, DueRule::MaxAge));
    }

    #[test]
    fn no_cache_gives_no_hint_whatever_else_is_said() {
        fresh(&[("cache-control", "no-cache, max-age=86400")], Freshness::NoHint);
        fresh(&[("cache-control", "max-age=86400"), ("cache-control", "no-store")], Freshness::NoHint);
    }

    #[test]
    fn a_no_cache_of_some_header_fields_is_none() {
        for value in ["max-age=60, no-cache=\"set-cookie\"", "no-cache=\"Set-Cookie, Set-Cookie2\", max-age=60"] {
            fresh(&[("cache-control", value)], seconds(60, DueRule::MaxAge));
        }
        fresh(&[("cache-control", "private=\"x, no-cache\", max-age=60")], seconds(60, DueRule::MaxAge));
        fresh(&[("cache-control", "no-cache=\"a\", no-cache, max-age=60")], Freshness::NoHint);
    }

    #[test]
    fn nonsense_is_not_said() {
        fresh(&[], Freshness::Unsaid);
        fresh(&[("cache-control", "max-age=-5")], Freshness::Unsaid);
        fresh(&[("cache-control", "max-age=abc, public")], Freshness::Unsaid);
        fresh(&[("expires", "0")], Freshness::NoHint);
    }

    #[test]
    fn a_huge_max_age_does_not_overflow() {
        let Freshness::For(long, DueRule::MaxAge) =
            Freshness::of(&headers(&[("cache-control", "max-age=99999999999999999999")]), now())
        else {
            panic!("no hint")
        };
        assert!(long > SignedDuration::from_hours(24));
    }

    #[test]
    fn expires_counts_from_the_servers_own_date() {
        let slow = [("date", "Tue, 03 Nov 2026 11:00:00 GMT"), ("expires", "Tue, 03 Nov 2026 13:00:00 GMT")];
        fresh(&slow, seconds(7200, DueRule::Expires));
        fresh(&[("expires", "Tue, 03 Nov 2026 13:00:00 GMT")], seconds(3600, DueRule::Expires));
        fresh(
            &[("expires", "Tue, 03 Nov 2026 13:00:00 GMT"), ("cache-control", "max-age=60")],
            seconds(60, DueRule::MaxAge),
        );
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_never_more_than_a_week() {
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
    fn all_three_forms_of_a_date_are_read() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(http_date(text).map(Timestamp::as_second), Some(784_111_777), "{text}");
        }
    }
}
