//! Whether a document may be published.

use std::collections::BTreeSet;

use super::read_back::{Form, read_back, story_of};
use crate::config::Format;
use crate::publish::rendered::{Expected, Holds, Rendered};
use crate::publish::rule::Rule;

/// Why a document is not published; the old one stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// A strict parser does not accept it: a fault in feedloom.
    #[error("the new document cannot be parsed back: {0}")]
    Unreadable(String),
    /// An item or its link is not found in it: a fault in feedloom.
    #[error("the new document lacks the item {story} or its link to {link}")]
    Missing {
        /// Id of the story.
        story: String,
        /// Address of the original article.
        link: String,
    },
    /// Nothing is in it.
    #[error("the new document is empty; items in the last one: {before} (--allow-shrink publishes it once)")]
    Empty {
        /// Items in the last one.
        before: usize,
    },
    /// Too many items are gone that no rule leaves out.
    #[error("{lost} of {before} items gone without a reason (--allow-shrink publishes it once)")]
    Shrunken {
        /// Items in the last one.
        before: usize,
        /// Items of the last one that are neither here nor left out by a rule.
        lost: usize,
    },
}

impl GateError {
    /// Whether it concerns the document alone, whatever was there before.
    pub(in crate::publish) fn is_of_one_document(&self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::Missing { .. })
    }
}

/// Whether the document can be read and holds what was intended.
pub(in crate::publish) fn check_document(rendered: &Rendered) -> Result<(), GateError> {
    let found = read_back(Form::of(rendered), &rendered.bytes).map_err(GateError::Unreadable)?;
    if rendered.format == Format::Html && rendered.holds == Holds::Items {
        return check_page(rendered, &found);
    }
    if found.len() != rendered.items {
        return Err(GateError::Unreadable(format!("items read back: {}, written: {}", found.len(), rendered.items)));
    }
    let mut found: BTreeSet<_> = found.into_iter().collect();
    if matches!(rendered.format, Format::Rss | Format::Atom | Format::Json) {
        let seen = read_as_a_reader(&rendered.bytes).map_err(GateError::Unreadable)?;
        found.retain(|item| seen.contains(item));
    }
    match rendered.expected.iter().find(|expected| !found.contains(expected)) {
        Some(Expected { story, link }) => Err(GateError::Missing { story: story.clone(), link: link.clone() }),
        None => Ok(()),
    }
}

/// Whether a page, even one made by a template of the operator's own, has every item with a link to its
/// original, and nothing else that looks like one.
fn check_page(rendered: &Rendered, found: &[Expected]) -> Result<(), GateError> {
    let marked: BTreeSet<&str> = found.iter().map(|item| item.story.as_str()).collect();
    let missing = |item: &Expected| GateError::Missing { story: item.story.clone(), link: item.link.clone() };
    if let Some(item) = rendered.expected.iter().find(|item| !found.contains(item)) {
        return Err(missing(item));
    }
    if marked.len() != rendered.items {
        return Err(GateError::Unreadable(format!("items read back: {}, written: {}", marked.len(), rendered.items)));
    }
    Ok(())
}

/// The items that feed-rs finds, a reader which shares no code with our writers. It is known to panic on
/// some documents: it must not on ours, and if it does the document is not published.
fn read_as_a_reader(bytes: &[u8]) -> Result<BTreeSet<Expected>, String> {
    let feed = std::panic::catch_unwind(|| feed_rs::parser::parse(bytes))
        .map_err(|_| "feed-rs panics on it".to_owned())?
        .map_err(|error| format!("feed-rs cannot read it: {error}"))?;
    let items = feed.entries.into_iter().flat_map(|entry| {
        let story = story_of(&entry.id);
        entry.links.into_iter().map(move |link| Expected { story: story.clone(), link: link.href })
    });
    Ok(items.collect())
}

/// Whether the document may follow the one that is public now, which has the stories `old`.
///
/// Items that a rule leaves out (age, number) are not a loss, nor is a rise.
pub(in crate::publish) fn check_shrink(rendered: &Rendered, old: &[String]) -> Result<(), GateError> {
    let before = old.len();
    if rendered.items >= before {
        return Ok(());
    }
    let here: BTreeSet<&str> = rendered.expected.iter().map(|item| item.story.as_str()).collect();
    let kept = |story: &str| {
        here.contains(story) || rendered.left_out.contains_key(story) || rendered.taken_down.contains(story)
    };
    let is_config = |rule: &Rule| rule.is_of_config() || (rule.is_of_output() && rendered.config_is_new);
    let is_left_out_by_config = |story: &String| rendered.left_out.get(story).is_some_and(is_config);
    let config_empties_it = rendered.items == 0 && old.iter().any(is_left_out_by_config);
    let lost = match rendered.holds {
        // Sources come and go by feeds.toml alone: that is intended.
        Holds::List | Holds::Signpost => 0,
        Holds::Items => old.iter().filter(|story| !kept(story)).count(),
    };
    if config_empties_it || (rendered.items == 0 && lost > 0) {
        return Err(GateError::Empty { before });
    }
    #[expect(clippy::cast_precision_loss, reason = "at most 300 items")]
    if lost as f64 > before as f64 * rendered.max_shrink {
        return Err(GateError::Shrunken { before, lost });
    }
    Ok(())
}

/// Whether one of the `old` stories may no longer be public: a takedown touches it, or its rights forbid it.
pub(in crate::publish) fn shows_denied(rendered: &Rendered, old: &[String]) -> bool {
    old.iter().any(|story| rendered.is_denied(story))
}

/// Whether the rules of the output no longer let one of the `old` stories in: it was edited, or its other outlets are gone.
pub(in crate::publish) fn shows_refused(rendered: &Rendered, old: &[String]) -> bool {
    old.iter().any(|story| rendered.left_out.get(story).is_some_and(Rule::is_of_output))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::publish::rendered::Pictures;

    const RSS: &str = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>t</title><item><link>https://e.org/</link>\
        <guid>tag:e.org,2026:s/abc</guid></item></channel></rss>";

    fn found(story: &str, link: &str) -> Vec<Expected> {
        vec![Expected { story: story.to_owned(), link: link.to_owned() }]
    }

    #[test]
    fn a_missing_item_or_another_link_is_noticed() {
        let mut rendered = Rendered {
            mode: None,
            holds: Holds::Items,
            pictures: Pictures::Any,
            file: "feed.xml".to_owned(),
            format: Format::Rss,
            bytes: RSS.into(),
            items: 1,
            expected: found("abc", "https://e.org/"),
            failed: None,
            left_out: std::collections::BTreeMap::new(),
            ranks: BTreeMap::new(),
            config_is_new: false,
            may_be_empty: false,
            public: None,
            taken_down: BTreeSet::new(),
            max_shrink: 0.5,
        };
        assert_eq!(check_document(&rendered), Ok(()));
        rendered.expected = found("abc", "https://other.org/");
        assert!(matches!(check_document(&rendered), Err(GateError::Missing { .. })));
        rendered.items = 2;
        assert!(matches!(check_document(&rendered), Err(GateError::Unreadable(_))));
    }
}
