//! The text of one element, with markup inside it if there is any.

use std::borrow::Cow;

use memchr::memchr;

use super::limits;
use super::mend::{Fault, Mends};
use super::names::Tag;
use super::token::TagForm;
use crate::text::attrs::Attrs;
use crate::text::entities::{self, Reference};

/// How the text of an element is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A value: markup inside is dropped, its text stays.
    Plain,
    /// Plain text by declaration; markup inside makes it [`Kind::Xhtml`].
    Text,
    /// Escaped HTML; markup inside belongs to it.
    Html,
    /// Markup as it is.
    Xhtml,
    /// Base64 of text or HTML.
    Base64,
}

/// An element whose text is being read.
#[derive(Debug)]
pub(super) struct Capture<'a> {
    /// Its meaning.
    pub(super) tag: Tag,
    /// Its name as written: the end tag that closes it.
    pub(super) name: &'a str,
    /// How it is read.
    pub(super) kind: Kind,
    /// Media type, for the texts.
    pub(super) media_type: Option<Cow<'static, str>>,
    /// Its own language, as written.
    pub(super) language: Option<String>,
    /// What its attributes contained.
    pub(super) about: About,
    out: String,
    /// So much of it is kept.
    most_bytes: usize,
    /// Open elements inside it.
    inner: Vec<&'a str>,
    /// Markup was found in escaped HTML: from there on references stay as they are.
    mixed: bool,
    /// A value had text before the first element inside it.
    own_text: bool,
    /// Inside of the one `div` around everything.
    wrapper: Wrapper,
    /// Its `xml:base`.
    wrapper_base: Option<String>,
}

/// What the attributes of a captured element contained.
#[derive(Debug, Default, Clone)]
pub(super) struct About {
    /// `isPermaLink` (default true).
    pub(super) is_permalink: bool,
    /// `scheme` or `domain` of a category.
    pub(super) scheme: Option<String>,
    /// `label` of a category.
    pub(super) label: Option<String>,
    /// `term` of a category, `src` of a content, `url` of others.
    pub(super) value: Option<String>,
}

#[derive(Debug, Clone, Copy, Default)]
enum Wrapper {
    #[default]
    None,
    Open {
        inside: usize,
    },
    Closed {
        inside: usize,
        end: usize,
        after: usize,
    },
}

/// Open elements remembered inside a text.
const DEEPEST: usize = 512;
/// How far up an end tag is looked for.
pub(super) const LOOK_UP: usize = 64;

impl<'a> Capture<'a> {
    pub(super) fn new(tag: Tag, name: &'a str, kind: Kind) -> Self {
        Self {
            tag,
            name,
            kind,
            media_type: None,
            language: None,
            about: About { is_permalink: true, ..About::default() },
            out: String::new(),
            most_bytes: limits::of_element(tag),
            inner: Vec::new(),
            mixed: false,
            own_text: false,
            wrapper: Wrapper::None,
            wrapper_base: None,
        }
    }

    /// Takes text with references.
    pub(super) fn text(&mut self, raw: &str, mends: &mut Mends) {
        if self.is_beside_the_value() {
            return;
        }
        let raw = self.fitting(raw);
        self.out.reserve(raw.len());
        match self.kind {
            Kind::Xhtml => self.out.push_str(raw),
            Kind::Html if self.mixed => self.out.push_str(raw),
            _ => decode_counting(raw, &mut self.out, mends),
        }
    }

    /// Takes the content of a CDATA section.
    pub(super) fn cdata(&mut self, raw: &str) {
        if self.is_beside_the_value() {
            return;
        }
        let raw = self.fitting(raw);
        match self.kind {
            Kind::Xhtml => entities::escape_into(raw, &mut self.out),
            _ => self.out.push_str(raw),
        }
    }

    /// Takes a start tag inside it.
    pub(super) fn start(&mut self, name: &'a str, attrs: &str, form: TagForm) {
        let local = local(name);
        if self.kind == Kind::Plain {
            self.own_text |= self.inner.is_empty() && !self.out.trim_ascii_start().is_empty();
            if form == TagForm::Open && self.inner.len() < DEEPEST {
                self.inner.push(name);
            }
            return;
        }
        let is_div = local.eq_ignore_ascii_case("div");
        let unmarked = self.kind == Kind::Text || self.kind == Kind::Base64 || (self.kind == Kind::Html && !self.mixed);
        if unmarked && is_div {
            return;
        }
        self.becomes_markup();
        let outermost = self.inner.is_empty() && self.out.trim_ascii_start().is_empty();
        if local.len() + attrs.len() <= self.room() {
            self.out.push('<');
            self.out.push_str(local);
            if !attrs.is_empty() && attrs.trim_ascii_start().len() < attrs.len() {
                self.out.push_str(attrs.trim_ascii_end());
            }
            self.out.push('>');
        }
        if form == TagForm::Empty {
            if !is_void(local) {
                self.close_tag(local);
            }
            return;
        }
        if is_div && outermost && matches!(self.wrapper, Wrapper::None) {
            self.wrapper = Wrapper::Open { inside: self.out.len() };
            self.wrapper_base = base_in(attrs).filter(|_| self.kind == Kind::Xhtml);
        }
        if self.inner.len() < DEEPEST {
            self.inner.push(name);
        }
    }

    /// Takes an end tag. Returns `false` if no element of that name is open inside it.
    pub(super) fn end(&mut self, name: &str, mends: &mut Mends) -> bool {
        let Some(up) = self.inner.iter().rev().take(LOOK_UP).position(|open| open.eq_ignore_ascii_case(name)) else {
            return false;
        };
        mends.add_many(Fault::UnclosedElement, up);
        self.inner.truncate(self.inner.len() - up - 1);
        if self.kind == Kind::Plain {
            return true;
        }
        let end = self.out.len();
        self.close_tag(local(name));
        if let (true, Wrapper::Open { inside }) = (self.inner.is_empty(), self.wrapper) {
            self.wrapper = Wrapper::Closed { inside, end, after: self.out.len() };
        }
        true
    }

    /// The text, trimmed.
    pub(super) fn finish(&mut self) -> String {
        trimmed(std::mem::take(&mut self.out))
    }

    /// The `xml:base` of the one `div` around everything.
    pub(super) fn base_of_wrapper(&self) -> Option<&str> {
        let Wrapper::Closed { after, .. } = self.wrapper else { return None };
        self.wrapper_base.as_deref().filter(|_| self.out[after..].trim_ascii_start().is_empty())
    }

    /// [`Capture::finish`], without the one `div` around everything.
    pub(super) fn finish_unwrapped(&mut self) -> String {
        let mut out = std::mem::take(&mut self.out);
        if let (Kind::Xhtml, Wrapper::Closed { inside, end, after }) = (self.kind, self.wrapper)
            && out[after..].trim_ascii_start().is_empty()
        {
            out = out[inside..end].to_owned();
        }
        trimmed(out)
    }

    /// Whether it is text of an element inside a value that has text of its own.
    fn is_beside_the_value(&self) -> bool {
        self.kind == Kind::Plain && self.own_text && !self.inner.is_empty()
    }

    fn becomes_markup(&mut self) {
        match self.kind {
            Kind::Text | Kind::Base64 => {
                let mut escaped = String::with_capacity(self.out.len());
                entities::escape_into(&self.out, &mut escaped);
                self.out = escaped;
                self.kind = Kind::Xhtml;
            }
            Kind::Html => self.mixed = true,
            Kind::Plain | Kind::Xhtml => {}
        }
    }

    /// How many bytes more are kept.
    fn room(&self) -> usize {
        self.most_bytes.saturating_sub(self.out.len())
    }

    /// The part of `raw` for which there is room; white space at the start of a value needs none.
    fn fitting<'r>(&self, raw: &'r str) -> &'r str {
        limits::cut(if self.out.is_empty() { raw.trim_start() } else { raw }, self.room())
    }

    fn close_tag(&mut self, local: &str) {
        if local.len() > self.room() {
            return;
        }
        self.out.push_str("</");
        self.out.push_str(local);
        self.out.push('>');
    }
}

/// `text` without white space at its ends, copied only if there is some at the start.
fn trimmed(mut text: String) -> String {
    text.truncate(text.trim_end().len());
    let start = text.len() - text.trim_start().len();
    if start > 0 {
        text.drain(..start);
    }
    text
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn is_void(local: &str) -> bool {
    const VOID: [&str; 14] =
        ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
    VOID.iter().any(|name| local.eq_ignore_ascii_case(name))
}

/// [`entities::decode_into`], counting what XML would refuse.
pub(super) fn decode_counting(raw: &str, out: &mut String, mends: &mut Mends) {
    let mut rest = raw;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let used = match entities::reference(rest) {
            Reference::Char(c, used) => {
                out.push(c);
                if rest.as_bytes()[used - 1] != b';' {
                    mends.add(Fault::BareAmpersand);
                }
                used
            }
            Reference::Illegal(used) => {
                mends.add(Fault::IllegalCharacter);
                used
            }
            Reference::Unknown(used) => {
                mends.add(Fault::UndeclaredEntity);
                out.push_str(&rest[..used]);
                used
            }
            Reference::Bare => {
                mends.add(Fault::BareAmpersand);
                out.push('&');
                1
            }
        };
        rest = &rest[used..];
    }
    out.push_str(rest);
}

/// The `xml:base` among the attributes of a tag, as written.
fn base_in(raw: &str) -> Option<String> {
    memchr::memmem::find(raw.as_bytes(), b"xml:base")?;
    let mut attrs = Attrs::default();
    attrs.read(raw);
    Some(attrs.get("xml:base")?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(kind: Kind) -> Capture<'static> {
        Capture::new(Tag::Content, "content", kind)
    }

    #[test]
    fn escaped_html_is_decoded_once() {
        let mut mends = Mends::default();
        let mut text = capture(Kind::Html);
        text.text(" &lt;p&gt;a &amp;amp; b", &mut mends);
        text.cdata("<br>&amp;");
        assert_eq!(text.finish_unwrapped(), "<p>a &amp; b<br>&amp;");
        assert!(mends.list().is_empty());
    }

    #[test]
    fn markup_stays_markup_and_its_wrapper_goes() {
        let mut mends = Mends::default();
        let mut text = capture(Kind::Xhtml);
        text.text("\n ", &mut mends);
        text.start("x:div", " xmlns:x=\"y\"", TagForm::Open);
        text.start("x:b", " title='a'", TagForm::Open);
        text.text("1 &lt; 2", &mut mends);
        assert!(text.end("x:b", &mut mends));
        text.start("br", "", TagForm::Empty);
        text.start("i", "", TagForm::Empty);
        assert!(text.end("x:div", &mut mends));
        assert!(!text.end("content", &mut mends));
        assert_eq!(text.finish_unwrapped(), "<b title='a'>1 &lt; 2</b><br><i></i>");
    }

    #[test]
    fn plain_text_with_markup_in_it_becomes_markup() {
        let mut mends = Mends::default();
        let mut text = capture(Kind::Text);
        text.text("a &lt; ", &mut mends);
        text.start("b", "", TagForm::Open);
        text.text("c", &mut mends);
        assert!(text.end("b", &mut mends));
        assert_eq!(text.finish(), "a &lt; <b>c</b>");
        assert_eq!(text.kind, Kind::Xhtml);
    }
}
