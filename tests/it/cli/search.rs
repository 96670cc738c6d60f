//! `search` and `backup` through the binary.

use std::fs;

use rusqlite::Connection;

use super::home::{Home, ok, rss};
use crate::publisher::Publisher;

const NEWS: &[&str] =
    &["Café owls découvrent Rust", "Owls learn to juggle", "The big owl news of the day", "Compilers grow up"];

fn found(home: &Home, args: &[&str]) -> Vec<String> {
    let done = home.does(&[&["search", "--json"], args].concat());
    assert!(!done.said.contains("panicked"), "{}", done.said);
    let hits = done.json();
    hits.as_array().unwrap().iter().map(|hit| hit["title"].as_str().unwrap().to_owned()).collect()
}

fn home() -> Home {
    let home = Home::empty();
    let (news, other) = (home.feed("news.xml", NEWS), home.feed("other.xml", &["Owls and kites"]));
    home.subscribe(&[("news", &news), ("other", &other)]);
    home.runs(1, &[]).exits(0);
    home
}

#[test]
fn words_are_found_in_scripts_that_put_no_space_between_them() {
    let home = Home::empty();
    let titles = ["東京都知事が新しい計画を発表", "京東商城发布财报", "ＮＴＴとデータセンター", "서울 시장 발표"];
    let feed = home.feed("news.xml", &titles);
    home.subscribe(&[("news", &feed)]);
    home.runs(1, &[]).exits(0);
    for (words, want) in [
        ("東京", Some(0)),
        ("知事", Some(0)),
        ("\"新しい計画\"", Some(0)),
        ("知事*", Some(0)),
        ("京東", Some(1)),
        ("NTT", Some(2)),
        ("ｎｔｔ", Some(2)),
        ("データ", Some(2)),
        ("서울", Some(3)),
        ("事知", None),
    ] {
        let want: Vec<&str> = want.map(|place: usize| titles[place]).into_iter().collect();
        assert_eq!(found(&home, &[words]), want, "{words}");
    }
}

#[test]
fn words_are_found_by_what_is_typed_for_their_letters() {
    let home = Home::empty();
    let titles = ["Größe der Straße in Łódź", "Bodø og Þór fra Ærø", "Cœur et DIYARBAKIR’ın"];
    let feed = home.feed("news.xml", &titles);
    home.subscribe(&[("news", &feed)]);
    home.runs(1, &[]).exits(0);
    for (words, place) in [
        ("STRASSE", 0),
        ("straße", 0),
        ("grosse", 0),
        ("lodz", 0),
        ("stras*", 0),
        ("\"der Strasse\"", 0),
        ("bodo", 1),
        ("THOR", 1),
        ("aero", 1),
        ("coeur", 2),
        ("in", 2),
    ] {
        let want: &[&str] = if words == "in" { &[titles[0], titles[2]] } else { &[titles[place]] };
        let mut found = found(&home, &[words]);
        found.sort_by_key(|title| titles.iter().position(|of| of == title));
        assert_eq!(found, want, "{words}");
    }
}

#[test]
fn words_are_found_whatever_their_case_and_accents() {
    let home = home();
    for (words, want) in [
        (&["CAFE", "rust"][..], &["Café owls découvrent Rust"][..]),
        (&["decouvrent"], &["Café owls découvrent Rust"]),
        (&["\"owl news\""], &["The big owl news of the day"]),
        (&["\"news owl\""], &[]),
        (&["compil*"], &["Compilers grow up"]),
        (&["compil"], &[]),
        (&["owls", "--source", "other"], &["Owls and kites"]),
        (&["owls", "juggle", "-x"], &[]),
        (&["NEAR(", "title:owls"], &[]),
    ] {
        let args: Vec<&str> = words.to_vec();
        let args: Vec<&str> = if args.contains(&"-x") { vec!["owls", "juggle", "--", "-x"] } else { args };
        assert_eq!(found(&home, &args), want, "{words:?}");
    }
    home.does(&["search", "owls"]).exits(0).prints(&["Owls learn to juggle (news)", "https://news.example/"]);
    home.does(&["search", "zebra"]).exits(1).silent();
    home.does(&["search", "--", "***"]).exits(1).says(&["there is no word"]);
    home.does(&["search", "owls", "--source", "nobody"]).exits(1).says(&["no source `nobody`"]);
}

#[test]
fn the_index_follows_new_and_edited_entries_and_can_be_deleted() {
    let home = home();
    assert_eq!(found(&home, &["zebra"]), Vec::<String>::new());
    let mut titles = NEWS.to_vec();
    titles.push("A zebra in the library");
    home.feed("news.xml", &titles);
    let text = fs::read_to_string(home.path("news.xml")).unwrap();
    home.write("news.xml", &text.replace("About compilers-grow-up.", "About parsers, too."));
    home.runs(30 - 7, &[]).exits(0);
    assert_eq!(found(&home, &["zebra"]), ["A zebra in the library"]);
    assert_eq!(found(&home, &["parsers"]), ["Compilers grow up"]);
    assert_eq!(found(&home, &["owls", "--since", "1h", "--now", "2026-03-02T23:30:00Z"]), Vec::<String>::new());
    assert_eq!(found(&home, &["zebra", "--since", "1h", "--now", "2026-03-02T23:30:00Z"]), ["A zebra in the library"]);
    fs::remove_file(home.path("data/feedloom.search")).unwrap();
    assert_eq!(found(&home, &["zebra"]), ["A zebra in the library"]);
}

/// Entries in the index; `None`: there is none yet.
fn indexed(home: &Home) -> Option<i64> {
    let file = home.path("data/feedloom.search");
    file.exists().then(|| {
        let index = Connection::open(file).unwrap();
        index.query_row("SELECT count(*) FROM word_docsize", [], |row| row.get(0)).unwrap()
    })
}

#[test]
fn a_run_with_nothing_else_to_do_brings_the_index_up_to_date() {
    let home = home();
    assert_eq!(indexed(&home), None, "a pass with news does not wait for it");
    home.runs(2, &["--dry-run"]).exits(0);
    assert_eq!(indexed(&home), None);
    home.runs(2, &[]).exits(0).silent();
    assert_eq!(indexed(&home), None, "nor does one that asks somebody");
    home.does(&["run", "--offline", "--now", "2026-03-02T02:30:00Z"]).exits(0).silent();
    assert_eq!(indexed(&home), Some(5));
    home.feed("news.xml", &[NEWS, &["A zebra in the library"]].concat());
    home.runs(3, &[]).exits(0);
    assert_eq!(indexed(&home), Some(5));
    home.does(&["run", "--offline", "--now", "2026-03-02T04:00:00Z"]).exits(0).silent();
    assert_eq!(indexed(&home), Some(6));
    // What the store forgets goes, too, even if an older entry stays.
    let store = Connection::open(home.path("data/feedloom.db")).unwrap();
    store
        .execute_batch(
            "PRAGMA foreign_keys = OFF;
             DELETE FROM member WHERE entry_id = 3; DELETE FROM entry WHERE id = 3; DELETE FROM story WHERE lead_entry_id = 3;
             INSERT OR REPLACE INTO meta (key, value) VALUES ('forgotten', '1772500000 -');",
        )
        .unwrap();
    drop(store);
    home.does(&["run", "--offline", "--now", "2026-03-02T05:00:00Z"]).exits(0);
    home.does(&["run", "--offline", "--now", "2026-03-02T05:00:00Z"]).exits(0);
    assert_eq!(indexed(&home), Some(5));
    // What cannot be indexed is no matter of a run.
    fs::remove_file(home.path("data/feedloom.search")).unwrap();
    fs::create_dir(home.path("data/feedloom.search")).unwrap();
    home.does(&["run", "--offline", "--now", "2026-03-02T06:00:00Z"]).exits(0).silent();
}

#[test]
fn a_broken_index_is_made_anew_and_one_that_cannot_be_written_is_done_without() {
    let home = home();
    let file = home.path("data/feedloom.search");
    let want = ["Owls learn to juggle"];
    assert_eq!(found(&home, &["juggle"]), want);
    let whole = fs::read(&file).unwrap();
    let holes = |every: usize| {
        let mut bytes = whole.clone();
        bytes.iter_mut().skip(4_096).step_by(every).for_each(|byte| *byte = 0xff);
        bytes
    };
    for (how, bytes) in [
        ("no database", b"not a database, but long enough to look like a file of some kind".to_vec()),
        ("cut short", whole[..whole.len() / 2].to_vec()),
        ("empty", Vec::new()),
        ("holes", holes(7)),
        ("few holes", holes(999)),
    ] {
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(home.path(&format!("data/feedloom.search{end}")));
        }
        fs::write(&file, bytes).unwrap();
        let done = home.does(&["search", "--json", "juggle"]).exits(0);
        assert_eq!(done.json()[0]["title"], want[0], "{how}");
        assert_eq!(done.said, "", "{how}: the database is whole, and nobody is told otherwise");
        assert_eq!(found(&home, &["juggle"]), want, "{how}");
    }
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(found(&home, &["juggle"]), want);
    assert_eq!(found(&home, &["owls", "--source", "other"]), ["Owls and kites"]);
}

#[test]
fn a_text_whose_mining_is_reserved_is_found_by_its_title_only() {
    let publisher = Publisher::start();
    let reserved = rss("owls", &["Owls reserved"]).replace("About owls-reserved.", "A secret marmot.");
    publisher.script(
        "/owls",
        [crate::publisher::Response::new(
            200,
            &[("Content-Type", b"application/rss+xml"), ("tdm-reservation", b"1")],
            reserved.as_bytes(),
        )],
    );
    publisher.script("/kites", [ok(&rss("kites", &["Kites free"]).replace("About kites-free.", "An open marmot."))]);
    let home = Home::new(&[("owls", &publisher.url("/owls")), ("kites", &publisher.url("/kites"))]);
    home.runs(1, &[]).exits(0);
    assert_eq!(found(&home, &["marmot"]), ["Kites free"]);
    assert_eq!(found(&home, &["reserved"]), ["Owls reserved"]);
}

#[test]
fn a_backup_is_whole_and_can_take_the_place_of_the_database() {
    let home = home();
    // Also while a run holds the database.
    let lock = fs::File::options().write(true).open(home.path("data/feedloom.db.lock")).unwrap();
    lock.try_lock().unwrap();
    home.does(&["backup", "copy.db"]).exits(0).silent();
    drop(lock);
    home.does(&["backup", "copy.db"]).exits(1).says(&["exists already", "nothing was changed"]);
    home.does(&["backup", "no/such/folder/copy.db"]).exits(1);
    let count = |file: &str| -> i64 {
        Connection::open(home.path(file))
            .unwrap()
            .query_row("SELECT count(*) FROM entry", [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(count("copy.db"), 5);
    assert!(!home.path("copy.db-wal").exists());
    let titles = home.titles();
    fs::remove_file(home.path("data/feedloom.db")).unwrap();
    fs::copy(home.path("copy.db"), home.path("data/feedloom.db")).unwrap();
    home.runs(2, &[]).exits(0).silent();
    assert_eq!(home.titles(), titles);
    home.does(&["status", "--json"]).exits(0);
}

#[test]
fn the_index_of_a_lost_database_is_of_no_use() {
    let home = home();
    assert_eq!(found(&home, &["owls"]).len(), 3);
    for name in ["feedloom.db", "feedloom.db-wal", "feedloom.db-shm"] {
        let _ = fs::remove_file(home.path("data").join(name));
    }
    fs::remove_dir_all(home.path("data/public")).unwrap();
    let other = ["Lemons ripen", "Lemons fall", "Lemons rise", "Lemons again", "Lemons for ever", "Lemons at last"];
    home.subscribe(&[("fruit", &home.feed("fruit.xml", &other))]);
    home.runs(2, &[]).exits(0);
    home.does(&["search", "owls"]).exits(1).silent();
    assert_eq!(found(&home, &["lemons"]).len(), 6);
}

#[test]
fn the_beginning_of_a_reserved_text_is_not_shown() {
    let home = home();
    let text = || home.does(&["search", "--json", "juggle"]).json()[0]["text"].as_str().unwrap().to_owned();
    let before = text();
    assert!(!before.is_empty(), "the case shows nothing");
    let store = Connection::open(home.path("data/feedloom.db")).unwrap();
    store
        .execute(
            "UPDATE feed SET signals = '[[\"tdm_reservation\",\"feed_header\",\"1\"]]' WHERE source_id = 'news'",
            [],
        )
        .unwrap();
    drop(store);
    assert_eq!(text(), "");
}

#[test]
fn a_page_that_reserves_its_text_later_takes_it_out_of_the_index() {
    let home = home();
    let words_of_a_text = "About owls-learn-to-juggle";
    assert_eq!(found(&home, &[words_of_a_text]), ["Owls learn to juggle"], "the case finds nothing");
    let store = Connection::open(home.path("data/feedloom.db")).unwrap();
    store
        .execute_batch(
            "INSERT INTO article (id, source_id, address, choice, state, wanted_at, next_try, signals)
             VALUES (900, 'news', 'https://news.example/x', 0, 'kept', 0, 0, '[[\"tdm_reservation\",\"page_header\",\"1\"]]');
             INSERT INTO article_of (entry_id, article_id) SELECT id, 900 FROM entry WHERE title = 'Owls learn to juggle';",
        )
        .unwrap();
    assert_eq!(found(&home, &[words_of_a_text]), Vec::<String>::new());
    assert_eq!(found(&home, &["juggle"]), ["Owls learn to juggle"]);
    let index = || Connection::open(home.path("data/feedloom.search")).unwrap();
    let left_out: i64 = index().query_row("SELECT count(*) FROM left_out", [], |row| row.get(0)).unwrap();
    assert_eq!(left_out, 1);
    store.execute_batch("DELETE FROM article_of; DELETE FROM article;").unwrap();
    assert_eq!(found(&home, &[words_of_a_text]), ["Owls learn to juggle"]);
}
