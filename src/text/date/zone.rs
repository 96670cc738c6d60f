//! Time zones: offsets, abbreviations that mean one zone only, and IANA names.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// A time zone as written.
#[derive(Debug, Clone)]
pub(super) enum Zone {
    /// Seconds east of Greenwich.
    Offset(i32),
    /// By IANA name, with its daylight saving time.
    Named(TimeZone),
    /// A name that is not a known zone.
    Unknown,
}

impl Zone {
    /// The point in time at which clocks of the zone show `at`; UTC if the zone is unknown.
    pub(super) fn instant(&self, at: DateTime) -> Option<Timestamp> {
        match self {
            Self::Offset(seconds) => Offset::from_seconds(*seconds).ok()?.to_timestamp(at).ok(),
            Self::Named(zone) => zone.to_timestamp(at).ok(),
            Self::Unknown => Offset::UTC.to_timestamp(at).ok(),
        }
    }
}

/// The words after a time → its zone.
#[derive(Debug, Default)]
pub(super) struct ZoneFinder {
    /// A number is believed before a name: `-0700 PDT`, `GMT +0100`.
    offset: Option<i32>,
    named: Option<Zone>,
    is_unknown: bool,
}

impl ZoneFinder {
    /// Takes a word. Returns whether it has the form of a zone.
    pub(super) fn take(&mut self, word: &str) -> bool {
        // Go writes its monotonic clock after the zone.
        if word.starts_with("m=") {
            return true;
        }
        match zone(word) {
            Some(Found::Number(seconds)) => {
                self.offset.get_or_insert(seconds);
                true
            }
            Some(Found::Name(zone)) => {
                self.named.get_or_insert(zone);
                true
            }
            None if looks_like_zone(word) => {
                self.is_unknown = true;
                true
            }
            None => false,
        }
    }

    /// Takes the words behind a time if they are the name of a zone in full, such as `eastern standard time`.
    pub(super) fn take_long_name(&mut self, words: &str) {
        if !words.ends_with("time") {
            return;
        }
        match LONG_NAMES.iter().find(|(name, _)| *name == words).and_then(|(_, zone_name)| zone(zone_name)) {
            Some(Found::Name(zone)) => {
                self.named.get_or_insert(zone);
            }
            _ => self.is_unknown = true,
        }
    }

    pub(super) fn finish(self) -> Option<Zone> {
        let unknown = self.is_unknown.then_some(Zone::Unknown);
        self.offset.map(Zone::Offset).or(self.named).or(unknown)
    }
}

/// A zone by number or by name.
enum Found {
    Number(i32),
    Name(Zone),
}

/// Whether a word names a zone that is known.
pub(super) fn is_known(word: &str) -> bool {
    zone(word).is_some()
}

/// `+0200`, `+02:00`, `+2`, `GMT+02:00`, `Z`, `Z+01:00`, `+00:00Z`, `Etc/GMT`, `Europe/Paris`, `EST`.
fn zone(word: &str) -> Option<Found> {
    if word.contains('/') {
        return TimeZone::get(word).ok().map(|zone| Found::Name(Zone::Named(zone)));
    }
    let lower = word.to_ascii_lowercase();
    let text = ["gmt", "utc", "z"]
        .iter()
        .find_map(|name| lower.strip_prefix(name))
        .filter(|rest| rest.starts_with(['+', '-']));
    let text = text.unwrap_or(&lower);
    if let Some(rest) = text.strip_prefix(['+', '-']) {
        let sign = if text.starts_with('+') { 1 } else { -1 };
        return digits(rest.trim_end_matches('z')).map(|seconds| Found::Number(sign * seconds));
    }
    match ABBREVIATIONS.binary_search_by_key(&text, |(name, _)| name) {
        Ok(at) => Some(Found::Name(Zone::Offset(i32::from(ABBREVIATIONS[at].1) * 60))),
        // `EST5EDT`, with its daylight saving time.
        Err(_) => {
            let is_rule = word.len() == 7 && word.as_bytes()[3].is_ascii_digit();
            { TimeZone::get(word).ok().filter(|_| is_rule) }.map(|zone| Found::Name(Zone::Named(zone)))
        }
    }
}

/// Whether a word that is not a known zone looks like one: two to six capitals, or a region and a place.
fn looks_like_zone(word: &str) -> bool {
    let capitals = (2..=6).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase());
    let region = word.split_once('/').is_some_and(|(region, place)| {
        region.starts_with(|c: char| c.is_ascii_uppercase()) && place.starts_with(|c: char| c.is_ascii_uppercase())
    });
    capitals || region
}

/// `0200`, `02:00`, `2`, `02` as seconds.
fn digits(text: &str) -> Option<i32> {
    if !text.bytes().all(|b| b.is_ascii_digit() || b == b':') {
        return None;
    }
    let text: String = text.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes): (i32, i32) = match text.len() {
        1 | 2 => (text.parse().ok()?, 0),
        3 => (text[..1].parse().ok()?, text[1..].parse().ok()?),
        4 => (text[..2].parse().ok()?, text[2..].parse().ok()?),
        6 => (text[..2].parse().ok()?, text[2..4].parse().ok()?),
        _ => return None,
    };
    (hours <= 25 && minutes <= 59).then_some(hours * 3_600 + minutes * 60)
}

/// Names in full, in lower case, and the zone that each means; those without `standard` or `daylight` have both.
const LONG_NAMES: [(&str, &str); 38] = [
    ("atlantic standard time", "AST"),
    ("atlantic daylight time", "ADT"),
    ("eastern time", "America/New_York"),
    ("eastern standard time", "EST"),
    ("eastern daylight time", "EDT"),
    ("central time", "America/Chicago"),
    ("central standard time", "CST"),
    ("central daylight time", "CDT"),
    ("mountain time", "America/Denver"),
    ("mountain standard time", "MST"),
    ("mountain daylight time", "MDT"),
    ("pacific time", "America/Los_Angeles"),
    ("pacific standard time", "PST"),
    ("pacific daylight time", "PDT"),
    ("greenwich mean time", "GMT"),
    ("universal time", "UTC"),
    ("coordinated universal time", "UTC"),
    ("utc time", "UTC"),
    ("gmt time", "GMT"),
    ("british summer time", "BST"),
    ("western european time", "WET"),
    ("western european summer time", "WEST"),
    ("central european time", "CET"),
    ("central european standard time", "CET"),
    ("central european summer time", "CEST"),
    ("eastern european time", "EET"),
    ("eastern european standard time", "EET"),
    ("eastern european summer time", "EEST"),
    ("moscow time", "MSK"),
    ("moscow standard time", "MSK"),
    ("india standard time", "IST"),
    ("china standard time", "Asia/Shanghai"),
    ("japan standard time", "JST"),
    ("korean standard time", "KST"),
    ("australian eastern standard time", "AEST"),
    ("australian eastern daylight time", "AEDT"),
    ("new zealand standard time", "NZST"),
    ("new zealand daylight time", "NZDT"),
];

/// Abbreviations and minutes east of Greenwich. Those that mean two zones (`AMT`, `BDT`, `GST` of the Atlantic) are left
/// out, except those of RFC 822 and those that feeds use for one zone only (`IST` of India, `BST` of Britain, `CST` of
/// America). `ET`, `CT`, `MT` and `PT` do not tell summer from winter: standard time, as feedparser reads them.
const ABBREVIATIONS: [(&str, i16); 134] = [
    ("a", -60),
    ("acdt", 630),
    ("acst", 570),
    ("acwst", 525),
    ("adt", -180),
    ("aedt", 660),
    ("aest", 600),
    ("aft", 270),
    ("akdt", -480),
    ("akst", -540),
    ("almt", 300),
    ("art", -180),
    ("ast", -240),
    ("at", -240),
    ("awst", 480),
    ("azot", -60),
    ("azt", 240),
    ("bnt", 480),
    ("bot", -240),
    ("brst", -120),
    ("brt", -180),
    ("bst", 60),
    ("btt", 360),
    ("cat", 120),
    ("cct", 390),
    ("cdt", -300),
    ("cest", 120),
    ("cet", 60),
    ("chadt", 825),
    ("chast", 765),
    ("chst", 600),
    ("clst", -180),
    ("clt", -240),
    ("cot", -300),
    ("cst", -360),
    ("ct", -360),
    ("cvt", -60),
    ("eat", 180),
    ("edt", -240),
    ("eest", 180),
    ("eet", 120),
    ("egst", 0),
    ("egt", -60),
    ("est", -300),
    ("et", -300),
    ("fet", 180),
    ("fjt", 720),
    ("fkst", -180),
    ("galt", -360),
    ("get", 240),
    ("gmt", 0),
    ("gyt", -240),
    ("hdt", -540),
    ("hkt", 480),
    ("hst", -600),
    ("ict", 420),
    ("idt", 180),
    ("irdt", 270),
    ("irkt", 480),
    ("irst", 210),
    ("ist", 330),
    ("jst", 540),
    ("kgt", 360),
    ("krat", 420),
    ("kst", 540),
    ("lint", 840),
    ("m", -720),
    ("magt", 660),
    ("mart", -570),
    ("mdt", -360),
    ("mest", 120),
    ("mesz", 120),
    ("met", 60),
    ("mez", 60),
    ("mht", 720),
    ("mmt", 390),
    ("msd", 240),
    ("msk", 180),
    ("mst", -420),
    ("mt", -420),
    ("mut", 240),
    ("mvt", 300),
    ("myt", 480),
    ("n", 60),
    ("ndt", -150),
    ("novt", 420),
    ("npt", 345),
    ("nst", -210),
    ("nzdt", 780),
    ("nzst", 720),
    ("omst", 360),
    ("orat", 300),
    ("pdt", -420),
    ("pet", -300),
    ("pett", 720),
    ("pgt", 600),
    ("phst", 480),
    ("pht", 480),
    ("pkt", 300),
    ("pst", -480),
    ("pt", -480),
    ("pyst", -180),
    ("pyt", -240),
    ("ret", 240),
    ("sakt", 660),
    ("samt", 240),
    ("sast", 120),
    ("sgt", 480),
    ("srt", -180),
    ("tjt", 300),
    ("tlt", 540),
    ("tmt", 300),
    ("trt", 180),
    ("uct", 0),
    ("ulat", 480),
    ("ut", 0),
    ("utc", 0),
    ("uyt", -180),
    ("uzt", 300),
    ("vet", -240),
    ("vlat", 600),
    ("vut", 660),
    ("wast", 120),
    ("wat", 60),
    ("west", 60),
    ("wet", 0),
    ("wgst", -60),
    ("wib", 420),
    ("wit", 540),
    ("wita", 480),
    ("y", 720),
    ("yakt", 540),
    ("yekt", 300),
    ("z", 0),
];
