//! The issues on the disk: a file beside the database, one JSON line for each, which outlives a lost or restored database.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use url::Url;

use super::issue::{Issue, IssueCredit, IssueStory, Issues, OfDigest};
use crate::files::{NewVersion, append_lines, sync_folder};
use crate::model::StoryId;
use crate::store::StoreError;

/// The most that is read from it, in bytes; an issue takes some tens of thousands.
const LARGEST_BYTES: u64 = 256 * 1024 * 1024;
/// Issues of a digest that are kept …
const KEPT: usize = 62;
/// … once there are this many.
const TOO_MANY: usize = 124;

/// The file.
#[derive(Debug)]
pub(super) struct IssueFile {
    path: PathBuf,
}

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
        let mut path = database.as_os_str().to_owned();
        path.push(".issues");
        Self { path: path.into() }
    }

    /// Every issue that is kept. A line that cannot be read is skipped: the program was killed while writing it.
    pub(super) fn read(&self) -> Result<Issues, StoreError> {
        let mut text = Vec::new();
        match File::open(&self.path) {
            Ok(file) => drop(file.take(LARGEST_BYTES).read_to_end(&mut text).map_err(|source| self.failed(source))?),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(self.failed(error)),
        }
        let mut issues = Issues::default();
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice::<Line>(line).ok().and_then(noted) {
                Some((file, noted)) => issues.of.entry(file).or_default().add(noted),
                None => tracing::warn!(path = %self.path.display(), "line not understood"),
            }
        }
        Ok(issues)
    }

    /// Adds what happened to a digest, on the disk before this returns.
    pub(super) fn add(&self, file: &str, noted: &Noted) -> Result<(), StoreError> {
        append_lines(&self.path, &bytes(file, noted)).map_err(|source| self.failed(source))
    }

    /// Forgets issues that are no longer shown, now and then.
    pub(super) fn shorten(&self, issues: &Issues) -> Result<(), StoreError> {
        if issues.of.values().all(|of| of.issues.len() < TOO_MANY) {
            return Ok(());
        }
        let mut text = Vec::new();
        for (file, of) in &issues.of {
            text.extend(of.began.map(|at| bytes(file, &Noted::Begin(at))).unwrap_or_default());
            for issue in of.issues.iter().skip(of.issues.len().saturating_sub(KEPT)) {
                text.extend(bytes(file, &Noted::Issue(issue.clone())));
            }
            text.extend(of.last.map(|(date, due)| bytes(file, &Noted::Skip(date, due))).unwrap_or_default());
        }
        let mut aside = self.path.as_os_str().to_owned();
        aside.push(".new");
        let permissions = std::fs::metadata(&self.path).map(|meta| meta.permissions()).ok();
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        NewVersion::write(aside.into(), &text, permissions)
            .and_then(|new| new.replace(&self.path))
            .and_then(|()| sync_folder(folder))
            .map_err(|source| self.failed(source))
    }

    fn failed(&self, source: std::io::Error) -> StoreError {
        StoreError::Io { path: self.path.clone(), source }
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

fn bytes(file: &str, noted: &Noted) -> Vec<u8> {
    let file = file.to_owned();
    let line = match noted {
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
    };
    let mut text = serde_json::to_vec(&line).expect("strings and numbers");
    text.push(b'\n');
    text
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
    Some(IssueCredit { source, name, title, url: Url::parse(&url).ok()?, author, rights, licenses, via })
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
        let text = String::from_utf8(bytes("d.xml", &Noted::Issue(issue.clone()))).unwrap();
        let want = concat!(
            r#"{"do":"issue","file":"d.xml","id":"abcdefghijklmnop","date":"2026-11-27","due":7,"at":8,"stories":"#,
            r#"[{"id":"abcdefghijklmnop","title":"T","excerpt":"E.","published":5,"credits":"#,
            r#"[{"source":"a","name":"A","title":"T","url":"https://a.example/1"}]}]}"#,
            "\n"
        );
        assert_eq!(text, want);
        let read = noted(serde_json::from_str(&text).unwrap());
        assert!(matches!(read, Some((file, Noted::Issue(read))) if file == "d.xml" && read == issue));
    }
}
