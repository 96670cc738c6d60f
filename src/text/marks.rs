//! Inline elements whose loss changes what a text says, as signs of plain text: `10<sup>6</sup>` is not 106, and what was
//! struck out is not what is meant.

use std::borrow::Cow;

use super::entities::escape_into;
use super::html::{is_inline, lower_name, plain_text, tag_end};

/// Signs around the text of an element.
const AROUND: [(&str, &str, &str); 4] =
    [("del", STRUCK, STRUCK), ("s", STRUCK, STRUCK), ("strike", STRUCK, STRUCK), ("q", "“", "”")];
const STRUCK: &str = "~~";
/// Longest exponent or index that becomes signs, in characters.
const LONGEST_SCRIPT: usize = 12;
/// The same with its markup, in bytes.
const LONGEST_MARKUP: usize = 1_000;

/// `html` with signs in place of `del`, `s`, `q`, `sup` and `sub`, written in lower case. The mark of a note stands in
/// brackets: with a number before it, it would be part of that. What is struck out has its signs in each of its blocks.
pub(crate) fn marked(html: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut struck = Struck::default();
    let mut done = 0;
    for at in memchr::memchr_iter(b'<', html.as_bytes()) {
        if at < done {
            continue;
        }
        let is_closing = html[at..].starts_with("</");
        if let Some((sign, length)) = around(&html[at..]).or_else(|| script(&html[at..])) {
            struck.write(&html[done..at], &mut out);
            match &*sign {
                STRUCK if is_closing => struck.end(&mut out),
                STRUCK => struck.depth += 1,
                sign => struck.write(sign, &mut out),
            }
            done = at + length;
        } else if struck.depth > 0 && is_block(&html[at..]) {
            struck.write(&html[done..at], &mut out);
            struck.close(&mut out);
            done = at;
        }
    }
    if done == 0 {
        return Cow::Borrowed(html);
    }
    struck.write(&html[done..], &mut out);
    struck.close(&mut out);
    Cow::Owned(out)
}

/// What is struck out, on its way into a text.
#[derive(Default)]
struct Struck {
    depth: usize,
    /// The sign is written, and not closed yet.
    is_open: bool,
}

impl Struck {
    /// Writes `piece`, with the sign in front of its first word.
    fn write(&mut self, piece: &str, out: &mut String) {
        let mut rest = piece;
        if self.depth > 0 && !self.is_open {
            rest = rest.trim_start();
            while rest.starts_with('<') {
                rest = rest.get(tag_end(rest.as_bytes(), 1) + 1..).unwrap_or_default().trim_start();
            }
            out.push_str(&piece[..piece.len() - rest.len()]);
            if !rest.is_empty() {
                out.push_str(STRUCK);
                self.is_open = true;
            }
        }
        out.push_str(rest);
    }

    fn close(&mut self, out: &mut String) {
        if std::mem::take(&mut self.is_open) {
            let length = out.trim_end().len();
            out.insert_str(length, STRUCK);
        }
    }

    fn end(&mut self, out: &mut String) {
        self.close(out);
        self.depth = self.depth.saturating_sub(1);
    }
}

fn is_block(text: &str) -> bool {
    let (name, length) = lower_name(text[1..].trim_start_matches('/').as_bytes());
    length > 0 && !is_inline(&name[..length])
}

/// The sign for the tag at the start of `text`, and how long the tag is.
fn around(text: &str) -> Option<(Cow<'static, str>, usize)> {
    AROUND.iter().find_map(|(name, open, close)| {
        let tag = text[1..].trim_start_matches('/');
        let slash = text.len() - 1 - tag.len();
        let rest = tag.strip_prefix(name)?;
        let end = if slash == 0 && rest.starts_with(' ') { rest.find('>')? } else { 0 };
        rest[end..].starts_with('>').then(|| {
            let sign = if slash == 0 { open } else { close };
            (Cow::Borrowed(*sign), 1 + slash + name.len() + end + 1)
        })
    })
}

/// The exponent, index or mark of a note at the start of `text`, and how long its element is.
fn script(text: &str) -> Option<(Cow<'static, str>, usize)> {
    let (rest, close, signs, sign) = match text.strip_prefix("<sup") {
        Some(rest) => (rest, "</sup>", SUPERSCRIPTS, '^'),
        None => (text.strip_prefix("<sub")?, "</sub>", SUBSCRIPTS, '_'),
    };
    let rest = &rest[..rest.floor_char_boundary(LONGEST_MARKUP)];
    let start = if rest.starts_with(' ') { rest.find('>')? } else { 0 };
    let inside = rest[start..].strip_prefix('>')?;
    let inside = &inside[..inside.find(close)?];
    let length = "<sup".len() + start + 1 + inside.len() + close.len();
    if inside.contains("<su") {
        return None;
    }
    let value = if inside.contains(['<', '&']) {
        Cow::Owned(escaped(&plain_text(inside)))
    } else {
        Cow::Borrowed(inside.trim())
    };
    if value.is_empty() || value.chars().count() > LONGEST_SCRIPT {
        return None;
    }
    let has_digit = value.chars().any(|c| c.is_ascii_digit());
    let in_brackets = value.strip_prefix('[').and_then(|value| value.strip_suffix(']'));
    let is_note = in_brackets.is_some() || inside.contains("<a ") && inside.contains('#');
    if is_note && (has_digit || in_brackets.unwrap_or(&value).chars().count() == 1) {
        return Some((format!("[{}]", in_brackets.unwrap_or(&value)).into(), length));
    }
    let small = |c: char| signs.chars().nth(SCRIPTED.find(c)?);
    if let Some(small) = value.chars().map(small).collect::<Option<String>>() {
        return Some((small.into(), length));
    }
    // Letters after a number are its ending (1st) or a mark (™).
    has_digit.then(|| (format!("{sign}{value}").into(), length))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    escape_into(text, &mut escaped);
    escaped
}

const SCRIPTED: &str = "0123456789+-=()";
const SUPERSCRIPTS: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾";
const SUBSCRIPTS: &str = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_the_sense_leaves_a_sign() {
        let check = |html: &str, want: &str| assert_eq!(marked(html), want, "{html}");
        check("<p>plain <b>text</b> 1 < 2</p>", "<p>plain <b>text</b> 1 < 2</p>");
        check("Costs <del>ten</del> <s>nine</s> <s dir=\"ltr\">x</s> five.", "Costs ~~ten~~ ~~nine~~ ~~x~~ five.");
        check("<strong>a</strong><section><small>", "<strong>a</strong><section><small>");
        check(
            "<del><p>Old <b>para</b>.</p> <p>More</p></del><p>New",
            "<p>~~Old <b>para</b>.~~</p> <p>~~More~~</p><p>New",
        );
        check("<s><ul><li>one<li>two</ul></s>", "<ul><li>~~one~~<li>~~two~~</ul>");
        check("<del><del>a</del> b</del> c <s></s>", "~~a~~ ~~b~~ c ");
        check("<del>never closed", "~~never closed~~");
        check("<del><img alt='x > y' src=a> old</del> new", "<img alt='x > y' src=a> ~~old~~ new");
        check("Intel<sup>&#174;</sup> chips<sup>&trade;</sup>", "Intel<sup>&#174;</sup> chips<sup>&trade;</sup>");
        check("He said <q>no</q>.", "He said “no”.");
        check("10<sup>6</sup> H<sub>2</sub>O x<sup>-1</sup> y<sup>2n</sup>", "10⁶ H₂O x⁻¹ y^2n");
        check("1<sup>st</sup> <sup></sup><sub>", "1<sup>st</sup> <sup></sup><sub>");
        check("10<sup class=\"x\">6</sup> 10<sup><b>6</b></sup> m<sup><a href=\"/square\">2</a></sup>", "10⁶ 10⁶ m²");
        check("x<sup>n</sup> 2<sup>2<sup>n</sup></sup>", "x<sup>n</sup> 2<sup>2<sup>n</sup></sup>");
        check("1999.<sup id=\"r1\"><a href=\"https://e.org/#fn1\">1</a></sup> 20%<sup>[2]</sup>", "1999.[1] 20%[2]");
        check("a<sup><a href=\"#fn\">*</a></sup> b<sup><a href=\"#fn\">[a]</a></sup>", "a[*] b[a]");
        check("a<sup><a href=\"#x\">TM</a></sup>", "a<sup><a href=\"#x\">TM</a></sup>");
        check("<", "<");
        for cut in ["10<sup>6</su", "2<sup>2</sué", "10<sup>6</sub>", "H<sub>2</sup>", "10<sup>6</sup", "<sup>1<"] {
            check(cut, cut);
        }
        check("<su", "<su");
        check("<s", "<s");
    }

    proptest::proptest! {
        #[test]
        fn no_html_panics(html in "(<|>|/|s|q|del|sup|sub|<sup>1|<sub>2|</su|</sup>| |é|1|n){0,30}") {
            let _ = marked(&html);
        }
    }
}
