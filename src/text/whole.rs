//! HTML with what other readers would take for two things in one.

use std::borrow::Cow;

use super::entities::with_whole_pairs;
use super::ruby::bracketed;

/// `html` with what other readers would take for two things in one, after that what `then` makes of it.
pub(super) fn whole(html: &str, then: impl Fn(&str) -> Cow<'_, str>) -> Cow<'_, str> {
    let paired = with_whole_pairs(html);
    let read = match paired {
        Cow::Borrowed(html) => bracketed(html),
        Cow::Owned(html) => Cow::Owned(bracketed(&html).into_owned()),
    };
    match read {
        Cow::Borrowed(html) => then(html),
        Cow::Owned(html) => Cow::Owned(then(&html).into_owned()),
    }
}
