//! Kills at chosen places: a pass is stopped where the test holds it, killed there, and the next one goes on.
//!
//! Where it is held: at an answer that does not come (a feed, a page), at a database that another has locked (a
//! commit), at a filter program that does not end (publish). Between two verbs a pass is killed by making one alone.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::scene::{Page, Scene, files};

const SOURCES: [&str; 3] = ["anvil", "bellows", "crucible"];
const OUTPUT: &str =
    "[weave]\nsame_story = \"exact\"\n[[output]]\nfile = \"feed.xml\"\nformat = \"rss\"\nitems = 300\n";
const FIRST: &str = "2026-11-03T12:00:00Z";
const SECOND: &str = "2026-11-03T14:00:00Z";
const THIRD: &str = "2026-11-03T16:00:00Z";
/// Longest that a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Each source with `count` entries, whose articles are pages of the same origin, and an ETag of its own.
fn serve(scene: &Scene, count: usize) {
    for source in SOURCES {
        let mut items = String::new();
        for number in 0..count {
            let link = scene.url(&format!("{source}/{number}"));
            write!(
                items,
                "<item><title>{source} report number {number}</title><link>{link}</link><guid>{source}-{number}</guid>\
                 <pubDate>Mon, 02 Nov 2026 0{number}:00:00 GMT</pubDate><description>Short.</description></item>"
            )
            .unwrap();
            let words = format!("The {source} has told report {number} in full, with all that is to be said of it. ")
                .repeat(12);
            let page = format!(
                "<html><head><title>x</title></head><body><article><h1>R</h1><p>{words}</p></article></body></html>"
            );
            scene.serve(&format!("{source}/{number}"), Page { kind: "text/html", ..Page::xml(page) });
        }
        let body = format!(
            "<rss version=\"2.0\"><channel><title>The {source}</title><link>https://{source}.example/</link>{items}</channel></rss>"
        );
        scene.serve(source, Page { etag: Some(format!("\"{source}-{count}\"")), ..Page::xml(body) });
    }
}

fn scene(more: &str) -> Scene {
    let scene = Scene::new(&SOURCES, &(OUTPUT.to_owned() + more));
    serve(&scene, 2);
    scene.run_well(FIRST);
    everything_is_there_once(&scene, 2);
    serve(&scene, 3);
    scene.take_paths();
    scene
}

fn entries(scene: &Scene) -> i64 {
    let database = rusqlite::Connection::open(scene.database()).unwrap();
    database.query_row("SELECT count(*) FROM entry", [], |row| row.get(0)).unwrap()
}

fn kill(mut run: Child) {
    assert!(run.try_wait().unwrap().is_none(), "it ended before it was killed");
    run.kill().unwrap();
    assert_eq!(run.wait().unwrap().code(), None);
}

/// The database is sound, and holds and shows every entry once.
#[track_caller]
fn everything_is_there_once(scene: &Scene, count: usize) {
    let database = rusqlite::Connection::open(scene.database()).unwrap();
    let said: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(said, "ok");
    assert_eq!(entries(scene), i64::try_from(SOURCES.len() * count).unwrap());
    let out = fs::read_to_string(scene.outputs().join("feed.xml")).unwrap();
    for source in SOURCES {
        for number in 0..count {
            let title = format!("<title>{source} report number {number}</title>");
            assert_eq!(out.matches(&title).count(), 1, "{title} in {out}");
        }
    }
    assert_eq!(files(&scene.outputs()).len(), 1, "nothing is left aside");
}

/// T08, T69: after the requests, before any answer.
#[test]
fn killed_while_it_waits_for_answers_it_asks_again() {
    let scene = scene("");
    scene.hold();
    let run = scene.start(SECOND);
    scene.wait_for_path("anvil");
    kill(run);
    scene.release();
    assert_eq!(entries(&scene), 6);
    scene.run_well(THIRD);
    everything_is_there_once(&scene, 3);
}

/// T08, T69: answers are there, their commit is not: their validators must not be either.
#[test]
fn killed_at_a_commit_it_loses_no_entry_to_a_304() {
    let scene = scene("");
    scene.hold();
    let run = scene.start(SECOND);
    scene.wait_for_path("anvil");
    let database = rusqlite::Connection::open(scene.database()).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    scene.release();
    // Every answer was sent; what waits now is the commit.
    SOURCES.iter().for_each(|source| scene.wait_for_path(source));
    let before = modified(&scene);
    std::thread::sleep(Duration::from_millis(700)); // longer than answers are gathered for one commit
    kill(run);
    database.execute_batch("ROLLBACK").unwrap();
    drop(database);
    assert_eq!((entries(&scene), modified(&scene)), (6, before));
    scene.run_well(THIRD);
    everything_is_there_once(&scene, 3);
}

fn modified(scene: &Scene) -> Vec<std::time::SystemTime> {
    files(&scene.outputs()).into_values().map(|(_, modified)| modified).collect()
}

/// T69: some sources are committed, others are still asked for.
#[test]
fn killed_between_two_commits_it_keeps_the_first() {
    let scene = scene("");
    scene.hold_path("crucible");
    let run = scene.start(SECOND);
    let began = Instant::now();
    while entries(&scene) < 8 {
        assert!(began.elapsed() < PATIENCE, "the others are never committed");
        std::thread::sleep(Duration::from_millis(20));
    }
    kill(run);
    scene.release();
    assert_eq!(entries(&scene), 8, "what was committed stays");
    scene.run_well(THIRD);
    everything_is_there_once(&scene, 3);
}

/// T69: between gather and weave, and between weave and publish.
#[test]
fn what_one_verb_left_the_next_pass_takes_up() {
    for verbs in [&["gather"][..], &["gather", "weave"]] {
        let scene = scene("");
        for verb in verbs {
            let mut words = vec![*verb, "--now", SECOND];
            words.extend((*verb == "gather").then_some("--all"));
            let done = scene.say(&words);
            assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        }
        assert_eq!(entries(&scene), 9);
        scene.run_well(THIRD);
        everything_is_there_once(&scene, 3);
    }
}

/// T69: at weave's own commit.
#[test]
fn killed_while_it_weaves_the_next_pass_weaves() {
    let scene = scene("");
    let gathered = scene.say(&["gather", "--all", "--now", SECOND]);
    assert_eq!(gathered.status.code(), Some(0));
    let database = rusqlite::Connection::open(scene.database()).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut weaving = scene.command(&["weave", "--now", SECOND]);
    let run = weaving.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(700)); // it waits for the database, wherever it is
    kill(run);
    database.execute_batch("ROLLBACK").unwrap();
    drop(database);
    scene.run_well(THIRD);
    everything_is_there_once(&scene, 3);
}

/// T69: while a program of the operator's looks at the items.
#[test]
fn killed_while_it_publishes_the_last_output_stays_and_the_next_one_is_whole() {
    let scene = Scene::new(&SOURCES, &(OUTPUT.to_owned() + "filter = [\"./my-filter\"]\n"));
    let (block, reached) = (scene.path("block"), scene.path("reached"));
    let script = format!(
        "#!/bin/sh\nif [ -e {block} ]; then : > {reached}; sleep 4; fi\nexec cat\n",
        block = block.display(),
        reached = reached.display()
    );
    fs::write(scene.path("my-filter"), script).unwrap();
    fs::set_permissions(scene.path("my-filter"), fs::Permissions::from_mode(0o755)).unwrap();
    serve(&scene, 2);
    scene.run_well(FIRST);
    let before = files(&scene.outputs());
    serve(&scene, 3);
    fs::write(&block, "").unwrap();
    let run = scene.start(SECOND);
    let began = Instant::now();
    while !reached.exists() {
        assert!(began.elapsed() < PATIENCE, "the filter is never asked");
        std::thread::sleep(Duration::from_millis(10));
    }
    kill(run);
    fs::remove_file(&block).unwrap();
    assert_eq!(files(&scene.outputs()), before);
    assert_eq!(entries(&scene), 9, "gathered is gathered");
    scene.run_well(THIRD);
    everything_is_there_once(&scene, 3);
}

/// T69: in the leg of article pages. Those that came are kept, the others are fetched by the next pass, none twice.
#[test]
fn killed_while_it_fetches_pages_it_fetches_the_rest_later() {
    let scene = scene("[defaults]\narticle = \"always\"\n");
    scene.hold_path("bellows/2");
    let run = scene.start(SECOND);
    scene.wait_for_path("bellows/2");
    kill(run);
    scene.release();
    assert_eq!(entries(&scene), 9, "feeds were committed before their pages were asked for");
    let first = scene.take_paths();
    scene.run_well(THIRD);
    everything_is_there_once(&scene, 3);
    let second = scene.take_paths();
    for source in SOURCES {
        let path = format!("/{source}/2");
        let times = first.iter().chain(&second).filter(|asked| **asked == path).count();
        assert!((1..=2).contains(&times), "{path}: {first:?} {second:?}");
        assert!(times == 1 || first.contains(&path), "{path}: {second:?}");
    }
    let database = rusqlite::Connection::open(scene.database()).unwrap();
    let kept: i64 =
        database.query_row("SELECT count(*) FROM article WHERE state = 'kept'", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 9);
}

/// T78: there is no daemon yet; a pass that is told to end in mid-fetch does so at once, and the next one goes on.
#[test]
fn a_pass_that_is_told_to_end_ends_at_once() {
    let scene = scene("");
    scene.hold();
    let mut run = scene.start(SECOND);
    scene.wait_for_path("anvil");
    let told = std::process::Command::new("kill").arg(run.id().to_string()).status().unwrap();
    assert!(told.success());
    let began = Instant::now();
    run.wait().unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    scene.release();
    scene.run_well(THIRD);
    everything_is_there_once(&scene, 3);
}
