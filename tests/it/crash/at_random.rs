//! Real crashes: the binary is killed in the middle of passes, and nothing is lost, doubled or broken.
//!
//! Where a kill falls depends on the machine's speed, so these tests wait for real moments; what they
//! assert has to hold wherever it falls. `FEEDLOOM_KILLS` sets how many kills there are (24).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::random::Random;
use crate::scene::{Page, Scene, exit_code, files};

const SOURCES: [&str; 6] = ["anvil", "bellows", "crucible", "dynamo", "engine", "flywheel"];
/// Entries of each source before anything happens.
const FIRST: usize = 8;
/// Kills between two passes that may end.
const KILLS_IN_A_ROW: usize = 4;
const OUTPUTS: &str = "[weave]\nsame_story = \"exact\"\n
[[output]]\nfile = \"feed.xml\"\nformat = \"rss\"\nitems = 300\n
[[output]]\nfile = \"atom.xml\"\nformat = \"atom\"\nitems = 300\n
[[output]]\nfile = \"feed.json\"\nformat = \"json\"\nitems = 300\n";

/// The sources at `version`: each has gained one entry per version, none has left.
fn serve(scene: &Scene, version: usize) {
    for source in SOURCES {
        let mut items = String::new();
        for number in (0..FIRST + version).rev() {
            let minute = number + 1;
            writeln!(
                items,
                "<item><title>{source} report number {number}</title><link>{}</link><guid>{source}-{number}</guid>\
                 <pubDate>Mon, 02 Nov 2026 {:02}:{:02}:00 GMT</pubDate><description>About {source}.</description></item>",
                link(source, number),
                minute / 60,
                minute % 60
            )
            .unwrap();
        }
        let body = format!(
            "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>The {source}</title>\
             <link>https://{source}.example/</link><description>x</description>\n{items}</channel></rss>\n"
        );
        scene.serve(source, Page { etag: Some(format!("\"{source}-{version}\"")), ..Page::xml(body) });
    }
}

fn link(source: &str, number: usize) -> String {
    format!("https://{source}.example/reports/{number}")
}

fn now(hour: usize) -> String {
    let start: jiff::Timestamp = "2026-11-03T00:00:00Z".parse().unwrap();
    (start + jiff::SignedDuration::from_hours(i64::try_from(hour).unwrap())).to_string()
}

/// id → date of every item that was ever seen in an output.
type Dates = BTreeMap<String, i64>;

/// Every output that is there is whole, and no id has another date than before. Gives the items' links.
fn outputs_are_whole(scene: &Scene, dates: &mut Dates) -> BTreeMap<String, Vec<String>> {
    let mut links = BTreeMap::new();
    if !scene.outputs().exists() {
        return links;
    }
    for (name, (bytes, _)) in files(&scene.outputs()) {
        if !["feed.xml", "atom.xml", "feed.json"].contains(&name.as_str()) {
            continue; // what a killed writer left aside
        }
        let feed = feed_rs::parser::parse(&bytes[..]).unwrap_or_else(|error| panic!("{name} is broken: {error}"));
        let ending: &[u8] = if name == "feed.json" { b"}" } else { b">" };
        assert!(bytes.trim_ascii_end().ends_with(ending), "{name} is cut short");
        for entry in &feed.entries {
            let date = entry.published.unwrap().timestamp();
            assert_eq!(*dates.entry(entry.id.clone()).or_insert(date), date, "the date of {} in {name}", entry.id);
        }
        links.insert(name, feed.entries.iter().map(|entry| entry.links[0].href.clone()).collect());
    }
    links
}

/// What SQLite says of the database, asked of a copy: the next run is to find what the kill left.
fn database_is_sound(database: &Path) {
    if !database.exists() {
        return;
    }
    let aside = tempfile::tempdir().unwrap();
    for name in ["feedloom.db", "feedloom.db-wal"] {
        let from = database.with_file_name(name);
        if from.exists() {
            fs::copy(from, aside.path().join(name)).unwrap();
        }
    }
    let copy = rusqlite::Connection::open(aside.path().join("feedloom.db")).unwrap();
    let said: String = copy.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(said, "ok");
}

/// After a pass that ended: every entry of every source once, in the store and in each output, and no
/// file beside them.
#[track_caller]
fn everything_is_there_once(scene: &Scene, version: usize, dates: &mut Dates) {
    let want: BTreeSet<String> =
        SOURCES.iter().flat_map(|source| (0..FIRST + version).map(move |number| link(source, number))).collect();
    let store = rusqlite::Connection::open(scene.database()).unwrap();
    let mut query = store.prepare("SELECT url FROM entry ORDER BY url").unwrap();
    let held: Vec<String> = query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(held.len(), want.len(), "an entry is doubled or lost");
    assert_eq!(held.into_iter().collect::<BTreeSet<_>>(), want);
    drop(query);
    let links = outputs_are_whole(scene, dates);
    assert_eq!(links.len(), 3);
    for (name, links) in links {
        assert_eq!(links.len(), want.len(), "{name} doubles or lacks an item");
        assert_eq!(links.into_iter().collect::<BTreeSet<_>>(), want, "{name}");
    }
    let left: Vec<String> = files(&scene.outputs()).into_keys().collect();
    assert_eq!(left, ["atom.xml", "feed.json", "feed.xml"], "left aside in the output folder");
}

/// T08, T69: at random moments; 200 of them in `tests/e2e/crash.py`.
#[test]
fn a_pass_that_is_killed_anywhere_loses_and_doubles_nothing() {
    let kills: usize = std::env::var("FEEDLOOM_KILLS").map_or(24, |kills| kills.parse().unwrap());
    let scene = Scene::new(&SOURCES, OUTPUTS);
    let (mut rng, mut dates) = (Random::new(0x5EED), Dates::new());
    let (mut version, mut hour, mut killed) = (0, 0, 0);
    // A first guess; each pass that ends tells better.
    let mut pass = Duration::from_millis(400);
    for round in 0..kills {
        // Entries are added only while they fit into an output of 300.
        version += usize::from(version < 40);
        serve(&scene, version);
        hour += 1;
        let mut run = scene.start(&now(hour));
        std::thread::sleep(rng.pause(pass * 11 / 10));
        run.kill().unwrap();
        killed += usize::from(run.wait().unwrap().code().is_none());
        database_is_sound(&scene.database());
        outputs_are_whole(&scene, &mut dates);
        if round % KILLS_IN_A_ROW == KILLS_IN_A_ROW - 1 {
            hour += 1;
            let began = Instant::now();
            scene.run_well(&now(hour));
            pass = began.elapsed();
            everything_is_there_once(&scene, version, &mut dates);
        }
    }
    hour += 1;
    scene.run_well(&now(hour));
    everything_is_there_once(&scene, version, &mut dates);
    assert!(killed * 4 >= kills, "only {killed} of {kills} runs were killed before they ended");
}

/// T72.
#[test]
fn of_two_runs_at_once_one_exits_75_and_asks_nobody() {
    let scene = Scene::new(&SOURCES, OUTPUTS);
    serve(&scene, 0);
    scene.hold();
    let mut first = scene.start(&now(1));
    scene.wait_for_requests(1);
    let began = Instant::now();
    let second = scene.run(&now(1));
    let took = began.elapsed();
    assert_eq!(second.status.code(), Some(75), "{}", String::from_utf8_lossy(&second.stderr));
    assert!(took < Duration::from_secs(1), "it took {took:?} to say so");
    scene.release();
    assert_eq!(exit_code(&mut first), Some(0));
    assert_eq!(scene.requests(), SOURCES.len(), "each source was asked once");
    everything_is_there_once(&scene, 0, &mut Dates::new());
}

/// T73.
#[test]
fn after_the_holder_of_the_lock_is_killed_the_next_run_starts_at_once() {
    let scene = Scene::new(&SOURCES, OUTPUTS);
    serve(&scene, 0);
    scene.hold();
    let mut first = scene.start(&now(1));
    scene.wait_for_requests(1);
    first.kill().unwrap();
    first.wait().unwrap();
    scene.release();
    scene.run_well(&now(2));
    everything_is_there_once(&scene, 0, &mut Dates::new());
}
