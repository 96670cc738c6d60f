//! The database is lost, or restored from an older copy, between two passes of the binary: every id, date and credit
//! stays, in the same order, and nothing is announced twice.

use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::scene::{Page, Scene};

const PASSES: usize = 8;
const NOUNS: [&str; 16] = [
    "kettle", "harbour", "violin", "glacier", "pepper", "lantern", "orchard", "saddle", "turbine", "meadow", "copper",
    "walnut", "penguin", "tunnel", "anchor", "ribbon",
];

/// What happens to the database before a pass.
#[derive(Debug, Clone, Copy)]
enum Loss {
    Nothing,
    /// It is gone before every pass: a runner that keeps only feeds.toml and the outputs.
    EachTime,
    /// It is gone before this pass.
    Before(usize),
    /// Before this pass it is what it was so many passes earlier.
    Restored(usize, usize),
}

/// What a world is made of.
#[derive(Clone, Copy)]
struct World {
    name: &'static str,
    /// Of feeds.toml.
    outputs: &'static str,
    files: &'static [&'static str],
    /// Lines of feeds.toml before a pass, in place of others.
    edit: Option<(usize, &'static str, &'static str)>,
    dates: Dates,
}

#[derive(Clone, Copy, PartialEq)]
enum Dates {
    Given,
    ToTheDay,
    None,
}

const PLAIN: World = World { name: "plain", outputs: "", files: &["feed.json"], edit: None, dates: Dates::Given };

const WORLDS: [World; 6] = [
    PLAIN,
    World {
        name: "small outputs that others leave",
        outputs: "[[output]]\nfile = \"feed.json\"\nitems = 12\n[[output]]\nfile = \"feed.xml\"\nitems = 12\n",
        ..PLAIN
    },
    World {
        name: "an output for a tag, one for all",
        outputs: "[[output]]\nfile = \"all.json\"\n[[output]]\nfile = \"some.json\"\nsources = [\"beta\", \"list\"]\nitems = 8\n",
        files: &["all.json", "some.json"],
        ..PLAIN
    },
    World { name: "by dates", outputs: "[[output]]\nfile = \"feed.json\"\norder = \"published\"\n", ..PLAIN },
    World { name: "days without hours", dates: Dates::ToTheDay, ..PLAIN },
    World {
        name: "link was changed before",
        edit: Some((2, "https://feeds.example.org/", "https://new.example.com/news/")),
        ..PLAIN
    },
];

#[test]
fn a_lost_or_older_database_changes_nothing_that_readers_see() {
    let losses = [Loss::EachTime, Loss::Before(5), Loss::Restored(4, 1), Loss::Restored(7, 3)];
    for world in WORLDS {
        let want = replay(world, Loss::Nothing);
        // Where `link` changes as the database is lost, nothing says that the outputs are its own.
        let is_known = |loss: &&Loss| world.edit.is_none() || !matches!(loss, Loss::EachTime);
        for loss in losses.iter().filter(is_known).copied() {
            let got = replay(world, loss);
            for (pass, (want, got)) in want.iter().zip(&got).enumerate() {
                let differ: Vec<_> = want.iter().zip(got).filter(|(want, got)| want != got).take(3).collect();
                assert!(want == got, "{}, {loss:?}, pass {pass}: {differ:#?}", world.name);
            }
        }
    }
}

/// Feeds without any date: what is known stands in the document, and what stands below it is older.
#[test]
fn undated_entries_are_not_announced_again() {
    let world = World { dates: Dates::None, ..PLAIN };
    let want = replay(world, Loss::Nothing);
    for loss in [Loss::EachTime, Loss::Restored(6, 2)] {
        for (pass, (want, got)) in want.iter().zip(replay(world, loss)).enumerate() {
            let ids = |items: &[String]| {
                items.iter().map(|item| item.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
            };
            assert_eq!(ids(&got), ids(want), "{loss:?}, pass {pass}");
        }
    }
}

/// The items of every file after each pass.
fn replay(world: World, loss: Loss) -> Vec<Vec<String>> {
    let scene = Scene::new(&["alpha", "beta", "list"], world.outputs);
    let mut after = Vec::new();
    for pass in 0..PASSES {
        for (at, path) in ["alpha", "beta", "list"].into_iter().enumerate() {
            scene.serve(path, Page::xml(feed(at, pass, world.dates)));
        }
        if let Some((_, from, to)) = world.edit.filter(|(before, ..)| *before == pass) {
            let path = scene.path("feeds.toml");
            fs::write(&path, fs::read_to_string(&path).unwrap().replace(from, to)).unwrap();
        }
        lose(&scene, loss, pass);
        scene.run_well(&format!("2026-11-03T{:02}:00:00Z", 8 + pass));
        fs::copy(scene.database(), copy(&scene, pass)).unwrap();
        after.push(world.files.iter().flat_map(|file| items(&scene.outputs().join(file))).collect());
    }
    after
}

fn lose(scene: &Scene, loss: Loss, pass: usize) {
    let is_gone = match loss {
        Loss::Nothing => false,
        Loss::EachTime => pass > 0,
        Loss::Before(at) => pass == at,
        Loss::Restored(at, ago) => {
            if pass == at {
                fs::copy(copy(scene, pass - 1 - ago), scene.database()).unwrap();
            }
            false
        }
    };
    if is_gone {
        fs::remove_file(scene.database()).unwrap();
    }
}

fn copy(scene: &Scene, pass: usize) -> PathBuf {
    scene.path(&format!("copy{pass}.db"))
}

/// The feed of one source after so many passes: it shows its last entries, two to three of each pass. `beta` tells what
/// `alpha` tells now and then, an hour later; `list` writes one entry in three passes.
fn feed(source: usize, pass: usize, dates: Dates) -> String {
    let name = ["alpha", "beta", "list"][source];
    let mut items = String::new();
    let shown: Vec<(usize, usize)> = (0..=pass)
        .rev()
        .flat_map(|of| (0..[3, 2, usize::from(of % 3 == 0)][source]).map(move |at| (of, at)))
        .take([9, 12, 4][source])
        .collect();
    for (of, at) in shown {
        let is_shared = source == 1 && at == 0 && of > 0 && of % 2 == 0;
        let (owner, of_title) = if is_shared { (0, of - 1) } else { (source, of) };
        let seed = owner * 1_000 + of_title * 10 + at;
        let (title, text) = (words(seed, 7), words(seed + 500_000, 20));
        let date = match dates {
            Dates::Given => {
                format!("<pubDate>Tue, 03 Nov 2026 {:02}:{:02}:00 GMT</pubDate>", 7 + of, 50 - at * 7 - source)
            }
            Dates::ToTheDay => "<pubDate>Tue, 03 Nov 2026 00:00:00 GMT</pubDate>".to_owned(),
            Dates::None => String::new(),
        };
        write!(
            items,
            "<item><title>{title}</title><link>https://{name}.example/{of}/{at}?utm_source=feed</link>\
             <guid isPermaLink=\"false\">{name}-{of}-{at}</guid>{date}<author>{name}@x.example (Pat {of})</author>\
             <description>{text}.</description></item>"
        )
        .unwrap();
    }
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>The {name}</title>\
         <link>https://{name}.example/</link><description>d</description>{items}</channel></rss>"
    )
}

/// So many words that no other seed has in this order.
fn words(seed: usize, count: usize) -> String {
    let word = |at: usize| {
        let mut hasher = DefaultHasher::new();
        (seed, at).hash(&mut hasher);
        let random = hasher.finish();
        [8, 24, 40].map(|shift| NOUNS[usize::try_from(random >> shift).unwrap() % NOUNS.len()]).concat()
    };
    let words: Vec<String> = (0..count).map(word).collect();
    words.join(" ")
}

/// Each item as a reader sees it: id, date, title, whom it credits, its text.
fn items(path: &Path) -> Vec<String> {
    let feed: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let item = |item: &Value| {
        let credits: Vec<String> = item["_feedloom"]["sources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|credit| format!("{}:{}:{}", credit["id"], credit["url"], credit["author"]))
            .collect();
        format!(
            "{} {} {} {credits:?} {}",
            item["id"].as_str().unwrap(),
            item["date_published"],
            item["title"],
            item["summary"]
        )
    };
    feed["items"].as_array().unwrap().iter().map(item).collect()
}
