//! The ledger of posts: a file beside the database, one JSON line for each thing that happened. It is only appended to, so
//! that it outlives a lost or restored database, made shorter now and then, and sealed: what is lost of it is noticed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::account::{Account, Happened, What};
use crate::config::PostEvent;
use crate::model::StoryId;
use crate::store::{LineFile, Missing, SealedFile, StoreError};

/// The most that is read from it, in bytes; a story takes about three hundred.
const LARGEST_BYTES: u64 = 512 * 1024 * 1024;
/// A ledger with fewer lines is never made shorter.
const FEW_LINES: usize = 2_000;
/// It is made shorter once it has this many lines for each that it would have then.
const TIMES: usize = 2;

/// The file.
#[derive(Debug, Clone)]
pub(crate) struct Ledger(SealedFile);

/// What posts have done, by name.
pub(crate) type Accounts = BTreeMap<String, Account>;

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Line {
    /// The post is in feeds.toml for the first time.
    Begin { post: String, at: i64 },
    /// These stories were there before, or were too many: they count as posted.
    Pass { post: String, at: i64, stories: Vec<String> },
    /// A story is to be posted.
    Want {
        post: String,
        at: i64,
        story: String,
        event: String,
        source: String,
        title: String,
        url: String,
        print: i64,
        keys: Vec<i64>,
    },
    /// The program is called.
    Call { post: String, at: i64, story: String, event: String },
    /// It did what it should; the first line that it wrote.
    Done { post: String, at: i64, story: String, event: String, receipt: String },
    /// It says that it did not.
    Fail { post: String, at: i64, story: String, event: String, why: String },
    /// It did not end by itself: nobody knows.
    Doubt { post: String, at: i64, story: String, event: String, why: String },
    /// It will not be posted.
    Drop { post: String, at: i64, story: String, event: String, why: String },
}

impl Ledger {
    /// The ledger of the database at `path`.
    pub(crate) fn beside(database: &Path) -> Self {
        let lost = |path, seal| StoreError::LostPosts { path, seal };
        // Without the file, what stands in the outputs counts as posted.
        Self(SealedFile::new(LineFile::beside(database, ".posts", LARGEST_BYTES), Missing::IsNew, lost))
    }

    /// Everything that happened so far.
    ///
    /// # Errors
    /// If the file cannot be read, or something of it is lost.
    pub(crate) fn read(&self) -> Result<Accounts, StoreError> {
        let mut accounts = Accounts::new();
        for line in self.0.read()? {
            if let Line::Begin { post, at } = line {
                accounts.entry(post).or_default().begin(time(at));
            } else if let Some((post, happened)) = happened(line) {
                accounts.entry(post).or_default().add(happened);
            }
        }
        Ok(accounts)
    }

    /// Adds what the post `name` has to do since a publish at `at`, and that it exists from then on unless it did before.
    /// The latter comes last: as long as it is missing, the first run of the post is not over, and its burst holds.
    ///
    /// # Errors
    /// If the file cannot be written; then the account is as it was.
    pub(super) fn note(
        &self,
        name: &str,
        account: &mut Account,
        new: Vec<Happened>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if account.began.is_some() {
            return self.add(name, account, new);
        }
        let mut noted = lines(name, &new);
        noted.push(Line::Begin { post: name.to_owned(), at: at.as_second() });
        self.0.append(&noted)?;
        new.into_iter().for_each(|happened| account.add(happened));
        account.begin(at);
        Ok(())
    }

    /// Adds what happened to the post `name`, on the disk before this returns, and to its account.
    ///
    /// # Errors
    /// If the file cannot be written; then the account is as it was.
    pub(super) fn add(&self, name: &str, account: &mut Account, new: Vec<Happened>) -> Result<(), StoreError> {
        if new.is_empty() {
            return Ok(());
        }
        self.0.append(&lines(name, &new))?;
        new.into_iter().for_each(|happened| account.add(happened));
        Ok(())
    }

    /// Makes the file shorter if it holds far more lines than it needs at `now`: each story with how it stands.
    ///
    /// # Errors
    /// If the file cannot be written; then it is as it was.
    pub(super) fn shorten(&self, accounts: &Accounts, now: Timestamp) -> Result<(), StoreError> {
        let before: usize = accounts.values().map(|account| account.lines).sum();
        if before < FEW_LINES {
            return Ok(());
        }
        let mut short = Vec::new();
        for (name, of) in accounts {
            short.extend(of.began.map(|at| Line::Begin { post: name.clone(), at: at.as_second() }));
            short.extend(lines(name, &of.in_short(now)));
        }
        if before < TIMES * short.len() { Ok(()) } else { self.0.replace(&short) }
    }

    /// Where a message is laid down for a program.
    pub(super) fn message_file(&self) -> PathBuf {
        self.0.beside_it(".message")
    }
}

fn lines(name: &str, all: &[Happened]) -> Vec<Line> {
    all.iter().map(|one| line(name, one)).collect()
}

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or_default()
}

fn line(post: &str, happened: &Happened) -> Line {
    let (post, at) = (post.to_owned(), happened.at.as_second());
    let (story, event) = (happened.story.to_string(), happened.event.name().to_owned());
    match happened.what.clone() {
        What::Pass { stories } => Line::Pass { post, at, stories: stories.iter().map(ToString::to_string).collect() },
        What::Want { source, title, url, print, keys } => {
            Line::Want { post, at, story, event, source, title, url, print, keys }
        }
        What::Call => Line::Call { post, at, story, event },
        What::Done { receipt } => Line::Done { post, at, story, event, receipt },
        What::Fail { why } => Line::Fail { post, at, story, event, why },
        What::Doubt { why } => Line::Doubt { post, at, story, event, why },
        What::Drop { why } => Line::Drop { post, at, story, event, why },
    }
}

/// `None`: it names no story, or no event of ours.
fn happened(line: Line) -> Option<(String, Happened)> {
    let one = |at: i64, story: &str, event: &str, what: What| {
        let (story, event) = (StoryId::parse(story)?, PostEvent::of_name(event)?);
        Some(Happened { at: time(at), story, event, what })
    };
    Some(match line {
        Line::Begin { .. } => return None,
        Line::Pass { post, at, stories } => {
            let stories: Vec<StoryId> = stories.iter().filter_map(|story| StoryId::parse(story)).collect();
            let first = stories.first()?.to_string();
            (post, one(at, &first, "new", What::Pass { stories })?)
        }
        Line::Want { post, at, story, event, source, title, url, print, keys } => {
            (post, one(at, &story, &event, What::Want { source, title, url, print, keys })?)
        }
        Line::Call { post, at, story, event } => (post, one(at, &story, &event, What::Call)?),
        Line::Done { post, at, story, event, receipt } => (post, one(at, &story, &event, What::Done { receipt })?),
        Line::Fail { post, at, story, event, why } => (post, one(at, &story, &event, What::Fail { why })?),
        Line::Doubt { post, at, story, event, why } => (post, one(at, &story, &event, What::Doubt { why })?),
        Line::Drop { post, at, story, event, why } => (post, one(at, &story, &event, What::Drop { why })?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(what: What) -> Happened {
        let story = StoryId::parse("abcdefghijklmnop").unwrap();
        Happened { at: Timestamp::from_second(7).unwrap(), story, event: PostEvent::New, what }
    }

    #[test]
    fn a_line_has_frozen_keys() {
        let want = What::Want {
            source: "a".to_owned(),
            title: "T".to_owned(),
            url: "https://a.example/".to_owned(),
            print: 3,
            keys: vec![4],
        };
        let why = || "so".to_owned();
        let stories = vec![StoryId::parse("abcdefghijklmnop").unwrap()];
        let cases = [
            (What::Pass { stories }, r#"{"do":"pass","post":"p","at":7,"stories":["abcdefghijklmnop"]}"#),
            (
                want,
                concat!(
                    r#"{"do":"want","post":"p","at":7,"story":"abcdefghijklmnop","event":"new","source":"a","title":"T","#,
                    r#""url":"https://a.example/","print":3,"keys":[4]}"#
                ),
            ),
            (What::Call, r#"{"do":"call","post":"p","at":7,"story":"abcdefghijklmnop","event":"new"}"#),
            (
                What::Done { receipt: why() },
                r#"{"do":"done","post":"p","at":7,"story":"abcdefghijklmnop","event":"new","receipt":"so"}"#,
            ),
            (
                What::Fail { why: why() },
                r#"{"do":"fail","post":"p","at":7,"story":"abcdefghijklmnop","event":"new","why":"so"}"#,
            ),
            (
                What::Doubt { why: why() },
                r#"{"do":"doubt","post":"p","at":7,"story":"abcdefghijklmnop","event":"new","why":"so"}"#,
            ),
            (
                What::Drop { why: why() },
                r#"{"do":"drop","post":"p","at":7,"story":"abcdefghijklmnop","event":"new","why":"so"}"#,
            ),
        ];
        for (what, text) in cases {
            let happened = at(what);
            assert_eq!(serde_json::to_string(&line("p", &happened)).unwrap(), text);
            assert_eq!(super::happened(serde_json::from_str(text).unwrap()), Some(("p".to_owned(), happened)));
        }
    }

    #[test]
    fn a_ledger_made_shorter_says_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::beside(&folder.path().join("feedloom.db"));
        let mut account = Account::default();
        ledger.note("p", &mut account, Vec::new(), Timestamp::from_second(5).unwrap()).unwrap();
        let source = "a".to_owned();
        let mut lines =
            vec![at(What::Want { source, title: "T".to_owned(), url: String::new(), print: 3, keys: vec![4] })];
        for _ in 0..FEW_LINES {
            lines.extend([at(What::Call), at(What::Fail { why: "so".to_owned() })]);
        }
        ledger.add("p", &mut account, lines).unwrap();
        let before = ledger.read().unwrap();
        ledger.shorten(&before, Timestamp::from_second(9).unwrap()).unwrap();
        let after = ledger.read().unwrap();
        assert_eq!(after["p"].lines, 10, "its beginning, the story and eight failures");
        let without_lines = |mut account: Account| {
            account.lines = 0;
            format!("{account:?}")
        };
        // That calls were made within the last hour is not kept.
        let before = without_lines(before["p"].clone()).split("calls:").next().unwrap().to_owned();
        assert!(without_lines(after["p"].clone()).starts_with(&before), "{after:?}");
    }
}
