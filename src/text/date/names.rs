//! Names of months and weekdays, by Unicode CLDR: `names.txt`, which `quality/date_names.py` makes.

use std::sync::LazyLock;

/// What a name of a month may mean: in Polish `lip` is July, in Croatian June.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Months {
    /// What most languages mean.
    pub(super) first: i8,
    /// What others mean.
    pub(super) second: Option<i8>,
}

impl Months {
    /// A month by its number.
    pub(super) fn only(number: i8) -> Self {
        Self { first: number, second: None }
    }
}

/// Shortest beginning of a name that stands for it.
const SHORTEST_CHARS: usize = 3;

/// The months that `name` (lower case) may mean: a name of the table, the beginning of names that all mean one month, or
/// such a name with an ending.
pub(super) fn months(name: &str) -> Option<Months> {
    const ENGLISH: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    if let Some(number) = ENGLISH.iter().position(|known| *known == name) {
        return i8::try_from(number + 1).ok().map(Months::only);
    }
    let name = name.trim_matches(['.', '\'', '’', '׳']);
    // Hebrew puts "in" before the name, as one word with it.
    exact(&TABLE.months, name)
        .or_else(|| exact(&TABLE.months, name.strip_prefix('ב')?))
        .map(|numbers| Months { first: numbers[0], second: numbers.get(1).copied() })
        .or_else(|| beginning(name).or_else(|| with_ending(name)).map(Months::only))
}

/// The month of exactly this name, in lower case; `None` also if languages differ.
pub(crate) fn month_named(name: &str) -> Option<i8> {
    exact(&TABLE.months, name).filter(|numbers| numbers.len() == 1).map(|numbers| numbers[0])
}

/// Bit `n` is set where `name` (lower case) is the weekday `n` in some language, 1 for Monday.
pub(super) fn weekdays(name: &str) -> u8 {
    let name = name.trim_matches(['.', '\'', '’', '׳']);
    exact(&TABLE.days, name).map_or(0, |numbers| numbers.iter().fold(0, |bits, number| bits | 1 << number))
}

type Names = Vec<(&'static str, Vec<i8>)>;

fn exact<'t>(names: &'t Names, name: &str) -> Option<&'t [i8]> {
    let at = names.binary_search_by_key(&name, |(known, _)| known).ok()?;
    Some(&names[at].1)
}

/// The one month that all names which begin like this mean.
fn beginning(name: &str) -> Option<i8> {
    if name.chars().count() < SHORTEST_CHARS {
        return None;
    }
    let from = TABLE.months.partition_point(|(known, _)| *known < name);
    let mut means = TABLE.months[from..].iter().take_while(|(known, _)| known.starts_with(name)).flat_map(|(_, of)| of);
    let first = means.next()?;
    means.all(|number| number == first).then_some(*first)
}

/// The month of the longest name that this one begins with, where that has four characters or more.
fn with_ending(name: &str) -> Option<i8> {
    let ends = name.char_indices().skip(SHORTEST_CHARS + 1).map(|(at, _)| at).collect::<Vec<_>>();
    let shorter = ends.into_iter().rev().find_map(|end| exact(&TABLE.months, &name[..end]))?;
    (shorter.len() == 1).then(|| shorter[0])
}

struct Table {
    months: Names,
    days: Names,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { months: Vec::new(), days: Vec::new() };
    for line in include_str!("names.txt").lines() {
        let mut parts = line.split('\t');
        let (Some(kind), Some(name), Some(numbers)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let numbers = numbers.split(' ').filter_map(|number| number.parse().ok()).collect();
        match kind {
            "m" => table.months.push((name, numbers)),
            _ => table.days.push((name, numbers)),
        }
    }
    table
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_searched() {
        for names in [&TABLE.months, &TABLE.days] {
            assert!(names.len() > 500 && names.is_sorted());
            assert!(names.iter().all(|(_, numbers)| (1..=3).contains(&numbers.len())));
        }
    }

    #[test]
    fn names_with_endings_and_beginnings_are_known() {
        for (name, want) in [
            ("january", 1),
            ("janu", 1),
            ("märz", 3),
            ("marraskuussa", 11),
            ("noviembre", 11),
            ("грудня", 12),
            ("सितंबर", 9),
            ("eylül", 9),
            ("בנובמבר", 11),
            ("พ.ย.", 11),
        ] {
            assert_eq!(months(name).map(|months| months.first), Some(want), "{name}");
        }
        for name in ["ja", "m", "monday", "the", "uhr", "of", ""] {
            assert_eq!(months(name), None, "{name}");
        }
        assert_eq!(months("lis"), Some(Months { first: 11, second: Some(10) }));
    }
}
