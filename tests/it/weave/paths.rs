//! Figures are made with `weave --jsonl --publish-every`, readers get what passes over a database make: the two have
//! to give the same stories.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use feedloom::{
    Arrival, Config, Entry, EntryKey, FilterAnswers, Markup, PublishChanges, Source, SourceId, Store, TagBase, weave,
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde_json::{Value, json};
use url::Url;

use crate::random::Random;

const BEGAN: i64 = 1_767_000_000;
const SOURCES: usize = 12;
const ENTRIES: usize = 500;

/// A post of one outlet.
struct Post {
    id: String,
    source: usize,
    title: String,
    text: String,
    time: Timestamp,
}

impl Post {
    fn address(&self) -> String {
        format!("https://outlet-{}.example/{}", self.source, self.id)
    }
}

/// Posts of four days, half of them on a subject of which others tell too.
fn posts(seed: u64) -> Vec<Post> {
    let mut random = Random::new(seed);
    let mut subjects: Vec<String> = Vec::new();
    let mut second = BEGAN;
    let mut posts = Vec::new();
    for number in 0..ENTRIES {
        second += 30 + random.below(1_300) as i64;
        let known = subjects.len();
        let subject = if known > 20 && random.below(2) == 0 {
            subjects[known - 1 - random.below(20)].clone()
        } else {
            random.words(6)
        };
        subjects.push(subject.clone());
        let source = random.below(SOURCES);
        let title = match random.below(10) {
            0 => subject.clone(),
            1 => format!("Weekly notes of outlet {source}: {}", random.words(2)),
            _ => format!("{subject} {}", random.words(3)),
        };
        let text = format!("{subject} {}", random.words(12));
        let time = Timestamp::from_second(second).unwrap();
        posts.push(Post { id: format!("p{number:03}"), source, title, text, time });
    }
    posts
}

type Stories = BTreeSet<BTreeSet<String>>;

/// The stories that `weave --jsonl` makes.
fn of_lines(posts: &[Post], folder: &Path) -> Stories {
    let mut lines = String::new();
    for post in posts {
        let line = json!({
            "id": post.id, "title": post.title, "summary": post.text, "url": post.address(),
            "publisher": format!("outlet-{}.example", post.source), "published": post.time.to_string(),
        });
        let _ = writeln!(lines, "{line}");
    }
    let file = folder.join("posts.jsonl");
    std::fs::write(&file, lines).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_feedloom"))
        .args(["weave", "--jsonl"])
        .arg(&file)
        .args(["--same-story", "balanced", "--publish-every", "1h"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut stories: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| line[key].as_str().unwrap().to_owned();
        stories.entry(text("cluster")).or_default().insert(text("id"));
    }
    stories.into_values().collect()
}

fn entry(post: &Post) -> Entry {
    Entry {
        summary: Some(Markup::Text(post.text.clone())),
        text: post.text.clone(),
        published: Some(post.time),
        ..Entry::new(
            EntryKey { source: SourceId::new(format!("outlet-{}", post.source)).unwrap(), guid: post.id.clone() },
            Url::parse(&post.address()).unwrap(),
            post.title.clone(),
        )
    }
}

/// The stories that passes over a database make: one for each hour that has posts, each published.
fn of_passes(posts: &[Post], folder: &Path) -> Stories {
    let mut toml = String::new();
    for source in 0..SOURCES {
        let _ = write!(toml, "[[source]]\nid = \"outlet-{source}\"\nurl = \"https://outlet-{source}.example/feed\"\n");
    }
    let config = Config::parse(Path::new("feeds.toml"), &toml).unwrap();
    let sources: BTreeMap<SourceId, Source> =
        config.sources.iter().map(|source| (source.id.clone(), source.resolved(None))).collect();
    let path = folder.join("passes.db");
    let mut store = Store::open(&path).unwrap();
    let mut rest = posts;
    while let Some(first) = rest.first() {
        let is_of_pass = |post: &Post| post.time.duration_since(first.time) < SignedDuration::from_hours(1);
        let (pass, later) = rest.split_at(rest.iter().take_while(|post| is_of_pass(post)).count());
        rest = later;
        let now = pass[pass.len() - 1].time;
        let mut batch = store.batch().unwrap();
        for post in pass {
            batch.insert_entry(&entry(post), 0, post.time, Arrival::Fresh).unwrap();
        }
        batch.commit().unwrap();
        weave(&mut store, &config.weave, &sources, now).unwrap();
        let unpublished = store.unpublished_stories(now).unwrap().into_iter();
        let changes = PublishChanges {
            now,
            tag_base: TagBase { host: "feeds.example.org".to_owned(), year: 2026 },
            publications: Vec::new(),
            passed_over: unpublished.map(|story| (story.story, story.first_seen)).collect(),
            top_items: None,
            answers: FilterAnswers::new(),
            entered: BTreeMap::new(),
        };
        store.freeze(&changes).unwrap();
    }
    drop(store);
    let conn = Connection::open(&path).unwrap();
    let mut stmt = conn
        .prepare("SELECT story_id, guid FROM member JOIN entry ON entry.id = member.entry_id ORDER BY 1, 2")
        .unwrap();
    let rows = stmt.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))).unwrap();
    let mut stories: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    for (story, guid) in rows.map(Result::unwrap) {
        stories.entry(story).or_default().insert(guid);
    }
    stories.into_values().collect()
}

#[test]
fn passes_over_a_database_give_the_stories_of_a_stream_of_lines() {
    for seed in [0x00FE_ED10, 0x5EED, 77] {
        let folder = tempfile::tempdir().unwrap();
        let posts = posts(seed);
        let (lines, passes) = (of_lines(&posts, folder.path()), of_passes(&posts, folder.path()));
        let shared = lines.iter().filter(|story| story.len() > 1).count();
        assert!(shared > 30, "seed {seed}: {shared} shared stories");
        let (more, less): (Vec<_>, Vec<_>) = (lines.difference(&passes).collect(), passes.difference(&lines).collect());
        assert!(more.is_empty() && less.is_empty(), "seed {seed}: lines {more:?}, passes {less:?}");
    }
}
