//! What the pages for people share: times, addresses of the files beside them, and text shown among others.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use unicode_normalization::char::is_combining_mark;

use super::forms::{full_date, public_feed, uri};
use crate::publish::plain_line::closed;
use crate::text::without_illegal_xml;

/// A link with a name.
#[derive(Clone, Serialize)]
pub(super) struct PageLink {
    pub(super) name: String,
    pub(super) href: String,
}

/// A time, on the clocks of the page.
#[derive(Clone, Serialize)]
pub(super) struct Moment {
    /// `2026-11-23T21:34:26Z`, UTC.
    full: String,
    /// `23 Nov 2026`
    date: String,
    /// `21:34`
    time: String,
}

pub(super) fn moment(zone: &TimeZone, time: Timestamp) -> Moment {
    let there = zone.to_datetime(time);
    let (date, clock) = (there.strftime("%-d %b %Y"), there.strftime("%H:%M"));
    Moment { full: full_date(time), date: date.to_string(), time: clock.to_string() }
}

/// `UTC`, `Europe/Berlin`
pub(super) fn name_of(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").to_owned()
}

/// The address of `file` as seen from `page_file`, both under the output folder.
pub(super) fn relative(page_file: &str, file: &str) -> String {
    let mut base = url::Url::parse("https://page.invalid/").expect("a constant address");
    if let Ok(mut path) = base.path_segments_mut() {
        path.extend(file.split('/'));
    }
    let up = "../".repeat(page_file.matches('/').count());
    format!("{up}{}", base.path().trim_start_matches('/'))
}

/// `text` made fit to appear among others: nothing in it affects what is before or after it.
pub(super) fn clean(text: &str) -> String {
    closed(without_illegal_xml(text).trim_start_matches(is_combining_mark)).into_owned()
}

pub(super) fn public_address_of(feed: &url::Url) -> Option<String> {
    public_feed(feed).as_ref().map(uri)
}
