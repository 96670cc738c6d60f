//! What a title says besides its words: numbers that distinguish two things, and what kind of piece it is.

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
    /// Hash of the title without its numbers, 0 if nothing is left, and of the numbers (words with a
    /// digit) alone.
    shape: u64,
    numbers: u64,
    /// Its words in order, as hashes; the highest bit marks those with a digit that are not a year.
    words: Box<[u32]>,
    /// All its numbers count or measure something: two outlets may differ in them.
    is_counted: bool,
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
        let is_counted = words.iter().enumerate().filter(|(_, word)| has_digit(word)).all(|(at, _)| counts(&words, at));
        let ordered = words.iter().take(MOST_WORDS).map(|word| ordered_hash(word));
        let (numbers, shape): (Vec<_>, Vec<_>) = words.iter().partition(has_digit);
        Self {
            marks: marks.into(),
            kinds: TitleKinds::of_words(&words),
            shape: if shape.is_empty() { 0 } else { hash(&shape) },
            numbers: FixedState::with_seed(0).hash_one(numbers.iter().map(|word| amount(word)).collect::<Vec<_>>()),
            words: ordered.collect(),
            is_counted,
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
        // Sorted: the last mark is of the highest kind. Most titles have none but numbers.
        let highest = |features: &Self| features.marks.last().map_or(NUMBER, |mark| mark >> 24);
        (DATE..=highest(self).min(highest(other))).any(|kind| disjoint(self.of_kind(kind), other.of_kind(kind)))
    }

    /// Whether two outlets may mean one thing though the titles differ in their numbers: a toll rises, a sum is
    /// rounded.
    pub(super) fn count_alike(&self, other: &Self) -> bool {
        self.is_counted && other.is_counted
    }

    /// Whether one outlet makes the two titles by one pattern: they differ in a single word (a part, a month, a
    /// model), or in their numbers while the other words are mostly the same.
    pub(super) fn is_series(&self, other: &Self) -> bool {
        let (a, b) = (&self.words, &other.words);
        let differing = a.iter().zip(b.iter()).filter(|(one, other)| one != other).count();
        if a.len() == b.len() && SERIES_WORDS.contains(&a.len()) && differing == 1 {
            return true;
        }
        if are_names(a, b) {
            return true;
        }
        let parts = |words: &[u32]| words.iter().partition::<Vec<u32>, _>(|word| *word & HAS_DIGIT != 0);
        let ((mine, rest), (theirs, others)) = (parts(a), parts(b));
        let shared = rest.iter().filter(|word| others.contains(word)).count();
        let differ = !mine.is_empty() && !theirs.is_empty() && mine.iter().all(|number| !theirs.contains(number));
        differ && shared > 0 && shared * 2 >= rest.len().min(others.len())
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

/// Whether two titles of a word or two name a thing and its version (`v1.3.0-rc.1`, `moss 2.0`, `@moss/core@7.1`), and
/// not the same.
fn are_names(one: &[u32], other: &[u32]) -> bool {
    let is_number = |word: &u32| *word & HAS_DIGIT != 0;
    let is_short = one.len() == other.len() && one.len() < *SERIES_WORDS.start();
    is_short && one != other && [one, other].iter().all(|words| words.iter().any(is_number))
}

/// Number of words of a title whose order is kept.
const MOST_WORDS: usize = 24;

/// Words of titles in which a single one distinguishes two pieces of a series: with fewer or more it says too little.
const SERIES_WORDS: std::ops::RangeInclusive<usize> = 3..=10;

const HAS_DIGIT: u32 = 1 << 31;

fn ordered_hash(word: &str) -> u32 {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    let hash = FixedState::with_seed(1).hash_one(bare) as u32 & !HAS_DIGIT;
    if bare.bytes().any(|b| b.is_ascii_digit()) && !is_year(bare) { hash | HAS_DIGIT } else { hash }
}

/// Words before a number that counts something.
const COUNTING: [&str; 30] = [
    "about", "after", "almost", "around", "at", "by", "cuts", "fires", "for", "hits", "injures", "kill", "killed",
    "kills", "least", "leaves", "lost", "nearly", "of", "over", "passes", "pays", "raises", "reaches", "sheds", "than",
    "to", "tops", "up", "with",
];

/// Words after such a number.
const COUNTED: [&str; 24] = [
    "accounts",
    "billion",
    "cases",
    "countries",
    "customers",
    "dead",
    "deaths",
    "dollars",
    "employees",
    "euros",
    "injured",
    "jobs",
    "killed",
    "layoffs",
    "million",
    "missing",
    "patients",
    "people",
    "percent",
    "staff",
    "states",
    "users",
    "victims",
    "workers",
];

/// Whether the number at a place of a title counts or measures: it has a currency, a percent sign, thousands, or a
/// neighbouring word says so.
fn counts(words: &[&str], at: usize) -> bool {
    let word = words[at];
    let bare = |at: Option<usize>| {
        let word = at.and_then(|at| words.get(at)).copied().unwrap_or_default();
        word.trim_matches(|c: char| !c.is_alphanumeric())
    };
    word.starts_with(['$', '€', '£', '¥'])
        || word.ends_with('%')
        || word.contains(',') && word.trim_end_matches(',').contains(',')
        || COUNTING.binary_search(&bare(at.checked_sub(1))).is_ok()
        || COUNTED.binary_search(&bare(Some(at + 1))).is_ok()
}

/// A number as it is compared: `665k` as `665,000`; what is not a plain number, as it is written.
fn amount(word: &str) -> String {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    let digits = bare.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let times = match &bare[digits.len()..] {
        "" => 1.0,
        "k" => 1e3,
        "m" | "mn" => 1e6,
        "b" | "bn" => 1e9,
        "tn" => 1e12,
        _ => return bare.to_owned(),
    };
    match digits.replace(',', "").parse::<f64>() {
        Ok(value) if times > 1.0 || digits.contains(',') => format!("{}", value * times),
        _ => digits.to_owned(),
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

    #[test]
    fn a_word_or_a_number_tells_pieces_of_a_series_apart() {
        for (a, b, want) in [
            ("Building a kernel, part I", "Building a kernel, part II", true),
            ("Building a kernel (1/5)", "Building a kernel (2/5)", true),
            ("Transparency report for June", "Transparency report for July", true),
            ("RustConf: the first day", "RustConf: the second day", true),
            ("Review: Thorn laptop model A", "Review: Thorn laptop model B", true),
            ("Node.js 24.11.1 (LTS)", "Node.js 25.2.0 (Current)", true),
            ("Plasma Desk 7 RC released", "Plasma Desk 7.0 released", true),
            ("Maker unveils its folding phone", "Folding phone unveiled by the maker", false),
            ("Maker unveils its folding phone", "Maker unveils its folding phone", false),
            ("Maker sells 3 million phones", "Council closes 4 bridges", false),
        ] {
            let (one, other) = (TitleFeatures::of(a), TitleFeatures::of(b));
            assert_eq!((one.is_series(&other), other.is_series(&one)), (want, want), "{a} / {b}");
        }
    }

    #[test]
    fn one_sum_in_two_forms_is_one_number_and_a_toll_may_rise() {
        let of = TitleFeatures::of;
        let (short, long) = (of("Breach hits 665k patients"), of("Breach hits 665,000 patients"));
        assert!(!short.only_numbers_differ(&long));
        let (early, late) = (of("Quake kills 12 people in Kiel"), of("Quake kills 15 people in Kiel"));
        assert!(early.only_numbers_differ(&late) && early.count_alike(&late));
        let (old, new) = (of("Frobnicator 17 review"), of("Frobnicator 18 review"));
        assert!(old.only_numbers_differ(&new) && !old.count_alike(&new));
    }

    #[test]
    fn the_lists_of_words_beside_numbers_can_be_searched() {
        assert!(COUNTING.is_sorted() && COUNTED.is_sorted());
    }

    proptest! {
        #[test]
        fn a_title_never_contradicts_itself(title in "\\PC{0,120}") {
            let marks = TitleFeatures::of(&title);
            prop_assert!(!marks.contradict(&marks) && !marks.numbers_differ(&marks));
        }
    }
}
