//! Start tags whose attributes or text are the value.

use std::borrow::Cow;

use url::Url;

use super::capture::{About, Capture, Kind};
use super::document::{Category, Link, Media};
use super::draft::MediaPicture;
use super::fill::Filler;
use super::limits;
use super::names::Tag;
use crate::model::SignalKind;
use crate::text::attrs::Attrs;
use crate::text::resolve;

impl Filler {
    /// Elements whose attributes or text are the value.
    pub(super) fn start_value<'a>(
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
            Tag::Enclosure | Tag::MediaContent => self.start_media(tag, attrs, depth, base),
            Tag::ItunesImage => {
                let Some(url) = attrs.first(&["href", "url"]) else {
                    return Some(Capture::new(tag, name, Kind::Plain));
                };
                let base = self.base_of_media(base);
                self.target().image(resolve::address(&url, base));
            }
            Tag::MediaThumbnail => match attrs.filled("url") {
                Some(url) => {
                    let base = self.base_of_media(base);
                    let picture =
                        MediaPicture { url: resolve::address(&url, base), is_default: false, size: size_of(attrs) };
                    self.target().thumbnail(picture);
                }
                None => return Some(Capture::new(tag, name, Kind::Plain)),
            },
            Tag::ItunesCategory => self.itunes_category(attrs),
            Tag::Category | Tag::MediaCategory => return Some(category(tag, name, attrs)),
            Tag::GeneratorAgent => {
                let agent = attrs.first(&["rdf:resource", "resource"]);
                let known = &mut self.target().fields.generator;
                *known = known.take().or(agent.map(Cow::into_owned));
            }
            Tag::CcLicense => match attrs.first(&["rdf:resource", "resource", "href"]) {
                Some(url) => self.target().license(resolve::address(&url, base)),
                None => return Some(Capture::new(tag, name, Kind::Plain)),
            },
            Tag::Restriction | Tag::Meta => self.say_denial(tag, attrs),
            // With an id it is for that directory only.
            Tag::Block => return attrs.filled("id").is_none().then(|| Capture::new(tag, name, Kind::Plain)),
            Tag::MediaCopyright | Tag::MediaLicense | Tag::MediaRestriction => {
                let mut capture = Capture::new(tag, name, Kind::Plain);
                capture.about.value = attrs.first(&["relationship", "href", "url"]).map(Cow::into_owned);
                return Some(capture);
            }
            Tag::RslContent => return Some(rsl_content(name, attrs)),
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

    /// `access:restriction` that denies, and a robots meta element that keeps the feed out of an index.
    fn say_denial(&mut self, tag: Tag, attrs: &Attrs<'_>) {
        let has = |key: &str, value: &str| attrs.get(key).is_some_and(|given| given.eq_ignore_ascii_case(value));
        if tag == Tag::Restriction {
            if has("relationship", "deny") {
                self.say(SignalKind::AccessRestriction, "deny");
            }
            return;
        }
        let content = attrs.get("content").unwrap_or_default();
        let mut directives = content.split(',').map(str::trim);
        let denies = |one: &str| one.eq_ignore_ascii_case("noindex") || one.eq_ignore_ascii_case("none");
        if has("name", "robots") && directives.any(denies) {
            self.say(SignalKind::FeedRobots, content);
        }
    }

    fn start_link<'a>(
        &mut self,
        name: &'a str,
        attrs: &Attrs<'a>,
        depth: usize,
        base: Option<&Url>,
    ) -> Option<Capture<'a>> {
        let rel = attrs.filled("rel").map_or(Cow::Borrowed("alternate"), |rel| relation(&rel));
        let given_type = attrs.filled("type").map(|given| known_type(&given));
        let href = attrs.first(&["href", "url", "uri"]).map(|href| resolve::address(&href, base));
        let default_type = if rel == "self" { "application/atom+xml" } else { "text/html" };
        let media_type = given_type.clone().unwrap_or(Cow::Borrowed(default_type));
        let link = Link {
            href,
            rel,
            media_type: Some(media_type),
            title: attrs.filled("title").map(Cow::into_owned),
            hreflang: attrs.filled("hreflang").map(Cow::into_owned),
            length: attrs.filled("length").map(Cow::into_owned),
        };
        if link.href.is_none() {
            self.pending_link = Some((link, given_type.is_some() || !attrs.is_empty()));
            return Some(Capture::new(Tag::Link, name, Kind::Plain));
        }
        self.take_link(link, given_type, depth);
        None
    }

    /// Takes a link whose address is known.
    pub(super) fn take_link(&mut self, link: Link, given_type: Option<Cow<'static, str>>, depth: usize) {
        let target = self.target();
        if let Some(href) = link.href.clone() {
            let is_page =
                matches!(link.media_type.as_deref(), Some("text/html" | "application/xhtml+xml" | "html" | "xhtml"));
            match &*link.rel {
                "alternate" if is_page => target.page(depth, href),
                "enclosure" => {
                    let media_type = given_type.map(Cow::into_owned);
                    target.enclosure(Media { url: href, media_type, length: link.length.clone() });
                }
                "license" => target.license(href),
                _ => {}
            }
        }
        target.link(link);
    }

    fn start_media(&mut self, tag: Tag, attrs: &Attrs<'_>, depth: usize, base: Option<&Url>) {
        let Some(url) = attrs.first(&["url", "href"]) else { return };
        let url = resolve::address(&url, self.base_of_media(base));
        if tag == Tag::MediaContent {
            self.media = Some((depth, url.clone()));
        }
        let media_type = attrs.filled("type").map(|given| given.to_ascii_lowercase());
        let length = attrs.first(&["length", "filesize"]).map(Cow::into_owned);
        let media = Media { url: url.clone(), media_type, length };
        if tag == Tag::Enclosure {
            let target = self.target();
            target.link(Link {
                href: Some(url),
                rel: Cow::Borrowed("enclosure"),
                media_type: media.media_type.clone().map(Cow::Owned),
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
        let is_untyped = || media.media_type.is_none() && attrs.filled("medium").is_none();
        if is("image") || (is_untyped() && is_picture_file(&url)) {
            let size = size_of(attrs);
            let is_default = attrs.get("isdefault").is_some_and(|value| value.eq_ignore_ascii_case("true"));
            self.target().picture(MediaPicture { url, is_default, size });
        } else if is("audio") || is("video") {
            self.target().media(media);
        }
    }

    fn itunes_category(&mut self, attrs: &Attrs<'_>) {
        self.target().category(Category {
            term: attrs.filled("text").map(Cow::into_owned),
            scheme: Some("http://www.itunes.com/".to_owned()),
            label: None,
        });
    }
}

/// The declared size of a picture, in pixels; of one side only: as if it were a square.
fn size_of(attrs: &Attrs<'_>) -> u64 {
    let pixels = |name: &str| attrs.get(name).and_then(|size| size.trim().parse::<u32>().ok()).unwrap_or(0);
    let (width, height) = (u64::from(pixels("width")), u64::from(pixels("height")));
    match (width, height) {
        (side, 0) | (0, side) => side * side,
        (width, height) => width * height,
    }
}

/// Whether an address ends like that of a picture.
fn is_picture_file(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| matches!(ending.as_str(), "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif"))
}

fn category<'a>(tag: Tag, name: &'a str, attrs: &Attrs<'a>) -> Capture<'a> {
    let owned = |names: &[&str]| attrs.first(names).map(Cow::into_owned);
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

/// RSL terms, with the attributes of their element as written.
fn rsl_content<'a>(name: &'a str, attrs: &Attrs<'a>) -> Capture<'a> {
    let mut capture = Capture::new(Tag::RslContent, name, Kind::Xhtml);
    let written = attrs.iter().map(|(name, raw)| format!(" {name}=\"{}\"", raw.replace('"', "&quot;")));
    capture.about.value = Some(written.collect());
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
        | Tag::MediaDescription
        | Tag::Rights => "text/plain",
        Tag::Description | Tag::DcDescription | Tag::Encoded => "text/html",
        Tag::Body => "application/xhtml+xml",
        _ => return Capture::new(tag, name, Kind::Plain),
    };
    let media_type = match attrs.filled("type").map(|given| known_type(&given)) {
        None => Cow::Borrowed(default),
        Some(Cow::Borrowed("text" | "plain")) => Cow::Borrowed("text/plain"),
        Some(Cow::Borrowed("html")) => Cow::Borrowed("text/html"),
        Some(Cow::Borrowed("xhtml")) => Cow::Borrowed("application/xhtml+xml"),
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
    capture.media_type = Some(media_type);
    capture.about.value = attrs.filled("src").map(Cow::into_owned);
    let language = attrs.first(&["xml:lang", "lang"]);
    capture.language = language.map(|language| limits::cut(&language, limits::LANGUAGE_BYTES).to_owned());
    capture
}

/// `given` in lower case, without a copy if it is a common one.
fn known_type(given: &str) -> Cow<'static, str> {
    const USUAL: [&str; 9] = [
        "html",
        "text",
        "xhtml",
        "plain",
        "text/html",
        "text/plain",
        "application/atom+xml",
        "application/rss+xml",
        "application/xhtml+xml",
    ];
    usual(&USUAL, given)
}

/// A link relation in lower case, without the prefix that Atom allows (RFC 4287 §4.2.7.2).
fn relation(given: &str) -> Cow<'static, str> {
    const USUAL: [&str; 8] = ["alternate", "self", "replies", "edit", "related", "enclosure", "hub", "license"];
    usual(&USUAL, given.strip_prefix("http://www.iana.org/assignments/relation/").unwrap_or(given))
}

fn usual(list: &[&'static str], given: &str) -> Cow<'static, str> {
    let known = list.iter().find(|known| known.eq_ignore_ascii_case(given));
    known.map_or_else(|| Cow::Owned(given.to_ascii_lowercase()), |known| Cow::Borrowed(*known))
}
