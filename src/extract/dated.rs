//! Dates in running text and in addresses: `12 January 2024`, `Jan. 12th, 2024`, `12.01.2024`, `2024年1月12日`, `/2024/01/12/`.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};

use super::seen_block::SeenBlock;
use crate::text::month_named;

/// What comes first in a date with slashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlashDates {
    /// As in the United States.
    MonthFirst,
    /// As everywhere else.
    DayFirst,
}

/// Blocks before and after the headline in which a date is looked for.
const NEAR: (usize, usize) = (4, 12);
/// A longer block is running text, whose dates are those of events.
const LONGEST_CHARS: usize = 200;

/// The day of a page that marks no date: from its address, in an element whose class mentions a date, in a short block
/// near the headline, in a short block above; returned with its origin.
pub(super) fn on_page(
    path: &str,
    marked: &[String],
    blocks: &[SeenBlock],
    title: &str,
    slashes: SlashDates,
) -> Option<(Date, &'static str)> {
    let near = blocks.iter().position(|block| block.text == title);
    let first = blocks.iter().position(|block| block.kept).unwrap_or_default();
    let last = blocks.iter().rposition(|block| block.kept).unwrap_or_default();
    let at = near.unwrap_or(first);
    let short = |from: usize, to: usize| {
        let blocks = blocks.get(from..to.min(blocks.len())).unwrap_or_default();
        let short = blocks.iter().filter(|block| block.text.chars().take(LONGEST_CHARS + 1).count() <= LONGEST_CHARS);
        short.into_iter().find_map(|block| in_text(&block.text, slashes))
    };
    in_path(path)
        .map(|date| (date, "address"))
        .or_else(|| short(at, at + NEAR.1).map(|date| (date, "text")))
        .or_else(|| marked.iter().find_map(|text| in_text(text, slashes)).map(|date| (date, "class")))
        .or_else(|| short(at.saturating_sub(NEAR.0), at).map(|date| (date, "text")))
        .or_else(|| short(last.saturating_sub(1), last + NEAR.0).map(|date| (date, "text")))
        .or_else(|| short(0, last).map(|date| (date, "text")))
}

/// The first date in `text`; `slashes` says how `3/4/2024` is to be read.
pub(super) fn in_text(text: &str, slashes: SlashDates) -> Option<Date> {
    const LOOKED_AT_BYTES: usize = 600;
    let text = &text[..text.floor_char_boundary(LOOKED_AT_BYTES)];
    let found = [
        first(&YEAR_FIRST, text, |found| date(&found[1], number(&found[2])?, &found[3])),
        first(&DAY_NAME, text, |found| date(&found[3], month(&found[2])?, &found[1])),
        first(&NAME_DAY, text, |found| date(&found[3], month(&found[1])?, &found[2])),
        first(&DOTS, text, |found| date(&found[3], number(&found[2])?, &found[1])),
        first(&SLASHES, text, |found| {
            let (one, two) = (number(&found[1])?, number(&found[2])?);
            let (month, day) =
                if one > 12 || (two <= 12 && slashes == SlashDates::DayFirst) { (two, one) } else { (one, two) };
            date(&found[3], month, &day.to_string())
        }),
    ];
    found.into_iter().flatten().min_by_key(|(at, _)| *at).map(|(_, date)| date)
}

/// The day in the path of an address: `/2024/01/12/`, `/2024-01-12-title`, `/20240112/`.
pub(super) fn in_path(path: &str) -> Option<Date> {
    first(&PATH, path, |found| date(&found[1], month(&found[2]).or_else(|| number(&found[2]))?, &found[3]))
        .map(|(_, date)| date)
}

/// The first match that is a date, and where it is.
fn first(pattern: &Regex, text: &str, read: impl Fn(&Captures<'_>) -> Option<Date>) -> Option<(usize, Date)> {
    pattern.captures_iter(text).find_map(|found| Some((found.get_match().start(), read(&found)?)))
}

fn number(text: &str) -> Option<i8> {
    text.parse().ok()
}

fn month(name: &str) -> Option<i8> {
    month_named(&name.to_lowercase())
}

fn date(year: &str, month: i8, day: &str) -> Option<Date> {
    let year: i16 = year.parse().ok().filter(|year| (1991..=2100).contains(year))?;
    Date::new(year, month, number(day)?).ok()
}

static YEAR_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[^[0-9]/.-])((?:19|20)[0-9][0-9])\s?[-/.年년]\s?([0-9]{1,2})\s?[-/.月월]\s?([0-9]{1,2})(?:$|[^[0-9].-])",
    )
});
static DAY_NAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[^[0-9]])([0-9]{1,2})(?:st|nd|rd|th|er|º|\.)?[\s-]+(?:de\s+|of\s+)?(\p{L}{3,10})\.?,?[\s-]+(?:de\s+)?((?:19|20)[0-9][0-9])(?:$|[^0-9])",
    )
});
static NAME_DAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?:^|\P{L})(\p{L}{3,10})\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)[0-9][0-9])(?:$|[^0-9])")
});
static DOTS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|[^[0-9].])([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?((?:19|20)[0-9][0-9])(?:$|[^0-9])"));
static SLASHES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|[^[0-9]/-])([0-9]{1,2})[/-]([0-9]{1,2})[/-]((?:19|20)[0-9][0-9])(?:$|[^[0-9]/])"));
static PATH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[/_-])((?:19|20)[0-9][0-9])[/_-]?([0-9][0-9]?|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[/_-]?([0-9][0-9])(?:$|[/_.-])",
    )
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is constant and a test compiles it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Option<&str>) {
        assert_eq!(in_text(text, SlashDates::MonthFirst).map(|date| date.to_string()).as_deref(), want, "{text}");
    }

    #[test]
    fn dates_are_found_in_text() {
        check("By Jane Doe, January 12th, 2024 at noon", Some("2024-01-12"));
        check("Publicado el 3 de marzo de 2021", Some("2021-03-03"));
        check("Stand: 12.01.2024, 10:00 Uhr", Some("2024-01-12"));
        check("2024年1月12日", Some("2024-01-12"));
        check("Posted on 3/4/2024 by admin", Some("2024-03-04"));
        check("13/4/2024", Some("2024-04-13"));
        check("updated 2 Dec 2020 and 1 Jan 2021", Some("2020-12-02"));
        check("call 555-12-2024 or 10.0.0.2024, chapter 12 verse 2020", None);
        check("between 31 February 2020", None);
    }

    #[test]
    fn three_and_four_are_read_by_the_place() {
        assert_eq!(
            in_text("3/4/2024", SlashDates::DayFirst).map(|date| date.to_string()).as_deref(),
            Some("2024-04-03")
        );
    }

    #[test]
    fn addresses_carry_days() {
        for (path, want) in [
            ("/2024/01/12/title", Some("2024-01-12")),
            ("/news/2024-01-12-title.html", Some("2024-01-12")),
            ("/2019/nov/19/x", Some("2019-11-19")),
            ("/20240112/x", Some("2024-01-12")),
            ("/2024/01/title", None),
            ("/id/202401129", None),
        ] {
            assert_eq!(in_path(path).map(|date| date.to_string()).as_deref(), want, "{path}");
        }
    }
}
