//! HTML → plain text: a linear scan, no tree.

use memchr::{memchr, memmem};

use super::attrs::Attrs;
use super::emoji;
use super::entities::{self, Reference};

/// The text of `html`: references decoded, white space collapsed and trimmed, the content of scripts
/// and styles removed; block elements separate words, inline ones do not.
#[must_use]
pub fn plain_text(html: &str) -> String {
    plain_text_within(html, usize::MAX)
}

/// [`plain_text`], cut before `limit_bytes` at the end of a word if one is near.
#[must_use]
pub(crate) fn plain_text_within(html: &str, limit_bytes: usize) -> String {
    let out = String::with_capacity(html.len().min(limit_bytes).min(1 << 20));
    let mut out = Text { out, space: false, has_open_frame: false };
    let bytes = html.as_bytes();
    let mut at = 0;
    while at < bytes.len() && out.out.len() < limit_bytes {
        let run = memchr::memchr2(b'<', b'&', &bytes[at..]).unwrap_or(bytes.len() - at);
        out.run(&html[at..at + run]);
        at += run;
        match bytes.get(at) {
            Some(b'&') => at += out.reference(&html[at..]),
            Some(_) => at = tag(html, at, &mut out),
            None => {}
        }
    }
    let mut text = out.out;
    if text.len() > limit_bytes {
        cut(&mut text, limit_bytes);
    }
    text
}

/// Cuts `text` to at most `limit_bytes`, at a word if one ends in the last 64 bytes.
fn cut(text: &mut String, limit_bytes: usize) {
    const NEAR_BYTES: usize = 64;
    let mut end = limit_bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let word = text[..end].rfind(' ').filter(|at| end - at <= NEAR_BYTES);
    text.truncate(word.unwrap_or(end));
}

/// Text that collapses white space as it grows.
#[derive(Debug)]
struct Text {
    out: String,
    /// White space was seen since the last character.
    space: bool,
    /// A frame is open that nothing ends: neither are those behind it ended.
    has_open_frame: bool,
}

impl Text {
    fn run(&mut self, run: &str) {
        let inside = run.trim_ascii();
        if inside.len() == run.len() {
            if !inside.is_empty() {
                self.inside(inside);
            }
            return;
        }
        self.space |= run.as_bytes()[0].is_ascii_whitespace();
        if inside.is_empty() {
            return;
        }
        self.inside(inside);
        self.space |= run.as_bytes()[run.len() - 1].is_ascii_whitespace();
    }

    /// Takes text without white space at its ends.
    fn inside(&mut self, inside: &str) {
        if is_untidy(inside.as_bytes()) {
            self.words(inside);
        } else {
            self.part();
            self.out.push_str(inside);
        }
    }

    fn words(&mut self, run: &str) {
        for word in run.split_inclusive(is_space) {
            let bare = word.trim_end_matches(is_space);
            if !bare.is_empty() {
                self.part();
                self.out.push_str(bare);
            }
            self.space |= bare.len() < word.len();
        }
    }

    /// Appends the text that a picture stands for, such as an emoji. Returns whether it did.
    fn picture(&mut self, raw: &str) -> bool {
        // From emoji, smiley, smilies, emoticon.
        let mentions_emoji = |at: usize| {
            let rest = &raw.as_bytes()[at..];
            [b"moji", b"mile", b"mili", b"moti"].iter().any(|part| rest.starts_with(*part))
        };
        if raw.is_ascii() && !memchr::memchr_iter(b'm', raw.as_bytes()).any(mentions_emoji) {
            return false;
        }
        let mut attrs = Attrs::default();
        attrs.read(raw.trim_end_matches('>'));
        let text = emoji::text_of(&attrs);
        if let Some(text) = &text {
            self.run(text);
        }
        text.is_some()
    }

    fn part(&mut self) {
        if self.space && !self.out.is_empty() {
            self.out.push(' ');
        }
        self.space = false;
    }

    /// Appends the reference at the start of `rest`. Returns its length.
    fn reference(&mut self, rest: &str) -> usize {
        match entities::reference(rest) {
            Reference::Char(c, used) if is_space(c) => {
                self.space = true;
                used
            }
            Reference::Char(c, used) => {
                self.part();
                self.out.push(c);
                used
            }
            Reference::Illegal(used) => used,
            Reference::Unknown(_) | Reference::Bare => {
                self.part();
                self.out.push('&');
                1
            }
        }
    }
}

fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, '\u{a0}' | '\u{b}' | '\u{200b}' | '\u{feff}')
}

/// Whether white space in `bytes` is more than single spaces.
fn is_untidy(bytes: &[u8]) -> bool {
    let mut untidy = false;
    for (one, two) in bytes.iter().zip(&bytes[1..]) {
        untidy |= (*one <= b' ') & ((*two <= b' ') | (*one != b' '));
    }
    untidy || (!bytes.is_ascii() && (has_odd_space(bytes)))
}

fn has_odd_space(bytes: &[u8]) -> bool {
    memchr::memchr_iter(0xC2, bytes).any(|at| bytes.get(at + 1) == Some(&0xA0))
        || memmem::find(bytes, "\u{200b}".as_bytes()).is_some()
        || memmem::find(bytes, "\u{feff}".as_bytes()).is_some()
}

/// Skips the tag, comment or declaration at `at`, or takes the `<` as text. Returns where to continue.
fn tag(html: &str, at: usize, out: &mut Text) -> usize {
    let bytes = html.as_bytes();
    let rest = &bytes[at + 1..];
    match rest.first() {
        Some(b'!') if rest.starts_with(b"!--") => {
            return memmem::find(&rest[3..], b"-->").map_or(bytes.len(), |end| at + 4 + end + 3);
        }
        Some(b'!' | b'?') => return memchr(b'>', rest).map_or(bytes.len(), |end| at + end + 2),
        Some(b'/') | Some(b'a'..=b'z') | Some(b'A'..=b'Z') => {}
        _ => {
            out.run("<");
            return at + 1;
        }
    }
    let start = at + 1 + usize::from(rest.first() == Some(&b'/'));
    let (name, length) = lower_name(&bytes[start..]);
    let name = &name[..length];
    let end = match bytes.get(start + length) {
        Some(b'>') => start + length + 1,
        _ => (tag_end(bytes, start + length) + 1).min(bytes.len()),
    };
    let closing = start > at + 1;
    if name == b"img" && out.picture(&html[start + length..end]) {
        return end;
    }
    if !is_inline(name) {
        out.space = true;
    }
    if !closing && name == b"math" {
        let (inside, after) = inside_of(name, bytes, end);
        out.run(&super::math::text(&html[start + length..end], &html[end..inside]));
        return after;
    }
    if !closing
        && matches!(
            name,
            b"script" | b"style" | b"template" | b"noscript" | b"iframe" | b"xmp" | b"noembed" | b"noframes" | b"svg"
        )
    {
        let raw = &html[start + length..end];
        if is_self_closed(raw.strip_suffix('>').unwrap_or(raw)) || name == b"iframe" && out.has_open_frame {
            return end;
        }
        let (inside, after) = inside_of(name, bytes, end);
        out.has_open_frame = name == b"iframe" && inside == bytes.len();
        return if out.has_open_frame { end } else { after };
    }
    end
}

/// Where the end tag `name` begins, and what follows it; both at the end if there is none.
pub(super) fn inside_of(name: &[u8], bytes: &[u8], from: usize) -> (usize, usize) {
    memmem::find_iter(&bytes[from..], b"</")
        .map(|at| from + at)
        .find(|at| bytes.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)))
        .map_or((bytes.len(), bytes.len()), |at| {
            (at, memchr(b'>', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1))
        })
}

/// The tag name at the start of `bytes`, lower case, and its length; longer names are cut at 16. It begins with a letter:
/// `<3` is no tag.
pub(super) fn lower_name(bytes: &[u8]) -> ([u8; 16], usize) {
    let mut name = [0_u8; 16];
    let mut length = 0;
    if !bytes.first().is_some_and(u8::is_ascii_alphabetic) {
        return (name, 0);
    }
    for (slot, byte) in name.iter_mut().zip(bytes) {
        if !byte.is_ascii_alphanumeric() {
            break;
        }
        *slot = byte.to_ascii_lowercase();
        length += 1;
    }
    (name, length)
}

pub(super) fn is_inline(name: &[u8]) -> bool {
    matches!(
        name,
        b"a" | b"b"
            | b"i"
            | b"u"
            | b"s"
            | b"q"
            | b"em"
            | b"strong"
            | b"span"
            | b"font"
            | b"code"
            | b"abbr"
            | b"acronym"
            | b"cite"
            | b"dfn"
            | b"del"
            | b"ins"
            | b"kbd"
            | b"mark"
            | b"samp"
            | b"small"
            | b"big"
            | b"sub"
            | b"sup"
            | b"tt"
            | b"var"
            | b"wbr"
            | b"time"
            | b"bdi"
            | b"bdo"
            | b"strike"
            | b"nobr"
            | b"label"
            | b"ruby"
            | b"rb"
            | b"rt"
            | b"rp"
            | b"math"
    )
}

/// Whether a `<` in `html` begins a tag: in `a < b` it does not (HTML, 13.2.5.6).
pub(crate) fn has_tag(html: &str) -> bool {
    let begins =
        |at: usize| matches!(html.as_bytes().get(at + 1), Some(b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'!' | b'?'));
    html.match_indices('<').any(|(at, _)| begins(at))
}

/// Whether a tag with these attributes ends its element, as in XML.
pub(super) fn is_self_closed(raw: &str) -> bool {
    raw.strip_suffix('/').is_some_and(|raw| raw.is_empty() || raw.ends_with(['"', '\'', ' ', '\t', '\n', '\r']))
}

/// Where the tag ends: at its `>` outside quotes, or at the first `>` if a quote stays open.
pub(crate) fn tag_end(bytes: &[u8], start: usize) -> usize {
    const LONGEST_TAG: usize = 64 * 1024;
    let near = &bytes[..bytes.len().min(start + LONGEST_TAG)];
    let mut at = start;
    while let Some(step) = memchr::memchr3(b'>', b'"', b'\'', &near[at..]) {
        at += step;
        if near[at] == b'>' {
            return at;
        }
        match memchr(near[at], &near[at + 1..]) {
            Some(close) => at += close + 2,
            None => break,
        }
    }
    memchr(b'>', &bytes[start..]).map_or(bytes.len(), |at| at + start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, want: &str) {
        assert_eq!(plain_text(html), want, "{html}");
    }

    #[test]
    fn tags_go_and_blocks_part_words() {
        check("<p>One</p><p>two <b>th</b>ree</p>", "One two three");
        check("a<br>b<hr/>c<li>d", "a b c d");
        check("  a \n\t b  ", "a b");
        check("a&nbsp;&nbsp;b\u{a0} c", "a b c");
        check("x<script>if (a < b) {}</script>y<style>p{}</STYLE>z", "x y z");
        check("<p>a<script async src='b.js' /><p>c<iframe src='d' /><p>e", "a c e");
        check("<p>a<iframe src=b><p>c<iframe src=d><p>e", "a c e");
        check("a<!-- <b> -->b<!doctype x>c<?pi?>d", "abcd");
        check("<a title=\"a>b\">x</a>", "x");
        check("1 < 2 && 3 > 2 &lt;b&gt;", "1 < 2 && 3 > 2 <b>");
        check("<a href=\"open>x", "x");
        check("a<", "a<");
        check("<", "<");
        check("", "");
        check("日本 <b>語</b>", "日本 語");
        check("<ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>の夜", "東京(とうきょう)の夜");
        check("so <math><mi>a</mi><mo>=</mo><mi>b</mi></math> holds", "so a=b holds");
        check("good <img class=\"emoji\" alt=\"🎉\" src=x> day<img src=y alt=z>!", "good 🎉 day !");
    }

    #[test]
    fn a_sign_of_mathematics_begins_no_tag() {
        for (html, want) in [
            ("a < b and c > d", false),
            ("I <3 it", false),
            ("", false),
            ("a<b>c", true),
            ("a</b>", true),
            ("<!-- x -->", true),
        ] {
            assert_eq!(has_tag(html), want, "{html}");
        }
    }

    #[test]
    fn a_limit_cuts_at_a_word() {
        assert_eq!(plain_text_within("one two three", 9), "one two");
        assert_eq!(plain_text_within("ééééé", 5), "éé");
        assert_eq!(plain_text_within("one two", 7), "one two");
    }

    proptest::proptest! {
        #[test]
        fn no_html_panics_and_no_tag_stays(html in "[<>/a-z&;#0-9 \"'=!é-]{0,60}", limit in 0_usize..80) {
            let text = plain_text_within(&html, limit);
            proptest::prop_assert!(text.len() <= limit);
        }
    }
}
