//! ISO 8601 as feeds use it: dashed or compact, with parts missing, `T` or a space before the time.

use jiff::SignedDuration;
use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::clock::{Clock, Half, small};
use super::parts::Parts;
use super::zone::ZoneFinder;

/// Reads `text`; `None` if it has a different form.
pub(super) fn read(text: &str) -> Option<Parts> {
    let bytes = text.as_bytes();
    if let (Some(date), Some(b'-'), Some(time)) = (text.get(..8), bytes.get(8), text.get(9..))
        && date.bytes().all(|b| b.is_ascii_digit())
        && let Some(parts) = compact_parted(date, time)
    {
        return Some(parts);
    }
    let head = bytes.iter().position(|b| !(b.is_ascii_digit() || *b == b'-')).unwrap_or(bytes.len());
    if let Some(parts) = compact(&text[..head], &text[head..]) {
        return Some(parts);
    }
    let (date, after) = week_date(text).or_else(|| Some((date(&text[..head])?, &text[head..])))?;
    let rest = after.trim_start_matches(['T', 't', ' ']);
    if rest.is_empty() {
        return Some(Parts { date, clock: None, zone: None });
    }
    if rest.len() == after.len() {
        return None;
    }
    let end = rest.bytes().position(|b| !(b.is_ascii_digit() || matches!(b, b':' | b'.' | b','))).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(end);
    // `11-2 2026` is no month of 2011 with a time.
    let has_day = date_digits(&text[..text.len() - after.len()]) >= 5;
    if !has_day && !time.contains(':') && time.len() > 2 {
        return None;
    }
    let clock = if time.contains(':') || time.len() <= 2 { Clock::read(time)? } else { Clock::read_compact(time)? };
    with_zone(date, clock, zone)
}

/// `20250605115700`, `202506051157`, `2025060511`, with a zone or without.
fn compact(digits: &str, zone: &str) -> Option<Parts> {
    let is_time = matches!(digits.len(), 10 | 12 | 14) && !digits.contains('-') && digits.starts_with(['1', '2']);
    if !is_time {
        return None;
    }
    with_zone(date(&digits[..8])?, Clock::read_compact(&digits[8..])?, zone)
}

/// `20261102-101500`, as names of files have it.
fn compact_parted(date: &str, time: &str) -> Option<Parts> {
    let end = time.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(time.len());
    if !matches!(end, 4 | 6) {
        return None;
    }
    with_zone(self::date(date)?, Clock::read_compact(&time[..end])?, &time[end..])
}

/// How many digits a date has.
fn date_digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// `None` if words follow that are not a zone.
fn with_zone(date: Date, clock: Clock, zone: &str) -> Option<Parts> {
    let mut finder = ZoneFinder::default();
    for word in zone.split([' ', '[', ']', '(', ')']).filter(|word| !word.is_empty()) {
        if Half::of(&word.to_lowercase()).is_some() || !finder.take(word) {
            return None;
        }
    }
    Some(Parts { date, clock: Some(clock), zone: finder.finish() })
}

/// `2026-W45-4` and `2026W454`, a day of a week of a year, or `2026-W45`, its Monday (ISO 8601, 5.2.3); and what follows.
fn week_date(text: &str) -> Option<(Date, &str)> {
    let year = text.get(..4)?;
    let rest = &text[4..];
    let rest = rest.strip_prefix('-').unwrap_or(rest).strip_prefix(['W', 'w'])?;
    let week = rest.get(..2)?;
    let rest = &rest[2..];
    let day = rest.strip_prefix('-').unwrap_or(rest);
    let (day, rest) = match day.as_bytes() {
        [b'1'..=b'7', after @ ..] if !after.first().is_some_and(u8::is_ascii_digit) => (small(&day[..1])?, &day[1..]),
        _ => (1, rest),
    };
    let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !is_number(year) || !is_number(week) {
        return None;
    }
    let weekday = Weekday::from_monday_one_offset(day).ok()?;
    Some((ISOWeekDate::new(year.parse().ok()?, small(week)?, weekday).ok()?.date(), rest))
}

/// A date made of digits and dashes.
fn date(text: &str) -> Option<Date> {
    if !text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        return None;
    }
    let number = |part: &str| part.parse::<i16>().ok();
    let century = |part: &str| Some(2000 + number(part)?);
    let of = |year: i16, month: &str, day: &str| Date::new(year, small(month)?, small(day)?).ok();
    let ordinal = |year: i16, day: &str| {
        let day = number(day).filter(|day| (1..=366).contains(day))?;
        Date::new(year, 1, 1).ok()?.checked_add(SignedDuration::from_hours(24 * i64::from(day - 1))).ok()
    };
    let mut parts = text.split('-');
    let parts: [Option<&str>; 4] = std::array::from_fn(|_| parts.next());
    match parts {
        [Some(one), None, ..] => match one.len() {
            8 => of(number(&one[..4])?, &one[4..6], &one[6..]),
            7 => ordinal(number(&one[..4])?, &one[4..]),
            6 => of(century(&one[..2])?, &one[2..4], &one[4..]),
            5 => ordinal(century(&one[..2])?, &one[2..]),
            4 => Date::new(number(one)?, 1, 1).ok(),
            _ => None,
        },
        [Some(""), Some(rest), None, _] => match rest.len() {
            4 => of(century(&rest[..2])?, &rest[2..], "1"),
            2 => Date::new(century(rest)?, 1, 1).ok(),
            _ => None,
        },
        [Some(""), Some(year), Some(month), None] if year.len() == 2 => of(century(year)?, month, "1"),
        [Some(year), Some(rest), None, _] => {
            let year = if year.len() == 2 { century(year)? } else { number(year).filter(|_| year.len() == 4)? };
            match rest.len() {
                1 | 2 => of(year, rest, "1"),
                3 => ordinal(year, rest),
                4 => of(year, &rest[..2], &rest[2..]),
                _ => None,
            }
        }
        [Some(year), Some(month), Some(day), None] => {
            let year = match year.len() {
                4 => number(year)?,
                2 => century(year)?,
                _ => return None,
            };
            // `2004-01-5` and the PHP slip `2004-011-05`.
            let month = if month.len() == 3 { month.strip_prefix('0')? } else { month };
            of(year, month, day)
        }
        _ => None,
    }
}
