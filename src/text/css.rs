use std::str::FromStr;

use ego_tree::NodeId;
use scraper::Html;
use scraper::error::SelectorErrorKind;

/// A CSS selector that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector(String);

/// A text that is not a CSS selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSelector(String);

impl Selector {
    /// Checks `text`.
    ///
    /// # Errors
    /// If it is not a selector, or one that only a browser can judge (`:hover`).
    pub fn new(text: &str) -> Result<Self, BadSelector> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BadSelector("it is empty".to_owned()));
        }
        scraper::Selector::parse(text).map_err(|error| BadSelector(in_words(&error)))?;
        Ok(Self(text.to_owned()))
    }

    /// The selector as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The elements of `page` that it matches.
    pub(crate) fn find(&self, page: &Html) -> impl Iterator<Item = NodeId> {
        let selector = scraper::Selector::parse(&self.0).expect("it was checked");
        page.select(&selector).map(|element| element.id()).collect::<Vec<_>>().into_iter()
    }
}

/// What is wrong with a selector, in one line.
fn in_words(error: &SelectorErrorKind) -> String {
    match error {
        SelectorErrorKind::UnexpectedSelectorParseError(_) => "a part of it is missing or unknown".to_owned(),
        other => other.to_string(),
    }
}

impl FromStr for Selector {
    type Err = BadSelector;

    fn from_str(text: &str) -> Result<Self, BadSelector> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_checked_and_find() {
        for bad in ["", " ", "p[", "..a", ":hover::", "a >"] {
            assert!(Selector::new(bad).is_err(), "{bad}");
        }
        let page = Html::parse_document("<div class=a><p>x</p></div><p>y</p>");
        let found = |text: &str| Selector::new(text).unwrap().find(&page).count();
        assert_eq!((found("div.a > p"), found("p, div"), found("h1")), (1, 3, 0));
    }
}
