//! A file next to the database with every takedown and every reversal of one, one JSON line each. It is only appended
//! to, so that anyone may append while a pass holds the database, and sealed: what is lost of it is noticed.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::{LineFile, Missing, SealedFile, StoreError, Takedown, Taken};

/// The most that is read from it, in bytes; a takedown takes about two thousand.
const LARGEST_BYTES: u64 = 64 * 1024 * 1024;

/// The file.
#[derive(Debug, Clone)]
pub(crate) struct Journal(SealedFile);

/// What identifies a takedown, whatever number the database assigns it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    request: String,
    at: Timestamp,
}

/// How much a request covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scope {
    /// An article or a story.
    One,
    /// Everything whose address starts with it.
    Prefix,
}

/// A takedown as noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) request: String,
    pub(crate) scope: Scope,
    pub(crate) at: Timestamp,
    pub(crate) title: Option<String>,
    pub(crate) taken: Vec<Taken>,
}

/// What the journal holds.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    /// Takedowns in force.
    pub(crate) takedowns: BTreeMap<Name, Note>,
    /// Takedowns that were undone.
    pub(crate) undone: Vec<Name>,
}

impl Note {
    pub(crate) fn name(&self) -> Name {
        Name { request: self.request.clone(), at: self.at }
    }
}

impl Name {
    pub(crate) fn of(takedown: &Takedown) -> Self {
        Self { request: takedown.request.clone(), at: takedown.at }
    }
}

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Line {
    TakeDown { request: String, scope: Scope, at: i64, title: Option<String>, keys: Vec<(String, String)> },
    Undo { request: String, at: i64 },
}

impl Journal {
    /// The journal of the database at `path`.
    pub(crate) fn beside(database: &Path) -> Self {
        let lost = |path, seal| StoreError::LostTakedowns { path, seal };
        Self(SealedFile::new(LineFile::beside(database, ".takedowns", LARGEST_BYTES), Missing::IsLost, lost))
    }

    /// Notes a takedown.
    pub(crate) fn add(&self, note: &Note) -> Result<(), StoreError> {
        let keys = note.taken.iter().map(Taken::to_columns).map(|(kind, value)| (kind.to_owned(), value.into_owned()));
        self.0.append(&[Line::TakeDown {
            request: note.request.clone(),
            scope: note.scope,
            at: note.at.as_second(),
            title: note.title.clone(),
            keys: keys.collect(),
        }])
    }

    /// Notes that a takedown is undone.
    pub(crate) fn undo(&self, name: &Name) -> Result<(), StoreError> {
        self.0.append(&[Line::Undo { request: name.request.clone(), at: name.at.as_second() }])
    }

    /// Everything noted so far.
    ///
    /// # Errors
    /// If it cannot be read, or something of what was sealed is missing.
    pub(crate) fn read(&self) -> Result<Noted, StoreError> {
        let mut noted = Noted::default();
        self.0.read()?.into_iter().for_each(|line| noted.add(line));
        Ok(noted)
    }
}

impl Noted {
    fn add(&mut self, line: Line) {
        let time = |seconds| Timestamp::from_second(seconds).unwrap_or_default();
        match line {
            Line::TakeDown { request, scope, at, title, keys } => {
                let taken = keys.iter().filter_map(|(kind, value)| Taken::from_columns(kind, value)).collect();
                let note = Note { request, scope, at: time(at), title, taken };
                let name = note.name();
                self.undone.retain(|undone| *undone != name);
                self.takedowns.insert(name, note);
            }
            Line::Undo { request, at } => {
                let name = Name { request, at: time(at) };
                self.takedowns.remove(&name);
                self.undone.push(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn note(request: &str, second: i64) -> Note {
        let taken = vec![Taken::Article(Url::parse(request).unwrap())];
        let at = Timestamp::from_second(second).unwrap();
        Note {
            request: request.to_owned(),
            scope: Scope::One,
            at,
            title: Some("A title\nof two lines".to_owned()),
            taken,
        }
    }

    #[test]
    fn what_is_noted_is_read_again_and_what_is_undone_does_not_count() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::beside(&dir.path().join("data/feedloom.db"));
        assert!(journal.read().unwrap().takedowns.is_empty());
        let (first, second) = (note("https://a.example/1", 1), note("https://a.example/2", 2));
        journal.add(&first).unwrap();
        journal.add(&second).unwrap();
        journal.undo(&first.name()).unwrap();
        let noted = journal.read().unwrap();
        assert_eq!(noted.takedowns.into_values().collect::<Vec<_>>(), [second]);
        assert_eq!(noted.undone, [first.name()]);
    }

    #[test]
    fn a_line_has_frozen_keys() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::beside(&dir.path().join("feedloom.db"));
        let note = note("https://a.example/1", 1);
        journal.add(&note).unwrap();
        journal.undo(&note.name()).unwrap();
        let text = std::fs::read_to_string(dir.path().join("feedloom.db.takedowns")).unwrap();
        let want = concat!(
            r#"{"do":"take_down","request":"https://a.example/1","scope":"one","at":1,"title":"A title\nof two lines","#,
            r#""keys":[["article","https://a.example/1"]]}"#,
            "\n",
            r#"{"do":"undo","request":"https://a.example/1","at":1}"#,
            "\n",
        );
        assert_eq!(text, want);
    }

    #[test]
    fn a_line_that_was_not_written_whole_spoils_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::beside(&dir.path().join("feedloom.db"));
        journal.add(&note("https://a.example/1", 1)).unwrap();
        let path = dir.path().join("feedloom.db.takedowns");
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&whole[..], &whole[..20]].concat()).unwrap();
        journal.add(&note("https://a.example/2", 2)).unwrap();
        assert_eq!(journal.read().unwrap().takedowns.len(), 2);
    }
}
