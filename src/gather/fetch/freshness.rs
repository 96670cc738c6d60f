//! What an answer's headers state about how long it is fresh.

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderMap, HeaderName};

use super::http_date::http_date;
use crate::store::DueRule;

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
                max_age = max_age.or_else(|| delta_seconds(value.trim().trim_matches(['"', '\''])));
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

/// The time by the server's own clock.
pub(super) fn server_time(headers: &HeaderMap, now: Timestamp) -> Timestamp {
    text(headers, DATE).and_then(http_date).unwrap_or(now)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

/// Digits only (RFC 9111 §1.2.2); what is too large to count becomes the largest value that counts.
pub(super) fn delta_seconds(text: &str) -> Option<SignedDuration> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    const MOST: i64 = 10 * 365 * 24 * 3600;
    Some(SignedDuration::from_secs(text.parse::<i64>().unwrap_or(MOST).min(MOST)))
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

    fn seconds(s: i64, rule: DueRule) -> Freshness {
        Freshness::For(SignedDuration::from_secs(s), rule)
    }

    #[test]
    fn max_age_counts_less_the_age() {
        fresh(&[("cache-control", "public, max-age=21600")], seconds(21600, DueRule::MaxAge));
        fresh(&[("cache-control", "max-age=7200"), ("age", "3600")], seconds(3600, DueRule::MaxAge));
        fresh(&[("cache-control", "max-age=60"), ("age", "61")], Freshness::NoHint);
        fresh(&[("cache-control", "Max-Age=\"60\"")], seconds(60, DueRule::MaxAge));
        fresh(&[("cache-control", "max-age='60'")], seconds(60, DueRule::MaxAge));
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
        for past in ["0", "-1", "never", "2030"] {
            fresh(&[("expires", past)], Freshness::NoHint);
        }
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
}
