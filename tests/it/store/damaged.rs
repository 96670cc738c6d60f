//! A database that is not as it should be, through the binary: told, and left as it is.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::scene::{Page, Scene, files};

const NOW: &str = "2026-11-03T12:00:00Z";
const LATER: &str = "2026-11-03T14:00:00Z";

/// A scene after a good pass.
fn scene() -> Scene {
    let scene = Scene::new(&["anvil"], "");
    scene.serve(
        "anvil",
        Page::xml(
            "<rss version=\"2.0\"><channel><title>A</title><item><title>One</title><link>https://a.example/1</link>\
             </item></channel></rss>",
        ),
    );
    scene.run_well(NOW);
    scene
}

fn by_sql(scene: &Scene, sql: &str) {
    let database = rusqlite::Connection::open(scene.database()).unwrap();
    database.execute_batch(sql).unwrap();
}

/// T74: every way in which a database may be wrong is told in a sentence, exits with 1 and changes nothing.
#[test]
fn a_database_that_is_not_ours_or_not_whole_is_told_and_left() {
    type Harm = fn(&Scene);
    let cases: [(&str, Harm, &[&str]); 8] = [
        ("garbage", |s| fs::write(s.database(), "garbage ".repeat(2_000)).unwrap(), &["not an SQLite file", "mv "]),
        ("short", |s| fs::write(s.database(), "x").unwrap(), &["is not a feedloom database", "mv "]),
        ("zero bytes", |s| fs::write(s.database(), "").unwrap(), &["is not a feedloom database", "empty", "mv "]),
        (
            "truncated",
            |s| {
                let bytes = fs::read(s.database()).unwrap();
                fs::write(s.database(), &bytes[..bytes.len() / 2]).unwrap();
            },
            &["is damaged", "it ends after", "mv "],
        ),
        (
            "read-only",
            |s| fs::set_permissions(s.database(), fs::Permissions::from_mode(0o444)).unwrap(),
            &["is read-only", "chmod u+w"],
        ),
        (
            "of the development days",
            |s| by_sql(s, "PRAGMA user_version = 13; DROP TABLE unwoven"),
            &["a development version", "schema 13", "mv ", "takes ids, dates and order over"],
        ),
        ("newer", |s| by_sql(s, "PRAGMA user_version = 9999"), &["newer", "mv "]),
        ("of another program", |s| by_sql(s, "PRAGMA application_id = 7"), &["belongs to another program", "mv "]),
    ];
    for (what, harm, words) in cases {
        let scene = scene();
        harm(&scene);
        let (database, outputs) = (fs::read(scene.database()).unwrap(), files(&scene.outputs()));
        let asked = scene.requests();
        for command in
            [&["run", "--all", "--now", LATER][..], &["gather", "--now", LATER], &["publish", "--now", LATER]]
        {
            let done = scene.say(command);
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            assert_eq!(done.status.code(), Some(1), "{what}: {command:?}: {said}");
            assert!(said.contains("feedloom.db") && !said.contains("panicked"), "{what}: {said}");
            for word in words {
                assert!(said.contains(word), "{what}: no {word:?} in {said}");
            }
            assert!(fs::read(scene.database()).unwrap() == database, "{what}: {command:?} changed the file");
        }
        assert_eq!(files(&scene.outputs()), outputs, "{what}");
        assert_eq!(scene.requests(), asked, "{what}: nobody is asked for what cannot be kept");
    }
}

/// T75, for the schemas of before the first release: the hint of the refusal is true. Moved aside, the old database is
/// out of the way, and the next run makes a new one.
#[test]
fn a_database_of_the_development_days_is_refused_by_every_command_until_it_is_moved() {
    let scene = scene();
    by_sql(&scene, "PRAGMA user_version = 0");
    for command in [&["status"][..], &["why", "One"], &["weave", "--now", LATER], &["takedown", "--list"]] {
        let done = scene.say(command);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(1), "{command:?}: {said}");
        assert!(said.contains("a development version of feedloom (schema 0)"), "{command:?}: {said}");
    }
    fs::rename(scene.database(), scene.database().with_extension("db.aside")).unwrap();
    scene.run_well(LATER);
}

/// A page that is damaged is told whenever it is met, and nothing says that the next run goes on.
#[test]
fn what_cannot_be_read_is_told_in_the_middle_of_work_too() {
    for harm in [
        "UPDATE story SET key = 'no story has such an id'",
        "UPDATE entry SET url = 'no address'",
        "UPDATE entry SET extra = '{'; INSERT INTO edited (entry_id) SELECT id FROM entry",
        "UPDATE member SET reason = '{\"rule\":\"none\"}'; INSERT INTO edited (entry_id) SELECT entry_id FROM member",
    ] {
        let scene = scene();
        by_sql(&scene, harm);
        let outputs = files(&scene.outputs());
        let done = scene.say(&["run", "--all", "--allow-shrink", "--now", LATER]);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        if done.status.code() == Some(0) {
            // A run that has nothing to weave and nothing to publish does not read it; whoever reads it says so.
            let done = scene.say(&["why", "One"]);
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            assert_eq!(done.status.code(), Some(1), "{harm}: {said}");
            assert!(said.contains("is damaged") && said.contains("feedloom.db.aside .recover"), "{harm}: {said}");
        } else {
            assert_eq!(done.status.code(), Some(1), "{harm}: {said}");
            assert!(said.contains("is damaged") && said.contains("feedloom.db.aside .recover"), "{harm}: {said}");
            assert!(!said.contains("continues"), "{harm}: {said}");
        }
        assert_eq!(files(&scene.outputs()), outputs, "{harm}");
    }
}

/// A log whose database was taken away is not applied to the new one.
#[test]
fn the_log_of_a_database_that_is_gone_is_set_aside() {
    let scene = scene();
    let kept = rusqlite::Connection::open(scene.database()).unwrap();
    kept.execute_batch("PRAGMA wal_autocheckpoint = 0; DELETE FROM member; DELETE FROM story").unwrap();
    let log = scene.database().with_extension("db-wal");
    let bytes = fs::read(&log).unwrap();
    kept.close().unwrap();
    fs::remove_file(scene.database()).unwrap();
    fs::write(&log, &bytes).unwrap();
    scene.run_well(LATER);
    assert_eq!(fs::read(log.with_extension("db-wal.aside")).unwrap(), bytes);
    assert_eq!(scene.say(&["why", "One"]).status.code(), Some(0));
}

/// A clock that jumped by years records and publishes nothing, whichever way it jumped.
#[test]
fn a_clock_that_is_years_away_from_the_last_run_is_refused_unless_it_is_meant() {
    let scene = scene();
    let outputs = files(&scene.outputs());
    let asked = scene.requests();
    for now in ["1970-01-01T00:00:05Z", "2020-01-01T00:00:00Z", "2038-01-19T03:14:07Z"] {
        for command in [&["run", "--all"][..], &["gather", "--all"], &["weave"], &["publish"], &["run", "--offline"]] {
            let done = scene.say(&[command, &["--now", now]].concat());
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            assert_eq!(done.status.code(), Some(1), "{now} {command:?}: {said}");
            assert!(said.contains("more than five years apart") && said.contains("--allow-clock"), "{said}");
        }
    }
    assert_eq!(files(&scene.outputs()), outputs);
    assert_eq!(scene.requests(), asked);
    scene.run_well("2028-11-03T12:00:00Z");
    let done = scene.say(&["run", "--all", "--allow-shrink", "--allow-clock", "--now", "2038-01-19T03:14:07Z"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
}
