//! Tokens → elements: namespaces, nesting, bases and languages; mends what is not well formed.
//!
//! The stack of open elements is bounded; deeper ones are only counted. An end tag closes what is open
//! inside its element; without an open element it is ignored; a new entry ends the one before it.

use std::sync::Arc;

use url::Url;

use super::capture::{Capture, LOOK_UP, decode_counting};
use super::document::{Document, Format};
use super::fill::Filler;
use super::limits;
use super::mend::{Fault, Mends};
use super::names::{self, Ns, Tag};
use super::rebase::rebase;
use super::take::Bases;
use super::token::{TagForm, Token, Tokens};
use super::weight::Weight;
use crate::text::attrs::Attrs;

/// Elements nested deeper are counted, not kept.
const DEEPEST: usize = 256;
/// Namespace bindings kept at one time.
const MOST_BINDINGS: usize = 128;

/// An element whose end tag is still to come.
#[derive(Debug)]
struct Open<'a> {
    name: &'a str,
    tag: Tag,
    /// Namespace bindings before it.
    bindings: usize,
    /// What it changed.
    outside: Option<Box<Outside>>,
}

/// Base and language outside an element that changes them.
#[derive(Debug)]
struct Outside {
    base: Option<Arc<Url>>,
    base_is_stated: bool,
    language: Option<String>,
}

/// Reads one document.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    tokens: Tokens<'a>,
    attrs: Attrs<'a>,
    open: Vec<Open<'a>>,
    /// Elements open beyond [`DEEPEST`].
    uncounted: usize,
    /// Stack height at a foreign element, below which nothing is looked at.
    foreign_at: Option<usize>,
    bindings: Vec<(&'a str, Ns)>,
    capture: Option<Capture<'a>>,
    base: Option<Arc<Url>>,
    /// The base is that of an `xml:base`.
    base_is_stated: bool,
    language: Option<String>,
    filler: Filler,
    mends: Mends,
    /// The first element found that was not a feed.
    stranger: Option<&'a str>,
}

/// A document in which no feed was found.
#[derive(Debug)]
pub(super) struct NoFeed<'a> {
    /// The first element.
    pub(super) root: Option<&'a str>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, base: Option<Arc<Url>>, language: Option<&str>, mends: Mends) -> Self {
        Self {
            tokens: Tokens::new(text),
            attrs: Attrs::default(),
            open: Vec::with_capacity(16),
            uncounted: 0,
            foreign_at: None,
            bindings: Vec::with_capacity(16),
            capture: None,
            filler: Filler::new(language, base.clone(), Weight::of_document(text.len())),
            base,
            base_is_stated: false,
            language: language.map(|language| limits::cut(language, limits::LANGUAGE_BYTES).to_owned()),
            mends,
            stranger: None,
        }
    }

    /// Reads to the end.
    pub(super) fn read(mut self, encoding: &'static str) -> Result<Document, NoFeed<'a>> {
        let base = self.base.clone();
        let mut stopped = false;
        while let Some(token) = self.tokens.next(&mut self.mends) {
            match token {
                Token::Start { name, attrs, form } => self.start(name, attrs, form),
                Token::End { name } => self.end(name),
                Token::Text(raw) => self.text(raw),
                Token::Cdata(raw) => self.cdata(raw),
            }
            if self.filler.is_full() {
                self.mends.add(Fault::TooManyEntries);
                stopped = true;
                break;
            }
        }
        if self.open.iter().any(|open| open.tag == Tag::Entry) {
            self.filler.cut_short();
        }
        if self.filler.format.is_some() && !self.open.is_empty() && !stopped {
            self.mends.add(Fault::CutShort);
        }
        self.pop_to(0);
        match self.filler.format {
            Some(format) => Ok(self.filler.finish(format, encoding, base, &self.mends)),
            None => Err(NoFeed { root: self.stranger }),
        }
    }

    fn start(&mut self, name: &'a str, attrs: &'a str, form: TagForm) {
        if self.capture.is_some() {
            if !self.breaks_out(name) {
                if let Some(capture) = &mut self.capture {
                    capture.start(name, attrs, form);
                }
                return;
            }
            self.mends.add(Fault::UnclosedElement);
            self.close_capture();
        }
        if self.uncounted > 0 || self.open.len() >= DEEPEST {
            self.uncounted += usize::from(form == TagForm::Open);
            return;
        }
        let bindings = self.bindings.len();
        let mut outside = None;
        if attrs.len() > 1 {
            self.attrs.read(attrs);
            self.attrs.shorten(limits::VALUE_BYTES);
            outside = self.scope();
        } else {
            self.attrs.clear();
        }
        let (ns, local) = self.resolve(name);
        let mut tag = names::tag(ns, local);
        if self.foreign_at.is_some() && !(tag == Tag::Entry && ns == Ns::Core) {
            tag = Tag::Foreign;
        }
        if tag == Tag::Entry {
            self.close_entry();
        }
        self.enter(name, tag, bindings, outside);
        if form == TagForm::Empty {
            match self.capture {
                Some(_) => self.close_capture(),
                None => self.pop(),
            }
        }
    }

    /// Puts the element on the stack and lets the filler see it.
    fn enter(&mut self, name: &'a str, tag: Tag, bindings: usize, outside: Option<Box<Outside>>) {
        self.open.push(Open { name, tag, bindings, outside });
        let depth = self.open.len();
        if self.filler.format.is_none() && !self.is_root(tag) {
            self.stranger.get_or_insert(name);
            return;
        }
        if tag == Tag::Foreign {
            self.foreign_at.get_or_insert(depth);
            if self.foreign_at != Some(depth) {
                return;
            }
        }
        self.capture = self.filler.start(tag, name, &self.attrs, depth, self.base.as_ref());
        if matches!(tag, Tag::Rss | Tag::Feed | Tag::Rdf | Tag::Channel) {
            self.filler.root_language(self.language.as_deref());
        }
    }

    /// Whether a feed may start with `tag`; inside a web page only an unmistakable one.
    fn is_root(&self, tag: Tag) -> bool {
        match tag {
            Tag::Rss | Tag::Rdf | Tag::Feed => true,
            Tag::Channel | Tag::Entry => self.stranger.is_none_or(|stranger| !stranger.eq_ignore_ascii_case("html")),
            _ => false,
        }
    }

    /// Takes `xmlns`, `xml:base` and `xml:lang` from the attributes; returns what they replaced.
    fn scope(&mut self) -> Option<Box<Outside>> {
        let mut base = None;
        let mut language = None;
        let attrs = std::mem::take(&mut self.attrs);
        for (name, raw) in attrs.iter() {
            if let Some(rest) = name.strip_prefix("xmlns") {
                self.bind(rest, raw);
            } else if name.eq_ignore_ascii_case("xml:base") || (name.eq_ignore_ascii_case("base") && base.is_none()) {
                base = Some(crate::text::attrs::decode(raw));
            } else if name.eq_ignore_ascii_case("xml:lang") || (name.eq_ignore_ascii_case("lang") && language.is_none())
            {
                language = Some(limits::cut(raw.trim(), limits::LANGUAGE_BYTES));
            }
        }
        self.attrs = attrs;
        if base.is_none() && language.is_none() {
            return None;
        }
        let outside = Box::new(Outside {
            base: self.base.clone(),
            base_is_stated: self.base_is_stated,
            language: self.language.clone(),
        });
        if let Some(base) = base
            && let Some(url) = rebase(self.base.as_deref(), &base)
        {
            self.base = Some(Arc::new(url));
            self.base_is_stated |= !base.is_empty();
        }
        if let Some(language) = language {
            self.language = (!language.is_empty()).then(|| language.to_owned());
        }
        Some(outside)
    }

    fn bind(&mut self, rest: &'a str, uri: &str) {
        let prefix = match rest.strip_prefix(':') {
            Some(prefix) => prefix,
            None if rest.is_empty() => "",
            None => return,
        };
        let ns = match names::namespace(uri) {
            // An unknown default namespace on the root is a vendor's own RSS; deeper it is foreign.
            Ns::Other if prefix.is_empty() && self.filler.format.is_none() => Ns::Core,
            Ns::Other if prefix.is_empty() => Ns::Other,
            Ns::Other => names::undeclared(prefix),
            ns => ns,
        };
        if self.bindings.len() < MOST_BINDINGS {
            self.bindings.push((prefix, ns));
        }
    }

    fn resolve(&self, name: &'a str) -> (Ns, &'a str) {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let bound = self.bindings.iter().rev().find(|(known, _)| *known == prefix);
        (bound.map_or_else(|| names::undeclared(prefix), |(_, ns)| *ns), local)
    }

    /// Whether a start tag cannot be inside the text that is being read: a new entry always ends it, and an
    /// element unknown to HTML ends a value or escaped text whose end tag is missing.
    fn breaks_out(&self, name: &'a str) -> bool {
        let (ns, local) = self.resolve(name);
        match names::tag(ns, local) {
            Tag::Entry => ns == Ns::Core,
            Tag::Published | Tag::Guid | Tag::Enclosure | Tag::Encoded | Tag::Creator | Tag::DcDate | Tag::Updated => {
                name.contains(':') || name.eq_ignore_ascii_case("pubDate") || name.eq_ignore_ascii_case("guid")
            }
            Tag::Description | Tag::Link => {
                self.capture
                    .as_ref()
                    .is_some_and(|capture| matches!(capture.tag, Tag::Title | Tag::Guid | Tag::Published | Tag::Link))
                    && self.filler.format != Some(Format::Atom)
            }
            _ => false,
        }
    }

    fn end(&mut self, name: &'a str) {
        if self.capture.is_some() {
            let Some(capture) = &mut self.capture else { return };
            if capture.end(name, &mut self.mends) {
                return;
            }
            if capture.name.eq_ignore_ascii_case(name) {
                self.close_capture();
                return;
            }
            let outer = self.open.len().saturating_sub(1);
            if !self.open[..outer].iter().rev().take(LOOK_UP).any(|open| open.name.eq_ignore_ascii_case(name)) {
                self.mends.add(Fault::StrayEndTag);
                return;
            }
            self.mends.add(Fault::UnclosedElement);
            self.close_capture();
        }
        if self.uncounted > 0 {
            self.uncounted -= 1;
            return;
        }
        match self.open.iter().rev().take(LOOK_UP).position(|open| open.name.eq_ignore_ascii_case(name)) {
            Some(up) => {
                self.mends.add_many(Fault::UnclosedElement, up);
                self.pop_to(self.open.len() - up - 1);
            }
            None => self.mends.add(Fault::StrayEndTag),
        }
    }

    fn text(&mut self, raw: &'a str) {
        if let Some(capture) = &mut self.capture {
            capture.text(raw, &mut self.mends);
        } else if self.filler.wants_text() && self.foreign_at.is_none() {
            let mut text = String::new();
            decode_counting(limits::cut(raw, limits::TITLE_BYTES), &mut text, &mut self.mends);
            self.filler.text(&text);
        } else if self.open.is_empty() && !raw.trim_ascii().is_empty() {
            let where_it_is = if self.filler.format.is_some() { Fault::JunkAfter } else { Fault::JunkBefore };
            self.mends.add(where_it_is);
        }
    }

    fn cdata(&mut self, raw: &'a str) {
        if let Some(capture) = &mut self.capture {
            capture.cdata(raw);
        } else if self.filler.wants_text() && self.foreign_at.is_none() {
            self.filler.text(raw);
        }
    }

    /// Ends the text that is being read, and its element.
    fn close_capture(&mut self) {
        if let Some(capture) = self.capture.take() {
            let base = self.base.as_deref();
            let bases = Bases { any: base, stated: base.filter(|_| self.base_is_stated) };
            self.filler.take(capture, self.open.len(), bases, &mut self.mends);
        }
        self.pop();
    }

    /// Ends the open entry, if there is one.
    fn close_entry(&mut self) {
        if let Some(at) = self.open.iter().rposition(|open| open.tag == Tag::Entry) {
            self.mends.add(Fault::UnclosedElement);
            self.pop_to(at);
        }
    }

    fn pop_to(&mut self, height: usize) {
        if self.capture.is_some() {
            self.close_capture();
        }
        while self.open.len() > height {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let depth = self.open.len();
        let Some(open) = self.open.pop() else { return };
        if self.foreign_at == Some(depth) {
            self.foreign_at = None;
        }
        self.filler.end(open.tag, depth);
        self.bindings.truncate(open.bindings);
        if let Some(outside) = open.outside {
            let Outside { base, base_is_stated, language } = *outside;
            (self.base, self.base_is_stated, self.language) = (base, base_is_stated, language);
        }
    }
}
