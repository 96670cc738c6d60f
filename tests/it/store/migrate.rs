//! T75: a database of every schema so far is brought up to date, also when that is killed in the middle.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;

/// `application_id` of our databases: "fdlm".
const APPLICATION_ID: i64 = 0x6664_6C6D;
/// Rows that make a migration take a while.
const ENTRIES: i64 = 20_000;
/// Migrations that are killed before one may end.
const KILLS: u64 = 6;

/// The migrations, oldest first.
fn migrations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/migrations");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// A database as a program that knew only the first `version` migrations left it.
fn old_database(path: &Path, version: usize) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let conn = Connection::open(path).unwrap();
    conn.pragma_update(None, "journal_mode", "wal").unwrap();
    for migration in &migrations()[..version] {
        conn.execute_batch(migration).unwrap();
    }
    conn.execute_batch(&format!(
        "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version}; PRAGMA foreign_keys = ON;
         BEGIN;
         INSERT INTO meta VALUES ('tag_host', 'old.example'), ('tag_year', '2026');
         INSERT INTO source (id, address, read_as, last_request, failures) VALUES ('a', 'https://a.example/f', '', 1761998400, 2);
         INSERT INTO host VALUES ('https://a.example:443', 1762002000, 3);
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ENTRIES})
         INSERT INTO entry (source_id, guid, hash, first_seen_at, published_at, held_back, url, title, text, extra,
                            summary_kind, summary, content_kind)
         SELECT 'a', 'g' || i, i, 1761998400 + i, 1761998400 + i, 0, 'https://a.example/' || i, 'Title ' || i,
                'Text of ' || i, '{{}}', 1, 'Summary of ' || i, 0 FROM n;
         INSERT INTO story (id, key, lead_entry_id, changed_at, held_back, first_published_at, date_at)
         SELECT id, printf('%016d', id), id, first_seen_at, 0, first_seen_at, first_seen_at FROM entry;
         INSERT INTO member (entry_id, story_id, address, time_at, joined_at, shown_at)
         SELECT id, id, id, first_seen_at, first_seen_at, first_seen_at FROM entry;
         COMMIT;"
    ))
    .unwrap();
}

/// All rows that were there before, in one text.
fn rows(path: &Path) -> String {
    let conn = Connection::open(path).unwrap();
    let whole: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    let told = [
        "SELECT group_concat(key || value) FROM (SELECT * FROM meta WHERE key LIKE 'tag%' ORDER BY key)",
        "SELECT group_concat(id || address || last_request || failures) FROM source",
        "SELECT group_concat(key || hold_until || strikes) FROM host",
        "SELECT count(*) || ' ' || sum(hash) || ' ' || sum(length(url || title || text || summary)) FROM entry",
        "SELECT count(*) || ' ' || sum(first_published_at) || ' ' || min(key) || max(key) FROM story",
        "SELECT count(*) || ' ' || sum(shown_at) FROM member",
    ];
    told.map(|query| conn.query_row(query, [], |row| row.get::<_, String>(0)).unwrap()).join("\n")
}

fn version(path: &Path) -> usize {
    Connection::open(path).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
}

/// T75.
#[test]
fn every_old_schema_is_brought_up_to_date_and_kept_whole_by_kills() {
    let newest = migrations().len();
    for old in 1..=newest {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("feeds.toml");
        fs::write(&config, "link = \"https://old.example/\"\n[[source]]\nid = \"a\"\nurl = \"https://a.example/f\"\n")
            .unwrap();
        let database = folder.path().join("data/feedloom.db");
        old_database(&database, old);
        let before = rows(&database);
        let weave = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_feedloom"));
            command.arg("--config").arg(&config).args(["weave", "--now", "2026-11-03T12:00:00Z"]);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        for kill in 0..KILLS {
            let mut run = weave();
            std::thread::sleep(Duration::from_millis(kill * kill));
            // It may have ended by itself: then the next one finds all done.
            _ = run.kill();
            run.wait().unwrap();
            assert_eq!(rows(&database), before, "from {old}, after kill {kill}");
            assert!((old..=newest).contains(&version(&database)));
        }
        let done = weave().wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(0), "from {old}: {}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(rows(&database), before, "from {old}");
        assert_eq!(version(&database), newest, "from {old}");
    }
}
