//! Where the elements of HTML end, found by looking ahead, with a bound on how much is looked at.

use memchr::memmem;

use super::html::{lower_name, tag_end};

/// Elements that may hold others of their name.
const NESTED: [&str; 24] = [
    "p",
    "div",
    "span",
    "td",
    "th",
    "blockquote",
    "a",
    "b",
    "i",
    "u",
    "em",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "font",
    "strong",
    "section",
    "small",
    "dd",
    "dt",
    "big",
    "label",
];
/// As many times the length of the HTML may be looked at to find the ends of nested elements.
const LOOKED_AHEAD: usize = 8;

/// Finds end tags in one text.
pub(super) struct Ends<'a> {
    html: &'a str,
    /// Elements whose end tag no longer follows.
    absent: Vec<&'static str>,
    /// How many more bytes may be looked at: what is nested a thousand times stays as it is.
    ahead: usize,
}

impl<'a> Ends<'a> {
    pub(super) fn of(html: &'a str) -> Self {
        Self { html, absent: Vec::new(), ahead: html.len().saturating_mul(LOOKED_AHEAD) }
    }

    /// Where the first end tag of `name` from `from` on begins and ends: of an element that holds none of its name.
    pub(super) fn of_first(&mut self, name: &'static str, from: usize) -> Option<(usize, usize)> {
        if self.absent.contains(&name) {
            return None;
        }
        let bytes = self.html.as_bytes();
        let found = memmem::find_iter(&bytes[from..], b"</").map(|at| from + at).find(|at| {
            bytes.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        });
        if found.is_none() {
            self.absent.push(name);
        }
        found.map(|at| (at, (tag_end(bytes, at) + 1).min(bytes.len())))
    }

    /// Where the end tag of the element `name` begins and ends whose content begins at `from`; it may hold others of its
    /// name.
    pub(super) fn of_nested(&mut self, name: &[u8], from: usize) -> Option<(usize, usize)> {
        let known = NESTED.into_iter().find(|known| known.as_bytes() == name)?;
        if self.absent.contains(&known) || self.ahead == 0 {
            return None;
        }
        let found = end_of_nested(self.html.as_bytes(), name, from);
        let looked_at = found.map_or(self.html.len(), |(close, _)| close) - from;
        self.ahead = self.ahead.saturating_sub(looked_at);
        if found.is_none() {
            self.absent.push(known);
        }
        found
    }
}

fn end_of_nested(bytes: &[u8], name: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut open = 1_usize;
    for at in memchr::memchr_iter(b'<', &bytes[from..]).map(|at| from + at) {
        let closing = bytes.get(at + 1) == Some(&b'/');
        let (found, length) = lower_name(&bytes[at + 1 + usize::from(closing)..]);
        if &found[..length] != name {
            continue;
        }
        open = if closing { open - 1 } else { open + 1 };
        if open == 0 {
            return Some((at, (tag_end(bytes, at) + 1).min(bytes.len())));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_found_behind_what_is_nested() {
        let html = "<div>a<div>b</div>c</DIV >d<div>";
        let mut ends = Ends::of(html);
        assert_eq!(ends.of_nested(b"div", 5), Some((19, 26)));
        assert_eq!(ends.of_first("div", 5), Some((12, 18)));
        assert_eq!(ends.of_nested(b"div", html.len()), None);
        assert_eq!(ends.of_nested(b"div", 5), None, "no more of them are looked for");
        assert_eq!(Ends::of(html).of_nested(b"section", 0), None);
    }

    #[test]
    fn what_is_nested_too_often_is_not_looked_for_again_and_again() {
        let html = format!("{}{}", "<span>".repeat(1_000), "</span>".repeat(1_000));
        let mut ends = Ends::of(&html);
        let found = (1..=1_000).filter(|at| ends.of_nested(b"span", at * 6).is_some()).count();
        assert!((8..40).contains(&found), "{found}");
    }
}
