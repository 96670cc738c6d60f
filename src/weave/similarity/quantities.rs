//! Numbers by their value: `665k` and `665,000` are the same.

use crate::weave::templates::stable_hash;

/// Number of characters of a text that are read.
pub(super) const TEXT_CHARS: usize = 300;

/// Units after a number, and how many zeros they stand for.
const UNITS: [(&str, usize); 10] = [
    ("k", 3),
    ("thousand", 3),
    ("m", 6),
    ("mn", 6),
    ("million", 6),
    ("b", 9),
    ("bn", 9),
    ("billion", 9),
    ("tn", 12),
    ("trillion", 12),
];

/// The quantities of a text as hashes of their values, sorted: numbers of two characters or more or with a unit; years
/// do not count.
pub(super) fn quantities_of(text: &str) -> Vec<u32> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut before = None;
    while let Some(at) = rest.bytes().position(|byte| byte.is_ascii_digit()) {
        let is_inside = rest[..at].chars().next_back().or(before).is_some_and(|c| is_word(c) || c == '.');
        let number = &rest[at..];
        let length = if is_inside { digits(number) } else { read(number, &mut found) };
        before = number[..length].chars().next_back();
        rest = &number[length..];
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Reads the number that `text` starts with. Returns its length.
fn read(text: &str, found: &mut Vec<u32>) -> usize {
    let whole = text.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(text.len());
    let mut end = whole;
    if let Some(part) = text[whole..].strip_prefix('.') {
        let part = digits(part);
        end += if part > 0 { part + 1 } else { 0 };
    }
    let number: String = text[..end].chars().filter(|c| *c != ',').collect();
    let unit = unit(&text[end..]);
    if unit.is_none() && (number.len() < 2 || is_year(&number)) {
        return end;
    }
    let (zeros, length) = unit.unwrap_or((0, 0));
    let (whole, part) = number.split_once('.').unwrap_or((&number, ""));
    let part = format!("{part:0<zeros$}");
    let (up, down) = part.split_at(zeros);
    let (up, down) = (format!("{whole}{up}"), down.trim_end_matches('0'));
    let point = if down.is_empty() { "" } else { "." };
    let value = format!("{}{point}{down}", up.trim_start_matches('0'));
    found.push(stable_hash(value.as_bytes()) as u32);
    end + length
}

/// The zeros of a unit that `text` starts with, after a blank or a hyphen, and its length.
fn unit(text: &str) -> Option<(usize, usize)> {
    let word = text.strip_prefix(|c: char| c.is_whitespace() || c == '-').unwrap_or(text);
    let end = word.find(|c| !is_word(c)).unwrap_or(word.len());
    let (_, zeros) = UNITS.iter().find(|(unit, _)| word[..end].eq_ignore_ascii_case(unit))?;
    Some((*zeros, text.len() - word.len() + end))
}

fn digits(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_year(number: &str) -> bool {
    number.len() == 4 && (number.starts_with("19") || number.starts_with("20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &str, b: &str, want: bool) {
        let (a, b) = (quantities_of(a), quantities_of(b));
        assert_eq!(a.iter().any(|one| b.contains(one)), want, "{a:?} {b:?}");
    }

    #[test]
    fn numbers_are_compared_by_their_value() {
        check("665k customers", "665,000 people", true);
        check("a $40 billion deal", "the 40-Billion deal", true);
        check("$40bn", "$40B", true);
        check("1.5 million", "1,500,000", true);
        check("1.25m", "1250 thousand", true);
        check("it costs 299.90", "299.9 dollars", true);
        check("40 bnx", "40bn", false);
        check("12 of 665,000", "13 of 665", false);
    }

    #[test]
    fn single_digits_years_and_parts_of_names_are_none() {
        for text in ["7 best", "in 2026", "wifi7 v12", "1.", "x_12", "", "RTX5090"] {
            assert_eq!(quantities_of(text), [] as [u32; 0], "{text}");
        }
        assert_eq!(quantities_of("7.1").len(), 1);
        assert_eq!(quantities_of("12.5.3 and 12.5").len(), 1);
    }
}
