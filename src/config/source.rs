use std::path::PathBuf;

use jiff::SignedDuration;
use url::Url;

use super::filter::{Filter, Refusal};
use crate::model::{Entry, Republish, SourceId, SourceKind};
use crate::text::{Selector, secret_part};

/// One `[[source]]`, checked, with `[defaults]` filled in.
#[derive(Debug, Clone)]
pub struct SourceConfig {
    /// Short stable key; derived from the address if feeds.toml has none.
    pub id: SourceId,
    /// Line in feeds.toml where it starts, from 1: for messages.
    pub line: usize,
    /// The list it comes from; `None`: it is in feeds.toml itself.
    pub list: Option<SourceId>,
    /// Where its feed is.
    pub address: SourceAddress,
    /// The environment variable that holds the address (`url = "env:NAME"`); `None`: it is in feeds.toml.
    pub address_variable: Option<String>,
    /// The outlet's name; `None`: the feed's own title.
    pub name: Option<String>,
    /// The outlet's home page; `None`: the feed's own link.
    pub site: Option<Url>,
    /// The publishing house that it belongs to: all its editions are one outlet.
    pub owner: Option<String>,
    /// What it carries from several outlets counts as these outlets.
    pub trusted: bool,
    /// Labels for outputs.
    pub tags: Vec<String>,
    /// Interval between polls, instead of the one derived from its rhythm.
    pub every: Option<SignedDuration>,
    /// A lower floor between request starts than `[fetch] floor`.
    pub floor: Option<SignedDuration>,
    /// Who leads a story; 0 to 100, default 1.
    pub weight: u32,
    /// Writes its own articles, or lists links; `None`: recognised by what its feed links to.
    pub kind: Option<SourceKind>,
    /// At most this many of its stories in one output.
    pub max_items: Option<usize>,
    /// What is older when first seen is recorded but not announced. Default 7 days; `None`: no limit.
    pub max_age: Option<SignedDuration>,
    /// Only entries that one of these matches; empty: all.
    pub include: Vec<Filter>,
    /// No entry that one of these matches; wins over `include`.
    pub exclude: Vec<Filter>,
    /// How much text may be published; `None`: not stated.
    pub republish: Option<Republish>,
    /// Longest excerpt in characters, 0 to 5,000. Default 280.
    pub excerpt_length: usize,
    /// When the page behind an entry is fetched.
    pub article: ArticleWanted,
    /// CSS: which part of a page is the article; `None`: found automatically.
    pub select: Option<Selector>,
    /// CSS: which parts of a page are not.
    pub remove: Vec<Selector>,
    /// Its address is a page, and this is where its entries are; `None`: a feed.
    pub listing: Option<Listing>,
    /// What distinguishes its entries.
    pub identity: Identity,
    /// What happens to entries dated in the future.
    pub future_dates: FutureDates,
    /// Added to every date in it.
    pub date_offset: SignedDuration,
    /// Character encoding, instead of what the feed declares (a WHATWG label).
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Base for its relative addresses, instead of the feed's own address.
    pub base_url: Option<Url>,
    /// Keep entries as first seen.
    pub ignore_updates: bool,
    /// Keep its entries as items of their own.
    pub allow_duplicates: bool,
    /// Attribution line, instead of the output's.
    pub attribution: Option<String>,
    /// A line above the text of items it leads.
    pub disclosure: Option<String>,
    /// Rights statement, instead of the feed's.
    pub rights: Option<String>,
    /// Extra request headers, sent to the exact origin of `address` only. Values may be secret.
    pub headers: Vec<(String, Secret)>,
    /// Not fetched; what it published stays.
    pub disabled: bool,
}

impl SourceConfig {
    /// What in its address looks like a secret: the name of a parameter; `None`: nothing does, or the environment
    /// holds the address.
    #[must_use]
    pub fn secret_in_address(&self) -> Option<String> {
        match (&self.address, &self.address_variable) {
            (SourceAddress::Http(url), None) => secret_part(url),
            _ => None,
        }
    }

    /// The address as it may be shown to the operator: `env:NAME` if the environment holds it.
    #[must_use]
    pub fn shown_address(&self) -> String {
        match &self.address_variable {
            Some(variable) => format!("env:{variable}"),
            None => self.address.to_url().into(),
        }
    }

    /// The address as it may be published: `private:ID` if it holds a secret, which no output shows.
    #[must_use]
    pub fn public_address(&self) -> Url {
        if self.address_variable.is_none() && self.secret_in_address().is_none() {
            return self.address.to_url();
        }
        Url::parse(&format!("private:{}", self.id)).expect("an id has the characters of a path")
    }

    /// The rule that keeps `entry` out; `None`: it passes.
    #[must_use]
    pub fn refuses(&self, entry: &Entry) -> Option<Refusal> {
        if let Some(filter) = self.exclude.iter().find(|filter| filter.finds(entry)) {
            return Some(Refusal::Excluded { rule: filter.to_string(), line: filter.line });
        }
        let first = self.include.first()?;
        let is_included = self.include.iter().any(|filter| filter.finds(entry));
        (!is_included).then_some(Refusal::NotIncluded { line: first.line })
    }
}

/// Where the entries of a page that is read as a list are, as CSS selectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// One element for each entry; the others are looked for in it.
    pub items: Selector,
    /// Its title; `None`: the first heading, else the text of the link.
    pub title: Option<Selector>,
    /// Its link; `None`: the first one.
    pub link: Option<Selector>,
    /// Its date; `None`: the first `time`.
    pub date: Option<Selector>,
    /// Its summary; `None`: it has none.
    pub summary: Option<Selector>,
}

/// A text that must not be printed: it has to be asked for by name.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    text: String,
    is_literal: bool,
}

impl Secret {
    /// One that is in feeds.toml itself.
    pub(super) fn literal(text: String) -> Self {
        Self { text, is_literal: true }
    }

    /// One that an environment variable holds.
    pub(super) fn of_environment(text: String) -> Self {
        Self { text, is_literal: false }
    }

    /// The text itself.
    #[must_use]
    pub(crate) fn expose(&self) -> &str {
        &self.text
    }

    pub(super) fn is_literal(&self) -> bool {
        self.is_literal
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a feed is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceAddress {
    /// On the web.
    Http(Url),
    /// A local file, absolute.
    File(PathBuf),
}

impl SourceAddress {
    /// The address as a URL (`file:` for a file).
    #[must_use]
    pub(crate) fn to_url(&self) -> Url {
        match self {
            Self::Http(url) => url.clone(),
            Self::File(path) => Url::from_file_path(path).expect("the path was made absolute"),
        }
    }
}

/// When the page behind an entry is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ArticleWanted {
    /// The feed's own text is all that is used.
    #[default]
    Never,
    /// If the feed has no more than a teaser.
    WhenShort,
    /// For every new entry.
    Always,
}

/// What distinguishes the entries of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Identity {
    /// The feed's guids, if they are usable.
    #[default]
    Guid,
    /// The entry's address.
    Link,
    /// The entry's title.
    Title,
}

/// What happens to entries dated in the future.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FutureDates {
    /// The time of first sight is used instead.
    #[default]
    Clamp,
    /// The date stays as given (the output is still never dated in the future).
    Keep,
    /// The entry is left out.
    Drop,
}
