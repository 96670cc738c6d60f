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
        ("garbage", |s| fs::write(s.database(), "garbage ".repeat(2_000)).unwrap(), &["no SQLite file", "mv "]),
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
            &["a development version", "schema 13", "mv ", "new ids"],
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

/// T75, for the schemas of before the first release: the hint of the refusal is true. Moved aside, the old database is out of the way, and the next run makes a new one.
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
