//! Stories through the binary: split, joined and taken back by hand, by feeds.toml, and told by `why`.

use std::fmt::Write as _;

use serde_json::Value;

use crate::scene::{Page, Scene};

const SOURCES: [&str; 3] = ["alpha", "beta", "gamma"];
const NEWS: &str = "Harbour city opens its first tidal power station";
const OTHER: &str = "Parliament votes on the new railway budget today";

/// A feed of (guid, title, day of November, hour).
fn feed(source: &str, items: &[(&str, &str, u8, u8)]) -> Page {
    let mut text =
        format!("<rss version=\"2.0\"><channel><title>{source}</title><link>https://{source}.example/</link>");
    for (guid, title, day, hour) in items {
        write!(
            text,
            "<item><guid isPermaLink=\"false\">{guid}</guid><link>https://{source}.example/{guid}</link>\
             <title>{title}</title><pubDate>{day:02} Nov 2026 {hour:02}:00:00 GMT</pubDate></item>"
        )
        .unwrap();
    }
    Page::xml(text + "</channel></rss>")
}

/// Three outlets with the same news, and another piece of the first; after one run.
fn scene(more: &str) -> Scene {
    let scene = Scene::new(&SOURCES, more);
    scene.serve("alpha", feed("alpha", &[("a1", NEWS, 2, 6), ("a2", OTHER, 2, 7)]));
    scene.serve("beta", feed("beta", &[("b1", NEWS, 2, 8)]));
    scene.serve("gamma", feed("gamma", &[("c1", NEWS, 2, 9)]));
    scene.run_well("2026-11-02T10:00:00Z");
    scene
}

#[track_caller]
fn well(scene: &Scene, words: &[&str]) -> String {
    let done = scene.say(words);
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{words:?}: {said}");
    String::from_utf8(done.stdout).unwrap()
}

#[track_caller]
fn refused(scene: &Scene, words: &[&str], because: &str) {
    let done = scene.say(words);
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(1), "{words:?}: {said}");
    assert!(said.contains(because), "{because:?} in {said}");
}

#[track_caller]
fn why(scene: &Scene, what: &str) -> Value {
    serde_json::from_str(&well(scene, &["why", "--json", what])).unwrap()
}

fn id(story: &Value) -> String {
    story["story"].as_str().unwrap().to_owned()
}

/// Guids of a story, sorted.
fn guids(story: &Value) -> Vec<String> {
    let mut guids: Vec<_> =
        story["entries"].as_array().unwrap().iter().map(|entry| entry["guid"].as_str().unwrap().to_owned()).collect();
    guids.sort();
    guids
}

/// Ids of the items that subscribers see, newest first.
fn published(scene: &Scene) -> Vec<String> {
    let text = std::fs::read(scene.outputs().join("feed.json")).unwrap();
    let feed: Value = serde_json::from_slice(&text).unwrap();
    let id = |item: &Value| item["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    feed["items"].as_array().unwrap().iter().map(id).collect()
}

const A1: &str = "https://alpha.example/a1";
const A2: &str = "https://alpha.example/a2";
const B1: &str = "https://beta.example/b1";
const C1: &str = "https://gamma.example/c1";

#[test]
fn a_split_entry_is_a_new_item_and_comes_back_when_it_is_taken_back() {
    let scene = scene("");
    let whole = why(&scene, A1);
    assert_eq!(guids(&whole), ["a1", "b1", "c1"]);
    let old = id(&whole);
    well(&scene, &["split", &old, B1, "--now", "2026-11-02T11:00:00Z"]);
    let (rest, off) = (why(&scene, A1), why(&scene, B1));
    assert_eq!((guids(&rest), guids(&off)), (vec!["a1".to_owned(), "c1".to_owned()], vec!["b1".to_owned()]));
    assert_eq!(id(&rest), old);
    let new = id(&off);
    assert_ne!(new, old);
    assert_eq!(off["entries"][0]["reason"]["rule"], "split_by_hand");
    assert_eq!(off["log"].as_array().unwrap().last().unwrap()["by"], "hand");
    scene.run_well("2026-11-02T12:00:00Z");
    assert!(published(&scene).contains(&old) && published(&scene).contains(&new));

    let listed = well(&scene, &["corrections"]);
    assert!(listed.starts_with("1 ") && listed.contains(&format!("story {new} split off story {old}")), "{listed}");
    well(&scene, &["corrections", "--undo", "1", "--now", "2026-11-02T13:00:00Z"]);
    assert_eq!(well(&scene, &["corrections"]), "");
    let back = why(&scene, &new);
    assert_eq!((id(&back), guids(&back)), (old.clone(), guids(&whole)));
    let reason = |story: &Value| {
        let entries = story["entries"].as_array().unwrap();
        entries.iter().find(|entry| entry["guid"] == "b1").unwrap()["reason"].clone()
    };
    assert_eq!(reason(&back), reason(&whole), "it is there for its old reason");
    scene.run_well("2026-11-02T14:00:00Z");
    assert!(published(&scene).contains(&old) && !published(&scene).contains(&new));
}

#[test]
fn the_leading_entry_can_be_split_off() {
    let scene = scene("");
    let whole = why(&scene, A1);
    let lead = whole["entries"].as_array().unwrap().iter().find(|entry| entry["leads"] == true).unwrap().clone();
    well(&scene, &["split", &id(&whole), lead["guid"].as_str().unwrap()]);
    let rest = why(&scene, &id(&whole));
    let leads = rest["entries"].as_array().unwrap().iter().filter(|entry| entry["leads"] == true).count();
    assert_eq!((guids(&rest).len(), leads), (2, 1));
}

#[test]
fn a_join_keeps_the_older_id_and_the_younger_one_lives_again_when_it_is_taken_back() {
    let scene = scene("");
    let before = published(&scene);
    let (news, other) = (id(&why(&scene, A1)), id(&why(&scene, A2)));
    well(&scene, &["join", &other, A1, "--now", "2026-11-02T11:00:00Z"]);
    let joined = why(&scene, A2);
    assert_eq!((id(&joined), guids(&joined).len()), (news.clone(), 4));
    assert_eq!(id(&why(&scene, &other)), news, "the younger id is an alias");
    scene.run_well("2026-11-02T12:30:00Z");
    assert_eq!(published(&scene), [news.as_str()]);
    refused(&scene, &["join", A1, A2], "already");

    well(&scene, &["corrections", "--undo", "1", "--now", "2026-11-02T13:00:00Z"]);
    let apart = why(&scene, A2);
    assert_eq!((id(&apart), guids(&apart)), (other.clone(), vec!["a2".to_owned()]));
    assert_eq!(apart["entries"][0]["reason"]["rule"], "opened");
    scene.run_well("2026-11-02T14:30:00Z");
    assert_eq!(published(&scene), before, "both items are what they were");
    refused(&scene, &["corrections", "--undo", "1"], "no correction 1");
}

#[test]
fn what_a_person_split_is_never_joined_again_by_what_comes_later() {
    let scene = scene("");
    let old = id(&why(&scene, A1));
    well(&scene, &["split", &old, B1, "--now", "2026-11-02T11:00:00Z"]);
    let new = id(&why(&scene, B1));
    scene.serve("gamma", feed("gamma", &[("c1", NEWS, 2, 9), ("c2", NEWS, 2, 11)]));
    scene.serve("beta", feed("beta", &[("b1", "Harbour city opens tidal power station after delay", 2, 8)]));
    scene.run_well("2026-11-02T12:00:00Z");
    assert_eq!((id(&why(&scene, A1)), id(&why(&scene, B1))), (old, new));
}

#[test]
fn the_last_word_on_two_entries_counts() {
    let scene = scene("");
    let old = id(&why(&scene, A1));
    well(&scene, &["split", &old, B1]);
    well(&scene, &["join", A1, B1]);
    let listed: Value = serde_json::from_str(&well(&scene, &["words", "--json"])).unwrap();
    let says: Vec<&str> = listed.as_array().unwrap().iter().map(|word| word["says"].as_str().unwrap()).collect();
    assert_eq!(says, ["join"]);
    assert_eq!(guids(&why(&scene, A1)), ["a1", "b1", "c1"]);
}

#[test]
fn wrong_names_are_told() {
    let scene = scene("");
    let old = id(&why(&scene, A1));
    refused(&scene, &["split", &old, "https://nowhere.example/x"], "has no entry");
    refused(&scene, &["split", A2, "a2"], "nothing to split");
    refused(&scene, &["split", "no such title", "a2"], "no story has");
    refused(&scene, &["join", "railway", "no such title"], "no story has");
}

#[test]
fn feeds_toml_splits_and_joins_articles_before_and_after_they_came() {
    let lists = format!("[weave]\nsplit = [[\"{A1}\", \"{B1}\"]]\njoin = [[\"{C1}\", \"{A2}\"]]\n");
    let before = scene(&lists);
    assert!(!guids(&why(&before, A1)).contains(&"b1".to_owned()));
    assert_eq!(id(&why(&before, C1)), id(&why(&before, A2)));

    let after = scene("");
    assert_eq!(guids(&why(&after, A1)), ["a1", "b1", "c1"]);
    after.configure(&lists);
    after.run_well("2026-11-02T11:00:00Z");
    assert!(!guids(&why(&after, A1)).contains(&"b1".to_owned()));
    assert_eq!(id(&why(&after, C1)), id(&why(&after, A2)));
    let stays = id(&why(&after, B1));
    after.run_well("2026-11-02T12:00:00Z");
    assert_eq!(id(&why(&after, B1)), stays, "obeyed once");
}

#[test]
fn why_tells_what_was_nearly_joined() {
    let scene = Scene::new(&SOURCES, "");
    scene.serve("alpha", feed("alpha", &[("a1", NEWS, 2, 6)]));
    scene.serve("beta", feed("beta", &[("b1", "Museum shows paintings from the harbour of old", 2, 20)]));
    scene.serve("gamma", feed("gamma", &[("c1", OTHER, 2, 9)]));
    scene.run_well("2026-11-02T22:00:00Z");
    let (one, two) = (why(&scene, A1), why(&scene, B1));
    assert_ne!(id(&one), id(&two));
    for (story, other) in [(&one, &two), (&two, &one)] {
        let near = &story["related"][0];
        assert_eq!(near["story"], other["story"]);
        assert!((0.2..0.5).contains(&near["score"].as_f64().unwrap()), "{near}");
        assert!(near["shared"].as_array().unwrap().contains(&"harbour".into()), "{near}");
    }
    let told = well(&scene, &["why", A1]);
    assert!(told.contains("related, but not the same story") && told.contains("Museum shows"), "{told}");
    assert_eq!(why(&scene, C1)["related"], Value::Array(Vec::new()));
}

#[test]
fn a_story_that_would_grow_too_large_is_stopped_and_status_says_so() {
    let scene = Scene::new(&["alpha"], "");
    let mut text = "<rss version=\"2.0\"><channel><title>alpha</title><link>https://alpha.example/</link>".to_owned();
    for n in 0..45 {
        let at = format!("<link>https://outlet{n}.example/x</link><guid isPermaLink=\"false\">{n}</guid>");
        write!(text, "<item>{at}<title>{NEWS}</title><pubDate>02 Nov 2026 09:00:00 GMT</pubDate></item>").unwrap();
    }
    scene.serve("alpha", Page::xml(text + "</channel></rss>"));
    scene.run_well("2026-11-02T10:00:00Z");
    let status = ["status", "--json", "--now", "2026-11-03T10:00:00Z"];
    let status: Value = serde_json::from_str(&well(&scene, &status)).unwrap();
    let stopped = status["stopped"].as_array().unwrap();
    assert_eq!(stopped.len(), 1, "{stopped:?}");
    assert_eq!(guids(&why(&scene, stopped[0]["story"].as_str().unwrap())).len(), 40);
    assert_eq!(stopped[0]["title"], NEWS);
    let told = well(&scene, &["status", "-v", "--now", "2026-11-03T10:00:00Z"]);
    assert!(told.contains("grew too large"), "{told}");
    let later: Value =
        serde_json::from_str(&well(&scene, &["status", "--json", "--now", "2027-01-03T10:00:00Z"])).unwrap();
    assert_eq!(later["stopped"].as_array().unwrap().len(), 0);
}

/// Two pieces that only `eager` makes one, woven but not published yet if `--apply` is to move them.
fn nearly_one(published: bool) -> Scene {
    let scene = Scene::new(&SOURCES, "[weave]\nsame_story = \"exact\"\n");
    scene.serve("alpha", feed("alpha", &[("a1", NEWS, 2, 6)]));
    scene.serve("beta", feed("beta", &[("b1", "Tidal power station of harbour city goes on line", 2, 8)]));
    scene.serve("gamma", feed("gamma", &[("c1", OTHER, 2, 9)]));
    if published {
        scene.run_well("2026-11-02T10:00:00Z");
    } else {
        well(&scene, &["gather", "--all", "--now", "2026-11-02T10:00:00Z"]);
        well(&scene, &["weave", "--now", "2026-11-02T10:00:00Z"]);
    }
    scene
}

const REPLAY: [&str; 6] = ["weave", "--replay", "--now", "2026-11-02T11:00:00Z", "--set", "same_story=eager"];

#[test]
fn a_replay_shows_what_another_setting_would_make_and_changes_nothing() {
    let scene = nearly_one(false);
    let before = (id(&why(&scene, A1)), id(&why(&scene, B1)));
    let told = well(&scene, &REPLAY);
    assert!(told.contains("would be one story") && told.contains(NEWS) && told.contains("beta"), "{told}");
    assert!(told.contains("1 merged, 0 split, 0 regrouped, 1 unchanged"), "{told}");
    assert!(!told.contains(OTHER), "only differences are listed: {told}");
    assert_eq!((id(&why(&scene, A1)), id(&why(&scene, B1))), before);
    let same = well(&scene, &REPLAY[..4]);
    assert!(same.contains("0 merged, 0 split, 0 regrouped, 3 unchanged"), "{same}");
    let later = well(&scene, &["weave", "--replay", "--now", "2026-11-12T11:00:00Z"]);
    assert!(later.contains("0 entries"), "{later}");
    let week = well(&scene, &["weave", "--replay", "--since", "30d", "--now", "2026-11-12T11:00:00Z"]);
    assert!(week.contains("3 entries"), "{week}");
}

#[test]
fn a_replay_is_applied_to_stories_that_were_not_published() {
    let scene = nearly_one(false);
    let older = id(&why(&scene, A1)).min(id(&why(&scene, A1)));
    well(&scene, &[&REPLAY[..], &["--apply"]].concat());
    let one = why(&scene, A1);
    assert_eq!(guids(&one), ["a1", "b1"]);
    assert_eq!(id(&one), id(&why(&scene, B1)));
    assert!(id(&one) == older || id(&why(&scene, &older)) == id(&one), "the other id is an alias");

    let scene = nearly_one(true);
    let told = well(&scene, &[&REPLAY[..], &["--apply"]].concat());
    assert!(told.contains("published"), "{told}");
    assert_ne!(id(&why(&scene, A1)), id(&why(&scene, B1)), "a published story is a person's");
}

#[test]
fn words_survive_a_replay() {
    let scene = scene("");
    well(&scene, &["split", A1, B1, "--now", "2026-11-02T10:30:00Z"]);
    well(&scene, &["join", A1, A2, "--now", "2026-11-02T10:31:00Z"]);
    let told = well(&scene, &REPLAY);
    assert!(told.contains("0 merged, 0 split, 0 regrouped, 2 unchanged"), "{told}");
}

#[test]
fn a_replay_of_what_was_published_pass_by_pass_finds_nothing_to_change() {
    let scene = Scene::new(&SOURCES, "");
    scene.serve("alpha", feed("alpha", &[("a1", NEWS, 2, 6), ("a2", OTHER, 2, 7)]));
    scene.run_well("2026-11-02T07:30:00Z");
    scene.serve("beta", feed("beta", &[("b1", "Tidal power station opens in harbour city", 2, 8)]));
    scene.run_well("2026-11-02T08:30:00Z");
    scene.serve("gamma", feed("gamma", &[("c1", "Harbour city's tidal power station opens: first current", 2, 9)]));
    scene.run_well("2026-11-02T09:30:00Z");
    assert_eq!(guids(&why(&scene, A1)), ["a1", "b1", "c1"]);
    let told = well(&scene, &REPLAY[..4]);
    assert!(told.contains("0 merged, 0 split, 0 regrouped, 2 unchanged"), "{told}");
}
