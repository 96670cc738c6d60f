//! Preconditions of a request, in their order (RFC 9110 §13.2.2).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::HeaderMap;
use hyper::header::{self, HeaderName};
use jiff::fmt::rfc2822;

use super::entity_tag::{Comparison, names};

/// What the preconditions of a GET or HEAD come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The thing is sent.
    Send,
    /// 304: the client has it.
    NotModified,
    /// 412: it is not what the client wants.
    Failed,
}

/// Weighs what `asked` says against the thing: its strong `tag`, and when it last changed, in seconds since 1970.
///
/// A date that is none, or comes more than once, does not count. `If-Range` does not count either: ranges are not served.
pub(super) fn weigh(asked: &HeaderMap, tag: &[u8], changed_s: u64) -> Outcome {
    let changed = UNIX_EPOCH + Duration::from_secs(changed_s);
    let lists = |name: &HeaderName| asked.contains_key(name);
    let named = |name: &HeaderName, how| asked.get_all(name).iter().any(|list| names(list.as_bytes(), tag, how));
    if lists(&header::IF_MATCH) {
        if !named(&header::IF_MATCH, Comparison::Strong) {
            return Outcome::Failed;
        }
    } else if date(asked, &header::IF_UNMODIFIED_SINCE).is_some_and(|since| changed > since) {
        return Outcome::Failed;
    }
    if lists(&header::IF_NONE_MATCH) {
        if named(&header::IF_NONE_MATCH, Comparison::Weak) { Outcome::NotModified } else { Outcome::Send }
    } else if date(asked, &header::IF_MODIFIED_SINCE).is_some_and(|since| changed <= since) {
        Outcome::NotModified
    } else {
        Outcome::Send
    }
}

fn date(asked: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    let mut values = asked.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    let text = value.to_str().ok()?.trim();
    httpdate::parse_http_date(text).ok().or_else(|| before_1970(text))
}

/// A date that the library takes for none.
fn before_1970(text: &str) -> Option<SystemTime> {
    let date = text.ends_with(" GMT").then(|| rfc2822::parse(text).ok()).flatten()?.timestamp();
    let before = u64::try_from(date.as_second().checked_neg()?).ok()?;
    UNIX_EPOCH.checked_sub(Duration::from_secs(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 27 November 2026, 12:00:00.
    const CHANGED_S: u64 = 1_795_780_800;
    const SAME: &str = "Fri, 27 Nov 2026 12:00:00 GMT";
    const BEFORE: &str = "Fri, 27 Nov 2026 11:59:59 GMT";
    const AFTER: &str = "Fri, 27 Nov 2026 12:00:01 GMT";

    #[track_caller]
    fn check(asked: &[(&str, &str)], want: Outcome) {
        let mut headers = HeaderMap::new();
        for (name, value) in asked {
            headers.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        assert_eq!(weigh(&headers, b"\"t\"", CHANGED_S), want, "{asked:?}");
    }

    #[test]
    fn each_precondition_alone() {
        use Outcome::{Failed, NotModified, Send};
        check(&[], Send);
        for (list, want) in [("\"t\"", Send), ("*", Send), ("\"x\", \"t\"", Send), ("\"x\"", Failed), ("", Failed)] {
            check(&[("if-match", list)], want);
        }
        check(&[("if-match", "W/\"t\"")], Failed);
        for (list, want) in [("\"t\"", NotModified), ("*", NotModified), ("W/\"t\"", NotModified), ("\"x\"", Send)] {
            check(&[("if-none-match", list)], want);
        }
        check(&[("if-none-match", "\"x\""), ("if-none-match", "\"t\"")], NotModified);
        for (date, want) in [(SAME, NotModified), (AFTER, NotModified), (BEFORE, Send), ("yesterday", Send), ("", Send)]
        {
            check(&[("if-modified-since", date)], want);
        }
        for (date, want) in [(SAME, Send), (AFTER, Send), (BEFORE, Failed), ("yesterday", Send)] {
            check(&[("if-unmodified-since", date)], want);
        }
        check(&[("if-range", "\"x\""), ("range", "bytes=0-1")], Send);
    }

    #[test]
    fn a_date_before_1970_is_one_like_any_other() {
        for date in ["Wed, 31 Dec 1969 23:59:59 GMT", "Fri, 05 Jul 1901 00:00:00 GMT"] {
            check(&[("if-unmodified-since", date)], Outcome::Failed);
            check(&[("if-modified-since", date)], Outcome::Send);
        }
        for none in ["Wed, 31 Dec 1969 23:59:59 +0000", "Wed, 31 Dec 1969", "1969 GMT"] {
            check(&[("if-unmodified-since", none)], Outcome::Send);
        }
    }

    #[test]
    fn the_three_forms_of_a_date_are_one_and_several_dates_are_none() {
        for date in ["Friday, 27-Nov-26 12:00:00 GMT", "Fri Nov 27 12:00:00 2026"] {
            check(&[("if-modified-since", date)], Outcome::NotModified);
        }
        check(&[("if-modified-since", SAME), ("if-modified-since", SAME)], Outcome::Send);
        check(&[("if-unmodified-since", BEFORE), ("if-unmodified-since", BEFORE)], Outcome::Send);
    }

    #[test]
    fn tags_come_before_dates_and_what_must_hold_before_what_must_not() {
        use Outcome::{Failed, NotModified, Send};
        for (asked, want) in [
            ([("if-match", "\"t\""), ("if-unmodified-since", BEFORE)], Send),
            ([("if-match", "\"x\""), ("if-unmodified-since", AFTER)], Failed),
            ([("if-match", "\"t\""), ("if-none-match", "\"t\"")], NotModified),
            ([("if-match", "\"x\""), ("if-none-match", "\"t\"")], Failed),
            ([("if-match", "\"t\""), ("if-modified-since", SAME)], NotModified),
            ([("if-match", "\"t\""), ("if-modified-since", BEFORE)], Send),
            ([("if-unmodified-since", BEFORE), ("if-none-match", "\"t\"")], Failed),
            ([("if-unmodified-since", AFTER), ("if-none-match", "\"t\"")], NotModified),
            ([("if-unmodified-since", BEFORE), ("if-modified-since", SAME)], Failed),
            ([("if-unmodified-since", SAME), ("if-modified-since", SAME)], NotModified),
            ([("if-none-match", "\"x\""), ("if-modified-since", AFTER)], Send),
            ([("if-none-match", "\"t\""), ("if-modified-since", BEFORE)], NotModified),
            ([("if-none-match", ""), ("if-modified-since", AFTER)], Send),
        ] {
            check(&asked, want);
        }
    }
}
