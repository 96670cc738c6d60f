//! A captured text → plain text or HTML, with its addresses resolved and old mistakes undone.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;
use url::Url;

use super::capture::{Capture, Kind};
use crate::model::Markup;
use crate::text::entities::{self, Reference};
use crate::text::{Attrs, resolve};

/// What a format says about the types of its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextForm {
    /// Atom 1.0: types are meant literally, and a `div` around XHTML is not part of it (RFC 4287 §3.1.1.3).
    Atom10,
    /// Atom 0.3: types are meant literally.
    Atom03,
    /// RSS and the rest: plain text may be HTML nevertheless.
    Loose,
}

/// The value of `capture`.
///
/// Outside Atom, text that is declared plain is often HTML nevertheless: it is taken for that if it
/// looks like it (closing tag or reference, and nothing unknown to HTML), as in feedparser.
pub(super) fn typed(mut capture: Capture<'_>, form: TextForm, base: Option<&Url>) -> Markup {
    let text = if form == TextForm::Atom10 { capture.finish_unwrapped() } else { capture.finish() };
    let (kind, text) = match capture.kind {
        Kind::Base64 => match base64_text(&text) {
            Some(decoded) => (kind_of_decoded(capture.media_type.as_deref(), &decoded), decoded),
            None => (Kind::Text, text),
        },
        kind => (kind, text),
    };
    let text = undo_double_encoding(unwrapped(text));
    match kind {
        Kind::Html | Kind::Xhtml => Markup::Html(resolve::html(text, base)),
        _ if form == TextForm::Loose && looks_like_html(&text) => Markup::Html(resolve::html(text, base)),
        _ => Markup::Text(text),
    }
}

fn kind_of_decoded(media_type: Option<&str>, decoded: &str) -> Kind {
    let plain = media_type.is_none_or(|given| given == "text/plain");
    if !plain || looks_like_html(decoded) { Kind::Html } else { Kind::Text }
}

/// `text` without the marks of a CDATA section that was escaped once too often.
fn unwrapped(text: String) -> String {
    let inside = text.trim().strip_prefix("<![CDATA[").and_then(|inside| inside.strip_suffix("]]>"));
    inside.filter(|inside| !inside.contains("]]>")).map(str::to_owned).unwrap_or(text)
}

/// UTF-8 that was taken for Windows-1252 and encoded a second time: `â€™` for `’`. Only if the whole
/// text can be reversed into valid UTF-8, which no real text does by chance.
fn undo_double_encoding(text: String) -> String {
    if text.is_ascii() {
        return text;
    }
    let Some(first) = text.bytes().position(|b| b >= 0x80) else { return text };
    let mut chars = text[first..].chars();
    let leads = chars.next().is_some_and(|c| ('\u{C2}'..='\u{F4}').contains(&c));
    if !leads || chars.next().is_none_or(|c| c.is_ascii()) {
        return text;
    }
    let (bytes, _, unmappable) = WINDOWS_1252.encode(&text);
    match std::str::from_utf8(&bytes) {
        Ok(undone) if !unmappable => undone.to_owned(),
        _ => text,
    }
}

/// Whether plain text is HTML after all: it has a closing tag, a reference, a comment, a break within a word or a picture,
/// and no element or character name that HTML does not know. A drawing or formula is one thing, whatever is in it.
pub(super) fn looks_like_html(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut seen = false;
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'<', b'&', &bytes[at..]) {
        at += found;
        if bytes[at] == b'&' {
            match entities::reference(&text[at..]) {
                Reference::Char(_, used) | Reference::Illegal(used) if bytes[at + used - 1] == b';' => seen = true,
                Reference::Unknown(_) => return false,
                _ => {}
            }
        } else if let Some(length) = one_thing(&text[at..]) {
            seen = true;
            at += length;
            continue;
        } else {
            let closing = bytes.get(at + 1) == Some(&b'/');
            let start = at + 1 + usize::from(closing);
            let length = bytes[start..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            if length > 0 && !is_html_element(&text[start..start + length]) {
                return false;
            }
            seen |= closing && length > 0 && bytes.get(start + length) == Some(&b'>');
            seen = seen || !closing && shows_itself(text, at, start + length);
        }
        at += 1;
    }
    seen
}

/// Plain text whose characters were escaped as in HTML, as programs do that make JSON of what was made for XML.
pub(super) fn unescaped(text: String) -> String {
    if text.contains('<') || !looks_like_html(&text) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    entities::decode_into(&text, &mut out);
    out
}

/// No longer comment or tag is looked for: many that stay open would take long.
const LONGEST_THING: usize = 4_096;

/// The length of the comment, drawing or formula at the start of `text`.
fn one_thing(text: &str) -> Option<usize> {
    if text.starts_with("<!--") {
        return text[..text.floor_char_boundary(LONGEST_THING)].find("-->").map(|at| at + "-->".len());
    }
    let (_, end) = [("<svg", "</svg>"), ("<math", "</math>")].into_iter().find(|(start, _)| text.starts_with(start))?;
    text.find(end).map(|at| at + end.len())
}

/// Whether the start tag at `at`, whose name ends at `name_end`, is there to be shown and not talked of: a break with
/// letters on both sides, a picture that says where it is.
fn shows_itself(text: &str, at: usize, name_end: usize) -> bool {
    let name = &text[at + 1..name_end];
    let is_break = ["br", "wbr"].iter().any(|it| name.eq_ignore_ascii_case(it));
    if !is_break && !name.eq_ignore_ascii_case("img") {
        return false;
    }
    let behind = &text[name_end..];
    let Some(length) = behind[..behind.floor_char_boundary(LONGEST_THING)].find('>') else { return false };
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    if is_break {
        return is_letter(text[..at].chars().next_back()) && is_letter(behind[length + 1..].chars().next());
    }
    let mut attrs = Attrs::default();
    attrs.read(&behind[..length]);
    attrs.filled("src").is_some_and(|source| is_letter(source.chars().next_back()))
}

fn is_html_element(name: &str) -> bool {
    const NAMES: [&str; 84] = [
        "a",
        "abbr",
        "acronym",
        "address",
        "area",
        "article",
        "aside",
        "audio",
        "b",
        "big",
        "blockquote",
        "br",
        "button",
        "canvas",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "command",
        "dd",
        "del",
        "details",
        "dfn",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "em",
        "fieldset",
        "figcaption",
        "figure",
        "font",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "i",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "legend",
        "li",
        "map",
        "menu",
        "nav",
        "noscript",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "section",
        "select",
        "small",
        "source",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
    ];
    const MORE: [&str; 12] = ["ul", "var", "video", "ruby", "rb", "rt", "rp", "rtc", "mark", "bdi", "bdo", "wbr"];
    let known = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(name));
    known(&NAMES) || known(&MORE)
}

/// The text behind base64 (RFC 4648 §4), ignoring white space; `None` if it is not base64, or not UTF-8.
fn base64_text(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0);
    let mut padded = false;
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padded = true;
                continue;
            }
            b if b.is_ascii_whitespace() => continue,
            _ => return None,
        };
        if padded {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    match count {
        0 => {}
        2 => out.push((bits >> 4) as u8),
        3 => out.extend_from_slice(&((bits >> 2) as u16).to_be_bytes()),
        _ => return None,
    }
    let text = String::from_utf8(out).ok()?;
    Some(match crate::text::without_illegal_xml(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(clean) => clean,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_escaped_for_xml_is_text_in_json() {
        for (text, want) in [
            ("It&#8217;s here &amp; now", "It’s here & now"),
            ("Caf&eacute; &ndash; open", "Café – open"),
            ("&quot;Quoted&quot; words", "\"Quoted\" words"),
            ("AT&T; R&D &unknown; &amp;", "AT&T; R&D &unknown; &amp;"),
            ("Why <b> needs &amp;", "Why <b> needs &amp;"),
            ("plain", "plain"),
        ] {
            assert_eq!(unescaped(text.to_owned()), want);
        }
    }

    #[test]
    fn html_differs_from_text() {
        for html in [
            "<b>x</b>",
            "a &amp; b",
            "a &#38; b",
            "x<br>y</p>",
            "<ruby>東京<rt>とうきょう</rt></ruby>",
            "<svg viewBox='0 0 1 1'><path d='M0'/></svg>Hi",
            "<math><mi>x</mi></math> is",
            "<!-- x -->Hi",
            "A<br>B",
            "Donau<wbr />dampf",
            "<img src='x.png' alt='Alt'> Text",
        ] {
            assert!(looks_like_html(html), "{html}");
        }
        for text in [
            "a < b",
            "<b>",
            "List<String> of </String>",
            "&nosuch; </b>",
            "AT&T",
            "a & b",
            "</script>",
            "<video>",
            "Why <br> is bad",
            "A <svg> and <!-- a",
            "<img src='…'>",
            "use <img>",
            "A<br>",
        ] {
            assert!(!looks_like_html(text), "{text}");
        }
    }

    #[test]
    fn a_section_wrapped_twice_is_unwrapped() {
        for (text, want) in [
            ("<![CDATA[Hello]]>", "Hello"),
            (" <![CDATA[<b>x</b>]]>\n", "<b>x</b>"),
            ("About <![CDATA[x]]>", "About <![CDATA[x]]>"),
            ("<![CDATA[a]]> and <![CDATA[b]]>", "<![CDATA[a]]> and <![CDATA[b]]>"),
        ] {
            assert_eq!(unwrapped(text.to_owned()), want);
        }
    }

    #[test]
    fn base64_is_decoded_or_left() {
        assert_eq!(base64_text("PGI+eDwv\nYj4=").as_deref(), Some("<b>x</b>"));
        assert_eq!(base64_text("eA==").as_deref(), Some("x"));
        assert_eq!(base64_text("not base64!"), None);
        assert_eq!(base64_text("/w=="), None);
        assert_eq!(base64_text("="), Some(String::new()));
    }

    #[test]
    fn utf_8_encoded_twice_is_decoded_twice() {
        assert_eq!(undo_double_encoding("caf\u{c3}\u{a9}".to_owned()), "café");
        assert_eq!(undo_double_encoding("â€¦ caf\u{c3}\u{a9}".to_owned()), "… café");
        assert_eq!(undo_double_encoding("café".to_owned()), "café");
        assert_eq!(undo_double_encoding("Ã€ 日本".to_owned()), "Ã€ 日本");
    }
}
