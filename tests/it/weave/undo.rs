//! Corrections are undone in any order, and none of it moves a story that they are not about.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use crate::scene::{Page, Scene};

/// One source each, and what nobody would take for one story; the last is never corrected.
const TITLES: [&str; 5] = [
    "Harbour city opens its first tidal power station",
    "Parliament votes on the new railway budget today",
    "Museum lends its oldest globe to a village school",
    "Beekeepers count the winter's losses in the north",
    "Ferry timetable changes for the summer season",
];

fn address(entry: usize) -> String {
    format!("https://s{entry}.example/e{entry}")
}

fn scene() -> Scene {
    let names: Vec<String> = (0..TITLES.len()).map(|entry| format!("s{entry}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let scene = Scene::new(&names, "");
    for (entry, title) in TITLES.iter().enumerate() {
        let text = format!(
            "<rss version=\"2.0\"><channel><title>s{entry}</title><link>https://s{entry}.example/</link><item>\
             <guid isPermaLink=\"false\">e{entry}</guid><link>{}</link><title>{title}</title>\
             <pubDate>02 Nov 2026 0{entry}:00:00 GMT</pubDate></item></channel></rss>",
            address(entry)
        );
        scene.serve(names[entry], Page::xml(text));
    }
    scene.run_well("2026-11-02T10:00:00Z");
    scene
}

fn say(scene: &Scene, words: &[&str]) -> (bool, String) {
    let done = scene.say(words);
    assert!(matches!(done.status.code(), Some(0 | 1)), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
    (done.status.success(), String::from_utf8(done.stdout).unwrap())
}

/// The story of each entry, with its id.
fn stories(scene: &Scene) -> BTreeMap<usize, String> {
    let story = |entry: usize| {
        let told: Value = serde_json::from_str(&say(scene, &["why", "--json", &address(entry)]).1).unwrap();
        told["story"].as_str().unwrap().to_owned()
    };
    (0..TITLES.len()).map(|entry| (entry, story(entry))).collect()
}

#[test]
fn a_story_that_was_joined_before_its_own_story_was_joined_has_its_id_again() {
    let scene = scene();
    let before = stories(&scene);
    for (one, other) in [(1, 3), (0, 1), (2, 0)] {
        assert!(say(&scene, &["join", &address(one), &address(other)]).0);
    }
    // In the order in which they were made, and in turn.
    for number in ["3", "1", "2"] {
        assert!(say(&scene, &["corrections", "--undo", number]).0, "{number}");
    }
    assert_eq!(stories(&scene), before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn corrections_are_undone_in_any_order_and_move_no_third_story(
        joins in proptest::collection::vec((0_usize..4, 0_usize..4), 1..5),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 8),
    ) {
        let scene = scene();
        let before = stories(&scene);
        prop_assert_eq!(before.values().collect::<std::collections::BTreeSet<_>>().len(), TITLES.len());
        for (a, b) in joins.iter().filter(|(a, b)| a != b) {
            // Refused where they are one story already.
            say(&scene, &["join", &address(*a), &address(*b)]);
            prop_assert_eq!(&stories(&scene)[&4], &before[&4]);
        }
        for index in order {
            let listed = say(&scene, &["corrections"]).1;
            let numbers: Vec<&str> = listed.lines().filter_map(|line| line.split(' ').next()).filter(|word| word.parse::<u32>().is_ok()).collect();
            if numbers.is_empty() {
                break;
            }
            let (was_undone, _) = say(&scene, &["corrections", "--undo", *index.get(&numbers[..])]);
            prop_assert!(was_undone);
            prop_assert_eq!(&stories(&scene)[&4], &before[&4]);
        }
        prop_assert_eq!(say(&scene, &["corrections"]).1, "");
        prop_assert_eq!(stories(&scene), before, "every entry is back where it was");
    }
}
