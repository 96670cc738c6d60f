//! Pages of stories and days: they are read when somebody asks for them, and are answered like any other file.

use std::fs;
use std::path::PathBuf;

use super::stand::{feed, run_beside, serving};
use crate::scene::Scene;

/// The path of the only story's page.
fn story(scene: &Scene) -> (String, PathBuf) {
    let folder = scene.outputs().join("s");
    let mut pages = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let page = pages.find(|path| path.extension().is_some_and(|extension| extension == "html")).unwrap();
    (format!("/s/{}", page.file_name().unwrap().to_str().unwrap()), page)
}

#[test]
fn a_story_is_answered_like_any_other_page() {
    let (scene, service) = serving("");
    let (path, file) = story(&scene);
    for _ in 0..2 {
        let whole = service.get(&path, &[]);
        assert_eq!((whole.status, whole.body.clone()), (200, fs::read(&file).unwrap()));
        assert_eq!(whole.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(whole.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
        let tag = whole.header("etag").unwrap();
        assert_eq!(service.get(&path, &[&format!("If-None-Match: {tag}")]).status, 304);
        assert_eq!(service.get(&path, &["If-Match: \"x\""]).status, 412);
        let zipped = service.get(&path, &["Accept-Encoding: gzip"]);
        assert_eq!((zipped.status, zipped.header("content-encoding")), (200, Some("gzip")));
        assert_ne!(zipped.header("etag"), Some(tag));
        let head = service.ask("HEAD", &path, &[]);
        assert_eq!((head.status, head.header("content-length")), (200, whole.header("content-length")));
        assert_eq!(service.ask("OPTIONS", &path, &[]).status, 204);
        assert_eq!(service.ask("POST", &path, &[]).status, 405);
    }
    // What lies beside the pages without being one is not shown.
    fs::write(file.with_file_name("stray.html"), "stray").unwrap();
    assert_eq!(service.get("/s/stray.html", &[]).status, 404);
}

#[test]
fn another_publish_is_shown_and_so_is_a_takedown() {
    let (scene, service) = serving("");
    let (path, _) = story(&scene);
    assert!(service.get(&path, &[]).text().contains("first"));
    scene.serve("a", feed(&["first", "later"]));
    run_beside(&scene, 1);
    service.wait_for("/", |answer| answer.text().contains("later"));
    assert_eq!(service.get(&path, &[]).status, 200);
    assert_eq!(scene.say(&["takedown", "https://a.example/first"]).status.code(), Some(0));
    service.wait_for("/feed.xml", |answer| answer.status == 200 && !answer.text().contains("<title>first"));
    let gone = service.get(&path, &[]);
    assert!(gone.status == 200 && !gone.text().contains("what it means"), "{}", gone.text());
}

#[test]
fn what_somebody_changed_or_removed_is_shown_as_it_is() {
    let (scene, service) = serving("");
    let (path, file) = story(&scene);
    fs::write(&file, "<p>changed by hand").unwrap();
    service.wait_for(&path, |answer| answer.text().contains("changed by hand"));
    fs::remove_file(&file).unwrap();
    service.wait_for(&path, |answer| answer.status == 404);
    assert_eq!(service.get("/feed.xml", &[]).status, 200);
}
