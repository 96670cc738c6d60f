use std::borrow::Cow;

use jiff::Timestamp;
use url::Url;

use crate::model::{Enclosure, StoryId};

/// Our combined feed: what stands above its items.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// What subscribers see.
    pub title: String,
    /// One sentence on what it is.
    pub description: String,
    /// Where the files are public, ending in `/`; `None`: not known, no `rel=self` can be written.
    pub link: Option<Url>,
    /// `tag:HOST,YEAR:` of every id we write (RFC 4151), fixed at the first publish.
    pub tag_base: String,
    /// Language of the channel, `en` by default.
    pub language: String,
    /// When an item last changed; `None`: no items.
    pub updated: Option<Timestamp>,
    /// The hub that tells who waits for changes (WebSub).
    pub hub: Option<Url>,
}

/// A story as it goes out: text is clean, links are checked, at least one original is credited.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The story it tells.
    pub story: StoryId,
    /// Plain text, never empty.
    pub title: String,
    /// First published entry's date, frozen (see `docs/cases.md`, Identity and time).
    pub published: Timestamp,
    /// When the item last changed for its readers.
    pub updated: Timestamp,
    /// Plain text for `description`: the excerpt, without attribution.
    pub excerpt: String,
    /// The whole body as sanitised HTML: disclosure, attribution line, text, "Also covered by".
    pub body_html: String,
    /// The text alone, as sanitised HTML: what of `body_html` is the publisher's.
    pub text_html: String,
    /// The attribution line, which is part of the body too.
    pub credit: CreditLine,
    /// The same body as plain text, for formats that want one.
    pub body_text: String,
    /// Categories, without commas and duplicates.
    pub categories: Vec<String>,
    /// The one media enclosure (audio or video) of the leading entry.
    pub enclosure: Option<Enclosure>,
    /// A picture that the leading entry's feed gives.
    pub thumbnail: Option<Url>,
    /// Language as written.
    pub language: Option<String>,
    /// Where it is discussed (link lists).
    pub comments: Option<Url>,
    /// The disclosure line, as text.
    pub disclosure: Option<String>,
    attributions: Vec<Attribution>,
}

/// An item without attribution: nothing leaves without credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an item needs at least one attribution")]
pub struct NoAttribution;

impl Item {
    /// An item with its credits, the leading one first; all else starts empty.
    ///
    /// # Errors
    /// [`NoAttribution`] where `attributions` is empty.
    pub fn new(
        story: StoryId,
        title: String,
        published: Timestamp,
        attributions: Vec<Attribution>,
    ) -> Result<Self, NoAttribution> {
        if attributions.is_empty() {
            return Err(NoAttribution);
        }
        Ok(Self {
            story,
            title,
            published,
            updated: published,
            excerpt: String::new(),
            body_html: String::new(),
            text_html: String::new(),
            credit: CreditLine::default(),
            body_text: String::new(),
            categories: Vec::new(),
            enclosure: None,
            thumbnail: None,
            language: None,
            comments: None,
            disclosure: None,
            attributions,
        })
    }

    /// Whom it credits; the leading entry's outlet first.
    #[must_use]
    pub fn attributions(&self) -> &[Attribution] {
        &self.attributions
    }

    /// The credit of the leading entry.
    #[must_use]
    pub fn lead(&self) -> &Attribution {
        &self.attributions[0]
    }
}

/// The line that credits the leading entry, by the template of output or source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CreditLine {
    /// HTML without a paragraph around it.
    pub html: String,
    /// The template is nobody's own: it says no more than what a page shows anyway.
    pub is_usual: bool,
    /// It stands at the end of the body.
    pub is_last: bool,
}

/// One credit: an original article and the outlet that published it.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// Title of the article, plain text.
    pub title: String,
    /// The article's own address: no redirector, no tracking parameters.
    pub url: Url,
    /// The outlet.
    pub source: SourceRef,
    /// Who wrote it: `Jane Doe, John Roe`; `None` where the source does not say.
    pub author: Option<String>,
    /// When the outlet published it.
    pub published: Timestamp,
    /// The source's own guid.
    pub guid: String,
    /// Rights statement of entry or source.
    pub rights: Option<String>,
    /// Licences of entry or source that have an address.
    pub licenses: Vec<Url>,
    /// RSL elements of entry or source, as XML without prefix.
    pub rsl: Vec<String>,
    /// Addresses of RSL documents that hold for it.
    pub rsl_documents: Vec<Url>,
    /// Where this outlet discusses it.
    pub comments: Option<Url>,
}

/// An outlet, as credited.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceRef {
    /// Its key in feeds.toml.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The address of its feed.
    pub feed_url: Url,
    /// Its home page.
    pub site: Option<Url>,
    /// The host of the article, where it is on none of the outlet's own domains: shown beside the name.
    pub host: Option<String>,
}

impl SourceRef {
    /// Its name as readers see it: `Ars Technica`, `Some Blog (ars.example)` where the article is not its own.
    #[must_use]
    pub fn shown(&self) -> Cow<'_, str> {
        match &self.host {
            Some(host) if *host != self.name => Cow::Owned(format!("{} ({host})", self.name)),
            _ => Cow::Borrowed(&self.name),
        }
    }
}
