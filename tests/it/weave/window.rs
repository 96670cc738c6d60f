//! A pass with a few new entries reads of the window what can matter for them: it has to give the stories that
//! reading all of it gives.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use feedloom::{
    Arrival, Config, Entry, EntryKey, FilterAnswers, Markup, PublishChanges, Source, SourceId, Store, TagBase, weave,
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use url::Url;

use crate::random::Random;

/// More new entries than are woven without reading the whole window.
const MANY: usize = 260;
const PASSES: usize = 60;
const PASS_HOURS: i64 = 2;
const BEGAN: i64 = 1_767_000_000;

/// News of which several outlets tell, each in its way.
struct World {
    random: Random,
    events: Vec<(String, String)>,
    made: usize,
}

impl World {
    fn entry(&mut self, now: Timestamp) -> Entry {
        let random = &mut self.random;
        self.made += 1;
        let number = self.made;
        let source = random.below(24);
        let known = self.events.len();
        let (subject, address) = if known > 30 && random.below(2) == 0 {
            self.events[known - 1 - random.below(30)].clone()
        } else {
            (random.words(6), format!("https://news-{number}.example/{number}"))
        };
        self.events.push((subject.clone(), address.clone()));
        let title = match random.below(12) {
            0 => subject.clone(),
            1 => format!("Weekly notes of outlet {source}: {}", random.words(2)),
            2 => String::new(),
            _ => format!("{subject} {}", random.words(3)),
        };
        let own = format!("https://outlet-{source}.example/{number}");
        let url = if random.below(6) == 0 { address.clone() } else { own };
        let mut text = format!("{subject} {}", random.words(20));
        if random.below(8) == 0 {
            // Longer than what is read of an entry that was woven, and long enough to be told as a copy.
            text = format!("{subject} {}", random.words(300));
        }
        let lists = source < 3;
        let published = now - SignedDuration::from_mins(random.below(600) as i64);
        Entry {
            summary: Some(Markup::Html(if lists { format!("<a href=\"{address}\">x</a>") } else { text.clone() })),
            text,
            published: (random.below(9) > 0).then_some(published),
            language: [None, Some("en"), Some("de")][random.below(3)].map(str::to_owned),
            ..Entry::new(EntryKey { source: id(source), guid: format!("g{number}") }, Url::parse(&url).unwrap(), title)
        }
    }
}

fn id(number: usize) -> SourceId {
    SourceId::new(format!("outlet-{number}")).unwrap()
}

/// A database, and what is woven with it.
struct Woven {
    path: PathBuf,
    store: Store,
    config: Config,
    sources: BTreeMap<SourceId, Source>,
}

impl Woven {
    fn new(folder: &Path, name: &str) -> Self {
        let mut toml = String::new();
        for number in 0..24 {
            let more = match number {
                0..3 => "kind = \"aggregator\"\n",
                3 => "allow_duplicates = true\n",
                _ => "",
            };
            let _ = write!(
                toml,
                "[[source]]\nid = \"outlet-{number}\"\nurl = \"https://outlet-{number}.example/feed\"\n{more}"
            );
        }
        let config = Config::parse(Path::new("feeds.toml"), &toml).unwrap();
        let sources = config.sources.iter().map(|source| (source.id.clone(), source.resolved(None))).collect();
        let path = folder.join(name);
        Self { store: Store::open(&path).unwrap(), path, config, sources }
    }

    fn pass(&mut self, entries: &[Entry], edited: Option<&Entry>, now: Timestamp) {
        let mut batch = self.store.batch().unwrap();
        for entry in entries {
            batch.insert_entry(entry, 0, now, Arrival::Fresh).unwrap();
        }
        if let Some(edited) = edited {
            let known = batch.known_entry(&edited.key).unwrap().unwrap();
            batch.update_entry(known.number, edited, 1, now).unwrap();
        }
        batch.commit().unwrap();
        weave(&mut self.store, &self.config.weave, &self.sources, now).unwrap();
    }

    /// Publishes what is older than `settled`.
    fn publish(&mut self, settled: Timestamp, now: Timestamp) {
        let unpublished = self.store.unpublished_stories(settled).unwrap().into_iter();
        let changes = PublishChanges {
            now,
            tag_base: TagBase { host: "feeds.example.org".to_owned(), year: 2026 },
            publications: Vec::new(),
            passed_over: unpublished.map(|story| (story.story, story.first_seen)).collect(),
            top_items: None,
            answers: FilterAnswers::new(),
            entered: BTreeMap::new(),
        };
        self.store.freeze(&changes).unwrap();
    }

    fn sql(&self) -> Connection {
        Connection::open(&self.path).unwrap()
    }

    /// Every story, every entry's place and reason, and what was nearly one story.
    fn told(&self) -> Vec<String> {
        let conn = self.sql();
        let mut told = Vec::new();
        for query in [
            "SELECT 'story ' || id || key || lead_entry_id || stopped || coalesce(date_at, '-') FROM story ORDER BY id",
            "SELECT 'member ' || entry_id || ' ' || story_id || ' ' || coalesce(reason, '-') FROM member ORDER BY 1",
            "SELECT 'alias ' || key || ' ' || story_id FROM story_alias ORDER BY 1",
            "SELECT 'near ' || entry_id || ' ' || nearest_id || ' ' || score || ' ' || shared FROM near_miss ORDER BY 1",
        ] {
            let mut stmt = conn.prepare(query).unwrap();
            told.extend(stmt.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap));
        }
        told
    }

    fn count(&self, query: &str) -> i64 {
        self.sql().query_row(query, [], |row| row.get(0)).unwrap()
    }
}

fn passes(seed: u64) -> (Woven, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (mut few, mut all) = (Woven::new(folder.path(), "few.db"), Woven::new(folder.path(), "all.db"));
    let mut world = World { random: Random::new(seed), events: Vec::new(), made: 0 };
    let mut seen: Vec<Entry> = Vec::new();
    for pass in 0..PASSES {
        let now = Timestamp::from_second(BEGAN + pass as i64 * PASS_HOURS * 3600).unwrap();
        let count = if pass % 29 == 0 { MANY } else { 1 + world.random.below(30) };
        let entries: Vec<Entry> = (0..count).map(|_| world.entry(now)).collect();
        let edited = (pass % 3 == 2).then(|| {
            let mut edited = seen[seen.len() - 1 - world.random.below(200)].clone();
            edited.title = world.random.words(8);
            edited
        });
        seen.extend(entries.iter().cloned());
        // What has no traces is read as a whole, as a database of an earlier version is.
        all.sql().execute("DELETE FROM signature", []).unwrap();
        for woven in [&mut few, &mut all] {
            woven.pass(&entries, edited.as_ref(), now);
            if pass % 2 == 0 {
                woven.publish(now - SignedDuration::from_hours(5), now);
            }
        }
        let (few, all) = (few.told(), all.told());
        for (few, all) in few.iter().zip(&all) {
            assert_eq!(few, all, "seed {seed}, pass {pass}");
        }
        assert_eq!(few.len(), all.len(), "seed {seed}, pass {pass}");
    }
    (few, folder)
}

#[test]
fn a_part_of_the_window_gives_the_stories_that_all_of_it_gives() {
    let (few, _folder) = passes(0x00FE_ED10);
    // Words, links, edits and bridges all had a part in it.
    assert!(few.count("SELECT count(*) FROM member WHERE reason LIKE '%imilar%'") > 100);
    assert!(few.count("SELECT count(*) FROM member WHERE reason LIKE '%inks%'") > 20);
    assert!(few.count("SELECT count(*) FROM near_miss") > 20);
    assert!(few.count("SELECT count(*) FROM story_alias") > 5);
    assert!(few.count("SELECT count(*) FROM member WHERE reason LIKE '%same_title%'") > 10);
    // Each pass added its traces and none wrote all of them anew; those before the window are gone.
    let rows = few.count("SELECT count(*) FROM signature");
    assert!((36..=60).contains(&rows), "{rows} rows of traces");
    let gone =
        few.count("SELECT count(*) FROM signature WHERE newest_at < (SELECT max(time_at) FROM member) - 4 * 86400");
    assert_eq!(gone, 0);
}

#[test]
fn what_is_reserved_or_listed_since_is_read_anew() {
    let (mut few, _folder) = passes(11);
    let now = Timestamp::from_second(BEGAN + PASSES as i64 * PASS_HOURS * 3600).unwrap();
    let source = few.sources.get_mut(&id(5)).unwrap();
    source.kind = feedloom::SourceKind::Aggregator;
    let mut world = World { random: Random::new(5), events: Vec::new(), made: 100_000 };
    let entry = world.entry(now);
    let before = few.count("SELECT count(*) FROM signature");
    few.pass(&[entry], None, now);
    let after = few.count("SELECT count(*) FROM signature");
    assert!(after < before / 4, "{after} rows of traces after all were written anew, {before} before");
}
