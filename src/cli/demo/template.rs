//! Placeholders of the sample feeds: dates relative to the run, so that a demo never looks stale.

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// What the placeholders of one run stand for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filling<'a> {
    /// The time of the run.
    pub(super) now: Timestamp,
    /// `http://IP:PORT` of the origin, without a slash at the end.
    pub(super) origin: &'a str,
}

/// A placeholder without a meaning.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the placeholder {{{{{0}}}}} means nothing")]
pub(super) struct BadPlaceholder(String);

/// Replaces every placeholder of `template`, which may be in any ASCII-compatible encoding.
///
/// `{{origin}}` becomes the origin's address. `{{rfc822 -3h}}` and `{{rfc3339 -26h10m}}` become the
/// time that long before (`-`) or after the run, in whole seconds UTC; a third word is the zone in
/// hours: `{{rfc822 -3h +9}}`. RFC 822 dates have the four-digit year of RFC 2822 §3.3.
///
/// # Errors
/// [`BadPlaceholder`] for any other text between double braces, and for braces that are not closed.
pub(super) fn fill(template: &[u8], filling: Filling<'_>) -> Result<Vec<u8>, BadPlaceholder> {
    let mut filled = Vec::with_capacity(template.len() + template.len() / 8);
    let mut rest = template;
    while let Some(start) = find(rest, b"{{") {
        let (before, after) = (&rest[..start], &rest[start + 2..]);
        filled.extend_from_slice(before);
        let end = find(after, b"}}").unwrap_or(after.len());
        let placeholder = String::from_utf8_lossy(&after[..end]);
        let value = value(&placeholder, filling).filter(|_| end < after.len());
        filled.extend_from_slice(value.ok_or_else(|| BadPlaceholder(shown(&placeholder)))?.as_bytes());
        rest = &after[end + 2..];
    }
    filled.extend_from_slice(rest);
    Ok(filled)
}

fn value(placeholder: &str, filling: Filling<'_>) -> Option<String> {
    let words: Vec<&str> = placeholder.split_ascii_whitespace().collect();
    match words.as_slice() {
        ["origin"] => Some(filling.origin.to_owned()),
        [style, age] => date(style, age, "0", filling.now),
        [style, age, zone] => date(style, age, zone, filling.now),
        _ => None,
    }
}

fn date(style: &str, age: &str, zone_hours: &str, now: Timestamp) -> Option<String> {
    let age: SignedDuration = age.parse().ok()?;
    let zone = Offset::from_hours(zone_hours.parse().ok()?).ok()?;
    let time = Timestamp::from_second(now.as_second()).ok()?.checked_add(age).ok()?;
    match style {
        "rfc822" => jiff::fmt::rfc2822::to_string(&time.to_zoned_datetime(TimeZone::fixed(zone))).ok(),
        "rfc3339" if zone == Offset::UTC => Some(time.to_string()),
        "rfc3339" => Some(time.display_with_offset(zone).to_string()),
        _ => None,
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// The first 40 characters: an unclosed placeholder runs to the end of the file.
fn shown(placeholder: &str) -> String {
    placeholder.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str) -> Result<String, BadPlaceholder> {
        let now = "2026-03-01T01:30:07.5Z".parse().unwrap();
        let filling = Filling { now, origin: "http://127.0.0.1:8080" };
        fill(template.as_bytes(), filling).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[track_caller]
    fn check(template: &str, want: &str) {
        assert_eq!(filled(template).as_deref(), Ok(want), "{template}");
    }

    #[test]
    fn dates_count_from_the_run() {
        check("{{rfc822 -3h}}", "Sat, 28 Feb 2026 22:30:07 +0000");
        check("{{rfc822 0s}}", "Sun, 1 Mar 2026 01:30:07 +0000");
        check("{{rfc822 -20m +9}}", "Sun, 1 Mar 2026 10:10:07 +0900");
        check("{{rfc822 -26h15m -5}}", "Fri, 27 Feb 2026 18:15:07 -0500");
        check("{{rfc3339 -3h20m}}", "2026-02-28T22:10:07Z");
        check("{{rfc3339 2h}}", "2026-03-01T03:30:07Z");
        check("{{rfc3339 -3h20m +1}}", "2026-02-28T23:10:07+01:00");
    }

    #[test]
    fn what_stands_around_a_placeholder_stays() {
        check("", "");
        check("no braces, {one} brace", "no braces, {one} brace");
        check(
            "<a href=\"{{origin}}/x\">{{rfc3339 0s}}</a>",
            "<a href=\"http://127.0.0.1:8080/x\">2026-03-01T01:30:07Z</a>",
        );
    }

    #[test]
    fn other_encodings_pass_untouched() {
        let filling = Filling { now: Timestamp::UNIX_EPOCH, origin: "o" };
        assert_eq!(fill(b"\x93{{origin}}\x94", filling).unwrap(), b"\x93o\x94");
    }

    #[test]
    fn what_means_nothing_is_an_error() {
        for bad in
            ["{{}}", "{{-3h}}", "{{rfc822 soon}}", "{{rfc822 -3h +99}}", "{{iso -3h}}", "{{origin", "{{a b c d}}"]
        {
            assert!(filled(bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_filled_or_refused(before in "[^{]{0,20}", inside in "(.|\\{|\\}){0,20}", after in "[^{}]{0,20}") {
            let template = format!("{before}{{{{{inside}}}}}{after}");
            match filled(&template) {
                Ok(text) => proptest::prop_assert!(text.starts_with(&before) && text.ends_with(&after)),
                Err(BadPlaceholder(shown)) => proptest::prop_assert!(shown.chars().count() <= 40),
            }
            proptest::prop_assert_eq!(filled(&before), Ok(before.clone()));
        }
    }
}
