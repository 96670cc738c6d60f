//! A text → the point in time it names.

use std::borrow::Cow;

use jiff::Timestamp;

use super::parts::{DatePrecision, Parts, ReadDate};
use super::{east_asian, iso, rfc822, words};

/// Longest text that is looked at, in bytes: no date is longer.
const LONGEST_BYTES: usize = 120;

/// Reads `text`; UTC if it has no zone, midnight if it has no time. `None` if it is not a date.
pub(crate) fn parse_date(text: &str) -> Option<Timestamp> {
    read_date(text, None).map(|date| date.at)
}

/// [`parse_date`] together with how exactly the date is known, in a document of this language: where slashes leave open
/// which number is the day, it says that.
pub(crate) fn read_date(text: &str, language: Option<&str>) -> Option<ReadDate> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST_BYTES {
        return None;
    }
    if let Some(date) = rfc822::read(text).and_then(Parts::assemble) {
        return Some(date);
    }
    let text = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(ascii_digits(text)) };
    let text = text.trim();
    if let Some(at) = unix_time(text).or_else(|| unix_time(&without_exponent(text)?)).or_else(|| json_date(text)) {
        return Some(ReadDate { at, precision: DatePrecision::Instant });
    }
    let parts = match east_asian::rewritten(text) {
        Some(rewritten) => {
            let parts = iso::read(&rewritten.text).or_else(|| words::read(&rewritten.text, language))?;
            Parts { zone: parts.zone.or(rewritten.zone), ..parts }
        }
        None => iso::read(text).or_else(|| words::read(text, language))?,
    };
    parts.assemble()
}

/// Digits of other scripts as ASCII digits; direction marks are dropped, unusual spaces become plain ones.
fn ascii_digits(text: &str) -> String {
    const ZEROS: [char; 12] = [
        '\u{660}', '\u{6F0}', '\u{966}', '\u{9E6}', '\u{A66}', '\u{AE6}', '\u{BE6}', '\u{E50}', '\u{ED0}', '\u{1040}',
        '\u{17E0}', '\u{FF10}',
    ];
    let digit = |c: char| {
        ZEROS.iter().find_map(|zero| {
            let value = u32::from(c).checked_sub(u32::from(*zero)).filter(|value| *value < 10)?;
            char::from_digit(value, 10)
        })
    };
    let is_mark = |c: &char| !matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
    let tidy = |c: char| match c {
        '\u{A0}' | '\u{202F}' | '\u{3000}' | '\u{2009}' => ' ',
        '：' => ':',
        '／' => '/',
        // Hyphens that do not break, dashes, the minus sign.
        '\u{2010}'..='\u{2013}' | '\u{2212}' | '－' => '-',
        c => digit(c).unwrap_or(c),
    };
    text.chars().filter(is_mark).map(tidy).collect()
}

/// `1.7625e9`, as programs write large numbers, in digits.
fn without_exponent(text: &str) -> Option<String> {
    let is_of_number = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+');
    let has_exponent = text.len() <= 24 && text.bytes().all(is_of_number) && text.contains(['e', 'E']);
    let number: f64 = text.parse().ok().filter(|_| has_exponent)?;
    (1e9..1e19).contains(&number).then(|| format!("{number:.0}"))
}

/// `/Date(1762500000000+0100)/`, as Microsoft's JSON has it: milliseconds since 1970; the offset moves nothing.
fn json_date(text: &str) -> Option<Timestamp> {
    let inside = text.trim_matches('/').strip_prefix("Date(")?.strip_suffix(')')?;
    let end = inside.find(['+', '-']).unwrap_or(inside.len());
    Timestamp::from_millisecond(inside[..end].parse().ok()?).ok()
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970. Ten digits that begin like a year of this or
/// the last century are a date and an hour.
fn unix_time(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || whole.starts_with("19") && whole.len() == 10 {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        10 if !whole.starts_with("20") => Timestamp::from_second(number).ok(),
        13 => Timestamp::from_millisecond(number).ok(),
        16 => Timestamp::from_microsecond(number).ok(),
        19 => Timestamp::from_nanosecond(i128::from(number)).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &str) {
        let got = parse_date(text).map(|at| at.to_string());
        assert_eq!(got.as_deref(), (!want.is_empty()).then_some(want), "{text}");
    }

    #[test]
    fn times_of_day_are_written_in_many_ways() {
        check("Nov. 2nd 2026, 8 pm", "2026-11-02T20:00:00Z");
        check("Nov 2, 2026 8pm EST", "2026-11-03T01:00:00Z");
        check("2 November 2026 12 a.m.", "2026-11-02T00:00:00Z");
        check("2 November 2026 pukul 20.05", "2026-11-02T20:05:00Z");
        check("2. november 2026 kl. 8.15", "2026-11-02T08:15:00Z");
        check("2. marraskuuta 2026 klo 20.00", "2026-11-02T20:00:00Z");
        check("2 November 2026 20.00", "2026-11-02T20:00:00Z");
        check("02.11.2026", "2026-11-02T00:00:00Z");
        check("2026년 11월 2일", "2026-11-02T00:00:00Z");
        check("2026년 11월 2일 20:00", "2026-11-02T11:00:00Z");
        check("/Date(1793649600000+0100)/", "2026-11-02T20:00:00Z");
        check("/Date(x)/", "");
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
    fn weeks_of_iso_8601_and_numbers_with_an_exponent() {
        check("2026-W45-4", "2026-11-05T00:00:00Z");
        check("2026W454T101455Z", "2026-11-05T10:14:55Z");
        check("2026-W45-4T10:14:55+01:00", "2026-11-05T09:14:55Z");
        check("2026-W45", "2026-11-02T00:00:00Z");
        check("2020-W53-7", "2021-01-03T00:00:00Z");
        check("2026-W54-1", "");
        check("2026-W45-8", "");
        check("1.7625e9", "2025-11-07T07:20:00Z");
        check("1.7625E+12", "2025-11-07T07:20:00Z");
        check("17625e5", "2025-11-07T07:20:00Z");
        check("1e5", "");
        check("e9", "");
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
    fn months_are_known_in_the_languages_of_the_table() {
        for (text, want) in [
            ("Пн, 07 груд 2026 10:00:00 +0200", "2026-12-07T08:00:00Z"),
            ("mie., 4 mar. 2026 10:00 +0100", "2026-03-04T09:00:00Z"),
            ("Çar, 06 May 2026 10:00:00 +0300", "2026-05-06T07:00:00Z"),
            ("perjantai 13. helmikuuta 2026 klo 9:30", "2026-02-13T09:30:00Z"),
            ("7 tháng 12, 2026 08:15", "2026-12-07T08:15:00Z"),
            ("الأربعاء، 14 أكتوبر 2026 10:00", "2026-10-14T10:00:00Z"),
            ("١٤ أكتوبر ٢٠٢٦", "2026-10-14T00:00:00Z"),
            ("5 शुक्र अगस्त 2026", "2026-08-05T00:00:00Z"),
            ("3 ธ.ค. 2569 08:00", "2026-12-03T08:00:00Z"),
            ("יום ג׳, 3 במרץ 2026", "2026-03-03T00:00:00Z"),
            ("3 de febrer de 2026", "2026-02-03T00:00:00Z"),
            ("2026 m. kovas 5 10:00", "2026-03-05T10:00:00Z"),
        ] {
            check(text, want);
        }
    }

    #[test]
    fn an_ambiguous_month_is_settled_by_its_weekday() {
        // `lip` is July in Polish, June in Croatian; `lis` November and October.
        check("śr., 15 lip 2026 10:00", "2026-07-15T10:00:00Z");
        check("pon, 15 lip 2026 10:00", "2026-06-15T10:00:00Z");
        check("pet, 16 lis 2026 10:00", "2026-10-16T10:00:00Z");
        check("16 lis 2026 10:00", "2026-11-16T10:00:00Z");
    }

    #[test]
    fn east_asian_marks_are_read() {
        check("2026年3月4日 15:20", "2026-03-04T15:20:00Z");
        check("2026年3月4日 下午3:20", "2026-03-04T15:20:00Z");
        check("2026年3月4日(水) 9時05分", "2026-03-04T09:05:00Z");
        check("2026年12月31日", "2026-12-31T00:00:00Z");
        check("2026/03/04(水) 09:00", "2026-03-04T09:00:00Z");
        check("2026. 3. 4. 오후 3:20", "2026-03-04T06:20:00Z");
    }

    #[test]
    fn east_asian_months_stand_where_names_of_months_do() {
        for text in [
            "周一, 2 11月 2026 10:00:00 +0800",
            "星期一, 02 十一月 2026 10:00:00 +0800",
            "週一, 02 11 月 2026 10:00:00 +0800",
        ] {
            check(text, "2026-11-02T02:00:00Z");
        }
        check("02 十二月 2026 10:00:00 +0800", "2026-12-02T02:00:00Z");
        check("月, 02 11月 2026 10:00:00 +0900", "2026-11-02T01:00:00Z");
        check("월, 02 11월 2026 10:00:00 +0900", "2026-11-02T01:00:00Z");
        check("월요일, 02 11월 2026 10:00:00 +0900", "2026-11-02T01:00:00Z");
        for text in ["2 11月 2026", "11月 2, 2026", "2026 11月 2", "11월 2일, 2026", "2026 11월 2일"] {
            check(text, "2026-11-02T00:00:00Z");
        }
        check("2 13月 2026", "");
    }

    #[test]
    fn east_asian_weekdays_and_parts_of_the_day_are_no_marks() {
        for text in [
            "2026/11/02 月曜日 10:00",
            "2026/11/02 月 10:00",
            "2026-11-02 월요일 10:00",
            "2026年11月2日 月曜日 10:00",
            "2026年11月2日 早上10:00",
        ] {
            check(text, "2026-11-02T10:00:00Z");
        }
        check("2026/11/01 日曜日 10:00", "2026-11-01T10:00:00Z");
        check("2026年11月2日 凌晨1:05", "2026-11-02T01:05:00Z");
        check("2026-11-02 凌晨12:05", "2026-11-02T00:05:00Z");
        check("2026年11月2日 中午12點05分", "2026-11-02T12:05:00Z");
        check("2026년 11월 2일 저녁 8:00", "2026-11-02T11:00:00Z");
    }

    #[test]
    fn numbers_alone_are_unix_time_or_compact() {
        check("1700000000", "2023-11-14T22:13:20Z");
        check("1700000000123", "2023-11-14T22:13:20.123Z");
        check("1700000000.5", "2023-11-14T22:13:20Z");
        check("20260304152030", "2026-03-04T15:20:30Z");
        check("202603041520", "2026-03-04T15:20:00Z");
        check("17000000001", "");
        check("123456", "");
    }

    #[test]
    fn zones_are_read_by_any_name_that_means_one() {
        check("Wed, 15 Jul 2026 10:00:00 Europe/Madrid", "2026-07-15T08:00:00Z");
        check("Thu, 15 Jan 2026 10:00:00 Europe/Madrid", "2026-01-15T09:00:00Z");
        check("2026-07-15T10:00:00[America/Chicago]", "2026-07-15T15:00:00Z");
        check("2026-07-15T10:00:00-05:00[America/Chicago]", "2026-07-15T15:00:00Z");
        check("2026-07-15 10:00:00 Asia/Kathmandu", "2026-07-15T04:15:00Z");
        check("Wed, 15 Jul 2026 10:00:00 UTC -0300", "2026-07-15T13:00:00Z");
        check("Wed, 15 Jul 2026 10:00:00 UTC+5:30", "2026-07-15T04:30:00Z");
        check("2026-07-15T10:00:00Z+02:00", "2026-07-15T08:00:00Z");
        check("2026-07-15 10:00:00.5 +0200 CEST m=+0.1", "2026-07-15T08:00:00.5Z");
        check("Wed, 15 Jul 2026 10:00:00 NPT", "2026-07-15T04:15:00Z");
        check("\u{200f}Wed,\u{a0}15\u{a0}Jul 2026 10:00:00 GMT", "2026-07-15T10:00:00Z");
    }

    #[test]
    fn how_exactly_a_date_is_known_is_part_of_it() {
        let precision = |text: &str| read_date(text, None).unwrap().precision;
        for text in ["Wed, 15 Jul 2026 10:00:00", "2026-07-15T10:00Z", "15 Jul 2026 10:00 Uhr", "15 Jul 2026 10:00 EST"]
        {
            assert_eq!(precision(text), DatePrecision::Instant, "{text}");
        }
        for text in ["Wed, 15 Jul 2026", "2026-07-15", "2026年7月15日"] {
            assert_eq!(precision(text), DatePrecision::Day, "{text}");
        }
        for text in ["Wed, 15 Jul 2026 10:00:00 XQT", "2026-07-15 10:00 Mars/Olympus_Mons"] {
            assert_eq!(precision(text), DatePrecision::UnknownZone, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_date_is_none() {
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

    #[test]
    fn zones_are_named_in_full_too() {
        for name in ["CET", "MEZ", "Central European Time", "central european standard time", "+0100 (CET)"] {
            check(&format!("Mon, 02 Nov 2026 11:00:00 {name}"), "2026-11-02T10:00:00Z");
        }
        for name in ["EST", "EST5EDT", "Eastern Standard Time", "Eastern Time", "US/Eastern"] {
            check(&format!("Mon, 02 Nov 2026 05:00:00 {name}"), "2026-11-02T10:00:00Z");
        }
        check("Wed, 01 Jul 2026 06:00:00 EST5EDT", "2026-07-01T10:00:00Z");
        check("Wed, 01 Jul 2026 06:00:00 Eastern Time", "2026-07-01T10:00:00Z");
        check("Mon, 02 Nov 2026 10:00:00 Greenwich Mean Time", "2026-11-02T10:00:00Z");
        check("2 NOV 2026 10:00 PM MEZ", "2026-11-02T21:00:00Z");
        let unknown = read_date("Mon, 02 Nov 2026 10:00:00 Lunar Standard Time", None).map(|date| date.precision);
        assert_eq!(unknown, read_date("Mon, 02 Nov 2026 10:00:00 XYZT", None).map(|date| date.precision));
    }

    #[test]
    fn the_weekday_says_which_number_is_the_day() {
        check("Mon, 02/11/2026 10:00", "2026-11-02T10:00:00Z");
        check("Wed, 02/11/2026 10:00", "2026-02-11T10:00:00Z");
        check("lunes, 2/11/2026", "2026-11-02T00:00:00Z");
        check("02/11/2026", "2026-02-11T00:00:00Z");
    }

    #[test]
    fn the_language_says_which_number_is_the_day_where_nothing_else_does() {
        let day = |text, language| read_date(text, Some(language)).map(|date| date.at.to_string()[..10].to_owned());
        for (text, language, want) in [
            ("05/11/2026 10:00", "de", "2026-11-05"),
            ("05/11/2026", "fr-FR", "2026-11-05"),
            ("5/11/26", "en-GB", "2026-11-05"),
            ("05/11/2026", "en_au", "2026-11-05"),
            ("05/11/2026", "en", "2026-05-11"),
            ("05/11/2026", "en-us", "2026-05-11"),
            ("05/11/2026", "ja", "2026-05-11"),
            ("05/11/2026", "", "2026-05-11"),
            ("05/11/2026", "und", "2026-05-11"),
            ("5/11/2026 10:00 AM", "de", "2026-05-11"),
            ("Mon, 05/11/2026", "de", "2026-05-11"),
            ("11/28/2026", "de", "2026-11-28"),
            ("28/11/2026", "en-us", "2026-11-28"),
            ("2026/05/11", "de", "2026-05-11"),
        ] {
            assert_eq!(day(text, language).as_deref(), Some(want), "{text} in {language}");
        }
    }

    #[test]
    fn eras_and_numerals_of_the_east() {
        check("令和8年11月2日", "2026-11-02T00:00:00Z");
        check("令和元年5月1日", "2019-05-01T00:00:00Z");
        check("平成31年4月30日 10:00", "2019-04-30T10:00:00Z");
        check("民國115年11月2日", "2026-11-02T00:00:00Z");
        check("二〇二六年十一月二日", "2026-11-02T00:00:00Z");
        check("二零二六年十二月三十一日", "2026-12-31T00:00:00Z");
        check("2026年11月2日 星期一 15:05", "2026-11-02T15:05:00Z");
        check("2 พ.ย. 69", "2026-11-02T00:00:00Z");
        check("02 Th11 2026 10:00", "2026-11-02T10:00:00Z");
        check("2026 оны 11-р сарын 2 10:00", "2026-11-02T10:00:00Z");
    }

    #[test]
    fn numbers_with_points_hyphens_and_endings() {
        check("Mon, 02 Nov 2026 10.00.30 GMT", "2026-11-02T10:00:30Z");
        check("20261102-100030", "2026-11-02T10:00:30Z");
        check("10-31-2026 10:00", "2026-10-31T10:00:00Z");
        check("10.31.2026", "2026-10-31T00:00:00Z");
        check("31-10-2026 10:00", "2026-10-31T10:00:00Z");
        check("Oct-31-2026 10:00", "2026-10-31T10:00:00Z");
        check("20261102-1000Z", "2026-11-02T10:00:00Z");
        check("2026\u{2011}11\u{2011}02", "2026-11-02T00:00:00Z");
        check("2026-11-02T10:00:00\u{2013}01:00", "2026-11-02T11:00:00Z");
        check("2-го ноября 2026", "2026-11-02T00:00:00Z");
        check("2-a de novembro 2026 10:00", "2026-11-02T10:00:00Z");
        check("11月2日 2026", "2026-11-02T00:00:00Z");
    }
}
