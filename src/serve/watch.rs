//! What others change: feeds.toml, the files of the outputs, the database. Asking costs a few calls of the system.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::config::Config;

/// What tells a file from its next version; `None`: there is none.
pub(super) type Stamp = Option<FileStamp>;

/// Time, length and place of a file on its disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileStamp {
    changed_s: i64,
    changed_ns: i64,
    bytes: u64,
    inode: u64,
}

/// The files that are watched, as they were looked at last.
#[derive(Debug)]
pub(super) struct Watch {
    feeds: PathBuf,
    /// feeds.toml as it was looked at last; `None`: nobody looked since the process read it, and it may be another by now.
    feeds_seen: Option<Stamp>,
    outputs: BTreeMap<PathBuf, Stamp>,
    database: BTreeMap<PathBuf, Stamp>,
    /// The one of them that holds the takedowns: reading the database leaves no trace in it.
    journal: PathBuf,
}

impl Watch {
    /// Watches what `config` names, from now on. feeds.toml itself counts as new when it is asked about first: it may have been
    /// edited since `config` was read.
    pub(super) fn new(config: &Config) -> Self {
        let folders = folders(config);
        let database = ["", "-wal", ".takedowns"].map(|suffix| beside(&config.database, suffix));
        Self {
            feeds: config.path.clone(),
            feeds_seen: None,
            outputs: folders.into_iter().map(|folder| (folder.clone(), stamp(&folder))).collect(),
            database: database.into_iter().map(|path| (path.clone(), stamp(&path))).collect(),
            journal: beside(&config.database, ".takedowns"),
        }
    }

    /// feeds.toml as it is: asked before it is read, so that no edit is missed that comes while it is read.
    pub(super) fn feeds(&self) -> Stamp {
        stamp(&self.feeds)
    }

    /// Watches what `config` names, which was read when feeds.toml was as `read` says.
    pub(super) fn change_to(&mut self, config: &Config, read: Stamp) {
        *self = Self::new(config);
        self.feeds_seen = Some(read);
    }

    /// Whether feeds.toml changed since this was asked last.
    pub(super) fn is_feeds_new(&mut self) -> bool {
        let now = stamp(&self.feeds);
        self.feeds_seen.replace(now) != Some(now)
    }

    /// Whether a file of the outputs was replaced since this was asked last: a replaced file changes its folder.
    pub(super) fn is_output_new(&mut self) -> bool {
        refresh(&mut self.outputs)
    }

    /// Whether the database, or the journal of takedowns, changed since this was asked last.
    pub(super) fn is_database_new(&mut self) -> bool {
        refresh(&mut self.database)
    }
}

impl Watch {
    /// The database counts as changed when it is asked about next.
    pub(super) fn forget_database(&mut self) {
        self.database.values_mut().for_each(|stamp| *stamp = None);
    }

    /// What the database's files look like after it was read is no news; a takedown noted meanwhile is.
    pub(super) fn excuse_reading(&mut self) {
        for (path, before) in self.database.iter_mut().filter(|(path, _)| **path != self.journal) {
            *before = stamp(path);
        }
    }
}

fn refresh(stamps: &mut BTreeMap<PathBuf, Stamp>) -> bool {
    let mut is_new = false;
    for (path, before) in stamps {
        let now = stamp(path);
        is_new |= std::mem::replace(before, now) != now;
    }
    is_new
}

/// Every folder that holds an output.
fn folders(config: &Config) -> Vec<PathBuf> {
    let of_outputs =
        config.outputs.iter().filter_map(|output| config.output_dir.join(&output.file).parent().map(Path::to_owned));
    let of_days = config.outputs.iter().filter_map(|output| Some(config.output_dir.join(output.archive_folder()?)));
    let of_stories = config.outputs.iter().filter_map(|output| Some(config.output_dir.join(output.story_folder()?)));
    let of_facets = config.outputs.iter().flat_map(|output| [output.tag_folder(), output.source_folder()]);
    let of_facets = of_facets.flatten().map(|folder| config.output_dir.join(folder));
    let mut folders: Vec<PathBuf> = of_outputs.chain(of_days).chain(of_stories).chain(of_facets).collect();
    folders.sort();
    folders.dedup();
    folders
}

pub(super) fn stamp(path: &Path) -> Stamp {
    Some(FileStamp::of(&fs::metadata(path).ok()?))
}

impl FileStamp {
    pub(super) fn of(meta: &Metadata) -> Self {
        let (changed_s, changed_ns) = (meta.mtime(), meta.mtime_nsec());
        Self { changed_s, changed_ns, bytes: meta.len(), inode: meta.ino() }
    }

    #[cfg(test)]
    pub(super) fn at(changed_s: i64) -> Self {
        Self { changed_s, changed_ns: 0, bytes: 0, inode: 0 }
    }

    /// When it last changed, in seconds since 1970.
    pub(super) fn changed_s(self) -> u64 {
        u64::try_from(self.changed_s).unwrap_or(0)
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_seen_once() {
        let folder = tempfile::tempdir().unwrap();
        let feeds = folder.path().join("feeds.toml");
        let text = "[[source]]\nurl = \"https://a.example/\"\n";
        fs::write(&feeds, text).unwrap();
        let config = Config::parse(&feeds, text).unwrap();
        fs::create_dir_all(config.output_dir.join("archive")).unwrap();
        fs::create_dir_all(config.output_dir.join("s")).unwrap();
        let mut watch = Watch::new(&config);
        let mut seen = || (watch.is_feeds_new(), watch.is_output_new(), watch.is_database_new());
        assert_eq!(seen(), (true, false, false), "it may have been edited since it was read");
        assert_eq!(seen(), (false, false, false));
        fs::write(&feeds, text.to_owned() + "\n").unwrap();
        assert_eq!(seen(), (true, false, false));
        assert_eq!(seen(), (false, false, false));
        fs::write(config.output_dir.join("archive/2026-11-27.html"), "x").unwrap();
        assert_eq!(seen(), (false, true, false));
        fs::write(config.output_dir.join("s/story.html"), "x").unwrap();
        assert_eq!(seen(), (false, true, false));
        fs::write(beside(&config.database, ".takedowns"), "{}").unwrap();
        assert_eq!(seen(), (false, false, true));
        fs::remove_file(&feeds).unwrap();
        assert_eq!(seen(), (true, false, false));
        let read = watch.feeds();
        fs::write(&feeds, text).unwrap();
        watch.change_to(&config, read);
        assert!(watch.is_feeds_new(), "an edit while it was read is seen");
        assert!(!watch.is_feeds_new());
        fs::write(&config.database, "x").unwrap();
        watch.excuse_reading();
        assert!(!watch.is_database_new(), "reading it is no news");
        fs::write(beside(&config.database, ".takedowns"), "{\"more\": 1}").unwrap();
        watch.excuse_reading();
        assert!(watch.is_database_new(), "a takedown is");
    }
}
