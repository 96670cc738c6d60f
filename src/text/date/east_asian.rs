//! Chinese, Japanese and Korean dates, rewritten with the separators that other dates use.

use std::borrow::Cow;

use super::zone::Zone;

/// A date with the separators of other dates.
#[derive(Debug)]
pub(super) struct Rewritten {
    pub(super) text: String,
    /// Set by Korean marks of the day and its halves beside a time, since Korea has one zone.
    pub(super) zone: Option<Zone>,
}

/// Halves of the day and the parts of them that CLDR names.
const HALVES: [(&str, &str); 16] = [
    ("上午", " am "),
    ("午前", " am "),
    ("오전", " am "),
    ("凌晨", " am "),
    ("清晨", " am "),
    ("早上", " am "),
    ("새벽", " am "),
    ("아침", " am "),
    ("下午", " pm "),
    ("午後", " pm "),
    ("午后", " pm "),
    ("오후", " pm "),
    ("中午", " pm "),
    ("晚上", " pm "),
    ("夕方", " pm "),
    ("저녁", " pm "),
];

/// `2004년 05월 28일 01:31:15`, `2025年3月4日 下午3:05`, `2025年3月4日 15時05分`, `周二, 4 3月 2025`; `None` if none of
/// these marks is found.
pub(super) fn rewritten(text: &str) -> Option<Rewritten> {
    let has_half = || HALVES.iter().any(|(half, _)| text.contains(half));
    if text.is_ascii() || !(text.contains(['年', '월', '月', '년']) || has_half()) {
        return None;
    }
    let text = &western(text);
    let mut plain = with_separators(text);
    for (half, latin) in HALVES {
        plain = plain.replace(half, latin);
    }
    let words = plain.split_whitespace().map(|word| word.trim_end_matches(['-', ':']));
    let has_time = plain.contains(':') || text.contains('오');
    let zone = (has_time && text.contains(['년', '오'])).then_some(Zone::Offset(9 * 3_600));
    Some(Rewritten { text: words.collect::<Vec<_>>().join(" "), zone })
}

/// What a mark behind a number stands for.
enum Mark {
    Sign(char),
    /// A name of the month, where no year precedes it to which a sign could join it.
    Month(&'static str),
}

/// `text` with separators and names of months in place of its marks.
fn with_separators(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut year = Year::NotYet;
    for (at, c) in text.char_indices() {
        match mark(c, &text[..at], &text[at + c.len_utf8()..], year) {
            Some(Mark::Month(name)) => {
                plain.truncate(before_number(&plain).len());
                plain.push_str(&format!(" {name} "));
            }
            Some(Mark::Sign(sign)) => {
                year = if matches!(c, '年' | '년') { Year::Before } else { Year::NotYet };
                if sign != ' ' {
                    plain.truncate(plain.trim_end().len());
                }
                plain.push(sign);
            }
            // `05- 28`: a space after one of our separators separates nothing.
            None if c == ' ' && plain.ends_with(['-', ':']) => {}
            None => plain.push(c),
        }
    }
    plain
}

/// Whether a year was marked before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Year {
    Before,
    NotYet,
}

/// What `c` between `before` and `after` marks, if it is a mark and not, say, the name of a weekday.
fn mark(c: char, before: &str, after: &str, year: Year) -> Option<Mark> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let before = before.trim_end();
    if !before.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    match c {
        '年' | '년' => Some(Mark::Sign('-')),
        '月' | '월' if year == Year::Before => Some(Mark::Sign('-')),
        '月' | '월' => {
            let start = before_number(before);
            // `2026/11/02 月曜日`, `2026.11.02 월`: the whole date stands before its weekday.
            let is_weekday = after.starts_with(['曜', '요']) || start.ends_with(['/', '.', '-']);
            let number = before[start.len()..].parse::<usize>().ok().filter(|_| !is_weekday)?;
            MONTHS.get(number.checked_sub(1)?).map(|name| Mark::Month(name))
        }
        '日' | '일' if after.starts_with(['曜', '요']) => None,
        '日' | '일' | '号' | '號' | '秒' | '초' => Some(Mark::Sign(' ')),
        '時' | '时' | '시' | '点' | '點' | '分' | '분' => Some(Mark::Sign(':')),
        _ => None,
    }
}

/// What stands before the number at the end of `text`.
fn before_number(text: &str) -> &str {
    text.trim_end().trim_end_matches(|c: char| c.is_ascii_digit())
}

/// Eras, and the year before their first: of Japan since 1926, of the Republic of China.
const ERAS: [(&str, i32); 5] = [("令和", 2018), ("平成", 1988), ("昭和", 1925), ("民國", 1911), ("民国", 1911)];

/// A date with its numbers in digits and its year in the western count: `令和8年`, `二〇二六年十一月二日`.
fn western(text: &str) -> Cow<'_, str> {
    let era = ERAS.iter().find_map(|(name, before)| Some((text.split_once(name)?, *before)));
    if era.is_none() && !text.contains(is_numeral) {
        return Cow::Borrowed(text);
    }
    let Some(((start, rest), before)) = era else { return Cow::Owned(in_digits(text)) };
    let rest = in_digits(rest).trim_start().replacen('元', "1", 1);
    let end = rest.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
    match rest[..end].parse::<i32>() {
        Ok(year @ 1..=200) => Cow::Owned(format!("{start}{}{}", year + before, &rest[end..])),
        _ => Cow::Borrowed(text),
    }
}

const NUMERALS: &str = "〇一二三四五六七八九";

fn is_numeral(c: char) -> bool {
    NUMERALS.contains(c) || matches!(c, '零' | '十')
}

/// Chinese numerals before the marks of a date or a time, in digits: one for each (`二〇二六`), or with ten (`二十一`).
fn in_digits(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_numeral) {
        let run = &rest[at..];
        let end = run.find(|c| !is_numeral(c)).unwrap_or(run.len());
        out.push_str(&rest[..at]);
        let is_of_date = run[end..].starts_with(['年', '月', '日', '号', '號', '時', '时', '点', '點', '分', '秒']);
        match value(&run[..end]).filter(|_| is_of_date) {
            Some(number) => out.push_str(&number.to_string()),
            None => out.push_str(&run[..end]),
        }
        rest = &run[end..];
    }
    out + rest
}

/// `None` for what is longer than a year.
fn value(numerals: &str) -> Option<u32> {
    let digit = |c: char| NUMERALS.chars().position(|known| known == if c == '零' { '〇' } else { c });
    let number = |text: &str| {
        let digits = text.chars().map(digit).collect::<Option<Vec<usize>>>()?;
        (digits.len() <= 4)
            .then(|| digits.iter().fold(0, |number, digit| number * 10 + u32::try_from(*digit).unwrap_or(0)))
    };
    match numerals.split_once('十') {
        Some((tens, ones)) => Some(if tens.is_empty() { 1 } else { number(tens)? } * 10 + number(ones)?),
        None => number(numerals),
    }
}
