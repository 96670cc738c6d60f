//! The issues on the disk: a file beside the database, one JSON line for each, which outlives a lost or restored database.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use url::Url;

use super::issue::{Issue, IssueCredit, IssueStory, Issues, OfDigest};
use crate::model::StoryId;
use crate::store::{LineFile, StoreError};

/// The most that is read from it, in bytes; an issue takes some tens of thousands.
const LARGEST_BYTES: u64 = 256 * 1024 * 1024;
/// Issues of a digest that are kept …
const KEPT: usize = 62;
/// … once there are this many.
const TOO_MANY: usize = 124;

/// The file.
#[derive(Debug)]
pub(super) struct IssueFile(LineFile);

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Line {
    /// A digest is published for the first time.
    Begin { file: String, at: i64 },
    /// An issue was due and there was nothing to put into it.
    Skip { file: String, date: String, due: i64 },
    /// An issue was made.
    Issue { file: String, id: String, date: String, due: i64, at: i64, stories: Vec<StoryLine> },
}

#[derive(Debug, Serialize, Deserialize)]
struct StoryLine {
    id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    section: String,
    title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    excerpt: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    disclosure: String,
    published: i64,
    credits: Vec<CreditLine>,
}

#[derive(Debug, Serialize, Deserialize)]
struct CreditLine {
    source: String,
    name: String,
    title: String,
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rights: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    via: Option<String>,
}

/// What is noted of a digest.
pub(super) enum Noted {
    Begin(Timestamp),
    Skip(Date, Timestamp),
    Issue(Issue),
}

impl IssueFile {
    /// The file of the database at `path`.
    pub(super) fn beside(database: &Path) -> Self {
        Self(LineFile::beside(database, ".issues", LARGEST_BYTES))
    }

    /// Every issue that is kept.
    pub(super) fn read(&self) -> Result<Issues, StoreError> {
        let mut issues = Issues::default();
        for (file, noted) in self.0.read()?.into_iter().filter_map(noted) {
            issues.of.entry(file).or_default().add(noted);
        }
        Ok(issues)
    }

    /// Adds what happened to a digest, in one write, on the disk before this returns.
    pub(super) fn add(&self, file: &str, noted: &[Noted]) -> Result<(), StoreError> {
        let lines: Vec<Line> = noted.iter().map(|noted| line(file, noted)).collect();
        if lines.is_empty() { Ok(()) } else { self.0.append(&lines) }
    }

    /// Forgets issues that are no longer shown, now and then. What is as old as they are is in none of those that are kept:
    /// the digest counts as begun since.
    pub(super) fn shorten(&self, issues: &Issues) -> Result<(), StoreError> {
        if issues.of.values().all(|of| of.issues.len() < TOO_MANY) {
            return Ok(());
        }
        let mut lines = Vec::new();
        for (file, of) in &issues.of {
            let (forgotten, kept) = of.issues.split_at(of.issues.len().saturating_sub(KEPT));
            let began = forgotten.last().map(|issue| issue.due).or(of.began);
            lines.extend(began.map(|at| line(file, &Noted::Begin(at))));
            lines.extend(kept.iter().map(|issue| line(file, &Noted::Issue(issue.clone()))));
            lines.extend(of.last.map(|(date, due)| line(file, &Noted::Skip(date, due))));
        }
        self.0.replace(&lines)
    }
}

impl OfDigest {
    pub(super) fn add(&mut self, noted: Noted) {
        match noted {
            Noted::Begin(at) => drop(self.began.get_or_insert(at)),
            Noted::Skip(date, due) => self.last = Some((date, due)),
            Noted::Issue(issue) => {
                self.last = Some((issue.date, issue.due));
                self.issues.push(issue);
            }
        }
    }
}

fn line(file: &str, noted: &Noted) -> Line {
    let file = file.to_owned();
    match noted {
        Noted::Begin(at) => Line::Begin { file, at: at.as_second() },
        Noted::Skip(date, due) => Line::Skip { file, date: date.to_string(), due: due.as_second() },
        Noted::Issue(issue) => Line::Issue {
            file,
            id: issue.id.to_string(),
            date: issue.date.to_string(),
            due: issue.due.as_second(),
            at: issue.made.as_second(),
            stories: issue.stories.iter().map(story_line).collect(),
        },
    }
}

fn story_line(story: &IssueStory) -> StoryLine {
    StoryLine {
        id: story.id.to_string(),
        section: story.section.clone(),
        title: story.title.clone(),
        excerpt: story.excerpt.clone(),
        disclosure: story.disclosure.clone(),
        published: story.published.as_second(),
        credits: story.credits.iter().map(credit_line).collect(),
    }
}

fn credit_line(credit: &IssueCredit) -> CreditLine {
    CreditLine {
        source: credit.source.clone(),
        name: credit.name.clone(),
        title: credit.title.clone(),
        url: credit.url.to_string(),
        author: credit.author.clone(),
        rights: credit.rights.clone(),
        licenses: credit.licenses.iter().map(ToString::to_string).collect(),
        via: credit.via.clone(),
    }
}

fn noted(line: Line) -> Option<(String, Noted)> {
    let time = |second| Timestamp::from_second(second).ok();
    Some(match line {
        Line::Begin { file, at } => (file, Noted::Begin(time(at)?)),
        Line::Skip { file, date, due } => (file, Noted::Skip(date.parse().ok()?, time(due)?)),
        Line::Issue { file, id, date, due, at, stories } => {
            let stories = stories.into_iter().map(story).collect::<Option<_>>()?;
            let (id, date) = (StoryId::parse(&id)?, date.parse().ok()?);
            (file, Noted::Issue(Issue { id, date, due: time(due)?, made: time(at)?, stories }))
        }
    })
}

fn story(line: StoryLine) -> Option<IssueStory> {
    let StoryLine { id, section, title, excerpt, disclosure, published, credits } = line;
    let credits: Vec<IssueCredit> = credits.into_iter().map(credit).collect::<Option<_>>()?;
    let published = Timestamp::from_second(published).ok()?;
    Some(IssueStory { id: StoryId::parse(&id)?, section, title, excerpt, disclosure, published, credits })
}

fn credit(line: CreditLine) -> Option<IssueCredit> {
    let CreditLine { source, name, title, url, author, rights, licenses, via } = line;
    let licenses = licenses.iter().filter_map(|url| Url::parse(url).ok()).collect();
    let (url, stated) = (Url::parse(&url).ok()?, Vec::new());
    Some(IssueCredit { source, name, title, url, author, rights, licenses, via, stated })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_frozen_keys() {
        let time = |second| Timestamp::from_second(second).unwrap();
        let id = StoryId::parse("abcdefghijklmnop").unwrap();
        let credit = IssueCredit {
            source: "a".to_owned(),
            name: "A".to_owned(),
            title: "T".to_owned(),
            url: Url::parse("https://a.example/1").unwrap(),
            author: None,
            rights: None,
            licenses: Vec::new(),
            via: None,
            stated: Vec::new(),
        };
        let story = IssueStory {
            id: id.clone(),
            section: String::new(),
            title: "T".to_owned(),
            excerpt: "E.".to_owned(),
            disclosure: String::new(),
            published: time(5),
            credits: vec![credit],
        };
        let date: Date = "2026-11-27".parse().unwrap();
        let issue = Issue { id, date, due: time(7), made: time(8), stories: vec![story] };
        let text = serde_json::to_string(&line("d.xml", &Noted::Issue(issue.clone()))).unwrap();
        let want = concat!(
            r#"{"do":"issue","file":"d.xml","id":"abcdefghijklmnop","date":"2026-11-27","due":7,"at":8,"stories":"#,
            r#"[{"id":"abcdefghijklmnop","title":"T","excerpt":"E.","published":5,"credits":"#,
            r#"[{"source":"a","name":"A","title":"T","url":"https://a.example/1"}]}]}"#,
        );
        assert_eq!(text, want);
        let read = noted(serde_json::from_str(&text).unwrap());
        assert!(matches!(read, Some((file, Noted::Issue(read))) if file == "d.xml" && read == issue));
    }

    #[test]
    fn what_is_older_than_the_issues_that_are_kept_comes_into_none_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = IssueFile::beside(&folder.path().join("feedloom.db"));
        let time = |second| Timestamp::from_second(second).unwrap();
        file.add("d.xml", &[Noted::Begin(time(0))]).unwrap();
        let first: Date = "2026-01-01".parse().unwrap();
        for day in 0..i64::try_from(TOO_MANY).unwrap() {
            let date = first.checked_add(jiff::SignedDuration::from_hours(24 * day)).unwrap();
            let id = Issue::id_of("d.xml", date).unwrap();
            let (due, made) = (time(1_000 + day), time(1_000 + day));
            file.add("d.xml", &[Noted::Issue(Issue { id, date, due, made, stories: Vec::new() })]).unwrap();
        }
        let before = file.read().unwrap();
        file.shorten(&before).unwrap();
        let after = file.read().unwrap();
        let (before, after) = (&before.of["d.xml"], &after.of["d.xml"]);
        assert_eq!(after.issues, before.issues[TOO_MANY - KEPT..]);
        assert_eq!(after.last, before.last);
        assert_eq!(after.began, Some(before.issues[TOO_MANY - KEPT - 1].due));
    }
}
