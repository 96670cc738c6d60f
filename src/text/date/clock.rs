//! Times of day.

/// A time of day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) second: i8,
    pub(super) nanosecond: i32,
    /// It was written `24:00`.
    pub(super) next_day: bool,
}

/// The half of the day that a time belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Morning,
    Afternoon,
}

impl Half {
    /// Reads `am`, `p.m.`, … in lower case.
    pub(super) fn of(word: &str) -> Option<Self> {
        match word.trim_end_matches('.') {
            "am" | "a.m" => Some(Self::Morning),
            "pm" | "p.m" => Some(Self::Afternoon),
            _ => None,
        }
    }
}

impl Clock {
    /// Reads `hh[:mm[:ss[.fraction]]]`; `24:00` is the end of the day, and a leap second is read as the last second.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (text, fraction) = match text.split_once(['.', ',']) {
            Some((text, fraction)) => (text, fraction),
            None => (text, ""),
        };
        let mut parts = text.split(':');
        let hour: i8 = small(parts.next()?)?;
        let minute: i8 = parts.next().map_or(Some(0), small)?;
        let second: i8 = parts.next().map_or(Some(0), small)?;
        if parts.next().is_some() || hour > 24 || minute > 59 || second > 60 {
            return None;
        }
        if !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let nanosecond =
            fraction.bytes().chain(std::iter::repeat(b'0')).take(9).fold(0, |n, b| n * 10 + i32::from(b - b'0'));
        let next_day = hour == 24;
        Some(Self { hour: if next_day { 0 } else { hour }, minute, second: second.min(59), nanosecond, next_day })
    }

    /// Reads `hh`, `hhmm` or `hhmmss`.
    pub(super) fn read_compact(text: &str) -> Option<Self> {
        let (text, fraction) = text.split_at(text.find(['.', ',']).unwrap_or(text.len()));
        match text.len() {
            2 => Self::read(text),
            4 => Self::read(&format!("{}:{}", &text[..2], &text[2..])),
            6 => Self::read(&format!("{}:{}:{}{fraction}", &text[..2], &text[2..4], &text[4..])),
            _ => None,
        }
    }

    /// The same time read on a twelve-hour clock.
    pub(super) fn in_half(mut self, half: Half) -> Self {
        match half {
            Half::Afternoon if self.hour < 12 => self.hour += 12,
            Half::Morning if self.hour == 12 => self.hour = 0,
            _ => {}
        }
        self
    }
}

/// A number of one or two digits.
pub(super) fn small(text: &str) -> Option<i8> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}
