//! What the pages for people share: times, addresses of the files beside them, and text shown among others.

use jiff::Timestamp;
use serde::Serialize;
use unicode_normalization::char::is_combining_mark;

use super::forms::{full_date, public_feed, short_date, uri};
use crate::publish::plain_line::closed;
use crate::text::without_illegal_xml;

/// A time, UTC.
#[derive(Clone, Serialize)]
pub(super) struct Moment {
    /// `2026-11-23T21:34:26Z`
    full: String,
    /// `23 Nov 2026`
    date: String,
    /// `21:34`
    time: String,
}

pub(super) fn moment(time: Timestamp) -> Moment {
    Moment { full: full_date(time), date: short_date(time), time: time.strftime("%H:%M").to_string() }
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
