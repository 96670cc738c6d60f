//! Entries that their source sends again under another guid: the item stays the one it was.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::scene::{Page, Scene, files};

const TITLES: [&str; 6] = [
    "Harbour city opens its first tidal power station",
    "Parliament votes on the new railway budget",
    "Museum shows three centuries of lanterns",
    "Chipmaker Infinova cuts jobs in Dresden",
    "Orbital tug reaches the moon after nine days",
    "Bakery chain opens its hundredth shop",
];

/// A post: guid, link, title; its text goes with its title.
type Post = (String, String, String);

fn feed(posts: &[Post]) -> Page {
    at_minutes(posts, |n| (n + 1) * 60)
}

/// The same; `minute` gives the minute of the day of the post at a place.
fn at_minutes(posts: &[Post], minute: impl Fn(usize) -> usize) -> Page {
    let mut text = "<rss version=\"2.0\"><channel><title>alpha</title><link>https://alpha.example/</link>".to_owned();
    for (n, (guid, link, title)) in posts.iter().enumerate() {
        write!(
            text,
            "<item><guid isPermaLink=\"false\">{guid}</guid><link>{link}</link><title>{title}</title>\
             <description>{title}: what is known so far, who said it and what comes next.</description>\
             <pubDate>02 Nov 2026 {:02}:{:02}:00 GMT</pubDate></item>",
            minute(n) / 60,
            minute(n) % 60
        )
        .unwrap();
    }
    Page::xml(text + "</channel></rss>")
}

fn posts(host: &str) -> Vec<Post> {
    let post = |(n, title): (usize, &&str)| {
        (format!("http://{host}/?p={n}00"), format!("https://{host}/news/{n}"), (*title).to_owned())
    };
    TITLES.iter().enumerate().map(post).collect()
}

/// Id, address and title of what subscribers see, newest first.
fn items(scene: &Scene) -> Vec<[String; 3]> {
    let feed: Value = serde_json::from_slice(&fs::read(scene.outputs().join("feed.json")).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let item = |item: &Value| [text(&item["id"]), text(&item["url"]), text(&item["title"])];
    feed["items"].as_array().unwrap().iter().map(item).collect()
}

fn ids(items: &[[String; 3]]) -> Vec<&str> {
    items.iter().map(|item| item[0].as_str()).collect()
}

#[test]
fn a_source_that_moves_to_another_host_brings_no_news() {
    let scene = Scene::new(&["alpha"], "");
    scene.serve("alpha", feed(&posts("old.example")));
    scene.run_well("2026-11-02T08:00:00Z");
    let before = items(&scene);
    assert_eq!(before.len(), TITLES.len());

    scene.serve("alpha", feed(&posts("new.example")));
    scene.run_well("2026-11-03T08:00:00Z");
    let after = items(&scene);
    assert_eq!(ids(&after), ids(&before), "no item is new, none is gone");
    assert!(after.iter().all(|item| item[1].starts_with("https://new.example/")), "{after:?}");

    // Polled again, and once more from a mirror that still serves the old guids: nothing moves.
    let bytes = files(&scene.outputs());
    scene.run_well("2026-11-04T08:00:00Z");
    assert_eq!(files(&scene.outputs()), bytes);
    scene.serve("alpha", feed(&posts("old.example")));
    scene.run_well("2026-11-05T08:00:00Z");
    assert_eq!(ids(&items(&scene)), ids(&before));
}

#[test]
fn a_page_that_is_renamed_stays_its_item_and_news_stays_news() {
    let scene = Scene::new(&["alpha"], "");
    let mut posts = posts("old.example");
    for (guid, link, _) in &mut posts {
        guid.clone_from(link);
    }
    scene.serve("alpha", feed(&posts));
    scene.run_well("2026-11-02T08:00:00Z");
    let before = items(&scene);

    // The address is the guid: with another slug both are others. Another post is really new.
    posts[2].0 = "https://old.example/news/lanterns-of-three-centuries".to_owned();
    posts[2].1 = posts[2].0.clone();
    let new = "https://old.example/news/6".to_owned();
    posts.push((new.clone(), new, "Night train returns to Lisbon".to_owned()));
    scene.serve("alpha", feed(&posts));
    scene.run_well("2026-11-02T12:00:00Z");
    let after = items(&scene);
    assert_eq!(after.len(), before.len() + 1);
    let known = |item: &&[String; 3]| ids(&before).contains(&item[0].as_str());
    assert_eq!(after.iter().filter(known).count(), before.len());
    let renamed = after.iter().find(|item| item[2] == TITLES[2]).unwrap();
    assert_eq!(renamed[1], posts[2].1);
    assert!(known(&renamed));

    let bytes = files(&scene.outputs());
    scene.run_well("2026-11-03T12:00:00Z");
    assert_eq!(files(&scene.outputs()), bytes);
}

#[test]
fn guids_that_are_places_in_the_document_hide_and_overwrite_nothing() {
    let places = |from: usize| -> Vec<Post> {
        let all = posts("a.example");
        let shown = all.into_iter().skip(from).take(3).rev().enumerate();
        shown.map(|(place, (_, link, title))| (format!("item-{place}"), link, title)).collect()
    };
    for apart in [120, 20, 0] {
        let scene = Scene::new(&["alpha"], "");
        let mut known: Vec<[String; 3]> = Vec::new();
        for (poll, from) in (0..4).enumerate() {
            scene.serve("alpha", at_minutes(&places(from), |place| (from + 3 - place) * apart));
            scene.run_well(&format!("2026-11-03T{:02}:00:00Z", 8 + poll));
            let shown = items(&scene);
            assert_eq!(shown.len(), 3 + from, "{apart}: one more with each poll: {shown:?}");
            assert!(known.iter().all(|item| shown.contains(item)), "{apart}: {known:?}\n{shown:?}");
            known = shown;
        }
        let status = scene.say(&["status"]);
        let status = String::from_utf8_lossy(&status.stdout).into_owned();
        assert!(status.contains("gives the guids of articles to other ones"), "{status}");
    }
}

#[test]
fn an_archive_sent_again_under_new_addresses_floods_nobody() {
    let scene = Scene::new(&["alpha"], "");
    scene.serve("alpha", feed(&posts("old.example")));
    scene.run_well("2026-11-02T08:00:00Z");
    let before = items(&scene);
    // Guids without an address in them, and other links: only title and text tell, for three of them.
    let again: Vec<Post> = posts("new.example")
        .into_iter()
        .enumerate()
        .map(|(n, (_, _, title))| (format!("post-{n}"), format!("https://new.example/archive/{n}x"), title))
        .collect();
    scene.serve("alpha", feed(&again));
    scene.run_well("2026-11-02T09:00:00Z");
    let after = items(&scene);
    let kept = after.iter().filter(|item| ids(&before).contains(&item[0].as_str())).count();
    assert_eq!(kept, before.len(), "ids never go");
    assert!(after.len() <= before.len() + 3, "{after:?}");
    let ids_after: Vec<String> = ids(&after).into_iter().map(str::to_owned).collect();
    scene.run_well("2026-11-02T10:30:00Z");
    assert_eq!(ids(&items(&scene)), ids_after, "stable from then on");
}

#[test]
fn entries_under_the_sites_own_address_stay_apart_in_every_poll() {
    let scene = Scene::new(&["alpha"], "");
    let site = "https://alpha.example/notices/";
    let poll = |now: &str, numbers: &[usize]| {
        let mut text = format!("<rss version=\"2.0\"><channel><title>alpha</title><link>{site}</link>");
        for n in numbers {
            let title = TITLES[*n];
            write!(
                text,
                "<item><guid>{site}</guid><link>{site}</link><title>{title}</title><description>{title}, as it was \
                 decided on day {n}.</description><pubDate>{:02} Nov 2026 06:00:00 GMT</pubDate></item>",
                n + 1
            )
            .unwrap();
        }
        scene.serve("alpha", Page::xml(text + "</channel></rss>"));
        scene.run_well(now);
        items(&scene)
    };
    let first = poll("2026-11-02T08:00:00Z", &[1, 0]);
    assert_eq!(first.len(), 2, "{first:?}");
    let second = poll("2026-11-03T08:00:00Z", &[2, 1]);
    assert_eq!(second.len(), 3, "{second:?}");
    assert_eq!(poll("2026-11-03T10:00:00Z", &[2, 1]), second);
    assert!(ids(&first).iter().all(|id| ids(&second).contains(id)), "{first:?} {second:?}");
}
