use jiff::SignedDuration;
use url::Url;

use super::digest::Digest;
use super::filter_limits::FilterLimits;
use super::output_rule::OutputRules;
use super::phrases::Phrases;
use super::program::Program;
use super::rewrite::RewriteConfig;
use super::template::PageTemplate;
use crate::model::{Republish, SourceId};

/// The folder of small copies of pictures, under the output folder: one for all pages, each picture once.
pub(crate) const PICTURE_FOLDER: &str = "pictures/";

/// One file to write.
#[derive(Debug, Clone)]
pub struct OutputConfig {
    /// File name under the output folder; never leaves it.
    pub file: String,
    /// Permissions of its file; `None`: everybody may read it.
    pub mode: Option<u32>,
    /// What is written.
    pub format: Format,
    /// The template of a page; `None`: the built-in one.
    pub template: Option<PageTemplate>,
    /// Only sources with one of these tags; empty: all.
    pub tags: Vec<String>,
    /// Only these sources; empty: all.
    pub sources: Vec<SourceId>,
    /// Which stories of these.
    pub rules: OutputRules,
    /// Its language (BCP 47, lower case): the channel's unless it has its own.
    pub language: String,
    /// Our own phrases beside the words of others.
    pub phrases: Phrases,
    /// Title in place of the channel's.
    pub title: Option<String>,
    /// At most this many items, 1 to 1,000. Default 500.
    pub items: usize,
    /// What was first published or gained an outlet within this span of the newest that did is shown. Default 48 h.
    pub span: SignedDuration,
    /// The largest document in bytes. Default 1 MiB; a page has a limit of its own.
    pub max_bytes: usize,
    /// Only stories whose date is at most this old; `None`: any.
    pub max_age: Option<SignedDuration>,
    /// What comes first.
    pub order: Order,
    /// With [`Order::Top`]: after this long, a story counts half as much.
    pub half_life: SignedDuration,
    /// It holds one item for each day or week; `None`: one for each story.
    pub digest: Option<Digest>,
    /// The attribution line, with `{link}` and other placeholders.
    pub attribution: String,
    /// Where the attribution line goes.
    pub attribution_place: AttributionPlace,
    /// A line printed above the text of every item.
    pub disclosure: Option<String>,
    /// The most permissive that any of its text may be; a source may be stricter.
    pub republish: Republish,
    /// It earns money; `None`: as `Config::commercial` states.
    pub commercial: Option<bool>,
    /// For a page: how many days back from the newest story have a page of their own; 0: none.
    pub archive: usize,
    /// For a page: each story that stood on it has a page of its own.
    pub story_pages: bool,
    /// For a page: each tag of its sources has a page of its own.
    pub tag_pages: bool,
    /// For a page: each of its sources has a page of its own.
    pub source_pages: bool,
    /// For a page: whether its stories have pictures.
    pub images: Images,
    /// For a page: it asks search engines to leave it out; `None`: as `Config::noindex` states.
    pub noindex: Option<bool>,
    /// A program that each item goes through.
    pub filter: Option<Program>,
    /// How far that program may go.
    pub filter_limits: FilterLimits,
    /// A program that makes a text of its own from each story.
    pub rewrite: Option<RewriteConfig>,
    /// Refuse to publish if more than this share of the items is gone, 0 to 1. Default 0.5.
    pub max_shrink: f64,
    /// The WebSub hub that is notified when the file changed; `None`: none is.
    pub hub: Option<Url>,
}

impl OutputConfig {
    /// The folder of the pages of single days, with a trailing slash; `None`: this output has none.
    #[must_use]
    pub(crate) fn archive_folder(&self) -> Option<String> {
        if self.archive == 0 { None } else { self.folder_beside("archive") }
    }

    /// The folder of the pages of single stories, with a trailing slash; `None`: this output is no page.
    #[must_use]
    pub(crate) fn story_folder(&self) -> Option<String> {
        self.folder_beside("s")
    }

    /// The folder of the pages of tags, with a trailing slash; `None`: this output is no page.
    #[must_use]
    pub(crate) fn tag_folder(&self) -> Option<String> {
        self.folder_beside("t")
    }

    /// The folder of the pages of sources, with a trailing slash; `None`: this output is no page.
    #[must_use]
    pub(crate) fn source_folder(&self) -> Option<String> {
        self.folder_beside("o")
    }

    /// The folder of what belongs to a page, with a trailing slash: beside `index.html` it has its plain name.
    fn folder_beside(&self, name: &str) -> Option<String> {
        if self.format != Format::Html {
            return None;
        }
        let (folder, file) = self.file.rsplit_once('/').map_or(("", &*self.file), |(folder, file)| (folder, file));
        let slash = if folder.is_empty() { "" } else { "/" };
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        Some(match stem {
            "index" => format!("{folder}{slash}{name}/"),
            stem => format!("{folder}{slash}{stem}-{name}/"),
        })
    }
}

/// The form of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// RSS 2.0.
    Rss,
    /// Atom 1.0.
    Atom,
    /// JSON Feed 1.1.
    Json,
    /// A page for people.
    Html,
    /// The list of sources.
    Opml,
    /// A page for publishers: who runs this, what is taken from whom, how to be removed.
    About,
}

impl Format {
    /// Whether feed readers subscribe to it.
    #[must_use]
    pub(crate) fn is_feed(self) -> bool {
        matches!(self, Self::Rss | Self::Atom | Self::Json)
    }

    /// Whether it lists the sources, not stories.
    pub(crate) fn is_of_sources(self) -> bool {
        matches!(self, Self::Opml | Self::About)
    }
}

/// What comes first in an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// By when we first published the story, so that late arrivals are seen.
    #[default]
    FirstSeen,
    /// By the date the story carries.
    Published,
    /// By how many independent outlets cover it, what they weigh, and how fresh it is.
    Top,
}

/// Whether the stories of a page have pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Images {
    /// They have none: whoever reads the page asks nobody else's server.
    #[default]
    None,
    /// Those that feeds name, from the servers of their publishers.
    Link,
    /// Small copies of those, from beside the page.
    Copy,
}

/// Where the attribution line goes in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AttributionPlace {
    /// First.
    Start,
    /// Last, as in a republished post: a reader's preview shows the news.
    #[default]
    End,
}
