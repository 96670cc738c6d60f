//! HTML before it is sanitised: what only a style or an attribute states of a text becomes an element that the sanitiser
//! keeps. A part of the pass of `prepare.rs`.

use memchr::memchr_iter;

use super::attrs::Attrs;
use super::prepare::{EndTag, Last, Pass};
use super::unshown;

impl Pass<'_> {
    /// What only the style of the element `name` states, as markup: that it is struck out, which way it reads, that its
    /// lines are kept. Its attributes `raw` follow `name_end`, its content `end`.
    pub(super) fn styled(&mut self, name: &[u8], raw: &str, name_end: usize, end: usize) {
        let mut attrs = Attrs::default();
        attrs.read(raw);
        let is_unnamed = name != b"span" && attrs.get("dir").is_none();
        if is_unnamed && unshown::is_right_to_left(&attrs) {
            self.replace(name_end, name_end, " dir=\"rtl\"");
        }
        if end > self.preformatted_until.max(self.lines.end)
            && unshown::keeps_lines(&attrs)
            && let Some((close, _)) = self.ends.of_nested(name, end)
        {
            let inside = &self.html[end..close];
            let start = close - inside.trim_start().len();
            self.lines = start..end + inside.trim_end().len();
        }
        if unshown::is_struck(&attrs)
            && let Some((at, _)) = self.ends.of_nested(name, end)
        {
            self.ends_as.push(EndTag { at, html: "</s>", is_replaced: false });
            self.replace(end, end, "<s>");
        }
    }

    /// Takes the start of a `pre`, whose content follows `end`. Returns where to continue.
    pub(super) fn preformatted(&mut self, end: usize) -> usize {
        self.last = Last::Other;
        if end > self.preformatted_until {
            self.preformatted_until = self.ends.of_first("pre", end).map_or(end, |(close, _)| close);
        }
        end
    }

    /// Puts breaks at the ends of lines between `from` and `to`, where readers see them.
    pub(super) fn break_lines(&mut self, from: usize, to: usize) {
        let (start, end) = (self.lines.start.max(from), self.lines.end.min(to));
        let text = self.html.get(start..end).filter(|text| !text.trim().is_empty());
        for line in text.into_iter().flat_map(|text| memchr_iter(b'\n', text.as_bytes())) {
            self.replace(start + line, start + line, "<br>");
        }
    }

    /// Takes a `span` between `tag` and `end` that says which way it reads; whether it does.
    pub(super) fn directed(&mut self, attrs: &Attrs<'_>, tag: usize, end: usize) -> bool {
        let way = unshown::direction(attrs).filter(|_| tag >= self.done && !unshown::is_block(attrs));
        let Some((way, (at, _))) = way.and_then(|way| Some((way, self.ends.of_nested(b"span", end)?))) else {
            return false;
        };
        self.ends_as.push(EndTag { at, html: "</bdi>", is_replaced: true });
        self.replace(tag, end, &format!("<bdi dir=\"{way}\">"));
        true
    }

    /// Takes the start of a link: one that is nothing but a mark by which the place is linked to (`¶`, `#`) is not read.
    pub(super) fn mark(&mut self, raw: &str, tag: usize, end: usize) -> usize {
        const LONGEST_MARK_BYTES: usize = 64;
        const CLASSES: [&str; 6] = ["headerlink", "anchor", "header-anchor", "heading-link", "permalink", "hash-link"];
        self.last = Last::Other;
        if !raw.contains("class") {
            return end;
        }
        let mut attrs = Attrs::default();
        attrs.read(raw);
        let class = attrs.get("class").unwrap_or_default();
        let is_named = class.split_ascii_whitespace().any(|name| CLASSES.contains(&name));
        let ahead = &self.html[end..self.html.floor_char_boundary((end + LONGEST_MARK_BYTES).min(self.html.len()))];
        let inside = ahead.find("</a>").filter(|_| is_named).map(|close| &ahead[..close]);
        let is_mark = |text: &str| text.trim().chars().all(|c| !c.is_alphanumeric()) && !text.contains('<');
        match inside.map(|inside| (inside.len(), super::attrs::decode(inside))) {
            Some((length, text)) if is_mark(&text) => self.replace(tag, end + length + "</a>".len(), ""),
            _ => end,
        }
    }

    /// Whether the element `name` whose content begins at `from` holds a number and nothing else.
    pub(super) fn holds_number(&mut self, name: &[u8], from: usize) -> bool {
        let close = self.ends.of_nested(name, from).map_or(from, |(close, _)| close);
        let inside = self.html[from..close].trim();
        !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Whether the `div` whose content begins at `from` tells the name and the size of the file of a picture.
    pub(super) fn tells_of_file(&mut self, from: usize) -> bool {
        let close = self.ends.of_nested(b"div", from).map_or(from, |(close, _)| close);
        self.html[from..close].contains("informations")
    }

    /// The elements around a whole document, of which only the way that it reads counts.
    pub(super) fn document(&mut self, raw: &str, tag: usize, end: usize) -> usize {
        self.last = Last::Other;
        let mut attrs = Attrs::default();
        attrs.read(raw);
        // It ends with the text.
        match unshown::direction(&attrs) {
            Some(way) => self.replace(tag, end, &format!("<div dir=\"{way}\">")),
            None => end,
        }
    }
}
