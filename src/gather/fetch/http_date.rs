//! Dates in headers, as servers write them. Pure.

use jiff::Timestamp;

use crate::text::{DatePrecision, read_date};

/// The moment that a header names: an HTTP date (RFC 9110 §5.6.7) with its two obsolete forms, or any other form that
/// feeds write; without a zone it is UTC. `None`: it is no date, or only a day.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    let date = read_date(text.trim().trim_matches(['"', '\'']), None)?;
    (date.precision == DatePrecision::Instant).then_some(date.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_however_a_server_writes_them() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sun, 06-Nov-1994 08:49:37 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "sun, 6 nov 1994 08:49:37 utc",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 09:49:37 +0100",
            "\"Sun, 06 Nov 1994 08:49:37 GMT\"",
            "Nov 6, 1994 08:49:37 GMT",
            "1994-11-06T08:49:37.000Z",
            "1994-11-06 08:49:37 UTC",
            "1994-11-06 08:49:37 +0000 UTC",
            "Sun Nov 06 1994 08:49:37 GMT+0000 (Coordinated Universal Time)",
        ] {
            assert_eq!(http_date(text).map(Timestamp::as_second), Some(784_111_777), "{text}");
        }
    }

    #[test]
    fn what_names_no_moment_is_none() {
        for text in ["", "0", "-1", "now", "never", "GMT", "7200", "1994", "1994-11-06", "Sun, 06 Nov 1994"] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }
}
