use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use url::Url;

use crate::model::{Enclosure, Rank, StoryId};

/// Our combined feed: what comes above its items.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Channel {
    /// What subscribers see.
    pub(crate) title: String,
    /// One sentence on what it is.
    pub(crate) description: String,
    /// Where the files are public, ending in `/`; `None`: not known, so no `rel=self` can be written.
    pub(crate) link: Option<Url>,
    /// `tag:HOST,YEAR:` of every id we write (RFC 4151), fixed at the first publish.
    pub(crate) tag_base: String,
    /// Language of the channel, `en` by default.
    pub(crate) language: String,
    /// When an item last changed; `None`: no items.
    pub(crate) updated: Option<Timestamp>,
    /// The hub that notifies those waiting for changes (WebSub).
    pub(crate) hub: Option<Url>,
    /// Its pages ask search engines to leave them out.
    pub(crate) noindex: bool,
    /// Whose clocks and days its pages go by.
    pub(crate) zone: TimeZone,
}

/// A story as published: text is clean, links are checked, at least one original is credited.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    /// The story it tells.
    pub(crate) story: StoryId,
    /// Plain text, never empty.
    pub(crate) title: String,
    /// First published entry's date, frozen (see `docs/cases.md`, Identity and time).
    pub(crate) published: Timestamp,
    /// When the item last changed for its readers.
    pub(crate) updated: Timestamp,
    /// Plain text for `description`: the excerpt, without attribution.
    pub(crate) excerpt: String,
    /// The whole body as sanitised HTML: disclosure, text, the other outlets, discussions, attribution line.
    pub(crate) body_html: String,
    /// Only the text, as sanitised HTML: the part of `body_html` that is the publisher's.
    pub(crate) text_html: String,
    /// Its text is the teaser of another outlet, with that outlet's credit: no text of the lead's.
    pub(crate) is_borrowed: bool,
    /// The attribution line, which is also part of the body.
    pub(crate) credit: CreditLine,
    /// The same body as plain text, for formats that want one.
    pub(crate) body_text: String,
    /// Categories, without commas and duplicates.
    pub(crate) categories: Vec<String>,
    /// The one media enclosure (audio or video) of the leading entry.
    pub(crate) enclosure: Option<Enclosure>,
    /// A picture that the leading entry's feed provides.
    pub(crate) thumbnail: Option<Url>,
    /// The same, if a small copy of it may be given away.
    pub(crate) picture: Option<Url>,
    /// Language as written.
    pub(crate) language: Option<String>,
    /// Where it is discussed, and by whom.
    pub(crate) discussions: Vec<Discussion>,
    /// How many outlets tell it, and why each entry counts or does not.
    pub(crate) coverage: Coverage,
    /// How it ranks among top stories.
    pub(crate) rank: Option<Rank>,
    /// Its place in line where a document has no room for all: the lower, the longer it stays.
    pub(crate) place: usize,
    /// The disclosure line, as text.
    pub(crate) disclosure: Option<String>,
    /// Title and text are a machine's; `None`: they are the publisher's.
    pub(crate) rewritten: Option<Rewritten>,
    attributions: Vec<Attribution>,
}

/// What is said of a text that a program wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rewritten {
    /// `rewritten by machine`
    pub(crate) note: String,
    /// `after`: precedes whom it was made from.
    pub(crate) after: String,
}

/// An item has no attribution: nothing leaves without credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an item needs at least one attribution")]
pub(crate) struct NoAttribution;

impl Item {
    /// An item with its credits, the leading one first; all else starts empty.
    ///
    /// # Errors
    /// [`NoAttribution`] if `attributions` is empty.
    pub(crate) fn new(
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
            is_borrowed: false,
            credit: CreditLine::default(),
            body_text: String::new(),
            categories: Vec::new(),
            enclosure: None,
            thumbnail: None,
            picture: None,
            language: None,
            discussions: Vec::new(),
            coverage: Coverage::default(),
            rank: None,
            place: 0,
            disclosure: None,
            rewritten: None,
            attributions,
        })
    }

    /// Adds a line to its disclosure, each once; an empty one says nothing.
    pub(crate) fn disclose(&mut self, line: &str) {
        if line.is_empty() {
            return;
        }
        self.disclosure = Some(match self.disclosure.take() {
            None => line.to_owned(),
            Some(known) if format!(" {known} ").contains(&format!(" {line} ")) => known,
            Some(known) => format!("{known} {line}"),
        });
    }

    /// Whom it credits, the leading entry's outlet first.
    #[must_use]
    pub(crate) fn attributions(&self) -> &[Attribution] {
        &self.attributions
    }

    /// The credit of the leading entry.
    #[must_use]
    pub(crate) fn lead(&self) -> &Attribution {
        &self.attributions[0]
    }
}

/// The line that credits the leading entry, from the template of the output or source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CreditLine {
    /// HTML without a paragraph around it.
    pub(crate) html: String,
    /// The same as plain text.
    pub(crate) text: String,
    /// The template is the default: it says no more than what a page shows anyway.
    pub(crate) is_usual: bool,
    /// It comes at the end of the body.
    pub(crate) is_last: bool,
}

/// One credit: an original article and the outlet that published it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Attribution {
    /// Title of the article, plain text.
    pub(crate) title: String,
    /// The article's own address: no redirector, no tracking parameters.
    pub(crate) url: Url,
    /// The outlet.
    pub(crate) source: SourceRef,
    /// Who wrote it: `Jane Doe, John Roe`; `None` if the source does not say.
    pub(crate) author: Option<String>,
    /// When the outlet published it.
    pub(crate) published: Timestamp,
    /// The source's own guid.
    pub(crate) guid: String,
    /// Rights statement of entry or source.
    pub(crate) rights: Option<String>,
    /// Licences of entry or source that have an address.
    pub(crate) licenses: Vec<Url>,
    /// RSL elements of entry or source, as XML without prefix.
    pub(crate) rsl: Vec<String>,
    /// Addresses of RSL documents that apply to it.
    pub(crate) rsl_documents: Vec<Url>,
    /// A further article of that outlet which adds something.
    pub(crate) again: Option<Again>,
}

/// A further article of an outlet that an item credits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Again {
    /// Its title, plain text.
    pub(crate) title: String,
    /// Its address.
    pub(crate) url: Url,
    /// When the outlet published it.
    pub(crate) published: Timestamp,
}

/// A page where a story is discussed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Discussion {
    /// The link list, or the outlet, whose page it is.
    pub(crate) name: String,
    /// Its address.
    pub(crate) url: Url,
}

/// Who told a story, counted honestly.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Coverage {
    /// Independent outlets.
    pub(crate) outlets: usize,
    /// Articles, each once however many addresses it has.
    pub(crate) articles: usize,
    /// Each entry that is shown, and what it counts for.
    pub(crate) entries: Vec<CountedEntry>,
}

/// What an entry of a story counts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CountedEntry {
    /// Its source.
    pub(crate) source: String,
    /// Its guid.
    pub(crate) guid: String,
    /// The outlet that is credited for it.
    pub(crate) outlet: String,
    /// Whether it adds an outlet.
    pub(crate) counts: bool,
    /// Why, as a clause.
    pub(crate) why: String,
}

/// An outlet, as credited.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SourceRef {
    /// The key in feeds.toml of the source that brought the entry: the outlet itself, or what led to it.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// The address of its feed, if known.
    pub(crate) feed_url: Option<Url>,
    /// Its home page.
    pub(crate) site: Option<Url>,
    /// The host of the article, if it is on none of the outlet's own domains: shown next to the name.
    pub(crate) host: Option<String>,
    /// The link list or planet that brought it; `None`: its own feed did.
    pub(crate) via: Option<String>,
}

impl SourceRef {
    /// Its name as readers see it: `Ars Technica`, `Some Blog (ars.example)` if the article is not on its own domain.
    #[must_use]
    pub(crate) fn shown(&self) -> Cow<'_, str> {
        match &self.host {
            Some(host) if *host != self.name => Cow::Owned(format!("{} ({host})", self.name)),
            _ => Cow::Borrowed(&self.name),
        }
    }
}
