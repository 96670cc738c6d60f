//! Chinese, Japanese and Korean dates, rewritten with the separators that other dates use.

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
