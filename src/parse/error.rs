//! What a document that is not a feed is instead, in one sentence.

use memchr::memmem;
use url::Url;

use super::mend::Mends;
use super::token::{Token, Tokens};
use crate::text::attrs::Attrs;
use crate::text::{one_line, web_url};

/// Why nothing was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// No bytes, or nothing but white space.
    #[error("the document is empty")]
    Empty,
    /// A web page.
    #[error("it is a web page{}{announced}", .title.as_deref().map(|title| format!(" ({title:?})")).unwrap_or_default())]
    Page {
        /// Its title.
        title: Option<String>,
        /// The feeds it announces.
        announced: Announced,
    },
    /// Bytes of a different kind.
    #[error("it is {0}, not a feed")]
    Binary(&'static str),
    /// JSON that is not a feed.
    #[error("it is JSON, but not a JSON Feed")]
    OtherJson,
    /// JSON that cannot be read.
    #[error("it is broken JSON")]
    BrokenJson,
    /// A sitemap that has no titles.
    #[error("it is a sitemap without news")]
    NoNews,
    /// An index of sitemaps.
    #[error("it is an index of sitemaps{}", of(.listed))]
    SitemapIndex {
        /// Those that it lists, at most 20.
        listed: Vec<Url>,
    },
    /// A page on which the selector of its entries finds nothing.
    #[error("nothing on the page matches items = {selector:?}")]
    NoItems {
        /// `items` of feeds.toml.
        selector: String,
    },
    /// A page for which no tree may be built.
    #[error("the page cannot be read as a list: {0}")]
    TooMuch(&'static str),
    /// XML of a different kind.
    #[error("it is XML of another kind: its root is <{0}>")]
    OtherXml(String),
    /// Text without any markup.
    #[error("it is plain text: {0:?}")]
    PlainText(String),
}

fn of(listed: &[Url]) -> String {
    let listed: Vec<&str> = listed.iter().map(Url::as_str).collect();
    if listed.is_empty() { String::new() } else { format!(", of {}", listed.join(", ")) }
}

impl ReadError {
    /// Whether it is a web page.
    #[must_use]
    pub(crate) fn is_page(&self) -> bool {
        matches!(self, Self::Page { .. } | Self::NoItems { .. } | Self::TooMuch(_))
    }

    /// Whether the same may stand in place of any document: a web page, a few words, nothing at all.
    #[must_use]
    pub(crate) fn fits_anybody(&self) -> bool {
        self.is_page() || matches!(self, Self::Empty | Self::PlainText(_))
    }

    /// Whether it is a web page that announces no feed.
    #[must_use]
    pub(crate) fn announces_nothing(&self) -> bool {
        matches!(self, Self::Page { announced, .. } if announced.0.is_empty())
    }
}

/// The feeds that a page announces, at most 20.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announced(pub Vec<AnnouncedFeed>);

/// A feed that a page announces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncedFeed {
    /// Where it is.
    pub url: Url,
    /// What the page calls it.
    pub title: Option<String>,
}

impl std::fmt::Display for Announced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, feed) in self.0.iter().enumerate() {
            f.write_str(if number == 0 { " that announces " } else { ", " })?;
            f.write_str(feed.url.as_str())?;
        }
        Ok(())
    }
}

/// Refuses what can be recognised by its first bytes.
pub(super) fn refuse_bytes(bytes: &[u8]) -> Result<(), ReadError> {
    const KINDS: [(&[u8], &str); 14] = [
        (b"\x89PNG", "a PNG image"),
        (b"\xFF\xD8\xFF", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"RIFF", "a WebP image or a sound"),
        (b"\0\0\x01\0", "an icon"),
        (b"%PDF", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x1F\x8B", "a gzip file"),
        (b"BZh", "a bzip2 file"),
        (b"\x28\xB5\x2F\xFD", "a Zstandard file"),
        (b"ID3", "a sound"),
        (b"OggS", "a sound"),
        (b"\x7FELF", "a program"),
        (b"wOF2", "a font"),
    ];
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ReadError::Empty);
    }
    match KINDS.iter().find(|(start, _)| bytes.starts_with(start)) {
        Some((_, kind)) => Err(ReadError::Binary(kind)),
        None => Ok(()),
    }
}

/// Says what `text` is, which is not a feed; `root` is its first element.
pub(super) fn refuse_text(text: &str, root: Option<&str>, base: Option<&Url>) -> ReadError {
    let trimmed = text.trim();
    let Some(root) = root else {
        return if trimmed.is_empty() { ReadError::Empty } else { ReadError::PlainText(start_of(trimmed)) };
    };
    let declared_xml = trimmed.starts_with("<?xml");
    let is_page = root.eq_ignore_ascii_case("html")
        || trimmed.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype html"))
        || (!declared_xml && is_html(root));
    if is_page { page(text, base) } else { ReadError::OtherXml(start_of(root)) }
}

fn start_of(text: &str) -> String {
    const LONGEST: usize = 60;
    text.chars().take(LONGEST).collect()
}

fn is_html(root: &str) -> bool {
    const NAMES: [&str; 22] = [
        "head", "body", "title", "meta", "link", "script", "style", "div", "p", "br", "h1", "h2", "h3", "b", "a",
        "img", "center", "table", "font", "pre", "noscript", "span",
    ];
    NAMES.iter().any(|name| root.eq_ignore_ascii_case(name))
}

/// Title and announced feeds of a page, from its first 512 KiB.
fn page(text: &str, base: Option<&Url>) -> ReadError {
    const NEAR_BYTES: usize = 512 * 1024;
    let mut end = text.len().min(NEAR_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let near = &text[..end];
    let mut base = base.cloned();
    let mut announced: Vec<AnnouncedFeed> = Vec::new();
    let mut tokens = Tokens::new(near);
    let mut mends = Mends::default();
    let mut attrs = Attrs::default();
    while let Some(token) = tokens.next(&mut mends) {
        let Token::Start { name, attrs: raw, .. } = token else { continue };
        let is_base = name.eq_ignore_ascii_case("base");
        if !is_base && !name.eq_ignore_ascii_case("link") {
            continue;
        }
        attrs.read(raw);
        let Some(url) = attrs.filled("href").and_then(|href| web_url(&href, base.as_ref())) else { continue };
        if is_base {
            base = Some(url);
        } else if announces(&attrs) && announced.len() < 20 && !announced.iter().any(|feed| feed.url == url) {
            announced.push(AnnouncedFeed { url, title: attrs.filled("title").and_then(|title| one_line(&title)) });
        }
    }
    ReadError::Page { title: title(near), announced: Announced(announced) }
}

fn announces(attrs: &Attrs<'_>) -> bool {
    const TYPES: [&str; 5] =
        ["application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "text/xml"];
    let rel = attrs
        .filled("rel")
        .is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("alternate")));
    rel && attrs.filled("type").is_some_and(|given| TYPES.iter().any(|known| given.eq_ignore_ascii_case(known)))
}

fn title(text: &str) -> Option<String> {
    let start = memmem::find(text.as_bytes(), b"<title").or_else(|| memmem::find(text.as_bytes(), b"<TITLE"))?;
    let start = start + text[start..].find('>')? + 1;
    let end = start + text[start..].find('<')?;
    let title = crate::text::plain_text(&text[start..end]);
    (!title.is_empty()).then(|| start_of(&title))
}
