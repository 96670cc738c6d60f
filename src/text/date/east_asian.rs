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

/// `2004년 05월 28일 01:31:15`, `2025年3月4日 下午3:05`, `2025年3月4日 15時05分`; `None` if none of these marks is found.
pub(super) fn rewritten(text: &str) -> Option<Rewritten> {
    const HALVES: [(&str, &str); 8] = [
        ("上午", " am "),
        ("午前", " am "),
        ("오전", " am "),
        ("下午", " pm "),
        ("午後", " pm "),
        ("午后", " pm "),
        ("오후", " pm "),
        ("晚上", " pm "),
    ];
    if text.is_ascii() || !text.contains(['年', '월', '月', '년', '午', '오', '晚']) {
        return None;
    }
    let text = &western(text);
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        let behind_digit = plain.trim_end().ends_with(|c: char| c.is_ascii_digit());
        let sign = match c {
            '年' | '년' | '月' | '월' if behind_digit => '-',
            '日' | '일' | '号' | '號' | '秒' | '초' if behind_digit => ' ',
            '時' | '时' | '시' | '点' | '點' | '分' | '분' if behind_digit => ':',
            c => c,
        };
        if matches!(sign, '-' | ':') {
            plain.truncate(plain.trim_end().len());
        }
        // `05- 28`: a space after one of our separators separates nothing.
        if c == ' ' && plain.ends_with(['-', ':']) {
            continue;
        }
        plain.push(sign);
    }
    for (half, latin) in HALVES {
        plain = plain.replace(half, latin);
    }
    let words = plain.split_whitespace().map(|word| word.trim_end_matches(['-', ':']));
    let has_time = plain.contains(':') || text.contains('오');
    let zone = (has_time && text.contains(['년', '오'])).then_some(Zone::Offset(9 * 3_600));
    Some(Rewritten { text: words.collect::<Vec<_>>().join(" "), zone })
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
