//! Dates in words, as in RFC 822 and asctime, in whatever order.

use jiff::civil::{Date, Weekday};

use super::clock::{Clock, Half, small};
use super::names::{Months, months, weekdays};
use super::parts::Parts;
use super::zone::{self, ZoneFinder};

/// Reads `text`, which is in a document of this language; `None` if it is not a date.
pub(super) fn read(text: &str, language: Option<&str>) -> Option<Parts> {
    let mut found = Found { is_day_first: language.is_some_and(writes_day_first), ..Found::default() };
    // `2004-július-13T9:15`: the `T` between digits separates date and time.
    let text = match text.split_once('T') {
        Some((date, time)) if date.ends_with(|c: char| c.is_ascii_digit()) => &format!("{date} {time}"),
        _ => text,
    };
    let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '[' | ']' | '،' | '|');
    let mut before = "";
    for word in text.split(is_between).filter(|word| !word.is_empty()) {
        found.take(word, before)?;
        before = word;
    }
    let date = found.date(text)?;
    found.zone.take_long_name(&found.behind.join(" "));
    let clock = match (found.clock, found.half) {
        (Some(clock), Some(half)) => Some(clock.in_half(half)),
        (clock, _) => clock,
    };
    Some(Parts { date, clock, zone: found.zone.finish() })
}

/// Words before a time of day: Danish, Norwegian, Swedish, Finnish, Indonesian, Malay, German, Italian, Romanian.
const CLOCK_WORDS: [&str; 9] = ["kl", "klo", "klokken", "pukul", "pkl", "jam", "um", "ore", "ora"];

/// `8pm`.
fn hour_of_half(word: &str) -> Option<(Clock, Half)> {
    let end = word.find(|char: char| !char.is_ascii_digit())?;
    Some((Clock::read(&word[..end])?, Half::of(&word[end..].to_lowercase())?))
}

/// `Oct-31-2026`.
fn month_first(word: &str) -> Option<(Months, i16, i16)> {
    let (name, rest) = word.split_once(['-', '/'])?;
    let (day, year) = rest.split_once(['-', '/'])?;
    let (day, number): (i16, i16) = (day.parse().ok()?, year.parse().ok()?);
    Some((months(&name.to_lowercase())?, day, if year.len() <= 2 { two_digit_year(number) } else { number }))
}

/// Two digits from 90 up belong to the last century, as in feedparser.
fn two_digit_year(number: i16) -> i16 {
    match number {
        90..=99 => 1900 + number,
        0..=89 => 2000 + number,
        _ => number,
    }
}

/// What the words of a date were found to be.
#[derive(Debug, Default)]
struct Found {
    numbers: Vec<i16>,
    year: Option<i16>,
    /// The year was found before any other number.
    year_first: bool,
    month: Option<Months>,
    /// The next number is the month: Vietnamese `tháng 11`.
    month_follows: bool,
    weekdays: u8,
    clock: Option<Clock>,
    half: Option<Half>,
    zone: ZoneFinder,
    /// Words behind the time that are none of these: `Eastern Standard Time`.
    behind: Vec<String>,
    /// Day and month the other way round, where slashes leave the order open.
    swapped: Option<(i8, i8)>,
    /// The language of the document puts the day first.
    is_day_first: bool,
}

impl Found {
    /// Takes one word, which follows the word `before`; `None` if the whole cannot be a date.
    fn take(&mut self, word: &str, before: &str) -> Option<()> {
        let first = word.chars().next()?;
        if first.is_ascii_digit() {
            return self.digits(word, before);
        }
        if matches!(first, '+' | '-') && self.clock.is_some() {
            self.zone.take(word);
            return Some(());
        }
        // Before names of months: `MEZ` also begins a Breton one.
        let is_behind = self.clock.is_some() && self.month.is_some();
        if is_behind && word.bytes().all(|b| b.is_ascii_uppercase()) && zone::is_known(word) {
            self.zone.take(word);
            self.behind.push(word.to_lowercase());
            return Some(());
        }
        if let Some((month, day, year)) = month_first(word) {
            self.month = Some(month);
            self.numbers.insert(0, day);
            self.year = Some(year);
            return Some(());
        }
        let name = word.trim_end_matches('.').to_lowercase();
        if matches!(name.as_str(), "tháng" | "thg") {
            self.month_follows = true;
            return Some(());
        }
        if let Some(number) = name.strip_prefix("th").and_then(small).filter(|number| (1..=12).contains(number)) {
            // Vietnamese `Th11`; `Th2` before the day is Monday, and another month follows.
            self.month = Some(Months::only(number));
            return Some(());
        }
        if let Some(half) = Half::of(&name) {
            self.half = Some(half);
            self.hour_before(before);
            return Some(());
        }
        self.weekdays |= weekdays(&name);
        // Arabic and others write some names as two words.
        let pair = || (!name.is_ascii()).then(|| months(&format!("{} {name}", before.to_lowercase())))?;
        if is_behind {
            self.behind.push(name.clone());
        }
        if let Some(months) = months(&name).or_else(pair) {
            // The last name before the time: French `mar.` primarily means Tuesday.
            if self.month.is_none() || self.clock.is_none() {
                self.month = Some(months);
            }
        } else if self.clock.is_some() {
            self.zone.take(word);
        }
        Some(())
    }

    /// `8 PM`: the number before the half of the day is the hour.
    fn hour_before(&mut self, before: &str) {
        let hour = before.bytes().all(|byte| byte.is_ascii_digit()).then(|| Clock::read(before)).flatten();
        let hour = hour.filter(|hour| self.clock.is_none() && (1..=12).contains(&hour.hour));
        let is_last = |hour: &Clock| self.numbers.last() == Some(&i16::from(hour.hour));
        if let Some(hour) = hour.filter(is_last).filter(|_| self.year.is_some()) {
            self.numbers.pop();
            self.clock = Some(hour);
        }
    }

    /// `20.00` behind a word for the clock, or behind a whole date; `20.00.00` there, too.
    fn clock_with_point(&self, word: &str, before: &str) -> Option<Clock> {
        let (hour, minute) = word.split_once('.')?;
        let has_seconds = minute.len() == 5 && minute.as_bytes()[2] == b'.';
        if has_seconds && self.clock.is_none() && self.year.is_some() && self.month.is_some() {
            return Clock::read(&word.replace('.', ":"));
        }
        let is_clock = minute.len() == 2 && CLOCK_WORDS.contains(&before.trim_end_matches('.').to_lowercase().as_str());
        let has_date = self.year.is_some() && self.month.is_some() && !self.numbers.is_empty() && minute.len() == 2;
        if self.clock.is_none() && (is_clock || has_date) { Clock::read(&format!("{hour}:{minute}")) } else { None }
    }

    fn digits(&mut self, word: &str, before: &str) -> Option<()> {
        if word.contains(':') {
            return self.time(word);
        }
        if let Some(clock) = self.clock_with_point(word, before) {
            self.clock = Some(clock);
            return Some(());
        }
        if let Some((hour, half)) = hour_of_half(word) {
            (self.clock, self.half) = (Some(hour), Some(half));
            return Some(());
        }
        if let Some(clock) = french_clock(word) {
            self.clock = Some(clock);
            return Some(());
        }
        let word = word.trim_end_matches(['.', '-', '/']);
        if let Some(number) = word.strip_suffix("-р").and_then(small) {
            // Mongolian `11-р сарын`, "of the 11th month".
            self.month = Some(Months::only(number));
            return Some(());
        }
        let word = without_ordinal(word);
        if let Some(separator) = word.chars().find(|c| matches!(c, '/' | '-' | '.')) {
            return self.joined(word, separator);
        }
        let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
        let number: i16 = digits.parse().ok()?;
        if std::mem::take(&mut self.month_follows) {
            self.month = Some(Months::only(i8::try_from(number).ok()?));
        } else if digits.len() >= 3 {
            self.year_first |= self.year.is_none() && self.numbers.is_empty();
            self.year = self.year.or(Some(number));
        } else if self.clock.is_none() && self.half.is_some() && self.year.is_some() {
            // `pm 3`, as rewritten Chinese dates have it.
            self.clock = Clock::read(digits);
        } else {
            self.numbers.push(number);
        }
        Some(())
    }

    /// `10:15:00`, `10:15:00+0200`, `10:15pm`, `10:15:00Z`.
    fn time(&mut self, word: &str) -> Option<()> {
        let end = word.bytes().position(|b| !(b.is_ascii_digit() || matches!(b, b':' | b'.'))).unwrap_or(word.len());
        self.clock = Some(Clock::read(word[..end].trim_end_matches(['.', ':']))?);
        let tail = &word[end..];
        match Half::of(&tail.to_lowercase()) {
            Some(half) => self.half = Some(half),
            None if tail.is_empty() => {}
            None => {
                self.zone.take(tail);
            }
        }
        Some(())
    }

    /// `2006/09/15`, `9/15/2006`, `15.09.2006`, `15-Sep-06`, `2012-08-30` among words.
    fn joined(&mut self, word: &str, separator: char) -> Option<()> {
        let parts: Vec<&str> = word.split(separator).filter(|part| !part.is_empty()).collect();
        let [a, b, c] = parts[..] else { return None };
        if let Some(named) = months(&b.to_lowercase()) {
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
            // Slashes are American unless the first number cannot be a month, or the weekday or the language says otherwise.
            if separator == '/' {
                self.swapped = small(a).zip(small(b));
            }
            let is_month_first = one <= 12 && (separator == '/' || two > 12);
            if is_month_first { (year, one, two) } else { (year, two, one) }
        };
        self.year = Some(year);
        self.month = Some(Months::only(i8::try_from(month).ok()?));
        self.numbers.insert(0, day);
        Some(())
    }

    /// The day that the words name; `text` is all of them.
    fn date(&mut self, text: &str) -> Option<Date> {
        if self.month.is_none() && self.year_first && self.numbers.len() >= 2 {
            // `2025. 03. 04.`
            self.month = Some(Months::only(i8::try_from(self.numbers.remove(0)).ok()?));
        }
        let is_thai = text.contains(|c| matches!(c, '\u{E00}'..='\u{E7F}'));
        let short_year = |number: i16| if is_thai && number < 100 { 2500 + number } else { two_digit_year(number) };
        let year = self.year.or_else(|| self.numbers.get(1).map(|number| short_year(*number)))?;
        // The Buddhist era of Thailand.
        let year = if is_thai && (2400..=2700).contains(&year) { year - 543 } else { year };
        let day = i8::try_from(*self.numbers.first()?).ok()?;
        let months = self.month?;
        let first = Date::new(year, months.first, day).ok();
        let second = months.second.and_then(|month| Date::new(year, month, day).ok());
        let fits = |date: &Date| self.weekdays >> number_of(date.weekday()) & 1 == 1;
        let swapped = self.swapped.and_then(|(day, month)| Date::new(year, month, day).ok());
        // Half of a day is written by Americans, and by programs that do as they do.
        let is_day_first = self.is_day_first && self.swapped.is_some() && self.weekdays == 0 && self.half.is_none();
        match (first, second.or(swapped)) {
            (Some(_), Some(second)) if is_day_first => Some(second),
            (Some(first), Some(second)) if !fits(&first) && fits(&second) => Some(second),
            (first, second) => first.or(second),
        }
    }
}

fn number_of(weekday: Weekday) -> u8 {
    weekday.to_monday_one_offset().unsigned_abs()
}

/// Whether a language, as a tag, puts the day before the month where slashes divide them. For English its country says it,
/// East Asian languages put the year first, and some tags name no language (BCP 47 §4.1).
fn writes_day_first(tag: &str) -> bool {
    const ENGLISH: [&str; 7] = ["gb", "uk", "ie", "au", "nz", "in", "za"];
    let mut parts = tag.split(['-', '_']).map(str::to_ascii_lowercase);
    match parts.next().unwrap_or_default().as_str() {
        "en" => parts.any(|part| ENGLISH.contains(&&*part)),
        "zh" | "ja" | "ko" | "und" | "mul" | "zxx" | "mis" => false,
        language => (2..=3).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_lowercase()),
    }
}

/// A number without the ending of an ordinal: `2-го`, Esperanto `2-a`.
fn without_ordinal(word: &str) -> &str {
    let Some((number, ending)) = word.split_once('-') else { return word };
    let is_ending = (1..=3).contains(&ending.chars().count()) && ending.chars().all(char::is_alphabetic);
    if is_ending && small(number).is_some() && months(&ending.to_lowercase()).is_none() { number } else { word }
}

/// `11h57`, `11h`.
fn french_clock(word: &str) -> Option<Clock> {
    let (hour, minute) = word.split_once(['h', 'H'])?;
    let minute = minute.trim_end_matches(['m', 'M']);
    Clock::read(&if minute.is_empty() { hour.to_owned() } else { format!("{hour}:{minute}") })
}
