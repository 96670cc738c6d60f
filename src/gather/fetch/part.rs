//! Whether an answer brings all of a document. Pure.

use reqwest::header::{CONTENT_RANGE, HeaderMap};

/// How much of a document an answer declares itself to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    All,
    Some,
    /// It begins at the beginning, and does not say how much there is.
    Unsaid,
}

/// By `Content-Range` of a 206.
pub(super) fn part(status: u16, headers: &HeaderMap) -> Part {
    let range = headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let Some(range) = range.filter(|_| status == 206) else { return Part::All };
    let read = || {
        let (range, total) = range.trim().strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let last: u64 = last.trim().parse().ok()?;
        match total.trim() {
            _ if first.trim() != "0" => None,
            "*" => Some(Part::Unsaid),
            total => (last.checked_add(1) == total.parse().ok()).then_some(Part::All),
        }
    };
    read().unwrap_or(Part::Some)
}
