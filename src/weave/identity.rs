//! Whether an entry is one that its own source has sent before: an update, not news.

use jiff::Timestamp;
use url::Url;

use super::address::{canonical, is_site_root};
use super::exact::title_key;

/// Most entries of one poll that are taken for older ones without a guid to say so.
pub const MOST_REPAIRS: usize = 3;

/// Seconds within which the same title of one source is the same article.
const SAME_TITLE_SECONDS: i64 = 24 * 3600;

/// Share of the text's words that an edited article keeps.
const KEPT_WORDS: f64 = 0.85;

/// An entry as far as its identity goes.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// As the source gave it.
    pub guid: &'a str,
    /// The article.
    pub url: &'a Url,
    /// Plain text.
    pub title: &'a str,
    /// Plain text of the summary or the content.
    pub text: &'a str,
    /// The effective time.
    pub time: Timestamp,
}

/// By what two entries of one source are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SameBy {
    /// The guid to the letter.
    Guid,
    /// The guid without scheme, `www.`, host and fragment.
    GuidForm,
    /// The canonical address, and a title that is not another's.
    Address,
    /// The title within 24 h, and the text.
    Title,
}

/// Whether `new` is `old` again, both of one source; `recurring`: a title seen on three of its last 30
/// days, which says nothing. Only [`SameBy::Guid`] is sure; of the others, [`MOST_REPAIRS`] a poll.
#[must_use]
pub fn same_entry(old: &Identity<'_>, new: &Identity<'_>, recurring: bool) -> Option<SameBy> {
    if old.guid == new.guid {
        return Some(SameBy::Guid);
    }
    let (old_form, new_form) = (guid_form(old.guid), guid_form(new.guid));
    if old_form == new_form && old_form.len() >= 8 && same_place(old.guid, new.guid) {
        return Some(SameBy::GuidForm);
    }
    let (old_title, new_title) = (title_key(old.title), title_key(new.title));
    let address = canonical(new.url);
    if !is_site_root(&address)
        && old.url.fragment() == new.url.fragment()
        && canonical(old.url) == address
        && (old_title == new_title || shared_words(&old_title, &new_title) >= 1.0 / 3.0)
    {
        return Some(SameBy::Address);
    }
    let near = (old.time.as_second() - new.time.as_second()).abs() <= SAME_TITLE_SECONDS;
    let texts = !new.text.is_empty() && (old.text == new.text || shared_words(old.text, new.text) >= KEPT_WORDS);
    (near && !recurring && !old_title.is_empty() && old_title == new_title && texts).then_some(SameBy::Title)
}

/// A guid that is an address without scheme, host and fragment; another guid as it is.
fn guid_form(guid: &str) -> String {
    let guid = guid.trim();
    match Url::parse(guid) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        },
        _ => guid.to_owned(),
    }
}

/// Whether two guids that are addresses name the same place in the page: a page of many entries tells
/// them apart by the fragment alone.
fn same_place(a: &str, b: &str) -> bool {
    let fragment = |guid: &str| Url::parse(guid).ok().and_then(|url| url.fragment().map(str::to_owned));
    match (fragment(a), fragment(b)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// Share of the words of the shorter text that the longer one has, 0 to 1.
fn shared_words(a: &str, b: &str) -> f64 {
    let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<std::collections::BTreeSet<_>>();
    let (a, b) = (words(a), words(b));
    let least = a.len().max(b.len());
    if least == 0 { 0.0 } else { a.intersection(&b).count() as f64 / least as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(old: [&str; 4], new: [&str; 4], hours: i64, want: Option<SameBy>) {
        let (old_url, new_url) = (Url::parse(old[1]).unwrap(), Url::parse(new[1]).unwrap());
        let identity = |fields: [&'static str; 4], url, hour: i64| Identity {
            guid: fields[0],
            url,
            title: fields[2],
            text: fields[3],
            time: Timestamp::from_second(hour * 3600).unwrap(),
        };
        let leak = |fields: [&str; 4]| fields.map(|field| &*Box::leak(field.to_owned().into_boxed_str()));
        assert_eq!(same_entry(&identity(leak(old), &old_url, 0), &identity(leak(new), &new_url, hours), false), want);
    }

    #[test]
    fn guids_are_compared_first() {
        check(["1", "https://a.example/x", "One", ""], ["1", "https://a.example/y", "Two", ""], 99, Some(SameBy::Guid));
        check(
            ["http://a.example/?p=12345", "https://a.example/x", "One", ""],
            ["https://www.a.example/?p=12345#top", "https://a.example/y", "Two", ""],
            99,
            Some(SameBy::GuidForm),
        );
        check(
            ["http://a.example/changes#one", "https://a.example/changes#one", "One", ""],
            ["http://a.example/changes#two", "https://a.example/changes#two", "Two", ""],
            1,
            None,
        );
    }

    #[test]
    fn an_address_needs_a_title_that_is_not_anothers() {
        check(
            ["1", "https://a.example/x", "Maker unveils phone", ""],
            ["2", "http://www.a.example/x/?utm_source=rss", "Maker unveils its phone", ""],
            99,
            Some(SameBy::Address),
        );
        check(
            ["1", "https://a.example/log", "Release 1.2", ""],
            ["2", "https://a.example/log", "Outage over", ""],
            9,
            None,
        );
        check(["1", "https://a.example/", "Same here", ""], ["2", "https://a.example/", "Same here", ""], 9, None);
    }

    #[test]
    fn a_title_needs_its_text_and_a_day() {
        let (old, new) = (["1", "https://a.example/x", "Maker unveils phone", "It folds twice"], "https://a.example/y");
        check(old, ["2", new, "Maker unveils phone", "It folds twice"], 23, Some(SameBy::Title));
        check(old, ["2", new, "Maker unveils phone", "It folds twice"], 25, None);
        check(old, ["2", new, "Maker unveils phone", "Something else entirely"], 1, None);
    }
}
