//! What a title says beside its words: numbers that tell two things apart, and what kind of piece it is.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

use crate::text::{TitleKinds, lower_title, title_words};

/// Numbers and kinds of one title.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TitleFeatures {
    /// Sorted; the kind in the upper eight bits, the value's hash below.
    marks: Box<[u32]>,
    /// What kind of piece it is.
    pub(super) kinds: TitleKinds,
    /// Hash of the title without its numbers, 0 where nothing is left, and of the numbers (words with a
    /// digit) alone.
    shape: u64,
    numbers: u64,
}

const NUMBER: u32 = 0;
const DATE: u32 = 1;
const ISSUE: u32 = 2;
const CVE: u32 = 3;
/// One kind per word of [`SERIES`]: a season and an episode do not contradict.
const SERIES_FROM: u32 = 4;

impl TitleFeatures {
    pub(super) fn of(title: &str) -> Self {
        let lower = lower_title(title);
        let words = title_words(&lower);
        let mut marks = Vec::new();
        for (i, word) in words.iter().enumerate() {
            read_word(&words, i, word, &mut marks);
        }
        marks.sort_unstable();
        marks.dedup();
        let has_digit = |word: &&&str| word.bytes().any(|b| b.is_ascii_digit()) && !is_year(word);
        let hash = |kept: &[&&str]| FixedState::with_seed(0).hash_one(kept);
        let (numbers, shape): (Vec<_>, Vec<_>) = words.iter().partition(has_digit);
        Self {
            marks: marks.into(),
            kinds: TitleKinds::of_words(&words),
            shape: if shape.is_empty() { 0 } else { hash(&shape) },
            numbers: hash(&numbers),
        }
    }

    fn of_kind(&self, kind: u32) -> &[u32] {
        let from = self.marks.partition_point(|mark| mark >> 24 < kind);
        let to = self.marks.partition_point(|mark| mark >> 24 <= kind);
        &self.marks[from..to]
    }

    /// Whether both carry a date, a `#` number, an episode or a CVE id, and none of it is shared: they
    /// are two numbers of one series, never one story.
    pub(super) fn contradict(&self, other: &Self) -> bool {
        (DATE..SERIES_FROM + SERIES.len() as u32).any(|kind| disjoint(self.of_kind(kind), other.of_kind(kind)))
    }

    /// Whether the titles differ in their numbers alone: two numbers of one series, two models of one make.
    pub(super) fn only_numbers_differ(&self, other: &Self) -> bool {
        self.shape != 0 && self.shape == other.shape && self.numbers != other.numbers
    }

    /// Whether both carry numbers and share none.
    pub(super) fn numbers_differ(&self, other: &Self) -> bool {
        disjoint(self.of_kind(NUMBER), other.of_kind(NUMBER))
    }
}

fn disjoint(a: &[u32], b: &[u32]) -> bool {
    !a.is_empty() && !b.is_empty() && a.iter().all(|mark| b.binary_search(mark).is_err())
}

fn mark(kind: u32, value: &str) -> u32 {
    let mut hasher = FixedState::with_seed(u64::from(kind)).build_hasher();
    hasher.write(value.as_bytes());
    kind << 24 | (hasher.finish() as u32 & 0x00FF_FFFF)
}

fn read_word(words: &[&str], at: usize, word: &str, marks: &mut Vec<u32>) {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '#');
    if let Some(cve) = bare.strip_prefix("cve-") {
        marks.push(mark(CVE, cve));
        return;
    }
    if let Some(issue) = bare.strip_prefix('#').filter(|issue| is_number(issue)) {
        marks.push(mark(ISSUE, issue));
        return;
    }
    let before = at.checked_sub(1).map_or("", |before| words[before].trim_matches(|c: char| !c.is_alphanumeric()));
    let after = words.get(at + 1).map_or("", |after| after.trim_matches(|c: char| !c.is_alphanumeric()));
    let day = ["st", "nd", "rd", "th"].iter().find_map(|end| bare.strip_suffix(end)).unwrap_or(bare);
    if is_number(day)
        && day.len() <= 2
        && let Some(month) = month(before).or_else(|| month(after))
    {
        marks.push(mark(DATE, &format!("{month}-{}", day.trim_start_matches('0'))));
        return;
    }
    if let Some(date) = numeric_date(bare) {
        marks.push(mark(DATE, &date));
        return;
    }
    let value = number_value(bare);
    let Some(value) = value else { return };
    if is_number(&value)
        && let Some(series) = SERIES.iter().position(|word| *word == before)
    {
        marks.push(mark(SERIES_FROM + series as u32, value.trim_start_matches('0')));
        return;
    }
    if !is_year(&value) {
        marks.push(mark(NUMBER, &value));
    }
}

/// Words after which a number counts the pieces of a series.
const SERIES: [&str; 16] = [
    "chapter", "day", "ep", "episode", "folge", "game", "issue", "no", "part", "puzzle", "round", "season", "stage",
    "teil", "vol", "week",
];

fn is_year(text: &str) -> bool {
    text.len() == 4 && (text.starts_with("19") || text.starts_with("20")) && is_number(text)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `1,299` and `$1299` → `1299`, `7.1` → `7.1`, `64gb` → `64gb`; `None` without a digit in front.
fn number_value(word: &str) -> Option<String> {
    let word = word.trim_start_matches(['$', '€', '£', '¥']).trim_end_matches('%');
    if !word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(word.chars().filter(|c| *c != ',').collect())
}

/// `2026-01-05`, `1/5/26`, `05.01.2026` as written, without leading zeros.
fn numeric_date(word: &str) -> Option<String> {
    let parts: Vec<&str> = word.split(['-', '/', '.']).collect();
    let [a, b, c] = parts[..] else { return None };
    if ![a, b, c].iter().all(|part| is_number(part) && part.len() <= 4)
        || (a.len() != 4 && c.len() != 4 && !word.contains('/'))
    {
        return None;
    }
    Some([a, b, c].map(|part| part.trim_start_matches('0')).join("-"))
}

fn month(word: &str) -> Option<usize> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const LONG: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = if word == "sept" { "sep" } else { word };
    MONTHS.iter().position(|month| *month == word).or_else(|| LONG.iter().position(|month| *month == word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check_contradict(a: &str, b: &str, want: bool) {
        assert_eq!(TitleFeatures::of(a).contradict(&TitleFeatures::of(b)), want, "{a} / {b}");
        assert_eq!(TitleFeatures::of(b).contradict(&TitleFeatures::of(a)), want);
    }

    #[test]
    fn two_numbers_of_a_series_contradict() {
        check_contradict("Wordle hints for May 10", "Wordle hints for May 11", true);
        check_contradict("Wordle hints for May 10th", "Wordle answer, 10 May", false);
        check_contradict("Show notes #612", "Show notes #613", true);
        check_contradict("Game 3: Celtics beat Sixers", "Game 4: Celtics lose", true);
        check_contradict("Patch for CVE-2026-1234", "CVE-2026-9999 exploited", true);
        check_contradict("Patch for CVE-2026-1234", "CVE-2026-1234 exploited", false);
        check_contradict("News 2026-01-05", "News 2026-01-06", true);
        check_contradict("The Last of Us Season 2", "The Last of Us Episode 3", false);
        check_contradict("Apple ships iOS 18", "Apple ships iOS 19", false);
    }

    #[test]
    fn numbers_are_compared_without_years_and_commas() {
        let differ = |a: &str, b: &str| TitleFeatures::of(a).numbers_differ(&TitleFeatures::of(b));
        assert!(differ("iPhone 15 ships", "iPhone 16 ships"));
        assert!(!differ("It costs $1,299", "1299 dollars"));
        assert!(!differ("CES 2025", "CES 2026"));
        assert!(!differ("A phone", "iPhone 16"));
    }

    proptest! {
        #[test]
        fn a_title_never_contradicts_itself(title in "\\PC{0,120}") {
            let marks = TitleFeatures::of(&title);
            prop_assert!(!marks.contradict(&marks) && !marks.numbers_differ(&marks));
        }
    }
}
