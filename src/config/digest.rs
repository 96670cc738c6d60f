//! `digest`, `at`, `zone` and `sections` of an output: one issue a day or a week, at a time of a place.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

use super::mentions::known_tags;
use super::source::SourceConfig;
use super::table::Table;

/// When an issue is made, unless the output sets it.
const AT: &str = "07:00";
/// The zone of the file, unless it sets one.
const ZONE: &str = "UTC";

/// When the issues of an output are made, and how they are divided.
#[derive(Debug, Clone)]
pub struct Digest {
    /// The day of the week; `None`: every day.
    pub(crate) weekday: Option<Weekday>,
    /// The time on the clocks of the place.
    pub(crate) at: Time,
    /// The place.
    pub(crate) zone: TimeZone,
    /// Tags of sources whose stories come together, in this order.
    pub(crate) sections: Vec<String>,
}

/// Reads the zone of the file.
pub(super) fn read_zone(table: &Table<'_>) -> Option<TimeZone> {
    let zone = table.words("zone")?;
    let read = TimeZone::get(zone.value.trim());
    if read.is_err() {
        let what = format!("there is no time zone {:?}", zone.value);
        table.wrong(zone.at, what, "write its name: \"Europe/Berlin\", \"America/New_York\" or \"UTC\"");
    }
    read.ok()
}

/// Reads the digest of an output, if it is one; `top`: what comes before the first table.
pub(super) fn read_digest(table: &Table<'_>, top: &Table<'_>, sources: &[SourceConfig]) -> Option<Digest> {
    let weekday = table.choice("digest", &[("daily", None), ("weekly", Some(Weekday::Monday))]);
    let at = table.words("at");
    let own = read_zone(table);
    let sections = table.texts("sections");
    let Some(weekday) = weekday else {
        for key in ["at", "zone", "sections"] {
            if let Some((name, _)) = table.raw().get_key_value(key).filter(|_| table.raw().get("digest").is_none()) {
                table.wrong(name.span(), format!("`{key}` is of a digest"), "add digest = \"daily\"");
            }
        }
        return None;
    };
    let time = at.as_ref().map_or(AT, |at| at.value).trim();
    let read = time_of(time);
    if let (None, Some(at)) = (read, &at) {
        table.wrong(at.at.clone(), format!("{time:?} is no time of day"), "write hours and minutes: \"07:00\"");
    }
    let of_file = top.words("zone").map_or(ZONE, |zone| zone.value).trim();
    let zone = own.or_else(|| TimeZone::get(of_file).ok()).unwrap_or(TimeZone::UTC);
    Some(Digest { weekday, at: read.unwrap_or(Time::midnight()), zone, sections: known_tags(table, sections, sources) })
}

/// `07:00`, `23:59`.
fn time_of(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let number = |part: &str| {
        let fits = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i8>().ok().filter(|_| fits)
    };
    Time::new(number(hour)?, number(minute).filter(|_| minute.len() == 2)?, 0, 0).ok()
}
