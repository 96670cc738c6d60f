//! Character references, as in HTML and XML: decoding that never fails and is linear.

use std::borrow::Cow;

use memchr::{memchr, memmem};
use web_atoms::NAMED_ENTITIES;

/// Longest reference looked at, `&` and `;` included: `&thetasym;` has 10, `&#x0010FFFF;` 13.
const LONGEST: usize = 34;

/// What a run of `&…` turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reference {
    /// A character, and how many bytes the reference takes in the text.
    Char(char, usize),
    /// A reference to a character that XML forbids, which is dropped, with its length in bytes.
    Illegal(usize),
    /// A name that we do not know, closed by `;`, with its length in bytes.
    Unknown(usize),
    /// Not a reference: a bare ampersand.
    Bare,
}

/// Reads the reference at the start of `text`, which begins with `&`.
///
/// Numbers 128 to 159 mean Windows-1252, as in HTML (WHATWG 13.2.5.80); two numbers that are the halves of a character
/// in UTF-16 mean that character. The `;` may be missing after a number, after the five names of XML and, unless the
/// word or a value goes on, after those of Latin-1.
pub(crate) fn reference(text: &str) -> Reference {
    let bytes = text.as_bytes();
    debug_assert_eq!(bytes.first(), Some(&b'&'));
    match bytes.get(1) {
        Some(b'#') => number(bytes),
        Some(b) if b.is_ascii_alphabetic() => name(text),
        _ => Reference::Bare,
    }
}

fn number(bytes: &[u8]) -> Reference {
    let Some((value, end)) = numbered(bytes) else { return Reference::Bare };
    let second = || bytes[end..].starts_with(b"&#").then(|| numbered(&bytes[end..])).flatten();
    let (value, end) = match value {
        0xD800..=0xDBFF => match second() {
            Some((low @ 0xDC00..=0xDFFF, length)) => {
                (0x1_0000 + ((value - 0xD800) << 10) + (low - 0xDC00), end + length)
            }
            _ => (value, end),
        },
        _ => (value, end),
    };
    match char_of(value) {
        Some(c) => Reference::Char(c, end),
        None => Reference::Illegal(end),
    }
}

/// The number of the reference at the start of `bytes`, which begins with `&#`, and the length of the reference.
fn numbered(bytes: &[u8]) -> Option<(u32, usize)> {
    let (radix, start) = if matches!(bytes.get(2), Some(b'x' | b'X')) { (16, 3) } else { (10, 2) };
    let mut value: u32 = 0;
    let mut end = start;
    while let Some(digit) = bytes.get(end).and_then(|b| char::from(*b).to_digit(radix)) {
        if end > LONGEST {
            return None;
        }
        value = value.saturating_mul(radix).saturating_add(digit);
        end += 1;
    }
    if end == start {
        return None;
    }
    Some((value, end + usize::from(bytes.get(end) == Some(&b';'))))
}

/// `html` with characters in place of two numbers that are their halves, of which other readers make none.
pub(crate) fn with_whole_pairs(html: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut done = 0;
    for at in memmem::find_iter(html.as_bytes(), b"&#") {
        if let Some((0xD800..=0xDBFF, _)) = numbered(&html.as_bytes()[at..])
            && let Reference::Char(c, used) = reference(&html[at..])
        {
            out.push_str(&html[done..at]);
            out.push(c);
            done = at + used;
        }
    }
    if done == 0 {
        return Cow::Borrowed(html);
    }
    out.push_str(&html[done..]);
    Cow::Owned(out)
}

/// The character of a number, Windows-1252 in place of C1 controls; `None` if XML forbids it.
fn char_of(value: u32) -> Option<char> {
    let c = match value {
        0x80..=0x9F => windows_1252(value as u8),
        _ => char::from_u32(value)?,
    };
    let legal = matches!(c, '\t' | '\n' | '\r' | '\u{20}'..) && c as u32 & 0xFFFE != 0xFFFE && c != '\u{7f}';
    legal.then_some(c)
}

/// The character that a byte from 128 to 159 stands for in Windows-1252.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}',
        '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}',
        '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}',
        '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
    ];
    HIGH[usize::from(byte & 0x1F)]
}

fn name(text: &str) -> Reference {
    let bytes = text.as_bytes();
    let end = bytes
        .iter()
        .take(LONGEST)
        .skip(1)
        .position(|b| !b.is_ascii_alphanumeric())
        .map_or(LONGEST.min(bytes.len()), |n| n + 1);
    let closed = bytes.get(end) == Some(&b';');
    let name = &text[1..end];
    let of_xml = match name {
        "lt" | "LT" => Some('<'),
        "gt" | "GT" => Some('>'),
        "amp" | "AMP" => Some('&'),
        "quot" | "QUOT" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    };
    let length = end + usize::from(closed);
    if let Some(c) = of_xml {
        return Reference::Char(c, length);
    }
    let goes_on = bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'=');
    // Those that may lack it are in the table without it, too (WHATWG 13.5).
    match NAMED_ENTITIES.get(&text[1..length]) {
        Some((code, 0)) if *code > 0 && (closed || !goes_on) => {
            char::from_u32(*code).map_or(Reference::Unknown(length), |c| Reference::Char(c, length))
        }
        _ if closed => Reference::Unknown(length),
        _ => Reference::Bare,
    }
}

/// Appends `raw` to `out` with its references decoded as HTML; what is not a reference stays as it is.
pub(crate) fn decode_into(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let used = match reference(rest) {
            Reference::Char(c, used) => {
                out.push(c);
                used
            }
            Reference::Illegal(used) => used,
            Reference::Unknown(_) | Reference::Bare => {
                out.push('&');
                1
            }
        };
        rest = &rest[used..];
    }
    out.push_str(rest);
}

/// Appends `text` to `out` so that it means the same inside HTML.
pub(crate) fn escape_into(text: &str, out: &mut String) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let with = match byte {
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'&' => "&amp;",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(with);
        from = at + 1;
    }
    out.push_str(&text[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, want: &str) {
        let mut out = String::new();
        decode_into(raw, &mut out);
        assert_eq!(out, want, "{raw}");
    }

    #[test]
    fn references_become_characters_and_the_rest_stays() {
        check("a&lt;b&gt;c&amp;d&quot;e&apos;f", "a<b>c&d\"e'f");
        check("&eacute;&nbsp;&hellip;&Eacute;", "é\u{a0}…É");
        check("&#233;&#xE9;&#XE9;&#8217;", "ééé’");
        check("&#146;&#150;", "’–");
        check("AT&T a & b &; &nosuch; x&", "AT&T a & b &; &nosuch; x&");
        check("&copy 2026, 5&nbsp€ caf&eacute", "© 2026, 5\u{a0}€ café");
        check("?a=1&copy=2&reg=3&sectionx &hearts 1 &mdash", "?a=1&copy=2&reg=3&sectionx &hearts 1 &mdash");
        check("&amp x &lt y", "& x < y");
        check("a&#0;b&#x1F;c&#xD800;d&#xFFFF;e&#1114112;f", "abcdef");
        check("&#; &#x; &#zz;", "&#; &#x; &#zz;");
    }

    #[test]
    fn two_halves_are_one_character() {
        check("a&#55357;&#56832;b&#xD83D;&#xDE00;&#55357&#56832", "a😀b😀😀");
        check("&#55357;a&#56832;b&#55357; &#56832;&#56832;&#55357;c&#55357;&#65;", "ab cA");
        for (html, want) in [
            ("<b>&#55357;&#56832;</b> &#8217;", "<b>😀</b> &#8217;"),
            ("&#55357; &#56832;&#x1F600;", "&#55357; &#56832;&#x1F600;"),
        ] {
            assert_eq!(with_whole_pairs(html), want, "{html}");
        }
    }

    #[test]
    fn names_are_those_of_html() {
        check("&check; &lpar;y&rpar; &half; &frac13;&colon;", "✓ (y) ½ ⅓:");
        check("What&apos;s new&colon; &eacute;&unknown; x", "What's new: é&unknown; x");
        check("&copy 2026 &eacute &check x &notit; &copy=1 &amp", "© 2026 é &check x &notit; &copy=1 &");
        // Two characters: as they are.
        check("&NotEqualTilde;", "&NotEqualTilde;");
    }
}
