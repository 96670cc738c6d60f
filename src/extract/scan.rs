//! One linear pass over the text of a page, before any tree: what its head says, and whether a tree may be built.

use memchr::{memchr, memchr_iter, memmem};

use super::apart::Apart;
use crate::text::{Attrs, attribute_count, tag_end};

/// How complex a page may be before it costs too much to build a tree from it. Most of 1,412 real pages have
/// fewer than 5,000 tags, 5 open formatting elements and a depth of 100; the most are 11,528, 75 and 665.
#[derive(Debug, Clone, Copy)]
struct Limits {
    bytes: usize,
    tags: usize,
    formatting: usize,
    depth: usize,
    /// Formatting elements that are reopened, over all blocks.
    reopened: usize,
    /// Squares of the numbers of attributes that long tags have, added up: each is compared with those before it. A
    /// quote that is left open puts thousands into one tag: the most on a real page is 23 million.
    attributes: usize,
}

const LIMITS: Limits = Limits {
    bytes: 3 * 1024 * 1024,
    tags: 25_000,
    formatting: 100,
    depth: 1_000,
    reopened: 60_000,
    attributes: 100_000_000,
};

/// Start tags of fewer bytes have few attributes.
const SHORT_TAG: usize = 100;
/// JSON-LD that is read from one page, in bytes. Of 1,412 real pages the largest have 841,049 bytes and 3,433 objects.
const LONGEST_JSON: usize = 1024 * 1024;
/// Objects in it: each takes a hundred times the bytes that it was written in.
const MOST_OBJECTS: usize = 10_000;
/// Elements of the head that are kept.
const MOST_HEAD: usize = 1_000;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Scan<'a> {
    /// `name`, `property`, `itemprop` or `http-equiv` of each `<meta>`, lower case, and its content.
    pub(super) metas: Vec<(String, String)>,
    /// `rel`, lower case, `href` and `type` of each `<link>`, and of `<a>` that names a licence.
    pub(super) links: Vec<(String, String, String)>,
    /// The same of `<a>` in parts that are not the article's own words.
    pub(super) links_apart: Vec<(String, String, String)>,
    /// Content of the first `<title>`.
    pub(super) title: Option<String>,
    /// Content of each JSON-LD script.
    pub(super) json: Vec<&'a str>,
    /// `lang` of `<html>`.
    pub(super) language: Option<String>,
    /// `href` of `<base>`.
    pub(super) base: Option<String>,
    /// Why no tree may be built from it.
    pub(super) too_much: Option<&'static str>,
    /// Start tags, as far as they were counted.
    pub(super) tags: usize,
    apart: Apart,
    json_bytes: usize,
    json_objects: usize,
}

/// Scans `html`.
pub(super) fn scan(html: &str) -> Scan<'_> {
    let mut found = Scan::default();
    if html.len() > LIMITS.bytes {
        found.too_much = Some("it has more than 3 MiB");
    }
    let bytes = html.as_bytes();
    let mut count = Count::default();
    let mut at = 0;
    while let Some(step) = memchr(b'<', &bytes[at..]) {
        at += step + 1;
        if bytes[at..].starts_with(b"!--") {
            at = memmem::find(&bytes[at + 1..], b"-->").map_or(bytes.len(), |end| at + 1 + end + 3);
            continue;
        }
        let closing = bytes.get(at) == Some(&b'/');
        let start = at + usize::from(closing);
        let length = bytes[start..].iter().take(24).take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
        if length == 0 || !bytes[start].is_ascii_alphabetic() {
            continue;
        }
        let name = html[start..start + length].to_ascii_lowercase();
        if found.too_much.is_none() {
            found.too_much = if closing { count.end(&name) } else { count.start(&name) };
            found.tags = count.tags;
        }
        let end = tag_end(bytes, start + length);
        at = end;
        if closing {
            found.apart.end(&name);
            continue;
        }
        let raw = &html[start + length..end];
        if found.too_much.is_none() && raw.len() > SHORT_TAG {
            found.too_much = count.attributes(raw);
        }
        found.apart.start(&name, raw);
        at = found.start_tag(html, &name, raw, end);
    }
    found
}

impl<'a> Scan<'a> {
    /// Takes a start tag whose `>` is at `end`. Returns where to continue.
    fn start_tag(&mut self, html: &'a str, name: &str, raw: &'a str, end: usize) -> usize {
        let after = (end + 1).min(html.len());
        let mut attrs = Attrs::default();
        match name {
            "meta" if self.metas.len() < MOST_HEAD => {
                attrs.read(raw);
                if let (Some(name), Some(content)) =
                    (attrs.first(&["property", "name", "itemprop", "http-equiv"]), attrs.filled("content"))
                {
                    self.metas.push((name.to_ascii_lowercase(), content.into_owned()));
                }
            }
            "link" | "a" if self.links.len() + self.links_apart.len() < MOST_HEAD => {
                if name == "a" && memmem::find(raw.as_bytes(), b"rel").is_none() {
                    return end;
                }
                attrs.read(raw);
                if let (Some(rel), Some(href)) = (attrs.filled("rel"), attrs.filled("href")) {
                    let rel = rel.to_ascii_lowercase();
                    if name == "link" || rel.split_ascii_whitespace().any(|word| word == "license") {
                        let kind = attrs.filled("type").unwrap_or_default().to_ascii_lowercase();
                        let is_apart = name == "a" && self.apart.is_inside();
                        let links = if is_apart { &mut self.links_apart } else { &mut self.links };
                        links.push((rel, href.into_owned(), kind));
                    }
                }
            }
            "html" => {
                attrs.read(raw);
                self.language = self.language.take().or_else(|| attrs.filled("lang").map(Into::into));
            }
            "base" => {
                attrs.read(raw);
                self.base = self.base.take().or_else(|| attrs.filled("href").map(Into::into));
            }
            "title" | "script" | "style" | "textarea" | "xmp" | "iframe" | "noembed" | "noframes" => {
                let close = close_of(name, html, after);
                let inside = &html[after..close];
                if name == "title" && self.title.is_none() {
                    self.title = Some(crate::text::plain_text(inside)).filter(|title| !title.is_empty());
                }
                if name == "script" {
                    attrs.read(raw);
                    let is_json = attrs.get("type").is_some_and(|kind| kind.to_ascii_lowercase().contains("ld+json"));
                    if is_json {
                        self.json(inside);
                    }
                }
                return close;
            }
            _ => {}
        }
        end
    }

    /// Keeps a JSON-LD script, unless all of them together would be too much.
    fn json(&mut self, script: &'a str) {
        let (bytes, objects) = (script.len(), memchr_iter(b'{', script.as_bytes()).count());
        if self.json_bytes + bytes <= LONGEST_JSON && self.json_objects + objects <= MOST_OBJECTS {
            self.json_bytes += bytes;
            self.json_objects += objects;
            self.json.push(script);
        }
    }
}

/// Where the end tag of `name` begins, or the end.
fn close_of(name: &str, html: &str, from: usize) -> usize {
    let bytes = html.as_bytes();
    memmem::find_iter(&bytes[from..], b"</")
        .map(|at| from + at)
        .find(|at| {
            bytes.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        })
        .unwrap_or(bytes.len())
}

/// What makes a tree expensive.
#[derive(Debug, Default)]
struct Count {
    tags: usize,
    formatting: usize,
    depth: usize,
    reopened: usize,
    attributes: usize,
}

impl Count {
    fn attributes(&mut self, raw: &str) -> Option<&'static str> {
        let count = attribute_count(raw);
        self.attributes = self.attributes.saturating_add(count.saturating_mul(count));
        (self.attributes > LIMITS.attributes).then_some("its elements have too many attributes")
    }

    fn start(&mut self, name: &str) -> Option<&'static str> {
        self.tags += 1;
        self.step(name, |count| count + 1)
    }

    fn end(&mut self, name: &str) -> Option<&'static str> {
        self.step(name, |count| count.saturating_sub(1))
    }

    fn step(&mut self, name: &str, step: impl Fn(usize) -> usize) -> Option<&'static str> {
        match name {
            "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small" | "strike" | "strong" | "tt"
            | "u" => {
                self.formatting = step(self.formatting);
                self.depth = step(self.depth);
            }
            "area" | "base" | "br" | "col" | "embed" | "hr" | "img" | "input" | "link" | "meta" | "param"
            | "source" | "track" | "wbr" => {}
            // The next of their kind closes them: they do not nest.
            "p" | "li" | "dd" | "dt" | "tr" | "td" | "th" | "option" | "thead" | "tbody" | "tfoot" => {
                self.reopened += self.formatting;
            }
            _ => {
                self.depth = step(self.depth);
                self.reopened += self.formatting;
            }
        }
        if self.tags > LIMITS.tags {
            Some("it has more than 25,000 tags")
        } else if self.formatting > LIMITS.formatting {
            Some("more than 100 formatting elements are open at once")
        } else if self.depth > LIMITS.depth {
            Some("its elements nest more than 1,000 deep")
        } else if self.reopened > LIMITS.reopened {
            Some("its formatting elements would be opened again too often")
        } else {
            None
        }
    }
}
