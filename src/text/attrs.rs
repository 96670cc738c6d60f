//! The attributes of one start tag.

use std::borrow::Cow;

use memchr::memchr;

use super::entities;

/// Attributes of one element that are looked at; a hostile element may have 60,000.
const MOST: usize = 64;

/// Name and raw value of each attribute, in document order; reused from tag to tag.
#[derive(Debug, Default)]
pub(crate) struct Attrs<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Attrs<'a> {
    /// Reads the inside of a start tag: values in either quote, without quotes, or missing.
    pub(crate) fn read(&mut self, raw: &'a str) {
        self.0.clear();
        self.0.extend(each(raw).take(MOST));
    }

    /// Cuts each value to `most` bytes as written.
    pub(crate) fn shorten(&mut self, most: usize) {
        for (_, raw) in &mut self.0 {
            *raw = &raw[..raw.floor_char_boundary(most)];
        }
    }

    /// Forgets what was read.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether there are no attributes.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and raw values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> + '_ {
        self.0.iter().copied()
    }

    /// Names and values, as [`Attrs::get`] has them.
    pub(crate) fn decoded(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> + '_ {
        self.iter().map(|(name, raw)| (name, decode(raw)))
    }

    /// The value of the attribute `name` (lower case), whatever case it is written in; references decoded,
    /// white space trimmed.
    pub(crate) fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        let (_, raw) = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(decode(raw))
    }

    /// [`Attrs::get`], `None` also if the value is empty.
    pub(crate) fn filled(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// The first of `names` that has a value.
    pub(crate) fn first(&self, names: &[&str]) -> Option<Cow<'a, str>> {
        names.iter().find_map(|name| self.filled(name))
    }
}

/// How many attributes the inside of a start tag has.
pub(crate) fn attribute_count(raw: &str) -> usize {
    each(raw).count()
}

/// Name and raw value of each attribute in the inside of a start tag.
fn each(raw: &str) -> impl Iterator<Item = (&str, &str)> {
    let bytes = raw.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'' | b'=' | b'>');
        at += bytes[at..].iter().position(|byte| !is_between(byte))?;
        let name_end = at + bytes[at..].iter().position(|b| is_name_end(*b)).unwrap_or(bytes.len() - at);
        let name = &raw[at..name_end];
        at = skip_space(bytes, name_end);
        let mut value = "";
        if bytes.get(at) == Some(&b'=') {
            at = skip_space(bytes, at + 1);
            (value, at) = value_at(raw, at);
        }
        Some((name, value))
    })
}

/// `raw` with references decoded and white space trimmed.
pub(crate) fn decode(raw: &str) -> Cow<'_, str> {
    let raw = raw.trim();
    if memchr(b'&', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    entities::decode_into(raw, &mut out);
    Cow::Owned(out)
}

fn is_name_end(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'=' | b'/' | b'>' | b'"' | b'\'')
}

fn skip_space(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|b| !b.is_ascii_whitespace()).map_or(bytes.len(), |n| n + at)
}

fn value_at(raw: &str, at: usize) -> (&str, usize) {
    let bytes = raw.as_bytes();
    match bytes.get(at) {
        Some(quote @ (b'"' | b'\'')) => {
            let end = memchr(*quote, &bytes[at + 1..]).map_or(bytes.len(), |n| n + at + 1);
            (&raw[at + 1..end], (end + 1).min(bytes.len()))
        }
        Some(_) => {
            let end = bytes[at..].iter().position(u8::is_ascii_whitespace).map_or(bytes.len(), |n| n + at);
            (&raw[at..end], end)
        }
        None => ("", at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, want: &[(&str, &str)]) {
        let mut attrs = Attrs::default();
        attrs.read(raw);
        assert_eq!(attrs.0, want, "{raw}");
    }

    #[test]
    fn values_come_in_any_quoting() {
        check(r#" a="1" B='2' c=3 d e = "5"/"#, &[("a", "1"), ("B", "2"), ("c", "3"), ("d", ""), ("e", "5")]);
        check(r#" a="x y"#, &[("a", "x y")]);
        check(" =x 'y' a=", &[("x", ""), ("y", ""), ("a", "")]);
        check(" href=http://a/b/?c=d ", &[("href", "http://a/b/?c=d")]);
    }

    #[test]
    fn a_value_is_found_in_any_case_and_decoded() {
        let mut attrs = Attrs::default();
        attrs.read(r#" HREF=" http://a/?b=1&amp;c=2&d=3 " rel="" "#);
        assert_eq!(attrs.get("href").as_deref(), Some("http://a/?b=1&c=2&d=3"));
        assert_eq!(attrs.filled("rel"), None);
        assert_eq!(attrs.first(&["rel", "href"]).as_deref(), Some("http://a/?b=1&c=2&d=3"));
    }
}
