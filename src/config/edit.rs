//! feeds.toml changed by the program: sources added or removed, everything else byte for byte as it was.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, InlineTable, Value};

use super::lines;
use super::load::NoSource;
use super::new_source::NewSource;
use super::problem::ConfigError;
use super::settings::Config;
use super::text_file::{check_size, read_text};
use crate::files::NewVersion;

/// What the new version is called until it is complete.
const ASIDE: &str = ".feedloom-tmp";

/// Why feeds.toml was left as it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EditError {
    /// What would be written is wrong.
    #[error("{} would be wrong then: nothing was changed", .path.display())]
    WouldBeWrong {
        path: PathBuf,
        #[source]
        source: ConfigError,
    },
    /// Someone else has written it since it was read.
    #[error("{} was changed by someone else in the meantime: nothing was written", .path.display())]
    ChangedMeanwhile { path: PathBuf },
    /// The system refused.
    #[error("cannot write {}: nothing was changed", .path.display())]
    Unwritable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// feeds.toml as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FeedsFile {
    path: PathBuf,
    text: String,
}

impl FeedsFile {
    /// Reads and checks the file at `path`.
    pub(crate) fn read(path: &Path) -> Result<(Self, Config), ConfigError> {
        let text = read_text(path)?;
        let config = Config::parse_with(path, &text, NoSource::Fine)?;
        Ok((Self { path: path.to_owned(), text }, config))
    }

    /// The lines that represent `sources`, as they are appended.
    pub(crate) fn lines_of(sources: &[NewSource]) -> String {
        sources.iter().map(|source| format!("\n{}", source.lines())).collect()
    }

    /// The text with `sources` at its end, and what it means.
    pub(crate) fn with(&self, sources: &[NewSource]) -> Result<(String, Config), EditError> {
        let text = match self.inline_sources() {
            Some(mut document) => {
                for source in sources {
                    push_inline(&mut document, source);
                }
                document.to_string()
            }
            None => lines::appended(&self.text, &Self::lines_of(sources)),
        };
        let config = self.checked(&text)?;
        Ok((text, config))
    }

    /// The text without the source at `place` (from 0), and the lines that went.
    pub(crate) fn without(&self, place: usize) -> Result<(String, String), EditError> {
        let (text, removed) = match self.inline_sources() {
            Some(mut document) => {
                let removed = remove_inline(&mut document, place);
                (document.to_string(), removed)
            }
            None => lines::without_source(&self.text, place).unwrap_or_else(|| (self.text.clone(), String::new())),
        };
        self.checked(&text)?;
        Ok((text, removed))
    }

    /// Replaces what was read with `text`: either the old file stays, or the new one is complete.
    pub(crate) fn replace(&self, text: &str) -> Result<(), EditError> {
        let unwritable = |source| EditError::Unwritable { path: self.path.clone(), source };
        // A link to the file stays a link.
        let path = fs::canonicalize(&self.path).map_err(unwritable)?;
        let meta = fs::metadata(&path).map_err(unwritable)?;
        if meta.permissions().readonly() {
            return Err(unwritable(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only")));
        }
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(unwritable)?;
        // Two of us take turns; an editor takes no lock, hence the look at the text just before the end.
        file.lock().map_err(unwritable)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let aside = path.with_file_name(format!(".{name}{ASIDE}"));
        let new = NewVersion::write(aside, text.as_bytes(), Some(meta.permissions())).map_err(unwritable)?;
        if fs::read(&path).map_err(unwritable)? != self.text.as_bytes() {
            return Err(EditError::ChangedMeanwhile { path: self.path.clone() });
        }
        new.replace(&path).map_err(unwritable)
    }

    fn checked(&self, text: &str) -> Result<Config, EditError> {
        check_size(text).map_err(|source| EditError::Unwritable { path: self.path.clone(), source })?;
        Config::parse(&self.path, text).map_err(|source| EditError::WouldBeWrong { path: self.path.clone(), source })
    }

    /// The document, if its sources are a list of the form `source = [{ … }]`.
    fn inline_sources(&self) -> Option<DocumentMut> {
        let document: DocumentMut = self.text.parse().ok()?;
        document.get("source").is_some_and(toml_edit::Item::is_array).then_some(document)
    }
}

fn push_inline(document: &mut DocumentMut, source: &NewSource) {
    let table: InlineTable = source.values().into_iter().collect();
    if let Some(list) = document.get_mut("source").and_then(|item| item.as_array_mut()) {
        // Formatted like the one before it: on a line of its own, or beside it. What a comment says of that one is not said
        // of this one.
        let before = list.iter().last().and_then(|last| {
            let before = last.decor().prefix()?.as_str()?;
            let line = before.contains('#').then(|| before.rsplit_once('\n')).flatten();
            Some(line.map_or_else(|| before.to_owned(), |(_, indent)| format!("\n{indent}")))
        });
        let mut value = Value::from(table);
        value.decor_mut().set_prefix(before.filter(|_| list.len() > 1 || list.trailing_comma()).unwrap_or_default());
        list.push_formatted(value);
    }
}

fn remove_inline(document: &mut DocumentMut, place: usize) -> String {
    let list = document.get_mut("source").and_then(|item| item.as_array_mut());
    match list {
        Some(list) if place < list.len() => list.remove(place).to_string().trim().to_owned() + "\n",
        _ => String::new(),
    }
}
