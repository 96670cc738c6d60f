//! Elements → what they say about the feed and its entries.

use std::sync::Arc;

use url::Url;

use super::bases::{resolve_post, resolve_texts};
use super::capture::{Capture, Kind};
use super::document::{ChannelFields, Document, Format, Link, Post};
use super::draft::{Draft, Role};
use super::limits;
use super::mend::Mends;
use super::names::Tag;
use super::person::person;
use super::submission;
use super::weight::Weight;
use crate::model::{Origin, Person, Signal, SignalKind};
use crate::text::attrs::Attrs;
use crate::text::{parse_date, resolve, web_url};

/// A document while it is being read.
#[derive(Debug)]
pub(super) struct Filler {
    /// Known as soon as the root is known.
    pub(super) format: Option<Format>,
    /// The root is Atom 1.0, in which a `div` around XHTML is not part of it (RFC 4287 §3.1.1.3).
    pub(super) is_atom_10: bool,
    pub(super) channel: ChannelFields,
    pub(super) head: Draft,
    pub(super) post: Option<Draft>,
    pub(super) source: Option<Draft>,
    /// `source` of the entry that is open, finished.
    done_source: Option<Draft>,
    posts: Vec<Post>,
    weight: Weight,
    /// Where the document came from.
    document: Option<Arc<Url>>,
    /// How many of the first posts came before the address of their site was known: their texts are not resolved yet.
    unresolved: usize,
    cut_short: bool,
    pub(super) image_at: Option<usize>,
    image_text: String,
    text_input_at: Option<usize>,
    pub(super) person: Option<PersonDraft>,
    source_text: String,
    /// A link whose address is its text; with whether it has attributes.
    pub(super) pending_link: Option<(Link, bool)>,
    /// The `media:content` that is open: its depth, and its address.
    pub(super) media: Option<(usize, String)>,
}

/// A person construct that is open.
#[derive(Debug)]
pub(super) struct PersonDraft {
    role: Role,
    depth: usize,
    pub(super) person: Person,
    text: String,
}

impl Filler {
    pub(super) fn new(language: Option<&str>, document: Option<Arc<Url>>, weight: Weight) -> Self {
        let mut head = Draft::new(0, None);
        head.fields.language = language.map(|language| limits::cut(language, limits::LANGUAGE_BYTES).to_owned());
        Self {
            format: None,
            is_atom_10: false,
            channel: ChannelFields::default(),
            head,
            post: None,
            source: None,
            done_source: None,
            posts: Vec::new(),
            weight,
            document,
            unresolved: 0,
            cut_short: false,
            image_at: None,
            image_text: String::new(),
            text_input_at: None,
            person: None,
            source_text: String::new(),
            pending_link: None,
            media: None,
        }
    }

    /// Whether no more entries are read.
    pub(super) fn is_full(&self) -> bool {
        self.weight.is_full()
    }

    pub(super) fn cut_short(&mut self) {
        self.cut_short = true;
    }

    /// The document, once everything is read.
    pub(super) fn finish(
        self,
        format: Format,
        encoding: &'static str,
        base: Option<Arc<Url>>,
        mends: &Mends,
    ) -> Document {
        let (mut head, mut posts) = (self.head.finish(), self.posts);
        resolve_texts(&mut head, &mut posts[..self.unresolved], base.as_deref());
        posts.iter_mut().for_each(|post| submission::take(&mut post.fields));
        Document { format, encoding, base, head, channel: self.channel, posts, mended: mends.list() }
    }

    /// What the address of a media file is resolved against as it is read: in an entry only a base that the document
    /// states, since others count from the page of the entry (`bases.rs`).
    pub(super) fn base_of_media<'b>(&self, base: Option<&'b Url>) -> Option<&'b Url> {
        base.filter(|_| self.post.is_none() || base != self.document.as_deref())
    }

    /// What the next value belongs to.
    pub(super) fn target(&mut self) -> &mut Draft {
        match (&mut self.source, &mut self.post) {
            (Some(source), _) => source,
            (None, Some(post)) => post,
            (None, None) => &mut self.head,
        }
    }

    /// Takes a statement of what may be done with the feed or the entry that is open.
    pub(super) fn say(&mut self, kind: SignalKind, value: impl Into<String>) {
        let origin = if self.post.is_some() { Origin::Entry } else { Origin::Feed };
        self.target().signal(Signal::new(kind, origin, value));
    }

    /// The language of the root element, unless something better is known.
    pub(super) fn root_language(&mut self, language: Option<&str>) {
        if let Some(language) = language {
            self.head.fields.language = Some(language.to_owned());
        }
    }

    /// Takes a start tag. Returns a [`Capture`] if the text of the element matters.
    pub(super) fn start<'a>(
        &mut self,
        tag: Tag,
        name: &'a str,
        attrs: &Attrs<'a>,
        depth: usize,
        base: Option<&Arc<Url>>,
    ) -> Option<Capture<'a>> {
        if self.format.is_none() && !matches!(tag, Tag::Rss | Tag::Rdf | Tag::Feed | Tag::Channel | Tag::Entry) {
            return None;
        }
        self.leave_broken_image(tag);
        match tag {
            Tag::Rss | Tag::Rdf | Tag::Feed | Tag::Channel => self.root(tag, name, attrs, depth, base),
            Tag::Entry => {
                self.format.get_or_insert(Format::Rss);
                self.post = Some(Draft::new(depth, base));
                self.own_attributes(attrs, depth, base);
            }
            Tag::Image => {
                self.image_at = Some(depth);
                self.image_text.clear();
                if let Some(url) = attrs.first(&["url", "href"]) {
                    let base = self.base_of_media(base.map(|base| &**base));
                    self.target().image(resolve::address(&url, base));
                }
            }
            Tag::TextInput => self.text_input_at = Some(depth),
            Tag::Source if self.post.is_some() => self.start_source(attrs, depth, base),
            _ if self.image_at.is_some() || self.text_input_at.is_some() => {
                return (tag == Tag::Uri && self.image_at.is_some()).then(|| Capture::new(tag, name, Kind::Plain));
            }
            Tag::Author | Tag::Creator | Tag::ItunesAuthor => self.start_person(Role::Author, depth),
            Tag::Contributor | Tag::DcContributor => self.start_person(Role::Contributor, depth),
            Tag::Publisher | Tag::Owner => self.start_person(Role::Publisher, depth),
            _ => return self.start_value(tag, name, attrs, depth, base.map(|base| &**base)),
        }
        None
    }

    /// An element that never occurs in an `image` ends one whose end tag is missing.
    fn leave_broken_image(&mut self, tag: Tag) {
        let belongs = matches!(
            tag,
            Tag::Title | Tag::Link | Tag::Description | Tag::Uri | Tag::Name | Tag::Unknown | Tag::Foreign
        );
        if !belongs {
            self.image_at = None;
            self.text_input_at = None;
        }
    }

    fn root(&mut self, tag: Tag, name: &str, attrs: &Attrs<'_>, depth: usize, base: Option<&Arc<Url>>) {
        if self.format.is_none() {
            let format = match tag {
                Tag::Feed => Format::Atom,
                Tag::Rdf => Format::Rdf,
                Tag::Channel
                    if name == "CHANNEL" || attrs.filled("href").is_some() || attrs.filled("lastmod").is_some() =>
                {
                    Format::Cdf
                }
                _ => Format::Rss,
            };
            self.format = Some(format);
            self.is_atom_10 =
                format == Format::Atom && attrs.get("version").is_none_or(|version| version.starts_with('1'));
        }
        if matches!(tag, Tag::Channel | Tag::Feed) {
            self.head.depth = depth;
            self.head.fields.base = base.cloned();
            self.own_attributes(attrs, depth, base);
        }
    }

    /// `rdf:about` of RSS 1.0, `HREF` and `LASTMOD` of CDF.
    fn own_attributes(&mut self, attrs: &Attrs<'_>, depth: usize, base: Option<&Arc<Url>>) {
        let about = attrs.first(&["rdf:about", "about"]);
        let href = attrs.filled("href");
        let changed = attrs.filled("lastmod").and_then(|text| parse_date(&text));
        let target = self.target();
        if let Some(about) = about {
            target.about(about.into_owned());
        }
        if let Some(href) = href {
            let href = resolve::address(&href, base.map(|base| &**base));
            target.page(depth + 1, href.clone());
            target.link(Link { href: Some(href), rel: "alternate".into(), ..Link::default() });
        }
        if let Some(changed) = changed {
            target.date(Tag::Updated, depth + 1, changed);
        }
    }

    fn start_source(&mut self, attrs: &Attrs<'_>, depth: usize, base: Option<&Arc<Url>>) {
        let mut source = Draft::new(depth, base);
        if let Some(url) = attrs.first(&["url", "href"]) {
            source.page(depth, resolve::address(&url, base.map(|base| &**base)));
        }
        self.source_text.clear();
        self.source = Some(source);
    }

    fn start_person(&mut self, role: Role, depth: usize) {
        self.person = Some(PersonDraft { role, depth, person: Person::default(), text: String::new() });
    }

    /// Whether text right here, outside any captured element, means something.
    pub(super) fn wants_text(&self) -> bool {
        self.person.is_some() || self.image_at.is_some() || self.source.is_some()
    }

    pub(super) fn text(&mut self, text: &str) {
        let (known, most) = match &mut self.person {
            Some(person) => (&mut person.text, limits::NAME_BYTES),
            None if self.image_at.is_some() => (&mut self.image_text, limits::VALUE_BYTES),
            None => (&mut self.source_text, limits::TITLE_BYTES),
        };
        let text = if known.is_empty() { text.trim_start() } else { text };
        known.push_str(limits::cut(text, most.saturating_sub(known.len())));
    }

    /// Takes the end of the element at `depth`.
    pub(super) fn end(&mut self, tag: Tag, depth: usize) {
        if self.image_at == Some(depth) {
            self.image_at = None;
            // `<image>https://…</image>`
            let address = std::mem::take(&mut self.image_text);
            if let Some(address) = web_url(address.trim(), None) {
                self.target().image(address.into());
            }
        }
        if self.text_input_at == Some(depth) {
            self.text_input_at = None;
        }
        if self.media.as_ref().is_some_and(|(at, _)| *at == depth) {
            self.media = None;
        }
        if self.person.as_ref().is_some_and(|person| person.depth == depth) {
            self.end_person();
        }
        match tag {
            Tag::Source if self.source.as_ref().is_some_and(|source| source.depth == depth) => self.end_source(),
            Tag::Entry if self.post.as_ref().is_some_and(|post| post.depth == depth) => self.end_post(),
            _ => {}
        }
    }

    fn end_person(&mut self) {
        let Some(open) = self.person.take() else { return };
        let read = if open.person == Person::default() { person(&open.text) } else { Some(open.person) };
        if let Some(read) = read {
            self.target().person(open.role, read);
        }
    }

    fn end_source(&mut self) {
        let Some(mut source) = self.source.take() else { return };
        let text = self.source_text.trim();
        if source.fields.title.is_none() && !text.is_empty() {
            source.fields.title = Some(crate::model::Markup::Text(text.to_owned()));
        }
        self.done_source = Some(source);
    }

    fn end_post(&mut self) {
        let Some(post) = self.post.take() else { return };
        let source = self.done_source.take().map(|source| Box::new(source.finish()));
        let cut_short = std::mem::take(&mut self.cut_short);
        let mut post = Post { fields: post.finish(), source, credits: None, cut_short };
        // Now, while its texts are at hand.
        match self.head.fields.link.as_deref() {
            Some(site) => resolve_post(&mut post, Some(site), self.document.as_deref()),
            None => self.unresolved = self.posts.len() + 1,
        }
        self.weight.add(&post);
        self.posts.push(post);
    }
}
