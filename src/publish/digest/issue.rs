//! An issue as it is kept: its stories as they were when it was made.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use url::Url;

use crate::model::{Attribution, Item, Signal, SourceRef, StoryId};
use crate::text::short_hash;

/// Issues in a document.
pub(super) const SHOWN: usize = 31;

/// The issues of every digest, by its file.
#[derive(Debug, Clone, Default)]
pub struct Issues {
    pub(super) of: BTreeMap<String, OfDigest>,
}

/// What is known of one digest.
#[derive(Debug, Clone, Default)]
pub(super) struct OfDigest {
    /// When it was first published.
    pub(super) began: Option<Timestamp>,
    /// The last day that had its issue, or no story for one.
    pub(super) last: Option<(Date, Timestamp)>,
    /// Its issues, the oldest first.
    pub(super) issues: Vec<Issue>,
    /// Issues that are public and not kept.
    pub(super) public: Option<PublicIssues>,
}

/// The issues of a digest that are public and not kept.
#[derive(Debug, Clone)]
pub(super) struct PublicIssues {
    /// What is published.
    pub(super) document: Vec<u8>,
    /// At least one, the last first.
    pub(super) issues: Vec<PublicIssue>,
}

/// One of them, as far as it is known.
#[derive(Debug, Clone)]
pub(super) struct PublicIssue {
    pub(super) id: String,
    pub(super) date: Date,
    pub(super) due: Timestamp,
    /// The addresses that it links to.
    pub(super) links: BTreeSet<String>,
}

/// One issue.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Issue {
    pub(super) id: StoryId,
    pub(super) date: Date,
    /// When it was due: the date that it carries.
    pub(super) due: Timestamp,
    /// When it was made.
    pub(super) made: Timestamp,
    pub(super) stories: Vec<IssueStory>,
}

/// A story in an issue.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct IssueStory {
    pub(super) id: StoryId,
    /// The section that it is in; empty: none.
    pub(super) section: String,
    pub(super) title: String,
    pub(super) excerpt: String,
    pub(super) disclosure: String,
    pub(super) published: Timestamp,
    /// Whom it credits, the leading outlet first.
    pub(super) credits: Vec<IssueCredit>,
}

/// An outlet that an issue credits for a story.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct IssueCredit {
    pub(super) source: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) url: Url,
    pub(super) author: Option<String>,
    pub(super) rights: Option<String>,
    pub(super) licenses: Vec<Url>,
    pub(super) via: Option<String>,
    /// What each entry that it is credited for says of its rights today: not kept, but read for each publish.
    pub(super) stated: Vec<Vec<Signal>>,
}

/// A leading article, by which a story is known under another id, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lead<'a> {
    /// Of another source it is another article: a feed may claim what is not its own.
    source: &'a str,
    url: &'a str,
    title: &'a str,
}

impl<'a> Lead<'a> {
    pub(super) fn of(item: &'a Item) -> Self {
        let lead = item.lead();
        Self { source: &lead.source.id, url: lead.url.as_str(), title: &item.title }
    }
}

impl OfDigest {
    /// The stories that were in an issue, by id, and their leading articles.
    pub(super) fn issued(&self) -> (BTreeSet<&StoryId>, BTreeSet<Lead<'_>>) {
        let stories = || self.issues.iter().flat_map(|issue| &issue.stories);
        let leads = stories().filter_map(|story| {
            let credit = story.credits.first()?;
            Some(Lead { source: &credit.source, url: credit.url.as_str(), title: &story.title })
        });
        (stories().map(|story| &story.id).collect(), leads.collect())
    }
}

impl Issue {
    /// The id of the issue of this day: the same in every format of one digest.
    pub(super) fn id_of(file: &str, date: Date) -> Option<StoryId> {
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        StoryId::parse(&short_hash(&["issue", stem, &date.to_string()]))
    }
}

impl IssueStory {
    pub(super) fn of(item: &Item, section: &str) -> Self {
        // What was borrowed from another outlet stays with its credit there.
        let excerpt = if item.is_borrowed { String::new() } else { item.excerpt.clone() };
        Self {
            id: item.story.clone(),
            section: section.to_owned(),
            title: item.title.clone(),
            excerpt,
            disclosure: item.disclosure.clone().unwrap_or_default(),
            published: item.published,
            credits: item.attributions().iter().map(IssueCredit::of).collect(),
        }
    }
}

impl IssueCredit {
    fn of(credit: &Attribution) -> Self {
        Self {
            source: credit.source.id.clone(),
            name: credit.source.shown().into_owned(),
            title: credit.title.clone(),
            url: credit.url.clone(),
            author: credit.author.clone(),
            rights: credit.rights.clone(),
            licenses: credit.licenses.clone(),
            via: credit.source.via.clone(),
            stated: Vec::new(),
        }
    }

    /// The credit in an item; `published`: the date of its story.
    pub(super) fn attribution(&self, published: Timestamp) -> Attribution {
        Attribution {
            title: self.title.clone(),
            url: self.url.clone(),
            source: SourceRef {
                id: self.source.clone(),
                name: self.name.clone(),
                feed_url: None,
                site: None,
                host: None,
                via: self.via.clone(),
            },
            author: self.author.clone(),
            published,
            guid: self.url.to_string(),
            rights: self.rights.clone(),
            licenses: self.licenses.clone(),
            rsl: Vec::new(),
            rsl_documents: Vec::new(),
            again: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credit(source: &str) -> IssueCredit {
        IssueCredit {
            source: source.to_owned(),
            name: source.to_owned(),
            title: "T".to_owned(),
            url: Url::parse("https://honest.example/1").unwrap(),
            author: None,
            rights: None,
            licenses: Vec::new(),
            via: None,
            stated: Vec::new(),
        }
    }

    #[test]
    fn what_a_feed_claims_keeps_the_article_of_another_out_of_no_issue() {
        let time = Timestamp::from_second(1).unwrap();
        let id = |letter: &str| StoryId::parse(&letter.repeat(16)).unwrap();
        let item = |letter: &str, source: &str| {
            Item::new(id(letter), "T".to_owned(), time, vec![credit(source).attribution(time)]).unwrap()
        };
        let stories = vec![IssueStory::of(&item("a", "liar"), "")];
        let issue = Issue { id: id("i"), date: "2026-11-10".parse().unwrap(), due: time, made: time, stories };
        let of = OfDigest { issues: vec![issue], ..OfDigest::default() };
        let (_, leads) = of.issued();
        assert!(leads.contains(&Lead::of(&item("b", "liar"))), "it is known under another id");
        assert!(!leads.contains(&Lead::of(&item("b", "honest"))));
    }
}
