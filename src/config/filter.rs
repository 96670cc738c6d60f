//! `include` and `exclude` of a source: what they find, and what they report about an entry.

use std::borrow::Cow;
use std::fmt;

use regex::Regex;

use crate::model::{Entry, Markup};
use crate::text::plain_text;

/// One test on an entry.
#[derive(Debug, Clone)]
pub struct Filter {
    /// What is looked at.
    pub field: FilterField,
    /// How.
    pub test: FilterTest,
    /// Its line in feeds.toml, from 1.
    pub line: usize,
}

/// The part of an entry that a [`Filter`] looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterField {
    /// The title.
    Title,
    /// The address.
    Url,
    /// An author's name.
    Author,
    /// A category.
    Tag,
    /// The plain text.
    Content,
}

/// How a [`Filter`] looks.
#[derive(Debug, Clone)]
pub enum FilterTest {
    /// Contains this text, ignoring case.
    Contains(String),
    /// Matches a regular expression (linear time).
    Matches(Regex),
    /// Is this text, ignoring case.
    Is(String),
}

impl FilterTest {
    /// Whether it holds for `text`.
    #[must_use]
    pub fn holds_for(&self, text: &str) -> bool {
        match self {
            Self::Contains(part) => text.to_lowercase().contains(&part.to_lowercase()),
            Self::Matches(regex) => regex.is_match(text),
            Self::Is(other) => text.trim().to_lowercase() == other.to_lowercase(),
        }
    }
}

impl fmt::Display for FilterTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contains(part) => write!(f, "contains {part:?}"),
            Self::Matches(regex) => write!(f, "matches '{regex}'"),
            Self::Is(other) => write!(f, "is {other:?}"),
        }
    }
}

/// The rule of a source that keeps an entry out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// A rule of `exclude` matches it.
    Excluded {
        /// The rule, as written.
        rule: String,
        /// Its line in feeds.toml.
        line: usize,
    },
    /// No rule of `include` matches it.
    NotIncluded {
        /// The line of the first such rule.
        line: usize,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Excluded { rule, line } => write!(f, "exclude matches it: {rule} (feeds.toml:{line})"),
            Self::NotIncluded { line } => write!(f, "no include rule matches it (feeds.toml:{line})"),
        }
    }
}

impl Filter {
    /// Whether it matches `entry`.
    #[must_use]
    pub fn finds(&self, entry: &Entry) -> bool {
        let has = |text: &str| self.test.holds_for(text);
        match self.field {
            FilterField::Title => has(&entry.title),
            FilterField::Url => has(entry.url.as_str()),
            FilterField::Author => entry.authors.iter().filter_map(|author| author.name.as_deref()).any(has),
            FilterField::Tag => entry.categories.iter().any(|category| has(category)),
            FilterField::Content => {
                has(&entry.text) || [&entry.summary, &entry.content].into_iter().flatten().any(|text| has(&words(text)))
            }
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.field {
            FilterField::Title => "title",
            FilterField::Url => "url",
            FilterField::Author => "author",
            FilterField::Tag => "tag",
            FilterField::Content => "content",
        })?;
        write!(f, " {}", self.test)
    }
}

/// The words of `text` without markup, white space collapsed.
fn words(text: &Markup) -> Cow<'_, str> {
    match text {
        Markup::Html(html) => plain_text(html).into(),
        Markup::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" ").into(),
    }
}
