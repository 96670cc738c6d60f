//! The store: what it opens, what it refuses and leaves alone, what it keeps.

use std::fs;
use std::path::{Path, PathBuf};

use feedloom::{
    Arrival, Arrivals, Batch, Enclosure, Entry, EntryKey, EntryNumber, Feed, GivenCredits, Ground, Grounds, IdOf,
    Markup, NamedOutlet, NamedPage, Origin, Person, Reason, Signal, SignalKind, SourceId, SourceState, Store,
    StoreError, StoredEntry, StoryChange, StoryId, StoryNumber, TitleOrigin, Via, WeaveChanges,
};
use jiff::Timestamp;
use tempfile::TempDir;
use url::Url;

use crate::scene::reopen;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn database(folder: &TempDir) -> PathBuf {
    folder.path().join("feedloom.db")
}

/// `path` is refused with a message that has all of `words`, a hint, and not a byte is changed.
#[track_caller]
fn refused(path: &Path, words: &[&str]) {
    let before = (fs::read(path).unwrap(), files_beside(path));
    let error = Store::open(path).expect_err("it is refused");
    let told = format!("{error}\n{}", error.hint().expect("a way out"));
    for word in words {
        assert!(told.contains(word), "{word:?} in {told:?}");
    }
    assert_eq!((fs::read(path).unwrap(), files_beside(path)), before, "the disk was changed");
}

fn files_beside(path: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn what_is_no_database_of_ours_is_refused_and_left_alone() {
    let folder = folder();
    let path = database(&folder);
    for (bytes, word) in
        [(&b""[..], "empty"), (b"hello", "shorter than a database's header"), (&[b'x'; 5_000], "not an SQLite file")]
    {
        fs::write(&path, bytes).unwrap();
        refused(&path, &["is not a feedloom database", word, "nothing was changed", "mv "]);
    }
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    let folder = folder();
    let path = database(&folder);
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1);").unwrap();
    other.close().unwrap();
    refused(&path, &["belongs to another program", "mv "]);
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let folder = folder();
    let path = database(&folder);
    drop(Store::open(&path).unwrap());
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.pragma_update(None, "user_version", 999).unwrap();
    conn.close().unwrap();
    let before = fs::read(&path).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 999, .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_truncated_database_is_refused_and_left_alone() {
    let folder = folder();
    let path = database(&folder);
    drop(Store::open(&path).unwrap());
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    refused(&path, &["is damaged", "it ends after", ".recover"]);
}

#[test]
fn a_read_only_database_is_told_as_such() {
    let folder = folder();
    let path = database(&folder);
    drop(Store::open(&path).unwrap());
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    refused(&path, &["is read-only", "chmod u+w"]);
}

#[test]
fn a_folder_that_cannot_be_made_is_told_with_its_path() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = Store::open(&file.join("data/feedloom.db")).unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error}");
    assert!(error.to_string().contains("file/data"), "{error}");
}

#[test]
fn only_one_at_a_time_may_write_and_the_lock_goes_with_its_holder() {
    let folder = folder();
    let path = database(&folder);
    let first = Store::open(&path).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::Locked { .. })));
    assert!(Store::open_to_read(&path).is_ok(), "looking is always possible");
    drop(first);
    drop(reopen(&path));
}

#[test]
fn looking_at_what_is_not_there_makes_nothing() {
    let folder = folder();
    let path = database(&folder);
    assert!(matches!(Store::open_to_read(&path), Err(StoreError::Missing { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_half_made_database_is_made_anew() {
    let folder = folder();
    let path = database(&folder);
    fs::write(folder.path().join("feedloom.db.new"), "half").unwrap();
    drop(Store::open(&path).unwrap());
    assert!(!folder.path().join("feedloom.db.new").exists());
    let conn = rusqlite::Connection::open(&path).unwrap();
    let check: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    let mode: String = conn.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn a_damaged_page_is_found_after_an_unclean_stop() {
    let folder = folder();
    let path = database(&folder);
    let mut store = Store::open(&path).unwrap();
    let mut batch = store.batch().unwrap();
    for number in 0..200 {
        batch.insert_entry(&entry(number), 1, seen(), Arrival::Fresh).unwrap();
    }
    batch.commit().unwrap();
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len();
    bytes[end / 2..end / 2 + 8_192].fill(0xFF);
    fs::write(&path, bytes).unwrap();
    // What a killed writer leaves behind; an unreadable log is ignored by SQLite.
    fs::write(folder.path().join("feedloom.db-wal"), [0_u8; 64]).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

/// When entries are first seen.
fn seen() -> Timestamp {
    Timestamp::from_second(2_000_000).unwrap()
}

fn entry(number: i64) -> Entry {
    let url = |path: &str| Url::parse(&format!("https://a.example/{path}{number}")).unwrap();
    Entry {
        key: EntryKey { source: SourceId::new("a").unwrap(), guid: format!("g{number}") },
        url: url(""),
        title: format!("Title {number} — ü 日本"),
        title_origin: TitleOrigin::Given,
        is_cut: false,
        summary: Some(Markup::Html("<p>short".to_owned())),
        content: Some(Markup::Text("a < b".to_owned())),
        text: "short".to_owned(),
        published: Some(Timestamp::from_second(1_000_000 + number).unwrap()),
        updated: None,
        authors: vec![Person {
            name: Some("Jane".to_owned()),
            email: None,
            uri: Some("https://j.example/".to_owned()),
        }],
        categories: vec!["Linux".to_owned()],
        enclosures: vec![Enclosure { url: url("e"), media_type: Some("audio/mpeg".to_owned()), length_bytes: Some(7) }],
        image: Some(url("i")),
        language: Some("de-AT".to_owned()),
        rights: Some("(c)".to_owned()),
        license: Some(url("l")),
        signals: vec![Signal::new(SignalKind::License, Origin::Entry, url("l").as_str())],
        comments: Some(url("c")),
        via: Some(Via { title: Some("T".to_owned()), url: Some(url("v")), site: Some(url("s")) }),
        credits: Some(Box::new(GivenCredits {
            outlets: vec![NamedOutlet {
                name: Some("O".to_owned()),
                feed: Some(url("of")),
                site: Some(url("os")),
                host: Some("h".to_owned()),
                url: url("o"),
                title: Some("T".to_owned()),
                author: Some("A".to_owned()),
                published: Some(Timestamp::UNIX_EPOCH),
                via: Some("L".to_owned()),
            }],
            discussions: vec![NamedPage { name: "D".to_owned(), url: url("d") }],
        })),
    }
}

/// A story of one entry.
fn open_with(batch: &mut Batch<'_>, number: EntryNumber, entry: &Entry, reason: Reason, now: Timestamp) -> StoryNumber {
    let story = batch.next_story().unwrap();
    let steps = vec![
        StoryChange::Open { story, founder: number, key: entry.key.clone(), held_back: false, id_of: IdOf::Address },
        StoryChange::Add { entry: number, story, address: 7, time: now, reason },
    ];
    batch.apply(&WeaveChanges { steps, ..WeaveChanges::default() }, now).unwrap();
    story
}

/// A change of a story.
fn touch(batch: &Batch<'_>, story: StoryNumber) {
    let steps = vec![StoryChange::Lead { story, lead: None, arrivals: Arrivals::Fresh }];
    batch.apply(&WeaveChanges { steps, ..WeaveChanges::default() }, Timestamp::MAX).unwrap();
}

#[test]
fn an_entry_comes_back_from_its_story_as_it_went_in() {
    let folder = folder();
    let mut store = Store::open(&database(&folder)).unwrap();
    let now = Timestamp::from_second(3_000_000).unwrap();
    let want = entry(1);
    let id = StoryId::mint(&want.key, &want.url, 0);
    let mut batch = store.batch().unwrap();
    let number = batch.insert_entry(&want, 42, seen(), Arrival::Fresh).unwrap();
    assert!(batch.has_unwoven().unwrap());
    let grounds = Grounds { supporting: vec![Ground::Names, Ground::Titles], opposing: Some(Ground::Time) };
    let reason = Reason::Similar {
        score: 0.5,
        nearest: want.key.clone(),
        shared: vec!["linux".to_owned()],
        hours_apart: 2.5,
        grounds,
    };
    let story = open_with(&mut batch, number, &want, reason.clone(), now);
    assert!(!batch.has_unwoven().unwrap());
    batch.commit().unwrap();
    let story = store.story(story).unwrap();
    assert_eq!(story.id, id);
    assert_eq!(story.members.len(), 1);
    assert_eq!(story.members[0].entry, StoredEntry::without_page(want, seen()));
    assert_eq!(story.members[0].reason, reason);
}

#[test]
fn an_edit_keeps_date_and_first_sight() {
    let folder = folder();
    let mut store = Store::open(&database(&folder)).unwrap();
    let now = Timestamp::from_second(3_000_000).unwrap();
    let mut edited = entry(1);
    let mut batch = store.batch().unwrap();
    let number = batch.insert_entry(&edited, 1, seen(), Arrival::Fresh).unwrap();
    edited.title = "Edited".to_owned();
    edited.published = Some(now);
    batch.update_entry(number, &edited, 2, now).unwrap();
    assert!(batch.has_unwoven().unwrap());
    let story = open_with(&mut batch, number, &edited, Reason::Opened, now);
    let kept = batch.story(story).unwrap().members[0].entry.clone();
    assert_eq!(kept.title, "Edited");
    assert_eq!((kept.published, kept.first_seen), (entry(1).published, seen()));
    assert_eq!(kept.updated, Some(now), "the publisher does not say when: it was edited when we saw it");
}

#[test]
fn what_is_not_committed_is_not_kept() {
    let folder = folder();
    let mut store = Store::open(&database(&folder)).unwrap();
    let mut batch = store.batch().unwrap();
    batch.insert_entry(&entry(1), 1, seen(), Arrival::Fresh).unwrap();
    drop(batch);
    assert_eq!(store.entry_count().unwrap(), 0);
}

/// Whatever a reader of the outputs could see counts by itself, once for each transaction; nothing else counts.
#[test]
fn the_generation_counts_what_readers_could_see() {
    type Write = fn(&mut Batch<'_>, EntryNumber, StoryNumber);
    let now = Timestamp::from_second(3_000_000).unwrap();
    let folder = folder();
    let mut store = Store::open(&database(&folder)).unwrap();
    let mut batch = store.batch().unwrap();
    let number = batch.insert_entry(&entry(1), 1, seen(), Arrival::Fresh).unwrap();
    let story = open_with(&mut batch, number, &entry(1), Reason::Opened, now);
    touch(&batch, story);
    batch.commit().unwrap();
    assert_eq!(store.generation().unwrap(), 1, "many writes, one transaction");
    let health = |failures, last_success| {
        let mut state = SourceState::new(SourceId::new("a").unwrap(), "https://a.example/f".to_owned(), String::new());
        (state.failures, state.last_success) = (failures, last_success);
        state
    };
    let mut batch = store.batch().unwrap();
    batch.save_source_state(&health(2, None)).unwrap();
    batch.save_feed(&SourceId::new("a").unwrap(), &Feed::default()).unwrap();
    batch.commit().unwrap();
    let cases: [(&str, i64, Write); 11] = [
        ("a new entry has no story yet", 0, |b, _, _| {
            _ = b.insert_entry(&entry(2), 1, seen(), Arrival::Fresh).unwrap();
        }),
        ("an edit", 1, |b, number, _| b.update_entry(number, &entry(1), 3, seen()).unwrap()),
        ("rights of an entry", 1, |b, number, _| b.set_entry_signals(number, &[], seen()).unwrap()),
        ("the same feed", 0, |b, _, _| b.save_feed(&SourceId::new("a").unwrap(), &Feed::default()).unwrap()),
        ("another title of the feed", 1, |b, _, _| {
            let feed = Feed { title: Some("A".to_owned()), ..Feed::default() };
            b.save_feed(&SourceId::new("a").unwrap(), &feed).unwrap();
        }),
        ("a sketch", 0, |b, number, _| {
            let changes = WeaveChanges { sketches: vec![(number, vec![0; 4])], ..WeaveChanges::default() };
            b.apply(&changes, Timestamp::MAX).unwrap();
        }),
        ("a changed story", 1, |b, _, story| touch(b, story)),
        ("a takedown", 1, |b, _, _| _ = b.add_takedown("x", "", &[], Timestamp::MAX).unwrap()),
        ("what a publish notes of itself", 0, |b, _, _| {
            b.set_shown(&[entry(1).key], Timestamp::MAX).unwrap();
            b.set_last_publish("seen").unwrap();
        }),
        ("the end of what was edited", 0, |b, _, _| {
            let changes = WeaveChanges { edits_are_done: true, ..WeaveChanges::default() };
            b.apply(&changes, Timestamp::MAX).unwrap();
        }),
        ("two at once", 1, |b, number, story| {
            touch(b, story);
            b.update_entry(number, &entry(1), 4, seen()).unwrap();
        }),
    ];
    for (what, more, write) in cases {
        let before = store.generation().unwrap();
        let mut batch = store.batch().unwrap();
        write(&mut batch, number, story);
        batch.commit().unwrap();
        assert_eq!(store.generation().unwrap() - before, more, "{what}");
    }
    for (failures, last_success, more) in
        [(2, None, 0), (3, None, 1), (4, None, 0), (0, Some(now), 1), (1, Some(now), 0)]
    {
        let before = store.generation().unwrap();
        let mut batch = store.batch().unwrap();
        batch.save_source_state(&health(failures, last_success)).unwrap();
        batch.commit().unwrap();
        assert_eq!(store.generation().unwrap() - before, more, "{failures} failures in a row");
    }
    let batch = store.batch().unwrap();
    touch(&batch, story);
    let before = batch.generation().unwrap();
    drop(batch);
    assert_eq!(store.generation().unwrap(), before, "what is not committed does not count");
}
