//! HTML → plain text with its paragraphs, lists and lines of code.

use memchr::memchr;

use super::attrs::Attrs;
use super::entities::decode_into;
use super::html::{is_inline, lower_name, plain_text, tag_end};
use super::marks::marked;

/// The plain text of `html` (sanitised) as in a letter: an empty line between paragraphs, a dash or a number
/// before each item of a list, code line by line.
pub(crate) fn outline(html: &str) -> String {
    let mut lines = Lines::default();
    let bytes = html.as_bytes();
    let (mut start, mut at) = (0, 0);
    while let Some(step) = memchr(b'<', &bytes[at..]) {
        let tag = at + step;
        let closing = bytes.get(tag + 1) == Some(&b'/');
        let name_start = tag + 1 + usize::from(closing);
        let (name, length) = lower_name(bytes.get(name_start..).unwrap_or_default());
        let name = &name[..length];
        let end = (tag_end(bytes, name_start + length) + 1).min(bytes.len());
        if length == 0 || is_inline(name) || name == b"img" {
            at = if length == 0 { tag + 1 } else { end };
            continue;
        }
        lines.text(&html[start..tag]);
        if closing {
            lines.close(name);
        } else {
            lines.open(name, &html[name_start + length..end], &html[end..]);
        }
        (start, at) = (end, end);
    }
    lines.text(&html[start..]);
    lines.out.trim().to_owned()
}

#[derive(Debug, Default)]
struct Lines {
    out: String,
    /// Open lists, with the number of the next item and the step to the one after it if they are numbered.
    lists: Vec<Option<(i32, i32)>>,
    in_code: bool,
    /// The last thing was a break: another one leaves an empty line.
    is_broken: bool,
    /// What separates the next words from those before.
    gap: Gap,
    /// Precedes the next words.
    mark: String,
}

/// Space between words; the larger wins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Cell,
    Line,
    Paragraph,
}

impl Lines {
    fn text(&mut self, html: &str) {
        let text = if self.in_code { code(html) } else { plain_text(&marked(html)) };
        if text.trim().is_empty() {
            return;
        }
        if !self.out.is_empty() {
            self.out.push_str(match self.gap {
                Gap::None => "",
                Gap::Cell => " | ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
        }
        self.gap = Gap::None;
        self.is_broken = false;
        self.out.push_str(&std::mem::take(&mut self.mark));
        self.out.push_str(text.trim_matches('\n'));
    }

    fn part(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    /// The start of the element `name` with the attributes `raw`, before `rest`.
    fn open(&mut self, name: &[u8], raw: &str, rest: &str) {
        let follows_break = std::mem::replace(&mut self.is_broken, name == b"br");
        match name {
            b"br" if follows_break => self.part(Gap::Paragraph),
            b"br" | b"dd" | b"tr" | b"figcaption" => self.part(Gap::Line),
            b"li" => {
                self.part(Gap::Line);
                let depth = "  ".repeat(self.lists.len().saturating_sub(1));
                self.mark = match self.lists.last_mut() {
                    Some(Some((number, step))) => {
                        *number = own_number(raw).unwrap_or(*number);
                        let mark = format!("{depth}{number}. ");
                        *number = number.saturating_add(*step);
                        mark
                    }
                    _ => format!("{depth}- "),
                };
            }
            b"ul" | b"ol" => {
                self.part(if self.lists.is_empty() { Gap::Paragraph } else { Gap::Line });
                self.lists.push((name == b"ol").then(|| numbers(raw, rest)));
            }
            b"td" | b"th" => self.part(Gap::Cell),
            b"pre" => {
                self.part(Gap::Paragraph);
                self.in_code = true;
            }
            b"thead" | b"tbody" | b"tfoot" => {}
            b"p" if !self.mark.is_empty() => {}
            _ => self.part(Gap::Paragraph),
        }
    }

    fn close(&mut self, name: &[u8]) {
        self.is_broken = false;
        match name {
            b"pre" => {
                self.in_code = false;
                self.part(Gap::Paragraph);
            }
            b"ul" | b"ol" => {
                self.lists.pop();
                self.part(if self.lists.is_empty() { Gap::Paragraph } else { Gap::Line });
            }
            b"li" => {
                self.mark.clear();
                self.part(Gap::Line);
            }
            b"dt" | b"dd" | b"tr" => self.part(Gap::Line),
            b"td" | b"th" => self.part(Gap::Cell),
            b"thead" | b"tbody" | b"tfoot" => {}
            b"p" if !self.lists.is_empty() => self.part(Gap::Line),
            _ => self.part(Gap::Paragraph),
        }
    }
}

/// The first number of a list with the attributes `raw`, and the step to the next one; one that counts down ends at 1.
fn numbers(raw: &str, inside: &str) -> (i32, i32) {
    let mut attrs = Attrs::default();
    attrs.read(raw.trim_end_matches('>'));
    let first = attrs.get("start").and_then(|start| start.parse().ok());
    if attrs.get("reversed").is_some() {
        (first.unwrap_or_else(|| items_in(inside)), -1)
    } else {
        (first.unwrap_or(1), 1)
    }
}

/// How many items the list has whose content begins `inside`.
fn items_in(inside: &str) -> i32 {
    let (mut depth, mut items) = (0_usize, 0);
    for (at, _) in inside.match_indices('<') {
        let tag = &inside[at + 1..];
        let closing = tag.starts_with('/');
        let (name, length) = lower_name(&tag.as_bytes()[usize::from(closing)..]);
        match (&name[..length], closing) {
            (b"ul" | b"ol", false) => depth += 1,
            (b"ul" | b"ol", true) if depth == 0 => break,
            (b"ul" | b"ol", true) => depth -= 1,
            (b"li", false) if depth == 0 => items += 1,
            _ => {}
        }
    }
    items
}

/// The number that an item gives itself.
fn own_number(raw: &str) -> Option<i32> {
    let mut attrs = Attrs::default();
    attrs.read(raw.trim_end_matches('>'));
    attrs.get("value")?.parse().ok()
}

/// Code as it is, without its markup and what is blank at the ends of its lines.
fn code(html: &str) -> String {
    let mut code = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        decode_into(&rest[..at], &mut code);
        rest = rest.get(tag_end(rest.as_bytes(), at) + 1..).unwrap_or_default();
    }
    decode_into(rest, &mut code);
    let code = code.replace('\u{a0}', " ");
    code.split('\n').map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Plain text as paragraphs of HTML: an empty line separates them, a single line end is a break, unless the text is
/// wrapped by hand at one width.
pub(crate) fn paragraphs_of_plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut html = String::with_capacity(text.len() + 16);
    let mut paragraph: Vec<&str> = Vec::new();
    for line in text.split('\n').chain([""]) {
        if !line.trim().is_empty() {
            paragraph.push(line.trim());
            continue;
        }
        if !paragraph.is_empty() {
            html.push_str("<p>");
            let between = if is_wrapped(&paragraph) { " " } else { "<br>" };
            for (at, line) in paragraph.iter().enumerate() {
                html.push_str(if at > 0 { between } else { "" });
                super::entities::escape_into(line, &mut html);
            }
            html.push_str("</p>");
            paragraph.clear();
        }
    }
    html
}

/// Whether lines end at a column rather than where a thought ends.
fn is_wrapped(lines: &[&str]) -> bool {
    const COLUMN: std::ops::RangeInclusive<usize> = 55..=100;
    let Some((_, full)) = lines.split_last() else { return false };
    let lengths: Vec<usize> = full.iter().map(|line| line.chars().count()).collect();
    let (Some(least), Some(most)) = (lengths.iter().min(), lengths.iter().max()) else { return false };
    lines.len() >= 3 && COLUMN.contains(least) && COLUMN.contains(most) && most - least <= 20
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_and_code_keep_their_lines() {
        let check = |html: &str, want: &str| assert_eq!(outline(html), want, "{html}");
        check("<p>One.</p><p>Two.<br>Three.</p>", "One.\n\nTwo.\nThree.");
        check("<p>A:</p><ul><li>b</li><li>c<ul><li>d</li></ul></li></ul><p>e</p>", "A:\n\n- b\n- c\n  - d\n\ne");
        check("<ol start=\"3\"><li><p>b</p></li><li>c</li></ol>", "3. b\n4. c");
        check("<pre>a\n  <b>b</b>\nc</pre>", "a\n  b\nc");
        check("<pre>+---+\n| a   &lt; |  \n<b>b</b>   c&nbsp;  d</pre>", "+---+\n| a   < |\nb   c   d");
        check("a<br><br>b<br>\n<br>c<br>d", "a\n\nb\n\nc\nd");
        check("<p>a<br><br></p><p>b</p><ul><li>c<br></li><li>d</li></ul>", "a\n\nb\n\n- c\n- d");
        check("<pre>a<br>b<br><br>c</pre>", "a\nb\n\nc");
        check("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "a | b\n1 | 2");
        check("<h2>Head</h2>text &amp; <b>more</b>", "Head\n\ntext & more");
        check("Not <s>old</s> but 10<sup>6</sup>", "Not ~~old~~ but 10⁶");
        check("plain", "plain");
        check("", "");
    }

    #[test]
    fn line_ends_are_breaks_unless_a_column_made_them() {
        let check = |text: &str, want: &str| assert_eq!(paragraphs_of_plain(text), want, "{text}");
        check("a\nb\n\nc < d", "<p>a<br>b</p><p>c &lt; d</p>");
        check("a\r\n\r\n\r\nb\n", "<p>a</p><p>b</p>");
        let line = "This line was wrapped by hand, as letters to lists have been for years";
        check(&format!("{line}\n{line}\nend"), &format!("<p>{line} {line} end</p>"));
        check(&format!("{line}\nshort\nend"), &format!("<p>{line}<br>short<br>end</p>"));
        check("", "");
    }

    proptest::proptest! {
        #[test]
        fn no_html_panics(html in "(<|>|/|p|li|ul|ol|pre|td|br| |\n|'|\"|&|é|x){0,40}") {
            let _ = outline(&html);
        }
    }

    #[test]
    fn items_keep_the_numbers_that_they_give_themselves() {
        let check = |html: &str, want: &str| assert_eq!(outline(html), want, "{html}");
        check("<ol><li value=\"7\">b</li><li>c</li></ol>", "7. b\n8. c");
        check("<ol reversed=\"\" start=\"3\"><li>b</li><li>c</li></ol>", "3. b\n2. c");
        check(
            "<ol reversed=\"\"><li>a</li><li>b<ol><li>c</li></ol></li><li>d</li></ol><ul><li>e</li></ul>",
            "3. a\n2. b\n  1. c\n1. d\n\n- e",
        );
        check("<ol reversed=\"\"></ol>a", "a");
        check("<ol><li>a<ol><li value=\"5\">b</li></ol></li><li>c</li></ol>", "1. a\n  5. b\n2. c");
        check("<ul><li value=\"7\">b</li></ul>", "- b");
    }
}
