//! A database, a folder of outputs, and passes over documents that are at hand.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use feedloom::{Config, Mode, PublishReport, Shrink, SourceOutcome, Store, publish_stories, take_in, weave_pending};
use jiff::Timestamp;
use tempfile::TempDir;

/// When every world begins.
pub(super) fn began() -> Timestamp {
    "2026-11-03T12:00:00Z".parse().unwrap()
}

pub(super) struct Newsroom {
    folder: TempDir,
    pub(super) config: Config,
    /// `None` while it is being opened again.
    store: Option<Store>,
}

impl Newsroom {
    /// One that knows the sources of this feeds.toml.
    pub(super) fn new(toml: &str) -> Self {
        // In memory where there is such a folder: a world syncs its files some hundred times.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let config = config(folder.path(), toml);
        let store = Some(Store::open(&config.database).unwrap());
        Self { folder, config, store }
    }

    /// Sources by id, each at `https://ID.example/feed`, with more keys where there are some.
    pub(super) fn toml_of(sources: &[(&str, &str)], more: &str) -> String {
        let mut toml = format!("title = \"All\"\nlink = \"https://feeds.example.org/\"\n{more}\n");
        for (id, keys) in sources {
            writeln!(toml, "[[source]]\nid = \"{id}\"\nurl = \"https://{id}.example/feed\"\n{keys}").unwrap();
        }
        toml
    }

    /// Each source answers with its document, or, where that is empty, with nothing that can be read; then everything is
    /// woven and published.
    pub(super) fn pass(&mut self, documents: &[(&str, String)], now: Timestamp) -> PublishReport {
        let store = self.store.as_mut().unwrap();
        for (id, document) in documents {
            let source = self.config.sources.iter().find(|source| source.id.as_str() == *id).unwrap();
            let report = take_in(store, &self.config, source, document.as_bytes(), now).unwrap();
            let failed = matches!(report.outcome, SourceOutcome::Failed(_) | SourceOutcome::Unreached(_));
            assert_eq!(failed, document.is_empty(), "{id}: {:?}", report.outcome);
        }
        weave_pending(store, &self.config, now).unwrap();
        publish_stories(store, &self.config, now, Shrink::Refuse, Mode::Write).unwrap()
    }

    /// The program ends and starts again.
    pub(super) fn restart(&mut self) {
        self.store = None;
        self.store = Some(Store::open(&self.config.database).unwrap());
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.config.output_dir.join(file)
    }

    /// The operator edits feeds.toml.
    pub(super) fn reconfigure(&mut self, toml: &str) {
        self.config = config(self.folder.path(), toml);
    }

    /// The items of `feed.json`, if it is there.
    pub(super) fn items(&self) -> Vec<serde_json::Value> {
        self.items_of("feed.json")
    }

    pub(super) fn items_of(&self, file: &str) -> Vec<serde_json::Value> {
        let Ok(text) = fs::read_to_string(self.path(file)) else { return Vec::new() };
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        document["items"].as_array().unwrap().clone()
    }
}

fn config(folder: &Path, toml: &str) -> Config {
    Config::parse(&folder.join("feeds.toml"), toml).unwrap()
}

/// Runs `world`, which gives what is wrong in it, for as many numbers as were asked for, else for the first `few`.
pub(super) fn worlds(few: u64, world: impl Fn(u64) -> Vec<String>) {
    const SHOWN: usize = 6;
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let numbers = match number("FEEDLOOM_WORLD") {
        Some(only) => only..only + 1,
        None => 0..number("FEEDLOOM_WORLDS").unwrap_or(few),
    };
    let tried = numbers.end - numbers.start;
    let wrong: Vec<String> = numbers
        .filter_map(|number| {
            let complaints = world(number);
            (!complaints.is_empty()).then(|| format!("world {number}: {}", complaints.join("\n")))
        })
        .collect();
    println!("{tried} worlds, {} of them wrong", wrong.len());
    assert!(wrong.is_empty(), "{} of {tried} worlds:\n{}", wrong.len(), wrong[..wrong.len().min(SHOWN)].join("\n\n"));
}
