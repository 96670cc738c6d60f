//! Other commands beside a running service.

use std::process::Output;

use super::stand::{Service, feed, in_hours, serving};
use crate::scene::Scene;

#[track_caller]
fn well(done: &Output) {
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{said}");
}

#[test]
fn a_second_service_is_told_so_and_every_other_command_works() {
    let (scene, service) = serving("");
    let second = scene.say(&["serve"]);
    assert_eq!(second.status.code(), Some(75), "{}", String::from_utf8_lossy(&second.stderr));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another service keeps"));
    for words in
        [&["status"][..], &["corrections"], &["takedown", "--list"], &["search", "first"], &["publish"], &["run"]]
    {
        well(&scene.say(words));
    }
    let copy = scene.path("copy.db");
    well(&scene.say(&["backup", copy.to_str().unwrap()]));
    assert_eq!(service.get("/feed.xml", &[]).status, 200);
    assert!(!service.said().contains("error"), "{}", service.said());
}

#[test]
fn what_a_run_beside_it_publishes_is_served() {
    let (scene, service) = serving("");
    let before = service.get("/feed.xml", &[]);
    scene.serve("a", feed(&["first", "later"]));
    scene.run_well(&in_hours(1));
    let after = service.wait_for("/feed.xml", |answer| answer.text().contains("later"));
    assert_ne!(before.header("etag"), after.header("etag"));
    assert!(service.get("/", &[]).text().contains("later"));
}

#[test]
fn a_takedown_is_obeyed_at_once() {
    let (scene, service) = serving("");
    well(&scene.say(&["takedown", "https://a.example/first"]));
    service.wait_for("/feed.xml", |answer| answer.status == 200 && !answer.text().contains("<title>first"));
    well(&scene.say(&["takedown", "--undo", "1"]));
    service.wait_for("/feed.xml", |answer| answer.text().contains("<title>first"));
}

#[test]
fn a_takedown_during_a_pass_is_obeyed_by_it() {
    let (scene, service) = serving("");
    scene.serve("b", feed(&["second"]));
    scene.hold_path("b");
    scene.configure(&format!("[[source]]\nid = \"b\"\nurl = \"{}\"\n", scene.url("b")));
    scene.wait_for_path("b");
    let done = scene.say(&["takedown", "https://a.example/first"]);
    well(&done);
    assert!(String::from_utf8_lossy(&done.stdout).contains("a run is in progress"));
    scene.release();
    service.wait_for("/feed.xml", |answer| {
        let text = answer.text();
        text.contains("second") && !text.contains("<title>first")
    });
}

#[test]
fn a_source_that_is_added_is_fetched_at_once() {
    let (scene, service) = serving("");
    scene.serve("c.xml", feed(&["third"]));
    let added = scene.say(&["add", &scene.url("c.xml")]);
    well(&added);
    let said = String::from_utf8_lossy(&added.stdout).into_owned() + &String::from_utf8_lossy(&added.stderr);
    let id = said.split("added ").nth(1).unwrap().split(':').next().unwrap().to_owned();
    service.wait_for("/feed.xml", |answer| answer.text().contains("third"));
    well(&scene.say(&["remove", &id]));
    service.wait_until_said("is taken over");
    assert_eq!(service.get("/feed.xml", &[]).status, 200);
}

#[test]
fn a_correction_is_published_at_once() {
    let (scene, service) = serving("");
    scene.serve("a", feed(&["first", "later"]));
    scene.run_well(&in_hours(1));
    service.wait_for("/feed.json", |answer| answer.text().contains("later"));
    well(&scene.say(&["join", "https://a.example/first", "https://a.example/later"]));
    service.wait_for("/feed.json", |answer| answer.text().matches("\"external_url\"").count() == 1);
}

#[test]
fn a_run_that_has_the_database_is_waited_for() {
    let scene: Scene = super::stand::scene("");
    scene.serve("a", feed(&["first"]));
    scene.hold();
    let mut run = scene.start(&in_hours(0));
    scene.wait_for_path("a");
    let service = Service::start(&scene);
    assert_eq!(service.get("/feed.xml", &[]).status, 503);
    scene.release();
    assert_eq!(run.wait().unwrap().code(), Some(0));
    service.wait_for("/feed.xml", |answer| answer.text().contains("first"));
    assert!(!service.said().contains("error"), "{}", service.said());
}

#[test]
fn a_takedown_is_obeyed_where_only_the_page_of_the_story_is_left() {
    let scene: Scene = super::stand::scene("[[output]]\nfile = \"index.html\"\nitems = 1\narchive = 0\n");
    scene.serve("a", feed(&["first"]));
    let service = Service::start(&scene);
    let page = service.wait_for("/", |answer| answer.text().contains("href=\"s/")).text();
    let name = page.split("href=\"s/").nth(1).unwrap().split('"').next().unwrap();
    let path = format!("/s/{}", name.split('#').next().unwrap());
    assert!(service.get(&path, &[]).text().contains("https://a.example/first"), "{path}");
    scene.serve("a", feed(&["first", "later"]));
    scene.run_well(&in_hours(1));
    service.wait_for("/", |answer| answer.text().contains("later") && !answer.text().contains("a.example/first"));
    well(&scene.say(&["takedown", "https://a.example/first"]));
    service.wait_for(&path, |answer| !answer.text().contains("https://a.example/first"));
}
