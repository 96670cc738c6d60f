//! Elements → what they say of the feed and its entries.

use std::sync::Arc;

use url::Url;

use super::capture::{About, Capture, Kind};
use super::dates;
use super::document::{ChannelFields, Document, Format, Link, Media, Post};
use super::draft::{Draft, Role};
use super::mend::Mends;
use super::names::Tag;
use super::person::person;
use crate::model::Person;
use crate::text::attrs::Attrs;
use crate::text::resolve;

/// A document while it is being read.
#[derive(Debug)]
pub(super) struct Filler {
    /// Known as soon as the root is.
    pub(super) format: Option<Format>,
    /// The root is Atom 1.0, where a `div` around XHTML is no part of it (RFC 4287 §3.1.1.3).
    pub(super) is_atom_10: bool,
    pub(super) channel: ChannelFields,
    pub(super) head: Draft,
    pub(super) post: Option<Draft>,
    pub(super) source: Option<Draft>,
    /// `source` of the entry that is open, finished.
    done_source: Option<Draft>,
    posts: Vec<Post>,
    cut_short: bool,
    pub(super) image_at: Option<usize>,
    text_input_at: Option<usize>,
    pub(super) person: Option<PersonDraft>,
    source_text: String,
    /// A link whose address is its text; whether it has attributes.
    pub(super) pending_link: Option<(Link, bool)>,
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
    pub(super) fn new(language: Option<&str>) -> Self {
        let mut head = Draft::new(0, None);
        head.fields.language = language.map(str::to_owned);
        Self {
            format: None,
            is_atom_10: false,
            channel: ChannelFields::default(),
            head,
            post: None,
            source: None,
            done_source: None,
            posts: Vec::new(),
            cut_short: false,
            image_at: None,
            text_input_at: None,
            person: None,
            source_text: String::new(),
            pending_link: None,
        }
    }

    pub(super) fn posts(&self) -> usize {
        self.posts.len()
    }

    pub(super) fn cut_short(&mut self) {
        self.cut_short = true;
    }

    /// The document, once all is read.
    pub(super) fn finish(
        self,
        format: Format,
        encoding: &'static str,
        base: Option<Arc<Url>>,
        mends: &Mends,
    ) -> Document {
        Document {
            format,
            encoding,
            base,
            head: self.head.finish(),
            channel: self.channel,
            posts: self.posts,
            mended: mends.list(),
        }
    }

    /// What the next value belongs to.
    pub(super) fn target(&mut self) -> &mut Draft {
        match (&mut self.source, &mut self.post) {
            (Some(source), _) => source,
            (None, Some(post)) => post,
            (None, None) => &mut self.head,
        }
    }

    /// The language of the root element, as far as nothing better is known.
    pub(super) fn root_language(&mut self, language: Option<&str>) {
        if let Some(language) = language {
            self.head.fields.language = Some(language.to_owned());
        }
    }

    /// Takes a start tag; where the text of the element matters, a [`Capture`] for it.
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
                if let Some(url) = attrs.first(&["url", "href"]) {
                    self.target().image(resolve::address(&url, base.map(|base| &**base)));
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

    /// An element that no `image` has ends one whose end tag is missing.
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
        let changed = attrs.filled("lastmod").and_then(|text| dates::parse(&text));
        let target = self.target();
        if let Some(about) = about {
            target.about(about.into_owned());
        }
        if let Some(href) = href {
            let href = resolve::address(&href, base.map(|base| &**base));
            target.page(depth + 1, href.clone());
            target.link(Link { href: Some(href), rel: "alternate".to_owned(), ..Link::default() });
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

    /// Elements whose attributes or text are the value.
    fn start_value<'a>(
        &mut self,
        tag: Tag,
        name: &'a str,
        attrs: &Attrs<'a>,
        depth: usize,
        base: Option<&Url>,
    ) -> Option<Capture<'a>> {
        match tag {
            Tag::Name | Tag::Email if self.person.is_none() => return None,
            Tag::Uri if self.person.is_none() => return None,
            Tag::Link => return self.start_link(name, attrs, depth, base),
            Tag::Enclosure | Tag::MediaContent => self.start_media(tag, attrs, base),
            Tag::ItunesImage => {
                if let Some(url) = attrs.first(&["href", "url"]) {
                    self.target().image(resolve::address(&url, base));
                }
            }
            Tag::MediaThumbnail => match attrs.filled("url") {
                Some(url) => self.target().image(resolve::address(&url, base)),
                None => return Some(Capture::new(tag, name, Kind::Plain)),
            },
            Tag::ItunesCategory => self.itunes_category(attrs),
            Tag::Category | Tag::MediaCategory => return Some(category(tag, name, attrs)),
            Tag::GeneratorAgent => {
                let agent = attrs.first(&["rdf:resource", "resource"]);
                let known = &mut self.target().fields.generator;
                *known = known.take().or(agent.map(std::borrow::Cow::into_owned));
            }
            Tag::CcLicense => match attrs.first(&["rdf:resource", "resource"]) {
                Some(url) => self.target().license(resolve::address(&url, base)),
                None => return Some(Capture::new(tag, name, Kind::Plain)),
            },
            Tag::Restriction => {
                self.channel.denies_republishing |=
                    attrs.get("relationship").is_some_and(|r| r.eq_ignore_ascii_case("deny"))
            }
            Tag::Meta => {
                let robots = attrs.get("name").is_some_and(|name| name.eq_ignore_ascii_case("robots"));
                let none = attrs.get("content").is_some_and(|content| content.to_ascii_lowercase().contains("noindex"));
                self.channel.denies_republishing |= robots && none;
            }
            Tag::Guid => {
                let mut capture = Capture::new(tag, name, Kind::Plain);
                capture.about.is_permalink =
                    attrs.get("ispermalink").is_none_or(|value| value.eq_ignore_ascii_case("true"));
                return Some(capture);
            }
            Tag::MediaGroup | Tag::SkipHours | Tag::SkipDays | Tag::Source | Tag::Unknown | Tag::Foreign => {}
            _ => return Some(text_or_value(tag, name, attrs)),
        }
        None
    }

    fn start_link<'a>(
        &mut self,
        name: &'a str,
        attrs: &Attrs<'a>,
        depth: usize,
        base: Option<&Url>,
    ) -> Option<Capture<'a>> {
        let rel = attrs.filled("rel").map_or_else(|| "alternate".to_owned(), |rel| rel.to_ascii_lowercase());
        let rel = rel.strip_prefix("http://www.iana.org/assignments/relation/").unwrap_or(&rel);
        let given_type = attrs.filled("type").map(|given| given.to_ascii_lowercase());
        let href = attrs.first(&["href", "url", "uri"]).map(|href| resolve::address(&href, base));
        let default_type = if rel == "self" { "application/atom+xml" } else { "text/html" };
        let media_type = given_type.clone().unwrap_or_else(|| default_type.to_owned());
        let link = Link {
            href,
            rel: rel.to_owned(),
            media_type: Some(media_type),
            title: attrs.filled("title").map(std::borrow::Cow::into_owned),
            hreflang: attrs.filled("hreflang").map(std::borrow::Cow::into_owned),
            length: attrs.filled("length").map(std::borrow::Cow::into_owned),
        };
        if link.href.is_none() {
            self.pending_link = Some((link, given_type.is_some() || !attrs.is_empty()));
            return Some(Capture::new(Tag::Link, name, Kind::Plain));
        }
        self.take_link(link, given_type, depth);
        None
    }

    /// Takes a link whose address is known.
    pub(super) fn take_link(&mut self, link: Link, given_type: Option<String>, depth: usize) {
        let target = self.target();
        if let Some(href) = link.href.clone() {
            let is_page =
                matches!(link.media_type.as_deref(), Some("text/html" | "application/xhtml+xml" | "html" | "xhtml"));
            match link.rel.as_str() {
                "alternate" if is_page => target.page(depth, href),
                "enclosure" => {
                    target.enclosure(Media { url: href, media_type: given_type, length: link.length.clone() })
                }
                "license" => target.license(href),
                _ => {}
            }
        }
        target.link(link);
    }

    fn start_media(&mut self, tag: Tag, attrs: &Attrs<'_>, base: Option<&Url>) {
        let Some(url) = attrs.first(&["url", "href"]) else { return };
        let url = resolve::address(&url, base);
        let media_type = attrs.filled("type").map(|given| given.to_ascii_lowercase());
        let length = attrs.first(&["length", "filesize"]).map(std::borrow::Cow::into_owned);
        let media = Media { url: url.clone(), media_type, length };
        if tag == Tag::Enclosure {
            let target = self.target();
            target.link(Link {
                href: Some(url),
                rel: "enclosure".to_owned(),
                media_type: media.media_type.clone(),
                length: media.length.clone(),
                ..Link::default()
            });
            target.enclosure(media);
            return;
        }
        let is = |what: &str| {
            media.media_type.as_deref().is_some_and(|given| given.starts_with(what))
                || attrs.get("medium").is_some_and(|medium| medium.eq_ignore_ascii_case(what))
        };
        if is("image") {
            self.target().image(url);
        } else if is("audio") || is("video") {
            self.target().media(media);
        }
    }

    fn itunes_category(&mut self, attrs: &Attrs<'_>) {
        self.target().category(super::document::Category {
            term: attrs.filled("text").map(std::borrow::Cow::into_owned),
            scheme: Some("http://www.itunes.com/".to_owned()),
            label: None,
        });
    }

    /// Whether text right here, outside any captured element, means something.
    pub(super) fn wants_text(&self) -> bool {
        self.person.is_some() || self.source.is_some()
    }

    pub(super) fn text(&mut self, text: &str) {
        match &mut self.person {
            Some(person) => person.text.push_str(text),
            None => self.source_text.push_str(text),
        }
    }

    /// Takes the end of the element that stood at `depth`.
    pub(super) fn end(&mut self, tag: Tag, depth: usize) {
        if self.image_at == Some(depth) {
            self.image_at = None;
        }
        if self.text_input_at == Some(depth) {
            self.text_input_at = None;
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
        self.posts.push(Post { fields: post.finish(), source, cut_short: std::mem::take(&mut self.cut_short) });
    }
}

fn category<'a>(tag: Tag, name: &'a str, attrs: &Attrs<'a>) -> Capture<'a> {
    let owned = |names: &[&str]| attrs.first(names).map(std::borrow::Cow::into_owned);
    let scheme = owned(&["scheme", "domain"]);
    let media_scheme =
        || (tag == Tag::MediaCategory).then(|| "http://search.yahoo.com/mrss/category_schema".to_owned());
    let mut capture = Capture::new(tag, name, Kind::Plain);
    capture.about = About {
        is_permalink: true,
        scheme: scheme.or_else(media_scheme),
        label: owned(&["label"]),
        value: owned(&["term", "value"]),
    };
    capture
}

/// A text with a type, or a plain value.
fn text_or_value<'a>(tag: Tag, name: &'a str, attrs: &Attrs<'a>) -> Capture<'a> {
    let default = match tag {
        Tag::Title
        | Tag::DcTitle
        | Tag::MediaTitle
        | Tag::Subtitle
        | Tag::ItunesSubtitle
        | Tag::Abstract
        | Tag::Summary
        | Tag::ItunesSummary
        | Tag::Content
        | Tag::Rights => "text/plain",
        Tag::Description | Tag::DcDescription | Tag::MediaDescription | Tag::Encoded => "text/html",
        Tag::Body => "application/xhtml+xml",
        _ => return Capture::new(tag, name, Kind::Plain),
    };
    let given = attrs.filled("type").map(|given| given.to_ascii_lowercase());
    let media_type = match given.as_deref() {
        None => default,
        Some("text" | "plain") => "text/plain",
        Some("html") => "text/html",
        Some("xhtml") => "application/xhtml+xml",
        Some(other) => other,
    };
    let mode = attrs.get("mode").map(|mode| mode.to_ascii_lowercase());
    let is_xml = media_type.ends_with("+xml") || media_type.ends_with("/xml");
    let kind = match mode.as_deref() {
        Some("base64") => Kind::Base64,
        Some("escaped") if media_type != "text/plain" => Kind::Html,
        _ if media_type == "text/html" => Kind::Html,
        _ if media_type.starts_with("text/") => {
            if is_xml {
                Kind::Xhtml
            } else {
                Kind::Text
            }
        }
        _ if is_xml => Kind::Xhtml,
        _ => Kind::Base64,
    };
    let mut capture = Capture::new(tag, name, kind);
    capture.media_type = Some(media_type.to_owned());
    capture.about.value = attrs.filled("src").map(std::borrow::Cow::into_owned);
    capture.language = attrs.first(&["xml:lang", "lang"]).map(std::borrow::Cow::into_owned);
    capture
}
