//! Dates in every form that feeds have been seen to write.
//!
//! RFC 822 / 1123 / 2822 and its abuses, W3CDTF and the rest of ISO 8601, asctime, RFC 850, slashes and dots,
//! named zones, month names in a dozen languages, two-digit years, `24:00`, seconds of 60.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// Longest text that is looked at, in bytes: no date is longer.
const LONGEST_BYTES: usize = 80;

/// Reads `text`; without a zone it is UTC, without a time midnight. `None` where it is no date.
pub(crate) fn parse_date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST_BYTES {
        return None;
    }
    korean(text).or_else(|| iso(text)).or_else(|| words(text))
}

/// Year, month, day, time of day and offset, put together.
fn timestamp(date: Date, clock: Clock, offset_seconds: i32) -> Option<Timestamp> {
    let time = Time::new(clock.hour, clock.minute, clock.second, clock.nanosecond).ok()?;
    let offset = Offset::from_seconds(offset_seconds).ok()?;
    let at = offset.to_timestamp(date.to_datetime(time)).ok()?;
    if clock.next_day { at.checked_add(SignedDuration::from_hours(24)).ok() } else { Some(at) }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Clock {
    hour: i8,
    minute: i8,
    second: i8,
    nanosecond: i32,
    /// It was written `24:00`.
    next_day: bool,
}

/// Reads `hh[:mm[:ss[.fraction]]]`; `24:00` is the end of the day, a leap second its last.
fn clock(text: &str) -> Option<Clock> {
    let (text, fraction) = match text.split_once(['.', ',']) {
        Some((text, fraction)) => (text, fraction),
        None => (text, ""),
    };
    let mut parts = text.split(':');
    let hour: i8 = small(parts.next()?)?;
    let minute: i8 = parts.next().map_or(Some(0), small)?;
    let second: i8 = parts.next().map_or(Some(0), small)?;
    if parts.next().is_some() || hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanosecond =
        fraction.bytes().chain(std::iter::repeat(b'0')).take(9).fold(0, |n, b| n * 10 + i32::from(b - b'0'));
    let next_day = hour == 24;
    Some(Clock { hour: if next_day { 0 } else { hour }, minute, second: second.min(59), nanosecond, next_day })
}

fn small(text: &str) -> Option<i8> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// ISO 8601 as feeds use it: dashed or compact, parts missing, `T` or a space before the time.
fn iso(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let head = bytes.iter().position(|b| !(b.is_ascii_digit() || *b == b'-')).unwrap_or(bytes.len());
    let date = iso_date(&text[..head])?;
    let rest = text[head..].trim_start_matches(['T', 't', ' ']);
    if rest.is_empty() {
        return timestamp(date, Clock::default(), 0);
    }
    if rest.len() == text.len() - head {
        return None;
    }
    let end = rest.bytes().position(|b| !(b.is_ascii_digit() || matches!(b, b':' | b'.' | b','))).unwrap_or(rest.len());
    let (time, zone_text) = rest.split_at(end);
    let clock = if time.contains(':') || time.len() <= 2 { clock(time)? } else { compact_clock(time)? };
    let zone_text = zone_text.trim();
    let offset = if zone_text.is_empty() { 0 } else { zone(zone_text)? };
    timestamp(date, clock, offset)
}

/// `hhmm` or `hhmmss`.
fn compact_clock(text: &str) -> Option<Clock> {
    let (text, fraction) = text.split_at(text.find(['.', ',']).unwrap_or(text.len()));
    match text.len() {
        4 => clock(&format!("{}:{}", &text[..2], &text[2..])),
        6 => clock(&format!("{}:{}:{}{fraction}", &text[..2], &text[2..4], &text[4..])),
        _ => None,
    }
}

fn iso_date(text: &str) -> Option<Date> {
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

/// Dates in words, as in RFC 822 and asctime, in whatever order.
fn words(text: &str) -> Option<Timestamp> {
    let mut found = Found::default();
    // `2004-július-13T9:15`: the `T` between digits parts date and time.
    let text = match text.split_once('T') {
        Some((date, time)) if date.ends_with(|c: char| c.is_ascii_digit()) => &format!("{date} {time}"),
        _ => text,
    };
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')')).filter(|word| !word.is_empty())
    {
        found.take(word)?;
    }
    let year = found.year.or_else(|| found.numbers.get(1).map(|n| two_digit_year(*n)))?;
    let day = *found.numbers.first()?;
    let date = Date::new(year, found.month?, i8::try_from(day).ok()?).ok()?;
    let mut clock = found.clock.unwrap_or_default();
    match found.afternoon {
        Some(true) if clock.hour < 12 => clock.hour += 12,
        Some(false) if clock.hour == 12 => clock.hour = 0,
        _ => {}
    }
    timestamp(date, clock, found.offset.unwrap_or(0))
}

/// Two digits of 90 and more are of the last century, as in feedparser.
fn two_digit_year(number: i16) -> i16 {
    match number {
        90..=99 => 1900 + number,
        0..=89 => 2000 + number,
        _ => number,
    }
}

#[derive(Debug, Default)]
struct Found {
    numbers: Vec<i16>,
    year: Option<i16>,
    month: Option<i8>,
    clock: Option<Clock>,
    offset: Option<i32>,
    afternoon: Option<bool>,
}

impl Found {
    /// Takes one word; `None` where the whole cannot be a date.
    fn take(&mut self, word: &str) -> Option<()> {
        let first = word.chars().next()?;
        if first.is_ascii_digit() {
            return self.digits(word);
        }
        if matches!(first, '+' | '-') && self.clock.is_some() {
            self.offset = self.offset.or(zone(word));
            return Some(());
        }
        let name = word.trim_end_matches('.').to_lowercase();
        if let Some(month) = month(&name) {
            // The last name before the time: French `mar.` is first of all Tuesday.
            if self.month.is_none() || self.clock.is_none() {
                self.month = Some(month);
            }
        } else if matches!(name.as_str(), "pm" | "p.m") {
            self.afternoon = Some(true);
        } else if matches!(name.as_str(), "am" | "a.m") {
            self.afternoon = Some(false);
        } else if self.clock.is_some()
            && let Some(offset) = zone(&name)
        {
            self.offset = self.offset.or(Some(offset));
        }
        Some(())
    }

    fn digits(&mut self, word: &str) -> Option<()> {
        if word.contains(':') {
            return self.time(word);
        }
        if let Some(separator) = word.chars().find(|c| matches!(c, '/' | '-' | '.')) {
            return self.joined(word, separator);
        }
        let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
        let number: i16 = digits.parse().ok()?;
        if digits.len() >= 3 {
            self.year = self.year.or(Some(number));
        } else {
            self.numbers.push(number);
        }
        Some(())
    }

    /// `10:15:00`, `10:15:00+0200`, `10:15pm`, `10:15:00Z`.
    fn time(&mut self, word: &str) -> Option<()> {
        let end = word.bytes().position(|b| !(b.is_ascii_digit() || matches!(b, b':' | b'.'))).unwrap_or(word.len());
        self.clock = Some(clock(&word[..end])?);
        let tail = word[end..].to_lowercase();
        match tail.as_str() {
            "" => {}
            "am" => self.afternoon = Some(false),
            "pm" => self.afternoon = Some(true),
            tail => self.offset = zone(tail),
        }
        Some(())
    }

    /// `2006/09/15`, `9/15/2006`, `15.09.2006`, `15-Sep-06`, `2012-08-30` among words.
    fn joined(&mut self, word: &str, separator: char) -> Option<()> {
        let parts: Vec<&str> = word.split(separator).filter(|part| !part.is_empty()).collect();
        let [a, b, c] = parts[..] else { return None };
        if let Some(named) = month(&b.to_lowercase()) {
            self.month = Some(named);
            let (day, year) = if a.len() == 4 { (c, a) } else { (a, c) };
            self.numbers.insert(0, day.parse().ok()?);
            let number: i16 = year.parse().ok()?;
            self.year = Some(if year.len() <= 2 { two_digit_year(number) } else { number });
            return Some(());
        }
        let [one, two, three] = [a.parse::<i16>().ok()?, b.parse::<i16>().ok()?, c.parse::<i16>().ok()?];
        let (year, month, day) = if a.len() == 4 {
            (one, two, three)
        } else {
            let year = if c.len() <= 2 { two_digit_year(three) } else { three };
            // Slashes are American unless the first number can be no month.
            if separator == '/' && one <= 12 { (year, one, two) } else { (year, two, one) }
        };
        self.year = Some(year);
        self.month = Some(i8::try_from(month).ok()?);
        self.numbers.insert(0, day);
        Some(())
    }
}

/// Offset in seconds of `+0200`, `+02:00`, `+2`, `GMT+02:00`, `Etc/GMT`, `EST` or another known name.
fn zone(text: &str) -> Option<i32> {
    let lower = text.trim().to_ascii_lowercase();
    let text = lower.strip_prefix("etc/").unwrap_or(&lower);
    let text = match text.strip_prefix("gmt").or_else(|| text.strip_prefix("utc")) {
        Some(rest) if rest.starts_with(['+', '-']) => rest,
        _ => text,
    };
    if let Some(rest) = text.strip_prefix(['+', '-', '\u{2212}']) {
        let sign = if text.starts_with('+') { 1 } else { -1 };
        return Some(sign * digits_offset(rest)?);
    }
    let hours_times_two = match text {
        "z" | "ut" | "gmt" | "utc" | "wet" | "uct" => 0,
        "bst" | "west" | "cet" | "met" | "mez" | "n" => 2,
        "cest" | "mest" | "mesz" | "eet" | "sast" => 4,
        "eest" | "msk" => 6,
        "msd" => 8,
        "pkt" => 10,
        "ist" => 11,
        "ict" | "wib" => 14,
        "hkt" | "sgt" | "awst" => 16,
        "jst" | "kst" => 18,
        "aest" => 20,
        "aedt" => 22,
        "nzst" | "y" => 24,
        "nzdt" => 26,
        "a" => -2,
        "brt" | "art" | "adt" => -6,
        "nst" => -7,
        "ast" | "edt" | "at" => -8,
        // `ET`, `CT`, `MT` and `PT` say nothing of summer: standard time, as feedparser reads them.
        "est" | "cdt" | "et" => -10,
        "cst" | "mdt" | "ct" => -12,
        "mst" | "pdt" | "mt" => -14,
        "pst" | "akdt" | "pt" => -16,
        "akst" => -18,
        "hst" => -20,
        "m" => -24,
        _ => return None,
    };
    Some(hours_times_two * 1_800)
}

/// `0200`, `02:00`, `2`, `02` as seconds.
fn digits_offset(text: &str) -> Option<i32> {
    let text: String = text.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes): (i32, i32) = match text.len() {
        1 | 2 => (text.parse().ok()?, 0),
        3 => (text[..1].parse().ok()?, text[1..].parse().ok()?),
        4 => (text[..2].parse().ok()?, text[2..].parse().ok()?),
        6 => (text[..2].parse().ok()?, text[2..4].parse().ok()?),
        _ => return None,
    };
    (hours <= 25 && minutes <= 59).then_some(hours * 3_600 + minutes * 60)
}

/// `2004년 05월 28일 01:31:15` and `2004-05-25 오후 11:23:17`; Korea is at +09:00.
fn korean(text: &str) -> Option<Timestamp> {
    if !text.contains(['년', '오']) {
        return None;
    }
    let plain = text.replace(['년', '월'], "-").replace('일', " ").replace("- ", "-");
    let afternoon = plain.contains("오후");
    let plain = plain.replace("오전", "").replace("오후", "");
    let mut words = plain.split_whitespace();
    let date = iso_date(words.next()?)?;
    let mut clock = words.next().map_or(Some(Clock::default()), clock)?;
    if afternoon && clock.hour < 12 {
        clock.hour += 12;
    }
    timestamp(date, clock, 9 * 3_600)
}

/// The month that `name` (lower case) starts like, in a dozen languages.
fn month(name: &str) -> Option<i8> {
    let known = |stems: &[&str]| stems.iter().any(|stem| name.starts_with(stem));
    MONTHS.iter().zip(1..).find_map(|(stems, number)| known(stems).then_some(number))
}

/// Stems of month names: English, German, French, Spanish, Italian, Portuguese, Dutch, Scandinavian, Finnish,
/// Polish, Czech, Hungarian, Russian, Greek. A stem is in one month only.
const MONTHS: [&[&str]; 12] = [
    &["jan", "jän", "ene", "gen", "sty", "led", "янв", "ιαν", "tammi"],
    &["feb", "fév", "fev", "lut", "úno", "фев", "φεβ", "helmi"],
    &["mar", "mär", "mrt", "maa", "mrz", "bře", "márc", "мар", "μάρ", "μαρ", "μάώ", "μαώ"],
    &["apr", "avr", "abr", "kwi", "dub", "ápr", "апр", "απρ", "huhti"],
    &["may", "mai", "maj", "mei", "mag", "máj", "kvě", "май", "мая", "μάι", "μαϊ", "μαι", "touko"],
    &["jun", "juin", "giu", "cze", "červn", "jún", "июн", "ιούν", "ιον", "ιουν", "kesä"],
    &["jul", "juil", "lug", "lip", "červen", "júl", "июл", "ιούλ", "ιολ", "ιουλ", "heinä"],
    &["aug", "aoû", "aou", "ago", "sie", "srp", "авг", "αύγ", "αυγ", "elo"],
    &["sep", "set", "wrz", "zář", "szept", "сен", "σεπ", "syys"],
    &["oct", "okt", "ott", "out", "paź", "říj", "окт", "οκτ", "loka"],
    &["nov", "lis", "ноя", "νοέ", "νοε", "marras"],
    &["dec", "dez", "déc", "dic", "dis", "des", "gru", "pro", "дек", "δεκ", "joulu"],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &str) {
        let got = parse_date(text).map(|at| at.to_string());
        assert_eq!(got.as_deref(), (!want.is_empty()).then_some(want), "{text}");
    }

    #[test]
    fn rfc_822_and_its_abuses() {
        check("Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21Z");
        check("Thu, 1 Jan 04 19:48 EST", "2004-01-02T00:48:00Z");
        check("1 Jan 2004 19:48:21 +0200", "2004-01-01T17:48:21Z");
        check("Thu, 01 Jan 2004 19:48:21 GMT+02:00", "2004-01-01T17:48:21Z");
        check("Thursday, 01 January 2004 19:48:21 -0530", "2004-01-02T01:18:21Z");
        check("Thu, Jan 01 2004 19:48:21", "2004-01-01T19:48:21Z");
        check("Wed, 19 Aug 2009 18:28:00 Etc/GMT", "2009-08-19T18:28:00Z");
        check("Mon, 26 January 2004 16:31:00 PT", "2004-01-27T00:31:00Z");
        check("Thu, 01 Jan 2004", "2004-01-01T00:00:00Z");
        check("Thu, 01-Jan-04 19:48:21 GMT", "2004-01-01T19:48:21Z");
        check("Fri, 15 Sep 1995 24:00:00 GMT", "1995-09-16T00:00:00Z");
        check("Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59Z");
        check("Tue, 03 Mar 2015 9:05:00 PM +0000", "2015-03-03T21:05:00Z");
        check("Thu, 01 Jan 2004 19:48:21 PST (Pacific)", "2004-01-02T03:48:21Z");
        check("Thu, 01 Jan 2004 19:48:21 XYZ", "2004-01-01T19:48:21Z");
    }

    #[test]
    fn iso_8601_with_parts_missing() {
        check("2003-12-31T10:14:55Z", "2003-12-31T10:14:55Z");
        check("2003-12-31T10:14:55.25-08:00", "2003-12-31T18:14:55.25Z");
        check("2003-12-31 10:14:55 +0100", "2003-12-31T09:14:55Z");
        check("2003-12-31T10:14", "2003-12-31T10:14:00Z");
        check("2003-12-31T10Z", "2003-12-31T10:00:00Z");
        check("2003-12-31", "2003-12-31T00:00:00Z");
        check("2003-12", "2003-12-01T00:00:00Z");
        check("2003", "2003-01-01T00:00:00Z");
        check("20031231", "2003-12-31T00:00:00Z");
        check("20031231T101455Z", "2003-12-31T10:14:55Z");
        check("2003-335", "2003-12-01T00:00:00Z");
        check("2003335", "2003-12-01T00:00:00Z");
        check("03-12-31", "2003-12-31T00:00:00Z");
        check("031231", "2003-12-31T00:00:00Z");
        check("-0312", "2003-12-01T00:00:00Z");
        check("2012-08-30T15:26:16 EST", "2012-08-30T20:26:16Z");
        check("2012-08-30T24:00:00Z", "2012-08-31T00:00:00Z");
    }

    #[test]
    fn other_forms() {
        check("Sun Jan  4 16:29:06 2004", "2004-01-04T16:29:06Z");
        check("Sun Jul 15 01:16:00 +0000 2012", "2012-07-15T01:16:00Z");
        check("Thu Aug 30 2012 17:26:16 +0200", "2012-08-30T15:26:16Z");
        check("Fri, 2006/09/15 08:19:53 EDT", "2006-09-15T12:19:53Z");
        check("9/15/2006 8:19:53 PM", "2006-09-15T20:19:53Z");
        check("15.09.2006 08:19", "2006-09-15T08:19:00Z");
        check("January 5, 2020", "2020-01-05T00:00:00Z");
    }

    #[test]
    fn other_languages() {
        check("Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00Z");
        check("2004년 05월 28일  01:31:15", "2004-05-27T16:31:15Z");
        check("2004-05-25 오후 11:23:17", "2004-05-25T14:23:17Z");
        check("2004-július-13T9:15-05:00", "2004-07-13T14:15:00Z");
        check("Mi, 03 Okt 2018 10:00:00 +0200", "2018-10-03T08:00:00Z");
        check("lun., 03 août 2020 10:00:00 +0200", "2020-08-03T08:00:00Z");
        check("Пт, 24 май 2019 10:00:00 +0300", "2019-05-24T07:00:00Z");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            " ",
            "Wed, 32 Foo",
            "yesterday",
            "Wed, 32 Jan 2004 10:00:00 GMT",
            "2003-13-01",
            "12",
            "10:00",
            "\u{660}",
            "2004-02-30",
            &"1 ".repeat(1000),
        ] {
            check(text, "");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[ 0-9a-zA-Z:/.,+()T\u{e9}\u{b144}-]{0,40}") {
            let _ = parse_date(&text);
        }
    }
}
