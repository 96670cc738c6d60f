//! Poll after poll of two sources through the binary: every entry once, no id and no date ever changes,
//! an edit is no news, and nothing new touches no file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::scene::{Page, Scene, files};

/// One item as a subscriber's program sees it.
#[derive(Debug, Clone, PartialEq)]
struct Item {
    id: String,
    title: String,
    link: String,
    published: i64,
    updated: Option<i64>,
    body: String,
}

/// The three formats after one poll, newest first.
struct Outputs {
    rss: Vec<Item>,
    atom: Vec<Item>,
    json: Vec<Item>,
}

impl Outputs {
    fn read(folder: &Path) -> Self {
        Self {
            rss: parsed(&folder.join("feed.xml")),
            atom: parsed(&folder.join("atom.xml")),
            json: json(&folder.join("feed.json")),
        }
    }

    fn ids(&self) -> Vec<String> {
        self.rss.iter().map(|item| item.id.clone()).collect()
    }

    /// The one item whose title starts so, in each format.
    #[track_caller]
    fn find(&self, title: &str) -> [&Item; 3] {
        [&self.rss, &self.atom, &self.json].map(|items| {
            let found: Vec<_> = items.iter().filter(|item| item.title.starts_with(title)).collect();
            assert_eq!(found.len(), 1, "items {title:?} in {items:#?}");
            found[0]
        })
    }
}

fn parsed(path: &Path) -> Vec<Item> {
    let feed = feed_rs::parser::parse(&fs::read(path).unwrap()[..]).unwrap();
    let item = |entry: feed_rs::model::Entry| {
        let body = entry.content.and_then(|content| content.body);
        let summary = entry.summary.map(|text| text.content);
        Item {
            id: entry.id,
            title: entry.title.unwrap().content,
            link: entry.links[0].href.clone(),
            published: entry.published.unwrap().timestamp_millis(),
            updated: entry.updated.map(|at| at.timestamp_millis()),
            body: body.or(summary).unwrap(),
        }
    };
    feed.entries.into_iter().map(item).collect()
}

fn json(path: &Path) -> Vec<Item> {
    let feed: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let text = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
    let time = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let item = |item: &Value| Item {
        id: text(item, "id"),
        title: text(item, "title"),
        link: text(item, "url"),
        published: time(&text(item, "date_published")),
        updated: item["date_modified"].as_str().map(time),
        body: text(item, "content_html"),
    };
    feed["items"].as_array().unwrap().iter().map(item).collect()
}

/// Replays polls and holds what never may change against what came before.
struct Replay {
    scene: Scene,
    polls: u8,
    /// Id → the date it was first seen with, in each format.
    dates: BTreeMap<String, [i64; 3]>,
    order: Vec<String>,
}

impl Replay {
    fn new() -> Self {
        let scene = Scene::new(&["circuit", "harbour"], "");
        Self { scene, polls: 0, dates: BTreeMap::new(), order: Vec::new() }
    }

    /// An hour later: the sources serve these, and one pass is made.
    fn poll(&mut self, circuit: Page, harbour: Page) -> Outputs {
        self.scene.serve("circuit", circuit);
        self.scene.serve("harbour", harbour);
        self.pass()
    }

    fn pass(&mut self) -> Outputs {
        self.pass_ending(0)
    }

    /// A pass that exits with `code`.
    fn pass_ending(&mut self, code: i32) -> Outputs {
        self.polls += 1;
        let done = self.scene.run(&format!("2026-11-02T{:02}:00:00Z", 7 + self.polls));
        assert_eq!(done.status.code(), Some(code), "{}", String::from_utf8_lossy(&done.stderr));
        let outputs = Outputs::read(&self.scene.outputs());
        self.check(&outputs);
        outputs
    }

    fn check(&mut self, outputs: &Outputs) {
        let ids = outputs.ids();
        for items in [&outputs.atom, &outputs.json] {
            assert_eq!(items.iter().map(|item| &item.id).collect::<Vec<_>>(), ids.iter().collect::<Vec<_>>());
        }
        for (at, id) in ids.iter().enumerate() {
            assert!(id.starts_with("tag:feeds.example.org,2026:s/"), "{id}");
            let dates = [&outputs.rss, &outputs.atom, &outputs.json].map(|items| items[at].published);
            assert_eq!(*self.dates.entry(id.clone()).or_insert(dates), dates, "the date of {id}");
        }
        // What was there stays, in its order; news come before it.
        let news = ids.len().checked_sub(self.order.len()).expect("no item is lost");
        assert_eq!(ids[news..], self.order, "after poll {}", self.polls);
        self.order = ids;
    }

    /// A pass that changes no byte and no time of any file, and exits with `code`.
    fn pass_in_vain(&mut self, code: i32) {
        let before = files(&self.scene.outputs());
        assert_eq!(before.keys().filter(|name| !name.contains('/')).count(), 6, "{:?}", before.keys());
        self.pass_ending(code);
        for (name, file) in files(&self.scene.outputs()) {
            assert_eq!(Some(&file), before.get(&name), "{name} was touched by poll {}", self.polls);
        }
    }
}

fn fixture(name: &str) -> Page {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/polls").join(name);
    Page::xml(fs::read(path).unwrap())
}

fn with_etag(name: &str) -> Page {
    Page { etag: Some(format!("\"{name}\"")), ..fixture(name) }
}

fn error_page() -> Page {
    Page { kind: "text/html; charset=utf-8", ..fixture("error.html") }
}

#[test]
fn a_week_of_polls_in_seven() {
    let mut replay = Replay::new();

    let first = replay.poll(fixture("circuit-1.xml"), fixture("harbour-1.xml"));
    assert_eq!(first.rss.len(), 6);
    let undated = first.find("Glossary")[0].published;
    assert_eq!(undated, "2026-11-02T08:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond());

    let second = replay.poll(with_etag("circuit-2.xml"), fixture("harbour-2.xml"));
    assert_eq!(second.rss.len(), 7);
    an_edit_shows_under_the_same_id(&first, &second);

    // The error page says nothing of circuit's entries; harbour links to one of them.
    let third = replay.poll(error_page(), fixture("harbour-3.xml"));
    assert_eq!(third.rss.len(), 8);

    let fourth = replay.poll(fixture("circuit-4.xml"), fixture("harbour-3.xml"));
    assert_eq!(fourth.rss.len(), 8);
    for (before, after) in third.atom.iter().zip(&fourth.atom).filter(|(before, _)| !before.title.starts_with("Comp")) {
        assert_eq!(before.updated, after.updated, "dated anew is not edited: {}", before.title);
    }
    for item in fourth.find("Compiler team drops") {
        assert_eq!(item.link, "https://circuit.example/2026/old-chips");
        assert!(!item.body.contains("Harbour Notes"), "a link to the article covers nothing: {}", item.body);
    }

    let fifth = replay.poll(with_etag("circuit-5.xml"), fixture("harbour-5.xml"));
    assert_eq!(fifth.rss.len(), 9);

    replay.pass_in_vain(0); // 304 from one, the same bytes from the other
    replay.scene.serve("circuit", error_page());
    replay.scene.serve("harbour", error_page());
    replay.pass_in_vain(1); // all that was asked failed

    let store = rusqlite::Connection::open(replay.scene.database()).unwrap();
    let entries: i64 = store.query_row("SELECT count(*) FROM entry", [], |row| row.get(0)).unwrap();
    assert_eq!(entries, 10, "six of circuit's and four of harbour's");
}

fn an_edit_shows_under_the_same_id(first: &Outputs, second: &Outputs) {
    for (before, after) in first.find("Tide gauges").into_iter().zip(second.find("Tide gauges")) {
        assert_eq!(before.id, after.id);
        assert_eq!(after.title, "Tide gauges learn to phone home, and one rang a florist");
    }
    for (before, after) in first.find("Ferry timetable").into_iter().zip(second.find("Ferry timetable")) {
        assert_eq!(before.id, after.id);
        assert!(!before.body.contains("corrected by passengers"), "{}", before.body);
        assert!(after.body.contains("corrected by passengers"), "{}", after.body);
    }
    for (before, after) in first.find("Why our crane").into_iter().zip(second.find("Why our crane")) {
        assert_eq!(before.id, after.id);
        assert_eq!(before.link, "https://harbour.example/crane");
        assert_eq!(after.link, "https://harbour.example/2026/crane-program");
    }
    let [_, before, _] = first.find("Ferry timetable");
    let [_, after, _] = second.find("Ferry timetable");
    assert!(after.updated > before.updated, "an edit moves Atom's updated: {before:?} {after:?}");
    let ([_, before, _], [_, after, _]) = (first.find("Open letter"), second.find("Open letter"));
    assert_eq!(before, after, "what was not edited stays as it is");
}
