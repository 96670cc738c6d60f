//! `include` and `exclude` of an output: what they look at in a story as that output shows it.

use std::fmt;

use super::filter::{Filter, FilterTest, Refusal};

/// Which stories an output takes.
#[derive(Debug, Clone, Default)]
pub struct OutputRules {
    /// One of these has to find a story; empty: all are taken.
    pub include: Vec<OutputRule>,
    /// What one of these finds is left out.
    pub exclude: Vec<OutputRule>,
    /// Only stories of at least this many independent outlets; `None`: any.
    pub min_outlets: Option<usize>,
}

/// One test on a story.
#[derive(Debug, Clone)]
pub struct OutputRule {
    /// What is looked at, and how.
    pub test: OutputTest,
    /// Its line in feeds.toml, from 1.
    pub line: usize,
}

/// What an [`OutputRule`] looks at, and how.
#[derive(Debug, Clone)]
pub enum OutputTest {
    /// A part of the leading entry, as in the rules of a source.
    Entry(Filter),
    /// The language of an entry, else of its source (BCP 47).
    Language(FilterTest),
    /// The names and hosts of the outlets that cover the story.
    Outlets(FilterTest),
    /// The number of independent outlets.
    OutletsAtLeast(usize),
    /// Whether the publisher says that the article is not free to read.
    Paywall(bool),
}

impl OutputRules {
    /// Whether every story is taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty() && self.min_outlets.is_none()
    }

    /// The least number of outlets of a story that passes; 1: any.
    #[must_use]
    pub fn least_outlets(&self) -> usize {
        let at_least = |rule: &OutputRule| match rule.test {
            OutputTest::OutletsAtLeast(least) => least,
            _ => 1,
        };
        // One rule of `include` is enough for a story.
        let included = self.include.iter().map(at_least).min().unwrap_or(1);
        self.min_outlets.unwrap_or(1).max(included)
    }

    /// The rule that keeps out what `finds` holds for; `None`: it passes.
    #[must_use]
    pub fn refusal(&self, finds: impl Fn(&OutputTest) -> bool) -> Option<Refusal> {
        if let Some(rule) = self.exclude.iter().find(|rule| finds(&rule.test)) {
            return Some(rule.excludes());
        }
        let first = self.include.first()?;
        let is_included = self.include.iter().any(|rule| finds(&rule.test));
        (!is_included).then_some(Refusal::NotIncluded { line: first.line })
    }
}

impl OutputRule {
    /// What it says of a story that it excludes.
    #[must_use]
    pub fn excludes(&self) -> Refusal {
        Refusal::Excluded { rule: self.test.to_string(), line: self.line }
    }
}

impl OutputTest {
    /// Whether, in `include`, it is about one article and not about the story: others may lead in its place.
    #[must_use]
    pub fn includes_articles(&self) -> bool {
        matches!(self, Self::Language(_) | Self::Paywall(_))
    }

    /// The same in `exclude`: an entry or an outlet that is not wanted takes nobody else's story out.
    #[must_use]
    pub fn excludes_articles(&self) -> bool {
        !matches!(self, Self::OutletsAtLeast(_))
    }
}

impl fmt::Display for OutputTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(filter) => filter.fmt(f),
            Self::Language(test) => write!(f, "language {test}"),
            Self::Outlets(test) => write!(f, "outlets {test}"),
            Self::OutletsAtLeast(least) => write!(f, "outlets at least {least}"),
            Self::Paywall(is) => write!(f, "paywall is {is}"),
        }
    }
}
