//! HTML → plain text with its paragraphs, lists and lines of code.

use memchr::memchr;

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
            lines.open(name, &html[name_start + length..end]);
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
        self.out.push_str(&std::mem::take(&mut self.mark));
        self.out.push_str(text.trim_matches('\n'));
    }

    fn part(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn open(&mut self, name: &[u8], raw: &str) {
        match name {
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
                let mut attrs = super::attrs::Attrs::default();
                attrs.read(raw.trim_end_matches('>'));
                let first = attrs.get("start").and_then(|start| start.parse().ok());
                // One that counts down without a start ends at 1, which only its length would tell.
                let counts_down = first.is_some() && attrs.get("reversed").is_some();
                self.lists.push((name == b"ol").then_some((first.unwrap_or(1), if counts_down { -1 } else { 1 })));
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

/// The number that an item gives itself.
fn own_number(raw: &str) -> Option<i32> {
    let mut attrs = super::attrs::Attrs::default();
    attrs.read(raw.trim_end_matches('>'));
    attrs.get("value")?.parse().ok()
}

/// Code as it is, without its markup.
fn code(html: &str) -> String {
    let lines: Vec<String> = html
        .split('\n')
        .map(|line| {
            let indent = line.len() - line.trim_start().len();
            format!("{}{}", &line[..indent], plain_text(line))
        })
        .collect();
    lines.join("\n")
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
        check("<ol><li>a<ol><li value=\"5\">b</li></ol></li><li>c</li></ol>", "1. a\n  5. b\n2. c");
        check("<ul><li value=\"7\">b</li></ul>", "- b");
    }
}
