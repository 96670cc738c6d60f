//! What is known of the looks at a list, beside its sources.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::list::ListConfig;
use crate::files::NewVersion;

/// What is said of a look that did not even end.
const UNFINISHED: &str = "the last look at it did not come to its end";

/// When a list was last asked for, and since when in vain.
///
/// In its file: the time and the number on the first line, since when and why on the second if the last look failed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ListState {
    pub(crate) asked: Option<Timestamp>,
    /// How often in a row it failed.
    pub(crate) misses: u32,
    /// Since when, and why it last did.
    pub(crate) failing: Option<(Timestamp, String)>,
}

impl ListState {
    fn file(list: &ListConfig) -> PathBuf {
        list.sources_file.with_extension("asked")
    }

    pub(crate) fn read(list: &ListConfig) -> Self {
        Self::parse(&fs::read_to_string(Self::file(list)).unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        let (asked, misses) = lines.next().and_then(|line| line.trim().split_once(' ')).unwrap_or_default();
        let (asked, misses): (Option<Timestamp>, u32) = (asked.parse().ok(), misses.parse().unwrap_or(0));
        let why = lines.next().and_then(|line| line.split_once(' '));
        let failing = why.and_then(|(since, why)| Some((since.parse().ok()?, why.to_owned())));
        let failing = failing.or_else(|| asked.map(|at| (at, UNFINISHED.to_owned())));
        Self { asked, misses, failing: failing.filter(|_| misses > 0) }
    }

    /// A look at `now` begins: as long as nothing else is known, it failed.
    pub(crate) fn asked_at(&self, now: Timestamp) -> Self {
        Self { asked: Some(now), misses: self.misses.saturating_add(1), failing: self.failing.clone() }
    }

    /// The look that began ended well.
    pub(crate) fn found(self) -> Self {
        Self { misses: 0, failing: None, ..self }
    }

    /// The look that began failed.
    pub(crate) fn missed(self, why: &str) -> Self {
        let since = self.failing.as_ref().map(|(since, _)| *since).or(self.asked);
        let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { failing: since.map(|since| (since, why)), ..self }
    }

    /// # Errors
    /// If it cannot be written.
    pub(crate) fn write(&self, list: &ListConfig) -> Result<(), (PathBuf, io::Error)> {
        let path = Self::file(list);
        replace(&path, &self.text()).map_err(|error| (path, error))
    }

    fn text(&self) -> String {
        let asked = self.asked.map(|at| at.to_string()).unwrap_or_default();
        let failing = self.failing.as_ref().map(|(since, why)| format!("{since} {why}\n")).unwrap_or_default();
        format!("{asked} {}\n{failing}", self.misses)
    }
}

/// Either the old file stays, or the new one is complete.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // Two runs at once do not write into one file.
    let aside = path.with_extension(format!("{}.tmp", std::process::id()));
    NewVersion::write(aside, text.as_bytes(), None)?.replace(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u8) -> Timestamp {
        format!("2026-03-02T{hour:02}:00:00Z").parse().unwrap()
    }

    #[test]
    fn the_file_reads_as_it_was_written() {
        let fine = ListState { asked: Some(at(1)), ..ListState::default() };
        assert_eq!(fine.text(), "2026-03-02T01:00:00Z 0\n");
        let missed = fine.asked_at(at(2)).missed("it is\ncut  short");
        assert_eq!(missed.text(), "2026-03-02T02:00:00Z 1\n2026-03-02T02:00:00Z it is cut short\n");
        let again = missed.asked_at(at(3)).missed("it is gone");
        assert_eq!(again.text(), "2026-03-02T03:00:00Z 2\n2026-03-02T02:00:00Z it is gone\n");
        for state in [ListState::default(), fine, missed, again.clone()] {
            assert_eq!(ListState::parse(&state.text()), state);
        }
        assert_eq!(again.found().text(), "2026-03-02T03:00:00Z 0\n");
        // As it was written before the second line, and by a look that did not end.
        let old = ListState::parse("2026-03-02T01:00:00Z 3\n");
        assert_eq!((old.misses, old.failing), (3, Some((at(1), UNFINISHED.to_owned()))));
        for nonsense in ["", "\n\n", "x", "x y\nz", "2026-03-02T01:00:00Z 0\n2026-03-02T01:00:00Z why"] {
            assert_eq!(ListState::parse(nonsense).failing, None, "{nonsense:?}");
        }
    }
}
