//! The ledger of posts: a file beside the database, one JSON line for each thing that happened. It is only appended to, so
//! that it outlives a lost or restored database, and made shorter now and then.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::account::{Account, Happened, What};
use crate::config::PostEvent;
use crate::files::{NewVersion, append_lines, sync_folder};
use crate::model::StoryId;
use crate::store::StoreError;

/// The most that is read from it, in bytes; a story takes about three hundred.
const LARGEST_BYTES: u64 = 512 * 1024 * 1024;
/// A ledger with fewer lines is never made shorter.
const FEW_LINES: usize = 2_000;
/// It is made shorter once it has this many lines for each that it would have then.
const TIMES: usize = 2;

/// The file.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    path: PathBuf,
}

/// What posts have done, by name.
pub(crate) type Accounts = BTreeMap<String, Account>;

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Line {
    /// These stories were there before, or were too many: they count as posted.
    Pass { post: String, at: i64, stories: Vec<String> },
    /// A story is to be posted.
    Want { post: String, at: i64, story: String, event: String, title: String, url: String, print: i64, keys: Vec<i64> },
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
        let mut path = database.as_os_str().to_owned();
        path.push(".posts");
        Self { path: path.into() }
    }

    /// Everything that happened so far. A line that cannot be read is skipped: the program was killed while writing it.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn read(&self) -> Result<Accounts, StoreError> {
        let mut text = Vec::new();
        match File::open(&self.path) {
            Ok(file) => drop(file.take(LARGEST_BYTES).read_to_end(&mut text).map_err(|source| self.failed(source))?),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(self.failed(error)),
        }
        let mut accounts = Accounts::new();
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line).map(happened) {
                Ok(Some((post, happened))) => accounts.entry(post).or_default().add(happened),
                Ok(None) => {}
                Err(error) => tracing::warn!(path = %self.path.display(), %error, "line not understood"),
            }
        }
        Ok(accounts)
    }

    /// Adds what happened to the post `name`, on the disk before this returns, and to its account.
    ///
    /// # Errors
    /// If the file cannot be written; then the account is as it was.
    pub(super) fn add(&self, name: &str, account: &mut Account, new: Vec<Happened>) -> Result<(), StoreError> {
        if new.is_empty() {
            return Ok(());
        }
        append_lines(&self.path, &bytes(name, &new)).map_err(|source| self.failed(source))?;
        new.into_iter().for_each(|happened| account.add(happened));
        Ok(())
    }

    /// Makes the file shorter if it holds far more lines than it needs: each story with how it stands.
    ///
    /// # Errors
    /// If the file cannot be written; then it is as it was.
    pub(super) fn shorten(&self, accounts: &Accounts) -> Result<(), StoreError> {
        let lines: usize = accounts.values().map(|account| account.lines).sum();
        if lines < FEW_LINES {
            return Ok(());
        }
        let short: Vec<(&String, Vec<Happened>)> = accounts.iter().map(|(name, of)| (name, of.in_short())).collect();
        if lines < TIMES * short.iter().map(|(_, lines)| lines.len()).sum::<usize>() {
            return Ok(());
        }
        let text: Vec<u8> = short.iter().flat_map(|(name, lines)| bytes(name, lines)).collect();
        let mut aside = self.path.as_os_str().to_owned();
        aside.push(".new");
        let permissions = std::fs::metadata(&self.path).map(|meta| meta.permissions()).ok();
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        NewVersion::write(aside.into(), &text, permissions)
            .and_then(|new| new.replace(&self.path))
            .and_then(|()| sync_folder(folder))
            .map_err(|source| self.failed(source))
    }

    /// Where a message is laid down for a program.
    pub(super) fn message_file(&self) -> PathBuf {
        let mut path = self.path.as_os_str().to_owned();
        path.push(".message");
        path.into()
    }

    fn failed(&self, source: std::io::Error) -> StoreError {
        StoreError::Io { path: self.path.clone(), source }
    }
}

fn bytes(name: &str, all: &[Happened]) -> Vec<u8> {
    let mut text = Vec::new();
    for one in all {
        serde_json::to_writer(&mut text, &line(name, one)).expect("strings and numbers");
        text.push(b'\n');
    }
    text
}

fn line(post: &str, happened: &Happened) -> Line {
    let (post, at) = (post.to_owned(), happened.at.as_second());
    let (story, event) = (happened.story.to_string(), happened.event.name().to_owned());
    match happened.what.clone() {
        What::Pass { stories } => Line::Pass { post, at, stories: stories.iter().map(ToString::to_string).collect() },
        What::Want { title, url, print, keys } => Line::Want { post, at, story, event, title, url, print, keys },
        What::Call => Line::Call { post, at, story, event },
        What::Done { receipt } => Line::Done { post, at, story, event, receipt },
        What::Fail { why } => Line::Fail { post, at, story, event, why },
        What::Doubt { why } => Line::Doubt { post, at, story, event, why },
        What::Drop { why } => Line::Drop { post, at, story, event, why },
    }
}

/// `None`: it names no story or no event of ours.
fn happened(line: Line) -> Option<(String, Happened)> {
    let one = |at: i64, story: &str, event: &str, what: What| {
        let (story, event) = (StoryId::parse(story)?, PostEvent::of_name(event)?);
        Some(Happened { at: Timestamp::from_second(at).unwrap_or_default(), story, event, what })
    };
    Some(match line {
        Line::Pass { post, at, stories } => {
            let stories: Vec<StoryId> = stories.iter().filter_map(|story| StoryId::parse(story)).collect();
            let first = stories.first()?.to_string();
            (post, one(at, &first, "new", What::Pass { stories })?)
        }
        Line::Want { post, at, story, event, title, url, print, keys } => {
            (post, one(at, &story, &event, What::Want { title, url, print, keys })?)
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
        let want = What::Want { title: "T".to_owned(), url: "https://a.example/".to_owned(), print: 3, keys: vec![4] };
        let why = || "so".to_owned();
        let stories = vec![StoryId::parse("abcdefghijklmnop").unwrap()];
        let cases = [
            (What::Pass { stories }, r#"{"do":"pass","post":"p","at":7,"stories":["abcdefghijklmnop"]}"#),
            (
                want,
                concat!(
                    r#"{"do":"want","post":"p","at":7,"story":"abcdefghijklmnop","event":"new","title":"T","#,
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
            assert_eq!(String::from_utf8(bytes("p", std::slice::from_ref(&happened))).unwrap(), format!("{text}\n"));
            assert_eq!(super::happened(serde_json::from_str(text).unwrap()), Some(("p".to_owned(), happened)));
        }
    }

    #[test]
    fn a_torn_line_is_no_line_and_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("feedloom.db");
        let ledger = Ledger::beside(&database);
        let mut account = Account::default();
        ledger.add("p", &mut account, vec![at(What::Call)]).unwrap();
        let path = folder.path().join("feedloom.db.posts");
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&whole[..], &whole[..20]].concat()).unwrap();
        ledger.add("p", &mut account, vec![at(What::Done { receipt: String::new() })]).unwrap();
        assert_eq!(ledger.read().unwrap()["p"], account);
    }

    #[test]
    fn a_ledger_made_shorter_says_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::beside(&folder.path().join("feedloom.db"));
        let mut account = Account::default();
        let mut lines = vec![at(What::Want { title: "T".to_owned(), url: String::new(), print: 3, keys: vec![4] })];
        for _ in 0..FEW_LINES {
            lines.extend([at(What::Call), at(What::Fail { why: "so".to_owned() })]);
        }
        ledger.add("p", &mut account, lines).unwrap();
        let before = ledger.read().unwrap();
        ledger.shorten(&before).unwrap();
        let after = ledger.read().unwrap();
        assert!(after["p"].lines < 10, "{}", after["p"].lines);
        let without_lines = |mut account: Account| {
            account.lines = 0;
            format!("{account:?}")
        };
        // That calls were made within the last hour is not kept.
        let before = without_lines(before["p"].clone()).split("calls:").next().unwrap().to_owned();
        assert!(without_lines(after["p"].clone()).starts_with(&before), "{after:?}");
    }
}
