use std::ops::RangeInclusive;

use jiff::SignedDuration;

/// Longest interval of any kind.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366);
/// The allowed range for the interval of a source.
pub(super) const INTERVAL: RangeInclusive<SignedDuration> = SignedDuration::from_mins(1)..=LONGEST;

/// Reads a duration as people write it in feeds.toml: numbers with a unit, `"30m"`, `"1h30m"`, `"7d"`;
/// units s, m, h, d (24 h) and w (7 d), with a leading sign if `signed`.
///
/// `None` if it is not such a text or is longer than 100 years.
pub(super) fn parse(text: &str, sign: Sign) -> Option<SignedDuration> {
    let (negative, mut rest) = match (sign, text.as_bytes().first()?) {
        (Sign::Allowed, b'-') => (true, &text[1..]),
        (Sign::Allowed, b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let mut total_secs: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = rest[..digits].parse().ok()?;
        let unit_secs = match rest.as_bytes().get(digits)? {
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            b'w' => 7 * 86_400,
            _ => return None,
        };
        total_secs = total_secs.checked_add(number.checked_mul(unit_secs)?)?;
        rest = &rest[digits + 1..];
    }
    let longest_secs = 100 * 366 * 86_400;
    (!text.is_empty() && text != "+" && text != "-" && total_secs <= longest_secs)
        .then(|| SignedDuration::from_secs(if negative { -total_secs } else { total_secs }))
}

/// Reads a duration such as `"2h"`; for the command line.
///
/// # Errors
/// A sentence on how a duration is written.
pub(crate) fn parse_duration(text: &str) -> Result<SignedDuration, &'static str> {
    parse(text, Sign::None).ok_or("write a number with a unit (s, m, h, d, w), such as 30m, 2h or 7d")
}

/// As it is written in feeds.toml, in one unit: "30m", "24h" for a day, "366d".
pub(crate) fn in_one_unit(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        _ if seconds % 86_400 == 0 && seconds.abs() > 86_400 => format!("{}d", seconds / 86_400),
        _ if seconds % 3_600 == 0 && seconds != 0 => format!("{}h", seconds / 3_600),
        _ if seconds % 60 == 0 && seconds != 0 => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

/// Whether a sign may precede.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    None,
    Allowed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want_secs: Option<i64>) {
        assert_eq!(parse(text, Sign::None), want_secs.map(SignedDuration::from_secs), "{text}");
    }

    #[test]
    fn numbers_with_units_are_added_up() {
        check("30m", Some(1_800));
        check("1h30m", Some(5_400));
        check("0s", Some(0));
        check("2w", Some(14 * 86_400));
    }

    #[test]
    fn what_has_no_unit_or_is_absurd_is_refused() {
        for text in ["", "30", "m", "1.5h", "-1h", "1 h", "99999999999999999999s", "9999999999d", "1y", "ü", "5mü"] {
            check(text, None);
        }
    }

    #[test]
    fn a_sign_counts_only_where_it_is_allowed() {
        assert_eq!(parse("+9h", Sign::Allowed), Some(SignedDuration::from_hours(9)));
        assert_eq!(parse("-30m", Sign::Allowed), Some(SignedDuration::from_mins(-30)));
        assert_eq!(parse("-", Sign::Allowed), None);
    }
}
