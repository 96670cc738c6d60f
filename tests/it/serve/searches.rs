//! `/search` of a running service.

use std::fs;

use super::stand::{feed, in_hours, serving};

#[test]
fn what_is_served_is_found_and_nothing_else() {
    let (scene, service) = serving("");
    let page = service.get("/search?q=first", &[]);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    assert!(page.text().contains("<a href=\"https://a.example/first\">first</a>"), "{}", page.text());
    let titles = |q: &str| -> Vec<String> {
        let answer = service.get(&format!("/search.json?q={q}"), &[]);
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some("*")), "{q}");
        let feed: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let items = feed["items"].as_array().unwrap().iter();
        items.map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles("what+it+means"), ["first"]);
    assert_eq!(titles("fir*"), ["first"]);
    for nothing in ["", "nothing", "%22", "*", "-", "NOT", "title:first+AND", "%00", "a".repeat(5_000).as_str()] {
        assert!(titles(nothing).is_empty() || nothing == "NOT", "{nothing}");
    }
    scene.serve("a", feed(&["first", "later"]));
    scene.run_well(&in_hours(1));
    service.wait_for("/feed.json", |answer| answer.text().contains("later"));
    assert_eq!(titles("later"), ["later"]);
    let done = scene.say(&["takedown", "https://a.example/later"]);
    assert_eq!(done.status.code(), Some(0));
    service.wait_for("/search.json?q=later", |answer| !answer.text().contains("https://a.example/later"));
    // A stranger has nothing indexed in memory.
    let index = scene.path("data/feedloom.search");
    fs::remove_file(&index).unwrap();
    fs::create_dir(&index).unwrap();
    assert_eq!(service.get("/search.json?q=first", &[]).status, 503);
}
