//! Character references, as in HTML and XML: decoding that never fails and is linear.

use std::borrow::Cow;

use memchr::{memchr, memmem};

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
    match NAMED.binary_search_by(|(known, _)| known.as_bytes().cmp(name.as_bytes())) {
        Ok(at) if !closed && (goes_on || NAMED[at].1 > '\u{ff}') => Reference::Bare,
        Err(_) if !closed => Reference::Bare,
        Ok(at) => Reference::Char(NAMED[at].1, length),
        Err(_) => Reference::Unknown(length),
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

/// The named characters of HTML 4 (without those of XML), sorted by name.
#[rustfmt::skip]
const NAMED: &[(&str, char)] = &[
    ("AElig", '\u{c6}'), ("Aacute", '\u{c1}'), ("Acirc", '\u{c2}'), ("Agrave", '\u{c0}'), ("Alpha", '\u{391}'),
    ("Aring", '\u{c5}'), ("Atilde", '\u{c3}'), ("Auml", '\u{c4}'), ("Beta", '\u{392}'), ("Ccedil", '\u{c7}'),
    ("Chi", '\u{3a7}'), ("Dagger", '\u{2021}'), ("Delta", '\u{394}'), ("ETH", '\u{d0}'), ("Eacute", '\u{c9}'),
    ("Ecirc", '\u{ca}'), ("Egrave", '\u{c8}'), ("Epsilon", '\u{395}'), ("Eta", '\u{397}'), ("Euml", '\u{cb}'),
    ("Gamma", '\u{393}'), ("Iacute", '\u{cd}'), ("Icirc", '\u{ce}'), ("Igrave", '\u{cc}'), ("Iota", '\u{399}'),
    ("Iuml", '\u{cf}'), ("Kappa", '\u{39a}'), ("Lambda", '\u{39b}'), ("Mu", '\u{39c}'), ("Ntilde", '\u{d1}'),
    ("Nu", '\u{39d}'), ("OElig", '\u{152}'), ("Oacute", '\u{d3}'), ("Ocirc", '\u{d4}'), ("Ograve", '\u{d2}'),
    ("Omega", '\u{3a9}'), ("Omicron", '\u{39f}'), ("Oslash", '\u{d8}'), ("Otilde", '\u{d5}'), ("Ouml", '\u{d6}'),
    ("Phi", '\u{3a6}'), ("Pi", '\u{3a0}'), ("Prime", '\u{2033}'), ("Psi", '\u{3a8}'), ("Rho", '\u{3a1}'),
    ("Scaron", '\u{160}'), ("Sigma", '\u{3a3}'), ("THORN", '\u{de}'), ("Tau", '\u{3a4}'), ("Theta", '\u{398}'),
    ("Uacute", '\u{da}'), ("Ucirc", '\u{db}'), ("Ugrave", '\u{d9}'), ("Upsilon", '\u{3a5}'), ("Uuml", '\u{dc}'),
    ("Xi", '\u{39e}'), ("Yacute", '\u{dd}'), ("Yuml", '\u{178}'), ("Zeta", '\u{396}'), ("aacute", '\u{e1}'),
    ("acirc", '\u{e2}'), ("acute", '\u{b4}'), ("aelig", '\u{e6}'), ("agrave", '\u{e0}'), ("alefsym", '\u{2135}'),
    ("alpha", '\u{3b1}'), ("and", '\u{2227}'), ("ang", '\u{2220}'), ("aring", '\u{e5}'), ("asymp", '\u{2248}'),
    ("atilde", '\u{e3}'), ("auml", '\u{e4}'), ("bdquo", '\u{201e}'), ("beta", '\u{3b2}'), ("brvbar", '\u{a6}'),
    ("bull", '\u{2022}'), ("cap", '\u{2229}'), ("ccedil", '\u{e7}'), ("cedil", '\u{b8}'), ("cent", '\u{a2}'),
    ("chi", '\u{3c7}'), ("circ", '\u{2c6}'), ("clubs", '\u{2663}'), ("cong", '\u{2245}'), ("copy", '\u{a9}'),
    ("crarr", '\u{21b5}'), ("cup", '\u{222a}'), ("curren", '\u{a4}'), ("dArr", '\u{21d3}'), ("dagger", '\u{2020}'),
    ("darr", '\u{2193}'), ("deg", '\u{b0}'), ("delta", '\u{3b4}'), ("diams", '\u{2666}'), ("divide", '\u{f7}'),
    ("eacute", '\u{e9}'), ("ecirc", '\u{ea}'), ("egrave", '\u{e8}'), ("empty", '\u{2205}'), ("emsp", '\u{2003}'),
    ("ensp", '\u{2002}'), ("epsilon", '\u{3b5}'), ("equiv", '\u{2261}'), ("eta", '\u{3b7}'), ("eth", '\u{f0}'),
    ("euml", '\u{eb}'), ("euro", '\u{20ac}'), ("exist", '\u{2203}'), ("fnof", '\u{192}'), ("forall", '\u{2200}'),
    ("frac12", '\u{bd}'), ("frac14", '\u{bc}'), ("frac34", '\u{be}'), ("frasl", '\u{2044}'), ("gamma", '\u{3b3}'),
    ("ge", '\u{2265}'), ("hArr", '\u{21d4}'), ("harr", '\u{2194}'), ("hearts", '\u{2665}'), ("hellip", '\u{2026}'),
    ("iacute", '\u{ed}'), ("icirc", '\u{ee}'), ("iexcl", '\u{a1}'), ("igrave", '\u{ec}'), ("image", '\u{2111}'),
    ("infin", '\u{221e}'), ("int", '\u{222b}'), ("iota", '\u{3b9}'), ("iquest", '\u{bf}'), ("isin", '\u{2208}'),
    ("iuml", '\u{ef}'), ("kappa", '\u{3ba}'), ("lArr", '\u{21d0}'), ("lambda", '\u{3bb}'), ("lang", '\u{2329}'),
    ("laquo", '\u{ab}'), ("larr", '\u{2190}'), ("lceil", '\u{2308}'), ("ldquo", '\u{201c}'), ("le", '\u{2264}'),
    ("lfloor", '\u{230a}'), ("lowast", '\u{2217}'), ("loz", '\u{25ca}'), ("lrm", '\u{200e}'), ("lsaquo", '\u{2039}'),
    ("lsquo", '\u{2018}'), ("macr", '\u{af}'), ("mdash", '\u{2014}'), ("micro", '\u{b5}'), ("middot", '\u{b7}'),
    ("minus", '\u{2212}'), ("mu", '\u{3bc}'), ("nabla", '\u{2207}'), ("nbsp", '\u{a0}'), ("ndash", '\u{2013}'),
    ("ne", '\u{2260}'), ("ni", '\u{220b}'), ("not", '\u{ac}'), ("notin", '\u{2209}'), ("nsub", '\u{2284}'),
    ("ntilde", '\u{f1}'), ("nu", '\u{3bd}'), ("oacute", '\u{f3}'), ("ocirc", '\u{f4}'), ("oelig", '\u{153}'),
    ("ograve", '\u{f2}'), ("oline", '\u{203e}'), ("omega", '\u{3c9}'), ("omicron", '\u{3bf}'), ("oplus", '\u{2295}'),
    ("or", '\u{2228}'), ("ordf", '\u{aa}'), ("ordm", '\u{ba}'), ("oslash", '\u{f8}'), ("otilde", '\u{f5}'),
    ("otimes", '\u{2297}'), ("ouml", '\u{f6}'), ("para", '\u{b6}'), ("part", '\u{2202}'), ("permil", '\u{2030}'),
    ("perp", '\u{22a5}'), ("phi", '\u{3c6}'), ("pi", '\u{3c0}'), ("piv", '\u{3d6}'), ("plusmn", '\u{b1}'),
    ("pound", '\u{a3}'), ("prime", '\u{2032}'), ("prod", '\u{220f}'), ("prop", '\u{221d}'), ("psi", '\u{3c8}'),
    ("rArr", '\u{21d2}'), ("radic", '\u{221a}'), ("rang", '\u{232a}'), ("raquo", '\u{bb}'), ("rarr", '\u{2192}'),
    ("rceil", '\u{2309}'), ("rdquo", '\u{201d}'), ("real", '\u{211c}'), ("reg", '\u{ae}'), ("rfloor", '\u{230b}'),
    ("rho", '\u{3c1}'), ("rlm", '\u{200f}'), ("rsaquo", '\u{203a}'), ("rsquo", '\u{2019}'), ("sbquo", '\u{201a}'),
    ("scaron", '\u{161}'), ("sdot", '\u{22c5}'), ("sect", '\u{a7}'), ("shy", '\u{ad}'), ("sigma", '\u{3c3}'),
    ("sigmaf", '\u{3c2}'), ("sim", '\u{223c}'), ("spades", '\u{2660}'), ("sub", '\u{2282}'), ("sube", '\u{2286}'),
    ("sum", '\u{2211}'), ("sup", '\u{2283}'), ("sup1", '\u{b9}'), ("sup2", '\u{b2}'), ("sup3", '\u{b3}'),
    ("supe", '\u{2287}'), ("szlig", '\u{df}'), ("tau", '\u{3c4}'), ("there4", '\u{2234}'), ("theta", '\u{3b8}'),
    ("thetasym", '\u{3d1}'), ("thinsp", '\u{2009}'), ("thorn", '\u{fe}'), ("tilde", '\u{2dc}'), ("times", '\u{d7}'),
    ("trade", '\u{2122}'), ("uArr", '\u{21d1}'), ("uacute", '\u{fa}'), ("uarr", '\u{2191}'), ("ucirc", '\u{fb}'),
    ("ugrave", '\u{f9}'), ("uml", '\u{a8}'), ("upsih", '\u{3d2}'), ("upsilon", '\u{3c5}'), ("uuml", '\u{fc}'),
    ("weierp", '\u{2118}'), ("xi", '\u{3be}'), ("yacute", '\u{fd}'), ("yen", '\u{a5}'), ("yuml", '\u{ff}'),
    ("zeta", '\u{3b6}'), ("zwj", '\u{200d}'), ("zwnj", '\u{200c}'),
];

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
    fn the_table_is_sorted() {
        assert!(NAMED.windows(2).all(|two| two[0].0 < two[1].0));
    }
}
